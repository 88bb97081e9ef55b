// Owns what the user wrote: raw inputs and environment variables become checked `Inputs`, or every problem at once. Sends nothing and prints nothing.

import { ActionError, PUBLIC_SERVER, requireNone } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import { parseJson, property } from '../untrusted/json.ts'
import type { AbsenceReason, UrlFault } from '../errors/messages/inputs.ts'
import type { ExtraCa } from '../errors/messages/network.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** The inputs of action.yml, in its order. */
export const INPUT_NAMES = [
  'pat',
  'entity',
  'export-env',
  'seal-key',
  'sealed-token',
  'vaunt-api-url',
  'github-api-url'
] as const

export type InputName = (typeof INPUT_NAMES)[number]

/** The inputs that only the two further steps have: contributors-card/action.yml and repositories-report/action.yml. */
export type StepInputName =
  'token' | 'repository' | 'limit' | 'path' | 'branch' | 'pull-request' | 'pull-request-branch' | 'github-token'

/** Every input as the runner hands it over, trimmed; with the defaults that hold when it arrives empty. */
export type RawInputs = Readonly<Record<InputName, string>>

/** Attest, exchange, and hand over a new token. */
export interface MintInputs {
  readonly mode: 'mint'
  readonly pat: string
  /** As the user spells it. */
  readonly entity: string
  /** Empty for none. */
  readonly exportEnv: string
  readonly sealKey: Uint8Array | undefined
  /** Without a trailing slash, like the other one. */
  readonly vauntApiUrl: string
  readonly githubApiUrl: string
}

/** Open a token that an earlier job sealed. */
export interface OpenInputs {
  readonly mode: 'open'
  readonly sealedToken: string
  readonly sealKey: Uint8Array
  readonly exportEnv: string
}

export type Inputs = MintInputs | OpenInputs

type Environment = Readonly<Record<string, string | undefined>>

/** Vaunt's own service. */
export const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev'
const PUBLIC_GITHUB_API_URL = 'https://api.github.com'
const PUBLIC_VAUNT_HOST = 'api.vaunt.dev'

/**
 * Takes in the inputs, filling in for the empty ones: `entity: ${{ vars.X }}` with `X` unset arrives empty, and overrides
 * the default of action.yml.
 *
 * @param getInput the runner's value of an input
 */
export function readInputs(getInput: (name: InputName) => string, environment: Environment): RawInputs {
  const read = (name: InputName, ...fallbacks: (string | undefined)[]): string =>
    [getInput(name), ...fallbacks].map(value => value?.trim() ?? '').find(value => value !== '') ?? ''
  const sealedToken = read('sealed-token')
  return {
    // A job that opens a sealed token has no business with a PAT.
    pat: sealedToken === '' ? read('pat', environment['VAUNT_PAT']) : '',
    entity: read('entity', environment['GITHUB_REPOSITORY_OWNER']),
    'export-env': read('export-env'),
    'seal-key': read('seal-key'),
    'sealed-token': sealedToken,
    'vaunt-api-url': read('vaunt-api-url', PUBLIC_VAUNT_API_URL),
    'github-api-url': read('github-api-url', environment['GITHUB_API_URL'], PUBLIC_GITHUB_API_URL)
  }
}

/**
 * Checks every input, so that one run reports all that is wrong.
 *
 * @param quote makes an input fit to print
 * @param absence why there may be no PAT; asked only when there is none
 * @throws InputErrors with every problem, in the order of the inputs
 */
export function checkInputs(raw: RawInputs, quote: (text: string) => Quoted, absence: () => AbsenceReason): Inputs {
  const opening = raw['sealed-token'] !== ''
  const sealKey = checkSealKey(raw)
  // Opening a sealed token asks nobody, so it does not matter who would be asked for what.
  requireNone([
    ...(opening ? [] : [checkPat(raw, absence), checkEntity(raw, quote)]),
    checkExportEnv(raw, quote),
    sealKey instanceof ActionError ? problem('seal-key', sealKey) : undefined,
    ...(opening ? [] : [checkUrl(raw, 'vaunt-api-url'), checkUrl(raw, 'github-api-url'), checkHosts(raw, quote)])
  ])

  const exportEnv = raw['export-env']
  const key = sealKey instanceof ActionError ? undefined : sealKey
  if (opening && key) return { mode: 'open', sealedToken: raw['sealed-token'], sealKey: key, exportEnv }
  return {
    mode: 'mint',
    pat: raw.pat,
    entity: raw.entity,
    exportEnv,
    sealKey: key,
    vauntApiUrl: apiUrl(raw, 'vaunt-api-url'),
    githubApiUrl: apiUrl(raw, 'github-api-url')
  }
}

function problem(input: InputName, error: ActionError): Problem {
  return { input, error }
}

