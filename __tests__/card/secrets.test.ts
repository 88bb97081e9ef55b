// Tests that a card with a secret in any encoding isn't committed, and that other cards are.

import { expect, test } from '@jest/globals'
import { requireNoSecret } from '../../src/card/secrets.ts'
import { failureOf } from '../support/failures.ts'
import { drawCard } from '../support/cards.ts'

const SECRET = 'ghs_LOUDFAKE+secret/FAR-FROM-REAL'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const references = Array.from(SECRET, sign => `&#x${sign.charCodeAt(0).toString(16)};`).join('')
const percent = Array.from(SECRET, sign => `%${sign.charCodeAt(0).toString(16)}`).join('')
const inPicture = (data: string): string => `<image href="data:image/png;base64,${data}"/>`

test.each([
  ['as it is', `<text>${SECRET}</text>`],
  ['in an attribute', `<g id="x${SECRET}x"/>`],
  ['in a comment', `<!-- ${SECRET} -->`],
  ['in CDATA', `<style><![CDATA[ ${SECRET} ]]></style>`],
  ['in two elements', `<text><tspan>${SECRET.slice(0, 9)}</tspan><tspan>${SECRET.slice(9)}</tspan></text>`],
  ['with line breaks', `<text>${SECRET.slice(0, 9)}\n${SECRET.slice(9)}</text>`],
  ['in base64', `<text>${base64(SECRET)}</text>`],
  ['in base64 with something before it', `<text>${base64(`x${SECRET}`)}</text>`],
  ['in base64url', `<text>${Buffer.from(`xx${SECRET}`).toString('base64url')}</text>`],
  ['in a picture', inPicture(base64(`\xff\xd8${SECRET}\xff\xd9`))],
  ['in a picture whose base64 is broken over lines', inPicture(base64(`xx${SECRET}`).replace(/.{9}/g, '$&\n'))],
  [
    'in a picture whose base64 is percent-encoded',
    inPicture(base64(SECRET).replace(/[a-z]/g, sign => `%${sign.charCodeAt(0).toString(16)}`))
  ],
  [
    'in a picture whose base64 has character references',
    inPicture(base64(SECRET).replace(/[a-z]/g, sign => `&#${sign.charCodeAt(0)};`))
  ],
  ['in base64 in a picture', inPicture(base64(base64(SECRET)))],
  ['percent-encoded in a picture', inPicture(base64(percent))],
  ['percent-encoded', `<text>${percent}</text>`],
  ['with character references', `<text>${references}</text>`],
  ['with character references in an attribute', `<g id="${references}"/>`]
])('a card with a secret %s is refused', async (_, inside) => {
  const error = await failureOf(() => {
    requireNoSecret(`\n<svg>${inside}</svg>\n`, ['', SECRET])
  })
  expect(error.code).toBe('vaunt-unexpected')
  expect(error.message).toContain('contains a token of this run')
  expect(`${error.message} ${error.remedy}`).not.toContain('LOUDFAKE')
})

test('other cards are taken', () => {
  requireNoSecret(
    drawCard([
      ['mona', 1, 'p1'],
      ['hubot', 2, '']
    ]),
    ['', SECRET]
  )
  requireNoSecret(`<svg>${inPicture(base64('another'))}<text>${SECRET.slice(1)}</text></svg>`, [SECRET])
})
