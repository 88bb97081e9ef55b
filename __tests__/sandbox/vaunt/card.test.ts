// Tests that the sandbox's Vaunt draws contributors cards like the real ones, and changes them for the same reasons.

import { parseXml, XmlElement } from '@rgrove/parse-xml'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addRepository, JOB_TOKEN } from '../../../sandbox/github/population.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { readCardSeries } from '../../../sandbox/vaunt/contributors.ts'
import type { VauntSettings } from '../../../sandbox/vaunt/settings.ts'
import { get, parseJson } from '../network/client.ts'
import type { Got } from '../network/client.ts'

const BOT = 'github-actions[bot]'
const CARD = 'Mona/repositories/boomerang/contributors?format=svg&limit=10'

let sandbox: Sandbox
let settings: VauntSettings

beforeAll(async () => {
  sandbox = await startSandbox()
  settings = sandbox.vaunt.model.settings
})

beforeEach(() => {
  settings.publicRepositories.push('Mona/boomerang')
})

afterEach(() => {
  sandbox.reset()
})

afterAll(async () => {
  await sandbox.stop()
})

function ask(path = CARD, bearer?: string): Promise<Got> {
  return get(`${sandbox.vaunt.url}/v1/github/entities/${path}`, {
    ca: sandbox.certificates.ca,
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  })
}

async function nextCard(path?: string): Promise<string> {
  const { status, body } = await ask(path)
  expect(status).toBe(200)
  return body
}

/** The elements of a card, in the order of the document. */
function elements(svg: string): readonly XmlElement[] {
  const below = (element: XmlElement): XmlElement[] => [
    element,
    ...element.children.flatMap(child => (child instanceof XmlElement ? below(child) : []))
  ]
  const { root } = parseXml(svg)
  return root ? below(root) : []
}

/** Login, count, and picture of everybody on a card. */
function shownOn(svg: string): (string | undefined)[][] {
  return elements(svg)
    .filter(({ name, children }) => name === 'g' && children.some(child => isImage(child)))
    .map(({ children }) => {
      const [login, label, count] = children.flatMap(each => (isText(each) ? [each.text] : []))
      expect(label).toBe('contributions:')
      const image = children.find(child => isImage(child))
      return [login, count, image?.attributes['href']]
    })
}

function isImage(node: unknown): node is XmlElement {
  return node instanceof XmlElement && node.name === 'image'
}

function isText(node: unknown): node is XmlElement {
  return node instanceof XmlElement && node.name === 'text'
}

const countsOn = (svg: string): unknown[] => shownOn(svg).map(([login, count]) => [login, count])
const pictureOf = (svg: string, login: string): string | undefined =>
  shownOn(svg).find(([name]) => name === `${login} `)?.[2]

describe('a card', () => {
  test('begins with line breaks and no prolog, and ends in tabs', async () => {
    expect(await nextCard()).toMatch(/^\n\t\n\t<svg xmlns:sodipodi="[^]*<\/svg>\n\t\t$/)
  })

  test('is 1080 by 500, with clip paths, gradients, polygons, and an animation', async () => {
    const svg = await nextCard()
    const all = elements(svg)
    expect(all[0]?.attributes).toMatchObject({ xmlns: 'http://www.w3.org/2000/svg', width: '1080', height: '500' })
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['clipPath', 'linearGradient', 'polygon']))
    expect(svg).toMatch(/<style>\s*<!\[CDATA\[[^]*@keyframes[^]*\]\]>[^]*&apos;[^]*<\/style>/)
  })

  test('shows a name, a label, a count, and a JPEG file labeled as PNG for each contributor', async () => {
    const shown = shownOn(await nextCard())
    expect(shown.map(([login, count]) => [login, count])).toEqual([
      ['Mona ', '247'],
      ['hubot ', '197'],
      ['newcomer ', '147']
    ])
    for (const [, , picture = ''] of shown) {
      expect(picture).toMatch(/^data:image\/png;base64,\/9j\/2wCE/)
      const bytes = Buffer.from(picture.split(',')[1] ?? '', 'base64')
      expect([bytes.subarray(0, 2), bytes.subarray(-2)].map(end => end.toString('hex'))).toEqual(['ffd8', 'ffd9'])
    }
    expect(new Set(shown.map(([, , picture]) => picture)).size).toBe(3)
  })

  test('is as large as a real one', async () => {
    settings.contributors = ['one']
    expect((await nextCard()).length).toBeGreaterThan(3_500)
    settings.contributors = Array.from({ length: 10 }, (_, index) => `person-${index}`)
    expect((await nextCard()).length).toBeLessThan(67_000)
  })

  test('escapes what XML needs escaped', async () => {
    settings.contributors = [`<O'Mona> & "co"`]
    expect(countsOn(await nextCard())).toEqual([[`<O'Mona> & "co" `, '247']])
  })

  test.each([
    ['without a limit', '', 1],
    ['up to the limit', '&limit=3', 3],
    ['no more than there are', '&limit=100', 4]
  ])('shows people %s', async (_, limit, count) => {
    settings.contributors.unshift('mona_acme')
    expect(shownOn(await nextCard(CARD.replace('&limit=10', limit)))).toHaveLength(count)
  })

  test('is the same as long as nothing changes', async () => {
    expect(await nextCard()).toBe(await nextCard())
  })
})

