// Tests the token action: what it does, in which order, and what remains after a failure.

import { describe, expect, jest, test } from '@jest/globals'
import { runToken } from '../../src/actions/token.ts'
import type { World } from '../../src/actions/run.ts'
import { membershipBody, publicUserBody } from '../../sandbox/github/bodies.ts'
import { ACME, ADMIN, MONA, SELF } from '../support/github.ts'
import type { Stage, Staged } from '../support/github.ts'
import { fc, hostileText } from '../support/properties.ts'
import { forgeToken, PAT, SEAL_KEY } from '../support/secrets.ts'
import { createWorld, NOW } from '../support/staged-world.ts'
import type { StagedWorld } from '../support/staged-world.ts'
import { annotation, at, endless, EXPIRES_AT, of, ran, token, vaunt } from '../support/token-runs.ts'

describe('exchanging', () => {
  test('for an organization: every effect, in order', async () => {
    const world = await ran()
    expect(world.effects).toEqual([
      ['setSecret', PAT],
      ['createClient'],
      ['createReader', PAT, 'https://api.github.com'],
      ['openEarly', 'https://api.vaunt.dev'],
      ['get', 'https://api.github.com/user'],
      ['get', 'https://api.github.com/users/Acme-Labs'],
      ['get', 'https://api.github.com/user/memberships/orgs/Acme-Labs'],
      ['info', 'Verified as Mona (ID 1001).'],
      ['info', 'Requesting a Vaunt token for organization Acme-Labs (ID 2001), as an owner of it.'],
      ['get', 'https://api.vaunt.dev/v1/github/entities/Acme-Labs/token'],
      ['setSecret', token],
      ['close'],
      ['setOutput', 'token', token],
      ['setOutput', 'expires-at', EXPIRES_AT],
      ['setOutput', 'entity', 'Acme-Labs'],
      ['setOutput', 'entity-type', 'organization'],
      ['setOutput', 'attested-by', 'Mona'],
      ['info', `The Vaunt token is valid until ${EXPIRES_AT}.`]
    ])
  })

  test('for a user, with a token that names no end', async () => {
    const stages = { ...SELF, vaunt: { body: { data: { token: endless } } } }
    const world = await ran({ inputs: { entity: 'MONA' }, stages })
    expect(world.outputs).toEqual({ token: endless, entity: 'Mona', 'entity-type': 'user', 'attested-by': 'Mona' })
    expect(of(world, 'info').flat()).toEqual([
      ...['info', 'Verified as Mona (ID 1001).'],
      ...['info', 'Requesting a Vaunt token for user Mona (ID 1001).'],
      ...['info', 'The Vaunt token has no expiration time.']
    ])
    // As GitHub spells it, not as the user did.
    at(world, 'get', 'https://api.vaunt.dev/v1/github/entities/Mona/token')
  })

  test('with inputs of every kind', async () => {
    const world = await ran({
      inputs: {
        pat: `  ${PAT}\n`,
        entity: 'acme-labs',
        'export-env': 'VAUNT_TOKEN',
        'vaunt-api-url': 'https://vaunt.example/v/',
        'github-api-url': 'https://ghes.example/api/v3/'
      }
    })
    expect(world.effects[0]).toEqual(['setSecret', PAT])
    at(world, 'createReader', PAT, 'https://ghes.example/api/v3')
    at(world, 'openEarly', 'https://vaunt.example/v')
    at(world, 'get', 'https://vaunt.example/v/v1/github/entities/Acme-Labs/token')
    expect(at(world, 'exportVariable', 'VAUNT_TOKEN', token)).toBeGreaterThan(at(world, 'setSecret', token))
    // The environment last: what fails before must not leave the token there.
    expect(at(world, 'setOutput', 'attested-by')).toBeLessThan(at(world, 'exportVariable'))
  })

  test('with the PAT and the defaults from the environment', async () => {
    const environment = {
      VAUNT_PAT: PAT,
      GITHUB_REPOSITORY_OWNER: 'Acme-Labs',
      GITHUB_API_URL: 'https://api.github.com'
    }
    const world = await ran({ inputs: { pat: '' }, environment })
    expect(world.outputs).toMatchObject({ token, entity: 'Acme-Labs' })
  })

  test('the client is made with the environment, the clock and what redacts every secret', async () => {
    const world = await ran({ environment: { https_proxy: 'http://u:LOUDFAKEpassword@proxy.example' } })
    const { environment, nodeVersion, now, quote, limits, random } = world.clientOptions()
    expect(environment).toBe(world.environment)
    expect([nodeVersion, now(), limits, random]).toEqual(['24.19.0', NOW, undefined, undefined])
    expect(quote(`${PAT} LOUDFAKEpassword ${token} x`).toString()).toBe('*** *** *** x')
  })

  test('each retry is one line in the log', async () => {
    const world = createWorld({
      stages: {
        vaunt: () => {
          const { onRetry, quote } = world.clientOptions()
          onRetry({ service: 'Vaunt', path: quote('/x::y'), reason: 'status 503', nextAttempt: 2, waitMs: 1_249 })
          return Promise.resolve(vaunt)
        }
      }
    })
    await runToken(world)
    expect(world.printed()[2]).toBe('Vaunt (/x: :y): status 503. Retrying in 1.2 s (attempt 2).')
    expect(world.outputs).toMatchObject({ token })
  })

  test('the connections are closed before the outputs are written, and after a failure', async () => {
    const world = await ran()
    expect(at(world, 'close')).toBeLessThan(at(world, 'setOutput'))
    const failed = await ran({ stages: { user: { status: 401 } } })
    expect(at(failed, 'close')).toBeLessThan(at(failed, 'setFailed'))
    const unread = await ran({
      world: {
        createReader() {
          throw new Error('x')
        }
      }
    })
    expect(at(unread, 'close')).toBeLessThan(at(unread, 'setFailed'))
  })
})

