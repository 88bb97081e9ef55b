// Owns the proof of the story: what is done, in which order, and that whatever goes wrong ends in one annotation that gives nothing away.

import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { ActionError } from '../src/errors.ts'
import { run } from '../src/main.ts'
import { crash } from '../src/session.ts'
import type { World } from '../src/session.ts'
import { open, seal } from '../src/seal.ts'
import { membershipBody, publicUserBody } from '../sandbox/github.ts'
import { ACME, ADMIN, MONA, SELF } from './support/github.ts'
import type { Staged } from './support/github.ts'
import { fc, hostileText } from './support/properties.ts'
import { forgeToken, PAT, SEAL_KEY, SEAL_KEY_BYTES, signToken } from './support/secrets.ts'
import { createWorld, NOW } from './support/staged-world.ts'
import type { Effect, StagedWorld, WorldOptions } from './support/staged-world.ts'

const EXPIRES_AT = '2026-11-23T18:00:00.000Z'
const RUN = 'Acme-Labs/anvil/4711'

let token: string
let endless: string
let vaunt: Staged

beforeAll(async () => {
  token = await signToken({ sub: 'Acme-Labs', exp: Date.parse(EXPIRES_AT) / 1000 })
  endless = await signToken({ sub: 'Acme-Labs' })
  vaunt = { body: { meta_data: { count: 1, data_type: 4 }, data: { token } } }
})

/** Runs in a world where Vaunt gives the token, unless it is staged otherwise. */
async function ran(options: WorldOptions = {}): Promise<StagedWorld> {
  const world = createWorld({ ...options, stages: { vaunt, ...options.stages } })
  await run(world)
  return world
}

/** What the one annotation says; fails unless the run failed as the contract demands. */
function annotation(world: StagedWorld): string {
  const failures = world.effects.filter(([name]) => name === 'setFailed')
  expect(failures).toHaveLength(1)
  expect(Object.keys(world.outputs)).toEqual(['error-code'])
  expect(failures[0]?.[1]).toContain(`[${world.outputs['error-code'] ?? ''}]`)
  return failures[0]?.[1] ?? ''
}

function of(world: StagedWorld, ...names: string[]): Effect[] {
  return world.effects.filter(([name]) => names.includes(name))
}

function at(world: StagedWorld, ...effect: string[]): number {
  const index = world.effects.findIndex(each => effect.every((value, position) => each[position] === value))
  expect([effect, index]).not.toEqual([effect, -1])
  return index
}

describe('minting', () => {
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
      ['info', 'Attested as Mona (id 1001).'],
      ['info', 'Asking Vaunt for a token for organization Acme-Labs (id 2001), as an admin of it.'],
      ['get', 'https://api.vaunt.dev/v1/github/entities/Acme-Labs/token'],
      ['setSecret', token],
      ['close'],
      ['setOutput', 'token', token],
      ['setOutput', 'expires-at', EXPIRES_AT],
      ['setOutput', 'entity', 'Acme-Labs'],
      ['setOutput', 'entity-type', 'organization'],
      ['setOutput', 'attested-by', 'Mona'],
      ['info', `The Vaunt token is good until ${EXPIRES_AT}.`]
    ])
  })

  test('for a user, with a token that names no end', async () => {
    const stages = { ...SELF, vaunt: { body: { data: { token: endless } } } }
    const world = await ran({ inputs: { entity: 'MONA' }, stages })
    expect(world.outputs).toEqual({ token: endless, entity: 'Mona', 'entity-type': 'user', 'attested-by': 'Mona' })
    expect(of(world, 'info').flat()).toEqual([
      ...['info', 'Attested as Mona (id 1001).'],
      ...['info', 'Asking Vaunt for a token for user Mona (id 1001).'],
      ...['info', 'The Vaunt token does not say when it expires.']
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
    await run(world)
    expect(world.printed()[2]).toBe('Vaunt (/x: :y): status 503; attempt 2 in 1.2 s.')
    expect(world.outputs).toMatchObject({ token })
  })

  test('the connections are closed before the outputs are written, and after a failure', async () => {
    const world = await ran()
    expect(at(world, 'close')).toBeLessThan(at(world, 'setOutput'))
    const failed = await ran({ stages: { user: { status: 401 } } })
    expect(at(failed, 'close')).toBeLessThan(at(failed, 'setFailed'))
    const unread = await ran({ world: { createReader: () => Promise.reject(new Error('x')) } })
    expect(at(unread, 'close')).toBeLessThan(at(unread, 'setFailed'))
  })
})

