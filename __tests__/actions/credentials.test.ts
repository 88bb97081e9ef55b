// Tests how the card and report actions get their token: with one credential, masked, and checked before anything is sent.

import { describe, expect, test } from '@jest/globals'
import { runAction } from '../../src/actions/run.ts'
import type { Session } from '../../src/actions/run.ts'
import { getToken, readCredentials } from '../../src/actions/credentials.ts'
import type { Credentials, EntityToken } from '../../src/actions/credentials.ts'
import { forgeToken, PAT, SEAL_KEY, SEAL_KEY_BYTES, signToken } from '../support/secrets.ts'
import { createWorld, NOW } from '../support/staged-world.ts'
import type { StagedWorld, WorldOptions } from '../support/staged-world.ts'

const TOKEN = forgeToken({ alg: 'ES256' }, { sub: 'x' })

interface Seen {
  readonly world: StagedWorld
  readonly credentials?: Credentials
  readonly granted?: EntityToken
}

/** Takes the inputs and gets the token, within a step. */
async function obtain(inputs: WorldOptions['inputs'], options: WorldOptions = {}, isOptional = false): Promise<Seen> {
  const world = createWorld({ inputs: { pat: '', ...inputs }, ...options })
  let credentials: Credentials | undefined
  let granted: EntityToken | undefined
  await runAction(world, async (session: Session) => {
    credentials = readCredentials(session, isOptional)
    granted = await getToken(session, credentials)
  })
  return { world, ...(credentials && { credentials }), ...(granted && { granted }) }
}

const failures = ({ world }: Seen): string[] =>
  world.effects.filter(([name]) => name === 'setFailed').map(([, message = '']) => message)
const masked = ({ world }: Seen): string[] =>
  world.effects.filter(([name]) => name === 'setSecret').map(([, secret = '']) => secret)
const sent = ({ world }: Seen): boolean => world.effects.some(([name]) => name === 'get')

describe('a token of an earlier step', () => {
  test('is used as it is, for the entity that is named', async () => {
    const seen = await obtain({ token: ` ${TOKEN}\n`, entity: 'octo-org' })
    expect(seen.granted).toEqual({ token: TOKEN, entity: 'octo-org' })
    expect(masked(seen)).toEqual([TOKEN])
    expect(sent(seen)).toBe(false)
  })

  test('is for the owner of the repository when none is named', async () => {
    expect((await obtain({ token: TOKEN })).granted?.entity).toBe('Acme-Labs')
  })

  test.each([
    [PAT, 'contains a GitHub personal access token'],
    ['github_pat_LOUDFAKE', 'contains a GitHub personal access token'],
    ['LOUDFAKE-LOUDFAKE', "isn't a Vaunt token"],
    ['LOUDFAKE.LOUDFAKE.LOUDFAKE', "isn't a Vaunt token"]
  ])('that is none (%s) is refused, masked and not sent', async (token, words) => {
    const seen = await obtain({ token, entity: 'acme-labs' })
    expect(failures(seen)).toEqual([expect.stringMatching(new RegExp(`${words}.*\\[token-malformed\\]`))])
    expect(masked(seen)).toContain(token)
    expect(failures(seen).join('')).not.toContain('LOUDFAKE')
    expect(sent(seen)).toBe(false)
  })

  test('is used for the owner as GitHub spells it, whatever the letter case of the entity', async () => {
    expect((await obtain({ token: TOKEN, entity: 'ACME-labs' })).granted?.entity).toBe('Acme-Labs')
  })

  test('that is a word such as null is not masked: every null of the log would go', async () => {
    const seen = await obtain({ token: 'null', entity: 'acme-labs' })
    expect([masked(seen), failures(seen).length]).toEqual([[], 1])
  })

  test('with a wrong entity and a wrong address: all of it in one annotation', async () => {
    const seen = await obtain({ token: 'x', entity: '..', 'vaunt-api-url': 'http://vaunt.example' })
    const [message = ''] = failures(seen)
    for (const code of ['token-malformed', 'entity-invalid', 'url-invalid']) expect(message).toContain(code)
  })
})