describe('a failure', () => {
  test('of the inputs: all of them told, nothing sent', async () => {
    const world = await ran({ inputs: { pat: '', entity: '?', 'export-env': 'PATH', 'vaunt-api-url': 'http://x' } })
    const text = annotation(world)
    expect(world.outputs['error-code']).toBe('pat-missing')
    expect(text).toMatch(/^4 inputs are invalid\. Nothing was sent\. \(1\) 'pat': /)
    for (const code of ['pat-missing', 'entity-invalid', 'export-env-invalid', 'url-invalid']) {
      expect(text).toContain(`[${code}]`)
    }
    expect(of(world, 'createClient', 'createReader', 'get', 'openEarly', 'open')).toEqual([])
  })

  test('of the attestation: Vaunt is asked nothing', async () => {
    const failing: Record<string, Staged> = {
      user: { status: 401, body: { message: 'Bad credentials' } },
      entity: { status: 404, body: { message: 'Not Found' } },
      membership: { status: 404, body: { message: 'Not Found' } }
    }
    for (const [read, answer] of Object.entries(failing)) {
      const world = await ran({ stages: { [read]: answer } })
      expect(of(world, 'get').filter(([, url]) => !url?.startsWith('https://api.github.com/'))).toEqual([])
      expect(of(world, 'info')).toEqual([])
      annotation(world)
    }
  })

  test('of the exchange', async () => {
    const world = await ran({ stages: { vaunt: { status: 401, body: '' } } })
    expect(annotation(world)).toMatch(/^GitHub verified your access to Acme-Labs, but Vaunt refused/)
    expect(world.outputs['error-code']).toBe('vaunt-refused')
  })

  test.each([
    ["by Vaunt's clock, though the runner's says otherwise", 'Mon, 23 Nov 2026 18:01:00 GMT', NOW, 'token-expired'],
    ["not by Vaunt's clock, though the runner's says otherwise", 'Mon, 23 Nov 2026 18:00:59 GMT', NOW + 1e9, undefined],
    ["by the runner's, when Vaunt's is unknown", undefined, Date.parse(EXPIRES_AT) + 60_000, 'token-expired'],
    ["not by the runner's, when Vaunt's is unknown", undefined, Date.parse(EXPIRES_AT) + 59_999, undefined]
  ])('of a token that has expired: %s', async (_, date, now, code) => {
    const headers = date === undefined ? {} : { date }
    const world = await ran({ now, stages: { vaunt: { ...vaunt, headers } } })
    expect(world.outputs['error-code']).toBe(code)
    if (code === undefined) expect(world.outputs.token).toBe(token)
    else expect(annotation(world)).toContain(`expired at ${EXPIRES_AT}`)
  })

  test.each([
    [
      'a pull request of a fork',
      'pull_request',
      'mona',
      'mona/anvil',
      /^This run comes from a pull request from a fork/
    ],
    ['Dependabot', 'pull_request', 'dependabot[bot]', 'Acme-Labs/anvil', /^This run was started by Dependabot/],
    ['neither', 'pull_request', 'mona', 'Acme-Labs/anvil', /^No GitHub personal access token/]
  ])('of a PAT that is missing leads with the reason: %s', async (_, name, actor, head, told) => {
    const event = {
      pull_request: { base: { repo: { full_name: 'Acme-Labs/anvil' } }, head: { repo: { full_name: head } } }
    }
    const readFile = jest.fn(() => JSON.stringify(event))
    const environment = { GITHUB_EVENT_NAME: name, GITHUB_ACTOR: actor, GITHUB_EVENT_PATH: '/runner/event.json' }
    const world = await ran({ inputs: { pat: '' }, environment, world: { readFile } })
    expect(annotation(world)).toMatch(told)
    expect(readFile.mock.calls).toEqual([['/runner/event.json']])
  })

  test('of a PAT that is missing does not need the event file', async () => {
    const readFile = jest.fn((path: string): string => {
      throw new Error(`no file ${path}`)
    })
    const environment = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: undefined }
    const world = await ran({ inputs: { pat: '' }, environment, world: { readFile } })
    expect(annotation(world)).toMatch(/^No GitHub personal access token/)
    expect(readFile.mock.calls).toEqual([['']])
  })

  test.each([
    ['GITHUB_OUTPUT', {}],
    ['GITHUB_OUTPUT', { 'export-env': 'VAUNT_TOKEN' }],
    ['GITHUB_ENV', { 'export-env': 'VAUNT_TOKEN' }]
  ])('of a runner that gives no %s: the toolkit would print the token', async (name, inputs) => {
    for (const value of [undefined, '']) {
      const world = await ran({ inputs, environment: { [name]: value } })
      expect(of(world, 'createClient', 'get', 'info', 'exportVariable')).toEqual([])
      expect(world.outputs['error-code']).toBe('runner-files-unusable')
      expect(annotation(world)).toContain(`The runner didn't set the environment variable ${name}`)
      expect(annotation(world)).not.toContain('bug')
    }
  })

  test('GITHUB_ENV is not missed when nothing is exported', async () => {
    const world = await ran({ environment: { GITHUB_ENV: undefined } })
    expect(world.outputs).toMatchObject({ token })
  })
})

