// Owns docs/failing-step.svg: a picture of a failing step's log, taken from a run of dist/index.js in the sandbox. Run it with `npx node tools/failing-step.ts`.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATS } from '../sandbox/github.ts'
import { startSandbox } from '../sandbox/sandbox.ts'

const FILE = join(import.meta.dirname, '..', 'docs', 'failing-step.svg')

/** How many characters fit on a line of the picture. */
const COLUMNS = 100
const LINE_PX = 22
/** A little wider than common monospaced letters of this size, so that no font runs out of the picture. */
const LETTER_PX = 8.5
const FONT_PX = 14
const GUTTER_PX = 52
const HEAD_PX = 44
const MARGIN_PX = 16

interface Line {
  /** In the gutter; none where a long line goes on. */
  readonly number?: number
  readonly text: string
  readonly tone: 'plain' | 'faint' | 'error'
}

/** Stages a member of an organization who is not an admin of it, and draws the log of the step as SVG, always the same. */
export async function failingStep(): Promise<string> {
  const log = await stage()
  const written: Omit<Line, 'number'>[] = [
    { text: '▾ Run -OWNER-/vaunt-token-action@v1', tone: 'plain' },
    { text: '  with:', tone: 'faint' },
    { text: '    pat: ***', tone: 'faint' },
    { text: '    entity: acme-labs', tone: 'faint' },
    ...log.map((text): Omit<Line, 'number'> =>
      text.startsWith('##[error]')
        ? { text: text.replace('##[error]', 'Error: '), tone: 'error' }
        : { text, tone: 'plain' }
    )
  ]
  return draw(
    written.flatMap(({ text, tone }, index) =>
      wrap(text).map((part, place): Line =>
        place === 0 ? { number: index + 1, text: part, tone } : { text: part, tone }
      )
    )
  )
}

/** The log of the step, without what differs from run to run. */
async function stage(): Promise<string[]> {
  const sandbox = await startSandbox()
  try {
    const { token } = PATS.hubotFineGrained
    const { log, outputs } = await sandbox.runStep({
      with: { pat: token, entity: 'acme-labs' },
      masks: [token],
      environment: { GITHUB_ACTION_REPOSITORY: '-OWNER-/vaunt-token-action', GITHUB_ACTION_REF: 'v1' }
    })
    if (outputs['error-code'] !== 'not-an-admin') throw new Error(`the step ended otherwise: ${log.join(' ')}`)
    // Links lead to the GitHub that was asked; here that is the sandbox.
    const server = new URL(sandbox.github.url).origin
    return log.map(line =>
      line.replaceAll(server, 'https://github.com').replace(/Request id: [\w:]+/, 'Request id: C0DE:1A2B:3C4D5E')
    )
  } finally {
    await sandbox.stop()
  }
}

/** Breaks a line at blanks. */
function wrap(text: string): string[] {
  const indent = /^ */.exec(text)?.[0] ?? ''
  const lines: string[] = []
  let line = indent
  for (const word of text.trim().split(' ')) {
    if (line.trim() !== '' && line.length + word.length + 1 > COLUMNS) {
      lines.push(line)
      line = indent
    }
    line += line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

const TONES: Readonly<Record<Line['tone'], string>> = { plain: '#e6edf3', faint: '#9da7b3', error: '#ff9089' }

function draw(lines: readonly Line[]): string {
  const width = Math.ceil(GUTTER_PX + COLUMNS * LETTER_PX + MARGIN_PX)
  const height = HEAD_PX + MARGIN_PX + lines.length * LINE_PX + MARGIN_PX
  const top = (index: number): number => HEAD_PX + MARGIN_PX + index * LINE_PX
  // Not a row for each line: the message is one block, as in the real log.
  const errors = lines.flatMap((line, index) => (line.tone === 'error' ? [index] : []))
  const rows = lines.flatMap(({ number, text, tone }, index) => {
    const y = top(index) + 16
    return [
      ...(number === undefined
        ? []
        : [`  <text x="${GUTTER_PX - 16}" y="${y}" text-anchor="end" fill="#8b949e">${number}</text>`]),
      `  <text x="${GUTTER_PX}" y="${y}" fill="${TONES[tone]}" xml:space="preserve">${escape(text)}</text>`
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="${FONT_PX}">`,
    '  <title id="title">The log of a failing step: one error that says what happened, what to do, and the code</title>',
    `  <rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#484f58"/>`,
    `  <path d="M1 ${HEAD_PX} H${width - 1}" stroke="#484f58"/>`,
    `  <circle cx="26" cy="${HEAD_PX / 2}" r="8" fill="#da3633"/>`,
    `  <path d="M23 ${HEAD_PX / 2 - 3} l6 6 m0 -6 l-6 6" stroke="#ffffff" stroke-width="1.6"/>`,
    `  <text x="${GUTTER_PX}" y="${HEAD_PX / 2 + 5}" fill="#e6edf3" font-weight="600">Get a Vaunt token</text>`,
    `  <rect x="1" y="${top(errors[0] ?? 0)}" width="${width - 2}" height="${errors.length * LINE_PX}" fill="#f85149" fill-opacity="0.15"/>`,
    ...rows,
    '</svg>',
    ''
  ].join('\n')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

if (process.argv[1] === import.meta.filename) await writeFile(FILE, await failingStep())
