// Tests that no secret is printed: not the PAT, the Vaunt token, the seal key, or a proxy password, whatever servers send and whatever fails.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { answer, raw } from '../../sandbox/network/answers.ts'
import type { World } from '../../src/actions/run.ts'
import { fc } from '../support/properties.ts'
import { forgeToken } from '../support/secrets.ts'
import { asAdmin, expectFailure, message, withMain } from './action-step.ts'
import { runInProcess } from './in-process.ts'
import type { Answers, Scene, Served, Told } from './in-process.ts'
import { expectNoLeak, leakIn } from './leaks.ts'
import { sideBySide } from './side-by-side.ts'

const quick = sideBySide(3)

const NOW = Date.UTC(2026, 10, 23, 6)

// The secrets of one run, loud and random.

interface Secrets {
  readonly pat: string
  readonly token: string
  readonly sealKey: string
  readonly password: string
}

/** Visible ASCII. */
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)),
  minLength: 8,
  maxLength: 40
})

/** What a bearer token may have; without one of GitHub's prefixes, which alone would give it away. */
const bearer = fc.stringMatching(/^[A-Za-z0-9._~+/-]{8,40}={0,2}$/)

const secrets: fc.Arbitrary<Secrets> = fc.record({
  pat: bearer.map(text => `LOUDFAKE${text}`),
  token: visible.map(jti => forgeToken({ alg: 'ES256' }, { exp: NOW / 1000 + 3_600, jti })),
  sealKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('base64')),
  password: fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }).map(text => `LOUDFAKE${text}`)
})

/** Which of them the printed text shows, if any. */
function shownOf(told: Told, { pat, token, sealKey, password }: Secrets, ...others: string[]): string | undefined {
  return leakIn(printed(told), [pat, token, sealKey, password, ...others])
}

function printed({ stdout }: Told): string {
  const lines = stdout.split(/\r\n|\r|\n/)
  return lines.filter(line => !line.startsWith('::add-mask::')).join('\n')
}

// How a server may send one back.

const perByte = (secret: string, spell: (hex: string) => string): string =>
  [...Buffer.from(secret)].map(byte => `%${spell(byte.toString(16).padStart(2, '0'))}`).join('')

const everyFew = (text: string, count: number, separator: string): string =>
  text.match(new RegExp(`.{1,${count}}`, 'gs'))?.join(separator) ?? text

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const base64url = (text: string): string => Buffer.from(text).toString('base64url')

const ECHOES = {
  'in clear': secret => secret,
  'in clear, several times': secret => `${secret}${secret} ${secret}`,
  'in clear, at the end of what is shown': secret => `${'x'.repeat(185)}${secret}`,
  'percent-encoded': encodeURIComponent,
  'percent-encoded as in a form': secret => new URLSearchParams({ pat: secret }).toString(),
  'percent-encoded, every byte in upper case': secret => perByte(secret, hex => hex.toUpperCase()),
  'percent-encoded, every byte in lower case': secret => perByte(secret, hex => hex),
  'percent-encoded, some bytes': secret =>
    Array.from(secret, (char, index) => (index % 3 === 0 ? perByte(char, hex => hex) : char)).join(''),
  'in base64': base64,
  'in base64, after one byte': secret => base64(`:${secret}@x`),
  'in base64, after two bytes': secret => base64(`u:${secret}@`),
  'in base64, as credentials': secret => `Basic ${base64(`x-access-token:${secret}`)}`,
  'in base64url': base64url,
  'in base64url, after one byte': secret => base64url(`:${secret}@x`),
  'in base64url, after two bytes': secret => base64url(`u:${secret}@`),
  'as JSON': secret => JSON.stringify({ authorization: `Bearer ${secret}` }),
  'split over lines': secret => everyFew(secret, 6, '\n'),
  'split over lines of Windows': secret => everyFew(secret, 9, '\r\n'),
  'split by characters that do not show': secret => everyFew(secret, 5, '\u200b'),
  'in base64, split over lines': secret => everyFew(base64(secret), 16, '\r\n'),
  'percent-encoded and split over lines': secret =>
    everyFew(
      perByte(secret, hex => hex),
      12,
      '\n'
    )
} as const satisfies Record<string, (secret: string) => string>

const echo = fc.constantFrom(...Object.values(ECHOES))

