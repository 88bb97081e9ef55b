// Tests which cards are accepted: well-formed SVG that runs and loads nothing. For any other card, the error names the cause.

import { describe, expect, test } from '@jest/globals'
import { requireSafeSvg } from '../../src/card/safety.ts'
import { failureOf, quote } from '../support/failures.ts'

const SVG = 'xmlns="http://www.w3.org/2000/svg"'
const XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
const PIXEL = 'data:image/png;base64,iVBORw0KGgo='

const svg = (inside: string, attributes = ''): string => `<svg ${SVG} ${XLINK} ${attributes}>${inside}</svg>`

async function refusal(text: string): Promise<string> {
  const { code, message } = await failureOf(() => {
    requireSafeSvg(text, quote)
  })
  expect(code).toBe('card-unsafe')
  return message
}

describe('a picture is taken', () => {
  test.each([
    svg(''),
    `<svg ${SVG}/>`,
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- A card --><!DOCTYPE svg>\n${svg('<title>Card</title>')}\n`,
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${svg('')}`,
    svg(`<image href="${PIXEL}"/><image xlink:href="${PIXEL}"/>`),
    svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'),
    svg('<defs><linearGradient id="g"/></defs><rect fill="url(#g)" clip-path="url( \'#c\' )"/><use href="#g"/>'),
    svg('<a href="#top"><text>Mona &amp; &#x1F600; &lt;script&gt;</text></a>'),
    svg(
      `<style>.name { font: 600 14px sans-serif } @media (prefers-color-scheme: dark) { .name { fill: #fff } }</style>`
    ),
    svg(`<style><![CDATA[ @font-face { src: url(data:font/woff2;base64,d09GMg==) } ]]></style>`),
    svg('<style>@keyframes appear { from { opacity: 0 } }</style><animate attributeName="opacity" values="0;1"/>'),
    svg('<text>on the one hand: onload="x", href="https://evil.example"</text><desc>javascript:alert(1)</desc>'),
    '<svg/>',
    '  <svg/>',
    `<?xml version="1.0" encoding = 'US-ASCII' standalone="yes"?>${svg('')}`,
    svg('<image href=" data:image/png;base64,iVBORw0KGgo= "/><feImage href="data:image/svg+xml,%3Csvg/%3E"/>'),
    svg('<image href="DATA: image/png ;base64,iVBORw0KGgo="/><use href="&#10;#g"/>'),
    svg('<rect xmlns:onload="urn:x" xmlns:href="https://example.com/a"/>'),
    svg('<rect style="fill: red" class="onload href" data-name="url(x)"/>').replace(' data-name="url(x)"', ''),
    svg('<text>url(https://evil.example) @import</text>'),
    svg('<style/>'),
    '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:rect/></s:svg>',
    svg('<!-- Generator: a > b --><rect xml:space="preserve"/>'),
    svg('<style>@media (width &lt; 600px) { a { fill: red } }</style>'),
    svg(`<svg ${SVG}/>`.repeat(200)),
    svg('<g>'.repeat(3_000) + '</g>'.repeat(3_000))
  ])('%.120s', text => {
    expect(() => {
      requireSafeSvg(text, quote)
    }).not.toThrow()
  })
})

