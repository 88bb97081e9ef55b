// Owns what the user wrote: raw inputs and environment variables become checked `Inputs`, or every problem at once. Sends nothing and prints nothing.

import { ActionError, InputErrors } from './errors.ts'
import type { AbsenceReason, Code, Facts, Problem, Quoted, UrlFault } from './errors.ts'

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

const PUBLIC_GITHUB_API_URL = 'https://api.github.com'
const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev'
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
  const problems: Problem[] = []
  function reject<C extends Code>(input: InputName, code: C, facts: Facts[C]): void {
    problems.push({ input, error: ActionError.of(code, facts) })
  }

  const exportEnv = raw['export-env']
  const sealedToken = raw['sealed-token']
  const opening = sealedToken !== ''
  const sealing = raw['seal-key'] !== ''
  const sealKey = sealing ? decodeKey(raw['seal-key']) : undefined

  if (!opening) {
    if (raw.pat === '') {
      if (sealing) reject('sealed-token', 'sealed-token-missing', { reason: absence() })
      else reject('pat', 'pat-missing', { reason: absence() })
    } else {
      const malformed = malformation(raw.pat)
      const prefix = (['ghs_', 'ghr_'] as const).find(start => raw.pat.startsWith(start))
      if (malformed) reject('pat', 'pat-malformed', { fault: malformed })
      else if (prefix) reject('pat', 'pat-unsupported', { evidence: prefix })
    }
    if (!ENTITY.test(raw.entity)) {
      reject('entity', 'entity-invalid', { value: quote(raw.entity), empty: raw.entity === '' })
    }
  }
  if (exportEnv !== '') {
    const fault = !ENVIRONMENT_NAME.test(exportEnv) ? 'not-a-name' : RESERVED.test(exportEnv) ? 'reserved' : undefined
    if (fault) reject('export-env', 'export-env-invalid', { value: quote(exportEnv), fault })
  }
  if ((sealing || opening) && !sealKey) reject('seal-key', 'seal-key-invalid', { empty: !sealing })

  const [vauntUrl, githubUrl] = (['vaunt-api-url', 'github-api-url'] as const).map(input => {
    const url = checkUrl(raw[input])
    if (typeof url !== 'string') return url
    // Opening a sealed token asks nobody, so it does not matter whom it would ask.
    if (!opening) reject(input, 'url-invalid', { input, fault: url })
    return undefined
  })
  if (!opening && vauntUrl && githubUrl && crossesOver(githubUrl, vauntUrl)) {
    reject('github-api-url', 'host-unsupported', { githubHost: quote(githubUrl.host) })
  }

  const [first, ...others] = problems
  if (first) throw new InputErrors([first, ...others])
  if (opening && sealKey) return { mode: 'open', sealedToken, sealKey, exportEnv }
  return {
    mode: 'mint',
    pat: raw.pat,
    entity: raw.entity,
    exportEnv,
    sealKey,
    vauntApiUrl: withoutSlash(vauntUrl),
    githubApiUrl: withoutSlash(githubUrl)
  }
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

function isFork(readEvent: () => string): boolean {
  let event: unknown
  try {
    event = JSON.parse(readEvent())
  } catch {
    return false
  }
  const pullRequest = property(event, 'pull_request')
  const base = property(property(property(pullRequest, 'base'), 'repo'), 'full_name')
  const head = property(pullRequest, 'head')
  const headRepository = property(head, 'repo')
  // A fork that was deleted since leaves no repository behind.
  if (typeof base !== 'string' || head === undefined) return false
  return headRepository === null || property(headRepository, 'full_name') !== base
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/** Old accounts have odd hyphens, enterprise-managed ones an underscore. */
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/

const ENVIRONMENT_NAME = /^[A-Za-z_]\w*$/

/** Variables by which a token would change how the runner, a shell or a program works. Windows has no case, so neither has this. */
const RESERVED = new RegExp(
  `^(?:(?:${[
    ...['GITHUB', 'RUNNER', 'ACTIONS', 'INPUT', 'STATE', 'NODE', 'NPM', 'LD', 'DYLD', 'GIT', 'BASH_FUNC', 'LC'],
    ...['PYTHON', 'SSL', 'DOTNET', 'COMPLUS']
  ].join('|')})_.*|${[
    ...['PATH', 'HOME', 'CI', 'SHELL', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'TERM', 'LANG'],
    ...['TMP', 'TEMP', 'TMPDIR', 'CDPATH', 'GLOBIGNORE', 'BASHOPTS', 'SHELLOPTS', 'PROMPT_COMMAND', 'PS4', 'TZ'],
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'EDITOR', 'VISUAL', 'PAGER', 'BROWSER', 'OPENSSL_CONF'],
    ...['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH'],
    ...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_HOME', 'GOFLAGS', 'RUSTFLAGS', 'MAKEFLAGS'],
    ...['COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
    ...['PSMODULEPATH', 'HOSTNAME', 'VAUNT_PAT']
  ].join('|')})$`,
  'i'
)

function malformation(pat: string): Facts['pat-malformed']['fault'] | undefined {
  if (/\s/.test(pat)) return 'white-space'
  if (/\p{Cc}/u.test(pat)) return 'control'
  return /[^\x21-\x7e]/.test(pat) ? 'non-ascii' : undefined
}

/** 32 bytes from base64 or base64url, with or without padding; undefined for anything else. */
function decodeKey(text: string): Uint8Array | undefined {
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 ? new Uint8Array(bytes) : undefined
}

/** The URL, or which rule it breaks: https only, and nothing that could carry or lose a secret. */
function checkUrl(text: string): URL | UrlFault {
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

function withoutSlash(url: URL | undefined): string {
  // The look-behind lets each run of slashes be tried once only, which keeps the time linear.
  return url?.href.replace(/(?<!\/)\/+$/, '') ?? ''
}
