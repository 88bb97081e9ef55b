// Tests the built action in the sandbox's runner when it must fail: every error code, and that Vaunt gets no request before the exchange.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { SignJWT, UnsecuredJWT } from 'jose'
import { PATS } from '../../sandbox/github/population.ts'
import { refusal, refusals } from '../../sandbox/github/responses.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import { answer, html, redirect } from '../../sandbox/network/answers.ts'
import { codesMade } from '../docs/names-in-code.ts'
import { asAdmin, asUser, expectFailure, message, step, withMain } from './action-step.ts'

let sandbox: Sandbox

/** Every code that a test here met. */
const met = new Set<string>()

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterEach(() => {
  sandbox.reset()
})
afterAll(async () => {
  await sandbox.stop()
})

/** The failure is as every failure must be, and has its code. */
function meets(result: StepResult, code: string, secrets: readonly string[] = []): void {
  expectFailure(result, code, secrets)
  met.add(code)
}

/** Runs the step, and holds the failure against its code, the words that it must have, and who was asked how often. */
async function fails(
  options: StepOptions,
  code: string,
  words: readonly (string | RegExp)[],
  asked: { readonly github: number; readonly vaunt?: number }
): Promise<void> {
  const result = await sandbox.runStep(options)
  meets(result, code)
  for (const word of words) expect(message(result)).toMatch(word)
  expect(sandbox.vaunt.requests).toHaveLength(asked.vaunt ?? 0)
  // A read that no longer matters may be given up before it is sent, but none is sent twice.
  const paths = sandbox.github.requests.map(({ path }) => path)
  expect(paths.length).toBeLessThanOrEqual(asked.github)
  expect(new Set(paths).size).toBe(paths.length)
}

const NOTHING = { github: 0 }
const READS = { github: 3 }
const EXCHANGE = { github: 3, vaunt: 1 }

const MEMBERSHIP = 'GET /user/memberships/orgs/:org'

