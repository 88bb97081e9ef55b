// Tests that the sandbox parses commands, masks, and files like the code of GitHub's runner: with 1,000 observations of it, in runner-vectors.json.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { parseCommand } from '../../../sandbox/runner/commands.ts'
import { parseKeyValueFile } from '../../../sandbox/runner/files.ts'
import { interpret } from '../../../sandbox/runner/interpreter.ts'
import { createMasker } from '../../../sandbox/runner/masks.ts'

interface Vectors {
  readonly commands: readonly { readonly line: string; readonly command: unknown }[]
  readonly masks: readonly { readonly secrets: readonly string[]; readonly text: string; readonly shown: string }[]
  readonly files: readonly { readonly text: string; readonly pairs: unknown; readonly failed: boolean }[]
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'runner-vectors.json'), 'utf8')) as Vectors

/** The observations that the sandbox reads otherwise, each beside its own reading. */
function disagreements<T>(observed: readonly T[], expected: (one: T) => unknown, read: (one: T) => unknown): unknown[] {
  return observed
    .map(one => ({ ...one, sandbox: read(one), runner: expected(one) }))
    .filter(({ sandbox, runner }) => !isDeepStrictEqual(sandbox, runner))
}

/** As a step writes it, with per cent signs and line breaks escaped. */
function addMask(secret: string): string {
  return `::add-mask::${secret.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}\n`
}

describe("the sandbox agrees with the runner's own code", () => {
  test('in 400 lines that may be a command', () => {
    expect(vectors.commands).toHaveLength(400)
    const read = (line: string): unknown => {
      const found = parseCommand(line)
      return found && { name: found.command, properties: found.properties, message: found.message }
    }
    const found = disagreements(
      vectors.commands,
      ({ command }) => command ?? undefined,
      ({ line }) => read(line)
    )
    expect(found).toEqual([])
  })

  test('in 300 texts that may hold something masked', () => {
    expect(vectors.masks).toHaveLength(300)
    const read = (secrets: readonly string[], text: string): string => {
      const masker = createMasker()
      interpret(secrets.map(addMask).join(''), { masker })
      // A message of several lines is masked as a whole.
      return masker.mask(text)
    }
    const found = disagreements(
      vectors.masks,
      ({ shown }) => shown,
      ({ secrets, text }) => read(secrets, text)
    )
    expect(found).toEqual([])
  })

  test('in 300 files of outputs', () => {
    expect(vectors.files).toHaveLength(300)
    const read = (text: string): unknown => {
      // They were observed on Linux.
      const { pairs, error } = parseKeyValueFile(text, false)
      return { pairs: pairs.map(({ name, value }) => [name, value]), failed: error !== undefined }
    }
    const found = disagreements(
      vectors.files,
      ({ pairs, failed }) => ({ pairs, failed }),
      ({ text }) => read(text)
    )
    expect(found).toEqual([])
  })
})
