// Owns the proof that every input is either accepted by a rule of the contract or refused with its code, and that all problems are told at once.

import { describe, expect, jest, test } from '@jest/globals'
import { describe as textOf } from '../../src/errors/action-error.ts'
import {
  INPUT_NAMES,
  absenceReason,
  checkInputs,
  extraCaIn,
  foldNames,
  readInputs,
  serverOf
} from '../../src/runner/inputs.ts'
import type { InputName, Inputs, MintInputs, OpenInputs, RawInputs } from '../../src/runner/inputs.ts'
import { inputErrorsOf, quote } from '../support/failures.ts'
import { anyText, fc, hostileText } from '../support/properties.ts'
import { FINE_GRAINED_PAT, PAT, SEAL_KEY, SEAL_KEY_BYTES } from '../support/secrets.ts'

const GOOD: RawInputs = {
  pat: PAT,
  entity: 'Acme-Labs',
  'export-env': '',
  'seal-key': '',
  'sealed-token': '',
  'vaunt-api-url': 'https://api.vaunt.dev',
  'github-api-url': 'https://api.github.com'
}

/** A GitHub Enterprise with a Vaunt of its own, so that any URL can be tried as one of them. */
const ELSEWHERE = { 'vaunt-api-url': 'https://vaunt.example', 'github-api-url': 'https://ghes.example/api/v3' }

function check(changes: Partial<RawInputs>): Inputs {
  return checkInputs({ ...GOOD, ...changes }, quote, () => 'unknown')
}

function mint(changes: Partial<RawInputs> = {}): MintInputs {
  const inputs = check(changes)
  if (inputs.mode !== 'mint') throw new Error('expected to mint')
  return inputs
}

function open(changes: Partial<RawInputs>): OpenInputs {
  const inputs = check(changes)
  if (inputs.mode !== 'open') throw new Error('expected to open')
  return inputs
}

/** What is wrong, as `input: code`. */
async function problems(changes: Partial<RawInputs>): Promise<string[]> {
  const { problems } = await inputErrorsOf(() => check(changes))
  return problems.map(({ input, error }) => `${input}: ${error.code}`)
}

/** The whole text of the one problem that there is. */
async function complaint(changes: Partial<RawInputs>): Promise<string> {
  const errors = await inputErrorsOf(() => check(changes))
  expect(errors.problems).toHaveLength(1)
  return textOf(errors, 'GUIDE')
}

describe('reading', () => {
  function read(
    given: Partial<Record<InputName, string>>,
    environment: Record<string, string | undefined> = {}
  ): RawInputs {
    return readInputs(name => given[name] ?? '', environment)
  }

  const ENVIRONMENT = {
    VAUNT_PAT: FINE_GRAINED_PAT,
    GITHUB_REPOSITORY_OWNER: 'Owner',
    GITHUB_API_URL: 'https://ghes.example/api/v3'
  }

  test('asks for the inputs of action.yml, each once', () => {
    const getInput = jest.fn(() => 'x')
    readInputs(getInput, {})
    expect(getInput.mock.calls.flat().sort()).toEqual([...INPUT_NAMES].filter(name => name !== 'pat').sort())
    getInput.mockClear()
    getInput.mockReturnValue('')
    readInputs(getInput, {})
    expect(getInput.mock.calls.flat().sort()).toEqual([...INPUT_NAMES].sort())
  })

  test('takes what is given before any default', () => {
    const given = { ...GOOD, 'export-env': 'VAUNT_TOKEN', 'seal-key': SEAL_KEY }
    expect(read(given, ENVIRONMENT)).toEqual(given)
  })

  test.each([
    ['not given', ''],
    ['blank', ' \t\n '],
    ['odd blanks', '\u00a0\u2003\ufeff']
  ])('%s: the defaults hold', (_, blank) => {
    const given = Object.fromEntries(INPUT_NAMES.map(name => [name, blank]))
    expect(read(given, ENVIRONMENT)).toEqual({
      pat: FINE_GRAINED_PAT,
      entity: 'Owner',
      'export-env': '',
      'seal-key': '',
      'sealed-token': '',
      'vaunt-api-url': 'https://api.vaunt.dev',
      'github-api-url': 'https://ghes.example/api/v3'
    })
  })

  test.each([[undefined], [''], ['  ']])('with %j in the environment, the last defaults hold', blank => {
    const environment = { VAUNT_PAT: blank, GITHUB_REPOSITORY_OWNER: blank, GITHUB_API_URL: blank }
    expect(read({}, environment)).toEqual({
      pat: '',
      entity: '',
      'export-env': '',
      'seal-key': '',
      'sealed-token': '',
      'vaunt-api-url': 'https://api.vaunt.dev',
      'github-api-url': 'https://api.github.com'
    })
  })

  test('outer white space is trimmed, whatever the input', () => {
    const padded = Object.fromEntries(INPUT_NAMES.map(name => [name, ` \t${name}\r\n`]))
    expect(read({ ...padded, 'sealed-token': '' })).toEqual({
      ...Object.fromEntries(INPUT_NAMES.map(name => [name, name])),
      'sealed-token': ''
    })
    expect(read({}, { VAUNT_PAT: `\n${PAT}\n` }).pat).toBe(PAT)
  })

  test('a job that opens a sealed token reads no PAT', () => {
    const raw = read({ pat: PAT, 'sealed-token': 'x' }, ENVIRONMENT)
    expect(raw.pat).toBe('')
    expect(raw['sealed-token']).toBe('x')
  })
})

