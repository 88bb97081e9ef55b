// Tests how GitHub's refusals are recognized, in GitHub's known messages and in similar ones.

import { expect, test } from '@jest/globals'
import { BranchMoved, refusalOf } from '../../src/card/refusals.ts'
import type { Request } from '../../src/card/refusals.ts'
import { isOwnRefusal } from '../../src/network/answer.ts'
import { quote } from '../support/failures.ts'

function refusal(request: Request, status: number, json: unknown): ReturnType<typeof refusalOf> {
  const body = JSON.stringify(json)
  const answer = { status, headers: {}, body, json, host: quote('api.github.com'), serverTime: undefined }
  return refusalOf(
    { ...answer, isOwnRefusal: isOwnRefusal('GitHub', { json, body, headers: {} }), trail: { attempts: 1 } },
    { request, what: 'the branch main', repository: quote('octo/demo'), branch: quote('main') }
  )
}

const rules = (line: string): string => `Repository rule violations found\n\n${line}\n\n`

test.each<[Request, number, string, string]>([
  ['read', 401, 'Bad credentials', 'commit-forbidden'],
  ['read', 404, 'Not Found', 'commit-forbidden'],
  ['object', 403, 'Resource not accessible by integration', 'commit-forbidden'],
  ['object', 403, 'Resource not accessible by personal access token', 'commit-forbidden'],
  ['branch', 403, 'Repository was archived so is read-only.', 'commit-forbidden'],
  ['branch', 403, 'Anything else', 'commit-forbidden'],
  ['branch', 422, rules('Changes must be made through a pull request.'), 'commit-refused'],
  ['branch', 422, rules('Commits must have verified signatures.'), 'commit-refused'],
  ['branch', 422, rules('3 of 3 required status checks are expected.'), 'commit-refused'],
  ['branch', 422, rules('A rule that nobody knows.'), 'commit-refused'],
  ['branch', 409, 'Could not update file: Changes must be made through a pull request.', 'commit-refused'],
  ['branch', 422, 'Required status check "build" is expected.', 'commit-refused'],
  ['branch', 403, 'Cannot update this protected ref.', 'commit-refused'],
  ['branch', 422, 'Reference update failed', 'commit-refused'],
  ['branch', 422, 'Anything else', 'commit-refused'],
  ['branch', 422, 'Update is not a fast forward', 'moved'],
  ['branch', 422, 'Reference already exists', 'moved'],
  ['branch', 422, 'Reference cannot be updated', 'moved'],
  ['branch', 422, 'Reference does not exist', 'moved'],
  ['branch', 409, `is at ${'a'.repeat(40)} but expected ${'b'.repeat(40)}`, 'moved'],
  ['branch', 422, 'Invalid request.\n\n"sha" wasn\'t supplied.', 'moved'],
  [
    'pull-request',
    403,
    'GitHub Actions is not permitted to create or approve pull requests.',
    'pull-request-forbidden'
  ],
  ['pull-request', 403, 'Resource not accessible by integration', 'pull-request-forbidden'],
  ['pull-request', 404, 'Not Found', 'pull-request-forbidden'],
  ['pull-request', 403, 'Repository was archived so is read-only.', 'commit-forbidden'],
  ['pull-request', 422, 'Anything else', 'github-unexpected'],
  ['object', 422, 'Anything else', 'github-unexpected'],
  ['object', 410, 'Gone', 'github-unexpected']
])('%s: %i %j is %s', (request, status, message, expected) => {
  const refused = refusal(request, status, { message })
  expect(refused instanceof BranchMoved ? 'moved' : refused.code).toBe(expected)
})

test('a pull request that exists is told in the list of reasons, and somebody came first', () => {
  const errors = [{ resource: 'PullRequest', code: 'custom', message: 'A pull request already exists for octo:cards.' }]
  expect(refusal('pull-request', 422, { message: 'Validation Failed', errors })).toBeInstanceOf(BranchMoved)
})

test.each([301, 403, 404, 500])("%i in another form than GitHub's is not its word", status => {
  const refused = refusal('branch', status, 'Blocked by the firewall')
  expect(refused).toMatchObject({ code: 'github-unexpected' })
})
