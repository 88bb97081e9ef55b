// Tests which cards contain news: people and the drawing count, but a bot's contributions don't.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { newsIn } from '../../src/card/comparison.ts'
import { drawCard, pictureAddress } from '../support/cards.ts'
import type { Shown } from '../support/cards.ts'

const BOT = 'github-actions[bot]'

const changes = (before: readonly Shown[], after: readonly Shown[]): readonly string[] =>
  newsIn(drawCard(before), drawCard(after))?.changes ?? []

describe('nothing is new', () => {
  test.each<[string, readonly Shown[], readonly Shown[]]>([
    ['in the same card', [['mona', 3, 'p1']], [['mona', 3, 'p1']]],
    [
      'when a bot counts up',
      [
        [BOT, 99, 'p2'],
        ['mona', 3, 'p1']
      ],
      [
        [BOT, 100, 'p2'],
        ['mona', 3, 'p1']
      ]
    ],
    ['when another bot counts up', [['renovate[bot]', 1, 'p']], [['renovate[bot]', 2, 'p']]],
    ['when a bot has another picture', [[BOT, 1, 'p2']], [[BOT, 1, 'p3']]],
    ['when a bot has a picture for the first time', [[BOT, 1, '']], [[BOT, 1, 'p3']]],
    [
      'when a bot overtakes a person',
      [
        ['mona', 10, 'p1'],
        [BOT, 7, 'p2']
      ],
      [
        [BOT, 54, 'p2'],
        ['mona', 10, 'p1']
      ]
    ],
    [
      'when a bot overtakes a bot',
      [
        ['dependabot[bot]', 10, 'p1'],
        [BOT, 7, 'p2'],
        ['mona', 1, 'p']
      ],
      [
        [BOT, 54, 'p2'],
        ['dependabot[bot]', 10, 'p1'],
        ['mona', 1, 'p']
      ]
    ],
    ['when the picture of a person is empty', [['mona', 3, 'p1']], [['mona', 3, '']]]
  ])('%s', (_, before, after) => {
    expect(changes(before, after)).toEqual([])
  })

  const card = drawCard([['mona', 3, 'p1']])
  test.each([
    ['with other line ends', card.replaceAll('\n', '\r\n')],
    ['with other whitespace around the root', `\r\n${card.trim()}`]
  ])('%s', (_, other) => {
    expect(newsIn(card, other)).toBeUndefined()
    expect(newsIn(other, card)).toBeUndefined()
  })
})

describe('it is new', () => {
  test.each<[readonly Shown[], readonly Shown[], string[]]>([
    [[['mona', 3, 'p1']], [['mona', 4, 'p1']], ['mona has 4 contributions (was 3).']],
    [[['mona', 3, 'p1']], [['mona', 3, 'p2']], ['mona has a new picture.']],
    [[['mona', 3, '']], [['mona', 3, 'p2']], ['mona has a new picture.']],
    [[['mona', 3, 'p1']], [], ['mona is no longer on the card.']],
    [[], [['mona', 3, 'p1']], ['mona is new on the card.']],
    [[['mona', 3, 'p1']], [['hubot', 3, 'p1']], ['hubot is new on the card.', 'mona is no longer on the card.']],
    [[[BOT, 3, 'p1']], [], [`${BOT} is no longer on the card.`]],
    [[], [[BOT, 3, 'p1']], [`${BOT} is new on the card.`]],
    [
      [
        ['mona', 3, 'p1'],
        ['hubot', 3, 'p2']
      ],
      [
        ['hubot', 3, 'p2'],
        ['mona', 3, 'p1']
      ],
      ['The order of the contributors changed.']
    ],
    [[['robot', 3, 'p1']], [['robot', 4, 'p1']], ['robot has 4 contributions (was 3).']]
  ])('from %j to %j', (before, after, expected) => {
    expect(changes(before, after)).toEqual(expected)
  })

  test('when the drawing is another one, also around bots only', () => {
    const card = drawCard([[BOT, 3, 'p1']])
    expect(newsIn(card, card.replace('fill: #fff', 'fill: #000'))?.changes).toEqual(['The drawing changed.'])
  })

  test.each([undefined, '', 'a text', '<svg', '<html/>'])('when %j was there before', before => {
    const card = drawCard([])
    expect(newsIn(before, card)).toEqual({ card, changes: ['The card is new.'] })
  })

  test('when a card without contributors is another picture', () => {
    expect(newsIn('<svg><title>A</title></svg>', '<svg><title>A</title></svg>')).toBeUndefined()
    expect(newsIn('<svg><title>A</title></svg>', '<svg><title>B</title></svg>')?.changes).toEqual([
      'The drawing changed.'
    ])
  })

  test('of two contributors with one name, each is compared with its own', () => {
    const shown: readonly Shown[] = [
      ['Mona', 9, 'p1'],
      ['Mona', 3, 'p2']
    ]
    expect(changes(shown, shown)).toEqual([])
    expect(changes(shown, [['Mona', 9, 'p1']])).toEqual(['Mona is no longer on the card.'])
  })
})

describe('a picture that Vaunt left out', () => {
  const before = drawCard([
    ['\u{1F600} Zoë', 3, 'p1'],
    [BOT, 3, 'p2'],
    ['mona', 3, '']
  ])
  const after = drawCard([
    ['\u{1F600} Zoë', 4, ''],
    ['mona', 3, ''],
    [BOT, 1, '']
  ])

  test('stays as it was on the card, when that is committed for something else', () => {
    expect(newsIn(before, after)?.card).toBe(
      drawCard([
        ['\u{1F600} Zoë', 4, 'p1'],
        ['mona', 3, ''],
        [BOT, 1, 'p2']
      ])
    )
  })

  test.each(['data:text/html;base64,PHNjcmlwdD4=', 'https://evil.example/', 'data:image/svg+xml;base64,PHN2Zy8+'])(
    'does not become %s, which stood in the file on the branch',
    address => {
      const planted = before.replace(pictureAddress('p1'), address).replace(pictureAddress('p2'), address)
      expect(newsIn(planted, after)?.card).toBe(after)
    }
  )
})

test('of the real series only what is about people is new', () => {
  const series = JSON.parse(readFileSync(new URL('../../sandbox/vaunt/card-series.json', import.meta.url), 'utf8')) as {
    refreshes: Shown[][]
  }
  let committed: string | undefined
  const commits = series.refreshes.flatMap((refresh, number) => {
    const news = newsIn(committed, drawCard(refresh))
    if (!news) return []
    committed = news.card
    return [number]
  })
  expect(commits).toEqual([0, 1, 2, 3, 4, 5, 6, 19])
})
