// Checks the inputs: raw values become checked inputs, or one failure that contains every problem. Sends and prints nothing.

import { ActionError, requireNone } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { MissingPatReason } from '../errors/messages/inputs.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { apiUrl, parseApiUrl, sendsEnterprisePatToPublicVaunt } from './api-urls.ts'
import { faultOfExportName } from './environment.ts'
import type { InputName, RawInputs } from './inputs.ts'

/** The inputs to get a new token: attest and exchange. */
export interface ExchangeInputs {
  readonly mode: 'exchange'
  readonly pat: string
  /** As the user spells it. */
  readonly entity: string
  /** Empty if the token isn't exported. */
  readonly exportEnv: string
  readonly sealKey: Uint8Array | undefined
  /** Like the GitHub URL, it has no trailing slash. */
  readonly vauntApiUrl: string
  readonly githubApiUrl: string
}

/** The inputs to open a token that an earlier job sealed. */
export interface OpenInputs {
  readonly mode: 'open'
  readonly sealedToken: string
  readonly sealKey: Uint8Array
  readonly exportEnv: string
}

export type Inputs = ExchangeInputs | OpenInputs

/**
 * Checks all inputs, so that one run reports every problem.
 *
 * @param quote makes an input fit to print
 * @param missingPatReason says why there may be no PAT; called only if there is none
 * @throws InputErrors with every problem, in the order of the inputs
 */
export function checkInputs(
  raw: RawInputs,
  quote: (text: string) => Quoted,
  missingPatReason: () => MissingPatReason
): Inputs {
  const opens = raw['sealed-token'] !== ''
  const sealKey = checkSealKey(raw)
  // Opening a sealed token sends no request, so the inputs for requests don't matter then.
  requireNone([
    ...(opens ? [] : [checkPat(raw, missingPatReason), checkEntity(raw, quote)]),
    checkExportEnv(raw, quote),
    sealKey instanceof ActionError ? problem('seal-key', sealKey) : undefined,
    ...(opens ? [] : [checkUrl(raw, 'vaunt-api-url'), checkUrl(raw, 'github-api-url'), checkHosts(raw, quote)])
  ])

  const exportEnv = raw['export-env']
  const key = sealKey instanceof ActionError ? undefined : sealKey
  if (opens && key) return { mode: 'open', sealedToken: raw['sealed-token'], sealKey: key, exportEnv }
  return {
    mode: 'exchange',
    pat: raw.pat,
    entity: raw.entity,
    exportEnv,
    sealKey: key,
    vauntApiUrl: apiUrl(raw['vaunt-api-url']),
    githubApiUrl: apiUrl(raw['github-api-url'])
  }
}

function problem(input: InputName, error: ActionError): Problem {
  return { input, error }
}

function checkPat(raw: RawInputs, missingPatReason: () => MissingPatReason): Problem | undefined {
  if (raw.pat === '') {
    return raw['seal-key'] === ''
      ? problem('pat', ActionError.of('pat-missing', { reason: missingPatReason() }))
      : problem('sealed-token', ActionError.of('sealed-token-missing', { reason: missingPatReason() }))
  }
  const fault = faultOfPat(raw.pat)
  if (fault) return problem('pat', ActionError.of('pat-malformed', { fault }))
  const evidence = (['ghs_', 'ghr_'] as const).find(prefix => raw.pat.startsWith(prefix))
  return evidence && problem('pat', ActionError.of('pat-unsupported', { evidence }))
}

/** Says what prevents a text from being a bearer token (RFC 6750, section 2.1), and names the most likely cause. */
function faultOfPat(pat: string): Facts['pat-malformed']['fault'] | undefined {
  if (/^[\w.~+/-]+=*$/.test(pat) && !/^(?:secrets|env|vars|inputs|github)\.\w/i.test(pat)) return undefined
  if (/\$\{\{|\}\}|^\$|^%[^%\s]+%$|^(?:secrets|env|vars|inputs|github)\./i.test(pat)) return 'expression'
  if (/["'`\u2018-\u201f\u00ab\u00bb\u2039\u203a]/.test(pat)) return 'quotes'
  if (/\s/.test(pat)) return 'white-space'
  if (/\p{Cc}/u.test(pat)) return 'control'
  return /[^\x21-\x7e]/.test(pat) ? 'non-ascii' : 'characters'
}

/** Checks the entity alone, for actions that need no PAT. */
export function checkEntity(
  { entity }: Pick<RawInputs, 'entity'>,
  quote: (text: string) => Quoted
): Problem | undefined {
  if (ENTITY.test(entity)) return undefined
  return problem('entity', ActionError.of('entity-invalid', { value: quote(entity), empty: entity === '' }))
}

/** Logins of old accounts can end in a hyphen or contain two in a row; those of enterprise-managed accounts contain an underscore. */
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/

function checkExportEnv(raw: RawInputs, quote: (text: string) => Quoted): Problem | undefined {
  const name = raw['export-env']
  const fault = name === '' ? undefined : faultOfExportName(name)
  return fault && problem('export-env', ActionError.of('export-env-invalid', { value: quote(name), fault }))
}

/** Returns the key; undefined if none is given and none is needed. */
function checkSealKey(raw: RawInputs): Uint8Array | ActionError | undefined {
  const text = raw['seal-key']
  if (text === '' && raw['sealed-token'] === '') return undefined
  return decodeKey(text) ?? ActionError.of('seal-key-invalid', { empty: text === '' })
}

/** Decodes 32 bytes from base64 or base64url, with or without padding. */
function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 ? new Uint8Array(bytes) : undefined
}

/** Checks one URL alone. */
export function checkUrl(raw: RawInputs, input: 'vaunt-api-url' | 'github-api-url'): Problem | undefined {
  const fault = parseApiUrl(raw[input])
  return fault instanceof URL ? undefined : problem(input, ActionError.of('url-invalid', { input, fault }))
}

function checkHosts(raw: RawInputs, quote: (text: string) => Quoted): Problem | undefined {
  const [vauntUrl, githubUrl] = [parseApiUrl(raw['vaunt-api-url']), parseApiUrl(raw['github-api-url'])]
  // An invalid URL is reported by itself.
  if (!(vauntUrl instanceof URL && githubUrl instanceof URL)) return undefined
  if (!sendsEnterprisePatToPublicVaunt(githubUrl, vauntUrl)) return undefined
  return problem('github-api-url', ActionError.of('host-unsupported', { githubHost: quote(githubUrl.host) }))
}
