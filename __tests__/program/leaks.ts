// Searches everything that a step printed or wrote for secrets, in any encoding.

import { PATS } from '../../sandbox/github/population.ts'
import type { StepResult } from '../../sandbox/runner/runner.ts'

/** Secrets appear nowhere but in `::add-mask::` and the files for outputs and environment. */
export function expectNoLeak(result: StepResult, secrets: readonly string[]): void {
  const printed = `${result.stdout}\n${result.stderr}`
    .split(/\r\n|\r|\n/)
    .filter(line => !line.startsWith('::add-mask::'))
    .join('\n')
  const { summary, state, path } = result.files
  const places = {
    printed,
    log: result.log.join('\n'),
    summary,
    state,
    path,
    annotations: JSON.stringify(result.annotations)
  }
  for (const [place, text] of Object.entries(places)) {
    const leak = leakIn(text, [...Object.values(PATS).map(({ token }) => token), ...secrets])
    if (leak !== undefined) throw new Error(`A secret (${leak.slice(0, 24)}…) is in ${place}: ${text}`)
  }
}

/** The secret that a text shows to whoever undoes a common encoding or puts lines together, if it shows one. */
export function leakIn(text: string, secrets: readonly string[]): string | undefined {
  const readings = [text, percentDecoded(text), unescaped(text)].flatMap(each => [
    each,
    // Spaces are what line breaks and invisible characters may have become.
    each.replace(/[\s\p{C}]+/gu, '')
  ])
  return secrets.find(secret => {
    const spellings = [secret, ...base64Parts(secret)]
    return secret !== '' && spellings.some(spelling => readings.some(reading => reading.includes(spelling)))
  })
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
}

/** As after JSON.parse, but of any text. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|(.))/gi, (_, code: string | undefined, char: string | undefined) =>
    code === undefined ? (char ?? '') : String.fromCharCode(parseInt(code, 16))
  )
}

/** What base64 makes of a secret wherever it stands in what is encoded, without what it shares with its neighbors. */
function base64Parts(secret: string): string[] {
  if (secret.length < 9) return []
  return [0, 1, 2].flatMap(offset => {
    const bytes = Buffer.from(secret).subarray((3 - offset) % 3)
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3))
    return [whole.toString('base64'), whole.toString('base64url')]
  })
}
