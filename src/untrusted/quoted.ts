// Makes text from outside fit to print: one line, no workflow command, no secret, and not too long.

/**
 * Text from outside, such as a server's response. Only `toString()` returns it, fit to print: one line without control
 * characters, workflow commands, or secrets, and at most 200 characters.
 */
export class Quoted {
  readonly #raw: string
  readonly #secrets: readonly string[]

  /**
   * @param secrets what must not be printed, neither as it is nor as JSON, percent-encoded, or in base64. The list can grow later.
   */
  constructor(raw: string, secrets: readonly string[]) {
    this.#raw = raw.toWellFormed()
    this.#secrets = secrets
  }

  /** Works on the text only now, so that a secret that was added to the list in the meantime isn't printed either. */
  toString(): string {
    // Secrets go first: neutralizing would split one that contains `::`, and it wouldn't be recognized anymore.
    return clip(neutralize(redact(this.#raw, this.#secrets)))
  }
}

export const QUOTED_CHARACTERS = 200

/** Control, format, surrogate, private, and unassigned characters, and every line or paragraph separator. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * Matches what looks like a GitHub token or a compact JWS or JWE, because a response can contain secrets of others. The
 * look-behind makes the search try each run of characters only once, which keeps the time linear.
 */
const TOKEN_LIKE = /(?<![\w-])(?:gh[a-z]_[\w.-]{10,}|github_pat_\w{10,}|eyJ[\w-]{5,}(?:\.[\w-]*){1,4})/gi

const REDACTED = '***'

/** Returns one line in which the runner finds no workflow command, neither `::name::` nor `##[name]`. */
function neutralize(text: string): string {
  return (
    text
      .replace(UNPRINTABLE, ' ')
      .replace(/ {2,}/g, ' ')
      // An IPv6 address stays readable: it is in brackets, so its colons never begin a line.
      .replace(/\[[\da-f:.]+\]|:(?=:)/gi, found => (found === ':' ? ': ' : found))
      .replace(/#(?=#)/g, '# ')
      .trim()
  )
}

function clip(text: string): string {
  const characters = Array.from(text)
  if (characters.length <= QUOTED_CHARACTERS) return text
  const kept = characters.slice(0, QUOTED_CHARACTERS - 1).join('')
  // A truncated link leads nowhere, so it is removed, unless there is no other text.
  const whole = /\S/.test(text.charAt(kept.length)) ? kept.replace(/(?:^|\s|(?<=[("'<[]))https?:\/\/\S*$/i, '') : kept
  return `${whole.trim() === '' ? kept : whole}…`
}

/** Removes the secrets from a text, also if they are encoded in a way in which a server may return them. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(secret => secret !== '')
  let redacted = text
  // The longest spelling goes first: if one secret is a prefix of another, the rest of the other must not remain.
  for (const spelling of known.flatMap(spellings).sort(longestFirst)) redacted = redacted.replaceAll(spelling, REDACTED)
  // Any byte can be percent-encoded and a line can break anywhere, so not every spelling can be listed. If decoding the text reveals a secret, the whole text goes.
  if (known.some(secret => isRevealed(secret, redacted))) return REDACTED
  return redacted.replace(TOKEN_LIKE, REDACTED)
}

/** Tells whether a text contains one of the secrets, also if it is encoded: exactly those that `redact` removes. */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some(
    secret => secret !== '' && (spellings(secret).some(each => text.includes(each)) || isRevealed(secret, text))
  )
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length
}

function isRevealed(secret: string, text: string): boolean {
  if (percentDecoded(text).includes(secret)) return true
  const visible = secret.replace(INVISIBLE, '')
  if (visible === '') return false
  const joined = text.replace(INVISIBLE, '')
  const decoded = percentDecoded(joined).replace(INVISIBLE, '')
  return decoded.includes(visible) || spellings(secret).some(spelling => joined.includes(spelling))
}

/** A secret is still readable with these characters in the middle of it. */
const INVISIBLE = /[\s\p{C}]/gu

/** Returns a secret as it is and in its common encodings. */
function spellings(secret: string): string[] {
  const wellFormed = secret.toWellFormed()
  return [secret, encodeURIComponent(wellFormed), JSON.stringify(secret).slice(1, -1), ...base64Spellings(wellFormed)]
}

/** Base64 depends on the offset in the encoded text, modulo 3. Characters that also encode neighboring bytes are left out. */
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
