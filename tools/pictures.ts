// `npm run pictures`: creates the pictures in docs/ of a step that fails and of one that succeeds, from runs of dist/index.js in the sandbox. The logs are drawn in log-drawing.ts.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { PATS } from '../sandbox/github/population.ts'
import { countRepositories } from '../sandbox/repositories.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { runCommand } from '../sandbox/command-line.ts'
import { drawLog } from './log-drawing.ts'
import type { Step } from './log-drawing.ts'

const ROOT = join(import.meta.dirname, '..')
const ACTION = '-OWNER-/vaunt-token-action'

interface Picture {
  /** From the root of the repository. */
  readonly file: string
  /** The steps of one job. */
  readonly take: (sandbox: Sandbox) => Promise<readonly Step[]>
  readonly title: string
}

const PICTURES: readonly Picture[] = [
  {
    file: 'docs/failing-step.svg',
    title: 'The log of a step that fails: one error that says what happened, what to do, and the code',
    // A member of the organization who is not an admin of it.
    take: async sandbox => [(await takeToken(sandbox, PATS.hubotFineGrained.token, 'not-an-admin')).step]
  },
  {
    file: 'docs/succeeding-step.svg',
    title: 'The log of a step that succeeds, and of the next step, which asks Vaunt with the token',
    async take(sandbox) {
      const { step, token, entity } = await takeToken(sandbox, PATS.monaForAcme.token)
      return [step, await useToken(sandbox, token, entity)]
    }
  }
]

/** Draws every picture, always the same. @returns the SVGs by their paths from the root of the repository */
export async function drawPictures(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>()
  for (const { file, title, take } of PICTURES) {
    const sandbox = await startSandbox()
    try {
      pictures.set(file, drawLog(title, await take(sandbox)))
    } finally {
      await sandbox.stop()
    }
  }
  return pictures
}

interface Taken {
  readonly step: Step
  readonly token: string
  readonly entity: string
}

/** Runs the action. @param code the expected error code; none if it must succeed */
async function takeToken(sandbox: Sandbox, pat: string, code?: string): Promise<Taken> {
  const { log, outputs } = await sandbox.runStep({
    with: { pat, entity: 'acme-labs' },
    masks: [pat],
    environment: { GITHUB_ACTION_REPOSITORY: ACTION, GITHUB_ACTION_REF: 'v1' }
  })
  if (outputs['error-code'] !== code) throw new Error(`the step ended otherwise: ${log.join(' ')}`)
  const { token = '', entity = '' } = outputs
  const inputs = ['  with:', '    pat: ***', '    entity: acme-labs']
  return {
    step: {
      title: 'Get a Vaunt token',
      hasPassed: code === undefined,
      lines: [
        { text: `▾ Run ${ACTION}@v1`, tone: 'plain' },
        ...inputs.map(text => ({ text, tone: 'faint' }) as const),
        ...log.map(text => lineOf(withoutChance(text, sandbox)))
      ]
    },
    token,
    entity
  }
}

/** Uses the token like a step after the action. */
async function useToken(sandbox: Sandbox, token: string, entity: string): Promise<Step> {
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, sandbox.certificates.ca])
  try {
    const text = await countRepositories({ vauntApiUrl: sandbox.vaunt.url, entity, token, environment: {} })
    return { title: 'Ask Vaunt', hasPassed: true, lines: [{ text, tone: 'plain' }] }
  } finally {
    setDefaultCACertificates(trusted)
  }
}

function lineOf(text: string): Step['lines'][number] {
  if (!text.startsWith('##[error]')) return { text, tone: 'plain' }
  return { text: text.replace('##[error]', 'Error: '), tone: 'error' }
}

/** Removes what differs between runs. */
function withoutChance(text: string, sandbox: Sandbox): string {
  return (
    text
      // Links lead to the requested GitHub, which is the sandbox here.
      .replaceAll(new URL(sandbox.github.url).origin, 'https://github.com')
      .replace(/request ID [\w:]+/, 'request ID C0DE:1A2B:3C4D5E')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, '2026-11-23T18:00:00.000Z')
  )
}

if (process.argv[1] === import.meta.filename) {
  await runCommand(
    { calls: ['npm run pictures'], flags: {}, note: 'It draws the pictures in docs/ anew.' },
    async () => {
      for (const [file, svg] of await drawPictures()) await writeFile(join(ROOT, file), svg)
      return 0
    }
  )
}
