// Proves that readers find docs/troubleshooting.md by every code and by GitHub's own error texts, and that its commands show no secret. Doesn't prove that a fix works.

import { describe, expect, test } from '@jest/globals'
import { attest } from '../../src/attestation/attest.ts'
import type { Request } from '../../src/network/failure.ts'
import type { Reader } from '../../src/github/octokit.ts'
import { LIMITS } from '../../src/network/retry.ts'
import { judge } from '../../src/network/answer.ts'
import { failureOf, quote } from '../support/failures.ts'
import { codes } from './names-in-code.ts'
import { codeBlocks, links, quotes, read, sections, tables } from './markdown.ts'
import type { Section } from './markdown.ts'

const MEMBERSHIP = 'GET /user/memberships/orgs/{org}'

const guide = read('docs/troubleshooting.md')
const all = sections(guide)

function section(heading: string): Section {
  const found = all.find(candidate => candidate.heading === heading)
  if (!found) throw new Error(`docs/troubleshooting.md has no section "${heading}"`)
  return found
}

/** The errors that the reusable workflows print before they start the action. */
function saidByWorkflows(code: string): string[] {
  const texts = ['vaunt-token', 'contributors-card', 'repositories-report'].map(name =>
    read(`.github/workflows/${name}.yml`)
  )
  return texts.flatMap(text =>
    [...text.matchAll(/::error::(.*)'$/gm)].map(([, said = '']) => said).filter(said => said.includes(`[${code}]`))
  )
}

test('the workflows name a code in each error, with the link to its section', () => {
  const said = codes().flatMap(code => saidByWorkflows(code).map(text => ({ code, text })))
  expect(said).toHaveLength(5)
  for (const { code, text } of said) {
    expect(text).toMatch(
      new RegExp(
        `\\[${code}\\] https://github\\.com/[\\w-]+/vaunt-token-action/blob/v1/docs/troubleshooting\\.md#${code}$`
      )
    )
  }
})

test.each(codes())('%s has one section, with the anchor that messages link to and a command', code => {
  const own = all.filter(({ heading }) => heading === code)
  expect(own.map(({ anchor }) => anchor)).toEqual([code])
  expect(codeBlocks(section(code).text).map(block => block.language)).toContain('bash')
})

test('has no section for a code that does not exist', () => {
  const named = all.map(({ heading }) => heading).filter(heading => /^[a-z]+(?:-[a-z]+)+$/.test(heading))
  expect(named.filter(heading => !codes().includes(heading))).toEqual([])
})

describe('the messages that sections quote', () => {
  // GitHub and Vaunt have many messages in common, of which the reviewed ones name either.
  const common = (text: string): string => text.replace(/\b(?:GitHub|Vaunt)\b/g, 'SERVICE')
  const reviewed = read('__tests__/errors/__snapshots__/catalogue.test.ts.snap').split('\n')
  const quoted = codes().flatMap(code => quotes(section(code).text).map(text => [code, text] as const))

  test('are there, in every section', () => {
    expect(codes().filter(code => !quoted.some(([quotedCode]) => quotedCode === code))).toEqual([])
  })

  test.each(quoted)('of %s: the action prints "%s"', (code, text) => {
    const pattern = new RegExp(
      common(text)
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('…', '.*')
    )
    expect([...reviewed, ...saidByWorkflows(code)].filter(message => pattern.test(common(message)))).not.toEqual([])
  })
})

describe('the index', () => {
  const rows = tables(guide).flat()

  // The texts that GitHub refuses with, each in the answer to the read that it refuses.
  test.each([
    ['Bad credentials', 401, 'GET /user'],
    ['Resource not accessible by personal access token', 403, MEMBERSHIP],
    ['You do not have access to this organization membership.', 403, MEMBERSHIP],
    ['Resource not accessible by integration', 403, 'GET /user'],
    ['Not Found', 404, 'GET /users/{username}'],
    ['Not Found', 404, MEMBERSHIP],
    ['Resource protected by organization SAML enforcement', 403, MEMBERSHIP],
    ['forbids access via a personal access token (classic)', 403, MEMBERSHIP],
    ['forbids access via a personal access token with fine-grained permissions', 403, MEMBERSHIP],
    [
      "forbids access via a fine-grained personal access tokens if the token's lifetime is greater than",
      403,
      MEMBERSHIP
    ],
    ['has an IP allow list enabled, and your IP address is not permitted', 403, MEMBERSHIP],
    ['Your account was suspended', 403, 'GET /user'],
    ['API rate limit exceeded for user ID', 403, 'GET /user'],
    ['You have exceeded a secondary rate limit', 403, MEMBERSHIP]
  ])('leads from "%s" (%i to %s) to the code that it ends in', async (text, status, refused) => {
    const [, target = ''] = rows.find(([literal]) => literal === `\`${text}\``) ?? []
    const { code } = await failureOf(() => attest(refusing(refused, status, text), 'acme', quote))
    expect(links(target)).toContain(`#${code}`)
  })

  test.each([
    "The nested job '…' is requesting '…', but is only allowed '…'",
    'because all actions must be pinned to a full-length commit SHA',
    'is not allowed to be used in …. Actions in this workflow must be: …',
    'because all actions must be from a repository owned by your enterprise, created by GitHub, …',
    'Unable to resolve action …, unable to find version …',
    'Unable to resolve action …, repository not found',
    'error parsing called workflow … workflow was not found',
    'Unexpected input(s) …, valid inputs are …',
    "Can't find 'action.yml'",
    "This scheduled workflow is disabled because there hasn't been activity in this repository for at least 60 days"
  ])('leads from "%s", which GitHub says before a step of ours runs, to something to do', text => {
    const [, solution = ''] = rows.find(([literal]) => literal?.includes(text)) ?? []
    // A page, a setting, or a command.
    expect(solution).toMatch(/\]\(\S+\)|\*\*Settings > |`gh /)
  })

  test("leads from the runner's own words to a section about them", () => {
    const [, target = ''] = rows.find(([literal]) => literal?.includes('Skip output')) ?? []
    expect(links(target).map(link => link.slice(1))).toEqual([
      all.find(({ heading }) => heading.includes('Skip output'))?.anchor
    ])
  })
})

describe('commands', () => {
  const commands = codeBlocks(guide).filter(block => block.language === 'bash')

  test('are there', () => {
    expect(commands.length).toBeGreaterThan(codes().length)
  })

  test('put no secret into the arguments of a program', () => {
    for (const { text } of commands) {
      for (const part of text.split(/[|;\n]|&&/)) {
        // printf is built into the shell; what stands before the program's name is its environment.
        const program = part.trim().replace(/^(?:\w+="\$\w+" )*/, '')
        if (!program.startsWith('printf ')) expect(program).not.toMatch(/\$(?:PAT|KEY|TOKEN)\b/)
      }
    }
  })

  test('let curl read the PAT from its input, and print neither headers it sends nor a Vaunt token', () => {
    for (const { text } of commands.filter(block => block.text.includes('curl'))) {
      if (text.includes('$PAT')) expect(text).toContain('-H @-')
      expect(text).not.toMatch(/ -\w*v\b|--verbose|--trace/)
      if (text.includes('/token')) expect(text).toContain('-o /dev/null')
    }
  })

  test('ask for a secret and use it in what the shell takes as one line', () => {
    for (const { text } of commands.filter(block => block.text.includes('read -rs'))) {
      // Else `read` would take the next pasted line for the secret.
      const [asking = ''] = text.split('\n').filter(line => line.includes('read -rs'))
      expect([asking, asking.endsWith('; \\')]).toEqual([asking, true])
    }
  })
})

/** A GitHub on which all is well for an admin of an organization, but for one read. */
function refusing(refused: string, status: number, message: string): Reader {
  const answers: Readonly<Record<string, unknown>> = {
    'GET /user': { login: 'mona', id: 1, type: 'User' },
    'GET /users/{username}': { login: 'acme', id: 2, type: 'Organization' },
    [MEMBERSHIP]: { state: 'active', role: 'admin', organization: { id: 2 }, user: { id: 1 } }
  }
  const request: Request = {
    service: 'GitHub',
    path: quote('PATH'),
    host: quote('HOST'),
    proxyHost: undefined,
    hasCredentials: false,
    limits: LIMITS,
    quote,
    extraCa: () => 'unset'
  }
  return {
    read(route) {
      const body = JSON.stringify(route === refused ? { message: `… ${message} …` } : answers[route])
      const verdict = judge({ status: route === refused ? status : 200, headers: {}, body }, request, 0)
      if ('answer' in verdict) return Promise.resolve(verdict.answer)
      return Promise.reject(verdict.failure.error({ attempts: 1, late: false, now: 0 }))
    }
  }
}
