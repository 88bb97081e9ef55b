// Owns the runner's files: whether they can be written is known before anything is sent, and a step that fails leaves nothing in them. What is written, and in which form, is @actions/core's.

import { ActionError, systemCode } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'

/** The variables that name the files. */
export type FileVariable = 'GITHUB_OUTPUT' | 'GITHUB_ENV' | 'GITHUB_STEP_SUMMARY'

/** One file as it was when the step began. */
interface Found {
  readonly variable: FileVariable
  readonly path: string
  /** In bytes. */
  readonly length: number
}

/** What is needed of the file system. Every function throws a system error when it fails. */
export interface FileSystem {
  /** Opens an existing file for appending, appends an empty line, and takes it back. Gives the length, in bytes. */
  readonly probe: (path: string) => number
  /** Cuts a file back to a length in bytes. */
  readonly cut: (path: string, length: number) => void
}

/** What the steps need of the disk besides the runner's files. Every function throws a system error when it fails. */
export interface Disk {
  /** Makes a folder with a name of its own in the runner's folder for temporary files. Gives its path. */
  readonly makeFolder: (prefix: string) => string
  readonly write: (path: string, text: string) => void
  /** To the end of a file that is there already. */
  readonly append: (path: string, text: string) => void
  /** A folder and all that is in it. */
  readonly remove: (path: string) => void
}

export interface RunnerFiles {
  /** Writes to one of the files. When that fails, every file is cut back to the length that it had. */
  write(variable: FileVariable, write: () => void): void
  /** Cuts every file back to the length that it had. */
  cutBack(): void
}

/**
 * Finds the files, and shows that they can be written: a token that cannot be handed on is not asked for.
 *
 * @throws ActionError `runner-files-unusable`
 */
export function findFiles(
  variables: readonly FileVariable[],
  environment: Readonly<Record<string, string | undefined>>,
  files: FileSystem
): RunnerFiles {
  const found = variables.map(variable => find(variable, environment[variable] ?? '', files))
  const cutBack = (): void => {
    for (const { path, length } of found) {
      try {
        files.cut(path, length)
      } catch {
        // What cannot be cut cannot be written either, or is no file that keeps anything.
      }
    }
  }
  return {
    cutBack,
    write(variable, write) {
      try {
        write()
      } catch (error) {
        cutBack()
        throw named(
          error,
          found.find(each => each.variable === variable),
          files
        )
      }
    }
  }
}

function find(variable: FileVariable, path: string, files: FileSystem): Found {
  if (path === '') throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  try {
    return { variable, path, length: files.probe(path) }
  } catch (error) {
    throw unusable(variable, error) ?? error
  }
}

/**
 * Makes a folder of our own, and lets it be used. When that fails it is removed.
 *
 * @throws ActionError `runner-files-unusable`, and whatever the use throws
 */
export async function inFolder<T>(disk: Disk, prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
  let folder: string
  try {
    folder = disk.makeFolder(prefix)
  } catch (error) {
    throw unusable('RUNNER_TEMP', error) ?? error
  }
  try {
    return await use(folder)
  } catch (error) {
    disk.remove(folder)
    throw error
  }
}

/**
 * Writes a file of our own.
 *
 * @throws ActionError `runner-files-unusable`
 */
export function writeFile(disk: Disk, path: string, text: string): void {
  try {
    disk.write(path, text)
  } catch (error) {
    throw unusable('RUNNER_TEMP', error) ?? error
  }
}

/** A failure to write is the file's, when the file system says so, or when the file cannot be written any more. */
function named(error: unknown, file: Found | undefined, files: FileSystem): unknown {
  if (!file) return error
  try {
    const failure = unusable(file.variable, error)
    if (failure) return failure
    files.probe(file.path)
    return error
  } catch (again) {
    return unusable(file.variable, again) ?? error
  }
}

function unusable(variable: FileVariable | 'RUNNER_TEMP', error: unknown): ActionError | undefined {
  const detail = systemCode(property(error, 'code'))
  return detail === undefined ? undefined : ActionError.of('runner-files-unusable', { variable, detail }, error)
}