describe('masking', () => {
  test('comes before anything is printed, for every secret of the inputs', async () => {
    const environment = {
      HTTPS_PROXY: 'http://user:LOUD%46AKEone@proxy.example',
      http_proxy: 'user:LOUDFAKEtwo@proxy.example'
    }
    const world = await ran({ inputs: { 'seal-key': SEAL_KEY }, environment })
    expect(world.effects.slice(0, 6)).toEqual([
      ['setSecret', PAT],
      ['setSecret', SEAL_KEY],
      ['setSecret', 'LOUD%46AKEone'],
      ['setSecret', 'LOUDFAKEone'],
      ['setSecret', 'LOUDFAKEtwo'],
      ['createClient']
    ])
  })

  test.each([
    ['malformed', 'ghp_LOUD FAKE'],
    ['of several lines', 'ghp_LOUD\nFAKE'],
    ['unsupported', 'ghs_LOUDFAKE']
  ])('also of a PAT that is %s, and beside other wrong inputs', async (_, pat) => {
    const world = await ran({ inputs: { pat, entity: '?', 'seal-key': 'LOUDFAKEkey' } })
    expect(world.effects.slice(0, 2)).toEqual([
      ['setSecret', pat],
      ['setSecret', 'LOUDFAKEkey']
    ])
    expect(annotation(world)).not.toMatch(/LOUD|FAKE/)
  })

  test('never masks nothing, which the runner would warn of', async () => {
    const world = await ran({ inputs: { pat: '', 'seal-key': '' } })
    expect(of(world, 'setSecret')).toEqual([])
  })

  test('of the token comes before it is looked into', async () => {
    for (const bad of [forgeToken({ alg: 'none' }, {}), 'a.b.c', await signToken({ exp: 1 })]) {
      const world = await ran({ stages: { vaunt: { body: { data: { token: bad } } } } })
      expect(at(world, 'setSecret', bad)).toBeLessThan(at(world, 'setFailed'))
      expect(annotation(world)).not.toContain(bad)
    }
  })

  test('of the token comes too late for what Vaunt says beside it, so that is not told', async () => {
    for (const header of ['{"alg":"ES256"}', '{ "alg": "ES256" }']) {
      const expired = forgeToken(header, { exp: 1 })
      const body = { data: { token: expired }, message: `here is ${expired}` }
      const world = await ran({ stages: { vaunt: { body } } })
      expect(annotation(world)).toContain('Vaunt gave a token that expired')
      expect(annotation(world)).not.toContain(expired)
    }
  })

  test('spares a word that is no token, for the runner would blot it out everywhere', async () => {
    for (const bad of ['null', 'token', 'e', '']) {
      const world = await ran({ stages: { vaunt: { body: { data: { token: bad } } } } })
      expect(of(world, 'setSecret')).toEqual([['setSecret', PAT]])
      annotation(world)
    }
  })
})

