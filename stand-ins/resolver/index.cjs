// Stands in for the library by which Jest finds modules, a program for each system: enhanced-resolve, which it was written after, does so in JavaScript (docs/adr/0009-one-http-stack.md). It is not in the bundle: it would bring 29 packages into the lock file.

const fs = require('node:fs')
const { CachedInputFileSystem, ResolverFactory: Factory } = require('enhanced-resolve')

/** In milliseconds: as long as a run of the tests may last. */
const CACHED_MS = 3_600_000

/** What Jest calls: where a request leads to from a folder, or why nowhere. */
class ResolverFactory {
  #files
  #resolver

  constructor({ conditionNames, extensions, modules, roots, symlinks }, files) {
    this.#files = files ?? new CachedInputFileSystem(fs, CACHED_MS)
    const options = { conditionNames, extensions, modules, roots, symlinks }
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
    this.#resolver = Factory.createResolver({ ...given, fileSystem: this.#files, useSyncFileSystemCalls: true })
  }

  cloneWithOptions(options) {
    return new ResolverFactory(options, this.#files)
  }

  clearCache() {
    this.#files.purge()
  }

  sync(folder, request) {
    try {
      return { path: this.#resolver.resolveSync({}, folder, request) || undefined }
    } catch (error) {
      return { error: error.message }
    }
  }

  async async(folder, request) {
    return this.sync(folder, request)
  }
}

module.exports = { ResolverFactory }
