// Owns git: the only child process, how it is started so that nothing of the job's own settings or secrets gets in its way, and what its failures mean. Knows no card.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { ActionError, systemCode } from '../errors/action-error.ts'
import { isOutage } from '../network/failure.ts'
import { property } from '../untrusted/json.ts'
import type { ForbiddenPush, RefusedPush } from '../errors/messages/card.ts'
import type { ProxyFault } from '../errors/messages/network.ts'

export interface GitOptions {
  /** The job's variables; what git and its helpers must not see is taken out. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A folder of our own, for the repository and the index. */
  readonly folder: string
  /** The server of the repository, such as `https://github.com`. */
  readonly server: string
  /** `owner/name` */
  readonly repository: string
  /** What git authenticates with, at this server only. */
  readonly token: string
  /** One command, in milliseconds. */
  readonly deadlineMs: number
  /** Ends what runs, and lets nothing start any more. */
  readonly signal?: AbortSignal
}

/** What a command of git left behind. */
interface Result {
  /** Or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null
  readonly isLate: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Why a command failed, as far as the server's own lines and the status tell. */
export type GitFault =
  /** Asking again can help. `detail` is in our own words. */
  | { readonly kind: 'passing'; readonly detail: string }
  /** Somebody else pushed meanwhile, unless `detail` says otherwise. */
  | { readonly kind: 'moved'; readonly detail?: string }
  | { readonly kind: 'forbidden'; readonly fault: ForbiddenPush }
  | { readonly kind: 'refused'; readonly fault: RefusedPush }
  | { readonly kind: 'proxy'; readonly fault: ProxyFault; readonly detail: string; readonly passes: boolean }
  /** git cannot do its work here. `detail` is a code of the system, a signal, or an exit code. */
  | { readonly kind: 'local'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail?: string }

/** A command of git failed. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly fault: GitFault
  /** What the server said (its lines begin with `remote:`), or git itself of a local fault: from outside. */
  readonly words: string

  constructor(fault: GitFault, words: string) {
    super(`git failed: ${fault.kind}`)
    this.fault = fault
    this.words = words
  }
}

/** A bare repository of our own, beside the job's, whose only remote is the repository of the job. */
export class Git {
  readonly #options: GitOptions
  readonly #settings: string[] = []
  environment: NodeJS.ProcessEnv

  private constructor(options: GitOptions) {
    this.#options = options
    this.environment = without(UNWANTED, options.environment)
  }

  /** @throws GitError, ActionError `git-missing` */
  static async create(options: GitOptions): Promise<Git> {
    const git = new Git(options)
    const { address } = git
    // The runner's settings may lead anywhere, or switch TLS off: only what a company's network needs is taken over.
    const { stdout } = await git.#start(['config', '-z', '--get-urlmatch', 'http', address], '')
    const mirrors = await git.#start(['config', '-z', '--get-regexp', '^url\\..*\\.insteadof$'], '')
    git.environment = environmentFor(options, git.environment)
    git.#settings.push(...settingsFor(options.server))
    for (const setting of (stdout + mirrors.stdout).split('\0')) {
      const [key = '', value = ''] = setting.split('\n')
      // It may hold a password, which no command line is to show.
      if (key === 'http.proxy') Object.assign(git.environment, { HTTPS_PROXY: value, https_proxy: value })
      else if (COMPANY.test(key)) git.#settings.push('-c', `${key}=${value}`)
    }
    await git.run(['init', '--quiet', '--bare', git.#repository])
    await git.run(['remote', 'add', 'origin', address])
    return git
  }

  get address(): string {
    return `${this.#options.server}/${this.#options.repository}`
  }

  get #repository(): string {
    return `${this.#options.folder}/card.git`
  }

  /**
   * Runs a command.
   *
   * @param input its standard input
   * @returns its standard output
   * @throws GitError, ActionError `git-missing`
   */
  async run(args: readonly string[], input = ''): Promise<string> {
    const result = await this.#start(args, input)
    if (result.code === 0) return result.stdout
    // git before 2.19 does not know it.
    if (result.code === 129 && args.includes(NO_FILES)) return this.run(args.filter(each => each !== NO_FILES))
    throw failureOf(result, args)
  }

  /**
   * Whether a command succeeds; its output is dropped.
   *
   * @param no what git says when it does not, if not by the exit code 1
   * @throws GitError, ActionError `git-missing`
   */
  async asks(args: readonly string[], no = /^$/): Promise<boolean> {
    const result = await this.#start(args, '')
    if (result.code === 0) return true
    if (result.code === 1 || no.test(result.stderr)) return false
    throw failureOf(result, args)
  }

  #start(args: readonly string[], input: string): Promise<Result> {
    const { folder, deadlineMs, signal: wanted } = this.#options
    return new Promise((resolve, reject) => {
      wanted?.throwIfAborted()
      const child = spawn('git', [...this.#settings, ...args], {
        // Not the workspace: Windows looks for programs there first.
        cwd: folder,
        env: this.environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        // A group of its own, which ends as one: a helper of git's pushes. Windows would open a window for it.
        detached: process.platform !== 'win32'
      })
      const end = (): void => {
        endGroup(child.pid)
      }
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        end()
      }, deadlineMs)
      if (wanted) wanted.onabort = end
      const [out, err] = [new Tail(), new Tail()]
      child.stdout.on('data', (chunk: Buffer) => {
        out.add(chunk)
      })
      child.stderr.on('data', (chunk: Buffer) => {
        err.add(chunk)
      })
      // git may end without reading it all.
      child.stdin.on('error', () => undefined)
      child.on('error', error => {
        clearTimeout(timer)
        reject(ActionError.of('git-missing', { detail: systemCode(property(error, 'code')) ?? 'unknown' }, error))
      })
      // `exit` and not `close`: a helper that git left behind may hold the pipes open.
      child.on('exit', (code, signal) => {
        clearTimeout(timer)
        if (wanted) wanted.onabort = null
        if (code === null) end()
        setImmediate(() => {
          resolve({ code: code ?? signal, isLate, stdout: out.text, stderr: err.text })
        })
      })
      child.stdin.end(input)
    })
  }
}

