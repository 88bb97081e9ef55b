// Reads the event that triggered the run: why the run may have no secrets, whether its repository is public, and its default branch.

import type { MissingPatReason } from '../errors/messages/inputs.ts'
import { parseJson, property, textIn } from '../untrusted/json.ts'
import type { Environment } from './environment.ts'

/**
 * Says why a run may have no PAT.
 *
 * @param eventName `GITHUB_EVENT_NAME`
 * @param actor `GITHUB_ACTOR`
 * @param readEvent returns the text of the event file; if it throws or returns anything unexpected, the run isn't taken for a fork's
 */
export function findMissingPatReason(
  eventName: string | undefined,
  actor: string | undefined,
  readEvent: () => string
): MissingPatReason {
  if (eventName?.startsWith('pull_request') && eventName !== 'pull_request_target' && isFromFork(readEvent)) {
    return 'fork'
  }
  return actor === 'dependabot[bot]' ? 'dependabot' : 'unknown'
}

/**
 * Tells whether the event says that the job's repository is public.
 *
 * @param readFile returns the text of a file; if it throws or returns anything unexpected, the answer is false
 */
export function isPublicRepository(environment: Environment, readFile: (path: string) => string): boolean {
  return property(repositoryIn(environment, readFile), 'private') === false
}

/**
 * Returns the default branch of the job's repository.
 *
 * @param readFile returns the text of a file; if it throws or returns anything unexpected, the result is undefined
 */
export function defaultBranchIn(environment: Environment, readFile: (path: string) => string): string | undefined {
  return textIn(repositoryIn(environment, readFile), 'default_branch')
}

function repositoryIn(environment: Environment, readFile: (path: string) => string): unknown {
  const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''))
  return property(event, 'repository')
}

function isFromFork(readEvent: () => string): boolean {
  const event = readJson(readEvent)
  const pullRequest = property(event, 'pull_request')
  const base = property(property(property(pullRequest, 'base'), 'repo'), 'full_name')
  const head = property(pullRequest, 'head')
  const headRepository = property(head, 'repo')
  if (typeof base !== 'string' || head === undefined) return false
  // GitHub reports a deleted fork as null.
  return headRepository === null || property(headRepository, 'full_name') !== base
}

function readJson(read: () => string): unknown {
  try {
    return parseJson(read())
  } catch {
    // Not every run has an event file that can be read.
    return undefined
  }
}
