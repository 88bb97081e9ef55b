// Builds the bodies of GitHub's responses about a repository, in the shapes of its OpenAPI description.

import type { Commit, Mode, TreeEntry } from './objects.ts'
import type { PullRequest, Repository } from './repository.ts'

type Body = Readonly<Record<string, unknown>>

const API = 'https://api.github.com'
const WEB = 'https://github.com'
const WHEN = '2026-11-01T10:00:00Z'

/** A user as it appears inside another body. */
export function userBody(
  login: string,
  id = 41_898_282,
  type = login.endsWith('[bot]') ? 'Bot' : 'User'
): Body & { readonly login: string; readonly id: number; readonly type: string } {
  const url = `${API}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId(`user ${login}`),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${WEB}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false
  }
}

export function referenceBody({ fullName }: Repository, branch: string, sha: string): Body {
  return {
    ref: `refs/heads/${branch}`,
    node_id: nodeId(`ref ${branch}`),
    url: `${API}/repos/${fullName}/git/refs/heads/${branch}`,
    object: { type: 'commit', sha, url: commitUrl(fullName, sha) }
  }
}

export function treeBody({ fullName, objects }: Repository, sha: string, isRecursive = false): Body {
  const url = (entry: string, mode: Mode): string => `${API}/repos/${fullName}/git/${typeOf(mode)}s/${entry}`
  const list = (tree: string, below: string): Body[] =>
    objects.tree(tree).flatMap((entry: TreeEntry) => {
      const path = `${below}${entry.name}`
      const size = objects.blobs.get(entry.sha)?.length
      const own = {
        path,
        mode: entry.mode,
        type: typeOf(entry.mode),
        sha: entry.sha,
        ...(size === undefined ? {} : { size }),
        ...(entry.mode === '160000' ? {} : { url: url(entry.sha, entry.mode) })
      }
      return isRecursive && entry.mode === '040000' ? [own, ...list(entry.sha, `${path}/`)] : [own]
    })
  return { sha, url: `${API}/repos/${fullName}/git/trees/${sha}`, tree: list(sha, ''), truncated: false }
}

function typeOf(mode: Mode): string {
  return mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
}

export function commitBody({ fullName }: Repository, sha: string, commit: Commit): Body {
  return {
    sha,
    node_id: nodeId(`commit ${sha}`),
    url: commitUrl(fullName, sha),
    html_url: `${WEB}/${fullName}/commit/${sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${API}/repos/${fullName}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map(parent => ({
      sha: parent,
      url: commitUrl(fullName, parent),
      html_url: `${WEB}/${fullName}/commit/${parent}`
    })),
    verification: commit.isVerified
      ? { verified: true, reason: 'valid', signature: 'signature', payload: 'payload', verified_at: WHEN }
      : { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
  }
}

export function blobBody({ fullName }: Repository, sha: string, content: Buffer): Body {
  return {
    sha,
    node_id: nodeId(`blob ${sha}`),
    size: content.length,
    url: `${API}/repos/${fullName}/git/blobs/${sha}`,
    // GitHub breaks base64 into lines.
    content: `${content.toString('base64').replace(/.{60}/g, '$&\n')}\n`,
    encoding: 'base64'
  }
}

export function contentBody(repository: Repository, path: string, sha: string, content: Buffer): Body {
  const { fullName, defaultBranch } = repository
  const url = `${API}/repos/${fullName}/contents/${path}?ref=${defaultBranch}`
  const html = `${WEB}/${fullName}/blob/${defaultBranch}/${path}`
  const git = `${API}/repos/${fullName}/git/blobs/${sha}`
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    size: content.length,
    url,
    html_url: html,
    git_url: git,
    download_url: `https://raw.githubusercontent.com/${fullName}/${defaultBranch}/${path}`,
    type: 'file',
    content: blobBody(repository, sha, content)['content'],
    encoding: 'base64',
    _links: { self: url, git, html }
  }
}