describe('before anything is sent', () => {
  const fork = {
    pull_request: { head: { repo: { full_name: 'stranger/demo' } }, base: { repo: { full_name: 'octo/demo' } } }
  }

  const cases: [string, StepOptions, string, (string | RegExp)[]][] = [
    ['no PAT', step('', 'mona'), 'pat-missing', [/^No GitHub personal access token/, 'VAUNT_PAT']],
    [
      'a PAT of white space',
      step(' \n ', 'mona'),
      'pat-missing',
      ["input 'pat' and the environment variable VAUNT_PAT are empty"]
    ],
    [
      'no PAT, from a fork',
      step('', 'mona', { github: { event_name: 'pull_request', event: fork } }),
      'pat-missing',
      [/^This run comes from a pull request from a fork/, 'head.repo.full_name == github.repository']
    ],
    [
      'no PAT, from Dependabot',
      step('', 'mona', { github: { event_name: 'pull_request', actor: 'dependabot[bot]' } }),
      'pat-missing',
      [/^This run was started by Dependabot/, 'Dependabot secret with the same name']
    ],
    [
      'a broken event file',
      step('', 'mona', { github: { event_name: 'pull_request', event: '{' } }),
      'pat-missing',
      []
    ],
    ['a PAT on two lines', step('ghp_LOUDFAKE\nghp_LOUDFAKE', 'mona'), 'pat-malformed', ['whitespace']],
    ['a PAT with a NUL', step('ghp_LOUD\u0001FAKE', 'mona'), 'pat-malformed', ['control characters']],
    ['a PAT with a dash of Word', step('ghp_LOUD–FAKE', 'mona'), 'pat-malformed', ['non-ASCII']],
    ['a GITHUB_TOKEN', step('ghs_LOUDFAKE.LOUD.FAKE', 'mona'), 'pat-unsupported', ['ghs_', 'GITHUB_TOKEN']],
    ['a refresh token', step('ghr_LOUDFAKE', 'mona'), 'pat-unsupported', ['ghr_', 'refresh token']],
    ['an entity with dots', asUser({ with: { entity: '..' } }), 'entity-invalid', ['".."']],
    ['a URL as entity', asUser({ with: { entity: 'https://github.com/mona' } }), 'entity-invalid', ['only the login']],
    ['a long entity', asUser({ with: { entity: 'a'.repeat(40) } }), 'entity-invalid', ['39']],
    [
      'no entity anywhere',
      asUser({ with: { entity: '' }, github: { repository_owner: '' } }),
      'entity-invalid',
      ['is empty']
    ],
    ['http', asUser({ with: { 'vaunt-api-url': 'http://localhost' } }), 'url-invalid', ['vaunt-api-url', 'https://']],
    ['a query', asUser({ with: { 'github-api-url': 'https://localhost/?x' } }), 'url-invalid', ['github-api-url']],
    ['credentials', asUser({ with: { 'vaunt-api-url': 'https://u:LOUDFAKE@localhost' } }), 'url-invalid', ['password']],
    ['no URL', asUser({ with: { 'vaunt-api-url': 'localhost' } }), 'url-invalid', ['vaunt-api-url']],
    ['a bad name', asUser({ with: { 'export-env': 'MY-TOKEN' } }), 'export-env-invalid', ['"MY-TOKEN"']],
    ['a reserved name', asUser({ with: { 'export-env': 'Path' } }), 'export-env-invalid', ['"Path"']],
    ['the name of an input', asUser({ with: { 'export-env': 'INPUT_PAT' } }), 'export-env-invalid', ['meaning']],
    [
      'an enterprise PAT for the public Vaunt',
      asUser({ with: { 'vaunt-api-url': 'https://api.vaunt.dev' } }),
      'host-unsupported',
      [/localhost:\d+/, 'must never receive']
    ]
  ]
  test.each(cases)('%s', async (_, options, code, words) => {
    await fails(options, code, words, NOTHING)
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
  })

  test('everything that is wrong is told in one run, the PAT masked first', async () => {
    const inputs = { entity: 'a b', 'export-env': 'CI', 'vaunt-api-url': 'ftp://x', 'github-api-url': 'nowhere' }
    const result = await sandbox.runStep(step('LOUD FAKE', 'x', { with: inputs }))
    expectFailure({ ...result, outputs: result.outputs }, 'pat-malformed')
    for (const [input, code] of [
      ['pat', 'pat-malformed'],
      ['entity', 'entity-invalid'],
      ['export-env', 'export-env-invalid'],
      ['vaunt-api-url', 'url-invalid'],
      ['github-api-url', 'url-invalid']
    ] as const) {
      expect(message(result)).toMatch(new RegExp(`\\(\\d\\) '${input}': .*\\[${code}\\]`))
    }
    expect(message(result)).toMatch(/^5 inputs are invalid\. Nothing was sent\./)
    expect(result.stdout.split(/\r?\n/)[0]).toBe('::add-mask::LOUD FAKE')
    expect(sandbox.github.requests).toEqual([])
  })
})

