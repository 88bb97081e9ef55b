// Formats the report of a probe, prints it as a table, and decides which parts of it are accepted. Sends nothing.

import { parseJson, property } from '../../src/untrusted/json.ts'
import { Quoted } from '../../src/untrusted/quoted.ts'

/** The version of the report's format. No other version is read. */
const VERSION = 1
const KIND = 'vaunt-token-action probe'

export interface Finding {
  readonly id: string
  readonly asks: string
  /** Our assumption, in the words of an observation. */
  readonly assumed: string
  /** The file that assumes it. */
  readonly where: string
  /** The observation; undefined if it wasn't asked. */
  readonly seen: string | undefined
}

export interface Report {
  readonly kind: typeof KIND
  readonly version: typeof VERSION
  /** Whether the live services were asked. */
  readonly live: boolean
  /** Whether every question was asked. An interrupted report isn't accepted. */
  readonly complete: boolean
  readonly findings: readonly (Finding & { readonly judgement: Judgement })[]
}

export type Judgement = 'same' | 'different' | 'not asked'

export function createReport(live: boolean, findings: readonly Finding[], complete = true): Report {
  const judged = findings.map(finding => ({ ...finding, judgement: judgementOf(finding) }))
  return { kind: KIND, version: VERSION, live, complete, findings: judged }
}

/** @param other what to compare with, if it isn't the question's assumption */
export function judgementOf({ seen, assumed }: Finding, other = assumed): Judgement {
  // There was no response, so nothing is known about the service.
  if (seen === undefined || NO_ANSWER.test(seen)) return 'not asked'
  return seen === other ? 'same' : 'different'
}

const NO_ANSWER = /^fails: (?:(?:github|vaunt)-(?:unavailable|rate-limited)|proxy-failed|tls-untrusted)$/

/** What a probe writes as seen, besides a refusal's code: statuses, types, names and types of values, and our own words. */
const SEEN = new RegExp(
  `^(?:${[
    'attested|uncompressed|compressed|another spelling|the same login, in its own letter case|a signed JWT|no signed JWT|it does not say|no answer',
    '-?\\d{1,15}(?:\\.\\d{1,10})? s',
    'fails(?:: [a-z-]{1,40})?',
    '\\d{3}, (?:as GitHub describes it|in another form|a refusal|a redirect to https|a redirect elsewhere)',
    '(?:(?:two tokens|one token twice|no second token|no page|the same page|another page)(?:, )?)?(?:KIND, BODY)?',
    'KIND, (?:a|no) safe SVG, (?:at most|more than) 512 KiB',
    '(?:ALGORITHM, )?SHAPE',
    '\\d{3}',
    // Names of headers, and the warnings that stand in their place.
    '(?:[a-z]+(?:-[a-z]+)*|no warning|another version)(?:, (?:[a-z]+(?:-[a-z]+)*|another version))*'
  ]
    .join('|')
    .replaceAll('KIND', '\\d{3}, (?:no type|type\\(\\d+\\)|[a-z]+/[a-z.+]+)')
    .replaceAll('BODY', '(?:empty|no JSON|SHAPE)')
    .replaceAll('ALGORITHM', '(?:another algorithm|none|[A-Z]{2}\\d{3}|Ed(?:DSA|25519))')
    .replaceAll(
      'SHAPE',
      '(?:text|number|boolean|null|[[{](?:[\\]{}[…]|, |(?:[\\w-]{1,30}|name\\(\\d+\\)): |text|number|boolean|null)*)'
    )})$`
)

/**
 * Reads a report.
 *
 * @param ids of the questions that there are; without them, any
 * @throws Error in one line if it isn't a report, or has another version
 */
