// Tests that text from outside can't become a workflow command, a line, or an entry in a file, whether it comes from GitHub, Vaunt, the event file, or an input.

import { describe, expect, test } from '@jest/globals'
import { createInterpreter } from '../../sandbox/runner/interpreter.ts'
import { parseKeyValueFile } from '../../sandbox/runner/files.ts'
import { PATS } from '../../sandbox/github/population.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { answer, raw } from '../../sandbox/network/answers.ts'

import { fc, hostileText } from '../support/properties.ts'
import { forgeToken, SEAL_KEY } from '../support/secrets.ts'
import { asAdmin, expectFailure } from './action-step.ts'
import { runInProcess } from './in-process.ts'
import type { Answers, Served } from './in-process.ts'
import { sideBySide } from './side-by-side.ts'

const quick = sideBySide(3)

const PAT = PATS.monaForAcme.token
const NOW = Date.UTC(2026, 10, 23, 6)
const TOKEN = forgeToken({ alg: 'ES256' }, { exp: NOW / 1000 + 3_600 })

// What the runner is to find, and nothing else.

interface Traces {
  /** Raw: both streams, one after the other. */
  readonly printed: string
  readonly output: string
  readonly env: string
  readonly failed: boolean
}

const OUTPUTS = ['token', 'expires-at', 'entity', 'entity-type', 'attested-by', 'pat-expires-at', 'sealed-token']

/** Names of scopes are GitHub's, so they are held to the characters that scopes have. */
const SCOPES_WARNING =
  /^The PAT has more access than this action needs\. It needs (no scopes|only the read:org scope), but also has: [a-z_:, ]+…?\. Create a fine-grained PAT at https:\/\/github\.com\/settings\/personal-access-tokens\/new, or a classic PAT with \1\.$/

const EXPIRY_WARNING =
  /^The PAT itself expires at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z \((?:within a day|in \d days?)\)\. Regenerate it at https:\/\/github\.com\/settings\/personal-access-tokens and update the secret with the new value before runs start to fail\.$/

/** @param secrets what may be masked: nothing else may */
function expectOursAlone({ printed, output, env, failed }: Traces, secrets: readonly string[], exportEnv = ''): void {
  for (const debug of [false, true]) {
    const interpreter = createInterpreter({ debug })
    interpreter.write('stdout', printed)
    interpreter.end()
    const { commands, annotations, masks } = interpreter.read()
    const lines = secrets.flatMap(secret => secret.split(/[\r\n]/).map(line => line.trim()))
    for (const mask of masks) expect([...secrets, ...lines]).toContain(mask)
    for (const { command, properties, message: text } of commands) {
      expect(['add-mask', 'error', 'warning']).toContain(command)
      expect(properties).toEqual({})
      if (command === 'warning')
        expect(text).toMatch(text.includes(' has more access ') ? SCOPES_WARNING : EXPIRY_WARNING)
    }
    expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(failed ? 1 : 0)
  }

  // Stricter than the parser: what it might take for more is not even printed.
  const lines = printed.split(/\r\n|\n|\r/).filter(line => !line.startsWith('::add-mask::'))
  for (const line of lines) {
    const text = line.replace(/^::(?:error|warning)::/, '')
    expect(text).not.toContain('::')
    expect(text).not.toContain('##')
    expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  }

  const written = parseKeyValueFile(output)
  expect(written.error).toBeUndefined()
  const names = written.pairs.map(({ name }) => name)
  if (failed) expect(names).toEqual(['error-code'])
  else expect(OUTPUTS).toEqual(expect.arrayContaining(names))
  expect(new Set(names).size).toBe(names.length)
  for (const { value } of written.pairs) expect(value).toMatch(/^[\w.:[\]-]+$/)
  expect(output.split('\n')).toHaveLength(3 * names.length + 1)

  const variables = parseKeyValueFile(env)
  expect(variables.error).toBeUndefined()
  expect(variables.pairs.map(({ name }) => name)).toEqual(failed || exportEnv === '' ? [] : [exportEnv])
}

// Any answers at all, most of them near to what the action expects: further in, it says more.

/** Half of it is what is wanted; the rest is that with something before or after it, or something else. */
function nearly(...wanted: [string, ...string[]]): fc.Arbitrary<string> {
  const right = fc.constantFrom(...wanted)
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 1, arbitrary: fc.tuple(hostileText, right, hostileText).map(parts => parts.join('')) },
    { weight: 1, arbitrary: hostileText }
  )
}