describe('attesting', () => {
  const cases: [string, StepOptions, readonly (readonly [string, Answer])[], string, (string | RegExp)[]][] = [
    ['an unknown PAT', step('ghp_LOUDFAKEunknown', 'mona'), [], 'pat-rejected', ['401', 'Bad credentials', /C0DE:/]],
    ['nobody', step(PATS.monaFineGrained.token, 'nobody-here'), [], 'entity-not-found', ['nobody-here', 'Not Found']],
    ['a bot', step(PATS.monaFineGrained.token, 'robo-bot'), [], 'entity-unsupported', ['robo-bot', 'Bot']],
    [
      'somebody else',
      step(PATS.monaFineGrained.token, 'HUBOT'),
      [],
      'entity-mismatch',
      ['Mona (ID 1001)', 'hubot (ID 1002)']
    ],
    ...(
      [
        ['the entity', 'GET /users/:x', 301, 'https://api.github.com/user/2001'],
        ['the membership', MEMBERSHIP, 301, 'https://api.github.com/organizations/2001/memberships/x'],
        ['the entity, by another status', 'GET /users/:x', 308, 'https://api.github.com/user/2001']
      ] as const
    ).map(([read, route, status, url]): (typeof cases)[number] => [
      `an organization that was renamed, at ${read}`,
      asAdmin(),
      [
        [
          route,
          answer(status, { message: 'Moved Permanently', url, documentation_url: 'https://docs' }, { location: url })
        ]
      ],
      'entity-not-found',
      ['was renamed (or transferred)', 'gh api user/2001 --jq .login', /^(?!.*(?:proxy|login page))/]
    ]),
    [
      'a classic PAT whose scopes are not enough, in words that nobody knows',
      step(PATS.monaClassic.token, 'acme-labs'),
      [
        [
          MEMBERSHIP,
          refusal(403, 'You need at least read:org scope or user scope.', {
            'x-oauth-scopes': 'repo',
            'x-accepted-oauth-scopes': 'admin:org, read:org, write:org'
          })
        ]
      ],
      'members-permission-missing',
      ['requires the scope read:org, but the PAT has repo.']
    ],
    [
      'a fine-grained PAT without the permission, in words that nobody knows',
      asAdmin(),
      [[MEMBERSHIP, refusal(403, 'Not today.', { 'x-accepted-github-permissions': 'members=read' })]],
      'members-permission-missing',
      ['requires the permission members=read', 'set Members to Read-only']
    ],
    [
      'no membership, or no scope to see it',
      step(PATS.monaClassicNoScopes.token, 'acme-labs'),
      [[MEMBERSHIP, refusal(404, 'Not Found', { 'x-oauth-scopes': 'repo' })]],
      'not-a-member',
      ["Either Mona isn't a member, or this classic PAT lacks the read:org scope (it has repo)."]
    ],
    [
      'the end of the version of the API',
      asUser(),
      [['GET /user', refusal(400, 'The version you specified is not a supported version.')]],
      'github-unexpected',
      ['2022-11-28', 'Update this action']
    ],
    [
      'a fine-grained PAT without Members',
      step(PATS.monaNoMembers.token, 'acme-labs'),
      [],
      'members-permission-missing',
      ['fine-grained', 'set Members to Read-only', "resource owner isn't Acme-Labs"]
    ],
    [
      'a classic PAT without read:org, whose scopes are empty',
      step(PATS.monaClassicNoScopes.token, 'acme-labs'),
      [],
      'members-permission-missing',
      ['classic', 'read:org']
    ],
    [
      'a fine-grained PAT of another resource owner',
      step(PATS.monaOtherOwner.token, 'acme-labs'),
      [],
      'not-a-member',
      ['Mona', 'Acme-Labs', "isn't a member, or this fine-grained PAT's resource owner"]
    ],
    [
      'a classic PAT of a stranger',
      step(PATS.monaClassic.token, 'other-org'),
      [],
      'not-a-member',
      ["Mona isn't a member."]
    ],
    [
      'an admin-to-be',
      step(PATS.newcomerClassic.token, 'acme-labs'),
      [],
      'membership-pending',
      ['newcomer', '/orgs/Acme-Labs/invitation']
    ],
    ['a member', step(PATS.hubotFineGrained.token, 'acme-labs'), [], 'not-an-admin', ['hubot', '"member"', 'owner']],
    [
      'single sign-on',
      asAdmin(),
      [[MEMBERSHIP, refusals.sso('https://github.com/orgs/acme-labs/sso?authorization_request=ABC123')]],
      'sso-required',
      ['https://github.com/orgs/acme-labs/sso?authorization_request=ABC123', 'one hour']
    ],
    [
      'single sign-on, with an address elsewhere',
      asAdmin(),
      [[MEMBERSHIP, refusals.sso('https://github.com.evil.example/orgs/acme-labs/sso')]],
      'sso-required',
      [/^(?!.*evil)/, 'Configure SSO']
    ],
    ...(
      [
        ['classic PATs', refusals.classicForbidden('Acme-Labs'), 'Create a fine-grained PAT'],
        ['fine-grained PATs', refusals.fineGrainedForbidden('Acme-Labs'), 'Use a classic PAT'],
        ['this lifetime', refusals.lifetimeForbidden('Acme-Labs'), 'earlier expiration date'],
        ['this address', refusals.ipAllowList('Acme-Labs'), 'IP allow list'],
        ['the suspended', refusals.suspended(), 'suspended']
      ] as const
    ).map(([who, refusal, remedy]): (typeof cases)[number] => [
      `a policy against ${who}`,
      asAdmin(),
      [[MEMBERSHIP, refusal]],
      'policy-forbidden',
      [remedy, '403']
    ]),
    ['a suspended user', asUser(), [['GET /user', refusals.suspended()]], 'policy-forbidden', ['suspended']],
    ['an app token', asAdmin(), [['GET /user', refusals.integration()]], 'pat-unsupported', ['belongs to an app']],
    [
      'a rate limit that ends too late',
      asAdmin(),
      [['GET /user', refusals.primaryRateLimit(4_000_000_000)]],
      'github-rate-limited',
      ['2096-10-02T07:06:40']
    ],
    ['a teapot', asUser(), [['GET /user', answer(418, { message: 'short and stout' })]], 'github-unexpected', ['418']],
    ['a portal', asUser(), [['GET /user', html()]], 'github-unexpected', ["the PAT's user", 'HTTP 200']],
    ['a redirect', asUser(), [['GET /users/:x', redirect(302, 'https://evil.example/')]], 'github-unexpected', ['302']],
    [
      'a membership of another organization',
      asAdmin(),
      [[MEMBERSHIP, answer(200, { state: 'active', role: 'admin', organization: { id: 2002 }, user: { id: 1001 } })]],
      'github-unexpected',
      ['inconsistent']
    ],
    [
      'a membership of another user',
      asAdmin(),
      [[MEMBERSHIP, answer(200, { state: 'active', role: 'admin', organization: { id: 2001 }, user: { id: 1002 } })]],
      'github-unexpected',
      ['inconsistent']
    ]
  ]
  test.each(cases)('%s', async (_, options, staged, code, words) => {
    for (const [route, answering] of staged) sandbox.github.stage(route, answering)
    await fails(options, code, words, READS)
  })

  test('a user who took the old login of the entity is another user', async () => {
    // Mona was renamed; somebody else is called mona now.
    const [mona] = sandbox.population.accounts
    if (mona) mona.login = 'Mona-Renamed'
    sandbox.population.accounts.push({ id: 6666, login: 'mona', type: 'User' })
    sandbox.population.pats.unshift({ ...PATS.monaFineGrained, user: 'Mona-Renamed' })
    await fails(asUser(), 'entity-mismatch', ['Mona-Renamed (ID 1001)', 'mona (ID 6666)'], READS)
  })

  test('an unavailable GitHub is asked three times, and is said to have been', async () => {
    sandbox.github.stageAlways('GET /user', answer(503, { message: 'on fire' }))
    const result = await sandbox.runStep(asUser())
    meets(result, 'github-unavailable')
    for (const word of ['HTTP 503', '3 attempts', '"on fire"']) expect(message(result)).toContain(word)
    expect(sandbox.github.requests.filter(({ path }) => path === '/user')).toHaveLength(3)
    expect(sandbox.vaunt.requests).toEqual([])
    expect(result.log.filter(line => line.startsWith('GitHub (/user): HTTP 503. Retrying in '))).toHaveLength(2)
  })
})

