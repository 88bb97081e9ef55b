// Owns cards in the shape of Vaunt's real ones, for the unit tests: leading line breaks and no prolog, a style partly in CDATA, one group for each contributor.

/** A login, its contributions, and what stands for its picture; empty for a picture that Vaunt left out. */
export type Shown = readonly [login: string, contributions: number, picture: string]

/** The card of these contributors. */
export function drawCard(contributors: readonly Shown[], color = '#F9F9F9'): string {
  const width = 360 * contributors.length
  return `

\t<svg xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
\txmlns="http://www.w3.org/2000/svg" width="1080" height="500">
\t\t<defs><clipPath id="avatar-clip"><rect x="75" y="50" width="200" height="200" rx="100"/></clipPath></defs>
\t\t<style>
\t\t<![CDATA[
\t\t\t#carrousel { animation: carrousel 24s linear infinite; }
\t\t\t@keyframes carrousel { 0% { transform: translateX(1080px); } 100% { transform: translateX(-${width}px); } }
\t\t]]>
\t\t.st1{fill:${color};}
\t\t.st3{font-family:&apos;Futura-Medium&apos;;}
\t\t</style>
\t\t<g id="carrousel">
\t\t\t<g transform="translate(-1080, 0)"><text x="535" y="250">Community Contributors</text></g>
${contributors.map(drawTile).join('\n')}
\t\t\t<g transform="translate(${width}, 0)"><text x="535" y="250">Community Contributors</text></g>
\t\t</g>
\t\t</svg>
\t\t`
}

/** The address of a picture: a JPEG that is labelled PNG, as Vaunt's are. */
export function pictureAddress(picture: string): string {
  return `data:image/png;base64,${picture === '' ? '' : `/9j/${Buffer.from(picture).toString('base64')}`}`
}

function drawTile([login, contributions, picture]: Shown, index: number): string {
  return `\t\t\t<g transform="translate(${360 * index}, 0)">
\t\t\t\t<rect x="0" y="0" width="350" height="500"/>
\t\t\t\t<image href="${pictureAddress(picture)}" x="75" y="50" clip-path="url(#avatar-clip)"/>
\t\t\t\t<text x="175" y="285" class="st1">${login} </text>
\t\t\t\t<text x="175" y="360" class="st3">contributions:</text>
\t\t\t\t<text x="175" y="430" text-anchor="middle">${contributions}</text>
\t\t\t</g>`
}
