// Tests that the pictures in docs/ show what the action prints today, and can be read on a phone, in dark mode and light mode.

import { beforeAll, describe, expect, test } from '@jest/globals'
import { drawPictures } from '../../tools/pictures.ts'
import { filesBelow, read } from './markdown.ts'

const FAILING = 'docs/failing-step.svg'
const SUCCEEDING = 'docs/succeeding-step.svg'

/** The width of a small phone, and the smallest letters that can be read there. */
const PHONE_PX = 340
const LEGIBLE_PX = 11

let drawn: ReadonlyMap<string, string>

beforeAll(async () => {
  drawn = await drawPictures()
})

test('every picture is up to date (else: npm run pictures), and the same every time', async () => {
  expect(filesBelow('docs', '.svg').sort()).toEqual([...drawn.keys()].sort())
  const again = await drawPictures()
  for (const [file, svg] of drawn) {
    expect(again.get(file)).toBe(svg)
    expect(read(file)).toBe(svg)
  }
})

/** What is written in a picture, in order. */
function textOf(file: string): string {
  return [...read(file).matchAll(/<text [^>]*>([^<]*)</g)].map(([, part]) => part).join('')
}

test('the failing step shows the whole message, and no secret', () => {
  const shown = textOf(FAILING)
  for (const fact of ['hubot', 'Acme-Labs', '"member"']) expect(shown).toContain(fact)
  expect(shown).toContain(
    '[not-an-admin] https://github.com/-OWNER-/vaunt-token-action/blob/v1/docs/troubleshooting.md#not-an-admin'
  )
  expect(shown).toContain('pat: ***')
  expect(read(FAILING)).not.toContain('LOUDFAKE')
})

test('the succeeding step shows what the next step makes of the token, and no secret', () => {
  const shown = textOf(SUCCEEDING)
  expect(shown).toMatch(/\bMona\b.*\b1001\b/)
  expect(shown).toMatch(/\b7 repositories\b.*\b4\b/)
  expect(shown).toContain('pat: ***')
  expect(read(SUCCEEDING)).not.toMatch(/LOUDFAKE|eyJ/)
})

describe.each([FAILING, SUCCEEDING])('%s', file => {
  const svg = read(file)
  const width = Number(/viewBox="0 0 (\d+) \d+"/.exec(svg)?.[1])

  test('has letters that can be read on a phone', () => {
    const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => (Number(size) * PHONE_PX) / width)
    expect(sizes.length).toBeGreaterThan(0)
    for (const size of sizes) expect(size).toBeGreaterThanOrEqual(LEGIBLE_PX)
  })

  test('has no line that runs out of it', () => {
    const size = Number(/font-size="([\d.]+)"/.exec(svg)?.[1])
    const lines = [...svg.matchAll(/<text [^>]*\bx="(\d+)"[^>]*>([^<]*)</g)]
    expect(lines.length).toBeGreaterThan(5)
    for (const [, x, text = ''] of lines) {
      // A monospaced letter is at most 0.61 of its size wide.
      expect(Number(x) + text.trimEnd().length * 0.61 * size).toBeLessThanOrEqual(width)
    }
  })

  test.each([false, true])('has enough contrast, in light and in dark (dark: %s)', isDark => {
    const [light = '', dark = ''] = svg.split('@media (prefers-color-scheme:dark)')
    const style = isDark ? dark : light
    const ground = luminance(fillOf(style, 'page'))
    for (const tone of ['plain', 'faint', 'error']) {
      expect(contrast(ground, luminance(fillOf(style, tone)))).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(luminance(fillOf(style, 'wrong')), luminance(fillOf(style, 'error')))).toBeGreaterThanOrEqual(4.5)
  })

  test('says in words what it shows, and loads nothing', () => {
    expect(svg).toMatch(/role="img" aria-labelledby="title"[^]*<title id="title">[^<]{20,}<\/title>/)
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/href|url\(|@import|<script|<image/)
  })
})

function fillOf(style: string, name: string): string {
  return new RegExp(`\\.${name}\\{fill:#([\\da-f]{6})`).exec(style)?.[1] ?? 'none'
}

/** Of a color, as the Web Content Accessibility Guidelines define it. */
function luminance(color: string): number {
  const [red = NaN, green = NaN, blue = NaN] = [0, 2, 4].map(at => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}