describe('exchanging', () => {
  const signed = async (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32, 1))
  const giving = (token: unknown): Answer => answer(200, { data: { token } })

  const cases: [string, () => Answer | Promise<Answer>, string, (string | RegExp)[]][] = [
    ['401', () => answer(401, { error: { message: 'no such PAT', code: 0 } }), 'vaunt-refused', ['401', 'no such PAT']],
    ['403', () => answer(403), 'vaunt-refused', ['403']],
    ['404', () => answer(404, { message: 'no data', code: 2 }), 'vaunt-entity-unknown', ['Mona', 'no data', 'Install']],
    ['400', () => answer(400, { message: 'format error', code: 3 }), 'vaunt-unexpected', ['400', 'format error']],
    [
      'a redirect',
      () => redirect(307, 'https://evil.example/take'),
      'vaunt-unexpected',
      ['307', 'never follows redirects']
    ],
    ['a portal', () => html(), 'vaunt-unexpected', ["isn't JSON"]],
    ['no body', () => answer(200, ''), 'vaunt-unexpected', ["isn't JSON"]],
    ['no token', () => answer(200, { data: [] }), 'vaunt-unexpected', ['without a token']],
    ['a token that is a number', () => giving(7), 'vaunt-unexpected', ['without a token']],
    ['an empty token', () => giving(''), 'vaunt-unexpected', ['without a token']],
    ["jq's null", () => giving('null'), 'vaunt-unexpected', ['without a token']],
    ['a word', () => giving('LOUDFAKEword'), 'vaunt-unexpected', ["isn't a signed JWT"]],
    ['three words', () => giving('LOUD.FAKE.word'), 'vaunt-unexpected', ["isn't a signed JWT"]],
    ['an unsigned JWT', () => giving(new UnsecuredJWT({ a: 1 }).encode()), 'vaunt-unexpected', ['alg none']],
    ['an expired JWT', async () => giving(await signed({ exp: 1_000_000_000 })), 'token-expired', ['2001-09-09']],
    [
      'a rate limit that ends too late',
      () => answer(429, { message: 'slow down' }, { 'retry-after': '3600' }),
      'vaunt-rate-limited',
      ['slow down', 'until 20']
    ]
  ]
  test.each(cases)('%s', async (_, make, code, words) => {
    sandbox.vaunt.stage('*', await make())
    await fails(asUser(), code, words, EXCHANGE)
  })

  test('a word that is no token is not masked, for that would blot it out of the log', async () => {
    sandbox.vaunt.stage('*', giving('the'))
    const result = await sandbox.runStep(asUser())
    expectFailure(result, 'vaunt-unexpected')
    expect(result.masks).toEqual([PATS.monaFineGrained.token])
  })

  test('Vaunt is not installed', async () => {
    sandbox.vaunt.model.settings.installedOn.length = 0
    await fails(asAdmin(), 'vaunt-entity-unknown', ['Acme-Labs', "isn't installed"], EXCHANGE)
  })

  test('an unavailable Vaunt is asked three times', async () => {
    sandbox.vaunt.stageAlways('*', answer(502))
    await fails(asUser(), 'vaunt-unavailable', ['HTTP 502', '3 attempts'], { github: 3, vaunt: 3 })
  })

  test('a token that expires is accepted within a minute of its end, and not after', async () => {
    sandbox.vaunt.model.settings.lifetimeSeconds = -30
    expect((await sandbox.runStep(asUser())).exitCode).toBe(0)
    sandbox.reset()
    sandbox.vaunt.model.settings.lifetimeSeconds = -90
    await fails(asUser(), 'token-expired', ['its own clock'], EXCHANGE)
  })
})

