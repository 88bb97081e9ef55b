// The steps that get a Vaunt token: attest, exchange, seal, and open. The actions put them in order; nothing here sets an output.

import { attest } from '../attestation/attest.ts'
import type { Attestation } from '../attestation/attest.ts'
import { ActionError } from '../errors/action-error.ts'
import type { Client } from '../network/client.ts'
import type { ExchangeInputs, OpenInputs } from '../runner/check-inputs.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { decodeClaims, requireFresh } from '../vaunt/claims.ts'
import type { Claims } from '../vaunt/claims.ts'
import { COMPACT_JWS, exchange } from '../vaunt/exchange.ts'
import type * as Seal from '../vaunt/seal.ts'
import { logAttestation } from './log.ts'
import type { Session, World } from './run.ts'

/** A Vaunt token and what is known about it. */
export interface VauntToken extends Seal.Sealable, Claims {
  /** The time by Vaunt's clock when it issued the token, in milliseconds since the epoch, if Vaunt said so. */
  readonly vauntTime?: number | undefined
}

/** A Vaunt token, with its sealed form if there is one: all that the outputs contain. */
export interface SealedToken extends VauntToken {
  readonly sealedToken: string | undefined
}

/**
 * Proves through GitHub that the PAT's user is the entity or one of its owners. Vaunt doesn't see the PAT.
 *
 * @throws ActionError with any code that GitHub's responses lead to
 */
export async function attestPat(
  session: Session,
  client: Client,
  { pat, entity, githubApiUrl, vauntApiUrl }: ExchangeInputs
): Promise<Attestation> {
  const { world, quote, server } = session
  const reader = world.createReader({ pat, githubApiUrl, client })
  const attesting = attest(reader, entity, quote, server)
  // Opens only a connection while GitHub is still answering: it carries no request, and so no PAT.
  client.openEarly(vauntApiUrl)
  const attestation = await attesting
  logAttestation({ core: world.core, quote, server }, attestation)
  return attestation
}

/**
 * Exchanges an attested PAT for a Vaunt token.
 *
 * @throws ActionError `vaunt-*`, `token-expired`, `tls-untrusted`, `proxy-failed`
 */
export async function exchangePat(
  { world, quote, mask }: Session,
  client: Client,
  { pat, vauntApiUrl }: Pick<ExchangeInputs, 'pat' | 'vauntApiUrl'>,
  { entity, attestedBy, patExpiresAt }: Attestation
): Promise<VauntToken> {
  const { token, vauntTime, trail } = await exchange({ client, vauntApiUrl, entity: entity.login, pat, quote })
  // Masked at once: nothing may be printed between the token's arrival and its mask.
  mask(token)
  const claims = decodeClaims(token, trail)
  requireFresh(claims, { vauntTime, now: world.now() }, trail)
  const about = { entity: entity.login, entityType: entity.type, attestedBy: attestedBy.login, patExpiresAt }
  return { token, ...about, ...claims, vauntTime }
}

/** Seals a token for other jobs of this run. */
export async function sealToken(session: Session, token: VauntToken, key: Uint8Array): Promise<string> {
  const { world } = session
  const { seal } = world.sealing
  // The token expires by Vaunt's clock, so that clock counts here, too.
  const now = token.vauntTime ?? world.now()
  const options = { key, run: runId(world), now, expiresAt: token.expiresAt }
  let sealed = await seal(token, options)
  // The runner drops an output that contains a masked value, and a sealed token may contain a short one by chance.
  for (let turn = 0; turn < SEALING_TURNS && session.holdsMasked(sealed); turn++) sealed = await seal(token, options)
  if (session.holdsMasked(sealed)) world.core.warning(UNSEALABLE)
  return sealed
}

/** Two of three sealed tokens contain a given secret of two characters, so a hundred attempts are enough. */
const SEALING_TURNS = 100

const UNSEALABLE =
  'The runner will not pass the sealed token to another job, because the token contains a masked value: one of the secrets of this run, such as a proxy password, is too short. Use a longer one.'

/**
 * Opens a token that an earlier job sealed, without a PAT and without a request.
 *
 * @throws ActionError `sealed-token-*`
 */
export async function openSealedToken(session: Session, { sealedToken, sealKey }: OpenInputs): Promise<SealedToken> {
  const { world, quote, mask } = session
  const contents = await world.sealing.open(sealedToken, { key: sealKey, run: runId(world), now: world.now() })
  // The runner forgets masks between jobs, so the token is masked again before anything else.
  mask(contents.token)
  const claims = claimsOf(contents.token)
  const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)]
  world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, verified as ${attestedBy}.`)
  return { ...contents, ...claims, sealedToken }
}

/** The claims of a token that was sealed. Anyone with the key may have sealed something else. */
function claimsOf(token: string): Claims {
  try {
    if (COMPACT_JWS.test(token)) return decodeClaims(token, { attempts: 0 })
  } catch {
    // Reported below: Vaunt had no part in this.
  }
  throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' })
}

/**
 * Makes sure that the runner says which run this is, because a sealed token is bound to its run.
 *
 * @throws ActionError `runner-files-unusable`
 */
export function requireRunId({ environment }: World): void {
  for (const variable of ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID']) {
    if (!environment[variable]) throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  }
}

/** What a sealed token is bound to. A re-run of failed jobs reuses the outputs of an earlier attempt, so the attempt doesn't count. */
function runId({ environment }: World): string {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = environment
  return `${repository}/${id}`
}

/**
 * Refuses a token that is too long for an environment variable: every later step would fail with "Argument list too long".
 *
 * @throws ActionError `export-env-invalid`
 */
export function requireFit(name: string, token: string, quote: (raw: string) => Quoted): void {
  const bytes = Buffer.byteLength(`${name}=${token}`) + 1
  if (bytes <= LONGEST_VARIABLE_BYTES) return
  const facts = { value: quote(name), bytes, limitBytes: LONGEST_VARIABLE_BYTES }
  throw ActionError.of('export-env-invalid', { ...facts, fault: 'too-long' })
}

/** MAX_ARG_STRLEN of Linux: the name, the equals sign, the value, and a final byte. */
const LONGEST_VARIABLE_BYTES = 131_072
