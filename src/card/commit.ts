// Commits a card to a branch: compares it with the card there, commits it, and starts over if someone else changed the branch first.

import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from '../errors/action-error.ts'
import type { PathFault } from '../errors/messages/card.ts'
import { newsIn } from './comparison.ts'
import { BranchMoved } from './refusals.ts'
import { EMPTY } from './repository.ts'
import type { Entry, Folder, NewCommit, Repository } from './repository.ts'

/** The file to commit. */
export interface CardFile extends Pick<NewCommit, 'path' | 'text'> {
  /** The commit message, which identifies the commits of this run. */
  readonly message: string
}

/** The limits of a commit; only tests replace them. */
export const COMMIT_LIMITS = {
  /** For all attempts together, because many jobs can commit to one branch at the same time. */
  totalMs: 180_000,
  /** The maximum pause before an attempt. Pauses start at `firstPauseMs` and grow. */
  pauseMs: 20_000,
  firstPauseMs: 400,
  growth: 1.6,
  /** The number of outages after which the action gives up. Each one includes the client's own attempts. */
  outages: 5
}

export interface Patience {
  readonly branch: string
  readonly limits: typeof COMMIT_LIMITS
  /** Milliseconds since some moment. */
  readonly uptime: () => number
  /** Called before each pause with its reason and length. */
  readonly onPause: (reason: string, waitMs: number) => void
}

/**
 * Commits a card to a branch. If the branch doesn't exist, it is created with only the card.
 *
 * @returns the commit; undefined if the card on the branch has the same contents
 * @throws ActionError `commit-*`, `branch-busy`, `card-path-unusable`, `github-*`
 */
export async function commitCard(
  repository: Repository,
  file: CardFile,
  patience: Patience
): Promise<string | undefined> {
  const { branch } = patience
  const own = new OwnCommits(repository, file)
  return await untilSettled(repository, patience, async () => {
    const tip = await repository.findTip(branch)
    if (tip === EMPTY) return await own.place(file.message, () => repository.createFirstCommit(branch, file))
    return await own.addTo(branch, tip)
  })
}

/** Repeats an attempt, with pauses, as long as someone else changed the branch first or GitHub is unavailable. */
export async function untilSettled<T>(
  repository: Repository,
  { branch, limits, uptime, onPause }: Patience,
  attempt: () => Promise<T>
): Promise<T> {
  const startedAt = uptime()
  let outages = 0
  for (let turn = 1; ; turn++) {
    try {
      return await attempt()
    } catch (error) {
      const isOutage = error instanceof ActionError && error.code === 'github-unavailable'
      if (isOutage) outages++
      if (!(isOutage || error instanceof BranchMoved) || outages >= limits.outages) throw error
      const waitMs = Math.random() * Math.min(limits.pauseMs, limits.firstPauseMs * limits.growth ** turn)
      const passedMs = uptime() - startedAt
      if (passedMs + waitMs > limits.totalMs) {
        if (isOutage) throw error
        const seconds = Math.round(passedMs / 1000)
        throw ActionError.of('branch-busy', { branch: repository.quote(branch), attempts: turn, seconds })
      }
      onPause(isOutage ? 'GitHub failed' : 'someone else changed the branch first', waitMs)
      await sleep(waitMs)
    }
  }
}

/** The commits of this run. One of them can be on the branch even if the response was lost. */
export class OwnCommits {
  readonly #repository: Repository
  readonly #file: CardFile
  /** What may be on the branch: commits, and the message of a commit whose SHA was lost with the response. */
  readonly #placed = new Set<string>()
  /** The parents of these commits, where the search in the history ends. */
  readonly #bases = new Set<string>()

  constructor(repository: Repository, file: CardFile) {
    this.#repository = repository
    this.#file = file
  }