export function pullRequestBody(repository: Repository, pull: PullRequest, isWhole: boolean): Body {
  const { fullName } = repository
  const [owner = ''] = fullName.split('/')
  const links = linksOf(repository, pull)
  const { self: url, html, issue } = links
  const side = (ref: string): Body => ({
    label: `${owner}:${ref}`,
    ref,
    sha: repository.branches.get(ref) ?? '0'.repeat(40),
    user: userBody(owner, 9001),
    repo: repositoryBody(repository)
  })
  const simple = {
    url,
    id: 70_000 + pull.number,
    node_id: nodeId(`pull ${pull.number}`),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: links['commits'],
    review_comments_url: links['review_comments'],
    review_comment_url: links['review_comment'],
    comments_url: links['comments'],
    statuses_url: links['statuses'],
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userBody(pull.user),
    body: pull.body,
    labels: [],
    milestone: null,
    created_at: WHEN,
    updated_at: WHEN,
    closed_at: pull.state === 'open' ? null : WHEN,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    head: side(pull.head),
    base: side(pull.base),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: 'CONTRIBUTOR',
    auto_merge: null
  }
  return isWhole ? { ...simple, ...DETAILS } : simple
}

/** What GitHub adds for a single pull request. */
const DETAILS = {
  merged: false,
  mergeable: null,
  mergeable_state: 'unknown',
  merged_by: null,
  comments: 0,
  review_comments: 0,
  maintainer_can_modify: false,
  commits: 1,
  additions: 1,
  deletions: 1,
  changed_files: 1
}

function linksOf(
  { fullName }: Repository,
  { number }: PullRequest
): Readonly<Record<string, string>> & { self: string; html: string; issue: string } {
  const url = `${API}/repos/${fullName}/pulls/${number}`
  const issue = `${API}/repos/${fullName}/issues/${number}`
  return {
    self: url,
    html: `${WEB}/${fullName}/pull/${number}`,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${url}/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${API}/repos/${fullName}/statuses/0`
  }
}

export function repositoryBody({ fullName, defaultBranch, isArchived, isPrivate }: Repository): Body {
  const [owner = '', name = ''] = fullName.split('/')
  const url = `${API}/repos/${fullName}`
  const html = `${WEB}/${fullName}`
  const below = Object.fromEntries(
    [
      ...['archive', 'assignees', 'blobs', 'branches', 'collaborators', 'comments', 'commits', 'compare', 'contents'],
      ...['contributors', 'deployments', 'downloads', 'events', 'forks', 'git_commits', 'git_refs', 'git_tags'],
      ...['hooks', 'issue_comment', 'issue_events', 'issues', 'keys', 'labels', 'languages', 'merges', 'milestones'],
      ...['notifications', 'pulls', 'releases', 'stargazers', 'statuses', 'subscribers', 'subscription', 'tags'],
      ...['teams', 'trees']
    ].map(each => [`${each}_url`, `${url}/${each.replace('_', '/')}`])
  )
  return {
    ...below,
    id: 80_001,
    node_id: nodeId(`repository ${fullName}`),
    name,
    full_name: fullName,
    owner: userBody(owner, 9001),
    private: isPrivate,
    html_url: html,
    description: null,
    fork: false,
    url,
    clone_url: `${html}.git`,
    git_url: `git://github.com/${fullName}.git`,
    ssh_url: `git@github.com:${fullName}.git`,
    svn_url: html,
    mirror_url: null,
    default_branch: defaultBranch,
    homepage: null,
    language: null,
    license: null,
    archived: isArchived,
    disabled: false,
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    size: 1,
    pushed_at: WHEN,
    created_at: WHEN,
    updated_at: WHEN,
    network_count: 0,
    subscribers_count: 0
  }
}

function commitUrl(fullName: string, sha: string): string {
  return `${API}/repos/${fullName}/git/commits/${sha}`
}

function nodeId(text: string): string {
  return Buffer.from(text).toString('base64')
}
