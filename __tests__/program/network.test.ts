// Tests the built action on broken networks: the error code, the requests that each host received, and the duration. Proxies are tested in proxies.test.ts.

import { connect, createServer } from 'node:net'
import { describe, expect } from '@jest/globals'
import { PATS } from '../../sandbox/github/population.ts'
import { refusals } from '../../sandbox/github/responses.ts'
import { createCertificates } from '../../sandbox/network/certificates.ts'
import { ignore } from '../../sandbox/network/ignore.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import {
  after,
  answer,
  closeAfter,
  closeBeforeAnswer,
  closeMidBody,
  deeplyNestedJson,
  drip,
  endless,
  hang,
  hangUpAfter,
  html,
  raw,
  redirect,
  resetBeforeAnswer,
  resetMidBody,
  resetNextAfter,
  truncatedJson
} from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import { startServer } from '../../sandbox/network/server.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { asAdmin, asUser, expectFailure, message, withMain } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'
import { sideBySide } from './side-by-side.ts'

/** Two cores are to have enough to do, but a step must not wait for its turn. */
const quick = sideBySide(3)
/** They pause between attempts, which takes no core. */
const pausing = sideBySide(8)
/** They wait for what never comes, by the real clock and all at once. */
const patient = sideBySide(Infinity)

type Service = 'github' | 'vaunt'
const SERVICES = ['github', 'vaunt'] as const
const NAMES = { github: 'GitHub', vaunt: 'Vaunt' } as const

const MEMBERSHIP = 'GET /user/memberships/orgs/:org'
const EXCHANGE = 'GET /v1/github/entities/:entity/token'
/** The last of GitHub's three reads decides last, so the number of requests to the others is known exactly. */
const ROUTES = { github: MEMBERSHIP, vaunt: EXCHANGE } as const

/** When waiting cannot help. Starting the process takes most of it. */
const AT_ONCE_MS = 3_000
/** Three attempts, with pauses of 1 to 1.5 s and 5 to 7.5 s between them. */
const RETRIED_MS = 12_000
/** The same after a rate limit that does not say how long: 10 to 20 s and 20 to 30 s. */
const LIMITED_MS = 54_000
const LONGEST_MS = 62_000

/** The paths each host was asked for, each with how often. */
function asked(sandbox: Sandbox): Record<Service, Record<string, number>> {
  const count = ({ requests }: StagedServer): Record<string, number> => {
    const counts = new Map<string, number>()
    for (const { path } of requests) counts.set(path, (counts.get(path) ?? 0) + 1)
    return Object.fromEntries(counts)
  }
  return { github: count(sandbox.github), vaunt: count(sandbox.vaunt) }
}

/** What a step for Acme-Labs asks when a service, and no other, needs `times` requests on its route of `ROUTES`. */
function expectAsked(sandbox: Sandbox, service: Service, times: number, isSuccess = false): void {
  const exchanges = service === 'vaunt' ? times : isSuccess ? 1 : 0
  expect(asked(sandbox)).toEqual({
    github: {
      '/user': 1,
      '/users/acme-labs': 1,
      '/user/memberships/orgs/acme-labs': service === 'github' ? times : 1
    },
    vaunt: exchanges === 0 ? {} : { '/v1/github/entities/Acme-Labs/token': exchanges }
  })
}

function retries(result: StepResult): string[] {
  return result.log.filter(line => /\. Retrying in \d+\.\d s \(attempt [23]\)\.$/.test(line))
}

function expectSuccess(result: StepResult): void {
  expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 0 })
  expect(result.annotations).toEqual([])
  expect(result.outputs['token']).toMatch(/^eyJ/)
  expect(result.stderr).toBe('')
  expectNoLeak(result, [result.outputs['token'] ?? ''])
}

// What is met at once, on each service.

interface Fault {
  readonly name: string
  readonly answer: Answer
  readonly code: 'unavailable' | 'unexpected' | 'rate-limited'
  readonly attempts: 1 | 3
  /** Stands in the annotation. */
  readonly words: string
  /** How long it takes at most; by default as long as its attempts. */
  readonly longestMs?: number
}