  /**
   * Creates a commit with a card.
   *
   * @param base its parent; undefined for a commit without one
   * @param branch the branch of the parent, for messages
   */
  async create(base: string | undefined, card: string, branch: string): Promise<string> {
    const repository = this.#repository
    const { path, message } = this.#file
    const root = base === undefined ? undefined : await repository.readRoot(base)
    if (root) await requireUsablePath(repository, root, { path, branch })
    if (base !== undefined) this.#bases.add(base)
    const parents = base === undefined ? [] : [base]
    return await repository.createCommit({ baseTree: root?.sha, parents, message, path, text: card })
  }

  /**
   * Adds the card to a branch.
   *
   * @param tip the tip of the branch; undefined if the branch doesn't exist, so that it is created
   * @returns the commit; undefined if the card on the branch has the same contents
   */
  async addTo(branch: string, tip: string | undefined): Promise<string | undefined> {
    const repository = this.#repository
    const { path, text } = this.#file
    const arrived = await this.findIn(tip)
    if (arrived !== undefined) return arrived
    const news = newsIn(tip && (await repository.readFile(tip, path)), text)
    if (!news) return undefined
    const commit = await this.create(tip, news.card, branch)
    return await this.place(commit, async () => {
      await (tip === undefined ? repository.createBranch(branch, commit) : repository.moveBranch(branch, commit, false))
      return commit
    })
  }

  /** Puts a commit on a branch. If this fails, but may have succeeded nevertheless, the commit is remembered. */
  async place<T>(known: string, put: () => Promise<T>): Promise<T> {
    try {
      return await put()
    } catch (error) {
      const isUncertain = error instanceof BranchMoved ? error.mayHaveArrived : error instanceof ActionError
      if (isUncertain) this.#placed.add(known)
      throw error
    }
  }

  /** Remembers a commit on a branch, in case a later request fails. */
  remember(commit: string): void {
    this.#placed.add(commit)
  }

  /** Finds one of these commits in the recent history of a branch. */
  async findIn(tip: string | undefined): Promise<string | undefined> {
    if (tip === undefined || this.#placed.size === 0) return undefined
    const waiting = [tip]
    const seen = new Set(this.#bases)
    for (let looked = 0; looked < MAX_HISTORY; looked++) {
      const commit = waiting.shift()
      if (commit === undefined) break
      if (this.#placed.has(commit)) return commit
      if (seen.has(commit)) continue
      seen.add(commit)
      const { message, parents } = await this.#repository.readCommit(commit)
      if (this.#placed.has(message)) return commit
      waiting.push(...parents)
    }
    return undefined
  }
}

/** Others can't make as many commits while one response is lost. */
const MAX_HISTORY = 50

/** Makes sure that a file at the path replaces only a file with the same name, because GitHub would silently replace anything. */
async function requireUsablePath(
  repository: Repository,
  root: Folder,
  { path, branch }: { readonly path: string; readonly branch: string }
): Promise<void> {
  const names = path.split('/')
  let folder = root
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1
    const found = folder.entries.find(entry => entry.name === name)
    const alike = folder.entries.find(entry => entry.name !== name && folded(entry.name) === folded(name))
    const fault = alike ? 'letter-case' : found && faultOf(found, isLast)
    if (fault) {
      const at = [...names.slice(0, index), alike?.name ?? name].join('/')
      const quoted = { path: repository.quote(path), found: repository.quote(at), branch: repository.quote(branch) }
      throw ActionError.of('card-path-unusable', { fault, ...quoted })
    }
    if (!found || isLast) return
    folder = await repository.readFolder(found.sha)
  }
}

function faultOf({ mode }: Entry, isLast: boolean): PathFault | undefined {
  if (mode === '120000') return 'link'
  if (mode === '160000') return 'submodule'
  const isFolder = /^0?40000$/.test(mode)
  if (isLast) return isFolder ? 'folder' : undefined
  return isFolder ? undefined : 'file'
}

/** Returns a name without the differences that Windows and macOS ignore. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
