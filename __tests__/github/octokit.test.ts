// Tests the `fetch` that Octokit gets: it sends requests through the client, and passes on only what Octokit needs from a response.

import { describe, expect, test } from '@jest/globals'
import { createReader, fetchOver } from '../../src/github/octokit.ts'
import type { Client } from '../../src/network/client.ts'
import type { Answer } from '../../src/network/answer.ts'
import { quote } from '../support/failures.ts'
import { PAT } from '../support/secrets.ts'

describe('as the fetch of Octokit', () => {
  function answering(answer: Partial<Answer>): { client: Client; calls: unknown[][] } {
    const calls: unknown[][] = []
    const client: Client = {
      request(...given) {
        calls.push(given)
        return Promise.resolve({
          status: 200,
          headers: {},
          body: '',
          host: quote('api.example'),
          isOwnRefusal: false,
          json: undefined,
          serverTime: undefined,
          trail: { attempts: 2 },
          ...answer
        })
      },
      openEarly: () => undefined,
      close: () => undefined
    }
    return { client, calls }
  }

  test('asks the client for what it is asked', async () => {
    const { client, calls } = answering({})
    const signal = new AbortController().signal
    const seen: Answer[] = []
    const fetch = fetchOver(client, answer => seen.push(answer))
    await fetch('https://api.example/user', { method: 'GET', headers: { a: 'b' }, signal })
    const message = { method: 'GET', headers: { a: 'b' }, body: undefined, signal, once: false }
    expect(calls).toEqual([['GitHub', 'https://api.example/user', message]])
    expect(seen.map(({ trail }) => trail.attempts)).toEqual([2])
  })

  test.each(['DELETE', 'HEAD', 'get', ''])('refuses the method %j, which the client does not have', async method => {
    const { client, calls } = answering({})
    await expect(
      fetchOver(client, () => undefined)('https://api.example/user', { method, headers: {} })
    ).rejects.toThrow(TypeError)
    expect(calls).toEqual([])
  })

  test('sends a body, and what may arrive once only', async () => {
    const { client, calls } = answering({})
    const github = createReader({ pat: PAT, githubApiUrl: 'https://ghe.example/api/v3', client })
    const parameters = { owner: 'Acme-Labs', repo: 'anvil', ref: 'heads/a/b', sha: 'abc', force: true }
    await github.send('PATCH /repos/{owner}/{repo}/git/refs/{ref}', parameters, true)
    expect(calls).toEqual([
      [
        'GitHub',
        'https://ghe.example/api/v3/repos/Acme-Labs/anvil/git/refs/heads%2Fa%2Fb',
        expect.objectContaining({ method: 'PATCH', body: '{"sha":"abc","force":true}', once: true })
      ]
    ])
  })

  test('of a refusal all of the answer is handed on', async () => {
    const json = { message: 'Validation Failed', errors: [{ message: 'A pull request already exists' }] }
    const { client } = answering({ status: 422, body: JSON.stringify(json), json })
    const github = createReader({ pat: PAT, githubApiUrl: 'https://api.example', client })
    expect((await github.send('GET /user', {})).json).toEqual(json)
  })

  test('passes on no header of the server', async () => {
    const { client } = answering({
      headers: { deprecation: 'true', link: '<x>', sunset: 'x', 'content-type': 'text/html', 'set-cookie': 'a' }
    })
    const response = await fetchOver(client, () => undefined)('https://api.example/user', {
      method: 'GET',
      headers: {}
    })
    expect(Object.fromEntries(response.headers)).toEqual({ 'content-type': 'application/json; charset=utf-8' })
    expect([response.status, response.url]).toEqual([200, 'https://api.example/user'])
  })

  test.each([
    [200, '{"id":1}', { id: 1 }, '{"id":1}'],
    [301, 'moved', undefined, 'moved'],
    [399, 'x', undefined, 'x'],
    [400, '{"message":"No","errors":[1]}', { message: 'No', errors: [1] }, '{"message":"No"}'],
    [404, '<html>', undefined, '{"message":""}'],
    [500, '{"error":{"message":"Oh"}}', { error: { message: 'Oh' } }, '{"message":"Oh"}']
  ])('of a refusal only the words go on: %i', async (status, body, json, expected) => {
    const { client } = answering({ status, body, json })
    const response = await fetchOver(client, () => undefined)('https://api.example/user', {
      method: 'GET',
      headers: {}
    })
    expect(await response.text()).toBe(expected)
  })
})