const REFUSALS = [
  'Bad credentials',
  'Resource not accessible by personal access token',
  'Resource not accessible by integration',
  'You do not have access to this organization membership.',
  'Resource protected by organization SAML enforcement.',
  'forbids access via a personal access token (classic)',
  'forbids access via a fine-grained personal access token',
  'has an IP allow list enabled',
  'Your account was suspended.',
  'You have exceeded a secondary rate limit.'
] as const

const id = fc.constantFrom<unknown>(1001, 2001, 2001, -1, 1.5, '1001', null, 2 ** 60)

const account = (login: string, number: number, type: string): fc.Arbitrary<unknown> =>
  fc.record({
    login: nearly(login),
    id: fc.oneof({ weight: 6, arbitrary: fc.constant(number) }, id),
    type: nearly(type, 'User', 'Organization')
  })

const membership = fc.record({
  state: nearly('active', 'active', 'pending'),
  role: nearly('admin', 'admin', 'member'),
  organization: fc.oneof({ weight: 6, arbitrary: fc.constant({ id: 2001 }) }, fc.record({ id })),
  user: fc.oneof({ weight: 6, arbitrary: fc.constantFrom({ id: 1001 }, null) }, fc.record({ id }))
})

const claims = fc.record({
  exp: fc.constantFrom<unknown>(NOW / 1000 + 3_600, NOW / 1000 - 3_600, '::error::x', 1e300, null),
  sub: hostileText
})

const grant = fc.record({
  data: fc.record({
    token: fc.oneof(
      { weight: 6, arbitrary: fc.constant(TOKEN) },
      {
        weight: 2,
        arbitrary: fc.tuple(fc.record({ alg: nearly('ES256', 'none') }), claims).map(([h, c]) => forgeToken(h, c))
      },
      hostileText,
      hostileText.map(text => `${TOKEN}${text}`)
    )
  })
})

const refusal = fc.record(
  {
    message: nearly(...REFUSALS),
    error: fc.oneof(hostileText, fc.record({ message: nearly('unauthorized'), code: fc.integer() })),
    documentation_url: hostileText,
    errors: fc.array(hostileText, { maxLength: 2 })
  },
  { requiredKeys: [] }
)

const HEADERS: readonly (readonly [name: string, value: fc.Arbitrary<string>])[] = [
  ['x-github-request-id', nearly('C0DE:1A2B:000001')],
  ['x-request-id', hostileText],
  ['location', nearly('https://elsewhere.example/')],
  ['x-github-sso', nearly('required; url=https://github.com/orgs/Acme-Labs/sso?authorization_request=A')],
  ['x-oauth-scopes', nearly('', 'read:org')],
  ['github-authentication-token-expiration', nearly('2026-11-25 10:15:26 UTC', '2099-12-30 10:15:26 +0200')],
  ['retry-after', nearly('3600', '0')],
  ['x-ratelimit-remaining', nearly('0', '1')],
  ['x-ratelimit-reset', nearly('1795420000')],
  ['date', nearly(new Date(NOW).toUTCString())],
  ['content-type', nearly('application/json')],
  ['deprecation', hostileText],
  ['link', nearly('<https://x.example>; rel="deprecation"')],
  ['x-attempts', hostileText]
]

const headers = fc
  .array(fc.oneof(...HEADERS.map(([name, value]) => fc.tuple(fc.constant(name), value))), { maxLength: 6 })
  .map(entries => Object.fromEntries(entries))

const STATUSES = [400, 401, 403, 403, 403, 404, 422, 429, 500, 503, 301, 304, 201, 204, 200] as const

function served(good: fc.Arbitrary<unknown>): fc.Arbitrary<Served> {
  const reason = nearly('OK')
  const success = fc.record({ status: fc.constant(200), reason, headers, body: good.map(body => JSON.stringify(body)) })
  const failure = fc.record({
    status: fc.constantFrom(...STATUSES),
    reason,
    headers,
    body: fc.oneof({ weight: 4, arbitrary: refusal.map(body => JSON.stringify(body)) }, hostileText)
  })
  return fc.oneof({ weight: 8, arbitrary: success }, { weight: 1, arbitrary: failure })
}

