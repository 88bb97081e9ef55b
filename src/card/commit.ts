// Owns how a card gets onto a branch: looked at, compared, committed, and all of that again when somebody else came first.

import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from '../errors/action-error.ts'
import type { PathFault } from '../errors/messages/card.ts'
import { newsIn } from './comparison.ts'
import { BranchMoved } from './refusals.ts'
import { EMPTY } from './repository.ts'
import type { Entry, Folder, NewCommit, Repository } from './repository.ts'

/** What is to be committed. */
export interface CardFile extends Pick<NewCommit, 'path' | 'text'> {
  /** The message of the commit. It tells this run's commits from all others. */
  readonly message: string
}

/** The limits of a commit; only tests give others. */
export const COMMIT_LIMITS = {
  /** All attempts together: many jobs may commit to one branch at once. */
  totalMs: 180_000,
  /** The longest pause before the next attempt, and how it grows up to there. */
  pauseMs: 20_000,
  firstPauseMs: 400,
  growth: 1.6,
  /** How many outages are met; before each of them, the client tried several times. */
  outages: 5
}

export interface Patience {
  readonly branch: string
  readonly limits: typeof COMMIT_LIMITS
  /** Milliseconds since some moment. */
  readonly uptime: () => number
  /** Is told why, and for how long, before each pause. */
  readonly onPause: (reason: string, waitMs: number) => void
}

/**
 * Commits a card to a branch. A branch that doesn't exist is created, with the card alone.
 *
 * @returns the commit; undefined when the card on the branch says the same
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
    const arrived = await own.findIn(tip)
    if (arrived !== undefined) return arrived
    const news = newsIn(tip && (await repository.readFile(tip, file.path)), file.text)
    if (!news) return undefined
    const commit = await own.create(tip, news.card, branch)
    return await own.place(commit, async () => {
      await (tip === undefined ? repository.createBranch(branch, commit) : repository.moveBranch(branch, commit, false))
      return commit
    })
  })
}

/** Looks again whenever somebody else came first or GitHub failed, with pauses in between. */
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
      onPause(isOutage ? 'GitHub failed' : 'somebody else changed the branch first', waitMs)
      await sleep(waitMs)
    }
  }
}

/** The commits of this run. After an answer that was lost, one of them may be on the branch all the same. */
export class OwnCommits {
  readonly #repository: Repository
  readonly #file: CardFile
  /** What may have arrived: commits, and the message of one whose name was lost with the answer. */
  readonly #placed = new Set<string>()
  /** Where to look no further: what the commits were made on. */
  readonly #bases = new Set<string>()

  constructor(repository: Repository, file: CardFile) {
    this.#repository = repository
    this.#file = file
  }

  /**
   * Creates a commit with a card.
   *
   * @param base what it is made on top of; undefined for one without history
   * @param branch where the base is from
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

  /** Puts a commit onto a branch, and remembers it when that may have happened although it failed. */
  async place<T>(known: string, put: () => Promise<T>): Promise<T> {
    try {
      return await put()
    } catch (error) {
      const isUncertain = error instanceof BranchMoved ? error.mayHaveArrived : error instanceof ActionError
      if (isUncertain) this.#placed.add(known)
      throw error
    }
  }

  /** Remembers a commit that is on a branch, should what comes after it fail. */
  remember(commit: string): void {
    this.#placed.add(commit)
  }

  /** One of these commits, in the newest history of a branch. */
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

/** More commits than others can make while one answer is lost. */
const MAX_HISTORY = 50

/** Makes sure that a file at the path would replace no more than a file of this very name. GitHub would replace anything without a word. */
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

/** Windows and macOS take names for the same that differ in no more than this. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