describe('around the two services', () => {
  const sealKey = Buffer.alloc(32, 7).toString('base64')
  const sealing = { 'seal-key': sealKey }

  const cases: [string, () => StepOptions, string, (string | RegExp)[]][] = [
    [
      'a file of the runner that is not there',
      () => asUser({ with: { 'export-env': 'VAUNT_TOKEN' }, environment: { GITHUB_ENV: '/no/such/file' } }),
      'runner-files-unusable',
      ['GITHUB_ENV', 'ENOENT']
    ],
    [
      'a certificate that the runner does not trust',
      () => asUser({ env: { NODE_EXTRA_CA_CERTS: '' } }),
      'tls-untrusted',
      ['NODE_EXTRA_CA_CERTS']
    ],
    ['a proxy that is no address', () => asUser({ env: { HTTPS_PROXY: 'http://' } }), 'proxy-failed', ['HTTPS_PROXY']],
    [
      'a seal key that is too short',
      () => asUser({ with: { 'seal-key': 'TE9VREZBS0U=' } }),
      'seal-key-invalid',
      ['openssl rand -base64 32']
    ],
    ['nothing to seal', () => step('', 'mona', { with: sealing }), 'sealed-token-missing', ['Skip output']],
    [
      'a sealed token that is none',
      () => asUser({ with: { ...sealing, 'sealed-token': 'LOUD.FAKE' } }),
      'sealed-token-invalid',
      ['sealed-token']
    ]
  ]
  test.each(cases)('%s', async (_, options, code, words) => {
    await fails(options(), code, words, NOTHING)
  })

  test('a token that is too long for an environment variable', async () => {
    const long = await new SignJWT({ padding: 'x'.repeat(120_000) })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.alloc(32, 1))
    sandbox.vaunt.stage('*', answer(200, { data: { token: long } }))
    const result = await sandbox.runStep(asUser({ with: { 'export-env': 'VAUNT_TOKEN' } }))
    meets(result, 'export-env-invalid', [long])
    expect(message(result)).toContain('too long for the environment variable "VAUNT_TOKEN"')
  })

  test('a sealed token that is too old', async () => {
    // A clock that is ahead when the token is opened.
    const exchanged = await sandbox.runStep(asUser({ with: sealing }))
    const sealed = exchanged.outputs['sealed-token'] ?? ''
    const later = `const { now } = Date; Date.now = () => now() + ${2 * 3_600_000}`
    const asked = sandbox.github.requests.length + sandbox.vaunt.requests.length
    const result = await withMain(later, main =>
      sandbox.runStep({ ...asUser({ with: { ...sealing, 'sealed-token': sealed } }), main })
    )
    meets(result, 'sealed-token-expired', [sealKey])
    expect(sandbox.github.requests.length + sandbox.vaunt.requests.length).toBe(asked)
  })

  test('a bug of ours', async () => {
    const broken = `import https from 'node:https'
      import { syncBuiltinESMExports } from 'node:module'
      https.request = () => { throw new TypeError('LOUDFAKE') }
      syncBuiltinESMExports()`
    const result = await withMain(broken, main => sandbox.runStep({ ...asUser(), main }))
    meets(result, 'internal', ['LOUDFAKE'])
    expect(message(result)).toContain('bug in this action')
  })
})

test('every code of the action was met above', () => {
  // Those of the further steps are theirs.
  const own = [...codesMade('src')].filter(
    ([file]) => !/^src\/(?:card\/|actions\/(?:contributors-card|credentials|repositories-report))/.test(file)
  )
  const codes = new Set(own.flatMap(([, made]) => [...made]))
  expect(codes.size).toBeGreaterThan(30)
  expect([...codes].filter(code => !met.has(code))).toEqual([])
})

test('the message links to the guide of the version in use', async () => {
  const result = await sandbox.runStep(
    step('', 'mona', { environment: { GITHUB_ACTION_REPOSITORY: 'owner/action', GITHUB_ACTION_REF: 'v1' } })
  )
  expect(message(result)).toMatch(
    /\[pat-missing\] https:\/\/github\.com\/owner\/action\/blob\/v1\/docs\/troubleshooting\.md#pat-missing$/
  )
})