const BROKEN = { code: 'unavailable', attempts: 3, words: 'The request to ' } as const
const STRANGE = { code: 'unexpected', attempts: 1 } as const

const FAULTS: readonly Fault[] = [
  { name: 'resets before it answers', answer: resetBeforeAnswer(), ...BROKEN },
  { name: 'resets in the middle of the body', answer: resetMidBody(), ...BROKEN },
  { name: 'hangs up before it answers', answer: closeBeforeAnswer(), ...BROKEN },
  { name: 'hangs up in the middle of the body', answer: closeMidBody(), ...BROKEN },
  {
    name: 'hangs up in the middle of a chunked body',
    answer: raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"id":200'),
    ...BROKEN
  },
  { name: 'speaks no HTTP', answer: raw('* OK IMAP4rev1 ready\r\n'), ...STRANGE, words: 'HPE_' },
  {
    name: 'sends headers without end',
    answer: raw(`HTTP/1.1 200 OK\r\n${'x-padding: aaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(4_000)}\r\n{}`),
    ...STRANGE,
    words: 'HPE_HEADER_OVERFLOW'
  },
  {
    name: 'switches protocols',
    answer: raw('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    ...STRANGE,
    words: 'HTTP 101'
  },
  { name: 'sends a body without end', answer: endless(), ...STRANGE, words: 'more than 1 MiB' },
  { name: 'sends an error with a body without end', answer: endless(500), ...STRANGE, words: 'more than 1 MiB' },
  { name: 'answers 200 with the page of a captive portal', answer: html(), ...STRANGE, words: '(HTTP 200)' },
  { name: 'answers 511 with the page of a captive portal', answer: html(511), ...STRANGE, words: '(HTTP 511)' },
  { name: 'answers with truncated JSON', answer: truncatedJson(), ...STRANGE, words: '(HTTP 200)' },
  { name: 'answers with deeply nested JSON', answer: deeplyNestedJson(200_000), ...STRANGE, words: '(HTTP 200)' },
  { name: 'answers with an empty body', answer: answer(200), ...STRANGE, words: '(HTTP 200)' },
  { name: 'answers with the JSON text null', answer: answer(200, 'null'), ...STRANGE, words: '(HTTP 200)' },
  { name: 'answers 204', answer: answer(204), ...STRANGE, words: '(HTTP 204)' },
  { name: 'answers 304', answer: answer(304), ...STRANGE, words: '(HTTP 304)' },
  ...[400, 410, 418, 422, 451, 501, 505].map(status => ({
    name: `answers ${status}`,
    answer: answer(status, { message: 'Not today' }),
    ...STRANGE,
    words: `(HTTP ${status})`
  })),
  ...[408, 500, 502, 503, 504, 520, 530, 599].map(status => ({
    name: `answers ${status} again and again`,
    answer: answer(status, { message: 'Not today' }),
    ...BROKEN,
    words: `(HTTP ${status})`
  })),
  {
    name: 'answers 429 again and again',
    answer: answer(429, { message: 'Slow down' }),
    code: 'rate-limited',
    attempts: 3,
    words: 'limiting requests',
    longestMs: LIMITED_MS
  },
  {
    name: 'answers 403 with retry-after again and again',
    answer: answer(403, { message: 'Slow down' }, { 'retry-after': '0' }),
    code: 'rate-limited',
    attempts: 3,
    words: 'limiting requests'
  }
]

describe.each(SERVICES)('%s', service => {
  for (const fault of FAULTS) {
    const run = fault.longestMs !== undefined ? patient : fault.attempts === 3 ? pausing : quick
    run(`${fault.name}: ${fault.code}, ${fault.attempts} requests`, async sandbox => {
      sandbox[service].stageAlways(ROUTES[service], fault.answer)
      const result = await sandbox.runStep(asAdmin())
      expectFailure(result, `${service}-${fault.code}`)
      expect(message(result)).toContain(fault.words)
      expect(message(result)).toContain(NAMES[service])
      expectAsked(sandbox, service, fault.attempts)
      expect(retries(result)).toHaveLength(fault.attempts - 1)
      expect(message(result).includes('3 attempts')).toBe(fault.attempts === 3)
      expect(result.durationMs).toBeLessThan(fault.longestMs ?? (fault.attempts === 1 ? AT_ONCE_MS : RETRIED_MS))
    })
  }

  pausing('refuses connections: unavailable', async sandbox => {
    const gone = await startServer({ model: hang(), certificate: sandbox.certificates.server })
    await gone.stop()
    const result = await sandbox.runStep(insteadOf(service, gone.url))
    expectFailure(result, `${service}-unavailable`)
    expect(message(result)).toContain('ECONNREFUSED')
    expect(message(result)).toContain('3 attempts')
    expect(sandbox.vaunt.requests).toEqual([])
    expect(sandbox.github.requests).toHaveLength(service === 'github' ? 0 : 3)
    expect(result.durationMs).toBeLessThan(RETRIED_MS)
  })

  pausing('speaks no TLS: unavailable', async sandbox => {
    const heard: Buffer[] = []
    const plain = await listen(
      createServer(socket => {
        socket.on('data', chunk => heard.push(chunk))
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
      })
    )
    const result = await sandbox.runStep(insteadOf(service, `https://localhost:${plain.port}`))
    await plain.stop()
    expectFailure(result, `${service}-unavailable`)
    expect(message(result)).toContain('EPROTO')
    // What it heard began with the handshake, and the PAT was in none of it.
    expect(heard.length).toBeGreaterThan(0)
    expect(Buffer.concat(heard).includes('LOUDFAKE')).toBe(false)
    expect(sandbox.vaunt.requests).toEqual([])
    expect(result.durationMs).toBeLessThan(RETRIED_MS)
  })

  for (const [first, second] of [
    [408, 521],
    [500, 502],
    [503, 504]
  ] as const) {
    pausing(`answers ${first}, then ${second}, then as it should: success`, async sandbox => {
      sandbox[service].stage(ROUTES[service], answer(first), answer(second))
      const result = await sandbox.runStep(asAdmin())
      expectSuccess(result)
      expectAsked(sandbox, service, 3, true)
      expect(retries(result)).toEqual([
        expect.stringMatching(`^${NAMES[service]} \\(.*\\): HTTP ${first}\\. Retrying in .* \\(attempt 2\\)\\.$`),
        expect.stringMatching(`^${NAMES[service]} \\(.*\\): HTTP ${second}\\. Retrying in .* \\(attempt 3\\)\\.$`)
      ])
      expect(result.durationMs).toBeLessThan(RETRIED_MS)
    })
  }

  pausing('breaks off twice, then answers as it should: success', async sandbox => {
    sandbox[service].stage(ROUTES[service], resetMidBody(), closeBeforeAnswer())
    const result = await sandbox.runStep(asAdmin())
    expectSuccess(result)
    expectAsked(sandbox, service, 3, true)
    expect(retries(result)).toHaveLength(2)
  })

  quick('is believed with a body of 1 MiB, and not with one byte more', async sandbox => {
    const padded = async (bytes: number): Promise<StepResult> => {
      const body =
        service === 'github'
          ? JSON.stringify({ state: 'active', role: 'admin', user: { id: 1001 }, organization: { id: 2001 } })
          : JSON.stringify({ data: { token: await sandbox.vaunt.model.issueToken('Acme-Labs') } })
      sandbox[service].stageAlways(ROUTES[service], answer(200, body.padEnd(bytes)))
      return sandbox.runStep(asAdmin())
    }
    expectSuccess(await padded(1_048_576))
    const result = await padded(1_048_577)
    expectFailure(result, `${service}-unexpected`)
    expect(message(result)).toContain('more than 1 MiB')
  })
})

/** A step for Acme-Labs that takes another address for a service. */
function insteadOf(service: Service, url: string, more: StepOptions = {}): StepOptions {
  return asAdmin({ ...more, with: { [`${service}-api-url`]: url, ...more.with } })
}

describe.each(SERVICES)('a redirect from %s', service => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    quick(`(${status}) to another host is not followed, and that host sees nothing`, async sandbox => {
      const elsewhere = await startServer({
        model: answer(200, { id: 1001, login: 'Mona', type: 'User' }),
        certificate: sandbox.certificates.server
      })
      // All of the service's answers, for the PAT goes with each request.
      sandbox[service].stageAlways('*', redirect(status, `${elsewhere.url}/user`))
      const result = await sandbox.runStep(asAdmin())
      await elsewhere.stop()
      expect(elsewhere.requests).toEqual([])
      expect(elsewhere.connections).toBe(0)
      expectFailure(result, `${service}-unexpected`)
      expect(message(result)).toContain(
        `to ${elsewhere.url}/user (HTTP ${status}). This action never follows redirects.`
      )
      expect(Math.max(...Object.values(asked(sandbox)[service]))).toBe(1)
      if (service === 'github') expect(sandbox.vaunt.requests).toEqual([])
      expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
    })
  }

  quick('within the same host is not followed either', async sandbox => {
    sandbox[service].stageAlways(ROUTES[service], redirect(301, '/renamed'))
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, `${service}-unexpected`)
    expect(message(result)).toContain('to /renamed (HTTP 301)')
    expectAsked(sandbox, service, 1)
  })
})

