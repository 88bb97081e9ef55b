// Stands in for the library by which `jest --watch` hears of changed files: Node can watch a folder itself (docs/adr/0009-one-http-stack.md). It is not in the bundle: it would bring 17 packages into the lock file.

import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Calls back with each file below the folder that changes or goes, or with the error that ends it. @returns the way to end it */
export async function subscribe(folder, tell) {
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name === null) return
    const path = join(folder, name)
    tell(null, [{ type: existsSync(path) ? 'update' : 'delete', path }])
  })
  watcher.on('error', error => tell(error, []))
  return { unsubscribe: async () => watcher.close() }
}
