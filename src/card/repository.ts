// Sends the requests that read from and write to a repository, and checks their responses. Decides nothing.

import { ActionError } from '../errors/action-error.ts'
import type { Github } from '../github/octokit.ts'
import type { Answer } from '../network/answer.ts'
import { property, textIn } from '../untrusted/json.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { refusalOf } from './refusals.ts'
import type { Asked, Request } from './refusals.ts'

export interface RepositoryOptions {
  readonly github: Pick<Github, 'send'>
  readonly owner: string
  readonly name: string
  readonly quote: (raw: string) => Quoted
  /** The token of the requests, which decides who is the author of commits. */
  readonly token: string
}

export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
}

export interface Folder {
  readonly sha: string
  readonly entries: readonly Entry[]
}

/** An entry of a folder. */
export interface Entry {
  readonly name: string
  /** `040000` folder, `120000` symbolic link, `160000` submodule; anything else is a file. */
  readonly mode: string
  readonly sha: string
}

export interface NewCommit extends Omit<Commit, 'tree'> {
  /** The tree to add the file to; undefined for a tree with only this file. */
  readonly baseTree: string | undefined
  readonly path: string
  readonly text: string
}

export interface PullRequest {
  readonly url: string
}

type Parameters = Readonly<Record<string, unknown>>

/** A repository on GitHub. If GitHub refuses a request, its method throws the failure from `refusalOf`. */
export class Repository {
  readonly #options: RepositoryOptions

  constructor(options: RepositoryOptions) {
    this.#options = options
  }

  /** Its owner and name, for messages. */
  get fullName(): Quoted {
    const { owner, name, quote } = this.#options
    return quote(`${owner}/${name}`)
  }

  quote(text: string): Quoted {
    return this.#options.quote(text)
  }

  async defaultBranch(): Promise<string> {
    const asked = this.#about('read', '', 'the repository')
    const answer = await this.#send('GET /repos/{owner}/{repo}', {}, asked)
    return described(answer, textIn(answer.json, 'default_branch'), asked)
  }

  /** Returns the commit at the tip of a branch; undefined if the branch doesn't exist, and EMPTY if the repository has no commits. */
  async findTip(branch: string): Promise<string | undefined> {
    const asked = this.#about('read', branch, `the branch ${this.quote(branch)}`)
    const answer = await this.#ask('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` })
    if (isMissing(answer)) return undefined
    if (answer.status === 409 && answer.isOwnRefusal) return EMPTY
    succeeded(answer, asked)
    const isExact = textIn(answer.json, 'ref') === `refs/heads/${branch}`
    return described(answer, isExact ? sha(property(answer.json, 'object')) : undefined, asked)
  }

  async readCommit(commit: string): Promise<Commit> {
    const asked = this.#about('read', '', 'a commit')
    const answer = await this.#send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: commit }, asked)
    const tree = sha(property(answer.json, 'tree'))
    const parents = property(answer.json, 'parents')
    const shas = Array.isArray(parents) ? parents.map(sha).filter(parent => parent !== undefined) : []
    return { tree: described(answer, tree, asked), parents: shas, message: textIn(answer.json, 'message') ?? '' }
  }

  /** Returns the root folder of a commit. GitHub finds a tree by its commit, too, which saves a request. */
  async readRoot(commit: string): Promise<Folder> {
    return (await this.#findFolder(commit)) ?? (await this.readFolder((await this.readCommit(commit)).tree))
  }

  async readFolder(tree: string): Promise<Folder> {
    const folder = await this.#findFolder(tree)
    if (folder) return folder
    throw ActionError.of('commit-forbidden', { fault: 'not-found', repository: this.fullName, attempts: 1 })
  }

  async #findFolder(tree: string): Promise<Folder | undefined> {
    const asked = this.#about('read', '', 'a folder')
    const answer = await this.#ask('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { tree_sha: tree })
    if (isMissing(answer)) return undefined
    succeeded(answer, asked)
    const listed = property(answer.json, 'tree')
    // If GitHub truncated the list, the rest can contain anything, so the list isn't used.
    const isWhole = Array.isArray(listed) && property(answer.json, 'truncated') !== true
    const entries = isWhole ? listed.map(entryOf).filter(entry => entry !== undefined) : undefined
    return { sha: sha(answer.json) ?? tree, entries: described(answer, entries, asked) }
  }

  /** Returns the text of a file; undefined if there is none. */
  async readFile(commit: string, path: string): Promise<string | undefined> {
    const asked = this.#about('read', '', 'the card in this repository')
    const answer = await this.#ask('GET /repos/{owner}/{repo}/contents/{path}', { path, ref: commit })
    if (isMissing(answer)) return undefined
    succeeded(answer, asked)
    if (textIn(answer.json, 'type') !== 'file') return undefined
    // GitHub returns a file above 1 MB only as a blob.
    if (textIn(answer.json, 'encoding') === 'base64') return decoded(answer)
    const blob = described(answer, sha(answer.json), asked)
    return decoded(await this.#send('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: blob }, asked))
  }

  /** Creates a commit that isn't on any branch yet. */
  async createCommit({ baseTree, path, text: content, ...commit }: NewCommit): Promise<string> {
    const asked = this.#about('object', '', 'the new commit')
    const tree = await this.#send(
      'POST /repos/{owner}/{repo}/git/trees',
      { tree: [{ path, mode: '100644', type: 'blob', content }], ...(baseTree && { base_tree: baseTree }) },
      asked
    )
    const made = await this.#send(
      'POST /repos/{owner}/{repo}/git/commits',
      { ...commit, ...this.#authorship(), tree: described(tree, sha(tree.json), asked) },
      asked
    )
    return described(made, sha(made.json), asked)
  }