describe('what is no SVG is refused as such', () => {
  test.each([
    '',
    ' ',
    'null',
    '{"data": []}',
    '<!doctype html><html><body>Sign in</body></html>',
    '<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>',
    '<g xmlns="http://www.w3.org/2000/svg"/>',
    '<svgs/>',
    '<!-- only a comment -->',
    `x ${svg('')}`,
    `<?xml version="1.0" encoding="utf-8x"?>${svg('')}`,
    `<?xml version="1.0" encoding="xutf-8"?>${svg('')}`,
    '<html><!-- <svg> --><br></html>',
    '<svg xmlns="http://www.w3.org/1999/xhtml"/>',
    '<html:svg xmlns:html="http://www.w3.org/1999/xhtml"/>',
    `<?xml version="1.0" encoding="UTF-16"?>${svg('')}`,
    `<?xml version="1.0" encoding='x-user-defined'?>${svg('')}`,
    `<!DOCTYPE html>${svg('')}`,
    `<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">${svg('')}`,
    `<!DOCTYPE svg PUBLIC "x" "https://www.w3.org.evil.example/x.dtd">${svg('')}`,
    `<SVG ${SVG}/>`,
    `<svg ${SVG} ${Array.from({ length: 51 }, (_, index) => `xmlns:a${index}="x"`).join(' ')}/>`,
    `<!DOCTYPE svg [<!ENTITY x "y">]>${svg('')}`
  ])('%.100s', async text => {
    expect(await refusal(text)).toContain("isn't an SVG")
  })

  test.each([
    `<svg ${SVG}>`,
    svg('<g></svg>'),
    `<?xml version="1.0"?> <!-- a --> <!-- b --><svg>`,
    '<!-- a > b --><svg ',
    '<!DOCTYPE svg><svg>',
    '<svg\n><g>',
    '<svg/><',
    svg('<rect fill=red/>'),
    svg('a & b'),
    svg('&undeclared;'),
    svg('<br>'),
    `<!DOCTYPE svg [<!ENTITY x "<script>1</script>">]>${svg('&x;')}`,
    svg('<rect a="1" a="2"/>'),
    svg('<a:b/>'),
    svg('<g x:y="1"/>'),
    svg('<g a:b:c="1"/>'),
    svg('<g xmlns:a="u" xmlns:b="u" a:y="1" b:y="2"/>'),
    svg('<constructor:g/>'),
    svg('\u0000'),
    svg('') + svg(''),
    `${svg('')}<script/>`,
    // Deeper than any card, and than the parser's stack.
    svg('<g>'.repeat(200_000) + '</g>'.repeat(200_000))
  ])('and what breaks the rules of XML as not well-formed: %.100s', async text => {
    expect(await refusal(text)).toContain("it isn't well-formed XML")
  })
})