describe.each(SERVICES)('%s asks to wait', service => {
  const near: readonly (readonly [string, () => Answer])[] = [
    ['two seconds (retry-after)', () => answer(503, '', { 'retry-after': '2' })],
    [
      'until a date (retry-after)',
      () => answer(503, '', { 'retry-after': new Date(Date.now() + 2_000).toUTCString() })
    ],
    [
      'until a time (x-ratelimit-reset)',
      () => answer(403, { message: 'API rate limit exceeded' }, { ...exhausted(2), 'x-ratelimit-used': '5000' })
    ],
    ['two seconds, with a 403 (retry-after)', () => answer(403, { message: 'Slow down' }, { 'retry-after': '2' })]
  ]
  for (const [name, make] of near) {
    quick(`${name}: it waits that long, then succeeds`, async sandbox => {
      // Made when it is asked for: it names a time.
      sandbox[service].stage(ROUTES[service], (request, response) => make()(request, response))
      const result = await sandbox.runStep(asAdmin())
      expectSuccess(result)
      expectAsked(sandbox, service, 2, true)
      const [one, other] = sandbox[service].requests.slice(-2)
      // Times in headers are whole seconds, so two of them may stand for little more than one.
      expect((other?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(950)
      expect(result.durationMs).toBeLessThan(RETRIED_MS)
    })
  }

  const until = Math.floor(Date.now() / 1000) + 3_000
  const far: readonly (readonly [string, 'unavailable' | 'rate-limited', Answer])[] = [
    ['an hour, with 503 (retry-after)', 'unavailable', answer(503, '', { 'retry-after': '3600' })],
    ['61 seconds, with 429 (retry-after)', 'rate-limited', answer(429, '', { 'retry-after': '61' })],
    ['an hour, with 403 (retry-after)', 'rate-limited', answer(403, '', { 'retry-after': '3600' })],
    ['ten thousand years (retry-after)', 'rate-limited', answer(429, '', { 'retry-after': '315576000000' })],
    ['longer than there are dates (retry-after)', 'rate-limited', answer(429, '', { 'retry-after': '9'.repeat(400) })],
    [
      'until a far date (retry-after)',
      'unavailable',
      answer(503, '', { 'retry-after': new Date(until * 1000).toUTCString() })
    ],
    ['until a far time (x-ratelimit-reset)', 'rate-limited', answer(403, '', exhausted(until))],
    ['until a far time, with 429 (x-ratelimit-reset)', 'rate-limited', answer(429, '', exhausted(until))]
  ]
  for (const [name, code, refusal] of far) {
    quick(`${name}: it fails at once and says until when`, async sandbox => {
      sandbox[service].stageAlways(ROUTES[service], refusal)
      const result = await sandbox.runStep(asAdmin())
      expectFailure(result, `${service}-${code}`)
      const [, told = ''] = / (?:until|after) ([\d+:.TZ-]+)\. /.exec(message(result)) ?? []
      expect(Number.isNaN(Date.parse(told))).toBe(name.includes('than there are dates'))
      // On the runner's clock; the server's counts whole seconds.
      if (name.includes('far')) expect(Math.abs(Date.parse(told) - until * 1000)).toBeLessThanOrEqual(2_000)
      expectAsked(sandbox, service, 1)
      expect(retries(result)).toEqual([])
      expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
    })
  }

  pausing('in words that are no time: it waits as for anything else', async sandbox => {
    sandbox[service].stageAlways(ROUTES[service], answer(503, '', { 'retry-after': 'tomorrow, or -1' }))
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, `${service}-unavailable`)
    expectAsked(sandbox, service, 3)
    expect(result.durationMs).toBeLessThan(RETRIED_MS)
  })
})

/** @param reset epoch seconds, or few seconds from now */
function exhausted(reset: number): Record<string, string> {
  const at = reset < 1_000 ? Math.floor(Date.now() / 1000) + reset : reset
  return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${at}` }
}

describe('a 403 without a marker', () => {
  patient('but in the words of a rate limit is tried again after many seconds', async sandbox => {
    sandbox.github.stage(MEMBERSHIP, refusals.secondaryRateLimit())
    const result = await sandbox.runStep(asAdmin())
    expectSuccess(result)
    expectAsked(sandbox, 'github', 2, true)
    expect(result.durationMs).toBeGreaterThan(10_000)
  })

  quick('from GitHub, for too many failed logins, is not tried again', async sandbox => {
    const words = 'Maximum number of login attempts exceeded. Please try again later.'
    sandbox.github.stageAlways(
      MEMBERSHIP,
      answer(403, { message: words, documentation_url: 'https://docs.github.com/rest' })
    )
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, 'github-rate-limited')
    expect(message(result)).toContain('too many failed attempts')
    expectAsked(sandbox, 'github', 1)
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })

  quick('from Vaunt is not tried again', async sandbox => {
    sandbox.vaunt.stageAlways(EXCHANGE, answer(403, { message: 'No' }, { 'x-ratelimit-remaining': '7' }))
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, 'vaunt-refused')
    expectAsked(sandbox, 'vaunt', 1)
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })
})

describe.each(SERVICES)('the certificate of %s', service => {
  for (const [kind, words] of [
    ['untrusted', "isn't signed by a CA that this runner trusts"],
    ['expired', 'has expired'],
    ['wrongHost', 'was issued for another host']
  ] as const) {
    quick(`(${kind}) is refused, and nothing is sent to it`, async sandbox => {
      const impostor = await startServer({
        model: answer(200, { id: 1001, login: 'Mona', type: 'User' }),
        certificate: await sandbox.certificates[kind]()
      })
      const result = await sandbox.runStep(
        // Node's own switch must not be one for this action.
        insteadOf(service, impostor.url, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
      )
      await impostor.stop()
      expect(impostor.requests).toEqual([])
      expect(impostor.connections).toBeGreaterThan(0)
      expectFailure(result, 'tls-untrusted')
      expect(message(result)).toContain(`The TLS certificate of localhost:${impostor.port} ${words} (`)
      expect(sandbox.vaunt.requests).toEqual([])
      expect(sandbox.github.requests).toHaveLength(service === 'github' ? 0 : 3)
      expect(retries(result)).toEqual([])
      expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
    })
  }

  quick('of a CA of their own is refused without NODE_EXTRA_CA_CERTS', async sandbox => {
    const result = await sandbox.runStep(asAdmin({ environment: { NODE_EXTRA_CA_CERTS: undefined } }))
    expectFailure(result, 'tls-untrusted')
    expect(message(result)).toContain('NODE_EXTRA_CA_CERTS')
    expect(asked(sandbox)).toEqual({ github: {}, vaunt: {} })
  })
})

// Elsewhere the system's store is no file that a test could name.
if (process.platform === 'linux') {
  describe('a CA that only the store of the system has', () => {
    /** What names another store than the machine's own. */
    const stored = (sandbox: Sandbox): NonNullable<StepOptions['environment']> => ({
      NODE_EXTRA_CA_CERTS: undefined,
      SSL_CERT_FILE: sandbox.caFile
    })
    const LINE = "also trusts the CAs in this runner's system certificate store."

    quick('is trusted, at once and in one line, and each request is sent once', async sandbox => {
      const result = await sandbox.runStep(asAdmin({ environment: stored(sandbox) }))
      expectSuccess(result)
      expectAsked(sandbox, 'vaunt', 1, true)
      expect(result.log.filter(line => line.endsWith(LINE))).toHaveLength(1)
      expect(retries(result)).toEqual([])
      expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
    })

    quick('is trusted beside one of NODE_EXTRA_CA_CERTS', async sandbox => {
      const other = await createCertificates('Other CA')
      const environment = { ...stored(sandbox), NODE_EXTRA_CA_CERTS: other.caFile }
      expectSuccess(await sandbox.runStep(asAdmin({ environment })))
      await other.stop()
    })

    quick('is not asked for where it is not needed', async sandbox => {
      const environment = { ...stored(sandbox), NODE_EXTRA_CA_CERTS: sandbox.caFile }
      const result = await sandbox.runStep(asAdmin({ environment }))
      expectSuccess(result)
      expect(result.log.filter(line => line.endsWith(LINE))).toEqual([])
    })

    quick('and one that it does not have: what can be set is named, and nothing is sent', async sandbox => {
      const other = await createCertificates('Other CA')
      const environment = { ...stored(sandbox), SSL_CERT_FILE: other.caFile }
      const result = await sandbox.runStep(asAdmin({ environment }))
      await other.stop()
      expectFailure(result, 'tls-untrusted')
      for (const named of ['certificate store', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA=1']) {
        expect(message(result)).toContain(named)
      }
      expect(asked(sandbox)).toEqual({ github: {}, vaunt: {} })
    })

    quick('signs no certificate that has expired, or that is of another host', async sandbox => {
      for (const kind of ['expired', 'wrongHost'] as const) {
        const impostor = await startServer({
          model: answer(200, { id: 1001, login: 'Mona', type: 'User' }),
          certificate: await sandbox.certificates[kind]()
        })
        const result = await sandbox.runStep(
          insteadOf('github', impostor.url, { environment: { ...stored(sandbox), NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
        )
        await impostor.stop()
        expectFailure(result, 'tls-untrusted')
        expect(impostor.requests).toEqual([])
      }
    })
  })
}

describe.each(SERVICES)('keep-alive: %s', service => {
  quick('says that it closes, and closes: the next attempt takes another connection', async sandbox => {
    sandbox[service].stage(ROUTES[service], closeAfter(answer(503)))
    expectSuccess(await sandbox.runStep(asAdmin()))
    expectAsked(sandbox, service, 2, true)
  })

  quick('closes without a word: the next attempt takes another connection', async sandbox => {
    sandbox[service].stage(ROUTES[service], hangUpAfter(answer(503)))
    expectSuccess(await sandbox.runStep(asAdmin()))
    expectAsked(sandbox, service, 2, true)
  })

  pausing('resets the connection when it is used again: the third attempt takes another', async sandbox => {
    // No other connection is to be free for the second attempt.
    sandbox.github.stage('GET /user', closeAfter(answer(200, { login: 'Mona', id: 1001, type: 'User' })))
    const acme = { login: 'Acme-Labs', id: 2001, type: 'Organization' }
    sandbox.github.stage('GET /users/:login', closeAfter(answer(200, acme)))
    sandbox[service].stage(ROUTES[service], resetNextAfter(answer(503)))
    const result = await sandbox.runStep(asAdmin())
    expectSuccess(result)
    expectAsked(sandbox, service, 3, true)
    const [first, second, third] = sandbox[service].requests
      .filter(({ path }) => /memberships|token/.test(path))
      .map(({ socket }) => socket)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })
})

describe('the connection to Vaunt that was opened while GitHub was answering', () => {
  quick('carries the exchange', async sandbox => {
    sandbox.github.latencyMs = 400
    expectSuccess(await sandbox.runStep(asAdmin()))
    expectAsked(sandbox, 'vaunt', 1, true)
    expect(sandbox.vaunt.connections).toBe(1)
    expect(sandbox.vaunt.connectedAt[0]).toBeLessThan(sandbox.vaunt.requests[0]?.at ?? 0)
  })

  quick('is opened anew when Vaunt has closed it in the meantime', async sandbox => {
    let accepted = 0
    const middle = await listen(
      createServer(socket => {
        const upstream = connect({ port: sandbox.vaunt.port, host: '127.0.0.1' })
        upstream.on('error', ignore)
        socket.pipe(upstream).pipe(socket)
        // Long enough for TLS, and long before GitHub has answered.
        if (++accepted === 1) setTimeout(() => socket.destroy(), 500)
      })
    )
    sandbox.github.latencyMs = 1_200
    const result = await sandbox.runStep(insteadOf('vaunt', `https://localhost:${middle.port}`))
    await middle.stop()
    expectSuccess(result)
    expect(accepted).toBe(2)
    expectAsked(sandbox, 'vaunt', 1, true)
    expect(retries(result)).toEqual([])
  })
})