describe('a failure', () => {
  test('of the inputs: all of them told, nothing sent', async () => {
    const world = await ran({ inputs: { pat: '', entity: '?', 'export-env': 'PATH', 'vaunt-api-url': 'http://x' } })
    const text = annotation(world)
    expect(world.outputs['error-code']).toBe('pat-missing')
    expect(text).toMatch(/^4 inputs are wrong, and nothing was sent\. \(1\) pat: /)
    for (const code of ['pat-missing', 'entity-invalid', 'export-env-invalid', 'url-invalid']) {
      expect(text).toContain(`[${code}]`)
    }
    expect(of(world, 'createClient', 'createReader', 'get', 'openEarly', 'loadSeal')).toEqual([])
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
    expect(annotation(world)).toMatch(/^GitHub confirmed the right to Acme-Labs, but Vaunt refused/)
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
    ['a pull request of a fork', 'pull_request', 'mona', 'mona/anvil', /^This run comes from a pull request of a fork/],
    ['Dependabot', 'pull_request', 'dependabot[bot]', 'Acme-Labs/anvil', /^This run was started by Dependabot/],
    ['neither', 'pull_request', 'mona', 'Acme-Labs/anvil', /^There is no GitHub personal access token/]
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
    expect(annotation(world)).toMatch(/^There is no GitHub personal access token/)
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
      expect(annotation(world)).toContain(`The runner did not set the variable ${name}`)
      expect(annotation(world)).not.toContain('bug')
    }
  })

  test('GITHUB_ENV is not missed when nothing is exported', async () => {
    const world = await ran({ environment: { GITHUB_ENV: undefined } })
    expect(world.outputs).toMatchObject({ token })
  })
})

describe('sealing', () => {
  test('adds one output, for this run, and changes nothing else', async () => {
    const headers = { 'github-authentication-token-expiration': '2099-12-30 10:15:26 UTC' }
    const stages = { user: { ...ADMIN.user, headers } }
    const plain = await ran({ stages })
    const world = await ran({ stages, inputs: { 'seal-key': SEAL_KEY } })
    const { 'sealed-token': sealed = '', ...others } = world.outputs
    expect(others).toEqual(plain.outputs)
    expect(await open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual({
      token,
      entity: 'Acme-Labs',
      entityType: 'organization',
      attestedBy: 'Mona',
      patExpiresAt: new Date('2099-12-30T10:15:26Z')
    })
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: Date.parse(EXPIRES_AT) + 60_000 })
    ).rejects.toHaveProperty('code', 'sealed-token-expired')
    expect(world.effects.at(-2)).toEqual(['setOutput', 'sealed-token', sealed])
    expect(of(plain, 'loadSeal')).toEqual([])
  })

  test('holds for six hours when the token names no end', async () => {
    const world = await ran({
      inputs: { 'seal-key': SEAL_KEY },
      stages: { vaunt: { body: { data: { token: endless } } } }
    })
    const sealed = world.outputs['sealed-token'] ?? ''
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * 3_600_000 + 59_000 })
    ).resolves.toMatchObject({
      token: endless
    })
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * 3_600_000 + 60_000 })
    ).rejects.toHaveProperty('code', 'sealed-token-expired')
  })

  test.each(['GITHUB_REPOSITORY', 'GITHUB_RUN_ID'])(
    'is refused without %s, for it would bind to nothing',
    async name => {
      for (const value of [undefined, '']) {
        const world = await ran({ inputs: { 'seal-key': SEAL_KEY }, environment: { [name]: value } })
        expect(world.outputs['error-code']).toBe('runner-files-unusable')
        expect(annotation(world)).toContain(`The runner did not set the variable ${name}`)
        expect(of(world, 'createClient')).toEqual([])
      }
    }
  )
})

