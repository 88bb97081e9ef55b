// Draws cards like the real ones: without a prolog, with whitespace around the root, styles partly in CDATA, and JPEG files labeled as PNG.

import { jpeg } from './pictures.ts'

/** A contributor on a card. */
export interface Shown {
  readonly name: string
  readonly contributions: number
  /** The same text leads to the same picture, and an empty one to an image without data. */
  readonly picture: string
}

const TILE_WIDTH = 360
const SECONDS_PER_TILE = 12

/** Draws a tile for each contributor, in a row that moves across the card between two banners. */
export function drawCard(title: string, contributors: readonly Shown[]): string {
  const width = contributors.length * TILE_WIDTH
  const tiles = contributors.map((contributor, index) => tile(contributor, index * TILE_WIDTH)).join('')
  return `
\t
\t<svg xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
\txmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
\txmlns="http://www.w3.org/2000/svg" width="1080" height="500">
${DEFINITIONS}
${style(width, contributors.length * SECONDS_PER_TILE)}
\t\t
\t\t<g id="carousel">
${banner(title, -1080)}

\t\t\t${tiles}

${banner(title, width)}
\t\t  </g>
\t\t</svg>
\t\t`
}

/** Draws any other card, whose real appearance is unknown, with one line for each object. */
export function drawLines(title: string, lines: readonly string[]): string {
  const rows = lines.map((line, index) => `  <text x="8" y="${24 * (index + 1)}">${line}</text>\n`).join('')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="${24 * (lines.length + 1)}">\n` +
    `  <title>${title}</title>\n${rows}</svg>\n`
  )
}

function tile({ name, contributions, picture }: Shown, x: number): string {
  const data = picture === '' ? '' : jpeg(picture).toString('base64')
  return `
\t\t\t\t<g transform="translate(${x}, 0)">
\t\t\t\t\t<rect x="0" y="0" rx="20" ry="20" width="350" height="500" style=" fill: url(#background);"/>
\t\t\t\t\t<image href="data:image/png;base64,${data}" x="75" y="50" width="200" height="200" clip-path="url(#circle)"/>
\t\t\t\t\t<text x="175" y="285" dominant-baseline="middle" text-anchor="middle" class="bright font name">${escape(name)} </text>
\t\t\t\t\t<rect x="25" y="310" rx="5" ry="5" width="300" height="5" style=" fill:#C9342B"/>
\t\t\t\t\t<text x="175" y="360" dominant-baseline="middle" text-anchor="middle" class="dim font label">contributions:</text>
\t\t\t\t\t<text x="175" y="430" text-anchor="middle" class="bright font count">${contributions}</text>
\t\t\t\t</g>
\t\t\t\t
\t\t\t`
}

function banner(title: string, x: number): string {
  return `\t\t\t<g transform="translate(${x}, 0)">
\t\t\t\t<g transform="translate(0, 0)">
\t\t\t\t\t<rect x="0" y="0" rx="20" ry="20" width="1070" height="500" style=" fill: url(#background);"/>
\t\t\t\t\t<text x="535" y="250" dominant-baseline="middle" text-anchor="middle" class="bright font title">${escape(title)}&apos;s contributors </text>
\t\t\t\t</g>
\t\t\t\t<g>
\t\t\t\t\t<text x="90" y="30" dominant-baseline="middle" text-anchor="middle" class="dim font label">Made With</text>
\t\t\t\t</g>
\t\t\t\t<g transform="translate(90, 60) scale(7)">
\t\t\t\t\t<g>
\t\t\t\t\t\t<polygon class="mark" points="0,4 -4,0 -4,-2 0,2 \t\t"/>
\t\t\t\t\t\t<polygon class="mark shade" points="0,4 4,0 4,-2 0,2 \t\t"/>
\t\t\t\t\t</g>
\t\t\t\t</g>
\t\t\t\t<rect x="30" y="310" rx="5" ry="5" width="1010" height="5" style=" fill:#C9342B"/>
\t\t\t</g>`
}

const DEFINITIONS = `\t\t<defs>
\t\t<clipPath id="circle">
\t\t\t<rect x="75" y="50" width="200" height="200" rx="100" ry="100"/>
\t\t</clipPath>
\t\t<linearGradient id="background" gradientUnits="userSpaceOnUse" x1="0" y1="400" x2="0" y2="200">
\t\t\t<stop offset="0" style="stop-color:#10131A"/>
\t\t\t<stop offset="1" style="stop-color:#1B2430"/>
\t\t</linearGradient>
\t\t</defs>`

function style(width: number, seconds: number): string {
  return `\t\t<style>
\t\t<![CDATA[
\t\t\t#carousel {
\t\t\t  overflow: hidden;
\t\t\t  animation: carousel ${seconds}s linear infinite;
\t\t\t}
\t  
\t\t\t@keyframes carousel {
\t\t\t  0% { transform: translateX(1080px); }
\t\t\t  100% { transform: translateX(-${width}px); }
\t\t\t}
\t\t  ]]>
\t\t.bright{fill: #fff;}
\t\t.dim{fill:#858585;}
\t\t.font{font-family:&apos;Futura-Medium&apos;;}
\t\t.title{font-size:60px;}
\t\t.name{font-size:30.0209px;}
\t\t.count{font-size:30px;}
\t\t.label{font-size:22px;}
\t\t.mark{fill:#C9342B;stroke:#8E1B23;stroke-width:0.1854;stroke-linecap:round;stroke-linejoin:round;stroke-miterlimit:10;}
\t\t.shade{fill:#8E1B23;}
\t\t</style>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;')
}
