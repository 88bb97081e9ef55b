// Tests the request for a token, and what each of Vaunt's responses leads to.

import { describe, expect, jest, test } from '@jest/globals'
import { exchange } from '../../src/vaunt/exchange.ts'
import type { Exchanged, ExchangeOptions } from '../../src/vaunt/exchange.ts'
import type { ActionError } from '../../src/errors/action-error.ts'
import { isOwnRefusal } from '../../src/network/answer.ts'
import type { Answer } from '../../src/network/answer.ts'
import { failureOf, quote } from '../support/failures.ts'
import { fc } from '../support/properties.ts'
import { forgeToken, PAT, signToken } from '../support/secrets.ts'

type Getter = ExchangeOptions['client']

const TRAIL = { attempts: 2, requestId: quote('R1'), words: quote('No.') }

function answering(status: number, json?: unknown, headers: Record<string, string> = {}): Getter {
  const body = json === undefined ? 'no JSON' : JSON.stringify(json)
  const answer: Answer = {
    status,
    headers,
    body,
    host: quote('vaunt.example'),
    json,
    isOwnRefusal: isOwnRefusal('Vaunt', { json, body, headers }),
    serverTime: 1_795_456_800_000,
    trail: TRAIL
  }
  return { request: () => Promise.resolve(answer) }
}

function ask(getter: Getter, entity = 'Acme-Labs'): Promise<Exchanged> {
  return exchange({ client: getter, vauntApiUrl: 'https://vaunt.example/base', entity, pat: PAT, quote })
}

function refused(getter: Getter): Promise<ActionError> {
  return failureOf(() => ask(getter))
}

describe('the request', () => {
  test('goes out once, to the token of the entity, with the PAT', async () => {
    const answer = answering(200, { data: { token: await signToken({}) } })
    const getter = { request: jest.fn(answer.request.bind(answer)) }
    await ask(getter)
    expect(getter.request.mock.calls).toEqual([
      [
        'Vaunt',
        'https://vaunt.example/base/v1/github/entities/Acme-Labs/token',
        {
          headers: { accept: 'application/json', authorization: `Bearer ${PAT}`, 'user-agent': 'vaunt-token-action' }
        }
      ]
    ])
  })

  test('never leaves its path, whatever the entity', async () => {
    const answer = answering(200, { data: { token: await signToken({}) } })
    const getter = { request: jest.fn(answer.request.bind(answer)) }
    await ask(getter, 'a/../b?c#d[bot]')
    expect(getter.request.mock.calls[0]?.[1]).toBe(
      'https://vaunt.example/base/v1/github/entities/a%2F..%2Fb%3Fc%23d%5Bbot%5D/token'
    )
  })

  test('what the client throws is passed on', async () => {
    const thrown = new Error('from the client')
    await expect(ask({ request: () => Promise.reject(thrown) })).rejects.toBe(thrown)
  })
})

describe('a token', () => {
  test("comes back with Vaunt's clock and the evidence", async () => {
    const token = await signToken({ sub: 'Acme-Labs' })
    const body = { meta_data: { count: 1, data_type: 4 }, data: { token } }
    expect(await ask(answering(200, body))).toMatchObject({
      token,
      vauntTime: 1_795_456_800_000,
      trail: { attempts: 2, requestId: TRAIL.requestId }
    })
  })

  test('of any sort that looks like a compact JWS is left for others to read', async () => {
    for (const token of ['a.b.c', 'a.b.', forgeToken({ alg: 'none' }, {}, '')]) {
      expect(await ask(answering(200, { data: { token } }))).toMatchObject({ token })
    }
  })

  test.each([
    ['a word', 'token'],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['five parts', 'a..b.c.d'],
    ['empty parts', '..'],
    ['no header', '.b.c'],
    ['no payload', 'a..c'],
    ['a space before', ' a.b.c'],
    ['a line break behind', 'a.b.c\n'],
    ['several lines', 'a.b.c\n::set-output name=token::x'],
    ['padding', 'a.b.c='],
    ['base64 instead of base64url', 'a+.b/.c']
  ])('that has %s is not a JWT', async (_, token) => {
    const error = await refused(answering(200, { data: { token } }))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toContain("a token that isn't a signed JWT when the action requested the token of Acme-Labs.")
  })

  test.each([
    ['an empty one', { data: { token: '' } }],
    ['"null"', { data: { token: 'null' } }],
    ['null', { data: { token: null } }],
    ['a number', { data: { token: 7 } }],
    ['a list of one', { data: { token: ['a.b.c'] } }],
    ['none', { data: {} }],
    ['data in a list', { data: [{ token: 'a.b.c' }] }],
    ['data that is null', { data: null }],
    ['data that is a text', { data: 'a.b.c' }],
    ['a token at the top', { token: 'a.b.c' }],
    ['an empty object', {}],
    ['null as a whole', null],
    ['a text as a whole', 'a.b.c'],
    ['a list as a whole', []],
    ['one by inheritance', JSON.parse('{"__proto__":{"data":{"token":"a.b.c"}}}') as unknown],
    ['an inherited name', { data: Object.create({ token: 'a.b.c' }) as unknown }]
  ])('instead of which comes %s: no token', async (_, json) => {
    const error = await refused(answering(200, json))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toContain(
      'Vaunt sent a response without a token (HTTP 200) when the action requested the token of Acme-Labs.'
    )
  })

  test('instead of which comes no JSON', async () => {
    const error = await refused(answering(200))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toBe(
      "Vaunt sent a response that isn't JSON (HTTP 200) when the action requested the token of Acme-Labs."
    )
    expect(error.details).toBe('Vaunt: "No."; request ID R1; 2 attempts')
  })

  test('is never made up: any JSON leads to a token that it spells, or to a refusal', async () => {
    const token = fc.oneof(fc.string(), fc.constant('a.b.c'), fc.jsonValue())
    const json = fc.oneof(fc.jsonValue(), fc.record({ data: fc.record({ token }) }))
    await fc.assert(
      fc.asyncProperty(json, async body => {
        try {
          const exchanged = await ask(answering(200, body))
          expect(body).toHaveProperty('data.token', exchanged.token)
          expect(exchanged.token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]*$/)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'ActionError', code: 'vaunt-unexpected' })
        }
      })
    )
  })
})

