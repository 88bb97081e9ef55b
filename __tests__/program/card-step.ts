// Runs the built card action as a step of the whole-program tests, checks what must be true of every failure, and counts the requests to GitHub.

import { expect } from '@jest/globals'
import { join } from 'node:path'
import type { Repository } from '../../sandbox/git/repository.ts'
import { addRepository, JOB_TOKEN } from '../../sandbox/github/population.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { message } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'

export const CARD_PATH = '.vaunt/cards/contributors.svg'
export const README = '# A repository\n'
const ACTION = join(import.meta.dirname, '../../contributors-card/action.yml')

/** A repository with a first commit, whose card needs no authorization. */
export function createRepository(sandbox: Sandbox): Repository {
  const repository = addRepository(sandbox.population, 'Acme-Labs/anvil')
  repository.commitFiles('main', { 'README.md': README }, 'First')
  sandbox.vaunt.model.settings.publicRepositories.push('Acme-Labs/anvil')
  return repository
}

/** Runs the step for that repository, with the inputs' defaults but for what the test gives. There is no program on its PATH. */
export function runCard(
  sandbox: Sandbox,
  inputs: Readonly<Record<string, string>> = {},
  more: StepOptions = {}
): Promise<StepResult> {
  return sandbox.runStep({
    actionFile: ACTION,
    timeoutMs: 240_000,
    ...more,
    with: { 'github-token': JOB_TOKEN, ...inputs },
    github: { repository: 'Acme-Labs/anvil', repository_owner: 'Acme-Labs', ...more.github },
    environment: { PATH: '', ...more.environment }
  })
}

/** One clear line, one output, no secret anywhere. */
export function expectFailure(result: StepResult, code: string, words: RegExp | string): void {
  expect([result.outputs, message(result)]).toEqual([{ 'error-code': code }, expect.stringMatching(words)])
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
  expect(result.exitCode).toBe(1)
  expectNoTrace(result)
}

export function expectNoTrace(result: StepResult, secrets: readonly string[] = []): void {
  expectNoLeak(result, [JOB_TOKEN, ...secrets])
  expect(result.stderr).toBe('')
}

/** What GitHub was asked about the repository, without the attestation. */
export function asked(sandbox: Sandbox): string[] {
  return sandbox.github.requests
    .filter(({ path }) => path.startsWith('/repos/'))
    .map(
      ({ method, path }) => `${method} ${path.replace(/^\/repos\/[^/]+\/[^/]+\/?/, '').replace(/[0-9a-f]{40}/g, 'SHA')}`
    )
}
