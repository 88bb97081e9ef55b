// Tests that the probe asks the right questions, reports only real differences, and reveals nobody's data.

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { answer, endless, redirect } from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import { PATS } from '../../sandbox/github/population.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { createClient } from '../../src/network/client.ts'
import { Quoted } from '../../src/untrusted/quoted.ts'
import { LIMITS } from '../../src/network/retry.ts'
import type { Received } from '../../src/network/answer.ts'
import { QUESTIONS, askAll, partsOf } from '../../tools/probe/questions.ts'
import { accepted, createReport, judgementOf, readReport, table } from '../../tools/probe/report.ts'
import type { Finding, Observed } from '../../tools/probe/report.ts'
import { createTeller } from '../../tools/probe/shapes.ts'
import { fc } from '../support/properties.ts'
import { forgeToken } from '../support/secrets.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** What the sandbox's GitHub sends with every answer. */
const GITHUB_HEADERS = {
  'x-github-request-id': 'A',
  'x-github-api-version-selected': '2022-11-28',
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '4999',
  'x-ratelimit-reset': '1'
}
const PAT: string = PATS.monaForAcme.token
const IDS = QUESTIONS.map(({ id }) => id)

let sandbox: Sandbox
let trusted: string[]
const folder = mkdtempSync(join(tmpdir(), 'probe-'))

beforeAll(async () => {
  sandbox = await startSandbox()
  trusted = getCACertificates('default')
  setDefaultCACertificates([sandbox.certificates.ca])
})

afterEach(() => {
  sandbox.reset()
})

afterAll(async () => {
  setDefaultCACertificates(trusted)
  rmSync(folder, { recursive: true, force: true })
  await sandbox.stop()
})

interface Asked {
  readonly findings: Finding[]
  readonly failures: string[]
}

async function ask(
  isDescribed: (route: string, body: unknown) => boolean = () => true,
  vauntApiUrl = sandbox.vaunt.url,
  { entity = 'acme-labs', pat = PAT }: { readonly entity?: string; readonly pat?: string } = {}
): Promise<Asked> {
  const secrets: string[] = [...partsOf(pat)]
  const received: Received[] = []
  const failures: string[] = []
  const quote = (raw: string): Quoted => new Quoted(raw, secrets)
  const client = createClient({
    environment: {},
    nodeVersion: '24.19.0',
    quote,
    onRetry: () => undefined,
    now: Date.now,
    uptime: () => performance.now(),
    onAnswer: answer => received.push(answer),
    limits: { ...LIMITS, attempts: 1, attemptMs: 2_000 }
  })
  try {
    const findings = await askAll({
      ...{
        client,
        quote,
        secrets,
        received,
        pat,
        entity,
        renamed: 'acme-before',
        isProxied: false,
        isDescribed
      },
      githubApiUrl: sandbox.github.url,
      vauntApiUrl,
      addSecret: secret => secrets.push(secret),
      onFailure: text => failures.push(text),
      onFinding: () => undefined
    })
    return { findings, failures }
  } finally {
    client.close()
  }
}

function different(findings: readonly Finding[]): string[] {
  return findings.filter(finding => judgementOf(finding) === 'different').map(({ id }) => id)
}

/** Answers differently where a request is the one that is meant, and by the model everywhere else. */
function where(
  server: 'github' | 'vaunt',
  isMeant: (path: string, authorization: string) => boolean,
  other: Answer
): void {
  const model = server === 'vaunt' ? sandbox.vaunt.model.answer : undefined
  const meant: Answer = (request, response) => {
    const authorization = request.headers.authorization ?? ''
    const isIt = isMeant(request.url ?? '', authorization)
    return (isIt || model === undefined ? other : model)(request, response)
  }
  sandbox[server].stageAlways('*', meant)
}

const TOKEN = 'GET /v1/github/entities/Acme-Labs/token'
const CLAIMS = { exp: 5_000, iat: 1_400, iss: 'x', jti: 'x', sub: 'x' }

/** Gives another token for the PAT, once, and takes it for one of its own. */
function stageToken(token: () => string | Promise<string>, headers: Record<string, string> = {}): void {
  sandbox.vaunt.stage(TOKEN, async (request, response) => {
    const body = { data: { token: await token() }, meta_data: { count: 1, data_type: 4 } }
    await answer(200, body, { 'content-type': 'application/json', ...headers })(request, response)
  })
  sandbox.vaunt.stageAlways('*', async (request, response) => {
    const isOfToken = request.url?.includes('/repositories') === true
    if (isOfToken) request.headers.authorization = `Bearer ${await sandbox.vaunt.model.issueToken('Acme-Labs')}`
    await sandbox.vaunt.model.answer(request, response)
  })
}