describe('opening', () => {
  const patExpiresAt = new Date('2099-12-30T10:15:26Z')

  function sealed(changes: Record<string, unknown> = {}): Promise<string> {
    const contents = {
      token,
      entity: 'Acme-Labs',
      entityType: 'organization',
      attestedBy: 'Mona',
      patExpiresAt
    } as const
    return seal(
      { ...contents, ...changes },
      { key: SEAL_KEY_BYTES, run: RUN, expiresAt: new Date(EXPIRES_AT), now: NOW }
    )
  }

  function opening(text: string, options: WorldOptions = {}): Promise<StagedWorld> {
    const inputs = { pat: '', 'seal-key': SEAL_KEY, 'sealed-token': text, ...options.inputs }
    return ran({ ...options, inputs })
  }

  test('needs neither PAT nor network: every effect, in order', async () => {
    const text = await sealed()
    const world = await opening(text, { inputs: { 'export-env': 'VAUNT_TOKEN' } })
    expect(world.effects).toEqual([
      ['setSecret', SEAL_KEY],
      ['loadSeal'],
      ['setSecret', token],
      ['info', 'Opened a sealed token for organization Acme-Labs, attested by Mona.'],
      ['setOutput', 'token', token],
      ['setOutput', 'expires-at', EXPIRES_AT],
      ['setOutput', 'entity', 'Acme-Labs'],
      ['setOutput', 'entity-type', 'organization'],
      ['setOutput', 'attested-by', 'Mona'],
      ['setOutput', 'pat-expires-at', '2099-12-30T10:15:26.000Z'],
      ['setOutput', 'sealed-token', text],
      ['exportVariable', 'VAUNT_TOKEN', token],
      ['info', `The Vaunt token is good until ${EXPIRES_AT}.`]
    ])
  })

  test('reads no PAT, even if there is one', async () => {
    const world = await opening(await sealed(), { inputs: { pat: PAT }, environment: { VAUNT_PAT: PAT } })
    expect(world.outputs).toMatchObject({ token })
    expect(world.effects.flat()).not.toContain(PAT)
  })

  test('another run, another key, a later time', async () => {
    const text = await sealed()
    const other = Buffer.alloc(32, 7).toString('base64')
    const codes = await Promise.all([
      opening(text, { environment: { GITHUB_RUN_ID: '4712' } }),
      opening(text, { inputs: { 'seal-key': other } }),
      opening(text, { now: Date.parse(EXPIRES_AT) + 60_000 }),
      opening('nonsense'),
      opening(text, { inputs: { 'seal-key': '' } })
    ])
    expect(codes.map(world => world.outputs['error-code'])).toEqual([
      'sealed-token-invalid',
      'sealed-token-invalid',
      'sealed-token-expired',
      'sealed-token-invalid',
      'seal-key-invalid'
    ])
    for (const world of codes) annotation(world)
  })

  test('in no run at all is a mistake', async () => {
    const world = await opening(await sealed(), { environment: { GITHUB_REPOSITORY: '' } })
    expect(annotation(world)).toContain('The runner did not set the variable GITHUB_REPOSITORY')
  })

  test('what was sealed by somebody else is printed as one harmless line', async () => {
    const odd = 'x\n::add-mask::y ##[error]z'
    const world = await opening(await sealed({ entity: odd, attestedBy: odd }))
    expect(of(world, 'info')[0]).toEqual([
      'info',
      'Opened a sealed token for organization x : :add-mask: :y # #[error]z, attested by x : :add-mask: :y # #[error]z.'
    ])
  })

  test('a sealed word that is no token is masked all the same, and refused', async () => {
    const world = await opening(await sealed({ token: 'word' }))
    expect(of(world, 'setSecret')).toEqual([
      ['setSecret', SEAL_KEY],
      ['setSecret', 'word']
    ])
    annotation(world)
    expect(world.outputs['error-code']).toBe('vaunt-unexpected')
  })

  test('warns of the end of the PAT as well', async () => {
    const world = await opening(await sealed({ patExpiresAt: new Date(NOW + 86_400_000) }))
    expect(of(world, 'warning')).toHaveLength(1)
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
        `The PAT itself expires at ${iso} (${told}). Regenerate it at https://github.com/settings/personal-access-tokens and save the new value as the secret, before runs start to fail.`
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

describe('whatever is thrown', () => {
  const secretError = new Error(`message with ${PAT}`)
  secretError.stack = `stack with ${PAT}`
  const throwing = {
    get(): never {
      throw new Error(PAT)
    }
  }
  const trap = (): never => {
    throw new Error(PAT)
  }
  const THROWN: readonly (readonly [string, unknown, string])[] = [
    ['a text', PAT, 'a thrown string'],
    ['nothing', undefined, 'a thrown undefined'],
    ['null', null, 'a thrown object'],
    ['a number', 7, 'a thrown number'],
    ['a symbol', Symbol(PAT), 'a thrown symbol'],
    ['a function', () => PAT, 'a thrown function'],
    ['an object', { message: PAT, toString: () => PAT }, 'a thrown object'],
    ['an error', secretError, 'Error'],
    ['an error with a cause', new Error('x', { cause: PAT }), 'Error'],
    ['a named error', Object.assign(new Error(PAT), { name: PAT }), 'Error'],
    ['an error of a class of its own', new (class extends Error {})(PAT), 'Error'],
    ['a TypeError', new TypeError(PAT), 'TypeError'],
    ['a RangeError', new RangeError(PAT), 'RangeError'],
    ['a SyntaxError', new SyntaxError(PAT), 'SyntaxError'],
    ['a ReferenceError', new ReferenceError(PAT), 'ReferenceError'],
    ['a URIError', new URIError(PAT), 'URIError'],
    ['an EvalError', new EvalError(PAT), 'EvalError'],
    ['an AggregateError', new AggregateError([PAT], PAT), 'AggregateError'],
    ['a system error', Object.assign(new Error(PAT), { code: 'ENOSPC' }), 'Error ENOSPC'],
    ['a TypeError with a code', Object.assign(new TypeError(PAT), { code: 'EINVAL' }), 'TypeError EINVAL'],
    ['an error with a code of another kind', Object.assign(new Error(PAT), { code: 'ERR_X' }), 'Error'],
    ['an error with a secret code', Object.assign(new Error(PAT), { code: PAT }), 'Error'],
    ['an error with a code behind words', Object.assign(new Error(PAT), { code: 'x ENOSPC' }), 'Error'],
    ['an error with a code and words', Object.assign(new Error(PAT), { code: 'ENOSPC x' }), 'Error'],
    ['an error with a list as code', Object.assign(new Error(PAT), { code: ['ENOSPC'] }), 'Error'],
    ['an error with a number as code', Object.assign(new Error(PAT), { code: 7 }), 'Error'],
    ['an error with a throwing code', Object.defineProperty(new Error('x'), 'code', throwing), 'something unreadable'],
    [
      'an object with throwing getters',
      Object.defineProperties({}, { message: throwing, code: throwing }),
      'a thrown object'
    ],
    [
      'a proxy that throws whatever is asked of it',
      new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
      'something unreadable'
    ],
    ['what looks like ours', { name: 'ActionError', code: 'pat-missing', message: PAT, remedy: PAT }, 'a thrown object']
  ]

  const PLACES: Readonly<Record<string, (thrown: unknown) => WorldOptions>> = {
    'reading the inputs': thrown => ({ core: { getInput: thrower(thrown) } }),
    'preparing the requests': thrown => ({ world: { createClient: thrower(thrown) } }),
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
    'exchanging the PAT at Vaunt': thrown => ({ stages: { vaunt: () => Promise.reject(thrown) } }),
    'sealing the token': thrown => ({
      inputs: { 'seal-key': SEAL_KEY },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
      world: { loadSeal: () => Promise.reject(thrown) }
    }),
    'writing the outputs': thrown => ({
      inputs: { 'export-env': 'VAUNT_TOKEN' },
      core: { exportVariable: thrower(thrown) }
    })
  }

  function thrower(thrown: unknown): () => never {
    return () => {
      throw thrown
    }
  }

  test.each(THROWN)('%s ends the step as a bug of ours, and none of its text is shown', async (_, thrown, kind) => {
    for (const [during, make] of Object.entries(PLACES)) {
      const world = await ran(make(thrown))
      if (during === 'writing the outputs' && / E[A-Z]+$/.test(kind)) {
        // That is the file's fault, not a bug.
        expect(world.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
        expect(world.printed().join()).not.toContain('LOUDFAKE')
        continue
      }
      expect(annotation(world)).toBe(
        `An error occurred that this action does not know, while ${during} (${kind}). This is a bug of the action, not of your workflow. ` +
          'Run the job again. If it happens again, report it with this message (never with a token). [internal] docs/troubleshooting.md#internal'
      )
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })

  test('at GitHub it goes through Octokit first', async () => {
    for (const [, thrown] of THROWN) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
      const world = await ran({ stages: { user: () => Promise.reject(thrown) } })
      expect(annotation(world)).toMatch(/while attesting at GitHub \((?:Error|a thrown object|something unreadable)\)/)
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })

  test('a failure of ours is told as it is, wherever it comes from', async () => {
    const failure = ActionError.of('github-rate-limited', { attempts: 1 })
    for (const [, make] of Object.entries(PLACES)) {
      const world = await ran(make(failure))
      expect(annotation(world)).toContain('GitHub is limiting the rate of requests.')
    }
  })

  test('an output that cannot be written fails the step; the code is lost with it', async () => {
    const setOutput = jest.fn((name: string) => {
      throw new Error(`Missing file for ${name} ${token}`)
    })
    const world = await ran({ core: { setOutput } })
    expect(setOutput.mock.calls.map(([name]) => name)).toEqual(['token', 'error-code'])
    expect(of(world, 'setFailed')).toHaveLength(1)
    expect(world.printed().join()).toContain('while writing the outputs (Error)')
    expect(world.printed().join()).not.toContain(token)
  })

  test('what is thrown where nobody waits ends the step in the same way', () => {
    for (const [, thrown, kind] of THROWN) {
      const world = createWorld()
      crash(world, thrown)
      expect(annotation(world)).toContain(`does not know, while waiting for something else (${kind}).`)
      expect(world.effects.map(([name]) => name)).toEqual(['setFailed', 'setOutput'])
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })
})

describe('the place in the guide', () => {
  async function linkIn(environment: Record<string, string>): Promise<string> {
    return (
      annotation(await ran({ inputs: { pat: '' }, environment }))
        .split(' ')
        .at(-1) ?? ''
    )
  }

  test.each([
    ['-OWNER-/vaunt-token-action', 'v1', '', 'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'],
    ['o.w-n_er/r.e-p_o', 'a/b-c_d.e', 'https://github.com', 'https://github.com/o.w-n_er/r.e-p_o/blob/a/b-c_d.e/'],
    [
      '-OWNER-/vaunt-token-action',
      '0123456789abcdef',
      'https://ghes.example',
      'https://ghes.example/-OWNER-/vaunt-token-action/blob/0123456789abcdef/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'http://ghes.example',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'https://ghes.example/x',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'x https://ghes.example',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    ['', '', '', ''],
    ['-OWNER-/vaunt-token-action', '', '', ''],
    ['', 'v1', '', ''],
    ['OWNER', 'v1', '', ''],
    ['OWNER/x/y', 'v1', '', ''],
    ['OWNER/x y', 'v1', '', ''],
    ['OWNER/x::y', 'v1', '', ''],
    ['x\nOWNER/x', 'v1', '', ''],
    ['OWNER/x\ny', 'v1', '', ''],
    ['OWNER/x', '/v1', '', ''],
    ['OWNER/x', 'v 1', '', ''],
    ['OWNER/x', 'v1::y', '', ''],
    ['OWNER/x', '\nv1', '', '']
  ])('%j at %j of %j', async (repository, ref, server, expected) => {
    const environment = {
      GITHUB_ACTION_REPOSITORY: repository,
      GITHUB_ACTION_REF: ref,
      ...(server === '' ? {} : { GITHUB_SERVER_URL: server })
    }
    expect(await linkIn(environment)).toBe(`${expected}docs/troubleshooting.md#pat-missing`)
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
        await run(world)
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
      'Attested as *** (id 1001).',
      'Asking Vaunt for a token for user *** (id 1001).'
    ])
    const refused = await ran({ inputs, stages: { user: odd, entity: odd, vaunt: { status: 418 } } })
    expect(annotation(refused)).toContain('when asked for the token of ***.')
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
  await run(world)
  expect((world as StagedWorld).outputs['error-code']).toBe('vaunt-unexpected')
})