/** Each place where a server's text is printed, or might be. */
const PLACES = {
  'GitHub says it': text => ({ user: refused(401, text) }),
  'GitHub says it of the entity': text => ({ entity: refused(500, text) }),
  'GitHub says it of the membership': text => ({ membership: refused(403, text) }),
  'GitHub redirects to it': text => ({ user: refused(302, '', { location: `https://x.example/${text}` }) }),
  'GitHub demands single sign-on there': text => ({
    user: refused(403, '', { 'x-github-sso': `required; url=https://github.com/orgs/${text}` })
  }),
  'it is the id of the request': text => ({ user: refused(404, 'Not Found', { 'x-github-request-id': text }) }),
  'it is a type': text => ({ entity: ok({ login: 'Acme-Labs', id: 2001, type: text }) }),
  'it is a role': text => ({
    membership: ok({ state: 'active', role: text, organization: { id: 2001 }, user: null })
  }),
  'it is the login of the user': text => ({ user: ok({ login: text, id: 1001, type: 'User' }) }),
  'it is the login of the entity': text => ({ entity: ok({ login: text, id: 2001, type: 'Organization' }) }),
  'Vaunt says it': text => ({ exchange: refused(403, text) }),
  'Vaunt redirects to it': text => ({ exchange: refused(307, '', { location: text }) }),
  'Vaunt gives it for a token': text => ({ exchange: ok({ data: { token: text }, message: text }) }),
  'Vaunt limits the rate, and says it': text => ({
    exchange: refused(429, text, { 'retry-after': '3600', 'x-request-id': text })
  })
} as const satisfies Record<string, (text: string) => Partial<Answers>>

const place = fc.constantFrom(...Object.values(PLACES))

function ok(body: unknown): Served {
  return { status: 200, reason: 'OK', headers: {}, body: JSON.stringify(body) }
}

function refused(status: number, text: string, headers: Served['headers'] = {}): Served {
  return { status, reason: text, headers, body: JSON.stringify({ message: text, error: { message: text } }) }
}

function good(token: string): Answers {
  return {
    user: ok({ login: 'Mona', id: 1001, type: 'User' }),
    entity: ok({ login: 'Acme-Labs', id: 2001, type: 'Organization' }),
    membership: ok({ state: 'active', role: 'admin', organization: { id: 2001 }, user: { id: 1001 } }),
    exchange: ok({ data: { token } })
  }
}

function scene({ pat, token, sealKey, password }: Secrets, more: Partial<Scene> = {}): Scene {
  return {
    answers: good(token),
    now: NOW,
    ...more,
    inputs: { pat, entity: 'acme-labs', 'seal-key': sealKey, 'export-env': 'VAUNT_TOKEN', ...more.inputs },
    environment: {
      HTTPS_PROXY: `http://runner:${encodeURIComponent(password)}@proxy.example:3128`,
      ...more.environment
    }
  }
}

/** What is known before anybody answers. */
const kind = fc.constantFrom('pat', 'sealKey', 'password') satisfies fc.Arbitrary<keyof Secrets>

