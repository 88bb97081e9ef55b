// Turns GitHub's refusals of a commit into failures, by their words. They are matched loosely, because GitHub can reword them.

import { ActionError } from '../errors/action-error.ts'
import type { ForbiddenCommit, RefusedCommit } from '../errors/messages/card.ts'
import { messageIn, reasonsIn, surpriseOf } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** The purpose of a request: reading, creating an object without a reference, moving a branch, or pull requests. */
export type Request = 'read' | 'object' | 'branch' | 'pull-request'

export interface Asked {
  readonly request: Request
  /** What was requested, in words that can follow "the request for". */
  readonly what: string
  /** The names for messages. */
  readonly repository: Quoted
  readonly branch: Quoted
}

/** Someone else changed the branch first, so it must be read again. */
export class BranchMoved extends Error {
  override readonly name = 'BranchMoved'
  /** Whether the request was sent more than once, so that an earlier one may have succeeded. */
  readonly mayHaveArrived: boolean

  constructor(mayHaveArrived: boolean) {
    super('the branch moved')
    this.mayHaveArrived = mayHaveArrived
  }
}

/** Returns the failure that a refusal stands for. */
export function refusalOf(answer: Answer, asked: Asked): ActionError | BranchMoved {
  const { status, trail, isOwnRefusal, host } = answer
  if (status < 400 || !isOwnRefusal) {
    const facts = { ...trail, asked: asked.what, status, host }
    return ActionError.of('github-unexpected', { ...facts, surprise: surpriseOf(status) })
  }
  const words = [messageIn(answer.json), ...reasonsIn(answer.json)].join(' ')
  const { repository, branch } = asked
  const fault = forbids(words, status)
  if (fault === 'setting') return ActionError.of('pull-request-forbidden', { ...trail, fault, repository })
  if (asked.request === 'pull-request' && fault && PULL_REQUEST_FAULTS[fault]) {
    return ActionError.of('pull-request-forbidden', { ...trail, fault: PULL_REQUEST_FAULTS[fault], repository })
  }
  if (fault) return ActionError.of('commit-forbidden', { ...trail, fault, repository })
  const rule = RULES.find(([pattern]) => pattern.test(words))?.[1]
  if (rule) return ActionError.of('commit-refused', { ...trail, fault: rule, branch })
  if (MOVED.test(words)) return new BranchMoved(trail.attempts > 1)
  if (asked.request === 'branch') return ActionError.of('commit-refused', { ...trail, fault: 'unknown', branch })
  return ActionError.of('github-unexpected', { ...trail, asked: asked.what, status, surprise: 'refused' })
}

/** Failures that, for a pull request, are about the permission to open it. GitHub returns a 404 if a PAT lacks that permission. */
const PULL_REQUEST_FAULTS: Readonly<Partial<Record<ForbiddenCommit, 'permission' | 'unknown'>>> = {
  permission: 'permission',
  'not-found': 'permission',
  unknown: 'unknown'
}

/** Says why the token isn't allowed to commit at all; undefined if that isn't the cause. */
function forbids(words: string, status: number): ForbiddenCommit | 'setting' | undefined {
  if (status === 401) return 'token'
  if (/archived/i.test(words)) return 'archived'
  if (/not permitted to create or approve pull requests/i.test(words)) return 'setting'
  if (/not accessible by/i.test(words)) return 'permission'
  if (status === 404) return 'not-found'
  return status === 403 && !RULES.some(([pattern]) => pattern.test(words)) ? 'unknown' : undefined
}

/** Rules of rulesets and protected branches. If several are violated, the first one in this list counts. */
const RULES: readonly (readonly [RegExp, RefusedCommit])[] = [
  [/through a pull request/i, 'pull-request'],
  [/verified signature|signed commit|must be signed/i, 'signature'],
  [/status checks? (?:"|.{0,200}\b(?:is|are) expected)|required status check/i, 'checks'],
  [/rule violation|protected|could not update file|reference update failed|hook/i, 'protected']
]

const MOVED =
  /not a fast.?forward|reference (?:already exists|cannot be updated|does not exist)|(?:is at|but expected) |already exists for|does not match|wasn't supplied|does not exist/i