function endGroup(pid: number | undefined): void {
  // Zero would be our own group.
  if (!pid) return
  try {
    if (process.platform !== 'win32') process.kill(-pid, 'SIGKILL')
    else spawn('taskkill', ['/t', '/f', '/pid', `${pid}`], { stdio: 'ignore' }).on('error', () => undefined)
  } catch {
    // It has ended.
  }
}

/** Does what the runner may cancel. Then, as at the end, `signal` is aborted: nothing goes on when the step is over. */
export async function untilCancelled(use: (signal: AbortSignal) => Promise<void>, cancelled: Error): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const waits = ['SIGINT', 'SIGTERM'].map(async name => {
    await once(process, name, { signal })
    throw cancelled
  })
  try {
    await Promise.race([use(signal), ...waits])
  } finally {
    controller.abort()
  }
}

/** The end of a stream: a server may send without end. */
class Tail {
  #bytes = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-TAIL_BYTES)
  }

  get text(): string {
    return this.#bytes.toString('utf8')
  }
}

const TAIL_BYTES = 262_144

/** The name under which git's helper finds the token: in no command line and in no file. */
const TOKEN_VARIABLE = 'VAUNT_PUSH_TOKEN'

/** What would lead git to another repository, print secrets, or hand it the inputs of this step; and a proxy that Node does not know. */
const UNWANTED =
  /^(?:INPUT_|VAUNT_|ACTIONS_|ALL_PROXY$|GIT_(?!SSL_CA(?:INFO|PATH)$|PROXY_SSL_CAINFO$|EXEC_PATH$|CONFIG_))/i

/** A mirror counts when it brings no user and no password of its own: our token goes to the server's address only. */
const COMPANY =
  /^(?:http\.(?:(?:proxy)?ssl(?:ca|backend)|schannel|proxyauth)|url\.(?:https|file):\/\/[^@]*\.insteadof$)/

function without(unwanted: RegExp, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !unwanted.test(name)))
}

function environmentFor({ folder, token }: GitOptions, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const [name, email] = ['github-actions[bot]', '41898282+github-actions[bot]@users.noreply.github.com']
  return {
    ...without(/^GIT_CONFIG_/i, environment),
    [TOKEN_VARIABLE]: token,
    // There are no settings, attributes or passwords.
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    // git's words are read: they must be English.
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_DIR: `${folder}/card.git`,
    GIT_INDEX_FILE: `${folder}/index`,
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email
  }
}

