// Tests that printed text is parsed by the rules of GitHub's runner.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { COMMANDS, parseCommand } from '../../../sandbox/runner/commands.ts'
import { createInterpreter, interpret } from '../../../sandbox/runner/interpreter.ts'

const NO_BREAK_SPACE = '\u00a0'
const NEXT_LINE = '\u0085'
const BYTE_ORDER_MARK = '\ufeff'

describe('lines', () => {
  test('end at \\n, \\r\\n and a lone \\r, and the last one need not end', () => {
    expect(interpret('a\nb\r\nc\rd\n\ne').log).toEqual(['a', 'b', 'c', 'd', '', 'e'])
    expect(interpret('a\r').log).toEqual(['a'])
    expect(interpret('a\u2028b').log).toHaveLength(1)
  })

  test('a command after a lone \\r counts', () => {
    expect(interpret('harmless\r::set-output name=x::forged').outputs).toEqual({ x: 'forged' })
  })

  test('the same however the bytes are cut', () => {
    const char = fc.constantFrom('\r', '\n', ':', 'é', '🙂', 'a', '::debug::x\r', '##[error]')
    fc.assert(
      fc.property(fc.array(char), fc.integer({ min: 1, max: 5 }), (chars, size) => {
        const bytes = Buffer.from(chars.join(''))
        const interpreter = createInterpreter({ debug: true })
        for (let at = 0; at < bytes.length; at += size) interpreter.write('stderr', bytes.subarray(at, at + size))
        interpreter.end()
        expect(interpreter.read()).toEqual(interpret(bytes, { debug: true }))
      })
    )
  })

  test('both streams are read, each with lines of its own', () => {
    const interpreter = createInterpreter()
    interpreter.write('stdout', '::error')
    interpreter.write('stderr', '::warning::from stderr\n')
    interpreter.write('stdout', '::from stdout\n')
    interpreter.end()
    expect(interpreter.read().annotations.map(each => each.message)).toEqual(['from stderr', 'from stdout'])
  })
})

describe('what is a command', () => {
  test.each([
    ['::error::m', 'error', {}, 'm'],
    ['  \t::error::m', 'error', {}, 'm'],
    [`${NO_BREAK_SPACE}${NEXT_LINE}::error::m`, 'error', {}, 'm'],
    ['::ERROR::m', 'error', {}, 'm'],
    ['::error::', 'error', {}, ''],
    ['::error file=a.ts,line=1::m', 'error', { file: 'a.ts', line: '1' }, 'm'],
    ['::error  file=a.ts ,line=1 ::m', 'error', { file: 'a.ts ', line: '1' }, 'm'],
    ['::error file=a%2Cb%3Ac%25%0A::m%0D%0A%250A', 'error', { file: 'a,b:c%\n' }, 'm\r\n%0A'],
    ['::error file=%0a::m%0a', 'error', { file: '%0a' }, 'm%0a'],
    ['::error a=,b,=c=d,e==f,g=h=i::m', 'error', { c: 'd', e: 'f', g: 'h=i' }, 'm'],
    ['::error Title=a,title=b::m', 'error', { Title: 'b' }, 'm'],
    ['::error::a::b', 'error', {}, 'a::b'],
    ['##[error]m', 'error', {}, 'm'],
    ['text before ##[error]m', 'error', {}, 'm'],
    ['##[set-output name=a;b=c%3B%5D%25]m', 'set-output', { name: 'a', b: 'c;]%' }, 'm'],
    ['::unknown::##[warning]m', 'warning', {}, 'm'],
    ['##[ERROR]m', 'error', {}, 'm']
  ])('%j', (line, command, properties, message) => {
    expect(parseCommand(line)).toEqual({ command, properties, message })
  })

  test.each([
    '',
    'text ::error::m',
    ':: error::m',
    ':error::m',
    '::error',
    '::error:m',
    '::err\u200bor::m',
    `${BYTE_ORDER_MARK}::error::m`,
    '::unknown::m',
    '##[section]m',
    '##[ error]m',
    '##[error',
    '# #[error]m',
    '##[unknown]##[error]m',
    '::internal-set-repo-path::m'
  ])('%j is none', line => {
    expect(parseCommand(line)).toBeUndefined()
  })

  test('whatever is escaped as @actions/core does comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), message => {
        const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
        const { annotations, log } = interpret(`::error::${escaped}\n`)
        // An unpaired surrogate and the cut at 4096 characters are not at issue here.
        expect(annotations).toEqual([{ level: 'error', message: message.slice(0, 4096), properties: {} }])
        expect(log.length).toBeGreaterThanOrEqual(message === '' ? 0 : 1)
      })
    )
  })
})

