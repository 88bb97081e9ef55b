// Owns how a token is obtained: attested and exchanged for a PAT, or opened from a seal. Writes no output.

import { attest } from '../attestation/attest.ts'
import { decodeClaims, requireFresh } from '../vaunt/claims.ts'
import type { Claims } from '../vaunt/claims.ts'
import { ActionError } from '../errors/action-error.ts'
import { COMPACT_JWS, exchange } from '../vaunt/exchange.ts'
import type { Client, Retry } from '../network/client.ts'
import { extraCaIn } from '../runner/extra-certificates.ts'
import type { MintInputs, OpenInputs } from '../runner/check-inputs.ts'
import { endWarning, retryLine, systemStoreLine, tellAttestation } from './log.ts'
import type { ExtraCa } from '../errors/messages/network.ts'
import type { Service } from '../errors/messages/wording.ts'
import { announcedEnd } from '../github/api-version.ts'
import type { Received } from '../network/answer.ts'
import type { Limits } from '../network/retry.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import type * as Seal from '../vaunt/seal.ts'
import type { Session, World } from './run.ts'

/** A token with all that is known of it: what the outputs are made of. */
export interface Handover extends Seal.Sealable, Claims {
  readonly sealedToken: string | undefined
}

/**
 * Attests, and only then exchanges.
 *
 * @throws ActionError of every code that GitHub, Vaunt or the way to them can come to
 */
export async function mintToken(session: Session, inputs: MintInputs): Promise<Handover> {
  const { world, quote, mask } = session
  const { pat, githubApiUrl, vauntApiUrl, sealKey } = inputs
  const client = createClient(session)
  try {
    const reader = await world.createReader({ pat, githubApiUrl, client })
    const attesting = attest(reader, inputs.entity, quote, session.server)
    // Only a connection, while GitHub is still answering: no request, and so no PAT.
    client.openEarly(vauntApiUrl)
    const attestation = await attesting
    tellAttestation({ ...session, core: world.core }, attestation)
    const { entity, attestedBy, patExpiresAt } = attestation

    const exchanged = await exchange({ client, vauntApiUrl, entity: entity.login, pat, quote })
    const { token, vauntTime, trail } = exchanged
    // At once: from here on it exists, and nothing may be printed before it is masked.
    mask(token)
    const claims = decodeClaims(token, trail)
    requireFresh(claims, { vauntTime, now: world.now() }, trail)
    const login = attestedBy.login
    const contents = { token, entity: entity.login, entityType: entity.type, attestedBy: login, patExpiresAt }
    if (!sealKey) return { ...contents, ...claims, sealedToken: undefined }

    // Vaunt's clock where it is known: the token's own end is by that clock as well.
    const options = { key: sealKey, run: thisRun(world), now: vauntTime ?? world.now(), expiresAt: claims.expiresAt }
    return { ...contents, ...claims, sealedToken: await sealUnmasked(session, contents, options) }
  } finally {
    client.close()
  }
}

/** The runner drops an output that holds a masked value, and a short secret can stand in a seal by chance: then it is sealed anew. */
async function sealUnmasked(session: Session, contents: Seal.Sealable, options: Seal.SealOptions): Promise<string> {
  const { seal } = await session.world.loadSeal()
  let sealed = await seal(contents, options)
  for (let turn = 0; turn < SEALING_TURNS && session.holdsMasked(sealed); turn++) sealed = await seal(contents, options)
  if (session.holdsMasked(sealed)) session.world.core.warning(UNSEALABLE)
  return sealed
}

/** A secret of two characters is in two seals of three; a hundred seals without it are not too few. */
const SEALING_TURNS = 100

const UNSEALABLE =
  'The runner will not pass the sealed token to another job, because the token contains a masked value: one of the secrets of this run, such as a proxy password, is too short. Use a longer one.'

/** The one client, for as long as its limits say; the action's own when none are given. */
export function createClient({ world, quote, once }: Session, limits?: Limits): Client {
  const { environment, nodeVersion, now, uptime } = world
  const onRetry = (retry: Retry): void => {
    world.core.info(retryLine(retry))
  }
  const onAnswer = (answer: Received, service: Service): void => {
    const end = announcedEnd(answer)
    if (end) {
      once('announced end', () => {
        world.core.warning(endWarning(service, end))
      })
    }
  }
  const onSystemStore = (host: Quoted): void => {
    once('system store', () => {
      world.core.info(systemStoreLine(host))
    })
  }
  const extraCa = (): ExtraCa => extraCaIn(environment, world.readFile)
  return world.createClient({
    environment,
    nodeVersion,
    quote,
    now,
    uptime,
    onRetry,
    onAnswer,
    onSystemStore,
    extraCa,
    ...(limits && { limits })
  })
}

/**
 * Opens a token that an earlier job sealed: no PAT, no network.
 *
 * @throws ActionError `sealed-token-*`
 */
export async function openToken(session: Session, { sealedToken, sealKey }: OpenInputs): Promise<Handover> {
  const { world, quote, mask } = session
  const { open } = await world.loadSeal()
  const contents = await open(sealedToken, { key: sealKey, run: thisRun(world), now: world.now() })
  // The runner forgets masks between jobs, so the token is masked anew, before anything else.
  mask(contents.token)
  const claims = claimsOf(contents.token)
  const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)]
  world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, verified as ${attestedBy}.`)
  return { ...contents, ...claims, sealedToken }
}

/** What a token from a seal claims. Whoever has the key may have sealed anything. */
function claimsOf(token: string): Claims {
  try {
    if (COMPACT_JWS.test(token)) return decodeClaims(token, { attempts: 0 })
  } catch {
    // Told below. Nobody asked Vaunt.
  }
  throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' })
}

/**
 * Makes sure that the runner says which run this is: a seal is bound to it.
 *
 * @throws ActionError `runner-files-unusable`
 */
export function requireRun({ environment }: World): void {
  for (const variable of ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID']) {
    if (!environment[variable]) throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  }
}

/** What a seal is bound to. `run_attempt` is left out: a re-run of failed jobs gets the outputs of the earlier attempt. */
function thisRun({ environment }: World): string {
  // Both are there: requireRun looked.
  const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = environment
  return `${repository}/${id}`
}