describe('every input', () => {
  test('is trimmed, and white space alone is none', async () => {
    const seen = await obtain({ pat: ' \n', token: `\t${TOKEN} `, 'sealed-token': '  ', entity: ' octo-org\n' })
    expect(seen.granted).toEqual({ token: TOKEN, entity: 'octo-org' })
    const exchanged = await obtain({ pat: ` ${PAT}\n`, token: ' ' })
    expect(masked(exchanged)[0]).toBe(PAT)
  })

  test('of a token has its place in the annotation when several are wrong', async () => {
    expect(failures(await obtain({ token: 'x', entity: '..' }))[0]).toMatch(/\(1\) 'token': .*\(2\) 'entity': /)
  })

  test.each([11, 12, 13])('a token of %i characters is masked from 12 on', async length => {
    const token = 'L'.repeat(length)
    expect(masked(await obtain({ token })).includes(token)).toBe(length >= 12)
  })

  test.each(['xghp_LOUDFAKE', 'LOUDFAKE.ghp_x'])('%s only looks like a PAT', async token => {
    expect(failures(await obtain({ token }))[0]).toContain("isn't a Vaunt token")
  })

  test('the address of Vaunt is handed on without its last slash, whichever credential is given', async () => {
    const url = { 'vaunt-api-url': 'https://vaunt.example/base/' }
    expect((await obtain({ token: TOKEN, ...url })).credentials?.vauntApiUrl).toBe('https://vaunt.example/base')
    expect((await obtain({ pat: PAT, ...url })).credentials).toMatchObject({
      vauntApiUrl: 'https://vaunt.example/base',
      entity: 'Acme-Labs'
    })
  })

  test('an entity that is empty, with no owner to use instead, is wrong for a token', async () => {
    const seen = await obtain({ token: TOKEN }, { environment: { GITHUB_REPOSITORY_OWNER: '' } })
    expect(failures(seen)[0]).toContain('[entity-invalid]')
  })

  test('what fails in the token itself is told by the code, and the evidence is empty', async () => {
    const seen = await obtain({ token: 'e30.e30.LOUDFAKE' })
    expect(failures(seen)[0]).toMatch(/isn't a Vaunt token.*\(JWT\)\..*\[token-malformed\]/)
  })
})

describe('a PAT', () => {
  test('is attested and exchanged as the token step does it', async () => {
    const token = await signToken({ exp: Math.floor(NOW / 1000) + 3600 })
    const seen = await obtain({ pat: PAT, entity: 'acme-labs' }, { stages: { vaunt: { body: { data: { token } } } } })
    expect(seen.granted).toMatchObject({ token, entity: 'Acme-Labs' })
    expect(masked(seen)).toEqual([PAT, token])
  })

  test('is attested at the GitHub that is given', async () => {
    const urls = { 'github-api-url': 'https://ghe.example/api/v3/', 'vaunt-api-url': 'https://vaunt.example' }
    const { credentials } = await obtain({ pat: PAT, ...urls })
    expect(credentials?.credential).toMatchObject({ mode: 'exchange', githubApiUrl: 'https://ghe.example/api/v3' })
  })

  test('may come from VAUNT_PAT, unless another credential is named', async () => {
    const environment = { VAUNT_PAT: PAT }
    expect((await obtain({}, { environment })).credentials?.credential).toMatchObject({ mode: 'exchange', pat: PAT })
    const named = await obtain({ token: TOKEN }, { environment })
    expect(named.credentials?.credential).toEqual({ mode: 'token', token: TOKEN })
    expect(masked(named)).toContain(PAT)
  })

  test('that is not there, with a key to seal with: the sealed token is missing', async () => {
    const [message] = failures(await obtain({ 'seal-key': SEAL_KEY }))
    expect(message).toMatch(/^Input 'seal-key' is set, .*\[sealed-token-missing\]/)
    const dependabot = { GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'dependabot[bot]' }
    const [again] = failures(await obtain({ 'seal-key': SEAL_KEY }, { environment: dependabot }))
    expect(again).toMatch(/^This run was started by Dependabot/)
  })

  test('is used although there is a key, as for whoever passes on all secrets, and nothing is sealed', async () => {
    const token = await signToken({ exp: Math.floor(NOW / 1000) + 3600 })
    const seen = await obtain({ pat: PAT, 'seal-key': SEAL_KEY }, { stages: { vaunt: { body: { data: { token } } } } })
    expect(seen.granted?.token).toBe(token)
    expect(masked(seen)).toContain(SEAL_KEY)
    expect(seen.world.printed()).toContain(
      "Input 'seal-key' is set without 'sealed-token', so the action uses the PAT."
    )
    expect(seen.world.effects).not.toContainEqual(['seal'])
  })

  test('that is missing is named, with the other ways', async () => {
    const [message] = failures(await obtain({}))
    expect(message).toMatch(
      /^No credential .* 'token', 'sealed-token', and 'pat' .*VAUNT_PAT are empty\. .* check its result and the expression .*\[pat-missing\]/
    )
  })
})

describe('a sealed token', () => {
  async function sealed(): Promise<string> {
    const { seal } = await import('../../src/vaunt/seal.ts')
    const contents = { token: TOKEN, entity: 'Acme-Labs', entityType: 'organization', attestedBy: 'Mona' } as const
    return seal(
      { ...contents, patExpiresAt: undefined },
      { key: SEAL_KEY_BYTES, run: 'Acme-Labs/anvil/4711', now: NOW, expiresAt: undefined }
    )
  }

  test('is opened, and says whom it is for', async () => {
    const seen = await obtain(
      { 'sealed-token': await sealed(), 'seal-key': SEAL_KEY },
      { environment: { GITHUB_REPOSITORY_OWNER: 'other' } }
    )
    expect(seen.granted).toEqual({ token: TOKEN, entity: 'Acme-Labs' })
    expect(masked(seen)).toContain(TOKEN)
    expect(sent(seen)).toBe(false)
  })

  test('may be used for an entity that is named', async () => {
    const seen = await obtain({ 'sealed-token': await sealed(), 'seal-key': SEAL_KEY, entity: 'mona' })
    expect(seen.granted?.entity).toBe('mona')
  })

  test('is used for its account as GitHub spells it, whatever the letter case of the entity', async () => {
    const seen = await obtain({ 'sealed-token': await sealed(), 'seal-key': SEAL_KEY, entity: 'ACME-labs' })
    expect(seen.granted?.entity).toBe('Acme-Labs')
  })

  test('needs the run that it is bound to', async () => {
    const seen = await obtain(
      { 'sealed-token': await sealed(), 'seal-key': SEAL_KEY },
      { environment: { GITHUB_RUN_ID: '' } }
    )
    expect(failures(seen)[0]).toContain('GITHUB_RUN_ID')
  })
})

test.each<[NonNullable<WorldOptions['inputs']>, string]>([
  [{ pat: PAT, token: TOKEN }, "'pat' and 'token'"],
  [{ token: TOKEN, 'sealed-token': 'x' }, "'token' and 'sealed-token'"],
  [{ pat: PAT, token: TOKEN, 'sealed-token': 'x' }, "'pat', 'token', and 'sealed-token'"]
])('more than one credential is refused (%#), and every secret is masked', async (inputs, words) => {
  const seen = await obtain(inputs)
  expect(failures(seen)).toEqual([expect.stringContaining(`Inputs ${words} are set together`)])
  for (const secret of [inputs.pat, inputs.token]) if (secret !== undefined) expect(masked(seen)).toContain(secret)
  expect(sent(seen)).toBe(false)
})

describe('without a credential', () => {
  test('a step that can do without one asks about the owner of the repository, as GitHub spells it', async () => {
    const { world, credentials, granted } = await obtain({ entity: 'acme-labs' }, {}, true)
    expect([credentials?.credential, granted]).toEqual([{ mode: 'none' }, { token: undefined, entity: 'Acme-Labs' }])
    expect(sent({ world })).toBe(false)
  })

  test.each([
    ['a step that needs one says so', {}, false, 'pat-missing'],
    ['a key shows that a sealed token was meant', { 'seal-key': SEAL_KEY }, true, 'sealed-token-missing'],
    ['the entity is still checked', { entity: 'a/b' }, true, 'entity-invalid'],
    ['the address is still checked', { 'vaunt-api-url': 'http://vaunt.example' }, true, 'url-invalid']
  ])('%s', async (_, inputs, isOptional, code) => {
    expect((await obtain(inputs, {}, isOptional)).world.outputs).toEqual({ 'error-code': code })
  })

  test.each([{ pat: PAT }, { token: TOKEN }])('one that is given is used all the same', async inputs => {
    expect((await obtain(inputs, {}, true)).credentials?.credential.mode).not.toBe('none')
  })
})
