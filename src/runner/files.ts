// Writes to the runner's files: checks that they can be written before anything is sent, and leaves nothing in them if the step fails. What is written, and its format, is up to the caller.

import { ActionError, systemCode } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'

/** The environment variables that contain the paths of the files. */
export type FileVariable = 'GITHUB_OUTPUT' | 'GITHUB_ENV' | 'GITHUB_STEP_SUMMARY'

/** A file as it was when the step began. */
interface RunnerFile {
  readonly variable: FileVariable
  readonly path: string
  /** Its length in bytes. */
  readonly length: number
}

/** The parts of the file system that the runner's files need. A function that fails throws a system error. */
export interface FileSystem {
  /** Appends an empty line to an existing file and removes it again. Returns the length of the file in bytes. */
  readonly probe: (path: string) => number
  /** Truncates a file to a length in bytes. */
  readonly cut: (path: string, length: number) => void
}

/** The parts of the file system that the action's own files need. A function that fails throws a system error. */
export interface Disk {
  /** Creates a folder with a unique name in the runner's temporary folder, and returns its path. */
  readonly makeFolder: (prefix: string) => string
  readonly write: (path: string, text: string) => void
  /** Appends to an existing file. */
  readonly append: (path: string, text: string) => void
  /** Removes a folder with its contents. */
  readonly remove: (path: string) => void
}

export interface RunnerFiles {
  /** Runs what writes to one of the files. If that fails, every file gets its original length again. */
  write(variable: FileVariable, write: () => void): void
  /** Gives every file its original length again. */
  cutBack(): void
}

/**
 * Finds the files and checks that they can be written, so that no token is requested that can't be output.
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
        // A file that can't be truncated can't be written either, or it is a device that keeps nothing.
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
        const file = found.find(each => each.variable === variable)
        throw file ? causeOf(error, file, files) : error
      }
    }
  }
}

function find(variable: FileVariable, path: string, files: FileSystem): RunnerFile {
  if (path === '') throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  try {
    return { variable, path, length: files.probe(path) }
  } catch (error) {
    throw unusable(variable, error) ?? error
  }
}

/**
 * Creates a temporary folder and uses it. If the use fails, the folder is removed.
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
 * Writes a file in a temporary folder.
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

/** Blames the file for a failure if the error is a system error, or if the file can't be written anymore. */
function causeOf(error: unknown, file: RunnerFile, files: FileSystem): unknown {
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
