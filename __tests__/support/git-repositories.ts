// Owns real git repositories for the tests of the card: a bare remote with one commit, and what stands in it. Knows no server.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A bare repository Acme-Labs/anvil below a folder, with one commit. Gives its path. */
export function createRemote(servers: string, branch: string): string {
  const seed = join(servers, 'seed')
  mkdirSync(seed)
  execFileSync('git', ['init', '--quiet', `--initial-branch=${branch}`, seed])
  writeFileSync(join(seed, 'README.md'), '# A repository\n')
  writeFileSync(join(seed, 'script.sh'), '#!/bin/sh\n', { mode: 0o755 })
  commitIn(seed, 'First')
  const remote = join(servers, 'Acme-Labs', 'anvil')
  execFileSync('git', ['clone', '--quiet', '--bare', seed, remote])
  return remote
}

/** Commits everything in a working tree. */
export function commitIn(repository: string, message: string): void {
  const author = ['-c', 'user.name=Sandbox', '-c', 'user.email=sandbox@sandbox.test', '-c', 'commit.gpgSign=false']
  execFileSync('git', ['add', '--all'], { cwd: repository })
  execFileSync('git', [...author, 'commit', '--quiet', '--message', message], { cwd: repository })
}

/** A hook of the remote, in sh. */
export function writeHook(remote: string, name: string, body: string): void {
  mkdirSync(join(remote, 'hooks'), { recursive: true })
  const hook = join(remote, 'hooks', name)
  writeFileSync(hook, `#!/bin/sh\n${body}\n`)
  chmodSync(hook, 0o755)
}