function checkPat(raw: RawInputs, absence: () => AbsenceReason): Problem | undefined {
  if (raw.pat === '') {
    return raw['seal-key'] === ''
      ? problem('pat', ActionError.of('pat-missing', { reason: absence() }))
      : problem('sealed-token', ActionError.of('sealed-token-missing', { reason: absence() }))
  }
  const fault = malformation(raw.pat)
  if (fault) return problem('pat', ActionError.of('pat-malformed', { fault }))
  const evidence = (['ghs_', 'ghr_'] as const).find(start => raw.pat.startsWith(start))
  return evidence && problem('pat', ActionError.of('pat-unsupported', { evidence }))
}

/** What is wrong with an entity, if anything. */
export function checkEntity(
  { entity }: Pick<RawInputs, 'entity'>,
  quote: (text: string) => Quoted
): Problem | undefined {
  if (ENTITY.test(entity)) return undefined
  return problem('entity', ActionError.of('entity-invalid', { value: quote(entity), empty: entity === '' }))
}

function checkExportEnv(raw: RawInputs, quote: (text: string) => Quoted): Problem | undefined {
  const name = raw['export-env']
  if (name === '') return undefined
  const fault = !ENVIRONMENT_NAME.test(name) ? 'not-a-name' : isReserved(name) ? 'reserved' : undefined
  return fault && problem('export-env', ActionError.of('export-env-invalid', { value: quote(name), fault }))
}

/** The key; undefined when none is given and none is needed. */
function checkSealKey(raw: RawInputs): Uint8Array | ActionError | undefined {
  const text = raw['seal-key']
  if (text === '' && raw['sealed-token'] === '') return undefined
  return decodeKey(text) ?? ActionError.of('seal-key-invalid', { empty: text === '' })
}

type UrlInput = 'vaunt-api-url' | 'github-api-url'

/** What is wrong with an address. */
export function checkUrl(raw: RawInputs, input: UrlInput): Problem | undefined {
  const fault = readUrl(raw[input])
  return fault instanceof URL ? undefined : problem(input, ActionError.of('url-invalid', { input, fault }))
}

function checkHosts(raw: RawInputs, quote: (text: string) => Quoted): Problem | undefined {
  const [vauntUrl, githubUrl] = [readUrl(raw['vaunt-api-url']), readUrl(raw['github-api-url'])]
  // An address that cannot be read is told by itself.
  if (!(vauntUrl instanceof URL && githubUrl instanceof URL) || !crossesOver(githubUrl, vauntUrl)) return undefined
  return problem('github-api-url', ActionError.of('host-unsupported', { githubHost: quote(githubUrl.host) }))
}

/**
 * Why a run may have no PAT, as its event tells.
 *
 * @param eventName `GITHUB_EVENT_NAME`
 * @param actor `GITHUB_ACTOR`
 * @param readEvent the text of the event file; whatever it holds or throws, the answer is at worst `unknown`
 */
export function absenceReason(
  eventName: string | undefined,
  actor: string | undefined,
  readEvent: () => string
): AbsenceReason {
  if (eventName?.startsWith('pull_request') && eventName !== 'pull_request_target' && isFork(readEvent)) return 'fork'
  return actor === 'dependabot[bot]' ? 'dependabot' : 'unknown'
}

/**
 * What NODE_EXTRA_CA_CERTS comes to. Node ignores a file that it cannot use, with a warning that is easily overlooked.
 *
 * @param readFile the text of a file; whatever it throws, the file cannot be read
 */
export function extraCaIn(environment: Environment, readFile: (path: string) => string): ExtraCa {
  const path = environment['NODE_EXTRA_CA_CERTS'] ?? ''
  if (path === '') return 'unset'
  let text: string
  try {
    text = readFile(path)
  } catch {
    return 'unreadable'
  }
  return PEM_CERTIFICATE.test(text) ? 'loaded' : 'no-pem'
}

/** RFC 7468, with the two labels that OpenSSL reads as well; base64 and nothing else between the lines. */
const PEM_CERTIFICATE =
  /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\s+[A-Za-z\d+/=\s]{64,}-----END (?:X509 |TRUSTED )?CERTIFICATE-----/m

/**
 * Whether the event says that the job's repository is public.
 *
 * @param readFile the text of a file; whatever it holds or throws, the answer is at worst no
 */
export function isPublicRepository(environment: Environment, readFile: (path: string) => string): boolean {
  const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''))
  return property(property(event, 'repository'), 'private') === false
}

/**
 * The default branch of the job's repository, as the event says.
 *
 * @param readFile the text of a file; whatever it holds or throws, the answer is at worst undefined
 */
export function defaultBranchIn(environment: Environment, readFile: (path: string) => string): string | undefined {
  const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''))
  const branch = property(property(event, 'repository'), 'default_branch')
  return typeof branch === 'string' ? branch : undefined
}

function isFork(readEvent: () => string): boolean {
  const event = readJson(readEvent)
  const pullRequest = property(event, 'pull_request')
  const base = property(property(property(pullRequest, 'base'), 'repo'), 'full_name')
  const head = property(pullRequest, 'head')
  const headRepository = property(head, 'repo')
  // A fork that was deleted since leaves no repository behind.
  if (typeof base !== 'string' || head === undefined) return false
  return headRepository === null || property(headRepository, 'full_name') !== base
}