describe('the end of the PAT', () => {
  const DAY = 86_400_000

  function ending(inMs: number): Promise<StagedWorld> {
    const header = new Date(NOW + inMs).toISOString().replace('T', ' ').replace('.000Z', ' UTC')
    const headers = { 'github-authentication-token-expiration': header }
    return ran({ stages: { user: { ...ADMIN.user, headers } } })
  }

  test.each([
    [7 * DAY, 'in 7 days'],
    [7 * DAY - 1_000, 'in 6 days'],
    [2 * DAY, 'in 2 days'],
    [2 * DAY - 1_000, 'in 1 day'],
    [DAY, 'in 1 day'],
    [DAY - 1_000, 'within a day'],
    [0, 'within a day'],
    [-3 * DAY, 'within a day']
  ])('%i ms ahead is warned of: %s', async (inMs, told) => {
    const world = await ending(inMs)
    const iso = new Date(NOW + inMs).toISOString()
    expect(world.outputs['pat-expires-at']).toBe(iso)
    expect(of(world, 'warning')).toEqual([
      [
        'warning',
        `The PAT itself expires at ${iso} (${told}). Regenerate it at https://github.com/settings/personal-access-tokens and update the secret with the new value before runs start to fail.`
      ]
    ])
    expect(world.effects.at(-1)?.[0]).toBe('warning')
  })

  test.each([7 * DAY + 1_000, 8 * DAY, 365 * DAY])('%i ms ahead is output, but not warned of', async inMs => {
    const world = await ending(inMs)
    expect(world.outputs['pat-expires-at']).toBe(new Date(NOW + inMs).toISOString())
    expect(of(world, 'warning')).toEqual([])
  })

  test('is neither output nor warned of when GitHub names none', async () => {
    const world = await ran()
    expect(world.outputs).not.toHaveProperty('pat-expires-at')
    expect(of(world, 'warning')).toEqual([])
  })
})

