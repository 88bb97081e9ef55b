// Tests the built action in the sandbox's runner when it must succeed: every way to use it, and every output.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { decodeJwt } from 'jose'
import { githubModel } from '../../sandbox/github/github.ts'
import { PATS } from '../../sandbox/github/population.ts'
import { jobOutputs } from '../../sandbox/runner/runner.ts'
import type { StepResult } from '../../sandbox/runner/runner.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { answer, hang } from '../../sandbox/network/answers.ts'
import { asAdmin, asUser, expectFailure, MAIN, message, step } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterEach(() => {
  sandbox.reset()
})
afterAll(async () => {
  await sandbox.stop()
})

const asked = (service: 'github' | 'vaunt'): string[] => sandbox[service].requests.map(({ path }) => path).sort()

/** What must hold of every success. */
function expectSuccess(result: StepResult, outputs: Record<string, string>): void {
  expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 0 })
  const [token = ''] = sandbox.vaunt.model.tokens
  const { exp } = decodeJwt(token)
  const expiresAt = exp === undefined ? {} : { 'expires-at': new Date(exp * 1000).toISOString() }
  expect(result.outputs).toEqual({ token, ...expiresAt, ...outputs })
  expect(result.annotations.filter(({ level }) => level === 'error')).toEqual([])
  expect(result.masks).toContain(token)
  expectNoLeak(result, [token])
}

const MONA = { entity: 'Mona', 'entity-type': 'user', 'attested-by': 'Mona' }
const ACME = { entity: 'Acme-Labs', 'entity-type': 'organization', 'attested-by': 'Mona' }