function readJson(read: () => string): unknown {
  try {
    return parseJson(read())
  } catch {
    // There is no file to read.
    return undefined
  }
}

/**
 * The GitHub that people log in to, where an API is: what links lead to.
 *
 * @param githubApiUrl `https://ghe.example/api/v3`, `https://api.octo.ghe.com`; for anything that is no such URL, github.com
 */
export function serverOf(githubApiUrl: string): string {
  const url = readUrl(githubApiUrl)
  if (!(url instanceof URL) || url.host === new URL(PUBLIC_GITHUB_API_URL).host) return PUBLIC_SERVER
  return `https://${url.host.replace(/^api\.(?=[^.]+\.ghe\.com$)/, '')}`
}

/**
 * The environment with names that can be looked up: on Windows they have no letter case, so there all are in upper case.
 *
 * @param platform `process.platform`
 */
export function foldNames(environment: Environment, platform: string): Environment {
  if (platform !== 'win32') return environment
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]))
}

/** Old accounts have odd hyphens, enterprise-managed ones an underscore. */
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/

const ENVIRONMENT_NAME = /^[A-Za-z_]\w*$/

/** Windows has no letter case in the names of variables, so neither has this. */
function isReserved(name: string): boolean {
  const upper = name.toUpperCase()
  return RESERVED_NAMES.has(upper) || RESERVED_PREFIXES.some(prefix => upper.startsWith(prefix))
}

/** Variables by which a token would change how the runner, a shell or a program works. */
const RESERVED_PREFIXES = [
  ...['GITHUB_', 'RUNNER_', 'ACTIONS_', 'INPUT_', 'STATE_', 'NODE_', 'NPM_', 'LD_', 'DYLD_', 'GIT_', 'BASH_FUNC_'],
  ...['LC_', 'PYTHON_', 'SSL_', 'DOTNET_', 'COMPLUS_']
]

const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'CI', 'SHELL', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'TERM', 'LANG'],
  ...['TMP', 'TEMP', 'TMPDIR', 'CDPATH', 'GLOBIGNORE', 'BASHOPTS', 'SHELLOPTS', 'PROMPT_COMMAND', 'PS4', 'TZ'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'EDITOR', 'VISUAL', 'PAGER', 'BROWSER', 'OPENSSL_CONF'],
  ...['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH'],
  ...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_HOME', 'GOFLAGS', 'RUSTFLAGS', 'MAKEFLAGS'],
  ...['COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['PSMODULEPATH', 'HOSTNAME', 'VAUNT_PAT']
])

/** What a bearer token cannot have in it (RFC 6750, section 2.1), told as what it most likely is. */
function malformation(pat: string): Facts['pat-malformed']['fault'] | undefined {
  if (/^[\w.~+/-]+=*$/.test(pat) && !/^(?:secrets|env|vars|inputs|github)\.\w/i.test(pat)) return undefined
  if (/\$\{\{|\}\}|^\$|^%[^%\s]+%$|^(?:secrets|env|vars|inputs|github)\./i.test(pat)) return 'expression'
  if (/["'`\u2018-\u201f\u00ab\u00bb\u2039\u203a]/.test(pat)) return 'quotes'
  if (/\s/.test(pat)) return 'white-space'
  if (/\p{Cc}/u.test(pat)) return 'control'
  return /[^\x21-\x7e]/.test(pat) ? 'non-ascii' : 'characters'
}

/** 32 bytes from base64 or base64url, with or without padding; undefined for anything else. */
function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 ? new Uint8Array(bytes) : undefined
}

/** The URL, or which rule it breaks: https only, and nothing that could carry or lose a secret. */
function readUrl(text: string): URL | UrlFault {
  // White space, backslashes and further slashes are refused, because the URL parser would silently drop or turn them.
  if (!/^https:\/\//i.test(text)) return URL.canParse(text) ? 'not-https' : 'unreadable'
  if (/[?#]/.test(text)) return 'query'
  const authority = text.slice('https://'.length).split('/', 1)[0] ?? ''
  const url = authority !== '' && /^[\x21-\x5b\x5d-\x7e]+$/.test(text) ? URL.parse(text) : null
  if (!url) return 'unreadable'
  return authority.includes('@') ? 'credentials' : url
}

/** Whether a PAT of GitHub Enterprise (Server, or a `*.ghe.com` host) would reach Vaunt's public service. */
function crossesOver(githubUrl: URL, vauntUrl: URL): boolean {
  const isPublicVaunt = vauntUrl.hostname.replace(/\.$/, '') === PUBLIC_VAUNT_HOST
  return isPublicVaunt && withoutSlash(githubUrl) !== PUBLIC_GITHUB_API_URL
}

/** A checked address, without a trailing slash. */
export function apiUrl(raw: RawInputs, input: UrlInput): string {
  return withoutSlash(readUrl(raw[input]))
}

function withoutSlash(url: URL | UrlFault): string {
  // The look-behind lets each run of slashes be tried once only, which keeps the time linear.
  return url instanceof URL ? url.href.replace(/(?<!\/)\/+$/, '') : ''
}