/** The runner's settings are not read, but for a company's network; these hold even if some were. The token is not in them: the helper finds it in its environment. */
function settingsFor(server: string): string[] {
  const helper = `!f() { test "$1" = get || exit 0; echo username=x-access-token; printf "password=%s\\n" "$${TOKEN_VARIABLE}"; }; f`
  return [
    // No other helper: it would keep the token, or bring another one.
    'credential.helper=',
    `credential.${server}.helper=`,
    // For this server alone: git asks for the credentials of whatever host it is led to.
    `credential.${server}.helper=${helper}`,
    'core.askPass=',
    `http.${server}.followRedirects=false`,
    'http.followRedirects=false',
    // There is no switch to skip TLS verification.
    `http.${server}.sslVerify=true`,
    'http.sslVerify=true',
    // No hook and no signature of the runner.
    'core.hooksPath=/dev/null',
    'commit.gpgSign=false',
    'push.gpgSign=false',
    'core.fsmonitor=false',
    'gc.auto=0',
    'maintenance.auto=false',
    'core.autocrlf=false',
    'protocol.ext.allow=never'
  ].flatMap(setting => ['-c', setting])
}

/** What the server itself said, in one line, without what would take the room of its reasons. */
function remoteLines(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter(line => line.startsWith('remote:'))
    .map(line => line.slice('remote:'.length).trim())
    .filter(line => line !== '' && !line.startsWith('Review all repository rules at'))
    .join(' ')
}

/** Fetches folders without their files: a repository may be large. */
export const NO_FILES = '--filter=blob:none'

function failureOf(result: Result, [command = '']: readonly string[]): GitError {
  const fault = faultOf(result, command)
  return new GitError(fault, fault.kind === 'local' ? result.stderr.trim() : remoteLines(result.stderr))
}

/** Reads the status, the server's lines, and the reason that a push gives. Names of branches and repositories are in none of them. */
function faultOf({ code, isLate, stdout, stderr }: Result, command: string): GitFault {
  if (isLate) return { kind: 'passing', detail: 'it did not answer in time' }
  const own = ownLines(stderr)
  const full = /no space left|disk quota/i.test(own)
  if (full || typeof code !== 'number' || !/^(?:ls-remote|fetch|push)$/.test(command)) {
    const denied = /permission denied|read-only file/i.test(own)
    const exit = typeof code === 'number' ? `exit code ${code}` : String(code)
    return { kind: 'local', detail: full ? 'ENOSPC' : denied ? 'EACCES' : exit }
  }
  const words = remoteLines(stderr)
  const status = statusIn(own)
  const reason = refusalIn(stdout)
  const isPush = command === 'push'
  if (ARCHIVED.test(words)) return { kind: 'forbidden', fault: 'archived' }
  const rule = ruleIn(words)
  if (rule) return { kind: 'refused', fault: rule }
  if (status === 429 || (status !== undefined && isOutage(status))) return { kind: 'passing', detail: `HTTP ${status}` }
  const passing = PASSING.exec(words)
  if (passing) return { kind: 'passing', detail: `its words: ${passing[0]}` }
  if (NOT_ALLOWED.test(words) || (status === 403 && isPush && words === ''))
    return { kind: 'forbidden', fault: 'permission' }
  if (status !== undefined && status >= 300 && status < 400)
    return { kind: 'unknown', detail: `redirect, HTTP ${status}` }
  if (status === 403 && words !== '') return { kind: 'forbidden', fault: 'refused' }
  // What is pushed to was read before.
  const unreadable = { kind: 'forbidden', fault: isPush ? 'token' : 'unreadable' } as const
  if (status === 401 || status === 403 || status === 404) return unreadable
  if (status !== undefined) return { kind: 'unknown', detail: `HTTP ${status}` }
  if (reason !== undefined) return rejection(reason, words)
  const proxy = /could not resolve proxy|proxy connect aborted|(?:HTTP code|tunnel failed, response) (\d+)/i.exec(own)
  if (proxy) {
    const [detail, answer] = proxy
    const fault = answer !== undefined ? 'refused' : /resolve/i.test(detail) ? 'unreachable' : 'no-tunnel'
    return { kind: 'proxy', fault, detail, passes: !answer || answer === '429' || isOutage(Number(answer)) }
  }
  if (REDIRECTED.test(own))
    return { kind: 'unknown', detail: 'it answered with a redirect, and redirects are never followed' }
  if (/dumb http|http-push|DAV/.test(own))
    return { kind: 'unknown', detail: "the answer is not git's, but of something in between" }
  if (UNREADABLE.test(own)) return unreadable
  if (UNTRUSTED.test(own)) return { kind: 'unknown', detail: 'git does not trust its certificate' }
  const broken = BROKEN.find(([pattern]) => pattern.test(own))
  return broken ? { kind: 'passing', detail: broken[1] } : { kind: 'unknown' }
}