const answers: fc.Arbitrary<Answers> = fc.record({
  user: served(account('Mona', 1001, 'User')),
  entity: served(account('Acme-Labs', 2001, 'Organization')),
  membership: served(membership),
  exchange: served(grant)
})

/** All as it should be, for the tests of one thing that is not. */
const GOOD: Answers = {
  user: ok({ login: 'Mona', id: 1001, type: 'User' }),
  entity: ok({ login: 'Acme-Labs', id: 2001, type: 'Organization' }),
  membership: ok({ state: 'active', role: 'admin', organization: { id: 2001 }, user: { id: 1001 } }),
  exchange: ok({ data: { token: TOKEN } })
}

function ok(body: unknown): Served {
  return { status: 200, reason: 'OK', headers: {}, body: JSON.stringify(body) }
}

describe('in this process', () => {
  test('answers of GitHub and Vaunt', async () => {
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(answers, fc.constantFrom('', 'VAUNT_TOKEN'), async (given, exportEnv) => {
        const inputs = { pat: PAT, entity: 'acme-labs', 'export-env': exportEnv }
        const told = await runInProcess({ answers: given, inputs, now: NOW })
        expectOursAlone({ printed: told.stdout, ...told }, [PAT, ...tokensIn(given)], exportEnv)
        ends.add(endOf(told.output))
      }),
      { numRuns: 500 }
    )
    // Otherwise the cases no longer are what they are meant to be.
    expect([...ends]).toContain('success')
    expect(ends.size).toBeGreaterThan(8)
  }, 60_000)

  test('inputs, the event file and the rest of the environment', async () => {
    const input = (...right: [string, ...string[]]): fc.Arbitrary<string> => fc.oneof(fc.constant(''), nearly(...right))
    const inputs = fc.record({
      pat: input(PAT),
      entity: input('acme-labs'),
      'export-env': input('TOKEN'),
      'seal-key': input(SEAL_KEY),
      'sealed-token': fc.oneof({ weight: 3, arbitrary: fc.constant('') }, hostileText, fc.constant(TOKEN)),
      'vaunt-api-url': input('https://api.vaunt.dev', 'https://vaunt.example'),
      'github-api-url': input('https://api.github.com', 'https://github.example/api/v3')
    })
    const event = fc.oneof(
      hostileText,
      fc.record({ base: hostileText, head: hostileText }).map(({ base, head }) => {
        const pull = { base: { repo: { full_name: base } }, head: { repo: { full_name: head } } }
        return JSON.stringify({ pull_request: pull })
      })
    )
    const environment = fc.record({
      GITHUB_EVENT_NAME: nearly('pull_request', 'push'),
      GITHUB_ACTOR: nearly('dependabot[bot]'),
      GITHUB_ACTION_REPOSITORY: nearly('octo/action'),
      GITHUB_ACTION_REF: nearly('v1'),
      GITHUB_SERVER_URL: nearly('https://github.com'),
      GITHUB_REPOSITORY_OWNER: nearly('acme-labs'),
      GITHUB_API_URL: nearly('https://api.github.com'),
      VAUNT_PAT: input(PAT),
      HTTPS_PROXY: fc.constantFrom('', 'socks5://user@proxy.example', 'http://runner:LOUDFAKEproxy@localhost:1'),
      NO_PROXY: nearly('*', '')
    })
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(inputs, event, environment, async (given, text, variables) => {
        const told = await runInProcess({ answers: GOOD, inputs: given, event: text, environment: variables, now: NOW })
        const secrets = [given.pat, variables.VAUNT_PAT, given['seal-key'], TOKEN, 'LOUDFAKEproxy']
        const trimmed = secrets.map(secret => secret.trim())
        expectOursAlone({ printed: told.stdout, ...told }, trimmed, given['export-env'].trim())
        ends.add(endOf(told.output))
      }),
      { numRuns: 500 }
    )
    expect([...ends]).toContain('success')
    expect(ends.size).toBeGreaterThan(6)
  }, 60_000)
})

/** The error code, or that there is none. */
function endOf(output: string): string {
  return /error-code<<\S+\n(\S+)/.exec(output)?.[1] ?? 'success'
}

/** What Vaunt gave in the form of a JWS may be masked, though it may turn out to be of no use. */
function tokensIn({ exchange }: Answers): string[] {
  const { data } = parsed(exchange.body)
  const token = typeof data === 'object' && data !== null && 'token' in data ? data.token : ''
  return typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token) ? [token] : []
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

