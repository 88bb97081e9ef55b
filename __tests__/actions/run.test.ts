// Tests how a step runs: what is masked before anything is printed, and that any error ends in one annotation without secrets.

import { describe, expect, jest, test } from '@jest/globals'
import { ActionError } from '../../src/errors/action-error.ts'
import { reportCrash, runAction } from '../../src/actions/run.ts'
import { open } from '../../src/vaunt/seal.ts'
import { forgeToken, PAT, SEAL_KEY, signToken } from '../support/secrets.ts'
import { createWorld } from '../support/staged-world.ts'
import type { WorldOptions } from '../support/staged-world.ts'
import { annotation, at, of, ran, token } from '../support/token-runs.ts'

describe('what must not be printed', () => {
  test('is taken out of a text for a file, and nothing else is', async () => {
    const world = createWorld()
    const texts: string[] = []
    await runAction(world, session => {
      session.mask('LOUDFAKEone')
      session.mask('LOUDFAKE::two')
      texts.push(session.redact('a LOUDFAKEone\nb::c LOUDFAKE::two d'), session.redact('TE9VREZBS0VvbmU='))
      session.mask('d')
      texts.push(session.redact('a d'), session.redact('a\n::b'))
      return Promise.resolve()
    })
    expect(texts).toEqual(['a ***\nb::c *** d', '***U=', 'a ***', 'a\n::b'])
    expect(world.effects.map(([name]) => name)).toEqual(['setSecret', 'setSecret', 'setSecret'])
  })

  test('is told of a text that holds any of it', async () => {
    const world = createWorld()
    await runAction(world, session => {
      session.mask('LOUDFAKE')
      expect([session.holdsMasked('xLOUDFAKEx'), session.holdsMasked('LOUD'), session.holdsMasked('')]).toEqual([
        true,
        false,
        false
      ])
      return Promise.resolve()
    })
    expect(of(world, 'setFailed')).toEqual([])
  })
})

describe('masking', () => {
  test('comes before anything is printed, for every secret of the inputs', async () => {
    const environment = {
      HTTPS_PROXY: 'http://user:LOUD%46AKEone@proxy.example',
      http_proxy: 'user:LOUDFAKEtwo@proxy.example'
    }
    const world = await ran({ inputs: { 'seal-key': SEAL_KEY }, environment })
    expect(world.effects.slice(0, 6)).toEqual([
      ['setSecret', PAT],
      ['setSecret', SEAL_KEY],
      ['setSecret', 'LOUD%46AKEone'],
      ['setSecret', 'LOUDFAKEone'],
      ['setSecret', 'LOUDFAKEtwo'],
      ['createClient']
    ])
  })

  test.each([
    ['malformed', 'ghp_LOUD FAKE'],
    ['of several lines', 'ghp_LOUD\nFAKE'],
    ['unsupported', 'ghs_LOUDFAKE']
  ])('also of a PAT that is %s, and beside other wrong inputs', async (_, pat) => {
    const world = await ran({ inputs: { pat, entity: '?', 'seal-key': 'LOUDFAKEkey' } })
    expect(world.effects.slice(0, 2)).toEqual([
      ['setSecret', pat],
      ['setSecret', 'LOUDFAKEkey']
    ])
    expect(annotation(world)).not.toMatch(/LOUD|FAKE/)
  })

  test('never masks nothing, which the runner would warn of', async () => {
    const world = await ran({ inputs: { pat: '', 'seal-key': '' } })
    expect(of(world, 'setSecret')).toEqual([])
  })

  test('of the token comes before it is looked into', async () => {
    for (const bad of [forgeToken({ alg: 'none' }, {}), 'a.b.c', await signToken({ exp: 1 })]) {
      const world = await ran({ stages: { vaunt: { body: { data: { token: bad } } } } })
      expect(at(world, 'setSecret', bad)).toBeLessThan(at(world, 'setFailed'))
      expect(annotation(world)).not.toContain(bad)
    }
  })

  test('of the token comes too late for what Vaunt says beside it, so that is not told', async () => {
    for (const header of ['{"alg":"ES256"}', '{ "alg": "ES256" }']) {
      const expired = forgeToken(header, { exp: 1 })
      const body = { data: { token: expired }, message: `here is ${expired}` }
      const world = await ran({ stages: { vaunt: { body } } })
      expect(annotation(world)).toContain('Vaunt returned a token that expired')
      expect(annotation(world)).not.toContain(expired)
    }
  })

  test('spares a word that is no token, for the runner would blot it out everywhere', async () => {
    for (const bad of ['null', 'token', 'e', '']) {
      const world = await ran({ stages: { vaunt: { body: { data: { token: bad } } } } })
      expect(of(world, 'setSecret')).toEqual([['setSecret', PAT]])
      annotation(world)
    }
  })
})

