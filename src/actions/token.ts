// Gets a Vaunt token, step by step: read the inputs, open the output files, attest, exchange, seal, set the outputs.

import { checkInputs } from '../runner/check-inputs.ts'
import type { Inputs, ExchangeInputs } from '../runner/check-inputs.ts'
import type { RunnerFiles } from '../runner/files.ts'
import { readInputs } from '../runner/inputs.ts'
import { withClient } from './client.ts'
import { logExpiration } from './log.ts'
import { maskInputs, openFiles, runAction, setOutputs } from './run.ts'
import type { Session, World } from './run.ts'
import { attestPat, exchangePat, openSealedToken, requireFit, requireRunId, sealToken } from './token-steps.ts'
import type { SealedToken } from './token-steps.ts'

/** Runs the action. Whatever goes wrong ends in one annotation, the output `error-code`, and exit code 1. */
export async function runToken(world: World): Promise<void> {
  await runAction(world, async session => {
    const inputs = readTokenInputs(session)
    const files = openOutputFiles(session, inputs)
    const token = inputs.mode === 'open' ? await openSealedToken(session, inputs) : await getNewToken(session, inputs)
    setTokenOutputs(session, files, token, inputs.exportEnv)
  })
}

/** Reads the inputs, masks the secrets in them before anything can be printed, and then checks them all. */
function readTokenInputs(session: Session): Inputs {
  const { core, environment } = session.world
  const raw = readInputs(core.getInput, environment)
  maskInputs(session, raw)
  return checkInputs(raw, session.quote, session.missingPatReason)
}

/** Opens the files before anything is sent: a token that can't be handed on must not be requested. */
function openOutputFiles(session: Session, { exportEnv, sealKey }: Inputs): RunnerFiles {
  // Without a file, the toolkit would print the outputs, and the token is one of them.
  const files = openFiles(session, exportEnv === '' ? ['GITHUB_OUTPUT'] : ['GITHUB_OUTPUT', 'GITHUB_ENV'])
  if (sealKey) requireRunId(session.world)
  return files
}

/** Attests, exchanges the PAT only after that, and seals the token if there is a key. */
async function getNewToken(session: Session, inputs: ExchangeInputs): Promise<SealedToken> {
  return await withClient(session, async client => {
    const attestation = await attestPat(session, client, inputs)
    const token = await exchangePat(session, client, inputs, attestation)
    return { ...token, sealedToken: inputs.sealKey && (await sealToken(session, token, inputs.sealKey)) }
  })
}

/** Sets the outputs and the environment variable. */
function setTokenOutputs(session: Session, files: RunnerFiles, token: SealedToken, exportEnv: string): void {
  const { core, now } = session.world
  if (exportEnv !== '') requireFit(exportEnv, token.token, session.quote)
  setOutputs(session, files, [
    ['token', token.token],
    ['expires-at', token.expiresAt?.toISOString()],
    ['entity', token.entity],
    ['entity-type', token.entityType],
    ['attested-by', token.attestedBy],
    ['pat-expires-at', token.patExpiresAt?.toISOString()],
    ['sealed-token', token.sealedToken]
  ])
  // Last of all: a step that fails must not leave the token in the environment of later steps.
  if (exportEnv !== '') {
    files.write('GITHUB_ENV', () => {
      core.exportVariable(exportEnv, token.token)
    })
  }
  logExpiration({ ...session, core }, token, now())
}
