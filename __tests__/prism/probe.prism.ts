// Proves that the probe's questions to GitHub are answered by a GitHub that nobody here wrote, and so is not part of `npm test`: Prism, a mock server, serves GitHub's own OpenAPI description. Run it with `npm run prism`.
//
// Prism speaks HTTP in clear only, so TLS ends in front of it. It sends no header of GitHub's own.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as requestInClear } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { listen } from '../../sandbox/network/loopback.ts'
import type { Listener } from '../../sandbox/network/loopback.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { readReport } from '../../tools/probe/report.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const DESCRIPTION = join(ROOT, 'sandbox', 'github', 'github-openapi.json')
const PRISM = join(ROOT, 'tools', 'checks', 'node_modules', '@stoplight', 'prism-cli', 'dist', 'index.js')
const PAT = `ghp_${'LOUDFAKE'.repeat(4)}LOUD`
const START_MS = 20_000

const folder = mkdtempSync(join(tmpdir(), 'prism-'))
let sandbox: Sandbox
let prism: ChildProcess
let front: Listener

beforeAll(async () => {
  sandbox = await startSandbox()
})

afterEach(async () => {
  await front.stop()
  prism.kill()
})

afterAll(async () => {
  await sandbox.stop()
  rmSync(folder, { recursive: true, force: true })
})

const DESCRIBED = '200, as GitHub describes it'
const REFUSAL = 'application/json, {documentation_url: text, message: text, status: text, url: text}'

test('a user: every question that makes sense is answered', async () => {
  await serve(DESCRIPTION)
  expect(await seenBy('octocat')).toEqual({
    'github-attestation': 'attested',
    'github-user': DESCRIBED,
    'github-entity': DESCRIBED,
    'github-membership': undefined,
    'github-headers': 'date',
    'github-compression': 'uncompressed',
    'github-api-version': 'no warning',
    'github-spelling': 'the same login, in its own letter case',
    'github-renamed': `404, ${REFUSAL}`,
    'github-nobody': `404, ${REFUSAL}`,
    'github-no-pat': `401, ${REFUSAL}`
  })
})

test('an organization: the membership of the description is pending, which is told', async () => {
  await serve(descriptionOfAnOrganization())
  expect(await seenBy('github')).toMatchObject({
    'github-attestation': 'fails: membership-pending',
    'github-user': DESCRIBED,
    'github-entity': DESCRIBED,
    'github-membership': DESCRIBED,
    // GitHub answers this whatever the membership is.
    'github-spelling': 'the same login, in its own letter case'
  })
})

/** The description, in which the example of an account is the organization that the example of a membership is in. */
function descriptionOfAnOrganization(): string {
  const json = JSON.parse(readFileSync(DESCRIPTION, 'utf8')) as { components: { examples: Record<string, unknown> } }
  const example = json.components.examples['public-user-default-response']
  Object.assign((example as { value: object }).value, { login: 'github', id: 1, type: 'Organization' })
  const file = join(folder, 'organization.json')
  writeFileSync(file, JSON.stringify(json))
  return file
}

/** Starts Prism with a description, and TLS in front of it. */
async function serve(description: string): Promise<void> {
  const { PATH = '' } = process.env
  prism = spawn(process.execPath, [PRISM, 'mock', '--host', '127.0.0.1', '--port', '0', description], {
    env: { PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const port = await portOf(prism)
  const server = createServer(sandbox.certificates.server, (asked, answered) => {
    const headers = { ...asked.headers, ...preferred(asked.url ?? '', asked.headers.authorization ?? '') }
    const onward = requestInClear({ host: '127.0.0.1', port, path: asked.url, headers }, response => {
      answered.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answered)
    })
    onward.on('error', () => answered.destroy()).end()
  })
  front = await listen(server)
}

/**
 * A description knows no accounts: which of the described answers is meant is said in a header of Prism's. Nor does it list
 * the media type of GitHub's own that Octokit asks for, and that GitHub takes on every route.
 */
function preferred(path: string, authorization: string): Record<string, string> {
  const accept = 'application/json'
  if (authorization.includes('ghp_000')) return { accept, prefer: 'code=401' }
  return path.includes('no-such') || path.endsWith('/before') ? { accept, prefer: 'code=404' } : { accept }
}

function portOf({ stdout }: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => {
      reject(new Error(`Prism did not start: ${text}`))
    }, START_MS)
    stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]
      if (port === undefined) return
      clearTimeout(late)
      resolve(Number(port))
    })
  })
}

/** What the probe saw of GitHub, by the ids of the questions. */
async function seenBy(entity: string): Promise<Record<string, string | undefined>> {
  const { PATH = '', HOME = '' } = process.env
  const json = join(folder, `${entity}.json`)
  const flags = ['--live', '--entity', entity, '--renamed', 'before', '--json', json]
  const probe = spawn(process.execPath, [join(ROOT, 'tools', 'probe.ts'), ...flags], {
    env: {
      ...{ PATH, HOME, VAUNT_PAT: PAT, NODE_EXTRA_CA_CERTS: sandbox.caFile },
      PROBE_GITHUB_API_URL: `https://127.0.0.1:${front.port}`,
      PROBE_VAUNT_API_URL: sandbox.vaunt.url
    },
    stdio: 'ignore',
    timeout: START_MS
  })
  const [code] = (await once(probe, 'close')) as [number | null]
  expect(code).toBe(0)
  const { findings } = readReport(readFileSync(json, 'utf8'))
  return Object.fromEntries(findings.filter(({ id }) => id.startsWith('github-')).map(({ id, seen }) => [id, seen]))
}