// The built action, its real toolkit, and the runner.

function expectStepOursAlone(result: StepResult, secrets: readonly string[], exportEnv = ''): void {
  const { output, env, ...others } = result.files
  expectOursAlone(
    { printed: `${result.stdout}\n${result.stderr}`, output, env, failed: result.exitCode !== 0 },
    secrets,
    exportEnv
  )
  expect(others).toEqual({ path: '', state: '', summary: '' })
  expect(result.masks.filter(mask => !secrets.includes(mask))).toEqual([])
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(result.exitCode === 0 ? 0 : 1)
}

/** The answer as bytes. What no server may put into a header is left out: it would be refused before anybody reads it. */
function bytes({ status, reason, headers: given, body }: Served): Buffer {
  const legal = (text: string): Buffer => Buffer.from(text.replace(/[^\t -~\u0080-\uffff]/g, ' '))
  const content = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} `),
    legal(reason),
    ...Object.entries({ ...given, 'content-length': `${content.length}` }).flatMap(([name, value]) => [
      Buffer.from(`\r\n${name}: `),
      legal(value)
    ]),
    Buffer.from('\r\n\r\n'),
    content
  ])
}

function stage(sandbox: Sandbox, given: Answers): void {
  sandbox.github.stageAlways('GET /user', raw(bytes(given.user)))
  sandbox.github.stageAlways('GET /users/:login', raw(bytes(given.entity)))
  sandbox.github.stageAlways('GET /user/memberships/orgs/:org', raw(bytes(given.membership)))
  sandbox.vaunt.stageAlways('*', raw(bytes(given.exchange)))
}

/** Bytes of any kind, in any place of an answer. */
const garbage = fc.oneof(
  fc
    .tuple(hostileText, hostileText, hostileText)
    .map(([reason, header, body]) =>
      Buffer.from(`HTTP/1.1 403 ${reason}\r\nx-github-request-id: ${header}\r\n\r\n${body}`)
    ),
  fc.uint8Array({ maxLength: 200 }).map(each => Buffer.from(each))
)

describe('the built action', () => {
  for (const debug of [false, true]) {
    for (const part of [1, 2]) {
      quick(`answers of any kind${debug ? ', with RUNNER_DEBUG' : ''} (${part})`, async sandbox => {
        await fc.assert(
          fc.asyncProperty(answers, async given => {
            sandbox.reset()
            stage(sandbox, given)
            const result = await sandbox.runStep(asAdmin({ debug, with: { 'export-env': 'VAUNT_TOKEN' } }))
            expectStepOursAlone(result, [PAT, ...tokensIn(given)], 'VAUNT_TOKEN')
          }),
          { numRuns: 10, seed: (fc.readConfigureGlobal().seed ?? 0) + part + (debug ? 2 : 0) }
        )
      })
    }
  }

  quick('bytes of any kind', async sandbox => {
    await fc.assert(
      fc.asyncProperty(garbage, async given => {
        sandbox.reset()
        sandbox.github.stageAlways('*', raw(given))
        const result = await sandbox.runStep(asAdmin())
        expectStepOursAlone(result, [PAT])
        expect(result.exitCode).toBe(1)
      }),
      { numRuns: 6 }
    )
  })
})

/** Picked by hand: what has fooled others. */
const NASTIES = [
  '\r::add-mask::e',
  '\n##[set-output name=token]forged',
  '\r\n::set-output name=token::forged',
  '::stop-commands::pause',
  'x ##[add-mask]e',
  '\u2028::error::second',
  '\u0085::warning::second',
  '\n::save-state name=isPost::true',
  '\n::add-path::/tmp',
  '\ud800\n::debug::\udfff',
  '\u0000\n::notice::\u001b[2K\u001b[1A',
  '%0A::error::second%0D::error::third',
  '%250A::error::second',
  '\nghadelimiter_x\ntoken<<EOF\nforged\nEOF',
  ':::::::error::',
  '####[[error]x',
  '\u202e::rorre::',
  '::\u200berror::x',
  '"\n::group::x\n::endgroup::'
] as const

/** Several at a time, short enough to be quoted whole. */
const HANDFULS = NASTIES.reduce<string[]>(
  (handfuls, nasty) => {
    const last = handfuls.at(-1) ?? ''
    return last.length + nasty.length > 120 ? [...handfuls, nasty] : [...handfuls.slice(0, -1), last + nasty]
  },
  ['']
)

/** Each place where such a text can stand, and what is to come of it. */
const PLACES: readonly {
  readonly name: string
  readonly code: string
  readonly step?: (nasty: string) => StepOptions
  readonly stage?: (sandbox: Sandbox, nasty: string) => void
}[] = [
  {
    name: "in GitHub's words",
    code: 'pat-rejected',
    stage: (sandbox, nasty) => {
      sandbox.github.stageAlways('GET /user', answer(401, { message: nasty, documentation_url: nasty }))
    }
  },
  {
    name: "in GitHub's headers and reason phrase",
    code: 'github-unexpected',
    stage: (sandbox, nasty) => {
      const evil = { 'x-github-request-id': nasty, location: `https://x.example/${nasty}`, 'x-github-sso': nasty }
      const given = { status: 302, reason: nasty, headers: evil, body: nasty }
      sandbox.github.stageAlways('*', raw(bytes(given)))
    }
  },
  {
    name: 'in a type',
    code: 'entity-unsupported',
    stage: (sandbox, nasty) => {
      sandbox.github.stageAlways('GET /users/:login', answer(200, { login: 'Acme-Labs', id: 2001, type: nasty }))
    }
  },
  {
    name: 'in a role',
    code: 'not-an-admin',
    stage: (sandbox, nasty) => {
      const body = { state: 'active', role: nasty, organization: { id: 2001 }, user: null }
      sandbox.github.stageAlways('GET /user/memberships/orgs/:org', answer(200, body))
    }
  },
  {
    name: 'in a login',
    code: 'github-unexpected',
    stage: (sandbox, nasty) => {
      sandbox.github.stageAlways('GET /user', answer(200, { login: `Mona${nasty}`, id: 1001, type: 'User' }))
    }
  },
  {
    name: 'in an address for single sign-on',
    code: 'sso-required',
    stage: (sandbox, nasty) => {
      const sso = `required; url=https://github.com/orgs/Acme-Labs/sso?${nasty}`
      const given = { status: 403, reason: 'Forbidden', headers: { 'x-github-sso': sso }, body: '{}' }
      sandbox.github.stageAlways('*', raw(bytes(given)))
    }
  },
  {
    name: "in Vaunt's words",
    code: 'vaunt-refused',
    stage: (sandbox, nasty) => {
      sandbox.vaunt.stageAlways('*', answer(403, { error: { message: nasty, code: 1 } }))
    }
  },
  {
    name: "in Vaunt's token",
    code: 'vaunt-unexpected',
    stage: (sandbox, nasty) => {
      sandbox.vaunt.stageAlways('*', answer(200, { data: { token: `${TOKEN}${nasty}` } }))
    }
  },
  { name: 'in the entity', code: 'entity-invalid', step: nasty => asAdmin({ with: { entity: `a${nasty}` } }) },
  {
    name: 'in the name of a variable',
    code: 'export-env-invalid',
    step: nasty => asAdmin({ with: { 'export-env': `A${nasty}` } })
  },
  {
    name: 'in an address',
    code: 'url-invalid',
    step: nasty => asAdmin({ with: { 'github-api-url': `https://${nasty}/`, 'vaunt-api-url': `http:${nasty}` } })
  },
  {
    name: 'in the event file',
    code: 'pat-missing',
    step: nasty => ({
      ...asAdmin({ with: { pat: '' } }),
      github: { event_name: 'pull_request', event: nasty, actor: `dependabot[bot]${nasty}` }
    })
  }
]

describe('the built action, with something nasty', () => {
  for (const place of PLACES) {
    quick(`${place.name}: ${place.code}`, async sandbox => {
      for (const [index, handful] of HANDFULS.entries()) {
        // Environment variables cannot hold a NUL.
        const nasty = place.step === undefined ? handful : handful.replaceAll('\u0000', '')
        sandbox.reset()
        place.stage?.(sandbox, nasty)
        const step = place.step?.(nasty) ?? asAdmin()
        const result = await sandbox.runStep({ ...step, debug: index % 2 === 0 })
        expectStepOursAlone(result, [PAT])
        expectFailure(result, place.code)
      }
    })
  }
})