describe('waiting that cannot help is not done', () => {
  quick('a membership that hangs, when the entity is a user', async sandbox => {
    sandbox.github.stageAlways(MEMBERSHIP, hang())
    const result = await sandbox.runStep(asUser())
    expectSuccess(result)
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })

  quick('a PAT that GitHub rejects, while the other reads hang and Vaunt cannot be connected to', async sandbox => {
    sandbox.github.stageAlways('GET /user', refusals.badCredentials())
    sandbox.github.stageAlways('GET /users/:login', hang())
    sandbox.github.stageAlways(MEMBERSHIP, hang())
    sandbox.vaunt.connectLatencyMs = 60_000
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, 'pat-rejected')
    expect(asked(sandbox)).toMatchObject({ github: { '/user': 1 }, vaunt: {} })
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })

  quick('an entity that does not exist, while its membership drips', async sandbox => {
    sandbox.github.stageAlways(MEMBERSHIP, drip(100))
    const result = await sandbox.runStep(asAdmin({ with: { entity: 'nobody' } }))
    expectFailure(result, 'entity-not-found')
    expect(asked(sandbox)).toMatchObject({ github: { '/user': 1, '/users/nobody': 1 }, vaunt: {} })
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })

  quick('a rejected PAT, while the other reads are being tried again', async sandbox => {
    sandbox.github.stageAlways('GET /user', after(150, refusals.badCredentials()))
    sandbox.github.stageAlways('GET /users/:login', answer(503, '', { 'retry-after': '40' }))
    sandbox.github.stageAlways(MEMBERSHIP, answer(503, '', { 'retry-after': '40' }))
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, 'pat-rejected')
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })
})

