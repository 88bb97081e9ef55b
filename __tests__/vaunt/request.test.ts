// Tests what each of Vaunt's responses to a request with a token leads to. The exchange of a PAT is tested in exchange.test.ts.

import { describe, expect, jest, test } from '@jest/globals'
import { isOwnRefusal } from '../../src/network/answer.ts'
import type { Answer } from '../../src/network/answer.ts'
import { askVaunt } from '../../src/vaunt/request.ts'
import type { Question } from '../../src/vaunt/request.ts'
import { failureOf, quote } from '../support/failures.ts'

function question(status: number, json: unknown, changes: Partial<Question> = {}): Question {
  const body = json === undefined ? 'no JSON' : JSON.stringify(json)
  const headers = { location: 'https://elsewhere.example/' }
  const answer: Answer = {
    status,
    headers,
    body,
    host: quote('vaunt.example'),
    json,
    isOwnRefusal: isOwnRefusal('Vaunt', { json, body, headers }),
    serverTime: undefined,
    trail: { attempts: 1 }
  }
  return {
    client: { request: () => Promise.resolve(answer) },
    vauntApiUrl: 'https://vaunt.example',
    path: '/v1/x?limit=1',
    bearer: 'TOKEN',
    accept: 'image/svg+xml',
    quote,
    asked: 'the contributors card of Acme-Labs/anvil',
    entity: 'Acme-Labs',
    ...changes
  }
}

const OWN = { error: { code: 2, message: 'No data.' } }

test('the request: once, with the token, for what is wanted', async () => {
  const asked = question(200, { data: [] })
  const request = jest.fn(asked.client.request)
  expect((await askVaunt({ ...asked, client: { request } })).status).toBe(200)
  expect(request.mock.calls).toEqual([
    [
      'Vaunt',
      'https://vaunt.example/v1/x?limit=1',
      { headers: { accept: 'image/svg+xml', authorization: 'Bearer TOKEN', 'user-agent': 'vaunt-token-action' } }
    ]
  ])
})

describe('a refusal', () => {
  test.each<[number, unknown, Partial<Question>, string, string]>([
    [
      401,
      OWN,
      {},
      'vaunt-refused',
      'Vaunt refused the request for the contributors card of Acme-Labs/anvil (HTTP 401)'
    ],
    [
      403,
      OWN,
      {},
      'vaunt-refused',
      'Vaunt refused the request for the contributors card of Acme-Labs/anvil (HTTP 403)'
    ],
    [403, OWN, { forToken: true }, 'vaunt-refused', 'GitHub verified your access to Acme-Labs'],
    [404, OWN, { repository: 'anvil' }, 'vaunt-entity-unknown', 'no repository named Acme-Labs/anvil (HTTP 404)'],
    [404, OWN, {}, 'vaunt-entity-unknown', "https://vaunt.example isn't the URL"],
    [404, undefined, { mayBeMissing: true }, 'vaunt-unexpected', '404'],
    [302, undefined, {}, 'vaunt-unexpected', 'https://elsewhere.example/'],
    [204, undefined, {}, 'vaunt-unexpected', '204'],
    [304, undefined, {}, 'vaunt-unexpected', 'an unexpected response (HTTP 304)'],
    [422, OWN, {}, 'vaunt-unexpected', '422']
  ])('%i (%j, %j) is %s', async (status, json, changes, code, words) => {
    const error = await failureOf(() => askVaunt(question(status, json, changes)))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)])
  })

  test('that there is nothing more is an answer behind the last page', async () => {
    expect((await askVaunt(question(404, OWN, { mayBeMissing: true }))).status).toBe(404)
  })
})