describe('whatever comes from outside', () => {
  const PASSWORD = 'LOUDFAKEproxypassword'
  /** Text that a hostile or merely chatty server may send: commands, and the secrets it was sent, in many spellings. */
  const echo = fc.oneof(
    hostileText,
    fc
      .array(
        fc.oneof(
          fc.constantFrom(PAT, PASSWORD, SEAL_KEY),
          fc.constantFrom(PAT, PASSWORD, SEAL_KEY).map(encodeURIComponent),
          fc.constantFrom(PAT, PASSWORD, SEAL_KEY).map(each => Buffer.from(`x:${each}`).toString('base64')),
          hostileText
        ),
        { maxLength: 4 }
      )
      .map(parts => parts.join(''))
  )
  const login = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('Mona', 'Acme-Labs') }, fc.constant(PAT), echo)
  const account = fc.record({
    login,
    id: fc.constantFrom(1001, 2001),
    type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('User', 'Organization') }, echo)
  })
  const refusal: fc.Arbitrary<Staged> = fc.record({
    status: fc.constantFrom(301, 400, 401, 403, 404, 422),
    body: fc.oneof(fc.record({ message: echo }), fc.record({ error: fc.record({ message: echo }) }), echo),
    headers: fc.dictionary(
      fc.constantFrom(
        'location',
        'x-github-request-id',
        'x-github-sso',
        'x-oauth-scopes',
        'github-authentication-token-expiration'
      ),
      echo
    )
  })
  const seldom = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: other })
  const stages = fc.record<Record<'user' | 'entity' | 'membership' | 'vaunt', Staged>>({
    user: seldom<Staged>(
      fc.oneof(
        fc.constant(ADMIN.user),
        account.map(body => ({ body }))
      ),
      refusal
    ),
    entity: seldom<Staged>(
      fc.oneof(
        fc.constantFrom(ADMIN.entity, SELF.entity),
        account.map(body => ({ body }))
      ),
      refusal
    ),
    membership: seldom(
      fc.constant<Staged>(ADMIN.membership),
      fc.oneof(
        refusal,
        echo.map(role => ({ body: { ...ADMIN.membership.body, role } }))
      )
    ),
    vaunt: seldom<Staged>(
      fc.oneof(
        fc.constant<Staged>({ body: 'TOKEN' }),
        echo.map(each => ({ body: { data: { token: each } } }))
      ),
      refusal
    )
  })
  const inputs = fc.record({
    entity: seldom(fc.constant('Acme-Labs'), echo),
    'export-env': seldom(fc.constantFrom('', 'VAUNT_TOKEN'), echo),
    'seal-key': seldom(fc.constantFrom('', SEAL_KEY), echo),
    'vaunt-api-url': seldom(fc.constant(''), echo),
    'github-api-url': seldom(fc.constant(''), echo)
  })

  test('the log is harmless lines without secrets, and there is a token or one annotation', async () => {
    const codes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(stages, inputs, async (staged, given) => {
        const { vaunt: exchanged } = staged
        const world = createWorld({
          inputs: given,
          environment: { HTTPS_PROXY: `http://user:${PASSWORD}@proxy.example` },
          stages: { ...staged, vaunt: exchanged.body === 'TOKEN' ? vaunt : exchanged }
        })
        await runToken(world)
        const lines = world.printed()
        for (const line of lines) {
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|::|##\[/u)
          for (const secret of [PAT, token, PASSWORD, ...(given['seal-key'] === SEAL_KEY ? [SEAL_KEY] : [])]) {
            expect(line).not.toContain(secret)
            expect(line).not.toContain(encodeURIComponent(secret))
            expect(line).not.toContain(Buffer.from(`x:${secret}`).toString('base64').slice(4, -4))
          }
        }
        expect(world.effects[0]).toEqual(['setSecret', PAT])
        for (const [, masked] of of(world, 'setSecret')) {
          expect([PAT, token, PASSWORD, given['seal-key'].trim()]).toContain(masked)
        }
        codes.add(world.outputs['error-code'] ?? 'none')
        if (world.outputs['error-code'] !== undefined) annotation(world)
        else expect(world.outputs.token).toBe(token)
      }),
      { numRuns: 1_000 }
    )
    // It went far enough, and it never was our own bug.
    expect(codes).toContain('none')
    expect(codes.size).toBeGreaterThan(12)
    expect(codes).not.toContain('internal')
  })

  test('an entity that is spelled like the PAT is attested, but not printed', async () => {
    const pat = 'ghp_LOUDFAKEshort'
    const odd = { body: publicUserBody({ ...MONA, login: pat }) }
    const inputs = { pat, entity: pat }
    const world = await ran({ inputs, stages: { user: odd, entity: odd } })
    expect(world.printed().slice(0, 2)).toEqual([
      'Verified as *** (ID 1001).',
      'Requesting a Vaunt token for user *** (ID 1001).'
    ])
    const refused = await ran({ inputs, stages: { user: odd, entity: odd, vaunt: { status: 418 } } })
    expect(annotation(refused)).toContain('when the action requested the token of ***.')
  })
})

