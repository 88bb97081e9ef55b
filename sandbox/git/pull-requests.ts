// Implements the endpoints of pull requests: which ones are listed, and when one can be opened.

import { pullRequestBody } from './bodies.ts'
import { invalid, refused, text } from './replies.ts'
import type { Asked, Reply } from './replies.ts'

export function listPullRequests({ repository, query }: Asked): Reply {
  const [owner] = repository.fullName.split('/')
  const { state, head, base } = {
    state: query.get('state') ?? 'open',
    head: query.get('head'),
    base: query.get('base')
  }
  const found = repository.pullRequests.filter(
    pull =>
      (state === 'all' || pull.state === state) &&
      (head === null || head === `${owner ?? ''}:${pull.head}`) &&
      (base === null || base === pull.base)
  )
  return { status: 200, body: found.map(pull => pullRequestBody(repository, pull, false)) }
}

export function openPullRequest({ repository, input, token }: Asked): Reply {
  if (token.token.startsWith('ghs_') && !repository.allowsActionsPullRequests) {
    return refused(403, 'GitHub Actions is not permitted to create or approve pull requests.')
  }
  const [owner = ''] = repository.fullName.split('/')
  const head = (text(input, 'head') ?? '').replace(`${owner}:`, '')
  const base = text(input, 'base') ?? ''
  if (repository.pullRequests.some(pull => pull.state === 'open' && pull.head === head && pull.base === base)) {
    return invalid('PullRequest', `A pull request already exists for ${owner}:${head}.`)
  }
  if (!repository.branches.has(head)) return invalid('PullRequest', 'head is invalid')
  if (!repository.branches.has(base)) return invalid('PullRequest', 'base is invalid')
  if (repository.branches.get(head) === repository.branches.get(base)) {
    return invalid('PullRequest', `No commits between ${base} and ${head}`)
  }
  const pull = {
    number: repository.pullRequests.length + 1,
    head,
    base,
    user: token.login,
    title: text(input, 'title') ?? '',
    body: text(input, 'body') ?? '',
    state: 'open' as const
  }
  repository.pullRequests.push(pull)
  return { status: 201, body: pullRequestBody(repository, pull, true) }
}
