// Tests how the token action seals and opens a token.

import { describe, expect, jest, test } from '@jest/globals'
import { LIMITS } from '../../src/network/retry.ts'
import { open, seal } from '../../src/vaunt/seal.ts'
import { runAction } from '../../src/actions/run.ts'
import { createClient } from '../../src/actions/client.ts'
import { quote } from '../support/failures.ts'
import { ADMIN } from '../support/github.ts'
import { PAT, SEAL_KEY, SEAL_KEY_BYTES } from '../support/secrets.ts'
import { createWorld, NOW } from '../support/staged-world.ts'
import type { StagedWorld, WorldOptions } from '../support/staged-world.ts'
import { annotation, endless, EXPIRES_AT, of, ran, RUN, token } from '../support/token-runs.ts'

describe('sealing', () => {
  test('adds one output, for this run, and changes nothing else', async () => {
    const headers = { 'github-authentication-token-expiration': '2099-12-30 10:15:26 UTC' }
    const stages = { user: { ...ADMIN.user, headers } }
    const plain = await ran({ stages })
    const world = await ran({ stages, inputs: { 'seal-key': SEAL_KEY } })
    const { 'sealed-token': sealed = '', ...others } = world.outputs
    expect(others).toEqual(plain.outputs)
    expect(await open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual({
      token,
      entity: 'Acme-Labs',
      entityType: 'organization',
      attestedBy: 'Mona',
      patExpiresAt: new Date('2099-12-30T10:15:26Z')
    })
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: Date.parse(EXPIRES_AT) + 60_000 })
    ).rejects.toHaveProperty('code', 'sealed-token-expired')
    expect(world.effects.at(-2)).toEqual(['setOutput', 'sealed-token', sealed])
    expect(of(plain, 'seal')).toEqual([])
  })

  test('holds for six hours when the token names no end', async () => {
    const world = await ran({
      inputs: { 'seal-key': SEAL_KEY },
      stages: { vaunt: { body: { data: { token: endless } } } }
    })
    const sealed = world.outputs['sealed-token'] ?? ''
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * 3_600_000 + 59_000 })
    ).resolves.toMatchObject({
      token: endless
    })
    await expect(
      open(sealed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * 3_600_000 + 60_000 })
    ).rejects.toHaveProperty('code', 'sealed-token-expired')
  })

  test.each(['GITHUB_REPOSITORY', 'GITHUB_RUN_ID'])(
    'is refused without %s, for it would bind to nothing',
    async name => {
      for (const value of [undefined, '']) {
        const world = await ran({ inputs: { 'seal-key': SEAL_KEY }, environment: { [name]: value } })
        expect(world.outputs['error-code']).toBe('runner-files-unusable')
        expect(annotation(world)).toContain(`The runner didn't set the environment variable ${name}`)
        expect(of(world, 'createClient')).toEqual([])
      }
    }
  )
})

describe('opening', () => {
  const patExpiresAt = new Date('2099-12-30T10:15:26Z')

  function sealed(changes: Record<string, unknown> = {}): Promise<string> {
    const contents = {
      token,
      entity: 'Acme-Labs',
      entityType: 'organization',
      attestedBy: 'Mona',
      patExpiresAt
    } as const
    return seal(
      { ...contents, ...changes },
      { key: SEAL_KEY_BYTES, run: RUN, expiresAt: new Date(EXPIRES_AT), now: NOW }
    )
  }

  function opening(text: string, options: WorldOptions = {}): Promise<StagedWorld> {
    const inputs = { pat: '', 'seal-key': SEAL_KEY, 'sealed-token': text, ...options.inputs }
    return ran({ ...options, inputs })
  }

  test('needs neither PAT nor network: every effect, in order', async () => {
    const text = await sealed()
    const world = await opening(text, { inputs: { 'export-env': 'VAUNT_TOKEN' } })
    expect(world.effects).toEqual([
      ['setSecret', SEAL_KEY],
      ['open'],
      ['setSecret', token],
      ['info', 'Opened a sealed token for organization Acme-Labs, verified as Mona.'],
      ['setOutput', 'token', token],
      ['setOutput', 'expires-at', EXPIRES_AT],
      ['setOutput', 'entity', 'Acme-Labs'],
      ['setOutput', 'entity-type', 'organization'],
      ['setOutput', 'attested-by', 'Mona'],
      ['setOutput', 'pat-expires-at', '2099-12-30T10:15:26.000Z'],
      ['setOutput', 'sealed-token', text],
      ['exportVariable', 'VAUNT_TOKEN', token],
      ['info', `The Vaunt token is valid until ${EXPIRES_AT}.`]
    ])
  })

  test('reads no PAT, even if there is one', async () => {
    const world = await opening(await sealed(), { inputs: { pat: PAT }, environment: { VAUNT_PAT: PAT } })
    expect(world.outputs).toMatchObject({ token })
    expect(world.effects.flat()).not.toContain(PAT)
  })

  test('another run, another key, a later time', async () => {
    const text = await sealed()
    const other = Buffer.alloc(32, 7).toString('base64')
    const codes = await Promise.all([
      opening(text, { environment: { GITHUB_RUN_ID: '4712' } }),
      opening(text, { inputs: { 'seal-key': other } }),
      opening(text, { now: Date.parse(EXPIRES_AT) + 60_000 }),
      opening('nonsense'),
      opening(text, { inputs: { 'seal-key': '' } })
    ])
    expect(codes.map(world => world.outputs['error-code'])).toEqual([
      'sealed-token-invalid',
      'sealed-token-invalid',
      'sealed-token-expired',
      'sealed-token-invalid',
      'seal-key-invalid'
    ])
    for (const world of codes) annotation(world)
  })

  test('in no run at all is a mistake', async () => {
    const world = await opening(await sealed(), { environment: { GITHUB_REPOSITORY: '' } })
    expect(annotation(world)).toContain("The runner didn't set the environment variable GITHUB_REPOSITORY")
  })

  test('what was sealed by somebody else is printed as one harmless line', async () => {
    const odd = 'x\n::add-mask::y ##[error]z'
    const world = await opening(await sealed({ entity: odd, attestedBy: odd }))
    expect(of(world, 'info')[0]).toEqual([
      'info',
      'Opened a sealed token for organization x : :add-mask: :y # #[error]z, verified as x : :add-mask: :y # #[error]z.'
    ])
  })

  test('a sealed word that is no token is masked all the same, and refused', async () => {
    const world = await opening(await sealed({ token: 'word' }))
    expect(of(world, 'setSecret')).toEqual([
      ['setSecret', SEAL_KEY],
      ['setSecret', 'word']
    ])
    expect(annotation(world)).toContain("Input 'sealed-token' isn't a sealed token.")
    expect(world.outputs['error-code']).toBe('sealed-token-invalid')
  })

  test('a sealed token of several lines, or one that nobody signed, is refused', async () => {
    for (const inside of [`${token}\n::error::x`, token.replace(/[^.]*$/, ''), await sealed()]) {
      const world = await opening(await sealed({ token: inside }))
      expect(world.outputs).toEqual({ 'error-code': 'sealed-token-invalid' })
    }
  })

  test('warns of the end of the PAT as well', async () => {
    const world = await opening(await sealed({ patExpiresAt: new Date(NOW + 86_400_000) }))
    expect(of(world, 'warning')).toHaveLength(1)
  })
})

