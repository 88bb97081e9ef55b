// Proves the comparison that self-test.yml ends in: it passes with what the action puts out, fails with anything else, and shows no token.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PATS } from '../../sandbox/github/population.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { readWorkflow, ROOT, start } from './steps.ts'

describe('the comparison of the self-test', () => {
  let sandbox: Sandbox
  let outputs: Record<string, string>
  const SEAL_KEY = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='

  beforeAll(async () => {
    sandbox = await startSandbox()
    // The steps of self-test.yml.
    const user = await sandbox.runStep({ with: { pat: PATS.monaFineGrained.token, entity: 'MONA' } })
    const organization = await sandbox.runStep({
      env: { VAUNT_PAT: PATS.monaForAcme.token },
      with: { entity: 'acme-labs', 'export-env': 'VAUNT_TOKEN', 'seal-key': SEAL_KEY }
    })
    const sealed = organization.outputs['sealed-token'] ?? ''
    const opened = await sandbox.runStep({ with: { 'sealed-token': sealed, 'seal-key': SEAL_KEY } })
    const member = await sandbox.runStep({ with: { pat: PATS.hubotFineGrained.token, entity: 'acme-labs' } })
    outputs = {
      USER_OUTPUTS: JSON.stringify(user.outputs),
      ORGANIZATION_OUTPUTS: JSON.stringify(organization.outputs),
      OPENED_OUTPUTS: JSON.stringify(opened.outputs),
      MEMBER_OUTPUTS: JSON.stringify(member.outputs),
      MEMBER_OUTCOME: member.conclusion,
      VAUNT_TOKEN: organization.env['VAUNT_TOKEN'] ?? ''
    }
  })
  afterAll(() => sandbox.stop())

  const compare = (changed: Record<string, string> = {}): ReturnType<typeof start> =>
    start(process.execPath, [join(ROOT, 'tools/self-test.js')], ROOT, { ...process.env, ...outputs, ...changed })

  test('gets its report with the token, whoever owns the repository', async () => {
    const { steps = [] } = readWorkflow('.github/workflows/self-test.yml').jobs['use'] ?? {}
    const values = steps.find(({ id }) => id === 'report')?.with ?? {}
    const organization = JSON.parse(outputs['ORGANIZATION_OUTPUTS'] ?? '') as Record<string, string>
    const given = Object.entries(values).map(([name, value]): [string, string] => [
      name,
      String(value).replace(
        /\$\{\{ steps\.organization\.outputs\.([\w-]+) \}\}/,
        (_, output: string) => organization[output] ?? ''
      )
    ])
    const result = await sandbox.runStep({
      with: { ...Object.fromEntries(given), 'vaunt-api-url': sandbox.vaunt.url },
      github: { repository_owner: 'someone-else' },
      actionFile: join(ROOT, 'repositories-report/action.yml')
    })
    expect(result.outputs).toMatchObject({ count: '7', 'private-count': '4' })
  })

  test('passes with what the action puts out', async () => {
    const { code, log } = await compare()
    expect(log.split('\n').filter(line => line !== '')).toEqual(
      Array(5).fill(expect.stringMatching(/^As it should be/))
    )
    expect(code).toBe(0)
  })

  test.each([
    ['USER_OUTPUTS', '{}', 'the user'],
    ['ORGANIZATION_OUTPUTS', '{}', 'the organization'],
    ['OPENED_OUTPUTS', '{}', 'the opened token'],
    ['MEMBER_OUTPUTS', '{"error-code":"internal"}', 'the member'],
    ['MEMBER_OUTCOME', 'success', 'the member'],
    ['VAUNT_TOKEN', '', 'the environment variable']
  ])('fails with another %s, and shows no token', async (name, value, what) => {
    const { code, log } = await compare({ [name]: value })
    expect(code).toBe(1)
    expect(log).toContain(`::error::Not as it should be: ${what}.`)
    for (const token of sandbox.vaunt.model.tokens) expect(log).not.toContain(token)
  })
})