let saidInClear = ''

/** On one port, TLS goes to another server, and what is said in clear is led to TLS. */
function clearBefore(url: string): Server {
  return createServer(socket => {
    socket.once('data', first => {
      if (first[0] === 0x16) {
        const onward = connect(Number(new URL(url).port), '127.0.0.1', () => onward.write(first))
        socket.pipe(onward).pipe(socket)
        onward.on('error', () => socket.destroy())
        return
      }
      saidInClear = first.toString()
      socket.end('HTTP/1.1 301 Moved\r\nLocation: https://api.vaunt.dev/\r\nContent-Length: 0\r\n\r\n')
    })
  })
}

describe('against the sandbox', () => {
  test('every question is asked and answered, as assumed, with no more than 20 requests', async () => {
    const { findings, failures } = await ask()
    expect(findings.map(({ id }) => id)).toEqual(IDS)
    expect(findings.map(finding => [finding.id, judgementOf(finding)])).toEqual(IDS.map(id => [id, 'same']))
    expect(failures).toEqual([])
    expect(sandbox.github.requests.length + sandbox.vaunt.requests.length).toBeLessThanOrEqual(20)
  })

  test('is what was accepted, line by line; else the sandbox has to learn, or the file to be accepted anew', async () => {
    const observed = JSON.parse(readFileSync(join(ROOT, 'sandbox', 'observed.json'), 'utf8')) as Observed
    const { findings } = await ask()
    const ids = Object.keys(observed.answers)
    // A live report may lack what could not be asked; the sandbox's own lacks nothing.
    if (observed.seen !== 'live') expect(ids).toEqual(IDS)
    expect(IDS).toEqual(expect.arrayContaining(ids))
    const known = findings.filter(({ id }) => ids.includes(id))
    expect(known.map(({ id, seen }) => [id, seen])).toEqual(Object.entries(observed.answers))
  })

  test('the PAT goes to GitHub, and to the token route of Vaunt alone', async () => {
    await ask()
    const withPat = sandbox.vaunt.requests.filter(({ headers }) => headers['authorization']?.includes(PAT))
    expect(withPat.length).toBeGreaterThan(0)
    for (const { path } of withPat) expect(path).toMatch(/^\/v1\/github\/entities\/[\w-]+\/token$/)
  })

  test('asks with the headers that the action sends', async () => {
    await ask()
    for (const { headers, path } of [...sandbox.github.requests, ...sandbox.vaunt.requests]) {
      expect([path, headers['user-agent']]).toEqual([path, expect.stringContaining('vaunt-token-action')])
    }
    for (const { headers } of sandbox.github.requests) {
      expect(headers['accept']).toBe('application/vnd.github.v3+json')
      expect(headers['x-github-api-version']).toBe('2022-11-28')
    }
    for (const { headers, path } of sandbox.vaunt.requests) {
      expect(headers['accept']).toBe(path.includes('contributors') ? 'image/svg+xml' : 'application/json')
    }
  })

  test('a PAT that Vaunt hands back as a token is sent nowhere', async () => {
    for (const token of [PAT, `a.b.${PAT.slice(11)}`]) {
      sandbox.vaunt.stageAlways(TOKEN, answer(200, { data: { token } }, { 'content-type': 'application/json' }))
      const { findings } = await ask()
      for (const id of ['vaunt-jwt-header', 'vaunt-jwt-claims', 'vaunt-repositories', 'vaunt-card']) {
        expect(findings.find(finding => finding.id === id)?.seen).toBeUndefined()
      }
      expect(findings.find(({ id }) => id === 'vaunt-jwt-signed')?.seen).toBe('no signed JWT')
      for (const { path } of sandbox.vaunt.requests) expect(path).toMatch(/\/token$/)
    }
  })

  test('whether a read that no longer matters had come is not told: it is chance', async () => {
    const slow =
      (answered: Answer): Answer =>
      (request, response) =>
        new Promise(resolve => {
          setTimeout(() => {
            resolve(answered(request, response))
          }, 200)
        })
    const mona = answer(200, { login: 'Mona', id: 1001, type: 'User' }, GITHUB_HEADERS)
    sandbox.github.stageAlways('GET /users/mona', slow(mona))
    const { findings } = await ask(() => true, sandbox.vaunt.url, { entity: 'mona', pat: PATS.monaFineGrained.token })
    expect(findings.find(({ id }) => id === 'github-membership')?.seen).toBeUndefined()
    sandbox.github.stageAlways('GET /user', slow(answer(401, { message: 'Bad credentials' })))
    const refused = (await ask()).findings
    expect(refused.find(({ id }) => id === 'github-entity')?.seen).toBeUndefined()
    expect(refused.find(({ id }) => id === 'github-membership')?.seen).toBeUndefined()
  })

  test('tells each question in one line: what is assumed and where, and what it comes to', async () => {
    const { findings } = await ask()
    const [title, , ...rest] = table(createReport(false, findings), false).trimEnd().split('\n')
    const lines = rest.slice(0, -2)
    expect(title).toMatch(/^Queried: the sandbox\./)
    expect(rest.at(-1)).toBe(`${IDS.length} same, 0 different, 0 not asked.`)
    expect(lines).toHaveLength(IDS.length)
    for (const [index, { asks, assumed, where: file }] of findings.entries()) {
      expect(lines[index]).toMatch(new RegExp(`^.{${asks.length}} * {2}same {7}`))
      expect(lines[index]?.startsWith(asks)).toBe(true)
      expect(lines[index]).toContain(`  ${assumed.slice(0, 60)}`)
      expect(lines[index]?.endsWith(` (${file})`)).toBe(true)
    }
  })

  test('names a file of the repository for each assumption', () => {
    for (const { where: file } of QUESTIONS) expect(readFileSync(join(ROOT, file), 'utf8')).not.toBe('')
  })
})

