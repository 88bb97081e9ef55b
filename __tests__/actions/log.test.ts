// Tests the log lines and warnings: what they say, and that they can't contain workflow commands or secrets.

import { describe, expect, test } from '@jest/globals'
import { endWarning, retryLine, systemStoreLine, logAttestation, logExpiration } from '../../src/actions/log.ts'
import type { Log } from '../../src/actions/log.ts'
import { quote } from '../support/failures.ts'

function listening(server = 'https://github.com'): { log: Log; said: string[] } {
  const said: string[] = []
  const info = (message: string): void => {
    said.push(`info ${message}`)
  }
  const warning = (message: string): void => {
    said.push(`warning ${message}`)
  }
  return { log: { core: { info, warning }, quote, server }, said }
}

const MONA = { login: 'Mona', id: '1001' }

function attestation(type: 'user' | 'organization', excessScopes: string[] = []): Parameters<typeof logAttestation>[1] {
  return { entity: { login: 'Acme', id: '2001', type }, attestedBy: MONA, patExpiresAt: undefined, excessScopes }
}

describe('an attestation', () => {
  test.each([
    ['user', 'info Requesting a Vaunt token for user Acme (ID 2001).'],
    ['organization', 'info Requesting a Vaunt token for organization Acme (ID 2001), as an owner of it.']
  ] as const)('for a %s', (type, asking) => {
    const { log, said } = listening()
    logAttestation(log, attestation(type))
    expect(said).toEqual(['info Verified as Mona (ID 1001).', asking])
  })

  test.each([
    ['user', 'no scopes'],
    ['organization', 'only the read:org scope']
  ] as const)('with more scopes than a %s needs: one warning that names them, and a smaller PAT', (type, needed) => {
    const { log, said } = listening('https://ghe.example')
    logAttestation(log, attestation(type, ['repo', 'admin:org']))
    expect(said.filter(line => line.startsWith('warning '))).toEqual([
      `warning The PAT has more access than this action needs. It needs ${needed}, but also has: repo, admin:org. ` +
        `Create a fine-grained PAT at https://ghe.example/settings/personal-access-tokens/new, or a classic PAT with ${needed}.`
    ])
  })
})

describe('the end of the PAT', () => {
  const NOW = Date.parse('2026-11-23T12:00:00Z')

  test.each([
    [undefined, []],
    ['2026-11-30T12:00:01Z', []],
    ['2026-11-30T12:00:00Z', ['in 7 days']],
    ['2026-11-24T12:00:00Z', ['in 1 day']],
    ['2026-11-23T13:00:00Z', ['within a day']],
    ['2026-11-22T12:00:00Z', ['within a day']]
  ])('%s: %j', (date, told) => {
    const { log, said } = listening('https://ghe.example')
    const patExpiresAt = date === undefined ? undefined : new Date(date)
    logExpiration(log, { expiresAt: undefined, patExpiresAt }, NOW)
    const [line, ...warnings] = said
    expect(line).toBe('info The Vaunt token has no expiration time.')
    expect(warnings).toHaveLength(told.length)
    for (const [index, words] of told.entries()) {
      expect(warnings[index]).toMatch(/^warning /)
      expect(warnings[index]).toContain(`(${words})`)
      expect(warnings[index]).toContain('https://ghe.example/settings/personal-access-tokens')
    }
  })
})

test('a further attempt is one line with its reason', () => {
  const path = quote('/user::x')
  expect(retryLine({ service: 'GitHub', path, reason: 'HTTP 503', nextAttempt: 2, waitMs: 1_234 })).toBe(
    'GitHub (/user: :x): HTTP 503. Retrying in 1.2 s (attempt 2).'
  )
})

test.each([
  [
    'GitHub',
    { deprecatedAt: new Date(0), endsAt: undefined },
    'version 2022-11-28 of its API, which this action uses, is deprecated as of 1970-01-01T00:00:00.000Z. Update this action to its latest release.'
  ],
  [
    'GitHub',
    { deprecatedAt: undefined, endsAt: new Date(0) },
    'version 2022-11-28 of its API, which this action uses, stops working at 1970-01-01T00:00:00.000Z. Update this action to its latest release before then.'
  ],
  [
    'Vaunt',
    { deprecatedAt: new Date(0), endsAt: new Date(1) },
    'its API, which this action uses, is deprecated as of 1970-01-01T00:00:00.000Z and stops working at 1970-01-01T00:00:00.001Z. Update this action to its latest release before then.'
  ]
] as const)('the end that %s announces is told with its dates', (service, end, told) => {
  expect(endWarning(service, end)).toBe(`${service} announces that ${told}`)
})

test('the look into the store of the system is one line with the host', () => {
  expect(systemStoreLine(quote('ghe.example::x'))).toMatch(
    /^Node\.js doesn't trust the CA .* of ghe\.example: :x: .*system certificate store\.$/
  )
})