describe('good inputs', () => {
  test('to mint', () => {
    expect(mint()).toEqual({
      mode: 'mint',
      pat: PAT,
      entity: 'Acme-Labs',
      exportEnv: '',
      sealKey: undefined,
      vauntApiUrl: 'https://api.vaunt.dev',
      githubApiUrl: 'https://api.github.com'
    })
    expect(mint({ 'export-env': 'VAUNT_TOKEN', 'seal-key': SEAL_KEY })).toMatchObject({
      exportEnv: 'VAUNT_TOKEN',
      sealKey: SEAL_KEY_BYTES
    })
  })

  test('to open: nothing else is looked at but the name of the variable', () => {
    const sealed = { 'sealed-token': 'a..b.c.d', 'seal-key': SEAL_KEY }
    const expected = { mode: 'open', sealedToken: 'a..b.c.d', sealKey: SEAL_KEY_BYTES, exportEnv: '' }
    expect(open(sealed)).toEqual(expected)
    expect(
      open({ ...sealed, pat: '', entity: '?', 'vaunt-api-url': 'http://x', 'github-api-url': 'nonsense' })
    ).toEqual(expected)
    expect(open({ ...sealed, 'github-api-url': 'https://ghes.example' })).toEqual(expected)
    expect(open({ ...sealed, 'export-env': 'VAUNT_TOKEN' }).exportEnv).toBe('VAUNT_TOKEN')
  })
})