describe('what a command does', () => {
  test('annotations are masked, cut at 4096 characters and marked', () => {
    const { annotations, log } = interpret(
      `::add-mask::secret\n::notice title=t::a secret%0Aline\n::warning::${'x'.repeat(5000)}`
    )
    expect(annotations[0]).toEqual({ level: 'notice', message: 'a ***\nline', properties: { title: 't' } })
    expect(annotations[1]?.message).toHaveLength(4096)
    expect(log.slice(0, 2)).toEqual(['##[notice]a ***', 'line'])
  })

  test('masks hold from the line after, and are never echoed', () => {
    const result = interpret('secret\n::add-mask::secret\nsecret ::debug::secret\n::echo::on\n::add-mask::other\n')
    expect(result.log).toEqual(['secret', '*** ::debug::***', '::add-mask::***'])
    expect(result.masks).toEqual(['secret', 'other'])
  })

  test('a mask of several lines masks each of them', () => {
    expect(interpret('::add-mask::one%0A  two %0D%0A%0Athree\n').masks).toEqual([
      'one\n  two \r\n\nthree',
      'one',
      'two',
      'three'
    ])
  })

  test('an empty mask is a warning', () => {
    const { masks, annotations } = interpret('::add-mask::\n::add-mask::  \n')
    expect(masks).toEqual([])
    expect(annotations.map(each => each.message)).toEqual(
      Array(2).fill("Can't add secret mask for empty string in ##[add-mask] command.")
    )
  })

  test('set-output and save-state still work, and need a name', () => {
    const result = interpret(
      '::set-output name=a::1\n##[save-state name=b]2\n::set-output::3\n::set-output name=__proto__::4'
    )
    expect(Object.entries(result.outputs)).toEqual([
      ['a', '1'],
      ['__proto__', '4']
    ])
    expect(result.state).toEqual({ b: '2' })
    expect(result.failed).toBe(true)
    expect(result.annotations[1]?.message).toBe("Required field 'name' is missing in ##[set-output] command.")
  })

  test.each(['set-env name=A', 'add-path'])('%s is refused and fails the step', command => {
    const result = interpret(`::${command}::value\n`)
    expect(result.failed).toBe(true)
    expect(result.annotations[0]?.message).toBe(`Unable to process command '::${command}::value' successfully.`)
    expect(result.annotations[1]?.message).toContain('command is disabled')
  })

  test('stopped commands are text until the token comes', () => {
    const result = interpret('::stop-commands::Token-1\n::error::text\n::token-1::\n::error::real\n')
    expect(result.annotations.map(each => each.message)).toEqual(['real'])
    expect(result.log).toEqual(['::stop-commands::***', '::error::text', '::token-1::', '##[error]real'])
    expect(result.masks).toEqual(['Token-1'])
  })

  test.each(['', 'error', 'Pause-Logging'])('%j cannot stop commands', token => {
    const result = interpret(`::stop-commands::${token}\n::error::real\n`)
    expect(result.failed).toBe(true)
    expect(result.annotations.at(-1)?.message).toBe('real')
  })

  test('groups, echo and debug', () => {
    const text = '::group::title\n::endgroup::\n::debug::a%0Ab\n::set-output name=x::1\n'
    expect(interpret(text).log).toEqual(['##[group]title', '##[endgroup]'])
    expect(interpret(text, { debug: true }).log).toEqual([
      '::group::title',
      '##[group]title',
      '::endgroup::',
      '##[endgroup]',
      '##[debug]a',
      '##[debug]b',
      '::set-output name=x::1',
      "##[debug]steps.step.outputs.x='1'"
    ])
    expect(interpret('::echo::on\n::set-output name=x::1\n::echo::off\n').log).toEqual([
      '::set-output name=x::1',
      '::echo::off'
    ])
    expect(interpret('::echo::maybe\n').failed).toBe(true)
  })

  test('every command is noted with its line', () => {
    const text = [...COMMANDS].filter(name => name !== 'stop-commands').map(name => `::${name}::value`)
    const { commands } = interpret(['text', ...text].join('\n'))
    expect(commands.map(each => each.command)).toEqual([...COMMANDS].filter(name => name !== 'stop-commands'))
    expect(commands.map(each => each.line)).toEqual(text.map((_, index) => index + 2))
  })

  test('lines are told as they come', () => {
    const lines: string[] = []
    interpret('::add-mask::b\na\nb', { onLine: line => lines.push(line) })
    expect(lines).toEqual(['a', '***'])
  })
})
