// Implements the endpoints of a repository: who may use them, and what they change. The shapes of responses are in bodies.ts.

import type { IncomingMessage } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { blobBody, commitBody, contentBody, referenceBody, repositoryBody, treeBody } from './bodies.ts'
import { faultInBody } from './body-check.ts'
import type { Change, Commit, Mode, Person } from './objects.ts'
import { listPullRequests, openPullRequest } from './pull-requests.ts'
import { notFound, refused, text } from './replies.ts'
import type { Asked, Reply } from './replies.ts'
import type { CommitToken, Repository } from './repository.ts'

/**
 * Answers a request for `/repos/OWNER/NAME…`.
 *
 * @param token the token of the request; undefined if there is none
 * @returns undefined for any other path
 */
export async function answerRepository(
  request: IncomingMessage,
  repositories: ReadonlyMap<string, Repository>,
  token: CommitToken | undefined
): Promise<Reply | undefined> {
  const url = new URL(request.url ?? '', 'https://api.github.com')
  const [, fullName = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(?:\/(.*))?$/.exec(url.pathname) ?? []
  if (fullName === '') return undefined
  const repository = repositories.get(fullName.toLowerCase())
  const permissions = token?.repositories[repository?.fullName ?? '']
  if (!repository || !token || !permissions || permissions.contents === 'none') return notFound()
  const method = request.method ?? ''
  const path = decodeURIComponent(rest)
  const input = method === 'GET' ? {} : parse(await readText(request))
  if (!input) return refused(400, 'Problems parsing JSON')
  const fault = faultInBody(method, `/repos/${fullName}/${path}`, input)
  if (fault !== undefined) return refused(422, `Invalid request.\n\n${fault}`)
  return reply({ repository, token, permissions, method, path, query: url.searchParams, input })
}

function reply(asked: Asked): Reply {
  const { repository, method, path, permissions, token } = asked
  const writes = method !== 'GET'
  if (writes && repository.isArchived) return refused(403, 'Repository was archived so is read-only.')
  const isPull = path.startsWith('pulls')
  if (writes && permissions[isPull ? 'pullRequests' : 'contents'] !== 'write') {
    const what = token.token.startsWith('ghs_') ? 'integration' : 'personal access token'
    const headers = { 'x-accepted-github-permissions': isPull ? 'pull_requests=write' : 'contents=write' }
    return { ...refused(403, `Resource not accessible by ${what}`), headers }
  }
  if (path === '') return { status: 200, body: repositoryBody(repository) }
  const isEmpty = repository.branches.size === 0
  if (isEmpty && path.startsWith('git/')) return refused(409, 'Git Repository is empty.')
  const [, name = ''] = /^git\/(?:ref|refs)\/heads\/(.+)$/.exec(path) ?? []
  const [, kind = '', sha = ''] = /^git\/(trees|commits|blobs)\/([^/]+)$/.exec(path) ?? []
  if (method === 'GET' && path.startsWith('git/ref/')) return reference(asked, name)
  if (method === 'GET' && kind !== '') return object(asked, kind, sha)
  if (method === 'GET' && path.startsWith('contents/')) return contents(asked, path.slice('contents/'.length))
  if (method === 'PUT' && path.startsWith('contents/')) return putContents(asked, path.slice('contents/'.length))
  if (method === 'POST' && path === 'git/blobs') return createBlob(asked)
  if (method === 'POST' && path === 'git/trees') return createTree(asked)
  if (method === 'POST' && path === 'git/commits') return createCommit(asked)
  if (method === 'POST' && path === 'git/refs') return createReference(asked)
  if (method === 'PATCH' && name !== '') return updateReference(asked, name)
  if (path === 'pulls') return method === 'POST' ? openPullRequest(asked) : listPullRequests(asked)
  return notFound()
}

function reference({ repository }: Asked, branch: string): Reply {
  const sha = repository.branches.get(branch)
  return sha === undefined ? notFound() : { status: 200, body: referenceBody(repository, branch, sha) }
}

function object({ repository, query }: Asked, kind: string, sha: string): Reply {
  const { objects } = repository
  const commit = objects.commits.get(sha)
  const blob = objects.blobs.get(sha)
  if (kind === 'commits' && commit) return { status: 200, body: commitBody(repository, sha, commit) }
  if (kind === 'blobs' && blob) return { status: 200, body: blobBody(repository, sha, blob) }
  // GitHub also accepts a commit or a branch in place of its tree, and then returns the commit's SHA as the tree's.
  const tip = repository.branches.get(sha) ?? sha
  const tree = objects.commits.get(tip)?.tree ?? sha
  if (kind !== 'trees' || !objects.trees.has(tree)) return notFound()
  return { status: 200, body: { ...treeBody(repository, tree, query.has('recursive')), sha: tip } }
}

function contents({ repository, query }: Asked, path: string): Reply {
  const branch = (query.get('ref') ?? repository.defaultBranch).replace(/^refs\/heads\//, '')
  const tip = repository.branches.get(branch) ?? branch
  const tree = repository.objects.commits.get(tip)?.tree
  const entry = tree === undefined ? undefined : repository.objects.entryAt(tree, path)
  const blob = repository.objects.blobs.get(entry?.sha ?? '')
  return entry && blob ? { status: 200, body: contentBody(repository, path, entry.sha, blob) } : notFound()
}

function putContents(asked: Asked, path: string): Reply {
  const { repository, input } = asked
  const branch = text(input, 'branch') ?? repository.defaultBranch
  const tip = repository.branches.get(branch)
  if (tip === undefined && repository.branches.size > 0) return refused(404, `Branch ${branch} not found`)
  const present = tip === undefined ? undefined : repository.objects.entryAt(repository.tipOf(branch)?.tree ?? '', path)
  if (present && present.sha !== input['sha']) {
    return refused(409, `${path} does not match ${text(input, 'sha') ?? ''}`)
  }
  const content = Buffer.from(text(input, 'content') ?? '', 'base64')
  const blob = repository.objects.addBlob(content)
  const tree = repository.objects.changed(repository.tipOf(branch)?.tree, { [path]: { mode: '100644', sha: blob } })
  const commit = commitOf(asked, tree, tip === undefined ? [] : [tip])
  const refusal = ruled(asked, branch, commit)
  if (refusal) return refusal
  const sha = repository.objects.addCommit(commit)
  repository.branches.set(branch, sha)
  return {
    status: present ? 200 : 201,
    body: { content: contentBody(repository, path, blob, content), commit: commitBody(repository, sha, commit) }
  }
}

function createBlob({ repository, input }: Asked): Reply {
  const sha = repository.objects.addBlob(
    Buffer.from(text(input, 'content') ?? '', input['encoding'] === 'base64' ? 'base64' : 'utf8')
  )
  return { status: 201, body: { sha, url: `https://api.github.com/repos/${repository.fullName}/git/blobs/${sha}` } }
}

function createTree({ repository, input }: Asked): Reply {
  const base = text(input, 'base_tree')
  const tree = base === undefined ? undefined : (repository.objects.commits.get(base)?.tree ?? base)
  if (tree !== undefined && !repository.objects.trees.has(tree)) return notFound()
  const entries = Array.isArray(input['tree']) ? (input['tree'] as Record<string, unknown>[]) : []
  const changes = entries.map((entry): [string, Change[string]] => {
    const content = text(entry, 'content')
    const sha = content === undefined ? entry['sha'] : repository.objects.addBlob(content)
    return [text(entry, 'path') ?? '', typeof sha === 'string' ? { mode: modeOf(entry), sha } : null]
  })
  const sha = repository.objects.changed(tree, Object.fromEntries(changes))
  return { status: 201, body: treeBody(repository, sha) }
}

const MODES: readonly Mode[] = ['100644', '100755', '040000', '160000', '120000']

function modeOf(entry: Readonly<Record<string, unknown>>): Mode {
  return MODES.find(mode => mode === entry['mode']) ?? '100644'
}

function createCommit(asked: Asked): Reply {
  const { repository, input } = asked
  const tree = text(input, 'tree') ?? ''
  const parents = Array.isArray(input['parents']) ? input['parents'].map(String) : []
  if (!repository.objects.trees.has(tree)) return refused(422, 'Tree SHA does not exist')
  if (!parents.every(parent => repository.objects.commits.has(parent))) {
    return refused(422, 'Parent SHA does not exist or is not a commit object')
  }
  const commit = commitOf(asked, tree, parents)
  const sha = repository.objects.addCommit(commit)
  return { status: 201, body: commitBody(repository, sha, commit) }
}

/** GitHub signs the commits of a bot that sets no author or committer. */
function commitOf({ token, input }: Asked, tree: string, parents: readonly string[]): Commit {
  const isBot = token.token.startsWith('ghs_')
  const owner = { name: token.login, email: `41898282+${token.login}@users.noreply.github.com`, date: now() }
  const given = (role: string): Person | undefined => {
    const person = input[role]
    if (typeof person !== 'object' || person === null) return undefined
    const { name = '', email = '', date = now() } = person as Partial<Person>
    return { name, email, date }
  }
  const author = given('author')
  const committer = given('committer')
  return {
    tree,
    parents,
    message: text(input, 'message') ?? '',
    author: author ?? owner,
    committer: committer ?? author ?? (isBot ? { name: 'GitHub', email: 'noreply@github.com', date: now() } : owner),
    isVerified: isBot && !author && !committer
  }
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}

function createReference(asked: Asked): Reply {
  const { repository, input } = asked
  const branch = (text(input, 'ref') ?? '').replace(/^refs\/heads\//, '')
  const sha = text(input, 'sha') ?? ''
  const commit = repository.objects.commits.get(sha)
  if (repository.branches.has(branch)) return refused(422, 'Reference already exists')
  if (!commit) return refused(422, 'Object does not exist')
  const refusal = ruled(asked, branch, commit)
  if (refusal) return refusal
  repository.branches.set(branch, sha)
  return { status: 201, body: referenceBody(repository, branch, sha) }
}

function updateReference(asked: Asked, branch: string): Reply {
  const { repository, input } = asked
  const sha = text(input, 'sha') ?? ''
  const tip = repository.branches.get(branch)
  const commit = repository.objects.commits.get(sha)
  if (tip === undefined) return refused(422, 'Reference does not exist')
  if (!commit) return refused(422, 'Object does not exist')
  const refusal = ruled(asked, branch, commit)
  if (refusal) return refusal
  if (input['force'] !== true && !repository.objects.isAncestor(tip, sha)) {
    return refused(422, 'Update is not a fast forward')
  }
  repository.branches.set(branch, sha)
  return { status: 200, body: referenceBody(repository, branch, sha) }
}

function ruled({ repository }: Asked, branch: string, commit: Commit): Reply | undefined {
  const violations = repository.violations(branch, commit)
  if (violations.length === 0) return undefined
  return refused(422, `Repository rule violations found\n\n${violations.join('\n\n')}\n\n`)
}

/** Undefined if it isn't a JSON object. */
function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