const membershipOfElse = {
  body: membershipBody({ ...ACME, login: 'else' }, MONA, { state: 'active', role: 'admin' })
}

test('the world of these tests is as strict as the real one', async () => {
  // A read of another path, or an exchange that nobody staged, would otherwise go unnoticed.
  const world: World = createWorld({
    inputs: { entity: 'else' },
    stages: { entity: { body: publicUserBody({ ...ACME, login: 'else' }) }, membership: membershipOfElse }
  })
  await runToken(world)
  expect((world as StagedWorld).outputs['error-code']).toBe('vaunt-unexpected')
})

describe('a token that is too long for an environment variable', () => {
  /** A token with which `VAUNT_TOKEN=…` and the byte for its end take this many bytes. */
  function tokenOf(bytes: number): string {
    const short = forgeToken({ alg: 'ES256' }, { sub: 'Acme-Labs' }, '')
    return short + 'A'.repeat(bytes - 1 - 'VAUNT_TOKEN='.length - short.length)
  }

  const giving = (given: string): Stage => ({ body: { data: { token: given } } })
  const inputs = { 'export-env': 'VAUNT_TOKEN' }

  test('is refused by export-env before anything is written', async () => {
    for (const bytes of [131_073, 200_000]) {
      const world = await ran({ inputs, stages: { vaunt: giving(tokenOf(bytes)) } })
      expect(annotation(world)).toContain(`the variable would have ${bytes} bytes, and Linux allows at most 131072.`)
      expect(world.outputs).toEqual({ 'error-code': 'export-env-invalid' })
      expect(of(world, 'setOutput', 'exportVariable')).toEqual([['setOutput', 'error-code', 'export-env-invalid']])
    }
  })

  test('begins one byte beyond what Linux takes', async () => {
    const fitting = tokenOf(131_072)
    const world = await ran({ inputs, stages: { vaunt: giving(fitting) } })
    expect(of(world, 'exportVariable')).toEqual([['exportVariable', 'VAUNT_TOKEN', fitting]])
  })

  test('is an output like any other without export-env', async () => {
    const long = tokenOf(200_000)
    expect((await ran({ stages: { vaunt: giving(long) } })).outputs.token).toBe(long)
  })
})
