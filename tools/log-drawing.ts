// Draws the log of a job as SVG, readable at 340 px, the width of a phone, in dark mode and light mode.

/** One step of a job on the page of a run. */
export interface Step {
  readonly title: string
  readonly hasPassed: boolean
  readonly lines: readonly Line[]
}

interface Line {
  readonly text: string
  readonly tone: 'plain' | 'faint' | 'error'
}

/** At a width of 340 px, the letters are still 11 px high. */
const WIDTH_PX = 440
const FONT_PX = 14.5
/** Slightly wider than common monospaced letters of this size, so that no font overflows the picture. */
const LETTER_PX = 8.9
const LINE_PX = 21
const HEAD_PX = 44
const MARGIN_PX = 16
const COLUMNS = Math.floor((WIDTH_PX - 2 * MARGIN_PX) / LETTER_PX)

/** Draws the steps below each other. The title is for screen readers. */
export function drawLog(title: string, steps: readonly Step[]): string {
  const drawn: string[] = []
  let top = 0
  for (const step of steps) {
    const { rows, bottom } = drawStep(step, top)
    drawn.push(...rows)
    top = bottom
  }
  const frame = `width="${WIDTH_PX - 1}" height="${top - 1}" rx="8"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${top}" viewBox="0 0 ${WIDTH_PX} ${top}" role="img" aria-labelledby="title" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="${FONT_PX}">`,
    `  <title id="title">${escape(title)}</title>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="page" x="0.5" y="0.5" ${frame}/>`,
    ...drawn,
    '</svg>',
    ''
  ].join('\n')
}

/** GitHub's own colors, each with enough contrast to its background. */
const STYLE = [
  '.page{fill:#ffffff;stroke:#d1d9e0}',
  '.rule{stroke:#d1d9e0}',
  '.plain{fill:#1f2328}',
  '.faint{fill:#59636e}',
  '.error{fill:#b42318}',
  '.wrong{fill:#ffebe9}',
  '.passed{fill:#1a7f37}',
  '.failed{fill:#cf222e}',
  '.sign{fill:none;stroke:#ffffff;stroke-width:1.8}',
  '@media (prefers-color-scheme:dark){',
  '.page{fill:#0d1117;stroke:#3d444d}',
  '.rule{stroke:#3d444d}',
  '.plain{fill:#f0f6fc}',
  '.faint{fill:#9198a1}',
  '.error{fill:#ff9a94}',
  '.wrong{fill:#2c1417}',
  '.passed{fill:#238636}',
  '.failed{fill:#da3633}',
  '}'
].join('')

interface Drawn {
  readonly rows: readonly string[]
  /** The vertical position of the next step. */
  readonly bottom: number
}

function drawStep({ title, hasPassed, lines }: Step, top: number): Drawn {
  const middle = top + HEAD_PX / 2
  const sign = hasPassed ? `M22 ${middle} l3 3.5 l5.5 -6.5` : `M23 ${middle - 3} l6 6 m0 -6 l-6 6`
  const wrapped = lines.flatMap(({ text, tone }) => wrap(text).map(part => ({ text: part, tone })))
  const text = top + HEAD_PX + MARGIN_PX / 2
  const errors = wrapped.flatMap(({ tone }, index) => (tone === 'error' ? [text + index * LINE_PX] : []))
  const rule = (y: number): string => `  <path class="rule" d="M1 ${y} H${WIDTH_PX - 1}"/>`
  return {
    rows: [
      ...(top === 0 ? [] : [rule(top)]),
      rule(top + HEAD_PX),
      `  <circle class="${hasPassed ? 'passed' : 'failed'}" cx="26" cy="${middle}" r="9"/>`,
      `  <path class="sign" d="${sign}"/>`,
      `  <text class="plain" x="46" y="${middle + 5}" font-weight="600">${escape(title)}</text>`,
      // One block behind the whole message, as in the real log.
      ...(errors[0] === undefined
        ? []
        : [
            `  <rect class="wrong" x="1" y="${errors[0]}" width="${WIDTH_PX - 2}" height="${errors.length * LINE_PX}"/>`
          ]),
      ...wrapped.map(
        ({ text: part, tone }, index) =>
          `  <text class="${tone}" x="${MARGIN_PX}" y="${text + index * LINE_PX + 15}" xml:space="preserve">${escape(part)}</text>`
      )
    ],
    bottom: text + wrapped.length * LINE_PX + MARGIN_PX / 2
  }
}

/**
 * Breaks a line at spaces, and a long word after a slash or a hash.
 *
 * @returns the parts, which still contain the spaces at which the line was broken
 */
function wrap(text: string): string[] {
  const parts: string[] = []
  let part = ''
  for (const piece of text.match(/ +|[^ /#]*[/#]?/g) ?? []) {
    if (part.trim() !== '' && part.length + piece.trimEnd().length > COLUMNS) {
      parts.push(part)
      part = ''
    }
    part += piece
  }
  return [...parts, part]
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
