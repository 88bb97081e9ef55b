// Owns text from outside, made fit to print: one line, no workflow command, no secret, clipped. Knows no message.

/**
 * Text from outside (a server, the environment). Only `toString()` gives it back, and makes it fit to print: one line, no
 * control characters, nothing that the runner would read as a workflow command, no secret, at most 200 characters.
 */
export class Quoted {
  readonly #raw: string
  readonly #secrets: readonly string[]

  /**
   * @param raw what came from outside
   * @param secrets what must not be printed: neither in clear, nor as JSON, percent-encoded, or in base64. The list may grow later.
   */
  constructor(raw: string, secrets: readonly string[]) {
    this.#raw = raw.toWellFormed()
    this.#secrets = secrets
  }

  /** Made fit now and not when it was taken in: a secret that became known since must not be printed either. */
  toString(): string {
    // Redacted first: to neutralise takes apart a secret that has a `::` in it, and it would not be recognised any more.
    return clip(neutralise(redact(this.#raw, this.#secrets)))
  }
}

export const QUOTED_CHARACTERS = 200

/** Control, format, surrogate, private and unassigned characters, and every line or paragraph separator. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * What looks like a GitHub token or a compact JWS or JWE, whoever it belongs to: a server may know more secrets than we do.
 * The look-behind lets each run of characters be tried once only, which keeps the time linear.
 */
const TOKEN_LIKE = /(?<![\w-])(?:gh[a-z]_[\w.-]{10,}|github_pat_\w{10,}|eyJ[\w-]{5,}(?:\.[\w-]*){1,4})/gi

const REDACTED = '***'

/** One line on which the runner finds no workflow command, neither `::name::` nor `##[name]`. */
function neutralise(text: string): string {
  return (
    text
      .replace(UNPRINTABLE, ' ')
      .replace(/ {2,}/g, ' ')
      // An IPv6 address stands in brackets, so its colons never begin a line.
      .replace(/\[[\da-f:.]+\]|:(?=:)/gi, found => (found === ':' ? ': ' : found))
      .replace(/#(?=#)/g, '# ')
      .trim()
  )
}

function clip(text: string): string {
  const characters = Array.from(text)
  if (characters.length <= QUOTED_CHARACTERS) return text
  const kept = characters.slice(0, QUOTED_CHARACTERS - 1).join('')
  // A link that is cut leads nowhere: it is left out whole, unless there is nothing else.
  const whole = /\S/.test(text.charAt(kept.length)) ? kept.replace(/(?:^|\s|(?<=[("'<[]))https?:\/\/\S*$/i, '') : kept
  return `${whole.trim() === '' ? kept : whole}…`
}

/** The text without the secrets, in clear or in an encoding that a server may send them back in. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(secret => secret !== '')
  let redacted = text
  // The longest first, whichever secret it spells: one secret may begin another, and must not leave the rest of it.
  for (const spelling of known.flatMap(spellings).sort(longestFirst)) redacted = redacted.replaceAll(spelling, REDACTED)
  // Any byte may be percent-encoded and any line broken, so these cannot be listed: if undoing them shows a secret, nothing is shown.
  if (known.some(secret => isShown(secret, redacted))) return REDACTED
  return redacted.replace(TOKEN_LIKE, REDACTED)
}

/** Whether a text holds one of the secrets, in clear or in an encoding: the same that `redact` takes out. */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some(
    secret => secret !== '' && (spellings(secret).some(each => text.includes(each)) || isShown(secret, text))
  )
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length
}

function isShown(secret: string, text: string): boolean {
  if (percentDecoded(text).includes(secret)) return true
  const visible = secret.replace(INVISIBLE, '')
  if (visible === '') return false
  const joined = text.replace(INVISIBLE, '')
  const decoded = percentDecoded(joined).replace(INVISIBLE, '')
  return decoded.includes(visible) || spellings(secret).some(spelling => joined.includes(spelling))
}

/** What can stand in the middle of a secret without making it unreadable. */
const INVISIBLE = /[\s\p{C}]/gu

/** The secret itself and its common encodings. */
function spellings(secret: string): string[] {
  const wellFormed = secret.toWellFormed()
  return [secret, encodeURIComponent(wellFormed), JSON.stringify(secret).slice(1, -1), ...base64Spellings(wellFormed)]
}

/** Base64 looks different at each of three offsets in what was encoded; the characters shared with neighbours are left out. */
function base64Spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  if (bytes.length < 6) return []
  return [0, 1, 2].flatMap(offset => {
    const length = offset + bytes.length
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const whole = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor((length * 8) / 6))
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'))
}
