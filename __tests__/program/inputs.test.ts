// Tests what each input of action.yml does, with the built action in the sandbox's runner. Invalid inputs are tested in failures.test.ts.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { githubModel } from '../../sandbox/github/github.ts'
import { PATS } from '../../sandbox/github/population.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startServer } from '../../sandbox/network/server.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { createVaunt } from '../../sandbox/vaunt/vaunt.ts'
import { metadata } from '../docs/names-in-code.ts'
import { asUser, expectFailure } from './action-step.ts'

let sandbox: Sandbox
/** Others than those of the sandbox, with the same certificate. */
let otherGithub: StagedServer
let otherVaunt: StagedServer

beforeAll(async () => {
  sandbox = await startSandbox()
  const { population, certificates } = sandbox
  const certificate = certificates.server
  otherGithub = await startServer({ model: githubModel(population), certificate })
  otherVaunt = await startServer({ model: (await createVaunt(population)).answer, certificate })
})
afterEach(() => {
  for (const each of [sandbox, otherGithub, otherVaunt]) each.reset()
})
afterAll(async () => {
  await Promise.all([sandbox, otherGithub, otherVaunt].map(each => each.stop()))
})

const SEAL_KEY = Buffer.alloc(32, 7).toString('base64')

/** Runs the step for Mona, who owns the repository, with more inputs. */
async function succeeds(inputs: Readonly<Record<string, string>>, more: StepOptions = {}): Promise<StepResult> {
  const github = { repository_owner: 'Mona', api_url: sandbox.github.url }
  const options = asUser({ github, ...more, with: inputs })
  const result = await sandbox.runStep(options)
  expect({ conclusion: result.conclusion, log: result.log }).toMatchObject({ conclusion: 'success' })
  return result
}

/** For each input: what comes of giving it, and what of leaving it empty. */
const EFFECTS: Readonly<Record<string, () => Promise<void>>> = {
  async pat() {
    const given = await succeeds({ pat: PATS.hubotFineGrained.token, entity: 'hubot' })
    expect(given.outputs).toMatchObject({ 'attested-by': 'hubot' })
    const mapped = await succeeds({ pat: '' }, { env: { VAUNT_PAT: PATS.monaFineGrained.token } })
    expect(mapped.outputs).toMatchObject({ 'attested-by': 'Mona' })
    const both = await succeeds({}, { env: { VAUNT_PAT: PATS.hubotFineGrained.token } })
    expect(both.outputs).toMatchObject({ 'attested-by': 'Mona' })
  },

  async entity() {
    const given = await succeeds({ pat: PATS.monaForAcme.token, entity: 'acme-labs' })
    expect(given.outputs).toMatchObject({ entity: 'Acme-Labs', 'entity-type': 'organization' })
    const empty = await succeeds({ entity: '' })
    expect(empty.outputs).toMatchObject({ entity: 'Mona', 'entity-type': 'user' })
  },

  async 'export-env'() {
    const given = await succeeds({ 'export-env': 'VAUNT_TOKEN' })
    expect(given.env).toEqual({ VAUNT_TOKEN: given.outputs['token'] })
    expect((await succeeds({ 'export-env': '' })).env).toEqual({})
  },

  async 'seal-key'() {
    const given = await succeeds({ 'seal-key': SEAL_KEY })
    expect(given.outputs['sealed-token']).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(given.masks).toContain(SEAL_KEY)
    expect(Object.keys((await succeeds({ 'seal-key': '' })).outputs)).not.toContain('sealed-token')
  },

  async 'sealed-token'() {
    const minted = await succeeds({ 'seal-key': SEAL_KEY })
    const sealed = minted.outputs['sealed-token'] ?? ''
    const asked = sandbox.github.requests.length
    const given = await succeeds({ pat: '', 'seal-key': SEAL_KEY, 'sealed-token': sealed })
    expect(given.outputs['token']).toBe(minted.outputs['token'])
    expect(sandbox.github.requests).toHaveLength(asked)
    // Empty: the PAT gets a new token.
    const empty = await succeeds({ 'seal-key': SEAL_KEY, 'sealed-token': '' })
    expect(empty.outputs['token']).not.toBe(minted.outputs['token'])
    expect(sandbox.github.requests.length).toBeGreaterThan(asked)
  },

  async 'vaunt-api-url'() {
    await succeeds({ 'vaunt-api-url': otherVaunt.url })
    expect([sandbox.vaunt.requests.length, otherVaunt.requests.length]).toEqual([0, 1])
    // Empty: Vaunt's own service, which the PAT of another GitHub must never reach.
    expectFailure(await sandbox.runStep(asUser({ with: { 'vaunt-api-url': '' } })), 'host-unsupported')
  },

  async 'github-api-url'() {
    await succeeds({ 'github-api-url': otherGithub.url })
    expect([sandbox.github.requests.length > 0, otherGithub.requests.length > 0]).toEqual([false, true])
    otherGithub.reset()
    // Empty: the GitHub that runs the workflow.
    await succeeds({ 'github-api-url': '' })
    expect([sandbox.github.requests.length > 0, otherGithub.requests.length > 0]).toEqual([true, false])
  }
}

test('every input of action.yml is here, and no other', () => {
  expect(Object.keys(EFFECTS)).toEqual(Object.keys(metadata().inputs))
})

test.each(Object.entries(EFFECTS))('%s does what action.yml says, and nothing when it is empty', async (_, show) => {
  await show()
})
