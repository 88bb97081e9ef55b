// Owns `npm run demo`: shows the action at its main job, on the sandbox or (with --live) on the real GitHub and Vaunt, as the Actions log would show it.

import { parseArgs, styleText } from 'node:util'
import { PATS } from './github.ts'
import { jobOutputs, runStep } from './runner.ts'
import type { StepOptions, StepResult } from './runner.ts'
import { startSandbox } from './sandbox.ts'

type Style = Parameters<typeof styleText>[0]

/** Coloured on a terminal, plain when piped (styleText looks at stdout, NO_COLOR and FORCE_COLOR). */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

const { values } = parseArgs({
  options: { live: { type: 'boolean', default: false }, entity: { type: 'string' }, help: { type: 'boolean' } }
})

if (values.help) {
  print('npm run demo                          the action on a GitHub and a Vaunt of its own, on this machine')
  print('npm run demo -- --live --entity NAME  the same on the real ones; VAUNT_PAT holds the PAT')
} else if (values.live) {
  process.exitCode = await live(values.entity ?? '')
} else {
  process.exitCode = await demo()
}

/** The scenes on the sandbox. Exit code 0 when each went as it should. */
async function demo(): Promise<number> {
  const sandbox = await startSandbox()
  const mismatches: string[] = []
  const startedAt = performance.now()

  async function scene(title: string, step: StepOptions, expected: StepResult['conclusion']): Promise<StepResult> {
    print(paint('bold', `── ${title} ${'─'.repeat(Math.max(0, 96 - title.length))}`))
    const result = await show(step, options => sandbox.runStep(options))
    if (result.conclusion !== expected) mismatches.push(title)
    return result
  }

  try {
    print('The built action (dist/index.js), run as the runner of GitHub Actions does, against a GitHub and a Vaunt')
    print('on this machine (real TLS, real signed tokens, made-up people). Nothing leaves this machine.')
    print()
    await scene('1. A user gets a token for themselves', step(PATS.monaFineGrained.token, 'mona'), 'success')
    await scene('2. An admin gets a token for the organization', step(PATS.monaForAcme.token, 'acme-labs'), 'success')
    await scene(
      '3. A member who is not an admin is refused, and Vaunt never sees the PAT',
      step(PATS.hubotFineGrained.token, 'acme-labs'),
      'failure'
    )

    const sealKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    const sealing = step(PATS.monaForAcme.token, 'acme-labs', { 'seal-key': sealKey })
    const minted = await scene('4. From job to job: the first job has the PAT, and seals the token', sealing, 'success')
    handOver(minted)
    const opening = {
      with: { 'sealed-token': minted.outputs['sealed-token'] ?? '', 'seal-key': sealKey },
      masks: [sealKey]
    }
    await scene('   The second job has no PAT, and asks nobody: it opens the sealed token', opening, 'success')

    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    print(
      `GitHub was asked ${sandbox.github.requests.length} times, Vaunt ${sandbox.vaunt.requests.length} times, in ${seconds} s.`
    )
    print('Try it on your own account: npm run demo -- --live --entity YOUR-LOGIN (with your PAT in VAUNT_PAT).')
    for (const title of mismatches) print(paint('red', `Not as it should be: ${title}`))
    return mismatches.length === 0 ? 0 : 1
  } finally {
    await sandbox.stop()
  }
}

/** The same on the real services. The exit code is the step's. */
async function live(entity: string): Promise<number> {
  const { env } = process
  const pat = env['VAUNT_PAT']?.trim() ?? ''
  if (pat === '' || entity === '') {
    if (entity === '') print('Say for whom: npm run demo -- --live --entity NAME (a GitHub user or organization).')
    if (pat === '') {
      print('There is no PAT in the environment variable VAUNT_PAT. To make one:')
      print('  1. Open https://github.com/settings/personal-access-tokens/new.')
      print('  2. For yourself: change nothing but the name and the expiration; no permission is needed.')
      print(
        '     For an organization: choose it as the resource owner, then Organization permissions → Members: Read-only.'
      )
      print('  3. Generate the token, then in your shell: read -rs VAUNT_PAT && export VAUNT_PAT, and paste it.')
    }
    return 2
  }
  print(`The built action against https://api.github.com and https://api.vaunt.dev, for ${entity}.`)
  print()
  // A company's proxy and CA belong to the machine, as they do on a self-hosted runner.
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS']
  const machine = Object.fromEntries(
    names.flatMap(name => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  const result = await show({ with: { entity }, env: { ...machine, VAUNT_PAT: pat }, masks: [pat] }, runStep)
  return result.exitCode ?? 1
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

/** What the runner lets out of the first job. */
function handOver(minted: StepResult): void {
  const { token = '', 'sealed-token': sealed = '' } = minted.outputs
  const { passed, warnings } = jobOutputs({ token, 'sealed-token': sealed }, minted.masks)
  print(paint('gray', '▸ The job ends, and declares both as its outputs'))
  for (const warning of warnings) print(`  ${paint('yellow', `Warning: ${warning}`)}`)
  for (const name of Object.keys(passed)) print(`  ${paint('green', '✓')} ${name} reaches the second job`)
  print()
}

function shorten(value: string): string {
  return value.length > 64 ? `${value.slice(0, 48)}… (${value.length} characters)` : value
}