describe('in this process', () => {
  test('a success prints none, and masks each before it can be printed', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async all => {
        const told = await runInProcess(scene(all))
        expect(told.failed).toBe(false)
        expect(shownOf(told, all)).toBeUndefined()
        const { calls } = told
        expect(calls.slice(0, 2)).toEqual([`add-mask ${all.pat}`, `add-mask ${all.sealKey}`])
        expect(calls).toContain(`add-mask ${all.password}`)
        // The token is masked before it is handed to anybody.
        const handedOver = calls.findIndex(call => call.includes(all.token) && !call.startsWith('add-mask '))
        expect(calls.indexOf(`add-mask ${all.token}`)).toBeGreaterThan(0)
        expect(calls.indexOf(`add-mask ${all.token}`)).toBeLessThan(handedOver)
      }),
      { numRuns: 100 }
    )
  })

  test('servers that send one back', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, kind, echo, place, async (all, which, spell, put) => {
        const told = await runInProcess(scene(all, { answers: { ...good(all.token), ...put(spell(all[which])) } }))
        expect(shownOf(told, all)).toBeUndefined()
      }),
      { numRuns: 1_000 }
    )
  }, 60_000)

  test('Vaunt, which says the token itself while it gives one that is of no use', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, echo, fc.boolean(), async (all, spell, isExpired) => {
        const claims = { exp: NOW / 1000 + (isExpired ? -3_600 : 3_600), jti: all.token.slice(-20) }
        const token = forgeToken({ alg: isExpired ? 'ES256' : 'none' }, claims)
        const body = { data: { token }, message: spell(token) }
        const exchange = { ...ok(body), headers: { 'x-request-id': spell(token) } }
        const told = await runInProcess(scene(all, { answers: { ...good(token), exchange } }))
        expect(told.failed).toBe(true)
        expect(shownOf(told, { ...all, token })).toBeUndefined()
      }),
      { numRuns: 200 }
    )
  }, 60_000)

  test('servers that say tokens which this run does not know', async () => {
    const strange = fc.oneof(
      visible.map(text => forgeToken({ alg: 'ES256' }, { sub: text }, base64url(text))),
      fc
        .tuple(fc.constantFrom('ghp_', 'gho_', 'ghs_', 'github_pat_'), fc.stringMatching(/^[A-Za-z0-9]{30}$/))
        .map(([prefix, rest]) => `${prefix}LOUDFAKE${rest}`)
    )
    await fc.assert(
      fc.asyncProperty(secrets, strange, place, async (all, token, put) => {
        const told = await runInProcess(scene(all, { answers: { ...good(all.token), ...put(`It is ${token}.`) } }))
        expect(shownOf(told, all, token)).toBeUndefined()
      }),
      { numRuns: 200 }
    )
  })

  test('a malformed PAT is masked, not printed, and sent nowhere', async () => {
    const wrong = fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      '\t',
      ' ',
      '\u0000',
      '\u001b[0m',
      '\u00a0',
      'é',
      '\u200b',
      '\ud83d',
      '\u2028'
    )
    await fc.assert(
      fc.asyncProperty(secrets, wrong, visible, fc.boolean(), async (all, inside, rest, fromInput) => {
        const pat = `${all.pat}${inside}LOUDFAKE${rest}`
        const inputs = fromInput ? { pat } : { pat: '' }
        const sent: string[] = []
        const told = await runInProcess(
          scene(all, { inputs, environment: { VAUNT_PAT: pat }, broken: world => noting(world, sent) })
        )
        expect(told.output).toContain('pat-malformed')
        expect(told.calls[0]).toBe(`add-mask ${pat}`)
        // Neither the whole nor a half of it.
        expect(shownOf(told, all, pat, `LOUDFAKE${rest}`)).toBeUndefined()
        expect(sent).toEqual([])
      }),
      { numRuns: 300 }
    )
  })

  test('whatever is thrown, wherever', async () => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        kind,
        fc.constantFrom(...BREAKAGES),
        fc.constantFrom(...THROWN),
        async (all, which, broken, thrown) => {
          const told = await runInProcess(
            scene(all, {
              broken: world =>
                broken(world, () => {
                  throw thrown(`LOUDMARK${all[which]}`)
                })
            })
          )
          expect(told.failed).toBe(true)
          expect(told.calls.filter(call => call.startsWith('error '))).toEqual([expect.stringContaining('[internal]')])
          // Not even a word of what was thrown.
          expect(told.stdout).not.toContain('LOUDMARK')
          expect(shownOf(told, all)).toBeUndefined()
        }
      ),
      { numRuns: 400 }
    )
  }, 60_000)
})

/** The World, but it is noted when a client is made. */
function noting(world: World, sent: string[]): World {
  return {
    ...world,
    createClient: options => {
      sent.push('a client')
      return world.createClient(options)
    }
  }
}

type Throw = () => never

const BREAKAGES: readonly ((world: World, fail: Throw) => World)[] = [
  (world, createClient) => ({ ...world, createClient }),
  (world, createReader) => ({ ...world, createReader }),
  (world, seal) => ({ ...world, sealing: { ...world.sealing, seal } }),
  (world, fail) => ({ ...world, createReader: () => ({ read: fail, send: fail }) }),
  (world, exportVariable) => ({ ...world, core: { ...world.core, exportVariable } }),
  (world, setOutput) => ({ ...world, core: { ...world.core, setOutput } }),
  (world, info) => ({ ...world, core: { ...world.core, info } }),
  (world, request) => ({ ...world, createClient: options => ({ ...world.createClient(options), request }) }),
  (world, openEarly) => ({ ...world, createClient: options => ({ ...world.createClient(options), openEarly }) })
]

/** Whatever may be thrown, with a secret in it. */
const THROWN: readonly ((secret: string) => unknown)[] = [
  secret => new Error(secret),
  secret => new TypeError(`Invalid character in header content ["authorization"]: ${secret}`),
  secret => Object.assign(new Error('x'), { name: secret, code: secret, stack: secret }),
  secret => new Error('x', { cause: new Error(secret) }),
  secret => new AggregateError([new Error(secret)], secret),
  secret => secret,
  secret => ({ message: secret, toString: () => secret }),
  secret => Symbol(secret),
  secret => [secret],
  secret =>
    new (class extends Error {
      override get message(): string {
        throw new Error(secret)
      }
    })(),
  secret =>
    new Proxy(new Error(secret), {
      getPrototypeOf: () => {
        throw new Error(secret)
      }
    })
]