describe('all problems together', () => {
  test('in the order of the inputs, the first code first', async () => {
    expect(
      await problems({
        pat: 'a b',
        entity: '?',
        'export-env': 'PATH',
        'seal-key': 'short',
        'vaunt-api-url': 'http://x',
        'github-api-url': 'nonsense'
      })
    ).toEqual([
      'pat: pat-malformed',
      'entity: entity-invalid',
      'export-env: export-env-invalid',
      'seal-key: seal-key-invalid',
      'vaunt-api-url: url-invalid',
      'github-api-url: url-invalid'
    ])
  })

  test('when opening', async () => {
    expect(await problems({ 'sealed-token': 'x', 'seal-key': 'short', 'export-env': '1' })).toEqual([
      'export-env: export-env-invalid',
      'seal-key: seal-key-invalid'
    ])
  })

  test('the rule of the hosts beside others', async () => {
    expect(await problems({ pat: '', 'github-api-url': 'https://ghes.example/api/v3' })).toEqual([
      'pat: pat-missing',
      'github-api-url: host-unsupported'
    ])
  })

  test('whatever the inputs are: accepted, or refused with codes of their own, and never echoed raw', () => {
    const CODES_OF: Readonly<Record<string, readonly string[]>> = {
      pat: ['pat-missing', 'pat-malformed', 'pat-unsupported'],
      entity: ['entity-invalid'],
      'export-env': ['export-env-invalid'],
      'seal-key': ['seal-key-invalid'],
      'sealed-token': ['sealed-token-missing'],
      'vaunt-api-url': ['url-invalid'],
      'github-api-url': ['url-invalid', 'host-unsupported']
    }
    const orGood = (name: InputName): fc.Arbitrary<string> =>
      fc.oneof(anyText, hostileText, fc.constant(''), fc.constant(GOOD[name]))
    const raw = fc.record<Record<InputName, string>>({
      pat: orGood('pat'),
      entity: orGood('entity'),
      'export-env': orGood('export-env'),
      'seal-key': fc.oneof(orGood('seal-key'), fc.constant(SEAL_KEY)),
      'sealed-token': orGood('sealed-token'),
      'vaunt-api-url': orGood('vaunt-api-url'),
      'github-api-url': orGood('github-api-url')
    })
    fc.assert(
      fc.property(raw, given => {
        let thrown: unknown
        try {
          checkInputs(
            readInputs(name => given[name], {}),
            quote,
            () => 'unknown'
          )
          return
        } catch (error) {
          thrown = error
        }
        expect(thrown).toHaveProperty('name', 'InputErrors')
        const { problems } = thrown as Awaited<ReturnType<typeof inputErrorsOf>>
        const inputs = problems.map(({ input }) => input)
        expect(new Set(inputs).size).toBe(inputs.length)
        for (const { input, error } of problems) expect(CODES_OF[input]).toContain(error.code)
        const told = textOf(thrown as Parameters<typeof textOf>[0], 'GUIDE')
        expect(told).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|::|##\[/u)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('pat', () => {
  test('none: missing, with the reason that the event gives', async () => {
    const absence = jest.fn(() => 'fork' as const)
    const { problems } = await inputErrorsOf(() => checkInputs({ ...GOOD, pat: '' }, quote, absence))
    expect(problems.map(({ input, error }) => [input, error.code])).toEqual([['pat', 'pat-missing']])
    expect(problems[0].error.message).toMatch(/^This run comes from a pull request from a fork/)
    expect(absence).toHaveBeenCalledTimes(1)
  })

  test('none, but a seal key: the sealed token is what is missing', async () => {
    const errors = await inputErrorsOf(() =>
      checkInputs({ ...GOOD, pat: '', 'seal-key': SEAL_KEY }, quote, () => 'dependabot')
    )
    expect(errors.problems.map(({ input, error }) => [input, error.code])).toEqual([
      ['sealed-token', 'sealed-token-missing']
    ])
    expect(errors.problems[0].error.message).toMatch(/^This run was started by Dependabot/)
  })

  test('the event is not looked at while there is a PAT', async () => {
    const absence = jest.fn(() => 'fork' as const)
    checkInputs(GOOD, quote, absence)
    await inputErrorsOf(() => checkInputs({ ...GOOD, pat: 'a b' }, quote, absence))
    checkInputs({ ...GOOD, pat: '', 'sealed-token': 'x', 'seal-key': SEAL_KEY }, quote, absence)
    expect(absence).not.toHaveBeenCalled()
  })

  test.each([
    PAT,
    FINE_GRAINED_PAT,
    'gho_x',
    'ghu_x',
    'a'.repeat(40),
    'AZaz09-._~+/==',
    'x'.repeat(300),
    // A new kind of GitHub's tokens is some 520 characters long, with dots and hyphens.
    `ghu_${'x-y.z_'.repeat(100)}`
  ])('good: %s', pat => {
    expect(mint({ pat }).pat).toBe(pat)
  })

  test.each([
    ['a space', 'ghp_a b', 'whitespace'],
    ['a line break', 'ghp_a\nb', 'whitespace'],
    ['a carriage return', 'ghp_a\rb', 'whitespace'],
    ['a no-break space', 'ghp_a\u00a0b', 'whitespace'],
    ['white space and more', 'ghp_ü \u0000b', 'whitespace'],
    ['a NUL', 'ghp_a\u0000b', 'control characters'],
    ['DEL', 'ghp_a\u007fb', 'control characters'],
    ['a C1 control', 'ghp_a\u0085b', 'control characters'],
    ['a control and more', 'ghp_ü\u0007b', 'control characters'],
    ['a letter outside ASCII', 'ghp_üb', 'non-ASCII characters'],
    ['an invisible character', 'ghp_a\u200bb', 'non-ASCII characters'],
    ['half a character', 'ghp_a\ud800b', 'non-ASCII characters']
  ])('%s inside: malformed, and not echoed', async (_, pat, named) => {
    expect(await problems({ pat })).toEqual(['pat: pat-malformed'])
    const text = await complaint({ pat })
    expect(text).toContain(`contains ${named}`)
    expect(text).not.toContain('ghp_')
  })

  test.each(['ghs_', 'ghr_'])('%s: unsupported, whatever follows', async prefix => {
    expect(await problems({ pat: prefix })).toEqual(['pat: pat-unsupported'])
    const pat = `${prefix}${'LOUD.FAKE'.repeat(57)}`
    const text = await complaint({ pat })
    expect(text).toContain(`starts with ${prefix}`)
    expect(text).not.toContain('LOUD')
  })

  test.each(['GHS_x', 'xghs_x', 'ghsx', 'ghr-x'])('%s is nobody to judge by its prefix', pat => {
    expect(mint({ pat }).pat).toBe(pat)
  })

  test.each([
    ['quotes', '"ghp_LOUDFAKE"'],
    ['quotes', "'ghp_LOUDFAKE'"],
    ['quotes', 'ghp_LOUDFAKE"'],
    ['quotes', '`ghp_LOUDFAKE`'],
    ['quotes', '\u201cghp_LOUDFAKE\u201d'],
    ['an expression that was not replaced', '${{ secrets.VAUNT_PAT }}'],
    ['an expression that was not replaced', '${{secrets.VAUNT_PAT}}'],
    ['an expression that was not replaced', '$VAUNT_PAT'],
    ['an expression that was not replaced', '${VAUNT_PAT}'],
    ['an expression that was not replaced', '$env:VAUNT_PAT'],
    ['an expression that was not replaced', '%VAUNT_PAT%'],
    ['an expression that was not replaced', 'secrets.VAUNT_PAT'],
    ['an expression that was not replaced', 'vars.VAUNT_PAT'],
    ["characters that a PAT can't have", 'ghp_LOUDFAKE;'],
    ["characters that a PAT can't have", '<ghp_LOUDFAKE>'],
    ["characters that a PAT can't have", 'ghp=LOUDFAKE']
  ])('with %s in it is malformed, and not echoed: %s', async (told, pat) => {
    const { error } = (await inputErrorsOf(() => mint({ pat }))).problems[0]
    expect(error.code).toBe('pat-malformed')
    expect(error.message).toContain(`The PAT contains ${told}, so it isn't valid and was not sent.`)
    expect(`${error.message} ${error.remedy} ${error.details}`).not.toContain('LOUDFAKE')
  })

  test('accepted exactly when a bearer token can be so (RFC 6750)', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme-ascii' })), text => {
        const pat = text.trim()
        fc.pre(pat !== '' && !/^gh[sr]_/.test(pat) && !/^(?:secrets|env|vars|inputs|github)\.\w/i.test(pat))
        if (/^[A-Za-z0-9._~+/-]+=*$/.test(pat)) expect(mint({ pat }).pat).toBe(pat)
        else expect(() => mint({ pat })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      })
    )
  })
})

describe('entity', () => {
  test.each(['a', 'Z', '0', 'Acme-Labs', 'mona_acme', 'old-', 'od--d', 'a'.repeat(39)])('good: %s', entity => {
    expect(mint({ entity }).entity).toBe(entity)
  })

  test.each([
    ['', 'the runner provides no repository owner'],
    ['-a', 'Input \'entity\' is "-a"'],
    ['_a', 'Input \'entity\' is "_a"'],
    ['..', 'Input \'entity\' is ".."'],
    ['.', 'Input \'entity\' is "."'],
    ['@octocat', 'Input \'entity\' is "@octocat"'],
    ['a/b', 'Input \'entity\' is "a/b"'],
    ['a b', 'Input \'entity\' is "a b"'],
    ['a?b', 'Input \'entity\' is "a?b"'],
    ['octocat[bot]', 'Input \'entity\' is "octocat[bot]"'],
    ['https://github.com/octocat', 'Input \'entity\' is "https://github.com/octocat"'],
    ['ocтocat', 'Input \'entity\' is "ocтocat"'],
    ['a\nb', 'Input \'entity\' is "a b"'],
    ['a'.repeat(40), "Input 'entity' is \"aaaa"]
  ])('bad: %j', async (entity, told) => {
    expect(await problems({ entity })).toEqual(['entity: entity-invalid'])
    expect(await complaint({ entity })).toContain(told)
  })

  test('accepted exactly when it is a login', () => {
    const isLogin = (text: string): boolean => {
      const characters = Array.from(text)
      const isAlphanumeric = (one: string): boolean =>
        'abcdefghijklmnopqrstuvwxyz0123456789'.includes(one.toLowerCase())
      // Lower-casing turns the Kelvin sign and its like into ASCII.
      if (characters.some(one => one > '\u007f') || characters.length < 1 || characters.length > 39) return false
      return characters.every((one, index) => isAlphanumeric(one) || (index > 0 && (one === '-' || one === '_')))
    }
    const nearly = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '/', '@', ' ', 'K', '\n'),
      maxLength: 42
    })
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), entity => {
        if (isLogin(entity)) expect(mint({ entity }).entity).toBe(entity)
        else expect(() => mint({ entity })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      }),
      { numRuns: 1_000 }
    )
  })
})

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
    expect(mint({ 'export-env': name }).exportEnv).toBe(name)
  })

  test.each(['XPATH', 'PATHX', 'MYHOME', 'CIX', 'ENVX', 'TOKEN', 'VAUNT_PAT_', 'HTTP_PROXY2', 'STATES', 'LDX', 'NPMX'])(
    'good, though it is nearly reserved: %s',
    name => {
      expect(mint({ 'export-env': name }).exportEnv).toBe(name)
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
        if (isName(name) && !isReserved(name)) expect(mint({ 'export-env': name }).exportEnv).toBe(name)
        else expect(() => mint({ 'export-env': name })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('seal-key', () => {
  const unpadded = SEAL_KEY.replace('=', '')
  const base64url = unpadded.replaceAll('+', '-').replaceAll('/', '_')

  test('the key of these tests holds what is spelled differently in base64url', () => {
    expect(SEAL_KEY).toMatch(/\+/)
    expect(SEAL_KEY).toMatch(/\//)
  })

  test.each([SEAL_KEY, unpadded, base64url, `${base64url}=`])('good: %s', key => {
    expect(mint({ 'seal-key': key }).sealKey).toEqual(SEAL_KEY_BYTES)
    expect(open({ 'seal-key': key, 'sealed-token': 'x' }).sealKey).toEqual(SEAL_KEY_BYTES)
  })

  test.each([
    ['31 bytes', Buffer.alloc(31, 7).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64')],
    ['16 bytes', Buffer.alloc(16, 7).toString('base64')],
    ['hexadecimal', Buffer.alloc(32, 7).toString('hex')],
    ['a passphrase', 'correct horse battery staple correct horse ba'],
    ['a space inside', `${SEAL_KEY.slice(0, 20)} ${SEAL_KEY.slice(21)}`],
    ['two paddings', `${unpadded}==`],
    ['a padding inside', `${unpadded.slice(0, 40)}=${unpadded.slice(41)}`],
    ['something before it', `x${SEAL_KEY}`],
    ['a sign before it', `!${SEAL_KEY}`],
    ['something behind it', `${SEAL_KEY}x`],
    ['a character that is in neither alphabet', `${unpadded.slice(0, 42)}.`]
  ])('%s: invalid, and not echoed', async (_, key) => {
    for (const also of [{}, { 'sealed-token': 'x' }]) {
      expect(await problems({ 'seal-key': key, ...also })).toEqual(['seal-key: seal-key-invalid'])
      const text = await complaint({ 'seal-key': key, ...also })
      expect(text).toContain("isn't a base64-encoded key of 32 bytes")
      expect(text).not.toContain(key.slice(0, 12))
    }
  })

  test('none to open with', async () => {
    expect(await problems({ 'sealed-token': 'x' })).toEqual(['seal-key: seal-key-invalid'])
    expect(await complaint({ 'sealed-token': 'x' })).toContain("but 'seal-key' is empty")
  })

  test('any 32 bytes are a key, in either spelling; any other number of bytes is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), bytes => {
        for (const spelling of ['base64', 'base64url'] as const) {
          const key = Buffer.from(bytes).toString(spelling)
          if (bytes.length === 32) expect(mint({ 'seal-key': key }).sealKey).toEqual(bytes)
          else expect(() => mint({ 'seal-key': key })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
        }
      })
    )
  })
})

describe.each(['vaunt-api-url', 'github-api-url'] as const)('%s', input => {
  const accepted = (url: string): string => {
    const inputs = mint({ ...ELSEWHERE, [input]: url })
    return input === 'vaunt-api-url' ? inputs.vauntApiUrl : inputs.githubApiUrl
  }

  test.each([
    ['https://api.example', 'https://api.example'],
    ['https://api.example/', 'https://api.example'],
    ['https://api.example///', 'https://api.example'],
    ['https://api.example/api/v3', 'https://api.example/api/v3'],
    ['https://api.example/api/v3/', 'https://api.example/api/v3'],
    ['https://api.example/a//b/', 'https://api.example/a//b'],
    ['https://api.example:8443/x', 'https://api.example:8443/x'],
    ['https://api.example:443', 'https://api.example'],
    ['HTTPS://API.Example/Path', 'https://api.example/Path'],
    ['https://api.example.', 'https://api.example.'],
    ['https://api.example/@x', 'https://api.example/@x'],
    ['https://localhost:1', 'https://localhost:1'],
    ['https://127.0.0.1', 'https://127.0.0.1'],
    ['https://[::1]:8443/', 'https://[::1]:8443'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://api.example/%3Fq', 'https://api.example/%3Fq']
  ])('good: %s', (url, expected) => {
    expect(accepted(url)).toBe(expected)
  })

  test.each([
    ['http://api.example', "doesn't start with https://"],
    ['http://localhost:8080', "doesn't start with https://"],
    ['ftp://api.example', "doesn't start with https://"],
    ['https:api.example', "doesn't start with https://"],
    ['https:/api.example', "doesn't start with https://"],
    ['file:///etc/passwd', "doesn't start with https://"],
    ['javascript:alert(1)', "doesn't start with https://"],
    ['ssh://git@github.com/x', "doesn't start with https://"],
    ['https://user:LOUDFAKE@api.example', 'contains a username or password'],
    ['https://user@api.example', 'contains a username or password'],
    ['https://@api.example', 'contains a username or password'],
    ['https://:@api.example', 'contains a username or password'],
    ['https://api.github.com@evil.example/', 'contains a username or password'],
    ['https://api.example?x=LOUDFAKE', 'contains a query'],
    ['https://api.example/?', 'contains a query'],
    ['https://api.example#', 'contains a query'],
    ['https://api.example/#@x', 'contains a query'],
    ['https://user:pw@api.example?x', 'contains a query'],
    ['api.example', "isn't a URL"],
    ['//api.example', "isn't a URL"],
    ['/v1', "isn't a URL"],
    ['https://', "isn't a URL"],
    ['https:///', "isn't a URL"],
    ['https:///api.example', "isn't a URL"],
    ['https:///user:LOUDFAKE@api.example', "isn't a URL"],
    ['https://api.example\\@evil.example', "isn't a URL"],
    ['https:\\\\api.example', "doesn't start with https://"],
    ['https://evil.example\\.api.example', "isn't a URL"],
    ['https://api.ex\tample', "isn't a URL"],
    ['https://api.ex\nample', "isn't a URL"],
    ['https://api example', "isn't a URL"],
    ['https://bücher.example', "isn't a URL"],
    ['https://api。example', "isn't a URL"],
    ['https://api.example/ü', "isn't a URL"],
    ['https://api.example:99999', "isn't a URL"],
    ['https://api.example:port', "isn't a URL"],
    ['https://[::1', "isn't a URL"],
    ['https://a%40b', "isn't a URL"],
    ['https://999.999.999.999', "isn't a URL"]
  ])('bad: %j', async (url, told) => {
    expect(await problems({ ...ELSEWHERE, [input]: url })).toEqual([`${input}: url-invalid`])
    const text = await complaint({ ...ELSEWHERE, [input]: url })
    expect(text).toContain(`Input '${input}' ${told}`)
    expect(text).not.toContain('LOUDFAKE')
  })

  const pieces = fc.constantFrom(
    ...['https://', 'http://', 'HTTPS://', 'https:', '//', '/', '\\', '@', ':', '?', '#', '%', '%40', '%2f', '.', '..'],
    ...[
      'api.example',
      'api.github.com',
      'api.vaunt.dev',
      'user:pw@',
      'user@',
      ':443',
      ':8443',
      '[::1]',
      '\t',
      '\n',
      ' '
    ],
    ...['ü', '。', '\u0000', '\ufeff', 'a', '0', 'v1']
  )
  const urlLike = fc.array(pieces, { maxLength: 7 }).map(parts => parts.join(''))

  test('whatever is accepted is plain: https, no credentials, no query, nothing dropped or turned', () => {
    const elsewhere = fc.oneof(
      urlLike,
      urlLike.map(rest => `https://${rest}`),
      fc.webUrl(),
      anyText
    )
    let acceptedOnes = 0
    fc.assert(
      fc.property(elsewhere, text => {
        const given = text.trim()
        fc.pre(given !== '')
        let url: string
        try {
          url = accepted(given)
        } catch (thrown) {
          expect(thrown).toHaveProperty('problems.0.error.code')
          expect(['url-invalid', 'host-unsupported']).toContain(
            (thrown as { problems: [{ error: { code: string } }] }).problems[0].error.code
          )
          return
        }
        acceptedOnes++
        const parsed = new URL(url)
        expect(parsed.protocol).toBe('https:')
        expect([parsed.username, parsed.password, parsed.search, parsed.hash]).toEqual(['', '', '', ''])
        expect(url).not.toMatch(/\/$|[?#@\\](?=[^/]*$)(?<=^https:\/\/[^/]*)|[^\x21-\x7e]/)
        expect(given.toLowerCase().startsWith('https://')).toBe(true)
        // The host is the one that a reader sees.
        const seen = given.slice(8).split('/')[0] ?? ''
        expect(new URL(`https://${seen}`).host).toBe(parsed.host)
        // A path may follow it.
        expect(new URL(`${url}/v1/x`).origin).toBe(parsed.origin)
      }),
      { numRuns: 2_000 }
    )
    expect(acceptedOnes).toBeGreaterThan(100)
  })

  test.each([
    ['slashes', `https://api.example/${'/'.repeat(130_000)}x`],
    ['slashes at the end', `https://api.example${'/'.repeat(130_000)}`],
    ['at signs', `https://${'@'.repeat(130_000)}`],
    ['dots', `https://${'.'.repeat(130_000)}`],
    ['segments', `https://api.example${'/..'.repeat(43_000)}`]
  ])('130 kB of %s take no time worth speaking of', (_, url) => {
    const start = performance.now()
    try {
      accepted(url)
    } catch {
      // Whether it is accepted is not the question here.
    }
    // Quadratic time would need 10 s and more.
    expect(performance.now() - start).toBeLessThan(1_500)
  })
})

describe("GitHub Enterprise and Vaunt's public service", () => {
  test.each([
    ['https://ghes.example/api/v3', 'ghes.example'],
    ['https://ghes.example:8443/api/v3', 'ghes.example:8443'],
    ['https://api.acme.ghe.com', 'api.acme.ghe.com'],
    ['https://api.github.com.', 'api.github.com.'],
    ['https://api.github.com:8443', 'api.github.com:8443'],
    ['https://api.github.com/api/v3', 'api.github.com'],
    ['https://github.com', 'github.com'],
    ['https://api.github.com.evil.example', 'api.github.com.evil.example']
  ])('%s is refused', async (githubApiUrl, told) => {
    for (const vauntApiUrl of [
      'https://api.vaunt.dev',
      'https://API.Vaunt.Dev',
      'https://api.vaunt.dev/',
      'https://api.vaunt.dev.',
      'https://api.vaunt.dev:443',
      'https://api.vaunt.dev:8443',
      'https://api.vaunt.dev/some/path',
      'https://api%2evaunt.dev'
    ]) {
      const changes = { 'github-api-url': githubApiUrl, 'vaunt-api-url': vauntApiUrl }
      expect(await problems(changes)).toEqual(['github-api-url: host-unsupported'])
      expect(await complaint(changes)).toContain(`The PAT belongs to ${told}, but`)
    }
  })

  test.each([
    'https://api.github.com',
    'https://API.GitHub.com/',
    'https://api.github.com:443',
    'https://api.github.com//'
  ])('%s is github.com', githubApiUrl => {
    expect(mint({ 'github-api-url': githubApiUrl }).githubApiUrl).toBe('https://api.github.com')
  })

  test.each([
    'https://vaunt.example',
    'https://notapi.vaunt.dev',
    'https://api.vaunt.dev.example',
    'https://apixvaunt.dev'
  ])('%s is a Vaunt of their own, and may see the PAT', vauntApiUrl => {
    const changes = { 'github-api-url': 'https://ghes.example/api/v3', 'vaunt-api-url': vauntApiUrl }
    expect(mint(changes)).toMatchObject({ vauntApiUrl, githubApiUrl: 'https://ghes.example/api/v3' })
  })

  test('is not judged while a URL is unreadable', async () => {
    expect(await problems({ 'github-api-url': 'nonsense' })).toEqual(['github-api-url: url-invalid'])
    expect(await problems({ 'vaunt-api-url': 'nonsense', 'github-api-url': 'https://ghes.example' })).toEqual([
      'vaunt-api-url: url-invalid'
    ])
  })
})

describe('why there is no PAT', () => {
  const pullRequest = (head: unknown): string =>
    JSON.stringify({ pull_request: { base: { repo: { full_name: 'Acme-Labs/anvil' } }, head } })
  const fromFork = pullRequest({ repo: { full_name: 'mona/anvil', fork: true } })
  const fromBranch = pullRequest({ repo: { full_name: 'Acme-Labs/anvil', fork: false } })

  test.each([
    ['pull_request', 'mona', fromFork, 'fork'],
    ['pull_request_review', 'mona', fromFork, 'fork'],
    ['pull_request_review_comment', 'mona', fromFork, 'fork'],
    // A fork that was deleted since.
    ['pull_request', 'mona', pullRequest({ repo: null }), 'fork'],
    ['pull_request', 'dependabot[bot]', fromFork, 'fork'],
    ['pull_request', 'dependabot[bot]', fromBranch, 'dependabot'],
    ['push', 'dependabot[bot]', '{}', 'dependabot'],
    [undefined, 'dependabot[bot]', '{}', 'dependabot'],
    ['pull_request', 'mona', fromBranch, 'unknown'],
    // Has secrets, also for forks.
    ['pull_request_target', 'mona', fromFork, 'unknown'],
    ['push', 'mona', fromFork, 'unknown'],
    ['workflow_dispatch', undefined, '{}', 'unknown'],
    [undefined, undefined, '', 'unknown'],
    ['push', 'dependabot', '{}', 'unknown'],
    ['push', 'notdependabot[bot]', '{}', 'unknown']
  ])('%s by %s: %#', (eventName, actor, event, expected) => {
    expect(absenceReason(eventName, actor, () => event)).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['no JSON', 'not json'],
    ['truncated', fromFork.slice(0, 40)],
    ['null', 'null'],
    ['a text', '"pull_request"'],
    ['a list', '[1,2]'],
    ['no pull request', '{"pull_request":null}'],
    ['no base', '{"pull_request":{"head":{"repo":null}}}'],
    ['no head', '{"pull_request":{"base":{"repo":{"full_name":"a/b"}}}}'],
    ['a base without a name', '{"pull_request":{"base":{"repo":{"full_name":7}},"head":{"repo":null}}}'],
    [
      'properties only by inheritance',
      '{"__proto__":{"pull_request":{"base":{"repo":{"full_name":"a/b"}},"head":{"repo":null}}}}'
    ]
  ])('an event file that holds %s tells nothing', (_, event) => {
    expect(absenceReason('pull_request', 'mona', () => event)).toBe('unknown')
  })

  test('an event file that cannot be read tells nothing', () => {
    const readEvent = (): string => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    }
    expect(absenceReason('pull_request', 'mona', readEvent)).toBe('unknown')
    expect(absenceReason('pull_request', 'dependabot[bot]', readEvent)).toBe('dependabot')
  })

  test('the event file is read only for pull requests', () => {
    const readEvent = jest.fn(() => fromFork)
    for (const eventName of [undefined, 'push', 'pull_request_target', 'issues'])
      absenceReason(eventName, 'm', readEvent)
    expect(readEvent).not.toHaveBeenCalled()
  })

  test('a deeply nested or huge event file is no harm', () => {
    expect(absenceReason('pull_request', 'mona', () => '['.repeat(1_000_000))).toBe('unknown')
    expect(absenceReason('pull_request', 'mona', () => `[${'[],'.repeat(500_000)}0]`)).toBe('unknown')
    expect(absenceReason('pull_request', 'mona', () => `{"a":"${'x'.repeat(5_000_000)}",${fromFork.slice(1)}`)).toBe(
      'fork'
    )
  })

  test('any JSON gives one of the three answers', () => {
    const event = fc.oneof(
      fc.json(),
      fc.record({ pull_request: fc.record({ base: fc.anything(), head: fc.anything() }) }).map(value => {
        try {
          return JSON.stringify(value)
        } catch {
          return ''
        }
      })
    )
    fc.assert(
      fc.property(event, text => {
        expect(['fork', 'unknown']).toContain(absenceReason('pull_request', 'mona', () => text))
      })
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

describe('NODE_EXTRA_CA_CERTS', () => {
  const PEM = `-----BEGIN CERTIFICATE-----\n${'QUJD'.repeat(32)}\n-----END CERTIFICATE-----\n`
  const missing = (): never => {
    throw new Error('ENOENT')
  }

  test.each<[string, Record<string, string>, () => string, string]>([
    ['not set', {}, missing, 'unset'],
    ['empty', { NODE_EXTRA_CA_CERTS: '' }, missing, 'unset'],
    ['of a missing file', { NODE_EXTRA_CA_CERTS: 'x' }, missing, 'unreadable'],
    ['of another file', { NODE_EXTRA_CA_CERTS: 'x' }, () => 'DER', 'no-pem'],
    ['of a key', { NODE_EXTRA_CA_CERTS: 'x' }, () => PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'no-pem'],
    ['of a certificate', { NODE_EXTRA_CA_CERTS: 'x' }, () => `# ours\n${PEM}`, 'loaded']
  ])('%s', (_, environment, readFile, expected) => {
    expect(extraCaIn(environment, readFile)).toBe(expected)
  })
})

test.each([
  ['https://api.github.com', 'https://github.com'],
  ['https://api.github.com/', 'https://github.com'],
  ['https://ghe.example/api/v3', 'https://ghe.example'],
  ['https://ghe.example:8443/api/v3/', 'https://ghe.example:8443'],
  ['https://api.octo.ghe.com', 'https://octo.ghe.com'],
  ['https://api.octo.example', 'https://api.octo.example'],
  ['no URL', 'https://github.com'],
  ['http://ghe.example', 'https://github.com']
])('the people of %s log in at %s', (githubApiUrl, server) => {
  expect(serverOf(githubApiUrl)).toBe(server)
})
