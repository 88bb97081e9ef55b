// Stands in for packages that Jest asks for and does not need here (docs/adr/0009-one-http-stack.md). None is in the bundle: they would bring 125 packages into the lock file.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const { join } = require('node:path')

/**
 * `import-local`, called with the file of a command: no Jest is nearer by. And `babel-preset-current-node-syntax`, called by
 * Babel: a preset that adds nothing to the syntax that Babel knows by itself.
 */
module.exports = file => (typeof file === 'string' ? undefined : {})

/** `@babel/helper-compilation-targets`: nothing is compiled for any browser. */
module.exports.default = () => ({})
module.exports.TargetNames = {}

/** `@istanbuljs/load-nyc-config`: Jest says what is to be covered. */
module.exports.loadNycConfig = () => {
  throw new Error('stand-in: loadNycConfig() was called, but Jest says what is to be covered')
}

/** `babel-jest`: types are taken out by Node. */
module.exports.createTransformer = () => {
  throw new Error('stand-in: createTransformer() was called, but types are taken out by Node')
}

/** `@parcel/watcher`, for `jest --watch`: Node can watch a folder itself. Calls back with each file that changes or goes, or with the error that ends it. */
module.exports.subscribe = async (folder, tell) => {
  const watcher = fs.watch(folder, { recursive: true }, (_, name) => {
    if (name === null) return
    const path = join(folder, name)
    tell(null, [{ type: fs.existsSync(path) ? 'update' : 'delete', path }])
  })
  watcher.on('error', error => tell(error, []))
  return { unsubscribe: async () => watcher.close() }
}

/** `jest-changed-files`, for `jest --watch` and `--onlyChanged`: git knows what has changed. */
module.exports.getChangedFilesForRoots = async ([root]) => {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
  const [top] = git('rev-parse', '--show-toplevel')
  const files = git('ls-files', '--modified', '--others', '--exclude-standard', '--full-name', top)
  return {
    changedFiles: new Set(files.map(file => join(top, file))),
    repos: { git: new Set([top]), hg: new Set(), sl: new Set() }
  }
}

/** In milliseconds: as long as a run of the tests may last. */
const CACHED_MS = 3_600_000

/** `unrs-resolver`, a program for each system: enhanced-resolve, which it was written after, finds modules in JavaScript. */
module.exports.ResolverFactory = class ResolverFactory {
  #files
  #resolver

  constructor({ conditionNames, extensions, modules, roots, symlinks }, files) {
    const { CachedInputFileSystem, ResolverFactory: Factory } = require('enhanced-resolve')
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
