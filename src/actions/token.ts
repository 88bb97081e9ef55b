// Owns the story of the token step, in order. Everything it touches comes in as the World.

import { ActionError } from '../errors/action-error.ts'
import { checkInputs } from '../runner/check-inputs.ts'
import type { Inputs } from '../runner/check-inputs.ts'
import { readInputs } from '../runner/inputs.ts'
import { warnOfExpiry } from './log.ts'
import { findFiles } from '../runner/files.ts'
import type { RunnerFiles } from '../runner/files.ts'
import { maskInputs, runStep, setOutputs } from './run.ts'
import type { Session, World } from './run.ts'
import { mintToken, openToken, requireRun } from './obtain.ts'
import type { Handover } from './obtain.ts'

/** Runs the action. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function run(world: World): Promise<void> {
  await runStep(world, async session => {
    const inputs = takeInputs(session)
    const files = findRunnerFiles(session, inputs)
    const handover = inputs.mode === 'open' ? await openToken(session, inputs) : await mintToken(session, inputs)
    handOver(session, handover, files, inputs.exportEnv)
  })
}

/** Reads the inputs, masks what is secret in them before anything else can be printed, then checks them all. */
function takeInputs(session: Session): Inputs {
  const { core, environment } = session.world
  const raw = readInputs(core.getInput, environment)
  maskInputs(session, raw)
  return checkInputs(raw, session.quote, session.absence)
}

/** What the runner has to give is looked for before anything is sent. */
function findRunnerFiles(session: Session, inputs: Inputs): RunnerFiles {
  const { environment, files } = session.world
  // The toolkit would print outputs, the token among them, when the runner gave it no file to write them to.
  const found = findFiles(
    ['GITHUB_OUTPUT', ...(inputs.exportEnv === '' ? [] : (['GITHUB_ENV'] as const))],
    environment,
    files
  )
  if (inputs.sealKey) requireRun(session.world)
  session.files = found
  return found
}

/** Writes the outputs and the environment variable. */
function handOver(session: Session, handover: Handover, files: RunnerFiles, exportEnv: string): void {
  const { core } = session.world
  if (exportEnv !== '') requireFit(exportEnv, handover.token, session)
  setOutputs(session, files, [
    ['token', handover.token],
    ['expires-at', handover.expiresAt?.toISOString()],
    ['entity', handover.entity],
    ['entity-type', handover.entityType],
    ['attested-by', handover.attestedBy],
    ['pat-expires-at', handover.patExpiresAt?.toISOString()],
    ['sealed-token', handover.sealedToken]
  ])
  // Last of all: a step that fails must not leave the token in the environment of the next ones.
  if (exportEnv !== '') {
    files.write('GITHUB_ENV', () => {
      core.exportVariable(exportEnv, handover.token)
    })
  }
  core.info(
    handover.expiresAt
      ? `The Vaunt token is valid until ${handover.expiresAt.toISOString()}.`
      : 'The Vaunt token has no expiration time.'
  )
  warnOfExpiry({ ...session, core }, handover.patExpiresAt, session.world.now())
}

/** Every later step of the job would fail to start ("Argument list too long"), and nothing would say why. */
function requireFit(name: string, token: string, { quote }: Session): void {
  const bytes = Buffer.byteLength(`${name}=${token}`) + 1
  if (bytes <= LONGEST_VARIABLE_BYTES) return
  const facts = { value: quote(name), bytes, limitBytes: LONGEST_VARIABLE_BYTES }
  throw ActionError.of('export-env-invalid', { ...facts, fault: 'too-long' })
}

/** MAX_ARG_STRLEN of Linux: the name, the equals sign, the value, and a byte for the end. */
const LONGEST_VARIABLE_BYTES = 131_072