describe('a seal that holds a secret by chance', () => {
  /** Seals to these texts, one after the other; the last one again and again. */
  function sealingTo(...texts: string[]): {
    readonly options: WorldOptions
    readonly seal: ReturnType<typeof jest.fn>
  } {
    let turn = 0
    const seal = jest.fn(() => Promise.resolve(texts[Math.min(turn++, texts.length - 1)] ?? ''))
    return { options: { inputs: { 'seal-key': SEAL_KEY }, world: { sealing: { seal, open } } }, seal }
  }

  test('is made anew, since the runner drops an output with a masked value', async () => {
    const { options, seal } = sealingTo(`x${PAT}x`, `x${token}x`, 'clean', 'never')
    const world = await ran(options)
    expect(world.outputs['sealed-token']).toBe('clean')
    expect(of(world, 'warning')).toEqual([])
    expect(seal).toHaveBeenCalledTimes(3)
  })

  test('is not made anew for ever', async () => {
    const { options, seal } = sealingTo(`x${PAT}x`)
    const world = await ran(options)
    expect(seal).toHaveBeenCalledTimes(101)
    expect(of(world, 'warning').flat().join()).toContain('The runner will not pass the sealed token to another job')
  })
})

describe('the client', () => {
  test('knows whether NODE_EXTRA_CA_CERTS was read, and has the limits of the action unless others are given', async () => {
    const world = createWorld({ environment: { NODE_EXTRA_CA_CERTS: '/ca.pem' }, world: { readFile: () => 'no PEM' } })
    await runAction(world, session => {
      createClient(session)
      expect(world.clientOptions()).not.toHaveProperty('limits')
      expect(world.clientOptions().extraCa?.()).toBe('no-pem')
      createClient(session, { ...LIMITS, attempts: 1 })
      expect(world.clientOptions().limits).toEqual({ ...LIMITS, attempts: 1 })
      return Promise.resolve()
    })
    expect(world.printed()).toEqual([])
  })

  test('tells of the end of an API, and of the store of the system, once in a run with several clients', async () => {
    const world = createWorld()
    await runAction(world, session => {
      for (let count = 0; count < 2; count++) {
        createClient(session)
        const { onAnswer, onSystemStore } = world.clientOptions()
        const headers = { sunset: `Fri, 1${count} Mar 2028 00:00:00 GMT` }
        onAnswer?.({ status: 200, headers: {}, body: '' }, 'GitHub')
        onAnswer?.({ status: 200, headers, body: '' }, 'GitHub')
        onAnswer?.({ status: 200, headers, body: '' }, 'Vaunt')
        onSystemStore?.(quote('a.example'))
        onSystemStore?.(quote('b.example'))
      }
      return Promise.resolve()
    })
    expect(of(world, 'warning', 'info')).toEqual([
      ['warning', expect.stringContaining('stops working at 2028-03-10T00:00:00.000Z')],
      ['info', expect.stringContaining('a.example')]
    ])
  })
})
