// Reads the credential of the card and report actions, and gets the Vaunt token with it.

import { decodeClaims } from '../vaunt/claims.ts'
import { ActionError, InputErrors, requireNone } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import { COMPACT_JWS } from '../vaunt/exchange.ts'
import { apiUrl } from '../runner/api-urls.ts'
import { checkEntity, checkInputs, checkUrl } from '../runner/check-inputs.ts'
import type { ExchangeInputs, OpenInputs } from '../runner/check-inputs.ts'
import { readInputs } from '../runner/inputs.ts'
import { maskInputs } from './run.ts'
import type { Session } from './run.ts'
import { withClient } from './client.ts'
import { attestPat, exchangePat, openSealedToken, requireRunId } from './token-steps.ts'

/** A Vaunt token from an earlier step of the same job. */
interface TokenInputs {
  readonly mode: 'token'
  readonly token: string
}

/** No credential: Vaunt serves the card of a public repository to anyone. */
interface NoInputs {
  readonly mode: 'none'
}

/** The credential that the inputs name, and what the token is for. */
export interface Credentials {
  readonly credential: ExchangeInputs | OpenInputs | TokenInputs | NoInputs
  /** As the user spells it. Empty: the account that the sealed token is for. */
  readonly entity: string
  /** Without a trailing slash. */
  readonly vauntApiUrl: string
}

/** A Vaunt token and the entity that it's for. */
export interface EntityToken {
  /** Undefined without a credential. */
  readonly token: string | undefined
  readonly entity: string
}

/** The inputs that name a credential. At most one of them may be set. */
const CREDENTIALS = ['pat', 'token', 'sealed-token'] as const

/**
 * Reads the inputs that both actions have, and masks the secrets in them.
 *
 * @param isOptional whether the action also works without a credential
 * @throws InputErrors with every problem
 */
export function readCredentials(session: Session, isOptional = false): Credentials {
  const { core, environment } = session.world
  const given = CREDENTIALS.filter(name => core.getInput(name).trim() !== '')
  const token = core.getInput('token').trim()
  const raw = readInputs(name => core.getInput(name), environment)
  // If two credentials are set, the PAT is read as well, because it must be masked.
  const pat = given.includes('pat') ? core.getInput('pat').trim() : raw.pat
  maskInputs(session, { ...raw, pat })
  // Someone may have passed a PAT by mistake.
  maskLong(session, token)
  if (given.length > 1)
    throw new InputErrors([{ input: given.join(', '), error: ActionError.of('token-ambiguous', { given }) }])

  const isNone = raw.pat === '' && given.length === 0 && raw['seal-key'] === ''
  if (isOptional && isNone) return { credential: { mode: 'none' }, ...checkQuestion(raw, raw.entity, session) }
  if (!given.includes('token')) {
    const credential = checkInputs(raw, session.quote, () => {
      const reason = session.missingPatReason()
      return reason === 'unknown' ? 'no-token' : reason
    })
    // A key without a sealed token isn't an error: callers that pass on all their secrets pass it, too.
    if (credential.mode === 'exchange') {
      if (credential.sealKey) core.info("Input 'seal-key' is set without 'sealed-token', so the action uses the PAT.")
      return {
        credential: { ...credential, sealKey: undefined },
        entity: credential.entity,
        vauntApiUrl: credential.vauntApiUrl
      }
    }
    return { credential, ...checkQuestion(raw, core.getInput('entity').trim(), session) }
  }
  const fault = faultOfToken(token)
  const problem = fault && { input: 'token', error: ActionError.of('token-malformed', { fault }) }
  return { credential: { mode: 'token', token }, ...checkQuestion(raw, raw.entity, session, problem) }
}

/** Masks a secret line by line, as the runner does. Short words aren't secrets, and masking them would remove them from the whole log. */
export function maskLong(session: Session, text: string): void {
  for (const line of text.split(/[\r\n]+/)) if (line.length >= SHORTEST_SECRET) session.mask(line)
}

/** Shorter than any token, and longer than a word such as `null`. */
const SHORTEST_SECRET = 12

function faultOfToken(token: string): 'pat' | 'not-a-jwt' | undefined {
  if (/^(?:gh[a-z]_|github_pat_)/.test(token)) return 'pat'
  return COMPACT_JWS.test(token) ? undefined : 'not-a-jwt'
}

/** Checks the entity and the URL when there is no PAT to check them with. */
function checkQuestion(
  raw: ReturnType<typeof readInputs>,
  entity: string,
  { quote }: Session,
  problem?: Problem
): Pick<Credentials, 'entity' | 'vauntApiUrl'> {
  requireNone([
    problem,
    entity === '' && raw['sealed-token'] !== '' ? undefined : checkEntity({ entity }, quote),
    checkUrl(raw, 'vaunt-api-url')
  ])
  return { entity, vauntApiUrl: apiUrl(raw['vaunt-api-url']) }
}

/**
 * Gets the token with the credential that the inputs name.
 *
 * @throws ActionError of every code that the token step has
 */
export async function getToken(session: Session, { credential, entity }: Credentials): Promise<EntityToken> {
  const owner = session.world.environment['GITHUB_REPOSITORY_OWNER'] ?? ''
  if (credential.mode === 'none') return { token: undefined, entity: spelled(entity, owner) }
  if (credential.mode === 'exchange') return await newToken(session, credential)
  if (credential.mode === 'open') {
    requireRunId(session.world)
    const opened = await openSealedToken(session, credential)
    return { token: opened.token, entity: spelled(entity, opened.entity) }
  }
  try {
    decodeClaims(credential.token, { attempts: 0 })
  } catch (error) {
    throw ActionError.of('token-malformed', { fault: 'not-a-jwt' }, error)
  }
  return { token: credential.token, entity: spelled(entity, owner) }
}

async function newToken(session: Session, inputs: ExchangeInputs): Promise<EntityToken> {
  return await withClient(session, async client =>
    exchangePat(session, client, inputs, await attestPat(session, client, inputs))
  )
}

/** The entity as GitHub spells it, if that's known. Vaunt may accept only that spelling. An empty entity is the known one. */
function spelled(entity: string, known: string): string {
  return entity === '' || entity.toLowerCase() === known.toLowerCase() ? known : entity
}
