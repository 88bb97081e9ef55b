// Tests what is read from a card: the contributors as a reader sees them, and a drawing that can be compared.

import { expect, test } from '@jest/globals'
import { readContents } from '../../src/card/contents.ts'
import { drawCard, pictureAddress } from '../support/cards.ts'

const seen = (card: string): unknown =>
  readContents(card)?.contributors.map(({ name, count, picture }) => [name, count, picture?.address])

test('each contributor has a name, a count and a picture, in the order of the card', () => {
  const card = drawCard([
    ['github-actions[bot]', 2247, 'p1'],
    ['Zoë & co', 3, '']
  ])
  expect(seen(card)).toEqual([
    ['github-actions[bot]', '2247', pictureAddress('p1')],
    ['Zoë & co', '3', 'data:image/png;base64,']
  ])
})

test('a picture is found again in the text of the card', () => {
  const card = drawCard([
    ['\u{1F600} Zoë', 2, 'p1'],
    ['mona', 3, 'p2']
  ])
  const pictures = readContents(card)?.contributors.map(({ picture }) => card.slice(picture?.start, picture?.end))
  expect(pictures?.map(picture => /href="([^"]*)"/.exec(picture)?.[1])).toEqual(['p1', 'p2'].map(pictureAddress))
  expect(pictures).toEqual([expect.stringMatching(/^<image [^<>]*\/>$/), expect.stringMatching(/^<image [^<>]*\/>$/)])
})

test.each([
  ['behind the texts', '<g><text>mona</text><text>contributions:</text><text>3</text><image href="A"/></g>'],
  ['in a group around them', '<g><image href="A"/><g><text>mona</text>contributions:<text>3</text></g></g>'],
  ['with the older attribute', '<g><image xlink:href="A"/><text>mona</text><b>contributions:</b><b>3</b></g>']
])('the picture may stand %s', (_, tile) => {
  const other = tile.replace('mona', 'hubot').replace('"A"', '"B"')
  expect(seen(`<svg>${tile}${other}</svg>`)).toEqual([
    ['mona', '3', 'A'],
    ['hubot', '3', 'B']
  ])
})

test('where tiles stand in one group, no picture is taken for that of another', () => {
  const tile = '<image href="A"/><text>mona</text><text>contributions:</text><text>3</text>'
  expect(seen(`<svg>${tile}${tile}</svg>`)).toEqual([
    ['mona', '3', undefined],
    ['mona', '3', undefined]
  ])
})

test.each([
  ['<svg><text>contributions:</text></svg>', []],
  ['<svg><text>mona</text><text>contributions:</text><text>many</text></svg>', []],
  ['<svg/>', []],
  ['<html/>', undefined],
  ['not XML', undefined],
  ['', undefined]
])('%s shows %j', (card, expected) => {
  expect(seen(card)).toEqual(expected)
})

test('a drawing is the same whatever the contributors are called, count and look like, and another one else', () => {
  const drawing = (card: string): string | undefined => readContents(card)?.drawing
  const card = drawCard([['mona', 3, 'p1']])
  expect(drawing(drawCard([['hubot', 12, '']]))).toBe(drawing(card))
  expect(drawing(card.replaceAll('\n', '\r\n'))).toBe(drawing(card))
  expect(drawing(`\n \t${card.trim()}\n`)).toBe(drawing(card))
  expect(drawing(card.replace('x="90" y="30"', 'y="30" x="90"'))).toBe(drawing(card))
  expect(drawing(card.replace('x="90" y="30"', 'x="91" y="30"'))).not.toBe(drawing(card))
  expect(drawing(card.replace('s contributors', 's people'))).not.toBe(drawing(card))
  expect(drawing(card.replace('fill: #fff', 'fill: #000'))).not.toBe(drawing(card))
})