// The built action.

const PASSWORD = 'LOUDFAKE/proxy@password'
const SEAL_KEY = 'LOUDFAKEsealkey/LOUDFAKEsealkey+LOUDFAKE/00='
const PAT = 'LOUDFAKE.pat/with~signs+and-41_LOUDFAKE/0='

/** A step with a secret of every kind. */
function everySecret(sandbox: Sandbox, more: StepOptions = {}): StepOptions {
  sandbox.population.pats.push({
    token: PAT,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true
  })
  return asAdmin({
    ...more,
    with: { pat: PAT, 'seal-key': SEAL_KEY, 'export-env': 'VAUNT_TOKEN', ...more.with },
    env: { HTTP_PROXY: `http://runner:${encodeURIComponent(PASSWORD)}@localhost:1`, ...more.env }
  })
}

function all(sandbox: Sandbox): string[] {
  return [PAT, SEAL_KEY, PASSWORD, encodeURIComponent(PASSWORD), ...sandbox.vaunt.model.tokens]
}

/** Everything that the runner was told to mask, and nothing before the PAT. */
function expectMasked(result: StepResult, secrets: readonly string[]): void {
  expect(result.stdout.startsWith('::add-mask::')).toBe(true)
  expect(result.commands[0]).toMatchObject({ command: 'add-mask', message: secrets[0] })
  expect(result.masks).toEqual(expect.arrayContaining([...secrets]))
}

describe('the built action', () => {
  for (const debug of [false, true]) {
    quick(`succeeds${debug ? ' with RUNNER_DEBUG' : ''}: secrets are in masks and files only`, async sandbox => {
      const result = await sandbox.runStep(everySecret(sandbox, { debug }))
      expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 0 })
      const [token = ''] = sandbox.vaunt.model.tokens
      expect(result.outputs['token']).toBe(token)
      expect(result.env).toEqual({ VAUNT_TOKEN: token })
      expectMasked(result, all(sandbox))
      expectNoLeak(result, all(sandbox))
      expect(result.files).toMatchObject({ path: '', state: '', summary: '' })
      // What is sealed holds nothing that could be read, and nothing that would be masked.
      expect(leakIn(result.outputs['sealed-token'] ?? '', all(sandbox))).toBeUndefined()
    })
  }

  for (const [name, spell] of Object.entries(ECHOES)) {
    quick(`hears the PAT back ${name}`, async sandbox => {
      const text = spell(PAT)
      const body = { message: text, error: { message: text } }
      const header = text.replace(/[^\x20-\x7e]/g, ' ')
      sandbox.github.stage('GET /user', answer(401, body, { 'x-github-request-id': header }))
      const fromGithub = await sandbox.runStep(everySecret(sandbox))
      expectFailure(fromGithub, 'pat-rejected', all(sandbox))
      // Something is shown in its place.
      expect(message(fromGithub)).toMatch(/\(GitHub: ".+"; request ID .+\) \[pat-rejected\]/)
      sandbox.vaunt.stage('*', answer(302, body, { location: `https://x.example/?${header}` }))
      const fromVaunt = await sandbox.runStep(everySecret(sandbox))
      expectFailure(fromVaunt, 'vaunt-unexpected', all(sandbox))
      expectMasked(fromVaunt, [PAT, SEAL_KEY])
    })
  }

  quick('hears the PAT back in a reason phrase, in headers of all kinds, and in place of HTTP', async sandbox => {
    const lines = `HTTP/1.1 403 ${PAT}\r\nx-github-sso: required; url=https://github.com/orgs/${PAT}\r\n`
    for (const bytes of [`${lines}${PAT}: ${PAT}\r\n\r\n`, `${lines}\r\n${PAT}`, `${PAT}\r\n\r\n`]) {
      sandbox.github.stageAlways('*', raw(bytes))
      const result = await sandbox.runStep(everySecret(sandbox))
      expect(result.exitCode).toBe(1)
      expect(result.annotations).toHaveLength(1)
      expectNoLeak(result, all(sandbox))
      expect(result.stderr).toBe('')
    }
  })

  for (const [name, inside] of [
    ['a line break', '\n'],
    ['a carriage return', '\r'],
    ['a tab', '\t'],
    ['a blank', ' '],
    ['an escape', '\u001b[0m'],
    ['a letter outside ASCII', 'é'],
    ['a character that does not show', '\u200b']
  ] as const) {
    for (const from of ['pat', 'VAUNT_PAT']) {
      quick(`is given a PAT with ${name} inside, by ${from}`, async sandbox => {
        const [head, tail] = ['ghp_LOUDFAKEhead', 'LOUDFAKEtailLOUDFAKE']
        const pat = `${head}${inside}${tail}`
        const step = from === 'pat' ? { with: { pat } } : { with: { pat: '' }, env: { VAUNT_PAT: pat } }
        const result = await sandbox.runStep(asAdmin({ ...step, with: { ...step.with, entity: '--' } }))
        expectFailure(result, 'pat-malformed', [pat, head, tail])
        expectMasked(result, [pat])
        expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
      })
    }
  }
})