export function readReport(text: string, ids?: readonly string[]): Report {
  const json = parseJson(text)
  if (property(json, 'kind') !== KIND) throw new Error("This isn't a probe report.")
  if (property(json, 'version') !== VERSION) {
    throw new Error(`This report has a different version. This probe reads version ${VERSION}.`)
  }
  const findings = property(json, 'findings')
  if (!Array.isArray(findings)) throw new Error('This report has no findings.')
  const found = new Set<string>()
  return createReport(
    property(json, 'live') === true,
    findings.map((finding: unknown) => {
      const [id, asks, assumed, where] = ['id', 'asks', 'assumed', 'where'].map(name => textIn(finding, name))
      const seen = property(finding, 'seen')
      if (!id || !/^[a-z-]+$/.test(id)) throw new Error('This report has a finding without an ID.')
      if (found.has(id) || ids?.includes(id) === false)
        throw new Error('This report has an unknown or a duplicate finding.')
      found.add(id)
      if (typeof seen === 'string' && (harmless(seen, unsafe => new Quoted(unsafe, [])) !== seen || !SEEN.test(seen))) {
        throw new Error('This report contains text that the probe never writes.')
      }
      return {
        id,
        asks: asks ?? '',
        assumed: assumed ?? '',
        where: where ?? '',
        seen: typeof seen === 'string' ? seen : undefined
      }
    }),
    property(json, 'complete') === true
  )
}

/** An observation that is safe to print, quoted piece by piece, because quoted texts are truncated to 200 characters. */
export function harmless(seen: string, quote: (raw: string) => Quoted): string {
  return seen
    .split(', ')
    .map(piece => `${quote(piece)}`)
    .join(', ')
}

function textIn(value: unknown, name: string): string {
  const text = property(value, name)
  return typeof text === 'string' ? text : ''
}

/** The accepted observations by ID, and who made them first. */
export interface Observed {
  readonly seen: 'by nobody yet: these are the answers of the sandbox' | 'live'
  readonly answers: Readonly<Record<string, string>>
}

/** @throws Error in one line if the report was interrupted, or says nothing about one of the services */
export function accepted({ live, complete, findings }: Report): Observed {
  if (!complete) throw new Error('This report was interrupted. Run the probe again.')
  const asked = findings.filter(({ judgement }) => judgement !== 'not asked').map(({ id }) => id)
  if (!['github-user', 'vaunt-token'].every(id => asked.includes(id))) {
    throw new Error('This report has no answer from GitHub or Vaunt to the PAT. Run the probe again.')
  }
  return {
    seen: live ? 'live' : 'by nobody yet: these are the answers of the sandbox',
    answers: Object.fromEntries(findings.flatMap(({ id, seen }) => (asked.includes(id) ? [[id, seen ?? '']] : [])))
  }
}

const COLORS = { same: 32, different: 31, 'not asked': 90 } as const

/** The length of the assumption beside a question. It is shown in full below if it differs. */
const SHOWN = 60

/**
 * The table of a report: who was asked; a line for each question with what is assumed and where; below those that differ, what
 * was seen; how many are the same.
 *
 * @param observed what was accepted; without it, what the questions assume
 */
export function table({ live, findings }: Report, isColored: boolean, observed?: Observed): string {
  const width = Math.max(...findings.map(({ asks }) => asks.length))
  const lines = findings.flatMap(finding => {
    const { id, asks, assumed, where, seen = '' } = finding
    const expected = observed?.answers[id] ?? assumed
    const judgement = judgementOf(finding, expected)
    const padded = judgement.padEnd('different'.length)
    const shown = isColored ? `\u001b[${COLORS[judgement]}m${padded}\u001b[0m` : padded
    const cut = expected.length > SHOWN ? `${expected.slice(0, SHOWN)}…` : expected
    const reason = judgement === 'not asked' && seen !== '' ? `; ${seen}` : ''
    const line = `${asks.padEnd(width)}  ${shown}  ${cut} (${where}${reason})`
    return judgement === 'different' ? [line, `    assumed: ${expected}`, `    seen:    ${seen}`] : [line]
  })
  const counts = (['same', 'different', 'not asked'] as const).map(each => {
    const alike = findings.filter(finding => judgementOf(finding, observed?.answers[finding.id]) === each)
    return `${alike.length} ${each}`
  })
  const asked = live ? 'GitHub and Vaunt' : 'the sandbox'
  return [
    `Queried: ${asked}. Each line shows the question, the answer, our assumption, and the file that relies on it.`,
    '',
    ...lines,
    '',
    `${counts.join(', ')}.`,
    ''
  ].join('\n')
}
