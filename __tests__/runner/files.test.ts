// Tests that the runner's files are checked before anything is sent, and that a failure leaves nothing in them.

import { describe, expect, test } from '@jest/globals'
import { findFiles } from '../../src/runner/files.ts'
import type { FileSystem } from '../../src/runner/files.ts'
import { failureOf } from '../support/failures.ts'

const ENVIRONMENT = { GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env' }
const BOTH = ['GITHUB_OUTPUT', 'GITHUB_ENV'] as const

function system(code: string): Error {
  return Object.assign(new Error('LOUDFAKE'), { code })
}

function fileSystem(probe: (path: string) => number = path => path.length): FileSystem & { readonly cuts: unknown[] } {
  const cuts: unknown[] = []
  return { probe, cuts, cut: (...cut) => cuts.push(cut) }
}

describe('looking for the files', () => {
  test.each(['ENOENT', 'EISDIR', 'EACCES', 'ENOSPC', 'EROFS', 'ENXIO'])('tells %s with the variable', async code => {
    const files = fileSystem(path => {
      if (path === 'env') throw system(code)
      return 0
    })
    const error = await failureOf(() => findFiles(BOTH, ENVIRONMENT, files))
    expect(error.code).toBe('runner-files-unusable')
    expect(error.message).toContain(
      `Can't write to the file or folder in the environment variable GITHUB_ENV (${code})`
    )
    expect(`${error.message} ${error.remedy}`).not.toMatch(/LOUDFAKE|bug/)
  })

  test.each(['', undefined])('tells a variable that is %j', async value => {
    const error = await failureOf(() => findFiles(BOTH, { ...ENVIRONMENT, GITHUB_OUTPUT: value }, fileSystem()))
    expect(error.code).toBe('runner-files-unusable')
    expect(error.message).toBe(
      "The runner didn't set the environment variable GITHUB_OUTPUT, which this action requires. Nothing was sent."
    )
  })

  test('passes on what is no error of the file system', () => {
    const bug = new TypeError('a bug')
    const files = fileSystem(() => {
      throw bug
    })
    expect(() => findFiles(['GITHUB_OUTPUT'], ENVIRONMENT, files)).toThrow(bug)
  })
})

describe('a write that fails', () => {
  test.each(BOTH)('to %s cuts every file back to the length that it had', async variable => {
    const files = fileSystem()
    const found = findFiles(BOTH, ENVIRONMENT, files)
    const error = await failureOf(() => {
      found.write(variable, () => {
        throw system('ENOSPC')
      })
    })
    expect(error.message).toContain(`in the environment variable ${variable} (ENOSPC)`)
    expect(files.cuts).toEqual([
      ['output', 6],
      ['env', 3]
    ])
  })

  test('because the file has vanished is told by asking the file again', async () => {
    let isThere = true
    const files = fileSystem(() => {
      if (!isThere) throw system('ENOENT')
      return 0
    })
    const found = findFiles(['GITHUB_OUTPUT'], ENVIRONMENT, files)
    isThere = false
    const error = await failureOf(() => {
      found.write('GITHUB_OUTPUT', () => {
        throw new Error('Missing file at path')
      })
    })
    expect(error.message).toContain('(ENOENT)')
  })

  test('for another reason is passed on, and the files are cut back all the same', () => {
    const files = fileSystem()
    const found = findFiles(['GITHUB_OUTPUT'], ENVIRONMENT, files)
    const bug = new TypeError('a bug')
    expect(() => {
      found.write('GITHUB_OUTPUT', () => {
        throw bug
      })
    }).toThrow(bug)
    expect(files.cuts).toEqual([['output', 6]])
  })

  test('leaves a file that cannot be cut, and cuts the others', () => {
    const cuts: string[] = []
    const files: FileSystem = {
      probe: () => 0,
      cut(path) {
        if (path === 'output') throw system('EINVAL')
        cuts.push(path)
      }
    }
    findFiles(BOTH, ENVIRONMENT, files).cutBack()
    expect(cuts).toEqual(['env'])
  })
})

test('a write that succeeds cuts nothing', () => {
  const files = fileSystem()
  findFiles(BOTH, ENVIRONMENT, files).write('GITHUB_OUTPUT', () => undefined)
  expect(files.cuts).toEqual([])
})