describe('a refusal', () => {
  const body = { data: { token: 'a.b.c' } }
  /** What Vaunt refuses with. */
  const words = { error: { message: 'No.', code: 1 } }
  const EVIDENCE = 'Vaunt: "No."; request ID R1; 2 attempts'

  test.each([401, 403])('%i', async status => {
    const error = await refused(answering(status, words))
    expect(error.code).toBe('vaunt-refused')
    expect(error.message).toBe(
      `GitHub verified your access to Acme-Labs, but Vaunt refused to issue a token (HTTP ${status}).`
    )
    expect(error.details).toBe(EVIDENCE)
  })

  test('404', async () => {
    const error = await refused(answering(404, words))
    expect(error.code).toBe('vaunt-entity-unknown')
    expect(error.message).toContain('Vaunt has no account named Acme-Labs (HTTP 404).')
    for (const cause of [
      "App isn't installed",
      'spells its name differently',
      "https://vaunt.example/base isn't the URL"
    ]) {
      expect(error.message).toContain(cause)
    }
    expect(error.details).toBe(EVIDENCE)
  })

  test.each([300, 301, 302, 303, 307, 308, 399])('redirect %i', async status => {
    const error = await refused(answering(status, body, { location: 'https://else.example/::x' }))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toBe(
      `Vaunt redirected the request for the token of Acme-Labs to https://else.example/: :x (HTTP ${status}). This action never follows redirects.`
    )
    expect(error.details).toBe(EVIDENCE)
    expect((await refused(answering(status, body))).message).toContain(
      `redirected the request for the token of Acme-Labs (HTTP ${status}).`
    )
  })

  test.each([100, 199, 201, 202, 204, 206, 299, 400, 402, 405, 410, 418, 422, 451, 501, 505, 599, 0])(
    'any other status: %i',
    async status => {
      const error = await refused(answering(status, body))
      expect(error.code).toBe('vaunt-unexpected')
      expect(error.message).toBe(
        `Vaunt returned an unexpected response (HTTP ${status}) when the action requested the token of Acme-Labs.`
      )
      expect(error.details).toBe(EVIDENCE)
    }
  )

  test('404 of the public service names no address', async () => {
    const { message } = await failureOf(() =>
      exchange({
        client: answering(404, words),
        vauntApiUrl: 'https://api.vaunt.dev',
        entity: 'Acme-Labs',
        pat: PAT,
        quote
      })
    )
    expect(message).toContain("isn't installed on it, or Vaunt spells its name differently.")
    expect(message).not.toContain('api.vaunt.dev')
  })

  test.each([401, 403, 404])('%i that is not in the form of Vaunt is of something in between', async status => {
    for (const json of [undefined, body, [], null, 'No.', { error: 'forbidden' }, { errors: ['x'] }]) {
      const error = await refused(answering(status, json))
      expect(error.code).toBe('vaunt-unexpected')
      expect(error.message).toMatch(/^Something other than Vaunt responded at vaunt\.example \(HTTP \d+\)/)
    }
  })

  test.each<[unknown]>([[{ message: 'No.', code: 1 }], [{ message: 'No.' }], [{ error: { code: 2 } }]])(
    '403 in a form of Vaunt: %j',
    async json => {
      expect((await refused(answering(403, json))).code).toBe('vaunt-refused')
    }
  )

  test('in words that we do not know is told in them', async () => {
    const { message } = await refused(answering(422, words))
    expect(message).toMatch(/^Vaunt refused the request for the token of Acme-Labs \(HTTP 422\): "No\."/)
  })
})