describe('the clock of the runner', () => {
  /** Sets it while GitHub is being waited for. */
  const setBy = (hours: number): string => `
    const { now } = Date
    let offset = 0
    Date.now = () => now() + offset
    setTimeout(() => { offset = ${hours * 3_600_000} }, 300)`

  quick('is set back: what was too long to wait for still is', async sandbox => {
    sandbox.github.stageAlways(MEMBERSHIP, after(800, answer(503, '', { 'retry-after': '90' })))
    const result = await withMain(setBy(-1), main => sandbox.runStep({ ...asAdmin(), main }))
    expectFailure(result, 'github-unavailable')
    expectAsked(sandbox, 'github', 1)
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
  })

  quick('is set forward: the time for the step is not up', async sandbox => {
    sandbox.github.latencyMs = 800
    expectSuccess(await withMain(setBy(1), main => sandbox.runStep({ ...asAdmin(), main })))
  })
})

// By the real clock: three attempts of ten seconds, or the sixty seconds of the whole.

const THREE_DEADLINES_MS = 30_000

function expectThreeDeadlines(result: StepResult, code: string): void {
  expectFailure(result, code)
  expect(message(result)).toContain('3 attempts')
  expect(result.durationMs).toBeGreaterThan(THREE_DEADLINES_MS)
  expect(result.durationMs).toBeLessThan(THREE_DEADLINES_MS + RETRIED_MS)
}

