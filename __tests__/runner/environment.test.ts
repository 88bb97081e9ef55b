// Tests the names of environment variables: on Windows, and for exporting a token.

import { describe, expect, test } from '@jest/globals'
import { foldNames } from '../../src/runner/environment.ts'
import { readInputs } from '../../src/runner/inputs.ts'
import { anyText, fc } from '../support/properties.ts'
import { complaint, exchange, problems } from './checked-inputs.ts'

describe('export-env', () => {
  test.each([
    'VAUNT_TOKEN',
    '_',
    'a',
    'a1',
    'A'.repeat(120),
    'MY_GITHUB_TOKEN',
    'GITHUB',
    'GITHUBX',
    'NODE',
    'GIT',
    'INPUTS'
  ])('good: %s', name => {
    expect(exchange({ 'export-env': name }).exportEnv).toBe(name)
  })

  test.each(['XPATH', 'PATHX', 'MYHOME', 'CIX', 'ENVX', 'TOKEN', 'VAUNT_PAT_', 'HTTP_PROXY2', 'STATES', 'LDX', 'NPMX'])(
    'good, though it is nearly reserved: %s',
    name => {
      expect(exchange({ 'export-env': name }).exportEnv).toBe(name)
    }
  )

  test.each(['1A', 'A-B', 'A B', 'A=B', 'A.B', 'Ä', 'A\nB', 'A\n', '%PATH%', '$A', "A'"])(
    'not a name: %j',
    async name => {
      expect(await problems({ 'export-env': name })).toEqual(['export-env: export-env-invalid'])
      expect(await complaint({ 'export-env': name })).toContain("isn't a valid environment variable name")
    }
  )

  const RESERVED_PREFIXES = [
    ...['GITHUB_', 'RUNNER_', 'ACTIONS_', 'INPUT_', 'STATE_', 'NODE_', 'LD_', 'DYLD_', 'NPM_', 'GIT_', 'BASH_FUNC_'],
    ...['LC_', 'PYTHON_', 'SSL_', 'DOTNET_', 'COMPLUS_']
  ]
  const RESERVED_NAMES = [
    ...['PATH', 'HOME', 'CI', 'SHELL', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'TERM', 'LANG'],
    ...['TMP', 'TEMP', 'TMPDIR', 'CDPATH', 'GLOBIGNORE', 'BASHOPTS', 'SHELLOPTS', 'PROMPT_COMMAND', 'PS4', 'TZ'],
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'EDITOR', 'VISUAL', 'PAGER', 'BROWSER', 'OPENSSL_CONF'],
    ...['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH'],
    ...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_HOME', 'GOFLAGS', 'RUSTFLAGS', 'MAKEFLAGS'],
    ...['COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
    ...['PSMODULEPATH', 'HOSTNAME', 'VAUNT_PAT'],
    ...RESERVED_PREFIXES,
    ...RESERVED_PREFIXES.map(prefix => `${prefix}ANYTHING`)
  ]

  test.each(RESERVED_NAMES)('reserved in any letter case: %s', async name => {
    const mixed = Array.from(name, (letter, index) => (index % 2 === 0 ? letter.toLowerCase() : letter)).join('')
    for (const spelled of [name, name.toLowerCase(), mixed]) {
      expect(await problems({ 'export-env': spelled })).toEqual(['export-env: export-env-invalid'])
      expect(await complaint({ 'export-env': spelled })).toContain('already has a meaning')
    }
  })

  test('accepted exactly when it is a name that is not reserved', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_'
    const isName = (text: string): boolean =>
      Array.from(text).every((one, index) => letters.includes(one) || (index > 0 && one >= '0' && one <= '9'))
    const isReserved = (text: string): boolean => {
      const upper = text.toUpperCase()
      return RESERVED_NAMES.includes(upper) || RESERVED_PREFIXES.some(prefix => upper.startsWith(prefix))
    }
    const pieces = fc.constantFrom(...RESERVED_NAMES, ...letters.split(/(?=.)/), '0', '-', ' ', 'é')
    const nearly = fc.array(pieces, { minLength: 1, maxLength: 3 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), name => {
        fc.pre(name !== '')
        if (isName(name) && !isReserved(name)) expect(exchange({ 'export-env': name }).exportEnv).toBe(name)
        else expect(() => exchange({ 'export-env': name })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('the names of environment variables', () => {
  test('have no letter case on Windows', () => {
    const folded = foldNames({ Vaunt_Pat: 'a', Https_Proxy: 'b', PATH: 'c' }, 'win32')
    expect(folded).toEqual({ VAUNT_PAT: 'a', HTTPS_PROXY: 'b', PATH: 'c' })
    expect(readInputs(() => '', folded).pat).toBe('a')
  })

  test.each(['linux', 'darwin'])('have one on %s', platform => {
    expect(foldNames({ Vaunt_Pat: 'a' }, platform)).toEqual({ Vaunt_Pat: 'a' })
  })
})