/** The status of HTTP, as git tells it: in a sentence of its own, never in the address before it. */
function statusIn(own: string): number | undefined {
  const found = /(?:The requested URL returned error:|RPC failed; HTTP) (\d{3})\b/.exec(own)
  return found ? Number(found[1]) : undefined
}

/** The lines that are git's own: the server's begin with `remote:`, or are repeated. Addresses are taken out: they may hold any word. */
function ownLines(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter(line => /^(?:fatal|error): (?!remote )/.test(line))
    .map(line => line.replace(/'[^']*'|https?:\/\/\S+/g, "''"))
    .join('\n')
}

/** The reason in the report of a push: `!\tFROM:TO\t[remote rejected] (REASON)`. */
function refusalIn(stdout: string): string | undefined {
  return /^!\t[^\t]*\t(\[[^\]]*\].*)$/m.exec(stdout)?.[1]
}

function rejection(reason: string, words: string): GitFault {
  // Only then the server's words are git's, and no hook's.
  const isFailed = /failed to update ref/i.test(reason)
  const said = isFailed ? words : reason
  if (/fetch first|non-fast-forward|stale info|but expected|incorrect old value|reference already exists/i.test(said)) {
    return { kind: 'moved' }
  }
  if (IN_THE_WAY.test(reason)) {
    return { kind: 'refused', fault: 'in-the-way' }
  }
  // Two pushes at one moment: the second finds the branch locked. So does everybody when a lock was left behind.
  if (/cannot lock ref|unable to (?:lock|create)/i.test(said)) return { kind: 'moved', detail: 'the branch is locked' }
  if (isFailed) return { kind: 'moved' }
  if (/protected branch/i.test(reason)) return { kind: 'refused', fault: 'protected' }
  if (/internal server error|timeout|try again/i.test(reason)) {
    return { kind: 'passing', detail: 'it could not take the push for the moment' }
  }
  return { kind: 'refused', fault: words === '' && !/hook declined|rule violations/i.test(reason) ? 'unsaid' : 'hook' }
}

/** git's own words, which a server may say in its lines or in its report. */
const IN_THE_WAY = /exists; cannot create|directory file conflict|refname conflict/i

/** GitHub's words for each rule: the narrower ones first. */
const RULES: readonly (readonly [RegExp, RefusedPush])[] = [
  [IN_THE_WAY, 'in-the-way'],
  [/push cannot contain secrets|GH009/i, 'secret'],
  [/verified signature|must be signed|commits? must have valid signatures/i, 'signature'],
  [/changes must be made through (?:a pull request|the merge queue)/i, 'pull-request'],
  [
    /(?:commit message|email(?: address)?) (?:must (?:not |match|start|end|contain)|does not match)|GH007/i,
    'commit-message'
  ],
  [/cannot create ref|creations being restricted|creation of this branch/i, 'creation'],
  [/branch name must|file (?:path|extension|size)\b|GH001/i, 'form'],
  [/GH006|GH013|protected branch|protected ref|rule violations|cannot update this/i, 'protected']
]

function ruleIn(words: string): RefusedPush | undefined {
  return RULES.find(([pattern]) => pattern.test(words))?.[1]
}

const PASSING = /rate limit|abuse detection|internal server error|try again later/i
const ARCHIVED = /archived so it is read-only|repository (?:was|has been|is) archived/i
const NOT_ALLOWED =
  /write access to repository not granted|permission to \S+ denied to|refusing to allow|not permitted to push/i
const REDIRECTED = /unable to update url base from redirection|redirect/i
const UNREADABLE =
  /could not read username|could not read password|authentication failed|terminal prompts disabled|does not appear to be a git repository|not found|could not read from remote repository/i
const UNTRUSTED = /certificate|self.signed|unable to get local issuer|CAfile/i

/** What breaks on the way, in our own words. */
const BROKEN: readonly (readonly [RegExp, string])[] = [
  [/could not resolve host|name or service not known/i, 'its name could not be looked up'],
  [
    /failed to connect|couldn't connect|connection refused|no route to host|network is unreachable/i,
    'no connection could be opened'
  ],
  [/timed out|timeout|operation too slow/i, 'it did not answer in time'],
  [/ssl|tls|handshake/i, 'TLS could not be started'],
  [
    /reset|broken pipe|early eof|hung up|unexpected disconnect|transfer closed|empty reply|recv failure|send failure|stream|curl \d+|invalid index-pack|bad pack header|pack-objects died/i,
    'the connection broke off'
  ]
]