describe('hanging', () => {
  patient('GitHub never answers', async sandbox => {
    sandbox.github.stageAlways('*', hang())
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'github-unavailable')
    const { github, vaunt } = asked(sandbox)
    expect(github['/user']).toBe(3)
    expect(Math.max(...Object.values(github))).toBe(3)
    expect(vaunt).toEqual({})
  })

  patient('GitHub drips', async sandbox => {
    sandbox.github.stageAlways(MEMBERSHIP, drip(500))
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'github-unavailable')
    expectAsked(sandbox, 'github', 3)
  })

  patient('GitHub says for ever that it will answer soon', async sandbox => {
    sandbox.github.stageAlways(MEMBERSHIP, soon())
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'github-unavailable')
    expectAsked(sandbox, 'github', 3)
  })

  patient('Vaunt never answers', async sandbox => {
    sandbox.vaunt.stageAlways('*', hang())
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'vaunt-unavailable')
    expectAsked(sandbox, 'vaunt', 3)
  })

  patient('Vaunt drips', async sandbox => {
    sandbox.vaunt.stageAlways('*', drip(500))
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'vaunt-unavailable')
    expectAsked(sandbox, 'vaunt', 3)
  })

  patient('Vaunt accepts connections and speaks no TLS on them', async sandbox => {
    sandbox.vaunt.connectLatencyMs = 120_000
    const result = await sandbox.runStep(asAdmin())
    expectThreeDeadlines(result, 'vaunt-unavailable')
    expectAsked(sandbox, 'vaunt', 0)
    expect(sandbox.vaunt.connections).toBe(3)
  })

  patient('Vaunt hangs after GitHub was slow: the sixty seconds of the whole end it', async sandbox => {
    sandbox.github.stage(MEMBERSHIP, hang(), answer(503, '', { 'retry-after': '14' }))
    sandbox.vaunt.stageAlways('*', hang())
    // Every pause as short as it may be: 10 + 1, 14 for GitHub, 10 + 1, 10 + 5 for Vaunt, and then 9 are left.
    const result = await withMain('Math.random = () => 0', main => sandbox.runStep({ ...asAdmin(), main }))
    expectFailure(result, 'vaunt-unavailable')
    expect(message(result)).toContain("within this action's 60-second limit")
    expect(asked(sandbox)).toEqual({
      github: { '/user': 1, '/users/acme-labs': 1, '/user/memberships/orgs/acme-labs': 3 },
      vaunt: { '/v1/github/entities/Acme-Labs/token': 3 }
    })
    expect(result.durationMs).toBeGreaterThan(59_000)
    expect(result.durationMs).toBeLessThan(LONGEST_MS)
  })

  patient('Vaunt asks to wait longer than there is time left', async sandbox => {
    sandbox.github.stage(MEMBERSHIP, answer(503, '', { 'retry-after': '20' }))
    sandbox.vaunt.stageAlways('*', answer(429, '', { 'retry-after': '45' }))
    const result = await sandbox.runStep(asAdmin())
    expectFailure(result, 'vaunt-rate-limited')
    expect(asked(sandbox)).toMatchObject({ vaunt: { '/v1/github/entities/Acme-Labs/token': 1 } })
    expect(result.durationMs).toBeGreaterThan(20_000)
    // The wait that GitHub asked for is lengthened by up to 10 s.
    expect(result.durationMs).toBeLessThan(30_000 + AT_ONCE_MS)
  })
})