describe('a user', () => {
  test.each(['mona', 'Mona', 'MONA'])('asking as %s gets a token under the spelling of GitHub', async entity => {
    expectSuccess(await sandbox.runStep(step(PATS.monaFineGrained.token, entity)), MONA)
    expect(asked('vaunt')).toEqual(['/v1/github/entities/Mona/token'])
    expect(sandbox.vaunt.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${PATS.monaFineGrained.token}`,
      accept: 'application/json'
    })
  })

  test('does not wait for the membership, which is of no matter', async () => {
    sandbox.github.stageAlways('GET /user/memberships/orgs/:org', hang())
    const result = await sandbox.runStep(asUser())
    expectSuccess(result, MONA)
    expect(result.durationMs).toBeLessThan(5_000)
  })

  test('may be managed by an enterprise', async () => {
    const result = await sandbox.runStep(step(PATS.monaAcme.token, 'mona_acme'))
    expectSuccess(result, { entity: 'mona_acme', 'entity-type': 'user', 'attested-by': 'mona_acme' })
  })

  test('sees one line each for: as whom, for what, until when', async () => {
    const result = await sandbox.runStep(asUser())
    expect(result.log).toEqual([
      'Verified as Mona (ID 1001).',
      'Requesting a Vaunt token for user Mona (ID 1001).',
      `The Vaunt token is valid until ${result.outputs['expires-at'] ?? ''}.`
    ])
  })
})

describe('an organization', () => {
  test('gives its token to an admin, after three reads and one exchange', async () => {
    expectSuccess(await sandbox.runStep(asAdmin()), ACME)
    expect(asked('github')).toEqual(['/user', '/user/memberships/orgs/acme-labs', '/users/acme-labs'])
    expect(asked('vaunt')).toEqual(['/v1/github/entities/Acme-Labs/token'])
    for (const { headers } of sandbox.github.requests) {
      expect(headers['x-github-api-version']).toBe('2022-11-28')
    }
  })

  test('gives it to a classic PAT with read:org as well', async () => {
    expectSuccess(await sandbox.runStep(step(PATS.monaClassic.token, 'Acme-Labs')), ACME)
  })

  test('asks for all three reads before any of them is answered', async () => {
    sandbox.github.latencyMs = 300
    const result = await sandbox.runStep(asAdmin())
    sandbox.github.latencyMs = 0
    expectSuccess(result, ACME)
    const times = sandbox.github.requests.map(({ at }) => at)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(300)
  })

  test('is attested when GitHub leaves out the user of the membership', async () => {
    for (const membership of sandbox.population.memberships) membership.hidesUser = true
    expectSuccess(await sandbox.runStep(asAdmin()), ACME)
  })
})

describe('the PAT', () => {
  test('comes from VAUNT_PAT when the input is empty', async () => {
    const result = await sandbox.runStep(step('', 'mona', { env: { VAUNT_PAT: PATS.monaFineGrained.token } }))
    expectSuccess(result, MONA)
  })

  test('as an input goes before VAUNT_PAT', async () => {
    const result = await sandbox.runStep(asUser({ env: { VAUNT_PAT: PATS.hubotFineGrained.token } }))
    expectSuccess(result, MONA)
  })

  test('may have white space around it', async () => {
    expectSuccess(await sandbox.runStep(step(` \t${PATS.monaFineGrained.token}\r\n\n`, 'mona')), MONA)
    expect(sandbox.vaunt.requests[0]?.headers['authorization']).toBe(`Bearer ${PATS.monaFineGrained.token}`)
  })

  test('is masked before anything else is printed', async () => {
    const result = await sandbox.runStep(asUser())
    expect(result.stdout.split(/\r?\n/)[0]).toBe(`::add-mask::${PATS.monaFineGrained.token}`)
  })

  test.each([
    ['UTC', PATS.monaExpiring.token, '2099-12-30T10:15:26.000Z'],
    ['with an offset', PATS.monaExpiringWithOffset.token, '2099-12-30T08:15:26.000Z']
  ])('tells when it expires, in %s', async (_, pat, expected) => {
    const result = await sandbox.runStep(step(pat, 'acme-labs'))
    expectSuccess(result, { ...ACME, 'pat-expires-at': expected })
    expect(result.annotations).toEqual([])
  })

  test('brings a warning when it expires within seven days', async () => {
    const soon = new Date(Date.now() + 3 * 86_400_000 + 3_600_000).toISOString()
    const expiresAt = `${soon.slice(0, 10)} ${soon.slice(11, 19)} UTC`
    sandbox.population.pats.unshift({ ...PATS.monaFineGrained, expiresAt })
    const result = await sandbox.runStep(asUser())
    expect(result.exitCode).toBe(0)
    expect(result.annotations).toHaveLength(1)
    expect(result.annotations[0]).toMatchObject({ level: 'warning', message: expect.stringContaining('in 3 days') })
  })
})

describe('the other inputs', () => {
  test('entity, when empty, is the owner of the repository', async () => {
    const result = await sandbox.runStep(asUser({ with: { entity: '' }, github: { repository_owner: 'mona' } }))
    expectSuccess(result, MONA)
  })

  test('entity, when left out, is the owner of the repository', async () => {
    const options = asUser({ github: { repository_owner: 'mona' } })
    const given = { pat: options.with?.['pat'] ?? '' }
    expectSuccess(await sandbox.runStep({ ...options, with: given }), MONA)
  })

  test('github-api-url, when empty, is that of the run', async () => {
    expectSuccess(await sandbox.runStep(asUser({ with: { 'github-api-url': '' } })), MONA)
  })

  test('export-env exports the token to later steps', async () => {
    const result = await sandbox.runStep(asUser({ with: { 'export-env': 'VAUNT_TOKEN' } }))
    expectSuccess(result, MONA)
    expect(result.env).toEqual({ VAUNT_TOKEN: result.outputs['token'] })
  })

  test('API URLs may have a path and a trailing slash', async () => {
    const enterprise = await startSandbox({ github: { basePath: '/api/v3' }, vaunt: { basePath: '/vaunt' } })
    try {
      const { github, vaunt } = enterprise
      const urls = { 'github-api-url': `${github.url}/`, 'vaunt-api-url': `${vaunt.url}/` }
      const result = await enterprise.runStep(asAdmin({ with: urls }))
      expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 0 })
      expect(github.requests.map(({ path }) => path)).toContain('/api/v3/users/acme-labs')
      expect(vaunt.requests.map(({ path }) => path)).toEqual(['/vaunt/v1/github/entities/Acme-Labs/token'])
    } finally {
      await enterprise.stop()
    }
  })
})

describe('the Vaunt token', () => {
  test('may have no exp', async () => {
    sandbox.vaunt.model.settings.lifetimeSeconds = undefined
    const result = await sandbox.runStep(asUser())
    expectSuccess(result, MONA)
    expect(result.log).toContain('The Vaunt token has no expiration time.')
  })

  test.each(['text/plain', undefined])('may come as %s', async contentType => {
    sandbox.vaunt.model.settings.contentType = contentType
    expectSuccess(await sandbox.runStep(asUser()), MONA)
  })

  test('is judged by the clock of Vaunt, not by the clock of the runner', async () => {
    sandbox.vaunt.model.settings.clockAheadMs = -3 * 3_600_000
    expectSuccess(await sandbox.runStep(asUser()), MONA)
  })

  test('is masked before any output is written or printed', async () => {
    const result = await sandbox.runStep(asUser())
    const [token = ''] = sandbox.vaunt.model.tokens
    const lines = result.stdout.split(/\r?\n/)
    // Nothing is printed between the exchange and the mask but the mask.
    expect(lines.indexOf(`::add-mask::${token}`)).toBe(3)
    expect(lines.slice(4)).toEqual([`The Vaunt token is valid until ${result.outputs['expires-at'] ?? ''}.`, ''])
  })
})

describe('sealing', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  const run = { repository: 'octo/demo', run_id: '4711' }

  const open = (sealed: string, more = {}): Parameters<Sandbox['runStep']>[0] => ({
    ...(MAIN === undefined ? {} : { main: MAIN }),
    with: { 'sealed-token': sealed, 'seal-key': key, 'vaunt-api-url': 'https://localhost:1' },
    // Whoever asks anybody fails.
    github: { ...run, api_url: 'https://localhost:1' },
    ...more
  })

  test('hands the token to another job, which needs no PAT and no network', async () => {
    const exchanged = await sandbox.runStep(asAdmin({ with: { 'seal-key': key }, github: run }))
    const sealed = exchanged.outputs['sealed-token'] ?? ''
    expectSuccess(exchanged, { ...ACME, 'sealed-token': sealed })

    const { passed, warnings } = jobOutputs(exchanged.outputs, exchanged.masks)
    expect(warnings).toEqual(["Skip output 'token' since it may contain secret."])
    expect(passed['sealed-token']).toBe(sealed)

    const before = sandbox.github.connections + sandbox.vaunt.connections
    const opened = await sandbox.runStep(open(sealed, { env: { VAUNT_PAT: PATS.hubotFineGrained.token } }))
    expectSuccess(opened, { ...ACME, 'sealed-token': sealed })
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(before)
    expect(opened.masks).toEqual([key, exchanged.outputs['token']])
    expect(opened.stdout).not.toContain(PATS.hubotFineGrained.token)
  })

  test('exports the opened token, too', async () => {
    const exchanged = await sandbox.runStep(asUser({ with: { 'seal-key': key }, github: run }))
    const options = open(exchanged.outputs['sealed-token'] ?? '')
    const opened = await sandbox.runStep({ ...options, with: { ...options?.with, 'export-env': 'VAUNT_TOKEN' } })
    expect(opened.env).toEqual({ VAUNT_TOKEN: exchanged.outputs['token'] })
  })

  test('survives a re-run of failed jobs, but no other run or repository', async () => {
    const exchanged = await sandbox.runStep(asUser({ with: { 'seal-key': key }, github: run }))
    const sealed = exchanged.outputs['sealed-token'] ?? ''
    const again = await sandbox.runStep(open(sealed, { github: { ...run, run_attempt: '2' } }))
    expect(again.exitCode).toBe(0)
    for (const other of [
      { ...run, run_id: '4712' },
      { ...run, repository: 'octo/other' }
    ]) {
      const result = await sandbox.runStep(open(sealed, { github: other }))
      expectFailure(result, 'sealed-token-invalid', [key])
      expect(message(result)).toContain('another workflow run or repository')
    }
  })

  test('fails with its own codes', async () => {
    // Past its end, and within the minute that is tolerated at both ends of a seal.
    sandbox.vaunt.model.settings.lifetimeSeconds = -56
    const exchanged = await sandbox.runStep(asUser({ with: { 'seal-key': key }, github: run }))
    const sealed = exchanged.outputs['sealed-token'] ?? ''
    const otherKey = Buffer.alloc(32, 8).toString('base64')
    const wrongKey = { with: { 'sealed-token': sealed, 'seal-key': otherKey } }
    expectFailure(await sandbox.runStep(open(sealed, wrongKey)), 'sealed-token-invalid', [key, otherKey])
    expectFailure(await sandbox.runStep(open(sealed.slice(0, -9))), 'sealed-token-invalid', [key])
    expectFailure(await sandbox.runStep(open(exchanged.outputs['token'] ?? '')), 'sealed-token-invalid', [key])
    const shortKey = { with: { 'sealed-token': sealed, 'seal-key': 'LOUDFAKEshortkey' } }
    const malformed = await sandbox.runStep(open(sealed, shortKey))
    expectFailure(malformed, 'seal-key-invalid', ['LOUDFAKEshortkey'])
    expect(malformed.masks).toEqual(['LOUDFAKEshortkey'])
    const missing = await sandbox.runStep(open('', { with: { 'seal-key': key, 'sealed-token': '' } }))
    expectFailure(missing, 'sealed-token-missing', [key])
    expect(message(missing)).toMatch(/needs/)
    expect((await sandbox.runStep(open(sealed))).conclusion).toBe('success')
    await new Promise(resolve => setTimeout(resolve, 5_000))
    const late = await sandbox.runStep(open(sealed))
    expectFailure(late, 'sealed-token-expired', [key])
    expect(message(late)).toContain("This runner's clock shows")
  })
})

test('the step fails, and says so, when the runner gives no file for outputs', async () => {
  const result = await sandbox.runStep(asUser({ environment: { GITHUB_OUTPUT: undefined } }))
  expect(result.exitCode).toBe(1)
  expect(message(result)).toContain('[runner-files-unusable]')
  expect(sandbox.github.requests).toEqual([])
  expectNoLeak(result, [])
})

test('a Vaunt that answers with the token of the user and more is still understood', async () => {
  const token = await sandbox.vaunt.model.issueToken('Mona')
  sandbox.vaunt.stage('*', answer(200, { extra: [1, 2], data: { token, more: null } }))
  expectSuccess(await sandbox.runStep(asUser()), MONA)
})

describe('the announced end of an API', () => {
  /** GitHub as it is, with headers on every answer. */
  function announcing(headers: Record<string, string>): void {
    const model = githubModel(sandbox.population)
    sandbox.github.stageAlways('*', (request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      return model(request, response)
    })
  }

  const warnings = (result: StepResult): string[] =>
    result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)

  test('is one warning with the dates, whether the step succeeds or not', async () => {
    const headers = { deprecation: '@1773100800', sunset: 'Fri, 10 Mar 2028 00:00:00 GMT' }
    const expected = [
      'GitHub announces that version 2022-11-28 of its API, which this action uses, is deprecated as of 2026-03-10T00:00:00.000Z and stops working at 2028-03-10T00:00:00.000Z. Update this action to its latest release before then.'
    ]
    announcing(headers)
    const success = await sandbox.runStep(asAdmin())
    expectSuccess(success, ACME)
    expect(warnings(success)).toEqual(expected)
    const failure = await sandbox.runStep(step(PATS.hubotFineGrained.token, 'acme-labs'))
    expectFailure(failure, 'not-an-admin')
    expect(warnings(failure)).toEqual(expected)
  })

  test('is no warning without a date, and nothing of it is printed', async () => {
    announcing({ deprecation: 'true', sunset: '::warning::soon', link: '<https://x.example>; rel="deprecation"' })
    const result = await sandbox.runStep(asUser())
    expectSuccess(result, MONA)
    expect(result.annotations).toEqual([])
    expect(result.log.join('\n')).not.toMatch(/soon|x\.example/)
  })
})
