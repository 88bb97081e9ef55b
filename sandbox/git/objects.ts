// Stores Git objects in memory: blobs, trees, and commits, named by the SHA-1 that Git would compute.

import { createHash } from 'node:crypto'

export type Mode = '100644' | '100755' | '040000' | '160000' | '120000'

export interface TreeEntry {
  readonly name: string
  readonly mode: Mode
  readonly sha: string
}

export interface Person {
  readonly name: string
  readonly email: string
  readonly date: string
}

export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  readonly author: Person
  readonly committer: Person
  /** Whether GitHub signed it. */
  readonly isVerified: boolean
}

/** The new contents of a path; null removes it. */
export type Change = Readonly<Record<string, { readonly mode: Mode; readonly sha: string } | null>>

export class Objects {
  readonly blobs = new Map<string, Buffer>()
  readonly trees = new Map<string, readonly TreeEntry[]>()
  readonly commits = new Map<string, Commit>()

  addBlob(content: Buffer | string): string {
    const bytes = Buffer.from(content)
    const sha = hash('blob', bytes)
    this.blobs.set(sha, bytes)
    return sha
  }

  addTree(entries: readonly TreeEntry[]): string {
    // Git sorts a folder as if its name ended in a slash.
    const key = ({ name, mode }: TreeEntry): string => (mode === '040000' ? `${name}/` : name)
    const sorted = [...entries].sort((one, other) => Buffer.compare(Buffer.from(key(one)), Buffer.from(key(other))))
    const parts = sorted.map(({ name, mode, sha }) =>
      Buffer.concat([Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(sha, 'hex')])
    )
    const sha = hash('tree', Buffer.concat(parts))
    this.trees.set(sha, sorted)
    return sha
  }

  addCommit(commit: Commit): string {
    const line = ({ name, email, date }: Person): string =>
      `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`
    const text = [
      `tree ${commit.tree}`,
      ...commit.parents.map(parent => `parent ${parent}`),
      `author ${line(commit.author)}`,
      `committer ${line(commit.committer)}`,
      // GitHub's signature is a part of the commit.
      ...(commit.isVerified ? ['gpgsig -----BEGIN PGP SIGNATURE-----', ' -----END PGP SIGNATURE-----'] : []),
      '',
      commit.message
    ].join('\n')
    const sha = hash('commit', Buffer.from(text))
    this.commits.set(sha, commit)
    return sha
  }

  /** A tree with some paths changed. Like GitHub, it silently replaces a file with a folder. */
  changed(tree: string | undefined, changes: Change): string {
    const entries = new Map((tree === undefined ? [] : this.tree(tree)).map(entry => [entry.name, entry]))
    const folders = new Map<string, Record<string, Change[string]>>()
    for (const [path, change] of Object.entries(changes)) {
      const [name = '', ...rest] = path.split('/')
      if (rest.length > 0) folders.set(name, { ...folders.get(name), [rest.join('/')]: change })
      else if (change === null) entries.delete(name)
      else entries.set(name, { name, ...change })
    }
    for (const [name, inside] of folders) {
      const present = entries.get(name)
      const sha = this.changed(present?.mode === '040000' ? present.sha : undefined, inside)
      entries.set(name, { name, mode: '040000', sha })
    }
    return this.addTree([...entries.values()])
  }

  tree(sha: string): readonly TreeEntry[] {
    const entries = this.trees.get(sha)
    if (!entries) throw new Error(`there is no tree ${sha}`)
    return entries
  }

  /** The entry at a path in a tree, if there is one. */
  entryAt(tree: string, path: string): TreeEntry | undefined {
    const [name = '', ...rest] = path.split('/')
    const entry = this.tree(tree).find(each => each.name === name)
    if (rest.length === 0 || !entry) return entry
    return entry.mode === '040000' ? this.entryAt(entry.sha, rest.join('/')) : undefined
  }

  /** Whether a commit is another one or an ancestor of it. */
  isAncestor(ancestor: string, descendant: string): boolean {
    return this.history(descendant).includes(ancestor)
  }

  /** A commit and all that came before it, the newest first. */
  history(commit: string): string[] {
    const seen = new Set<string>()
    const waiting = [commit]
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(...(this.commits.get(next)?.parents ?? []))
    }
    return [...seen]
  }
}

function hash(type: string, content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}
