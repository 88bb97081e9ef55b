// Tests dist/index.js with Node.js for Windows under Wine, against the sandbox over real TLS. It isn't part of `npm test`: run it with `npm run windows`.
//
// Wine is not Windows, and runs Node 22 only: what it shows is what differs in the program (line ends, names of variables,
// paths, system codes), and not what Node 24 or the system would add.

import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { PATS } from '../../sandbox/github/population.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { runOnWindows, windowsPath } from './wine.ts'
import type { WindowsResult, WindowsStep } from './wine.ts'

const PAT = PATS.monaForAcme.token
const SEAL_KEY = Buffer.from('LOUDFAKE'.repeat(4)).toString('base64')

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

/** A step against the sandbox, with every default as the runner fills it in; a good one unless told otherwise. */
function step({ main, inputs, environment, earlier }: WindowsStep = {}): Promise<WindowsResult> {
  return runOnWindows({
    inputs: {
      pat: PAT,
      entity: 'acme-labs',
      'export-env': '',
      'seal-key': '',
      'sealed-token': '',
      'vaunt-api-url': sandbox.vaunt.url,
      'github-api-url': sandbox.github.url,
      ...inputs
    },
    environment: { NODE_EXTRA_CA_CERTS: windowsPath(sandbox.caFile), ...environment },
    ...(main === undefined ? {} : { main }),
    ...(earlier === undefined ? {} : { earlier })
  })
}

/** The token that the model handed out; there must be exactly one. */
function handedOut(): string {
  expect(sandbox.vaunt.model.tokens).toHaveLength(1)
  return sandbox.vaunt.model.tokens[0] ?? ''
}

function expectMinted({ exitCode, outputs, annotations, masks, printed }: WindowsResult): void {
  const token = handedOut()
  expect({ exitCode, annotations }).toEqual({ exitCode: 0, annotations: [] })
  expect(outputs).toMatchObject({ token, entity: 'Acme-Labs', 'entity-type': 'organization', 'attested-by': 'Mona' })
  expect(masks).toEqual(expect.arrayContaining([PAT, token]))
  // A secret is printed once, in the command that masks it.
  for (const secret of [PAT, token]) expect(printed.split(secret)).toHaveLength(2)
}

function expectFailed({ exitCode, outputs, annotations, printed }: WindowsResult, code: string): void {
  expect(exitCode).toBe(1)
  expect(annotations.map(({ level }) => level)).toEqual(['error'])
  expect(annotations[0]?.message).toContain(code)
  expect(outputs).not.toHaveProperty('token')
  expect(printed.replace(/^::add-mask::.*$/gm, '')).not.toContain(PAT)
}

describe('the main job', () => {
  test('attests, exchanges, and hands over', async () => {
    expectMinted(await step())
    expect(sandbox.github.requests).toHaveLength(3)
    expect(sandbox.vaunt.requests.map(({ path, headers }) => [path, headers['authorization']])).toEqual([
      ['/v1/github/entities/Acme-Labs/token', `Bearer ${PAT}`]
    ])
  })

  test('writes lines that end as they do on Windows, behind what stood there', async () => {
    const result = await step({ earlier: 'earlier=1\r\n', inputs: { 'export-env': 'VAUNT_TOKEN' } })
    expectMinted(result)
    for (const text of [result.files.output, result.files.env]) {
      expect(text.startsWith('earlier=1\r\n')).toBe(true)
      expect(text.endsWith('\r\n')).toBe(true)
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    }
    expect(result.outputs).toMatchObject({ earlier: '1' })
    expect(result.env).toEqual({ earlier: '1', VAUNT_TOKEN: handedOut() })
  })

  test('takes inputs that end in a Windows line break', async () => {
    const crlf = (value: string): string => `${value}\r\n`
    const result = await step({
      inputs: {
        pat: crlf(PAT),
        entity: crlf('acme-labs'),
        'seal-key': crlf(SEAL_KEY),
        'vaunt-api-url': crlf(sandbox.vaunt.url),
        'github-api-url': crlf(sandbox.github.url)
      }
    })
    expectMinted(result)
    expect(result.outputs['sealed-token']).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  test('refuses a PAT with a Windows line break inside', async () => {
    expectFailed(await step({ inputs: { pat: `ghp_LOUDFAKE\r\n${PAT}` } }), 'pat-malformed')
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
  })

  test('does not talk to a server that the runner does not trust', async () => {
    const result = await step({ environment: { NODE_EXTRA_CA_CERTS: undefined } })
    expectFailed(result, 'tls-untrusted')
    expect(result.outputs).toEqual({ 'error-code': 'tls-untrusted' })
    expect(sandbox.github.requests).toEqual([])
  })
})

test('what one job seals, another opens without a PAT and without a request', async () => {
  const sealing = await step({ inputs: { 'seal-key': SEAL_KEY } })
  expectMinted(sealing)
  const token = handedOut()
  const requests = sandbox.github.connections + sandbox.vaunt.connections
  const opening = await step({
    inputs: { pat: '', 'seal-key': SEAL_KEY, 'sealed-token': sealing.outputs['sealed-token'] ?? '', 'export-env': 'T' }
  })
  expect(opening.exitCode).toBe(0)
  expect(opening.outputs).toMatchObject({ token, entity: 'Acme-Labs', 'attested-by': 'Mona' })
  expect(opening.env).toEqual({ T: token })
  expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(requests)
})

describe('variables have no letter case', () => {
  test('a PAT in Vaunt_Pat counts', async () => {
    expectMinted(await step({ inputs: { pat: '' }, environment: { Vaunt_Pat: PAT } }))
  })

  test('a proxy in Https_Proxy is asked, and no server without it', async () => {
    // Nothing listens on port 9; and before 24.5 Node knows no proxies, which is told as well.
    const result = await step({ environment: { Https_Proxy: 'http://127.0.0.1:9' } })
    expectFailed(result, 'proxy-failed')
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
  })
})

describe('unusable files of the runner', () => {
  const missing = (): string => windowsPath(join('/', 'no-such-folder', 'set_output'))

  test.each([
    ['GITHUB_OUTPUT is missing', { GITHUB_OUTPUT: missing() }],
    ['GITHUB_OUTPUT is a directory', { GITHUB_OUTPUT: 'C:\\windows' }],
    ['GITHUB_ENV is missing', { GITHUB_ENV: missing() }]
  ])('%s: nothing is sent, and nothing left behind', async (_name, environment) => {
    const result = await step({ inputs: { 'export-env': 'VAUNT_TOKEN' }, environment })
    expectFailed(result, 'runner-files-unusable')
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
    expect(result.env).toEqual({})
  })
})

describe('the further steps', () => {
  test('the report: a table, a file and counts', async () => {
    const result = await step({ main: 'repositories-report.js' })
    expect([result.exitCode, result.annotations]).toEqual([0, []])
    expect(result.outputs).toMatchObject({ count: '7', 'private-count': '4' })
    expect(result.outputs['file']).toMatch(/^Z:\\.*vaunt-repositories-.*repositories\.json$/)
    expect(result.files.summary).toContain('## Repositories of Acme-Labs')
    expect(result.left.filter(name => name.startsWith('vaunt-repositories-'))).toHaveLength(1)
  })

  test('the card: a job without a token to commit with is told, and nothing is sent', async () => {
    const result = await step({ main: 'contributors-card.js', inputs: { 'github-token': '' } })
    expectFailed(result, 'commit-forbidden')
    expect(sandbox.github.connections + sandbox.vaunt.connections).toBe(0)
  })
})
