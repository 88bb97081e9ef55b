// Contains the rules for reusable workflows that GitHub checks before any job starts, in GitHub's own words (actions/runner, src/Sdk/WorkflowParser).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { property } from '../../src/untrusted/json.ts'
import type { Job, Workflow } from './steps.ts'
import { ROOT } from './steps.ts'

const LEVELS = ['none', 'read', 'write']

/** What a job gets in a repository with the restricted default if neither the job nor its workflow declares permissions. */
const RESTRICTED = { contents: 'read', packages: 'read' }

/** Every permission that GitHub's own schema of a workflow has. */
const SCHEMA = 'node_modules/@actions/workflow-parser/dist/workflow-v1.0.min.json'
const SCOPES = namesOf(
  ['definitions', 'permissions-mapping', 'mapping', 'properties'].reduce<unknown>(
    property,
    JSON.parse(readFileSync(join(ROOT, SCHEMA), 'utf8'))
  )
)

/**
 * What keeps a run of this workflow from starting, for all reusable workflows that it calls, directly or not. Empty if it starts.
 *
 * @param load returns the workflow that a `uses:` names
 * @param defaults permissions that the repository gives to a job that declares none
 */
export function startErrors(
  { permissions, jobs }: Workflow,
  load: (uses: string) => Workflow,
  defaults: unknown = RESTRICTED
): string[] {
  return Object.values(jobs).flatMap(job => callErrors(job, job.permissions ?? permissions ?? defaults, load))
}

function callErrors(job: Job, allowed: unknown, load: (uses: string) => Workflow): string[] {
  const { uses } = job
  if (uses === undefined) return []
  const called = load(uses)
  const requests: [string, unknown][] = [
    ['The workflow', called.permissions],
    ...Object.entries(called.jobs).map(([id, { permissions }]): [string, unknown] => [
      `The nested job '${id}'`,
      permissions
    ])
  ]
  return [
    ...requests.flatMap(([who, requested]) =>
      excess(requested, allowed).map(text => `Error calling workflow '${uses}'. ${who} is requesting ${text}.`)
    ),
    ...interfaceErrors(job, property(called.on, 'workflow_call')),
    ...Object.values(called.jobs).flatMap(nested =>
      callErrors(nested, nested.permissions ?? called.permissions ?? allowed, load)
    )
  ]
}

/** The permissions that are requested but not allowed. Nothing is requested by what declares none: it gets what is allowed. */
function excess(requested: unknown, allowed: unknown): string[] {
  const exceeded = SCOPES.filter(scope => levelOf(requested, scope) > levelOf(allowed, scope))
  const list = (permissions: unknown): string =>
    exceeded.map(scope => `${scope}: ${String(LEVELS[levelOf(permissions, scope)])}`).join(', ')
  return exceeded.length === 0 ? [] : [`'${list(requested)}', but is only allowed '${list(allowed)}'`]
}

function levelOf(permissions: unknown, scope: string): number {
  const level = typeof permissions === 'string' ? permissions.replace(/-all$/, '') : property(permissions, scope)
  return Math.max(0, LEVELS.indexOf(String(level)))
}

function interfaceErrors(job: Job, call: unknown): string[] {
  return [
    ...differences('Input', property(call, 'inputs'), job.with),
    ...(job.secrets === 'inherit' ? [] : differences('Secret', property(call, 'secrets'), job.secrets))
  ]
}

/** The names that are required but not given, and those that are given but not defined. Letter case doesn't matter. */
function differences(kind: 'Input' | 'Secret', defined: unknown, given: unknown): string[] {
  const has = (map: unknown, name: string): boolean =>
    namesOf(map).some(other => other.toLowerCase() === name.toLowerCase())
  return [
    ...namesOf(defined)
      .filter(name => property(property(defined, name), 'required') === true && !has(given, name))
      .map(name => `${kind} ${name} is required, but not provided while calling.`),
    ...namesOf(given)
      .filter(name => !has(defined, name))
      .map(name => `Invalid ${kind.toLowerCase()}, ${name} is not defined in the referenced workflow.`)
  ]
}

function namesOf(map: unknown): string[] {
  return typeof map === 'object' && map !== null ? Object.keys(map) : []
}