describe('an answer that differs is seen there, and nowhere else', () => {
  const cases: readonly (readonly [string, () => void, string[]])[] = [
    [
      'a refusal by GitHub',
      () => {
        sandbox.github.stageAlways('GET /user', answer(401, { message: 'Bad credentials' }))
      },
      ['github-attestation', 'github-user', 'github-headers', 'github-no-pat']
    ],
    [
      'a header of GitHub',
      () => {
        const body = { login: 'Mona', id: 1001, type: 'User' }
        sandbox.github.stage('GET /user', answer(200, body, { 'retry-after': '1' }))
      },
      ['github-headers']
    ],
    [
      'a version of GitHub’s API that ends',
      () => {
        sandbox.github.stage(
          'GET /users/:login',
          answer(
            200,
            { login: 'Acme-Labs', id: 2001, type: 'Organization' },
            { sunset: 'Sat, 1 Jan 2028 00:00:00 GMT' }
          )
        )
      },
      ['github-api-version']
    ],
    [
      'an answer that is compressed',
      () => {
        const packed = gzipSync(JSON.stringify({ login: 'Acme-Labs', id: 2001, type: 'Organization' }))
        sandbox.github.stage('GET /users/:login', (_, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed)
        })
      },
      ['github-compression']
    ],
    [
      'the old name of a renamed account',
      () => {
        sandbox.github.stageAlways('GET /users/acme-before', redirect(301, 'https://api.github.com/user/2001'))
      },
      ['github-renamed']
    ],
    [
      'a PAT that is nobody’s',
      () => {
        const isNobodys = (authorization = ''): boolean => authorization.includes('ghp_000')
        const mona = answer(200, { login: 'Mona', id: 1001, type: 'User' }, GITHUB_HEADERS)
        sandbox.github.stageAlways('GET /user', (request, response) =>
          (isNobodys(request.headers.authorization) ? answer(403, {}) : mona)(request, response)
        )
      },
      ['github-no-pat']
    ],
    [
      'a refusal of the membership',
      () => {
        sandbox.github.stageAlways('GET /user/memberships/orgs/:org', answer(404, { message: 'Not Found' }))
      },
      ['github-attestation', 'github-membership']
    ],
    [
      'the spelling of a login',
      () => {
        const body = { login: 'Acme-Labs', id: 2001, type: 'Organization' }
        sandbox.github.stage('GET /users/:login', answer(200, body), answer(200, { ...body, login: 'acme-labs' }))
      },
      ['github-spelling']
    ],
    [
      'a user that does not exist',
      () => {
        sandbox.github.stageAlways('GET /users/vaunt-probe-no-such-account-0', answer(410, {}))
      },
      ['github-nobody']
    ],
    [
      'the shape of the token’s answer',
      () => {
        sandbox.vaunt.stage(TOKEN, async (request, response) => {
          const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
          const body = { data: { token, ttl: 1 }, meta_data: { count: 1, data_type: 4 } }
          await answer(200, body, { 'content-type': 'application/json' })(request, response)
        })
      },
      ['vaunt-token']
    ],
    [
      'the content type',
      () => {
        sandbox.vaunt.stage(TOKEN, async (request, response) => {
          const body = {
            data: { token: await sandbox.vaunt.model.issueToken('Acme-Labs') },
            meta_data: { count: 1, data_type: 4 }
          }
          await answer(200, body, { 'content-type': 'text/plain' })(request, response)
        })
      },
      ['vaunt-token']
    ],
    [
      'the lifetime',
      () => {
        sandbox.vaunt.model.settings.lifetimeSeconds = 7_200
      },
      ['vaunt-lifetime']
    ],
    [
      'a token without an end',
      () => {
        sandbox.vaunt.model.settings.lifetimeSeconds = undefined
      },
      ['vaunt-jwt-claims', 'vaunt-lifetime']
    ],
    [
      'another header of the JWT',
      () => {
        stageToken(() => forgeToken({ alg: 'ES256' }, CLAIMS))
      },
      ['vaunt-jwt-header']
    ],
    [
      'another algorithm',
      () => {
        stageToken(() => forgeToken({ alg: 'HS256', typ: 'JWT' }, CLAIMS))
      },
      ['vaunt-jwt-header']
    ],
    [
      'a token that is encrypted',
      () => {
        stageToken(() => `${forgeToken({ alg: 'ES256', typ: 'JWT' }, CLAIMS)}.x.y`)
      },
      ['vaunt-jwt-signed']
    ],
    [
      'a header that comes with the token',
      () => {
        stageToken(() => sandbox.vaunt.model.issueToken('Acme-Labs'), { 'cache-control': 'no-store' })
      },
      ['vaunt-headers']
    ],
    [
      'one token twice',
      () => {
        let token: string | undefined
        sandbox.vaunt.stageAlways(TOKEN, async (request, response) => {
          if (!request.headers.authorization?.includes(PAT))
            return answer(401, { error: { message: 'x', code: 0 } })(request, response)
          token ??= await sandbox.vaunt.model.issueToken('Acme-Labs')
          return answer(
            200,
            { data: { token }, meta_data: { count: 1, data_type: 4 } },
            { 'content-type': 'application/json' }
          )(request, response)
        })
      },
      ['vaunt-second-token']
    ],
    [
      'another letter case that is known',
      () => {
        sandbox.vaunt.stageAlways('GET /v1/github/entities/ACME-LABS/token', answer(200, { data: { token: 'x' } }))
      },
      ['vaunt-letter-case']
    ],
    [
      'an unknown entity that is no 404',
      () => {
        sandbox.vaunt.stageAlways('GET /v1/github/entities/vaunt-probe-no-such-account-0/token', answer(403, ''))
      },
      ['vaunt-nobody']
    ],
    [
      'a bearer that is no PAT',
      () => {
        where('vaunt', (_, authorization) => authorization.includes('ghp_000'), answer(400, { message: 'x', code: 3 }))
      },
      ['vaunt-no-pat']
    ],
    [
      'no authorization',
      () => {
        where('vaunt', (_, authorization) => authorization === '', answer(403, ''))
      },
      ['vaunt-no-authorization']
    ],
    [
      'a list in another shape',
      () => {
        where('vaunt', path => path.endsWith('repositories?limit=1'), answer(200, { data: {} }))
      },
      ['vaunt-repositories']
    ],
    [
      'a cursor that leads back',
      () => {
        sandbox.vaunt.model.settings.repositories = ['anvil', 'anvil']
      },
      ['vaunt-second-page']
    ],
    [
      'a card that is large',
      () => {
        const card = `<svg>${' '.repeat(600 * 1024)}</svg>`
        where('vaunt', path => path.includes('contributors'), answer(200, card, { 'content-type': 'image/svg+xml' }))
      },
      ['vaunt-card']
    ],
    [
      'a card that is none',
      () => {
        where('vaunt', path => path.includes('contributors'), answer(200, '<html>', { 'content-type': 'text/html' }))
      },
      ['vaunt-card']
    ]
  ]
  test.each(cases)('%s', async (_, stage, expected) => {
    stage()
    expect(different((await ask()).findings)).toEqual(expected)
  })

  test('an answer in clear', async () => {
    const clear = await listen(clearBefore(sandbox.vaunt.url))
    try {
      const { findings } = await ask(() => true, `https://127.0.0.1:${clear.port}`)
      expect(different(findings)).toEqual(['vaunt-in-clear'])
      expect(findings.find(({ id }) => id === 'vaunt-in-clear')?.seen).toBe('301, a redirect to https')
      expect(saidInClear).toMatch(/^GET \/ HTTP/)
      expect(saidInClear).not.toMatch(/authorization|LOUDFAKE/i)
    } finally {
      await clear.stop()
    }
  })

  test('each question is one of those', () => {
    const elsewhere = ['vaunt-in-clear', 'github-user', 'github-entity', 'github-membership']
    const shown = new Set([...cases.flatMap(([, , expected]) => expected), ...elsewhere])
    expect(IDS.filter(id => !shown.has(id))).toEqual([])
  })

  test.each([
    ['GET /user', 'github-user'],
    ['GET /users/{username}', 'github-entity'],
    ['GET /user/memberships/orgs/{org}', 'github-membership']
  ])('the body of %s in another form', async (route, id) => {
    expect(different((await ask(other => other !== route)).findings)).toEqual([id])
  })

  test('a Vaunt that is not reached is not asked in clear: silence would say nothing', async () => {
    const { findings } = await ask(() => true, 'https://127.0.0.1:1')
    expect(findings.find(({ id }) => id === 'vaunt-no-pat')?.seen).toBe('fails: vaunt-unavailable')
    expect(findings.find(({ id }) => id === 'vaunt-in-clear')?.seen).toBeUndefined()
  })

  test.each<[string, () => void, string]>([
    [
      'another entity',
      () => {
        sandbox.vaunt.stageAlways(TOKEN, answer(404, { error: { message: 'x', code: 2 } }))
      },
      'vaunt-entity-unknown'
    ],
    [
      'a login page',
      () => {
        sandbox.vaunt.stageAlways(TOKEN, answer(401, '<html>', { 'content-type': 'text/html' }))
      },
      'vaunt-unexpected'
    ],
    [
      'a token that has expired',
      () => {
        stageToken(() => forgeToken({ alg: 'ES256', typ: 'JWT' }, CLAIMS))
      },
      'token-expired'
    ]
  ])('what the action would refuse is told in its words: %s', async (_, stage, code) => {
    stage()
    expect((await ask()).failures.join()).toContain(`[${code}]`)
  })

  test.each([408, 429, 500, 503])(
    'status %i is told with its shape, though the action would only fail',
    async status => {
      const refusal = answer(status, { error: { message: 'x', code: 0 } }, { 'content-type': 'application/json' })
      where('vaunt', (_, authorization) => authorization.includes('ghp_000'), refusal)
      const { findings } = await ask()
      expect(findings.find(({ id }) => id === 'vaunt-no-pat')?.seen).toBe(
        `${status}, application/json, {error: {code: number, message: text}}`
      )
    }
  )

  test.each<[string, () => void, string[]]>([
    [
      'a second token in another form',
      () => {
        let turn = 0
        sandbox.vaunt.stageAlways(TOKEN, async (request, response) => {
          if (!request.headers.authorization?.includes(PAT)) return sandbox.vaunt.model.answer(request, response)
          const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
          const first = { data: { token }, meta_data: { count: 1, data_type: 4 } }
          const headers = { 'content-type': 'application/json' }
          return answer(++turn === 1 ? 200 : 201, turn === 1 ? first : { data: { token } }, headers)(request, response)
        })
      },
      ['vaunt-second-token']
    ],
    [
      'a second page with another status',
      () => {
        where(
          'vaunt',
          path => path.includes('after='),
          answer(203, { data: [{ name: 'x' }] }, { 'content-type': 'text/plain' })
        )
      },
      ['vaunt-second-page']
    ],
    [
      'a card that is a page, and says that it is none',
      () => {
        const page = '<!doctype html><script>1</script>'
        where('vaunt', path => path.includes('contributors'), answer(200, page, { 'content-type': 'image/svg+xml' }))
      },
      ['vaunt-card']
    ],
    [
      'headers that the action reads',
      () => {
        const body = { login: 'Mona', id: 1001, type: 'User' }
        sandbox.github.stage('GET /user', answer(200, body, { ...GITHUB_HEADERS, 'x-oauth-scopes': 'repo' }))
      },
      ['github-headers']
    ],
    [
      'another version of the API, of any answer',
      () => {
        const headers = { ...GITHUB_HEADERS, 'x-github-api-version-selected': '2099-01-01' }
        sandbox.github.stageAlways(
          'GET /users/acme-before',
          answer(
            404,
            { documentation_url: 'x', message: 'x', status: '404' },
            { 'content-type': 'application/json', ...headers }
          )
        )
      },
      ['github-api-version']
    ]
  ])('%s, too', async (_, stage, expected) => {
    stage()
    expect(different((await ask()).findings)).toEqual(expected)
  })

  test('a PAT that GitHub refuses is told as the action tells it, and Vaunt never sees it', async () => {
    sandbox.github.stageAlways('GET /user', answer(401, { message: 'Bad credentials' }))
    const { findings, failures } = await ask()
    expect(failures.join()).toContain('[pat-rejected]')
    expect(findings.find(({ id }) => id === 'vaunt-token')?.seen).toBeUndefined()
    expect(findings.find(({ id }) => id === 'vaunt-no-authorization')?.seen).toBeDefined()
    for (const { headers } of sandbox.vaunt.requests) expect(headers['authorization'] ?? '').not.toContain(PAT)
  })
})