describe('whatever is thrown', () => {
  const secretError = new Error(`message with ${PAT}`)
  secretError.stack = `stack with ${PAT}`
  const throwing = {
    get(): never {
      throw new Error(PAT)
    }
  }
  const trap = (): never => {
    throw new Error(PAT)
  }
  const THROWN: readonly (readonly [string, unknown, string])[] = [
    ['a text', PAT, 'a thrown string'],
    ['nothing', undefined, 'a thrown undefined'],
    ['null', null, 'a thrown object'],
    ['a number', 7, 'a thrown number'],
    ['a symbol', Symbol(PAT), 'a thrown symbol'],
    ['a function', () => PAT, 'a thrown function'],
    ['an object', { message: PAT, toString: () => PAT }, 'a thrown object'],
    ['an error', secretError, 'Error'],
    ['an error with a cause', new Error('x', { cause: PAT }), 'Error'],
    ['a named error', Object.assign(new Error(PAT), { name: PAT }), 'Error'],
    ['an error of a class of its own', new (class extends Error {})(PAT), 'Error'],
    ['a TypeError', new TypeError(PAT), 'TypeError'],
    ['a RangeError', new RangeError(PAT), 'RangeError'],
    ['a SyntaxError', new SyntaxError(PAT), 'SyntaxError'],
    ['a ReferenceError', new ReferenceError(PAT), 'ReferenceError'],
    ['a URIError', new URIError(PAT), 'URIError'],
    ['an EvalError', new EvalError(PAT), 'EvalError'],
    ['an AggregateError', new AggregateError([PAT], PAT), 'AggregateError'],
    ['a system error', Object.assign(new Error(PAT), { code: 'ENOSPC' }), 'Error ENOSPC'],
    ['a TypeError with a code', Object.assign(new TypeError(PAT), { code: 'EINVAL' }), 'TypeError EINVAL'],
    ['an error with a code of another kind', Object.assign(new Error(PAT), { code: 'ERR_X' }), 'Error'],
    ['an error with a secret code', Object.assign(new Error(PAT), { code: PAT }), 'Error'],
    ['an error with a code behind words', Object.assign(new Error(PAT), { code: 'x ENOSPC' }), 'Error'],
    ['an error with a code and words', Object.assign(new Error(PAT), { code: 'ENOSPC x' }), 'Error'],
    ['an error with a list as code', Object.assign(new Error(PAT), { code: ['ENOSPC'] }), 'Error'],
    ['an error with a number as code', Object.assign(new Error(PAT), { code: 7 }), 'Error'],
    ['an error with a throwing code', Object.defineProperty(new Error('x'), 'code', throwing), 'something unreadable'],
    [
      'an object with throwing getters',
      Object.defineProperties({}, { message: throwing, code: throwing }),
      'a thrown object'
    ],
    [
      'a proxy that throws whatever is asked of it',
      new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
      'something unreadable'
    ],
    ['what looks like ours', { name: 'ActionError', code: 'pat-missing', message: PAT, remedy: PAT }, 'a thrown object']
  ]

  const PLACES: Readonly<Record<string, (thrown: unknown) => WorldOptions>> = {
    'reading the inputs': thrown => ({ core: { getInput: thrower(thrown) } }),
    'preparing the requests': thrown => ({ world: { createClient: thrower(thrown) } }),
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
    'exchanging the PAT at Vaunt': thrown => ({ stages: { vaunt: () => Promise.reject(thrown) } }),
    'sealing the token': thrown => ({
      inputs: { 'seal-key': SEAL_KEY },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
      world: { sealing: { seal: () => Promise.reject(thrown), open } }
    }),
    'writing the outputs': thrown => ({
      inputs: { 'export-env': 'VAUNT_TOKEN' },
      core: { exportVariable: thrower(thrown) }
    })
  }

  function thrower(thrown: unknown): () => never {
    return () => {
      throw thrown
    }
  }

  test.each(THROWN)('%s ends the step as a bug of ours, and none of its text is shown', async (_, thrown, kind) => {
    for (const [during, make] of Object.entries(PLACES)) {
      const world = await ran(make(thrown))
      if (during === 'writing the outputs' && / E[A-Z]+$/.test(kind)) {
        // That is the file's fault, not a bug.
        expect(world.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
        expect(world.printed().join()).not.toContain('LOUDFAKE')
        continue
      }
      const [told = '', place = ''] = annotation(world).split(/(?<=tokens\. )(?:\((.*)\) )?(?=\[internal\])/)
      expect(told).toBe(
        `Unexpected error: ${kind}. This is a bug in this action, not in your workflow. ` +
          'Run the job again. If it fails again, report this message without any tokens. '
      )
      expect(place).toMatch(/^(?:(?:[\w.]+, )?[\w.-]+\.[jt]s:\d+(?:; |$)){0,3}$/)
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })

  test('at GitHub it goes through Octokit first', async () => {
    for (const [, thrown] of THROWN) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
      const world = await ran({ stages: { user: () => Promise.reject(thrown) } })
      expect(annotation(world)).toMatch(/^Unexpected error: (?:Error|a thrown object|something unreadable)\. /)
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })

  test('a failure of ours is told as it is, wherever it comes from', async () => {
    const failure = ActionError.of('github-rate-limited', { attempts: 1 })
    for (const [, make] of Object.entries(PLACES)) {
      const world = await ran(make(failure))
      expect(annotation(world)).toContain('GitHub is limiting requests.')
    }
  })

  test('an output that cannot be written fails the step; the code is lost with it', async () => {
    const setOutput = jest.fn((name: string) => {
      throw new Error(`Missing file for ${name} ${token}`)
    })
    const world = await ran({ core: { setOutput } })
    expect(setOutput.mock.calls.map(([name]) => name)).toEqual(['token', 'error-code'])
    expect(of(world, 'setFailed')).toHaveLength(1)
    expect(world.printed().join()).toContain('Unexpected error: Error. ')
    expect(world.printed().join()).not.toContain(token)
  })

  test('what is thrown where nobody waits ends the step in the same way', () => {
    for (const [, thrown, kind] of THROWN) {
      const world = createWorld()
      reportCrash(world, thrown)
      expect(annotation(world)).toContain(`Unexpected error: ${kind}.`)
      expect(world.effects.map(([name]) => name)).toEqual(['setFailed', 'setOutput'])
      expect(world.printed().join()).not.toContain('LOUDFAKE')
    }
  })
})

describe('the place in the guide', () => {
  async function linkIn(environment: Record<string, string>): Promise<string> {
    return (
      annotation(await ran({ inputs: { pat: '' }, environment }))
        .split(' ')
        .at(-1) ?? ''
    )
  }

  test.each([
    ['-OWNER-/vaunt-token-action', 'v1', '', 'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'],
    ['o.w-n_er/r.e-p_o', 'a/b-c_d.e', 'https://github.com', 'https://github.com/o.w-n_er/r.e-p_o/blob/a/b-c_d.e/'],
    [
      '-OWNER-/vaunt-token-action',
      '0123456789abcdef',
      'https://ghes.example',
      'https://ghes.example/-OWNER-/vaunt-token-action/blob/0123456789abcdef/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'http://ghes.example',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'https://ghes.example/x',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    [
      '-OWNER-/vaunt-token-action',
      'v1',
      'x https://ghes.example',
      'https://github.com/-OWNER-/vaunt-token-action/blob/v1/'
    ],
    ['', '', '', ''],
    ['-OWNER-/vaunt-token-action', '', '', ''],
    ['', 'v1', '', ''],
    ['OWNER', 'v1', '', ''],
    ['OWNER/x/y', 'v1', '', ''],
    ['OWNER/x y', 'v1', '', ''],
    ['OWNER/x::y', 'v1', '', ''],
    ['x\nOWNER/x', 'v1', '', ''],
    ['OWNER/x\ny', 'v1', '', ''],
    ['OWNER/x', '/v1', '', ''],
    ['OWNER/x', 'v 1', '', ''],
    ['OWNER/x', 'v1::y', '', ''],
    ['OWNER/x', '\nv1', '', '']
  ])('%j at %j of %j', async (repository, ref, server, expected) => {
    const environment = {
      GITHUB_ACTION_REPOSITORY: repository,
      GITHUB_ACTION_REF: ref,
      ...(server === '' ? {} : { GITHUB_SERVER_URL: server })
    }
    expect(await linkIn(environment)).toBe(`${expected}docs/troubleshooting.md#pat-missing`)
  })
})

describe('the code of a failure', () => {
  test('goes to the toolkit where the runner gave no file: it says it in the old way', async () => {
    const probed: string[] = []
    const files = {
      probe(path: string): number {
        probed.push(path)
        return 0
      },
      cut: (): void => undefined
    }
    const world = await ran({ inputs: { pat: '' }, environment: { GITHUB_OUTPUT: '' }, world: { files } })
    expect(world.outputs).toEqual({ 'error-code': 'pat-missing' })
    expect(probed).toEqual([])
    await ran({ inputs: { pat: '' }, world: { files } })
    expect(probed).toEqual(['output.txt'])
  })

  test('is lost where that file cannot be written, and nothing else is', async () => {
    const files = {
      probe(): number {
        throw Object.assign(new Error(PAT), { code: 'ENOSPC' })
      },
      cut: (): void => undefined
    }
    const world = await ran({ inputs: { pat: '' }, world: { files } })
    expect([world.outputs, of(world, 'setFailed')]).toEqual([
      {},
      [['setFailed', expect.stringContaining('[pat-missing]')]]
    ])
  })
})

test('links of a failure lead to the server that the PAT is for', async () => {
  const world = await ran({
    inputs: { 'github-api-url': 'https://ghes.example/api/v3', 'vaunt-api-url': 'https://vaunt.ghes.example' },
    stages: { user: { status: 401, body: { message: 'Bad credentials' } } }
  })
  expect(annotation(world)).toContain('https://ghes.example/settings/personal-access-tokens')
})
