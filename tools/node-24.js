// Checks whether this Node.js is new enough for the npm scripts, because an older one would stop at the first line of TypeScript, or at an unknown flag. With the name of a script as an argument, it starts that script. Node.js 14 and later can run this file.

import { basename, resolve } from 'path'
import { pathToFileURL } from 'url'

const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 5)) {
  console.error(
    `This needs Node.js 24.5 or newer, and this is ${process.versions.node}. Run npm ci: it brings one for Linux (glibc), Windows (x64) and macOS (Intel). Elsewhere, or with --omit=optional, install the version in the file .node-version.`
  )
  process.exit(1)
}

const [, self = '', script] = process.argv

// This doesn't apply if Node.js loads this file before another program (--import).
if (basename(self) === 'node-24.js' && script !== undefined) {
  // The script finds its name and flags in the usual places.
  process.argv.splice(1, 2, resolve(script))
  await import(pathToFileURL(resolve(script)).href)
}
