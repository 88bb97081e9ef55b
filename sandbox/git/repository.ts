// Models a repository on GitHub: its branches, who may write, its rules, and its pull requests.

import { Objects } from './objects.ts'
import type { Change, Commit, Mode, Person } from './objects.ts'

/** What a token may do in a repository. */
export interface Permissions {
  readonly contents: 'none' | 'read' | 'write'
  readonly pullRequests: 'none' | 'read' | 'write'
}

/** A token that commits: the job's own, an app's, or a person's. */
export interface CommitToken {
  readonly token: string
  /** `github-actions[bot]`, or the login of a person. */
  readonly login: string
  /** By full name, such as `octo/demo`. A repository that isn't listed can't be seen. */
  readonly repositories: Readonly<Record<string, Permissions>>
}

export interface PullRequest {
  readonly number: number
  readonly head: string
  readonly base: string
  readonly user: string
  title: string
  body: string
  state: 'open' | 'closed'
}

/** The rules of a ruleset or a protected branch. */
export interface Rules {
  requiresPullRequest?: boolean
  requiresSignatures?: boolean
  /** Names of required status checks. */
  requiredChecks?: readonly string[]
  /** The branches that the rules apply to; all of them when absent. */
  branches?: readonly string[]
}

const SOMEBODY: Person = { name: 'Somebody Else', email: 'somebody@example.com', date: '2026-11-01T10:00:00Z' }

export class Repository {
  readonly fullName: string
  readonly objects = new Objects()
  /** The commit at the tip of each branch. */
  readonly branches = new Map<string, string>()
  readonly pullRequests: PullRequest[] = []
  defaultBranch = 'main'
  isArchived = false
  isPrivate = false
  rules: Rules = {}
  /** The setting "Allow GitHub Actions to create and approve pull requests". */
  allowsActionsPullRequests = true

  constructor(fullName: string) {
    this.fullName = fullName
  }

  /** Commits files to a branch, as someone else. @returns the commit */
  commitFiles(branch: string, files: Readonly<Record<string, string | null>>, message = 'Work on something'): string {
    const changes = Object.entries(files).map(([path, text]): [string, Change[string]] => [
      path,
      text === null ? null : { mode: '100644', sha: this.objects.addBlob(text) }
    ])
    return this.commitChanges(branch, Object.fromEntries(changes), message)
  }

  /** Puts something other than a file at a path: a link, a submodule, an executable. */
  commitEntry(branch: string, path: string, mode: Mode, content = 'elsewhere'): string {
    const sha = mode === '160000' ? '1'.repeat(40) : this.objects.addBlob(content)
    return this.commitChanges(branch, { [path]: { mode, sha } }, `Add ${path}`)
  }

  commitChanges(branch: string, changes: Change, message: string): string {
    const tip = this.branches.get(branch)
    const tree = this.objects.changed(this.tipOf(branch)?.tree, changes)
    const parents = tip === undefined ? [] : [tip]
    const commit = { tree, parents, message, author: SOMEBODY, committer: SOMEBODY, isVerified: false }
    const sha = this.objects.addCommit(commit)
    this.branches.set(branch, sha)
    return sha
  }

  tipOf(branch: string): Commit | undefined {
    return this.objects.commits.get(this.branches.get(branch) ?? '')
  }

  /** The text of a file on a branch; undefined when there is none. */
  read(branch: string, path: string): string | undefined {
    const tree = this.tipOf(branch)?.tree
    const entry = tree === undefined ? undefined : this.objects.entryAt(tree, path)
    return entry && this.objects.blobs.get(entry.sha)?.toString('utf8')
  }

  /** The commits of a branch, the newest first. */
  history(branch: string): readonly Commit[] {
    const tip = this.branches.get(branch)
    if (tip === undefined) return []
    return this.objects.history(tip).flatMap(sha => this.objects.commits.get(sha) ?? [])
  }

  /** The rules that a new tip of a branch violates, in GitHub's words. */
  violations(branch: string, commit: Commit): string[] {
    const { requiresPullRequest, requiresSignatures, requiredChecks = [], branches } = this.rules
    if (branches && !branches.includes(branch)) return []
    const count = requiredChecks.length
    return [
      ...(requiresPullRequest ? ['Changes must be made through a pull request.'] : []),
      ...(requiresSignatures && !commit.isVerified ? ['Commits must have verified signatures.'] : []),
      ...(count > 0 ? [`${count} of ${count} required status checks are expected.`] : [])
    ]
  }
}