describe('what changes on a card', () => {
  test('a count, and with it the order', async () => {
    settings.contributions['newcomer'] = 500
    expect(countsOn(await nextCard())).toEqual([
      ['newcomer ', '500'],
      ['Mona ', '247'],
      ['hubot ', '197']
    ])
  })

  test('a picture, which can also be empty', async () => {
    const first = await nextCard()
    settings.pictures = { Mona: 'another', hubot: '' }
    const second = await nextCard()
    expect(pictureOf(second, 'Mona')).toMatch(/^data:image\/png;base64,\/9j/)
    expect(pictureOf(second, 'Mona')).not.toBe(pictureOf(first, 'Mona'))
    expect(pictureOf(second, 'hubot')).toBe('data:image/png;base64,')
    expect(pictureOf(second, 'newcomer')).toBe(pictureOf(first, 'newcomer'))
  })

  test('the count of a bot, with every commit that lands on the default branch', async () => {
    const repository = addRepository(sandbox.population, 'Mona/boomerang')
    repository.commitFiles('main', { 'README.md': 'hello' })
    expect(await nextCard()).not.toContain(BOT)
    for (const count of ['1', '2']) {
      await commitByBot(count)
      expect(countsOn(await nextCard())).toContainEqual([`${BOT} `, count])
    }
    await commitByBot('elsewhere', 'other')
    expect(countsOn(await nextCard())).toContainEqual([`${BOT} `, '2'])
    const [, , , bot] = (
      parseJson((await ask(CARD.replace('format=svg', 'format=json'))).body) as { data: readonly unknown[] }
    ).data
    expect(bot).toMatchObject({ name: BOT, type: 'bot', contributions: 2 })
  })

  test('the picture of a bot, between two encodings, and now and then to nothing', async () => {
    settings.contributors.push(BOT)
    const pictures: (string | undefined)[] = []
    while (pictures.length < settings.botPictures.length) pictures.push(pictureOf(await nextCard(), BOT))
    const [one, other] = pictures
    expect(one).not.toBe(other)
    expect(pictures).toEqual([one, other, one, other, 'data:image/png;base64,'])
  })
})

describe('a series', () => {
  test('shows what was recorded, card by card, and stays at the end', async () => {
    const series = readCardSeries()
    expect(series.length).toBeGreaterThan(50)
    settings.series = [...series]
    for (const refresh of series) {
      const svg = await nextCard()
      expect(countsOn(svg)).toEqual(refresh.map(({ name, contributions }) => [`${name} `, `${contributions}`]))
      expect(shownOn(svg).map(([, , picture]) => picture === 'data:image/png;base64,')).toEqual(
        refresh.map(({ picture }) => picture === '')
      )
    }
    expect(countsOn(await nextCard())).toHaveLength(series.at(-1)?.length ?? 0)
  })

  test('gives the same picture for the same name, and another for another', async () => {
    const shown = ['picture-2', 'picture-3', 'picture-2'].map(picture => ({ name: BOT, contributions: 1, picture }))
    settings.series = shown.map(each => [each])
    const [one, two, three] = [await nextCard(), await nextCard(), await nextCard()]
    expect([one === three, one === two]).toEqual([true, false])
  })
})

describe('without a token', () => {
  test.each([401, 403, 404] as const)('the card of a private repository is refused with %i', async status => {
    settings.statusWithoutToken = status
    expect((await ask(CARD.replace('boomerang', 'anvil'))).status).toBe(status)
    expect((await ask(CARD.replace('boomerang', 'unknown'))).status).toBe(status)
    expect((await ask()).status).toBe(200)
    settings.publicRepositories = []
    expect((await ask()).status).toBe(status)
    expect((await ask(CARD, await sandbox.vaunt.model.issueToken('Mona'))).status).toBe(200)
  })

  test('a wrong one is refused, even for a public repository', async () => {
    expect((await ask(CARD, 'wrong')).status).toBe(401)
  })
})

/** Puts a file on a branch with the job's own token, and so without an author. */
async function commitByBot(text: string, branch = 'main'): Promise<void> {
  const repository = sandbox.population.repositories.get('mona/boomerang')
  if (branch !== 'main') repository?.commitFiles(branch, { 'README.md': 'hello' })
  const body = JSON.stringify({ message: 'Add a file', content: Buffer.from(text).toString('base64'), branch })
  const { status } = await get(`${sandbox.github.url}/repos/Mona/boomerang/contents/${text}.txt`, {
    ca: sandbox.certificates.ca,
    method: 'PUT',
    headers: { authorization: `token ${JOB_TOKEN}` },
    body
  })
  expect(status).toBe(201)
}