describe('a hostile Vaunt', () => {
  const SECRET_TOKEN = forgeToken({ alg: 'ES256' }, { [PAT.slice(0, 20)]: PAT, '::add-mask::x': '##[error]', exp: 1 })

  test.each<[string, Answer]>([
    [
      'says the PAT in names and values',
      answer(200, { [PAT]: PAT, data: { token: SECRET_TOKEN, [PAT.slice(4, 24)]: 1 } })
    ],
    ['says commands', answer(200, { '::add-mask::x\n': 1, '##[error]': { data: '::set-output name=x::y' } })],
    ['pours without end', endless()],
    ['leads elsewhere', redirect(302, `https://evil.example/?${PAT}`)],
    ['answers in a type of its own', answer(418, PAT, { 'content-type': `text/${PAT}` })],
    ['says a part of the PAT as a type', answer(418, '', { 'content-type': `text/${PAT.slice(4, 24)}` })],
    [
      'says pieces of the PAT in names',
      answer(200, {
        [`k${PAT.slice(11, 35)}`]: 1,
        [`is_${PAT.slice(35, 42)}`]: 2,
        [PAT.slice(30, 36).toLowerCase()]: 3
      })
    ],
    [
      'repeats the PAT without its prefix',
      answer(503, { error: { message: `bad ${PAT.slice(11)}` } }, { 'x-request-id': PAT.slice(11) })
    ],
    ['answers with a list of people by name', answer(200, { data: { octocat: { id: 1 }, hubot: { id: 2 } } })],
    [
      'has names that have a login in them',
      answer(200, { data: { mona_repos: 1, 'acme-labs-two': 1, 'acme-before': 2 } })
    ],
    ['answers with a list of people', answer(200, { data: { mona: 1, 'acme-labs': 2 } })],
    [
      'has a thousand names',
      answer(200, Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`n${index}`, PAT])))
    ]
  ])('that %s leaves no secret and no forged line anywhere', async (_, hostile) => {
    sandbox.vaunt.stageAlways('*', hostile)
    const { findings, failures } = await ask()
    const report = createReport(false, findings)
    for (const text of [
      table(report, false),
      table(report, true).replaceAll('\u001b[', ''),
      JSON.stringify(report),
      failures.join('\n')
    ]) {
      expect(text).not.toContain('LOUDFAKE')
      expect(text).not.toContain(PAT.slice(0, 20))
      expect(text).not.toContain(PAT.slice(4, 24))
      expect(text).not.toContain(SECRET_TOKEN)
      expect(text).not.toMatch(/::|##\[/)
      expect(text).not.toContain(PAT.slice(11, 17))
      expect(text).not.toMatch(/octocat|hubot/)
    }
    expect(JSON.stringify(report) + table(report, false)).not.toMatch(/mona|acme/i)
    // A line for each question, and two more for each that differs: nothing that was seen begins one of its own.
    expect(table(report, false).split('\n')).toHaveLength(2 + IDS.length + 2 * different(findings).length + 3)
  })

  test('that answers with a million names makes no table that an issue cannot hold', async () => {
    const names = Array.from({ length: 40 }, (_, index) =>
      'abcdefghij'.charAt(index % 10).repeat(1 + Math.floor(index / 10))
    )
    const inner = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? 1 : 'x']))
    const outer = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? inner : [inner]]))
    sandbox.vaunt.stageAlways('*', answer(401, { data: outer, message: 'x' }))
    expect(table(createReport(false, (await ask()).findings), false).length).toBeLessThan(40_000)
  })

  test('whatever it says, only names and types are told', () => {
    const teller = createTeller([PAT], ['Mona'])
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 8 }), (value, text) => {
        const shape = teller.shape({ held: value, [text]: `LOUDFAKE${text}`, [PAT.slice(0, 12)]: PAT, mona: 1 })
        expect(shape).not.toContain('LOUDFAKE')
        expect(shape).not.toContain(PAT.slice(0, 12))
        expect(shape).not.toContain('mona: ')
        expect(shape).not.toMatch(/[\r\n]|::|##\[/)
      })
    )
  })
})

