// Owns `npm run demo`: shows the action at its main job, on the sandbox or (with --live) on the real GitHub and Vaunt, as the Actions log would show it.

import { setDefaultCACertificates } from 'node:tls'
import { styleText } from 'node:util'
import { Misuse, runCommand } from './command-line.ts'
import { PATS } from './github.ts'
import { countRepositories } from './repositories.ts'
import { jobOutputs, runStep } from './runner.ts'
import type { StepOptions, StepResult } from './runner.ts'
import { startSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

const COMMAND = {
  calls: ['npm run demo', 'npm run demo -- --live --entity NAME'],
  flags: {
    live: { what: 'asks the real GitHub and the real Vaunt, with the PAT in the environment variable VAUNT_PAT' },
    entity: { value: 'NAME', what: 'with --live: the GitHub user or organization to get a token for' }
  },
  note: `Without flags, the demo runs the action on a GitHub and a Vaunt of its own, on this machine.
To make a PAT for --live:
  1. Open https://github.com/settings/personal-access-tokens/new.
  2. For yourself: set a name and an expiration; no permission is needed.
     For an organization: choose it as the resource owner, then Organization permissions → Members: Read-only.
  3. Generate the token. In your shell, run: read -rs VAUNT_PAT && export VAUNT_PAT
     Paste the token, and press Enter.`
} as const

/** Where a token of the real action comes from, and is tried. */
const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev'

await runCommand(COMMAND, ({ live: isLive, entity }) => {
  if (isLive) return live(entity)
  if (entity !== undefined) throw new Misuse('--entity needs --live: the people and organizations here are made up.')
  return demo()
})

type Style = Parameters<typeof styleText>[0]

/** Coloured on a terminal, plain when piped (styleText looks at stdout, NO_COLOR and FORCE_COLOR). */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** The scenes on the sandbox. Exit code 0 when each went as it should. */
async function demo(): Promise<number> {
  const sandbox = await startSandbox()
  const startedAt = performance.now()
  try {
    print('The built action (dist/index.js), run as the runner of GitHub Actions does, against a GitHub and a Vaunt')
    print('on this machine (real TLS, real signed tokens, made-up people). Nothing leaves this machine.')
    print()
    const failed = await playScenes(scenes(sandbox))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const [github, vaunt] = [sandbox.github.requests.length, sandbox.vaunt.requests.length]
    print(`GitHub was asked ${github} times, Vaunt ${vaunt} times, in ${seconds} s.`)
    print('Try it on your own account: npm run demo -- --live --entity YOUR-LOGIN (with your PAT in VAUNT_PAT).')
    return failed ? 1 : 0
  } finally {
    await sandbox.stop()
  }
}

/** The same on the real services. The exit code is the step's; 1 when the token is of no use. */
async function live(entity: string | undefined): Promise<number> {
  const { env } = process
  const pat = env['VAUNT_PAT']?.trim() ?? ''
  if (entity === undefined) throw new Misuse('--live needs --entity NAME, and a PAT in VAUNT_PAT.')
  if (pat === '') throw new Misuse('There is no PAT in the environment variable VAUNT_PAT.')
  print(`The built action against https://api.github.com and ${PUBLIC_VAUNT_API_URL}, for ${entity}.`)
  print()
  // A company's proxy and CA belong to the machine, as they do on a self-hosted runner.
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS']
  const machine = Object.fromEntries(
    names.flatMap(name => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  let result: StepResult | undefined
  const failed = await playScenes([
    {
      title: `The action gets a token for ${entity}`,
      why: 'GitHub confirms first who you are; only then does Vaunt see the PAT.',
      async play() {
        result = await show({ with: { entity }, env: { ...machine, VAUNT_PAT: pat }, masks: [pat] }, runStep)
        return result.conclusion === 'success'
      }
    },
    {
      title: 'The next step asks Vaunt with the token',
      why: 'this is what the token is for.',
      play: () => listRepositories(result, { vauntApiUrl: PUBLIC_VAUNT_API_URL, environment: machine })
    }
  ])
  const exitCode = result?.exitCode ?? 1
  return exitCode === 0 && failed ? 1 : exitCode
}

interface Scene {
  readonly title: string
  /** In half a line. */
  readonly why: string
  /** Shows it, and tells whether it went as it should. */
  readonly play: () => Promise<boolean>
}

/** Plays the scenes in order, up to the first that goes wrong. @returns whether one did */
async function playScenes(scenes: readonly Scene[]): Promise<boolean> {
  for (const [index, { title, why, play }] of scenes.entries()) {
    const heading = `${index + 1}/${scenes.length} ${title}`
    print(paint('bold', `── ${heading} ${'─'.repeat(Math.max(0, 96 - heading.length))}`))
    print(paint('gray', `Why: ${why}`))
    if (!(await play())) {
      print(paint('red', `This scene did not go as it should: ${heading}`))
      return true
    }
  }
  return false
}

function scenes(sandbox: Sandbox): Scene[] {
  const run = (options: StepOptions): Promise<StepResult> => show(options, each => sandbox.runStep(each))
  const succeeds = async (options: StepOptions): Promise<boolean> => (await run(options)).conclusion === 'success'
  const sealKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  let admins: StepResult | undefined
  let sealed = ''
  return [
    {
      title: 'A user gets a token for themselves',
      why: 'the shortest use: one secret, one step.',
      play: () => succeeds(step(PATS.monaFineGrained.token, 'mona'))
    },
    {
      title: 'An admin gets a token for the organization',
      why: "an organization's private data is for its owners.",
      async play() {
        admins = await run(step(PATS.monaForAcme.token, 'acme-labs'))
        return admins.conclusion === 'success'
      }
    },
    {
      title: 'The next step asks Vaunt with the token',
      why: 'this is what the token is for.',
      play() {
        // This process does not know the certificate of the sandbox yet.
        setDefaultCACertificates([sandbox.certificates.ca])
        return listRepositories(admins, { vauntApiUrl: sandbox.vaunt.url, environment: {} })
      }
    },
    {
      title: 'A member who is not an admin is refused',
      why: 'Vaunt never sees the PAT of somebody who may not ask.',
      async play() {
        const before = sandbox.vaunt.requests.length
        const { outputs } = await run(step(PATS.hubotFineGrained.token, 'acme-labs'))
        return outputs['error-code'] === 'not-an-admin' && sandbox.vaunt.requests.length === before
      }
    },
    {
      title: 'One job seals the token for another job',
      why: 'the runner drops masked outputs; a sealed token passes.',
      async play() {
        const minted = await run(step(PATS.monaForAcme.token, 'acme-labs', { 'seal-key': sealKey }))
        sealed = handOver(minted)
        return minted.conclusion === 'success' && sealed !== ''
      }
    },
    {
      title: 'The other job opens it: without a PAT, and without a request',
      why: 'a job that only uses the token needs no PAT.',
      async play() {
        const before = sandbox.github.requests.length + sandbox.vaunt.requests.length
        const opening = { with: { 'sealed-token': sealed, 'seal-key': sealKey }, masks: [sealKey] }
        const opened = await succeeds(opening)
        return opened && sandbox.github.requests.length + sandbox.vaunt.requests.length === before
      }
    }
  ]
}

/** Shows what Vaunt answers to the token of a step. Nothing private is printed: numbers only. */
async function listRepositories(
  result: StepResult | undefined,
  vaunt: Pick<Parameters<typeof countRepositories>[0], 'vauntApiUrl' | 'environment'>
): Promise<boolean> {
  const { token = '', entity = '' } = result?.outputs ?? {}
  print(paint('gray', `▸ Run GET /v1/github/entities/${entity}/repositories with the token`))
  try {
    print(`  ${await countRepositories({ ...vaunt, entity, token })}`)
    print(`  ${paint('green', '✓ success')}`)
    return true
  } catch (error) {
    print(`  ${paint('red', error instanceof Error ? error.message : String(error))}`)
    return false
  } finally {
    print()
  }
}

function step(pat: string, entity: string, more: Readonly<Record<string, string>> = {}): StepOptions {
  // As the runner does with every secret of a workflow.
  const masks = [pat, ...(more['seal-key'] === undefined ? [] : [more['seal-key']])]
  return { with: { pat, entity, ...more }, masks, github: { repository_owner: entity } }
}

/** Runs a step and prints it as the Actions log would: the inputs, the log, and the outputs under it. */
async function show(options: StepOptions, run: (options: StepOptions) => Promise<StepResult>): Promise<StepResult> {
  const hide = (value: string): string => ((options.masks ?? []).includes(value) ? '***' : shorten(value))
  print(paint('gray', '▸ Run -OWNER-/vaunt-token-action@v1'))
  for (const [name, value] of Object.entries(options.with ?? {})) print(paint('gray', `    ${name}: ${hide(value)}`))
  const result = await run({
    ...options,
    onLine: line => {
      const style: Style = line.startsWith('##[error]') ? 'red' : line.startsWith('##[warning]') ? 'yellow' : 'reset'
      print(
        `  ${paint(
          style,
          line.replace(/^##\[(\w)(\w*)\]/, (_, first: string, rest: string) => `${first.toUpperCase()}${rest}: `)
        )}`
      )
    }
  })
  const passed = result.conclusion === 'success'
  print(
    `  ${paint(passed ? 'green' : 'red', passed ? '✓ success' : `✗ failure (exit ${String(result.exitCode)})`)} ${paint('gray', `in ${(result.durationMs / 1000).toFixed(2)} s`)}`
  )
  for (const [name, value] of Object.entries(result.outputs)) {
    print(`    ${paint('cyan', name.padEnd(14))} ${result.masks.includes(value) ? '***' : shorten(value)}`)
  }
  print()
  return result
}

/** Shows what the runner lets out of the first job. @returns the sealed token, as the second job gets it */
function handOver(minted: StepResult): string {
  const { token = '', 'sealed-token': sealed = '' } = minted.outputs
  const { passed, warnings } = jobOutputs({ token, 'sealed-token': sealed }, minted.masks)
  print(paint('gray', '▸ The job ends, and declares both as its outputs'))
  for (const warning of warnings) print(`  ${paint('yellow', `Warning: ${warning}`)}`)
  for (const name of Object.keys(passed)) print(`  ${paint('green', '✓')} ${name} reaches the second job`)
  print()
  return passed['sealed-token'] ?? ''
}

function shorten(value: string): string {
  return value.length > 64 ? `${value.slice(0, 48)}… (${value.length} characters)` : value
}