// Whatever throws, at any time, and says a secret.

const SAYING = 'new Error(`Bearer ${process.env["INPUT_PAT"]}`)'

const patched = (module: string, name: string): string => `
import module from '${module}'
import { syncBuiltinESMExports } from 'node:module'
module.${name} = () => { throw ${SAYING} }
syncBuiltinESMExports()`

const later = (code: string): string => `setTimeout(() => { ${code} }, 300)`

/** What is broken, by which code, and what the step ends with. */
const BROKEN: readonly (readonly [name: string, code: string, errorCode: string | undefined])[] = [
  ['fs.appendFileSync', patched('node:fs', 'appendFileSync'), undefined],
  ['fs.existsSync', patched('node:fs', 'existsSync'), undefined],
  ['crypto.randomUUID', patched('node:crypto', 'randomUUID'), undefined],
  ['https.request', patched('node:https', 'request'), 'internal'],
  ['tls.connect', patched('node:tls', 'connect'), 'internal'],
  ['JSON.parse', `JSON.parse = () => { throw ${SAYING} }`, 'github-unexpected'],
  ['Buffer.concat', `Buffer.concat = () => { throw ${SAYING} }`, 'internal'],
  ['AbortController', `AbortController = class { constructor() { throw ${SAYING} } }`, 'internal'],
  ['a timer', later(`throw ${SAYING}`), 'internal'],
  ['a timer, with a text', later('throw process.env["INPUT_PAT"]'), 'internal'],
  ['a timer, with nothing', later('throw undefined'), 'internal'],
  ['a rejection', later(`Promise.reject(${SAYING})`), 'internal'],
  ['a rejection, with a text', later('Promise.reject(process.env["INPUT_PAT"])'), 'internal'],
  [
    'a rejection, with something that cannot be looked at',
    later(`Promise.reject(new Proxy(${SAYING}, { get() { throw ${SAYING} }, getPrototypeOf() { throw ${SAYING} } }))`),
    'internal'
  ]
]

describe('the built action, in which something breaks:', () => {
  for (const [name, code, errorCode] of BROKEN) {
    quick(name, async sandbox => {
      // Time for the timers.
      sandbox.github.latencyMs = 600
      const result = await withMain(code, main => sandbox.runStep({ ...everySecret(sandbox), main }))
      expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 1 })
      expect(result.annotations).toHaveLength(1)
      expect(message(result)).toContain(`[${errorCode ?? 'internal'}]`)
      expect(result.outputs).toEqual(errorCode === undefined ? {} : { 'error-code': errorCode })
      expect(result.stderr).toBe('')
      expect(message(result)).not.toContain('Bearer')
      expectNoLeak(result, all(sandbox))
    })
  }

  for (const variable of ['GITHUB_OUTPUT', 'GITHUB_ENV']) {
    for (const [name, value] of [
      ['is not set', undefined],
      ['is empty', ''],
      ['is a directory', tmpdir()],
      ['is not there', join(tmpdir(), 'not-there', 'file')]
    ] as const) {
      quick(`${variable} ${name}`, async sandbox => {
        const result = await sandbox.runStep(
          asAdmin({ with: { 'export-env': 'VAUNT_TOKEN' }, environment: { [variable]: value } })
        )
        expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 1 })
        expect(result.annotations).toHaveLength(1)
        expect(message(result)).toContain('[runner-files-unusable]')
        expect(message(result)).toContain(variable)
        expect(result.stderr).toBe('')
        expect(result.outputs['token']).toBeUndefined()
        expect(result.commands.map(({ command }) => command)).not.toContain('set-env')
        expectNoLeak(result, sandbox.vaunt.model.tokens)
        // What has no file to go to is not asked for.
        expect(sandbox.github.requests).toEqual([])
        expect(sandbox.vaunt.requests).toEqual([])
      })
    }
  }
})
