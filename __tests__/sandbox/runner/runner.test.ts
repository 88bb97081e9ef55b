// Tests that the sandbox's runner starts an action and processes its results like GitHub's runner. The action in these tests is a script.

import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { jobOutputs, runStep } from '../../../sandbox/runner/runner.ts'
import type { StepOptions, StepResult } from '../../../sandbox/runner/runner.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import { parseJson } from '../network/client.ts'

const ACTION = `
name: Test
inputs:
  plain: { default: some text }
  Two Words: {}
  with-hyphen: { default: '\${{ github.repository_owner }}/\${{github.event.number}}-\${{ github.nothing }}' }
  number: { default: 5 }
runs: { using: node24, main: main.js }
`
let directory: string
let scripts = 0

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runner-test-'))
  await writeFile(join(directory, 'action.yml'), ACTION)
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** Runs a step whose action is this script. */
async function run(script: string, options: StepOptions = {}): Promise<StepResult> {
  const main = join(directory, `main${++scripts}.mjs`)
  await writeFile(main, `import { appendFileSync } from 'node:fs'\nconst { env } = process\n${script}`)
  return runStep({ actionFile: join(directory, 'action.yml'), main, ...options })
}

async function environmentOf(options: StepOptions = {}): Promise<unknown> {
  return parseJson((await run('console.log(JSON.stringify(env))', options)).stdout)
}

describe('the environment', () => {
  test('has the inputs, with defaults evaluated', async () => {
    const github = { repository_owner: 'acme', event: { number: 7 } }
    expect(await environmentOf({ github })).toMatchObject({
      INPUT_PLAIN: 'some text',
      INPUT_TWO_WORDS: '',
      'INPUT_WITH-HYPHEN': 'acme/7-',
      INPUT_NUMBER: '5'
    })
    const given = { Plain: '', 'with-hyphen': '${{ env.NAME }}' }
    expect(await environmentOf({ with: given, env: { NAME: 'from env' } })).toMatchObject({
      INPUT_PLAIN: '',
      'INPUT_WITH-HYPHEN': 'from env',
      NAME: 'from env'
    })
  })

  test('has what the runner sets, and nothing that leaks in', async () => {
    process.env['HTTPS_PROXY'] = 'http://leak.example'
    try {
      const got = await environmentOf({ debug: true, github: { run_id: '99' } })
      expect(got).toMatchObject({
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: 'https://api.github.com',
        GITHUB_REPOSITORY: 'octo/demo',
        GITHUB_REPOSITORY_OWNER: 'octo',
        GITHUB_RUN_ID: '99',
        GITHUB_REF_NAME: 'main',
        RUNNER_DEBUG: '1'
      })
      expect(got).not.toHaveProperty('HTTPS_PROXY')
      expect(got).not.toHaveProperty('GITHUB_EVENT')
    } finally {
      delete process.env['HTTPS_PROXY']
    }
  })

  test('can be overruled', async () => {
    const got = await environmentOf({ environment: { GITHUB_API_URL: undefined, GITHUB_RUN_ID: 'other' } })
    expect(got).not.toHaveProperty('GITHUB_API_URL')
    expect(got).toHaveProperty('GITHUB_RUN_ID', 'other')
  })

  test.each([
    ['an object', { action: 'opened' }, '{"action":"opened"}'],
    ['text', 'not JSON', 'not JSON'],
    ['bytes', Buffer.from([0x7b, 0xff]), '{\ufffd']
  ])('has the event as %s', async (_name, event, written) => {
    const script = `const { readFileSync } = await import('node:fs'); console.log(readFileSync(env.GITHUB_EVENT_PATH, 'utf8'))`
    expect((await run(script, { github: { event } })).log).toEqual([written])
  })

  test('cannot hold what is not evaluated here', async () => {
    await expect(run('', { with: { plain: '${{ secrets.X }}' } })).rejects.toThrow('cannot evaluate ${{ secrets.X }}')
  })

  test('unknown inputs are a warning', async () => {
    const { annotations } = await run('', { with: { nonsense: 'x' } })
    expect(annotations).toMatchObject([{ level: 'warning', message: expect.stringContaining("input(s) 'nonsense'") }])
  })
})