describe('what runs code or loads from elsewhere is refused, and named', () => {
  test.each([
    [svg('<script>alert(1)</script>'), '<script>'],
    [svg('<SCRIPT/>'), '<SCRIPT>'],
    [svg('<x:script xmlns:x="http://www.w3.org/2000/svg"/>'), '<x:script>'],
    [svg('<s:script xmlns:s="urn:other"/>'), '<s:script>'],
    [svg('<g><g><script xlink:href="#x"/></g></g>'), '<script>'],
    [svg('<foreignObject><p/></foreignObject>'), '<foreignObject>'],
    [svg('<foreignobject/>'), '<foreignobject>'],
    [svg('<p xmlns="http://www.w3.org/1999/xhtml"/>'), '<p>'],
    [svg('<h:p xmlns:h="http://www.w3.org/1999/xhtml"/>'), '<h:p>'],
    [svg('<g xmlns:h="http://www.w3.org/1999/xhtml"><g><h:b/></g></g>'), '<h:b>'],
    [svg('<iframe src="#x"/>'), '<iframe>'],
    [svg('<handler/>'), '<handler>'],
    [svg('<video/>'), '<video>'],
    [svg('', 'onload="alert(1)"'), 'onload'],
    [svg('<rect ONCLICK="x"/>'), 'ONCLICK'],
    [svg('<rect x:onbegin="x" xmlns:x="urn:x"/>'), 'x:onbegin'],
    [svg('<animate onend="x"/>'), 'onend'],
    [svg('<image href="https://evil.example/x.png"/>'), 'href="https://evil.example/x.png"'],
    [svg('<image xlink:href="//evil.example/x.png"/>'), 'xlink:href="//evil.example/x.png"'],
    [svg('<image href="x.png"/>'), 'href="x.png"'],
    [svg('<image href=""/>'), 'href=""'],
    [svg('<a href="javascript:alert(1)"/>'), 'href="javascript:alert(1)"'],
    [svg('<a href="java&#10;script:alert(1)"/>'), 'href="java'],
    [svg('<a href="&#106;avascript:alert(1)"/>'), 'href="javascript:alert(1)"'],
    [svg('<a href="https://vaunt.dev"/>'), 'href="https://vaunt.dev"'],
    [svg('<a href="data:text/html,%3Cscript%3E"/>'), 'href="data:text/html'],
    [svg('<a href="data:application/xhtml+xml,x"/>'), 'href="data:application/xhtml+xml'],
    [svg('<use href="data:image/svg+xml,%3Csvg/%3E#x"/>'), 'href="data:image/svg+xml'],
    [svg('<use href="other.svg#x"/>'), 'href="other.svg#x"'],
    [svg('<image href="xdata:image/png,x"/>'), 'href="xdata:image/png,x"'],
    [svg('<a href="data: text/html ,x"/>'), 'href="data: text/html ,x"'],
    [svg('<set attributeName="onload" to="alert(1)"/>'), 'attributeName="onload"'],
    [svg('<animate attributeName="xlink:href" values="javascript:x"/>'), 'attributeName="xlink:href"'],
    [svg('<set attributeName=" href " to="x"/>'), 'attributeName=" href "'],
    [svg('', 'xml:base="https://evil.example/"'), 'xml:base="https://evil.example/"'],
    [svg('<rect fill="url(https://evil.example/#x)"/>'), 'url(https://evil.example/#x'],
    [svg('<rect filter="url( &quot;//evil.example&quot; )"/>'), 'url( "//evil.example'],
    [svg('<rect style="background: u\\72l(https://evil.example)"/>'), 'url(https://evil.example'],
    [svg('<rect style="fill: ur/**/l(https://evil.example)"/>'), 'url(https://evil.example'],
    [svg('<style>@import "https://evil.example";</style>'), '@import'],
    [svg('<style>@\\69mport url(#x);</style>'), '@import'],
    [svg('<style><![CDATA[rect { fill: url(https://evil.example) }]]></style>'), 'url(https://evil.example'],
    [svg('<style>rect { fill: image-set("https://evil.example" 1x) }</style>'), 'image-set('],
    [svg('<style>x { behavior: url(#x) }</style>'), 'behavior:'],
    [svg('<style>x { width: expression(alert(1)) }</style>'), 'expression('],
    [`<?xml-stylesheet href="https://evil.example"?>${svg('')}`, '<?xml-stylesheet'],
    [svg('<?php echo 1 ?>'), '<?php'],
    [svg('<use href="&#160;#x"/>'), 'href="'],
    [svg('<use href="&#65279;#x"/>'), 'href="'],
    [svg('<rect fill="url(&#160;#x)"/>'), 'url('],
    [svg('<set attributeName="xlink:&#9;href" to="x"/>'), 'attributeName="xlink:'],
    // What a page that has the card in it would read as an element.
    [svg('<!--><script>alert(1)</script>-->'), '<!-->'],
    [svg('<title><style><!--</style><img src="x" onerror="x"/>--></style></title>'), '<!--</style>'],
    [`<!--><img>-->${svg('')}`, '<!--><img>'],
    [svg('<title><p><![CDATA[><img src=x onerror=alert(1)>]]></p></title>'), '<![CDATA[><img'],
    [svg('<style>a { } &lt;/style></style>'), '</style>']
  ])('%.110s', async (text, found) => {
    const message = await refusal(text)
    expect(message).toContain('something that can run code or load external content')
    expect(message.replace(/\\"/g, '"')).toContain(found)
  })

  test.each([
    ...[
      'script',
      'foreignObject',
      'handler',
      'listener',
      'iframe',
      'frame',
      'object',
      'embed',
      'applet',
      'link',
      'meta'
    ],
    ...['base', 'audio', 'video', 'source', 'canvas', 'form', 'input', 'button', 'html', 'body', 'img', 'portal']
  ])('the element %s', async name => {
    expect(await refusal(svg(`<g><rect/><${name}/></g>`))).toContain(`<${name}>`)
  })

  test.each([
    ...['href', 'src', 'srcset', 'srcdoc', 'data', 'poster', 'action', 'formaction', 'ping', 'background', 'base'],
    ...['codebase', 'archive', 'manifest', 'imagesrcset', 'attributionsrc', 'cite', 'longdesc']
  ])('the attribute %s that leads elsewhere, behind others that do not', async name => {
    expect(await refusal(svg(`<rect id="a" fill="url(#g)" style="x: 1" ${name}="x"/>`))).toContain(`${name}="x"`)
    expect(await refusal(svg(`<set attributeName="${name}" to="x"/>`))).toContain(`attributeName="${name}"`)
    expect(() => {
      requireSafeSvg(svg(`<rect ${name}="#x"/>`), quote)
    }).not.toThrow()
  })

  test.each([
    ['<style>a { fill: \\75 rl(https://evil.example) }</style>', 'url(https://evil.example'],
    ['<style>a { fill: \\000075rl(https://evil.example) }</style>', 'url(https://evil.example'],
    ['<style>a { fill: \\u\\r\\l(https://evil.example) }</style>', 'url(https://evil.example'],
    ['<style>a { x: "\\0 \\110000 \\10ffff"; fill: url(https://evil.example) }</style>', 'url(https://evil.example'],
    ['<style>/* one */ a { fill: url(https://evil.example) } /* two */</style>', 'url(https://evil.example'],
    ['<style>a { fill: url(#g) } b { fill: url( https://evil.example ) }</style>', 'url( https://evil.example'],
    ['<style>a { fill: image (https://evil.example) }</style>', 'image ('],
    ['<rect style="behavior: url(#x)"/>', 'behavior:'],
    ['<rect style="behavior :x"/>', 'behavior :'],
    ['<rect style="-moz-binding: x"/>', '-moz-binding'],
    ['<style>a { src: src("https://evil.example") }</style>', 'src("https://evil.example'],
    ['<style>a { x: "/*"; fill: url(https://evil.example); y: "*/" }</style>', 'url(https://evil.example'],
    ["<style>a { x: '/*'; fill: url(https://evil.example) }</style>", 'url(https://evil.example'],
    ['<style>a { fill: url(#/*) } b { fill: url(https://evil.example) } /**/</style>', 'url(https://evil.example'],
    ['<style>a { x: "/*\n; fill: url(https://evil.example); /*"*/ }</style>', 'url(https://evil.example'],
    ['<rect style="x: \\/*; fill: url(https://evil.example) /**/"/>', 'url(https://evil.example'],
    ['<style>@im\\70&#13;&#10;ort "https://evil.example";</style>', '@import'],
    ['<rect style="fill: u\\72&#13;&#10;l(https://evil.example)"/>', 'url(https://evil.example'],
    ['<style>a { x: "u\\\nrl(https://evil.example)" }</style>', 'url(https://evil.example'],
    ['<style>a { background: cross-fade("https://evil.example" 50%, red) }</style>', 'cross-fade('],
    ['<style>a { x: "/*" } @import "https://evil.example"; /**/</style>', '@import']
  ])('CSS: %s', async (inside, found) => {
    expect((await refusal(svg(inside))).replace(/\\"/g, '"')).toContain(found)
  })

  test('a comment that holds what is refused elsewhere is refused as well: what looks like a comment may be none', async () => {
    expect(await refusal(svg('<style>a { fill: red } /* url(https://evil.example)</style>'))).toContain('url(https:')
    expect(() => {
      requireSafeSvg(svg('<style>a { fill: red } /* the logo, see https://vaunt.dev, url(#logo) */</style>'), quote)
    }).not.toThrow()
  })

  test.each([
    ['ping', '#x https://evil.example'],
    ['srcset', '#x, https://evil.example 2x'],
    ['archive', 'data:image/png,x https://evil.example']
  ])('the attribute %s, of which only the first address stays within the card', async (name, value) => {
    expect(await refusal(svg(`<a href="#a" ${name}="${value}"/>`))).toContain(`${name}="${value}"`)
  })

  test('the encoding and the type that are to blame are named', async () => {
    expect(await refusal(`<?xml version="1.0" encoding="UTF-16"?>${svg('')}`)).toContain('encoding UTF-16')
    expect(await refusal(`<!DOCTYPE html>${svg('')}`)).toContain('<!DOCTYPE html')
  })

  test.each(
    Object.entries({
      comments: '<!---->'.repeat(150_000) + '<html>',
      blanks: ' '.repeat(1_000_000) + 'x',
      'unfinished comments': '<!--'.repeat(250_000),
      namespaces: `<svg ${SVG}>${Array.from({ length: 30_000 }, (_, index) => `<g xmlns:a${index}="x"/>`).join('')}</svg>`,
      nested: svg(`<g xmlns:a="x">`.repeat(4_000) + '<g/>'.repeat(200_000) + '</g>'.repeat(4_000)),
      'CSS comments': svg(`<style>${'/* '.repeat(330_000)}</style>`),
      addresses: svg(`<style>${'url(#'.repeat(200_000)}</style>`)
    })
  )('1 MB of %s take no longer than they are long', (_, text) => {
    const start = performance.now()
    try {
      requireSafeSvg(text, quote)
    } catch {
      // It may be refused.
    }
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  test('what is found cannot break out of the annotation', async () => {
    const message = await refusal(svg(`<a href="https://evil.example/&#10;::error::forged${'x'.repeat(500)}"/>`))
    expect(message).not.toMatch(/[\r\n]/)
    expect(message.length).toBeLessThan(600)
  })
})
