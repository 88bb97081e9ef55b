// Owns how a further step gets its Vaunt token: which of the three ways its inputs name, or none, and the token itself. What the token is used for is actions/contributors-card.ts's and actions/repositories-report.ts's.

import { decodeClaims } from '../vaunt/claims.ts'
import { ActionError, InputErrors, requireNone } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import { COMPACT_JWS } from '../vaunt/exchange.ts'
import { apiUrl } from '../runner/api-urls.ts'
import { checkEntity, checkInputs, checkUrl } from '../runner/check-inputs.ts'
import type { MintInputs, OpenInputs } from '../runner/check-inputs.ts'
import { readInputs } from '../runner/inputs.ts'
import { maskInputs } from './run.ts'
import type { Session } from './run.ts'
import { withClient } from './client.ts'
import { attestPat, exchangePat, openSealedToken, requireRunId } from './token-steps.ts'

/** A token that an earlier step of the same job got. */
interface TokenInputs {
  readonly mode: 'token'
  readonly token: string
}

/** No credential: Vaunt serves the card of a public repository to anyone. */
interface NoInputs {
  readonly mode: 'none'
}

/** The way to a token, and what it will be used for. */
export interface Access {
  readonly way: MintInputs | OpenInputs | TokenInputs | NoInputs
  /** As the user spells it; empty: the account of the sealed token. */
  readonly entity: string
  /** Without a trailing slash. */
  readonly vauntApiUrl: string
}

/** A token, and the entity to ask about with it. */
export interface Granted {
  /** Undefined without a credential. */
  readonly token: string | undefined
  readonly entity: string
}

/** The ways to a token; a step is given one of them. */
const WAYS = ['pat', 'token', 'sealed-token'] as const

/**
 * Reads the inputs that both further steps have, and masks what is secret in them.
 *
 * @param isOptional whether the step can do without a credential
 * @throws InputErrors with every problem
 */
export function takeAccess(session: Session, isOptional = false): Access {
  const { core, environment } = session.world
  const given = WAYS.filter(name => core.getInput(name).trim() !== '')
  const token = core.getInput('token').trim()
  const raw = readInputs(name => core.getInput(name), environment)
  // With two ways given, the PAT is read as well: it must be masked.
  const pat = given.includes('pat') ? core.getInput('pat').trim() : raw.pat
  maskInputs(session, { ...raw, pat })
  // It may be a PAT.
  maskLong(session, token)
  if (given.length > 1)
    throw new InputErrors([{ input: given.join(', '), error: ActionError.of('token-ambiguous', { given }) }])

  const isNone = raw.pat === '' && given.length === 0 && raw['seal-key'] === ''
  if (isOptional && isNone) return { way: { mode: 'none' }, ...checkQuestion(raw, raw.entity, session) }
  if (!given.includes('token')) {
    const way = checkInputs(raw, session.quote, () => {
      const reason = session.missingPatReason()
      return reason === 'unknown' ? 'no-token' : reason
    })
    // A key without a sealed token is not needed: whoever passes on all secrets passes it, too.
    if (way.mode === 'mint') {
      if (way.sealKey) core.info("Input 'seal-key' is set without 'sealed-token', so the action uses the PAT.")
      return { way: { ...way, sealKey: undefined }, entity: way.entity, vauntApiUrl: way.vauntApiUrl }
    }
    return { way, ...checkQuestion(raw, core.getInput('entity').trim(), session) }
  }
  const fault = faultOfToken(token)
  const problem = fault && { input: 'token', error: ActionError.of('token-malformed', { fault }) }
  return { way: { mode: 'token', token }, ...checkQuestion(raw, raw.entity, session, problem) }
}

/** Masks a secret line by line, as the runner does. The shortest words are no secret, and their mask would blot them out of the whole log. */
export function maskLong(session: Session, text: string): void {
  for (const line of text.split(/[\r\n]+/)) if (line.length >= SHORTEST_SECRET) session.mask(line)
}

/** Shorter than every token, and longer than a word such as `null`. */
const SHORTEST_SECRET = 12

function faultOfToken(token: string): 'pat' | 'not-a-jwt' | undefined {
  if (/^(?:gh[a-z]_|github_pat_)/.test(token)) return 'pat'
  return COMPACT_JWS.test(token) ? undefined : 'not-a-jwt'
}

/** The entity and the address, checked: for tokens that need no PAT. */
function checkQuestion(
  raw: ReturnType<typeof readInputs>,
  entity: string,
  { quote }: Session,
  problem?: Problem
): Pick<Access, 'entity' | 'vauntApiUrl'> {
  requireNone([
    problem,
    entity === '' && raw['sealed-token'] !== '' ? undefined : checkEntity({ entity }, quote),
    checkUrl(raw, 'vaunt-api-url')
  ])
  return { entity, vauntApiUrl: apiUrl(raw['vaunt-api-url']) }
}

/**
 * Gets the token by the way that the inputs name.
 *
 * @throws ActionError of every code that the token step has
 */
export async function obtainToken(session: Session, { way, entity }: Access): Promise<Granted> {
  const owner = session.world.environment['GITHUB_REPOSITORY_OWNER'] ?? ''
  if (way.mode === 'none') return { token: undefined, entity: spelled(entity, owner) }
  if (way.mode === 'mint') return await newToken(session, way)
  if (way.mode === 'open') {
    requireRunId(session.world)
    const opened = await openSealedToken(session, way)
    return { token: opened.token, entity: spelled(entity, opened.entity) }
  }
  try {
    decodeClaims(way.token, { attempts: 0 })
  } catch (error) {
    throw ActionError.of('token-malformed', { fault: 'not-a-jwt' }, error)
  }
  return { token: way.token, entity: spelled(entity, owner) }
}

async function newToken(session: Session, inputs: MintInputs): Promise<Granted> {
  return await withClient(session, async client =>
    exchangePat(session, client, inputs, await attestPat(session, client, inputs))
  )
}

/** The entity as GitHub spells it, where that is known; an entity that is empty is the known one. Vaunt may know no other spelling. */
function spelled(entity: string, known: string): string {
  return entity === '' || entity.toLowerCase() === known.toLowerCase() ? known : entity
}