describe('the result', () => {
  test('has outputs, environment, state, path and summary', async () => {
    const result = await run(`
      appendFileSync(env.GITHUB_OUTPUT, 'a=1\\nb<<E\\nx\\ny\\nE\\n')
      appendFileSync(env.GITHUB_ENV, 'NAME=value\\nNODE_OPTIONS=--bad\\n')
      appendFileSync(env.GITHUB_STATE, 's=1\\n')
      appendFileSync(env.GITHUB_PATH, 'somewhere\\n')
      appendFileSync(env.GITHUB_STEP_SUMMARY, '# Title\\n')
      console.log('::set-output name=c::3')`)
    expect(result).toMatchObject({
      exitCode: 0,
      conclusion: 'success',
      outputs: { a: '1', b: 'x\ny', c: '3' },
      env: { NAME: 'value' },
      state: { s: '1' },
      path: ['somewhere'],
      summary: '# Title\n'
    })
    expect(result.annotations).toEqual([
      expect.objectContaining({ message: "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command." })
    ])
    expect(result.files.output).toBe('a=1\nb<<E\nx\ny\nE\n')
  })

  test('has both streams, raw and as the log', async () => {
    const result = await run(
      `console.log('::add-mask::hidden\\nhidden'); console.error('::error title=t::no hidden'); process.exitCode = 3`,
      { masks: ['known'] }
    )
    expect(result).toMatchObject({ exitCode: 3, conclusion: 'failure', timedOut: false, masks: ['known', 'hidden'] })
    expect(result.stdout).toBe('::add-mask::hidden\nhidden\n')
    expect(result.stderr).toBe('::error title=t::no hidden\n')
    expect(result.annotations).toHaveLength(1)
    expect(result.durationMs).toBeGreaterThan(1)
  })

  test('is a failure when a command or a file is broken', async () => {
    expect(await run(`console.log('::set-env name=A::b')`)).toMatchObject({ exitCode: 0, conclusion: 'failure' })
    const broken = await run(`appendFileSync(env.GITHUB_OUTPUT, 'a=1\\nnonsense')`)
    expect(broken).toMatchObject({ exitCode: 0, conclusion: 'failure', outputs: { a: '1' } })
    expect(broken.log).toEqual([
      "##[error]Unable to process file command 'output' successfully.",
      "##[error]Invalid format 'nonsense'"
    ])
  })

  test('complains about a summary beyond 1 MiB', async () => {
    const { annotations } = await run(`appendFileSync(env.GITHUB_STEP_SUMMARY, 'x'.repeat(2 ** 20 + 1))`)
    expect(annotations[0]?.message).toMatch(/^\$GITHUB_STEP_SUMMARY upload aborted/)
  })

  test('shows debug lines with debugging only', async () => {
    const script = `appendFileSync(env.GITHUB_OUTPUT, 'a=1\\n'); console.log('::debug::d')`
    expect((await run(script)).log).toEqual([])
    expect((await run(script, { debug: true })).log).toEqual(['##[debug]d', '##[debug]Set output a = 1'])
  })

  test('says when the time was up', async () => {
    const result = await run('setInterval(() => {}, 1000)', { timeoutMs: 300 })
    expect(result).toMatchObject({ exitCode: null, timedOut: true, conclusion: 'failure' })
  })

  test('leaves nothing behind', async () => {
    const { stdout } = await run('console.log(env.GITHUB_OUTPUT)')
    expect(existsSync(dirname(stdout.trim()))).toBe(false)
  })

  test('tells lines as they come', async () => {
    const lines: string[] = []
    await run(`console.log('one\\ntwo')`, { onLine: line => lines.push(line) })
    expect(lines).toEqual(['one', 'two'])
  })
})

describe('metadata', () => {
  test('must be of a node24 action', async () => {
    const actionFile = join(directory, 'other.yml')
    await writeFile(actionFile, 'runs: { using: composite }')
    await expect(runStep({ actionFile })).rejects.toThrow('not node24')
  })

  test('says what runs', async () => {
    await writeFile(join(directory, 'main.js'), "console.log('main of the action')")
    expect((await runStep({ actionFile: join(directory, 'action.yml') })).log).toEqual(['main of the action'])
  })
})

test('a job drops outputs that hold a secret, and empty ones', () => {
  const outputs = { plain: 'text', token: 'a secret!', encoded: Buffer.from('secret').toString('base64'), empty: '' }
  expect(jobOutputs(outputs, ['secret'])).toEqual({
    passed: { plain: 'text' },
    warnings: ["Skip output 'token' since it may contain secret.", "Skip output 'encoded' since it may contain secret."]
  })
})

test('a sandbox gives its addresses and its CA to the step', async () => {
  const sandbox = await startSandbox({ github: { basePath: '/api/v3' } })
  const main = join(directory, 'fetch.mjs')
  await writeFile(
    main,
    `import { get } from 'node:https'
     get(process.env['INPUT_VAUNT-API-URL'] + '/x', r => { console.log(r.statusCode, process.env.GITHUB_API_URL); r.resume() })`
  )
  const result = await sandbox.runStep({ actionFile: join(directory, 'action.yml'), main })
  expect(result.log.at(-1)).toBe(`404 ${sandbox.github.url}`)
  expect(sandbox.vaunt.requests).toHaveLength(1)
  await sandbox.stop()
  expect(existsSync(sandbox.caFile)).toBe(false)
})
