// `npm run demo`: runs the built action in the sandbox, or with --live against GitHub and Vaunt, and prints what the Actions log would show.

import { basename, dirname, join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { styleText } from 'node:util'
import { Misuse, runCommand } from './command-line.ts'
import { addRepository, JOB_TOKEN, PATS } from './github/population.ts'
import { countRepositories } from './repositories.ts'
import { jobOutputs, runStep } from './runner/runner.ts'
import type { StepOptions, StepResult } from './runner/runner.ts'
import { startSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

const COMMAND = {
  calls: ['npm run demo', 'npm run demo -- --live --entity NAME'],
  flags: {
    live: { what: 'Use GitHub and Vaunt themselves, with the PAT in the environment variable VAUNT_PAT' },
    entity: { value: 'NAME', what: 'With --live: the GitHub user or organization to get a token for' }
  },
  note: `Without flags, the demo simulates GitHub and Vaunt on this machine.
To create a PAT for --live:
  1. Open https://github.com/settings/personal-access-tokens/new.
  2. For your own account, set a name and an expiration. The PAT needs no permissions.
     For an organization, select it as the resource owner, then set
     Organization permissions > Members to Read-only.
  3. Click Generate token. In your shell, run: read -rs VAUNT_PAT && export VAUNT_PAT
     Paste the token and press Enter.`
} as const

const CARD_REPOSITORY = 'Acme-Labs/anvil'

/** Where the token that --live gets is tried. */
const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev'

await runCommand(COMMAND, ({ live: isLive, entity }) => {
  if (isLive) return live(entity)
  if (entity !== undefined) throw new Misuse('--entity requires --live: without it, the accounts are simulated.')
  return demo()
})

type Style = Parameters<typeof styleText>[0]

/** Styles text on a terminal; piped output stays plain. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** Prints a line. On a terminal, a line that is too wide breaks between words and keeps its indentation. */
function print(line = '', style: Style = 'reset'): void {
  for (const part of wrap(line, process.stdout.columns)) process.stdout.write(`${paint(style, part)}\n`)
}

/** @param columns the width of the terminal; undefined when the output is piped, which leaves the line whole */
function wrap(line: string, columns = Infinity): string[] {
  const indent = /^ */.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let current = indent
  for (const word of line.trim().split(' ')) {
    const longer = current === indent ? current + word : `${current} ${word}`
    if (longer.length > columns && current !== indent) {
      lines.push(current)
      current = indent + word
    } else current = longer
  }
  return [...lines, current]
}

/** Plays the scenes in the sandbox. @returns the exit code: 0 when all of them passed */
async function demo(): Promise<number> {
  const sandbox = await startSandbox()
  const startedAt = performance.now()
  try {
    print('Running the built action (dist/index.js) against simulated GitHub and Vaunt servers.')
    print('Nothing leaves this machine.')
    print()
    const passed = await playScenes(scenes(sandbox))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const [github, vaunt] = [sandbox.github.requests.length, sandbox.vaunt.requests.length]
    print(`Done in ${seconds} s: ${github} requests to GitHub, ${vaunt} to Vaunt.`)
    print('To try it with your own account, set VAUNT_PAT and run:')
    print('  npm run demo -- --live --entity YOUR-LOGIN')
    return passed ? 0 : 1
  } finally {
    await sandbox.stop()
  }
}

/** Gets and tries a token with the live services. @returns the step's exit code; 1 when the token doesn't work */
async function live(entity: string | undefined): Promise<number> {
  const { env } = process
  const pat = env['VAUNT_PAT']?.trim() ?? ''
  if (entity === undefined) throw new Misuse('--live requires --entity NAME and a PAT in VAUNT_PAT.')
  if (pat === '') throw new Misuse('The environment variable VAUNT_PAT is empty. Set it to your PAT.')
  print(`Running the built action against https://api.github.com and ${PUBLIC_VAUNT_API_URL} for ${entity}.`)
  print()
  // A self-hosted runner would have this machine's proxy and CA settings, too.
  const names = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS']
  const machine = Object.fromEntries(
    names.flatMap(name => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  let result: StepResult | undefined
  const passed = await playScenes([
    {
      title: `The action gets a token for ${entity}`,
      why: 'GitHub verifies who you are before Vaunt sees the PAT.',
      async play() {
        result = await show({ with: { entity }, env: { ...machine, VAUNT_PAT: pat }, masks: [pat] }, runStep)
        return result.conclusion === 'success'
      }
    },
    {
      title: 'The next step uses the token',
      why: 'Reading private data from Vaunt is what the token is for.',
      play: () => listRepositories(result, { vauntApiUrl: PUBLIC_VAUNT_API_URL, environment: machine })
    }
  ])
  const exitCode = result?.exitCode ?? 1
  return exitCode === 0 && !passed ? 1 : exitCode
}

interface Scene {
  readonly title: string
  /** What the scene shows, in half a line. */
  readonly why: string
  /** Plays the scene. @returns whether it passed */
  readonly play: () => Promise<boolean>
}

/** Plays the scenes in order, up to the first that fails, and says how many passed. */
async function playScenes(scenes: readonly Scene[]): Promise<boolean> {
  const width = process.stdout.isTTY ? Math.min(process.stdout.columns, 100) : 80
  for (const [index, { title, why, play }] of scenes.entries()) {
    const heading = `${index + 1}/${scenes.length} ${title}`
    print(`── ${heading} ${'─'.repeat(Math.max(0, width - heading.length - 4))}`, 'bold')
    print(why, 'gray')
    if (!(await play())) {
      print(`${index} of ${scenes.length} passed. This one didn't: ${heading}`, 'red')
      return false
    }
  }
  print(`${scenes.length} of ${scenes.length} passed`, 'green')
  return true
}

function scenes(sandbox: Sandbox): Scene[] {
  const run: Run = options => show(options, each => sandbox.runStep(each))
  const succeeds = async (options: StepOptions): Promise<boolean> => (await run(options)).conclusion === 'success'
  const sealKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  let owners: StepResult | undefined
  let sealed = ''
  return [
    {
      title: 'A user gets a token for themselves',
      why: 'The shortest workflow: one secret, one step.',
      play: () => succeeds(step(PATS.monaFineGrained.token, 'mona'))
    },
    {
      title: 'An owner gets a token for the organization',
      why: "Only owners can read an organization's private data.",
      async play() {
        owners = await run(step(PATS.monaForAcme.token, 'acme-labs'))
        return owners.conclusion === 'success'
      }
    },
    {
      title: 'The next step uses the token',
      why: 'Reading private data from Vaunt is what the token is for.',
      play() {
        // This process doesn't trust the sandbox's certificate yet.
        setDefaultCACertificates([sandbox.certificates.ca])
        return listRepositories(owners, { vauntApiUrl: sandbox.vaunt.url, environment: {} })
      }
    },
    {
      title: 'A member who is not an owner is refused',
      why: 'Vaunt never sees a PAT that GitHub did not verify.',
      play: () => refuseMember(sandbox, run)
    },
    {
      title: 'One job seals the token for another job',
      why: 'The runner drops masked job outputs. A sealed token passes.',
      async play() {
        const sealing = await run(step(PATS.monaForAcme.token, 'acme-labs', { 'seal-key': sealKey }))
        sealed = passOn(sealing)
        return sealing.conclusion === 'success' && sealed !== ''
      }
    },
    {
      title: 'The other job opens it without a PAT and without a request',
      why: 'A job that only uses the token never holds the PAT.',
      async play() {
        const before = sandbox.github.requests.length + sandbox.vaunt.requests.length
        const opening = { with: { 'sealed-token': sealed, 'seal-key': sealKey }, masks: [sealKey] }
        const opened = await succeeds(opening)
        return opened && sandbox.github.requests.length + sandbox.vaunt.requests.length === before
      }
    },
    {
      title: 'The contributors card of a public repository, in a pull request',
      why: 'Needs no PAT, no checkout, and no Git. GitHub signs the commit.',
      play: () => proposeCard(sandbox, run)
    }
  ]
}

type Run = (options: StepOptions) => Promise<StepResult>

/** Asks for the organization's token with a member's PAT. @returns whether the action refused it without a request to Vaunt */
async function refuseMember({ vaunt }: Sandbox, run: Run): Promise<boolean> {
  const before = vaunt.requests.length
  const { outputs } = await run(step(PATS.hubotFineGrained.token, 'acme-labs'))
  return outputs['error-code'] === 'not-an-admin' && vaunt.requests.length === before
}

/** Runs the card action in a new repository. @returns whether it opened a pull request with a signed commit */
async function proposeCard({ population, vaunt }: Sandbox, run: Run): Promise<boolean> {
  const repository = addRepository(population, CARD_REPOSITORY)
  repository.commitFiles('main', { 'README.md': '# A repository\n' }, 'Add a README')
  vaunt.model.settings.publicRepositories.push(CARD_REPOSITORY)
  const { outputs } = await run({
    actionFile: join(import.meta.dirname, '..', 'contributors-card', 'action.yml'),
    // The action gets the job's own token by default, and the runner masks it.
    with: { 'pull-request': 'true', 'github-token': JOB_TOKEN },
    masks: [JOB_TOKEN],
    github: { repository: CARD_REPOSITORY, repository_owner: 'Acme-Labs' },
    environment: { PATH: '' }
  })
  const [commit] = repository.history(repository.pullRequests[0]?.head ?? 'main')
  return outputs['pull-request'] !== undefined && commit?.isVerified === true
}

/** Queries Vaunt with a step's token. Prints only numbers, so nothing private appears. */
async function listRepositories(
  result: StepResult | undefined,
  vaunt: Pick<Parameters<typeof countRepositories>[0], 'vauntApiUrl' | 'environment'>
): Promise<boolean> {
  const { token = '', entity = '' } = result?.outputs ?? {}
  print(`▸ Run GET /v1/github/entities/${entity}/repositories with the token`, 'gray')
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
  // The runner masks every secret of a workflow.
  const masks = [pat, ...(more['seal-key'] === undefined ? [] : [more['seal-key']])]
  return { with: { pat, entity, ...more }, masks, github: { repository_owner: entity } }
}

/** Runs a step and prints it as the Actions log does: inputs, log lines, and outputs. */
async function show(options: StepOptions, run: (options: StepOptions) => Promise<StepResult>): Promise<StepResult> {
  const hide = (value: string): string => ((options.masks ?? []).includes(value) ? '***' : shorten(value))
  const folder = options.actionFile === undefined ? '' : `/${basename(dirname(options.actionFile))}`
  print(`▸ Run -OWNER-/vaunt-token-action${folder}@v1`, 'gray')
  for (const [name, value] of Object.entries(options.with ?? {})) print(`    ${name}: ${hide(value)}`, 'gray')
  const result = await run({
    ...options,
    onLine: line => {
      const style: Style = line.startsWith('##[error]') ? 'red' : line.startsWith('##[warning]') ? 'yellow' : 'reset'
      const label = (_: string, first: string, rest: string): string => `${first.toUpperCase()}${rest}: `
      print(`  ${line.replace(/^##\[(\w)(\w*)\]/, label)}`, style)
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

/** Shows which outputs the runner passes on. @returns the sealed token as the second job gets it */
function passOn(sealing: StepResult): string {
  const { token = '', 'sealed-token': sealed = '' } = sealing.outputs
  const { passed, warnings } = jobOutputs({ token, 'sealed-token': sealed }, sealing.masks)
  print('▸ The job ends with both as its outputs', 'gray')
  for (const warning of warnings) print(`  ${paint('yellow', `Warning: ${warning}`)}`)
  for (const name of Object.keys(passed)) print(`  ${paint('green', '✓')} ${name} reaches the second job`)
  print()
  return passed['sealed-token'] ?? ''
}

function shorten(value: string): string {
  return value.length > 64 ? `${value.slice(0, 48)}… (${value.length} characters)` : value
}