describe('a report', () => {
  test('is read as it was written, and accepted', async () => {
    const { findings } = await ask()
    const report = createReport(true, findings)
    expect(readReport(JSON.stringify(report))).toEqual(report)
    expect(accepted(report)).toEqual({
      seen: 'live',
      answers: Object.fromEntries(findings.map(({ id, seen }) => [id, seen]))
    })
  })

  const finding = { id: 'github-user', asks: 'x', assumed: 'x', where: 'x', seen: '200, as GitHub describes it' }
  const answered = [finding, { ...finding, id: 'vaunt-token', seen: '200, application/json, {data: {token: text}}' }]

  test('is accepted only when it is whole, and both services answered', () => {
    expect(accepted(createReport(true, answered)).answers).toEqual(
      Object.fromEntries(answered.map(({ id, seen }) => [id, seen]))
    )
    expect(() => accepted(createReport(true, answered, false))).toThrow('interrupted')
    expect(() => accepted(createReport(true, []))).toThrow('no answer')
    const [, vaunt = finding] = answered
    expect(() => accepted(createReport(true, [finding, { ...vaunt, seen: 'fails: vaunt-unavailable' }]))).toThrow(
      'no answer'
    )
    const more = { ...finding, id: 'vaunt-card', seen: 'fails: proxy-failed' }
    expect(accepted(createReport(true, [...answered, more])).answers).not.toHaveProperty('vaunt-card')
  })

  test.each([
    'Mona Lisa, id 583231, password hunter2',
    '200, application/json, {data: {token: hunter2}}',
    'see [link](https://evil.example)',
    '@octocat',
    '<img src=x>',
    '200, text/html; charset=x, empty',
    'date, https://evil.example'
  ])('with other words than a probe writes is refused: %s', seen => {
    const report = { ...createReport(true, answered), findings: [{ ...finding, seen }] }
    expect(() => readReport(JSON.stringify(report))).toThrow('the probe never writes')
  })

  test.each([
    ['two answers to one question', [finding, finding]],
    ['an answer to no question', [{ ...finding, id: 'constructor' }]]
  ])('with %s is refused', (_, findings) => {
    const report = { ...createReport(true, answered), findings }
    expect(() => readReport(JSON.stringify(report), IDS)).toThrow('an unknown or a duplicate finding')
  })

  test.each([
    ['', "This isn't a probe report."],
    ['{}', "This isn't a probe report."],
    ['{"kind":"vaunt-token-action probe","version":2}', 'a different version'],
    ['{"kind":"vaunt-token-action probe","version":1}', 'no findings'],
    ['{"kind":"vaunt-token-action probe","version":1,"findings":[{}]}', 'without an ID'],
    [
      '{"kind":"vaunt-token-action probe","version":1,"findings":[{"id":"x","seen":"a\\n::b"}]}',
      'the probe never writes'
    ]
  ])('that is none is refused: %s', (text, words) => {
    expect(() => readReport(text)).toThrow(words)
  })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(
  flags: readonly string[],
  environment: Record<string, string> = {},
  interruptAt?: Promise<void>,
  signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(process.execPath, [join(ROOT, 'tools', 'probe.ts'), ...flags], {
      env: { PATH, HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000
    })
    const text = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
    void interruptAt?.then(() => child.kill(signal))
    child.on('error', reject).on('close', code => {
      resolve({ code, ...text })
    })
  })
}

function live(): Record<string, string> {
  return {
    VAUNT_PAT: PAT,
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
    PROBE_GITHUB_API_URL: sandbox.github.url,
    PROBE_VAUNT_API_URL: sandbox.vaunt.url
  }
}

describe('the command', () => {
  test('without anything asks the sandbox, plain when it is piped', async () => {
    const json = join(folder, 'report.json')
    const { code, stdout, stderr } = await run(['--json', json])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').filter(line => / {2}same {7}/.test(line))).toHaveLength(IDS.length)
    expect(stdout).not.toContain('\u001b')
    expect(readReport(readFileSync(json, 'utf8')).live).toBe(false)
  })

  test('a report that cannot be written: the table is there all the same, one line, and exit code 2', async () => {
    const { code, stdout, stderr } = await run(['--json', join(folder, 'none', 'report.json')])
    expect([code, stderr]).toEqual([2, "Can't write the report (ENOENT).\n"])
    expect(stdout.split('\n').filter(line => / {2}same {7}/.test(line))).toHaveLength(IDS.length)
  })

  test('asks other services by the PAT in VAUNT_PAT, and --check tells by the exit code', async () => {
    expect((await run(['--live', '--entity', 'acme-labs', '--check'], live())).code).toBe(0)
    sandbox.vaunt.model.settings.lifetimeSeconds = 60
    const { code, stdout } = await run(['--live', '--entity', 'acme-labs', '--check'], live())
    expect(code).toBe(1)
    expect(stdout).toContain('assumed: 3600 s')
    expect(stdout).toContain('seen:    60 s')
  })

  test('when it is interrupted, writes what was seen so far', async () => {
    const isAsked = new Promise<void>(resolve => {
      sandbox.vaunt.stageAlways('*', () => {
        resolve()
      })
    })
    const json = join(folder, 'interrupted.json')
    const { code, stdout } = await run(['--live', '--entity', 'acme-labs', '--json', json], live(), isAsked)
    expect(code).toBe(130)
    expect(stdout).toContain('What does GitHub return for the entity?')
    const seen = readReport(readFileSync(json, 'utf8')).findings.map(({ id }) => id)
    expect(seen).toContain('github-attestation')
    expect(seen).not.toContain('vaunt-card')
  })

  test('when it is interrupted while it asks the sandbox, leaves nothing behind', async () => {
    const temporary = mkdtempSync(join(folder, 'temporary-'))
    const json = join(folder, 'none', 'x.json')
    let ended: Ended = { code: null, stdout: '', stderr: '' }
    // Before it asks, a signal ends it as any program.
    for (let waitMs = 1_500; ended.code === null; waitMs *= 2) {
      rmSync(temporary, { recursive: true })
      mkdirSync(temporary)
      ended = await run(['--json', json], { TMPDIR: temporary }, sleep(waitMs), 'SIGTERM')
    }
    // It may have ended by itself: then it tells the same of the file.
    expect([143, 2]).toContain(ended.code)
    expect(ended.stderr).toBe("Can't write the report (ENOENT).\n")
    expect(readdirSync(temporary)).toEqual([])
  })

  test('says which file of certificates cannot be read, as the action does', async () => {
    const { stderr } = await run(['--live', '--entity', 'acme-labs'], {
      ...live(),
      NODE_EXTRA_CA_CERTS: join(folder, 'none.pem')
    })
    expect(stderr).toContain('NODE_EXTRA_CA_CERTS is set, but Node.js ignored it because its file is missing')
  })

  test('where nobody answers nothing differs: --check exits with 3', async () => {
    const nowhere = { PROBE_GITHUB_API_URL: 'https://localhost:1', PROBE_VAUNT_API_URL: 'https://localhost:1' }
    const { code, stdout } = await run(['--live', '--entity', 'acme-labs', '--check'], { ...live(), ...nowhere })
    expect(code).toBe(3)
    expect(stdout).toContain(`0 same, 0 different, ${IDS.length} not asked.`)
  })

  test('a reader who has enough of the table is no error', () => {
    const { PATH = '', HOME = '' } = process.env
    const command = `"${process.execPath}" "${join(ROOT, 'tools', 'probe.ts')}" | true; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { env: { PATH, HOME }, encoding: 'utf8' })
    expect([stdout.trim(), stderr]).toEqual(['0', ''])
  })

  const BROKEN = join(folder, 'broken.json')
  writeFileSync(BROKEN, '{}')

  test.each<[string, string[], Record<string, string>, string]>([
    ['no PAT', ['--live', '--entity', 'x'], {}, 'There is no PAT'],
    ['no entity', ['--live'], { VAUNT_PAT: PAT }, 'Add the user or organization'],
    ['an entity that is none', ['--live', '--entity', '..'], { VAUNT_PAT: PAT }, 'Add the user or organization'],
    ['an unknown flag', ['--lvie'], {}, "Unknown option '--lvie'"],
    ['a report that is none', ['--accept', BROKEN], {}, "This isn't a probe report."],
    ['a report that is not there', ['--accept', join(folder, 'none')], {}, 'ENOENT'],
    ['a file that is no flag', ['report.json'], {}, "Unexpected argument 'report.json'"],
    ['a flag without a value', ['--json'], {}, "'--json <value>' argument missing"],
    ['an entity for the sandbox', ['--entity', 'x'], {}, 'require --live'],
    ['a report to accept and one to write', ['--accept', BROKEN, '--json', BROKEN], {}, "can't be combined"],
    ['a report to accept and a check', ['--accept', BROKEN, '--check'], {}, "can't be combined"],
    ['a PAT in two lines', ['--live', '--entity', 'x'], { VAUNT_PAT: `${PAT}\nx` }, 'whitespace'],
    ['an address in clear', ['--live', '--entity', 'x'], { VAUNT_PAT: PAT, PROBE_VAUNT_API_URL: 'http://x' }, 'https'],
    ['another flag that npm took', [], { npm_config_accept: 'x' }, 'Run: npm run probe -- --accept=x'],
    ['a flag that npm took', [], { npm_config_live: 'true' }, 'Run: npm run probe -- --live']
  ])('%s: one line, the usage where the flags are wrong, and exit code 2', async (_, flags, environment, words) => {
    const { code, stdout, stderr } = await run(flags, environment)
    expect([code, stdout]).toEqual([2, ''])
    const [line = ''] = stderr.split(/^Usage: npm run probe$/m)
    expect(line).toContain(words)
    expect(line.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).not.toContain('LOUDFAKE')
  })

  test.each(['--help', '-h'])('%s tells how it is used', async flag => {
    const { code, stdout } = await run([flag])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: npm run probe/)
  })
})