  async createBranch(branch: string, commit: string): Promise<void> {
    const asked = this.#about('branch', branch, `the new branch ${this.quote(branch)}`)
    await this.#send('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${branch}`, sha: commit }, asked)
  }

  /**
   * Moves a branch to a commit.
   *
   * @param force whether commits on the branch may be dropped
   */
  async moveBranch(branch: string, commit: string, force: boolean): Promise<void> {
    const asked = this.#about('branch', branch, `the branch ${this.quote(branch)}`)
    const route = 'PATCH /repos/{owner}/{repo}/git/refs/{ref}'
    // If a forced move arrived a second time, it would drop commits that others made in between.
    await this.#send(route, { ref: `heads/${branch}`, sha: commit, force }, asked, force)
  }

  /** Creates the first commit of an empty repository, in which GitHub doesn't accept trees. */
  async createFirstCommit(branch: string, file: Pick<NewCommit, 'path' | 'text' | 'message'>): Promise<string> {
    const asked = this.#about('branch', branch, 'the first commit')
    const answer = await this.#send(
      'PUT /repos/{owner}/{repo}/contents/{path}',
      {
        path: file.path,
        message: file.message,
        content: Buffer.from(file.text).toString('base64'),
        branch,
        ...this.#authorship()
      },
      asked
    )
    return described(answer, sha(property(answer.json, 'commit')), asked)
  }

  /** Finds the open pull request from one branch to another; undefined if there is none. */
  async findPullRequest(head: string, base: string): Promise<PullRequest | undefined> {
    const asked = this.#about('pull-request', head, 'the pull requests')
    const query = { state: 'open', head: `${this.#options.owner}:${head}`, base }
    const answer = await this.#send('GET /repos/{owner}/{repo}/pulls', query, asked)
    const pulls = described(answer, Array.isArray(answer.json) ? answer.json : undefined, asked)
    const first: unknown = pulls.find(pull => isBetween(pull, head, base))
    return first === undefined ? undefined : { url: described(answer, pullRequestUrl(first), asked) }
  }

  async openPullRequest(pull: {
    readonly head: string
    readonly base: string
    readonly title: string
    readonly body: string
  }): Promise<PullRequest> {
    const asked = this.#about('pull-request', pull.head, 'a pull request')
    const answer = await this.#send('POST /repos/{owner}/{repo}/pulls', { ...pull }, asked)
    return { url: described(answer, pullRequestUrl(answer.json), asked) }
  }

  /** GitHub signs a bot's commits without an author. A person's commits need one, or the card would count them for that person. */
  #authorship(): Parameters {
    return this.#options.token.startsWith('ghs_') ? {} : { author: BOT, committer: BOT }
  }

  #about(request: Request, branch: string, what: string): Asked {
    return { request, what, branch: this.quote(branch), repository: this.fullName }
  }

  #ask(route: string, parameters: Parameters, once = false): Promise<Answer> {
    const { github, owner, name } = this.#options
    return github.send(route, { owner, repo: name, ...parameters }, once)
  }

  async #send(route: string, parameters: Parameters, asked: Asked, once = false): Promise<Answer> {
    return succeeded(await this.#ask(route, parameters, once), asked)
  }
}

/** Replaces the tip if the repository has no commits. */
export const EMPTY = 'empty'

const BOT = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' }

function isMissing({ status, isOwnRefusal }: Answer): boolean {
  return status === 404 && isOwnRefusal
}

function succeeded(answer: Answer, asked: Asked): Answer {
  if (answer.status === 200 || answer.status === 201) return answer
  throw refusalOf(answer, asked)
}

/** Returns a value that, according to GitHub's API, every response has. */
function described<T>({ status, trail }: Answer, value: T | undefined, asked: Asked): T {
  if (value !== undefined) return value
  throw ActionError.of('github-unexpected', { ...trail, surprise: 'not-described', asked: asked.what, status })
}

/** Returns the SHA of a Git object. */
function sha(value: unknown): string | undefined {
  const found = textIn(value, 'sha')
  return found !== undefined && /^[\da-f]{40,64}$/.test(found) ? found : undefined
}

function entryOf(value: unknown): Entry | undefined {
  const [name, mode, object] = [textIn(value, 'path'), textIn(value, 'mode'), sha(value)]
  return name === undefined || mode === undefined || object === undefined ? undefined : { name, mode, sha: object }
}

function decoded({ json }: Answer): string {
  return Buffer.from(textIn(json, 'content') ?? '', 'base64').toString('utf8')
}

function isBetween(pull: unknown, head: string, base: string): boolean {
  return textIn(property(pull, 'head'), 'ref') === head && textIn(property(pull, 'base'), 'ref') === base
}

/** Returns the URL of a pull request, checked because it becomes an output and is logged. */
function pullRequestUrl(pull: unknown): string | undefined {
  const url = textIn(pull, 'html_url')
  return url !== undefined && /^https:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/pull\/\d+$/.test(url) ? url : undefined
}