describe('a hanging proxy', () => {
  patient('is told from a hanging host', async sandbox => {
    let accepted = 0
    const heard: Buffer[] = []
    const proxy = await listen(
      createServer(socket => {
        accepted++
        socket.on('data', chunk => heard.push(chunk))
      })
    )
    const result = await sandbox.runStep(asAdmin({ env: { HTTPS_PROXY: `http://localhost:${proxy.port}` } }))
    await proxy.stop()
    expectFailure(result, 'proxy-failed')
    expect(message(result)).toContain(`The proxy localhost:${proxy.port} didn't open a connection to the host`)
    expect(message(result)).toContain('(3 attempts)')
    expect(accepted).toBeGreaterThan(3)
    expect(Buffer.concat(heard).includes(PATS.monaForAcme.token)).toBe(false)
    expect(asked(sandbox)).toEqual({ github: {}, vaunt: {} })
    expect(result.durationMs).toBeGreaterThan(THREE_DEADLINES_MS)
    expect(result.durationMs).toBeLessThan(THREE_DEADLINES_MS + RETRIED_MS)
  })
})

/** Informational answers without end: the client is kept busy, and no answer comes. */
function soon(): Answer {
  return ({ socket }) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 50)
    socket.on('close', () => {
      clearInterval(timer)
    })
  }
}
