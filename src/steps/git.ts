// Owns git: the only child process, how it is started so that nothing of the job's own settings or secrets gets in its way, and what its failures mean. Knows no card.

import { spawn } from 'node:child_process'
import { ActionError, systemCode } from '../errors.ts'
import { property } from '../json.ts'
import type { ForbiddenPush, RefusedPush } from '../messages.ts'

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
}

/** What a command of git left behind. */
interface Result {
  /** null when it was broken off. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Why a command failed, as far as the server's own lines and the status tell. */
export type GitFault =
  /** Asking again can help. `detail` is in our own words. */
  | { readonly kind: 'passing'; readonly detail: string }
  /** Somebody else pushed meanwhile. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'forbidden'; readonly fault: ForbiddenPush }
  | { readonly kind: 'refused'; readonly fault: RefusedPush }
  | { readonly kind: 'unknown'; readonly detail?: string }

/** A command of git failed. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly fault: GitFault
  /** What the server said (its lines begin with `remote:`): from outside. */
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
  readonly #environment: NodeJS.ProcessEnv
  readonly #settings: readonly string[]

  private constructor(options: GitOptions) {
    this.#options = options
    this.#environment = environmentFor(options)
    this.#settings = settingsFor(options.server)
  }

  /** @throws ActionError `git-missing` */
  static async create(options: GitOptions): Promise<Git> {
    const git = new Git(options)
    await git.run(['init', '--quiet', '--bare', git.#repository])
    await git.run(['remote', 'add', 'origin', `${options.server}/${options.repository}`])
    return git
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
    throw new GitError(faultOf(result, args[0] === 'push'), remoteLines(result.stderr))
  }

  /** Whether a command succeeds; its output is dropped. @throws ActionError `git-missing` */
  async asks(args: readonly string[]): Promise<boolean> {
    return (await this.#start(args, '')).code === 0
  }

  #start(args: readonly string[], input: string): Promise<Result> {
    const { folder, deadlineMs } = this.#options
    return new Promise((resolve, reject) => {
      const child = spawn('git', [...this.#settings, ...args], {
        // Not the workspace: Windows looks for programs there first.
        cwd: folder,
        env: this.#environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        timeout: deadlineMs,
        killSignal: 'SIGKILL'
      })
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
        reject(ActionError.of('git-missing', { detail: systemCode(property(error, 'code')) ?? 'unknown' }, error))
      })
      // `exit` and not `close`: a helper that git left behind may hold the pipes open.
      child.on('exit', code => {
        setImmediate(() => {
          resolve({ code, stdout: out.text, stderr: err.text })
        })
      })
      child.stdin.end(input)
    })
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

/** What would lead git to another repository, print secrets, or hand it the inputs of this step. */
const UNWANTED = /^(?:INPUT_|VAUNT_|ACTIONS_|GIT_(?!SSL_CA|PROXY_|EXEC_PATH$|CONFIG_))/

function environmentFor({ environment, folder, token }: GitOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !UNWANTED.test(name))
  const [name, email] = ['github-actions[bot]', '41898282+github-actions[bot]@users.noreply.github.com']
  return {
    ...Object.fromEntries(kept),
    [TOKEN_VARIABLE]: token,
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

/** Settings that stand above those of the runner. The token is not in them: the helper finds it in its environment. */
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

/** What the server itself said, in one line. */
function remoteLines(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter(line => line.startsWith('remote:'))
    .map(line => line.slice('remote:'.length).trim())
    .filter(line => line !== '')
    .join(' ')
}

/** Reads the status, the server's lines, and the reason that a push gives. Names of branches and repositories are in none of them. */
function faultOf({ code, stdout, stderr }: Result, isPush: boolean): GitFault {
  if (code === null) return { kind: 'passing', detail: 'it did not answer in time' }
  const words = remoteLines(stderr)
  const status = statusIn(stderr)
  const reason = refusalIn(stdout)
  if (ARCHIVED.test(words)) return { kind: 'forbidden', fault: 'archived' }
  const rule = ruleIn(words)
  if (rule) return { kind: 'refused', fault: rule }
  if (status === 429 || status === 408 || (status !== undefined && status >= 500 && status !== 501)) {
    return { kind: 'passing', detail: `HTTP ${status}` }
  }
  if (NOT_ALLOWED.test(words) || (status === 403 && isPush)) return { kind: 'forbidden', fault: 'permission' }
  if (status !== undefined && status >= 300 && status < 400)
    return { kind: 'unknown', detail: `redirect, HTTP ${status}` }
  if (status === 401 || status === 403 || status === 404) return { kind: 'forbidden', fault: 'unreadable' }
  if (status !== undefined) return { kind: 'unknown', detail: `HTTP ${status}` }
  if (reason !== undefined) return rejection(reason, words)
  const own = ownLines(stderr)
  if (REDIRECTED.test(own))
    return { kind: 'unknown', detail: 'it answered with a redirect, and redirects are never followed' }
  if (UNREADABLE.test(own)) return { kind: 'forbidden', fault: 'unreadable' }
  if (UNTRUSTED.test(own)) return { kind: 'unknown', detail: 'git does not trust its certificate' }
  const broken = BROKEN.find(([pattern]) => pattern.test(own))
  return broken ? { kind: 'passing', detail: broken[1] } : { kind: 'unknown' }
}

/** The status of HTTP, as git tells it: in a sentence of its own, never in the address before it. */
function statusIn(stderr: string): number | undefined {
  const found = /(?:The requested URL returned error:|RPC failed; HTTP) (\d{3})\b/.exec(ownLines(stderr))
  return found ? Number(found[1]) : undefined
}

/** The lines that are git's own: the server's begin with `remote:`. Addresses are taken out: they may hold any word. */
function ownLines(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter(line => /^(?:fatal|error):/.test(line))
    .map(line => line.replace(/'[^']*'|https?:\/\/\S+/g, "''"))
    .join('\n')
}

/** The reason in the report of a push: `!\tFROM:TO\t[remote rejected] (REASON)`. */
function refusalIn(stdout: string): string | undefined {
  return /^!\t[^\t]*\t(\[[^\]]*\].*)$/m.exec(stdout)?.[1]
}

function rejection(reason: string, words: string): GitFault {
  if (
    /fetch first|non-fast-forward|stale info|but expected|incorrect old value|reference already exists/i.test(reason)
  ) {
    return { kind: 'moved' }
  }
  if (IN_THE_WAY.test(reason)) {
    return { kind: 'refused', fault: 'in-the-way' }
  }
  // Two pushes at one moment: the second finds the branch locked.
  if (/cannot lock ref|failed to update ref|unable to lock|unable to create/i.test(reason)) return { kind: 'moved' }
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
  [/changes must be made through (?:a pull request|the merge queue)|merge queue/i, 'pull-request'],
  [/commit message (?:must|does not)|(?:author|committer) email|email (?:address )?must|GH007/i, 'commit-message'],
  [/cannot create ref|creations being restricted|creation of this branch/i, 'creation'],
  [/GH006|GH013|protected branch|protected ref|rule violations|cannot update this/i, 'protected']
]

function ruleIn(words: string): RefusedPush | undefined {
  return RULES.find(([pattern]) => pattern.test(words))?.[1]
}

const ARCHIVED = /archived so it is read-only|repository (?:was|has been|is) archived/i
const NOT_ALLOWED =
  /write access to repository not granted|permission to \S+ denied to|refusing to allow|not permitted to push/i
const REDIRECTED = /unable to update url base from redirection|redirect/i
const UNREADABLE =
  /could not read username|could not read password|authentication failed|terminal prompts disabled|does not appear to be a git repository|not found|could not read from remote repository/i
const UNTRUSTED = /certificate|self.signed|unable to get local issuer|CAfile/i

/** What breaks on the way, in our own words. */
const BROKEN: readonly (readonly [RegExp, string])[] = [
  [/could not resolve (?:host|proxy)|name or service not known/i, 'its name could not be looked up'],
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
