// Owns one question: is this Node new enough for the npm scripts? Loaded before everything else of a script, for an older Node stops at the first line of TypeScript with words that help nobody.

import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 5)) {
  console.error(
    [
      `This needs Node.js 24.5 or a newer one, and ran with ${process.versions.node}.`,
      'npm ci brings one for Linux (x64 and arm64, with glibc), Windows (x64) and macOS (Intel).',
      'On another system (Apple silicon, Alpine), or after npm ci --omit=optional, install the version in the file .node-version yourself.'
    ].join('\n')
  )
  process.exit(1)
}
