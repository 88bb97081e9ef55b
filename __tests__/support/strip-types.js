// Owns how Jest reads TypeScript: as Node does, which takes the types out and leaves every line and column where it was.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

const version = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .update(process.version)
  .digest('hex')

/** @type {import('@jest/transform').SyncTransformer} */
export default {
  process: (text, path) => ({ code: path.endsWith('.ts') ? stripTypeScriptTypes(text) : text }),
  // Jest counts what is covered by itself, and keeps what it makes for that apart only by this key.
  getCacheKey: (text, path, { instrument }) =>
    [version, path, String(instrument), text]
      .reduce((hash, part) => hash.update(part).update('\0'), createHash('sha256'))
      .digest('hex')
}
