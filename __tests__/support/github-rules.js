// Enforces the rules of a remote like GitHub does. Git runs this file as its `update` hook: it refuses what the rulesets of this repository forbid, and what GitHub doesn't allow a workflow to do. The variable PUSHER says who pushes.
//
// github-rules.js FOLDER-OF-RULESETS REF OLD NEW

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const [folder, ref, old, next] = process.argv.slice(2)
const pusher = process.env['PUSHER']
const NONE = '0'.repeat(40)

/** The roles that a bypass list knows by number, and whom a pull request is merged by. */
const ROLES = { maintainer: [2, 5], writer: [4], workflow: [], merge: [] }
if (!Object.hasOwn(ROLES, pusher)) refuse(`nobody knows the pusher ${pusher}`)

/** What each type of rule forbids. A type that is missing here stops everything: then this hook is the poorer one. */
const FORBIDS = {
  creation: () => old === NONE,
  update: () => old !== NONE && next !== NONE,
  deletion: () => next === NONE,
  non_fast_forward: () => old !== NONE && next !== NONE && git('merge-base', old, next) !== old,
  pull_request: () => old !== NONE && pusher !== 'merge',
  // Checks run before a pull request is merged, and only there.
  required_status_checks: () => old !== NONE && pusher !== 'merge'
}

for (const name of readdirSync(folder)) {
  const ruleset = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const { include, exclude } = ruleset.conditions.ref_name
  const concerns = include.some(matches) && !exclude.some(matches)
  const bypasses = ruleset.bypass_actors.some(
    ({ actor_type: type, actor_id: id }) => type === 'RepositoryRole' && ROLES[pusher].includes(id)
  )
  if (!concerns || bypasses) continue
  for (const { type } of ruleset.rules) {
    if (FORBIDS[type] === undefined) refuse(`nobody can tell what the rule ${type} forbids`)
    if (FORBIDS[type]()) refuse(`GH013: Repository rule violations found for ${ref}: ${type} (${ruleset.name})`)
  }
}

// The token of a workflow is a GitHub App's.
if (pusher === 'workflow' && next !== NONE) {
  const changed = old === NONE ? changedAgainstEveryBranch() : changedFiles(old)
  if (changed.length > 0)
    refuse(
      `refusing to allow a GitHub App to create or update workflow \`${changed[0]}\` without \`workflows\` permission`
    )
}

/** GitHub's patterns: a star stands for anything but a slash. */
function matches(pattern) {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${expression}$`).test(ref)
}

function changedFiles(base) {
  return git('diff', '--name-only', base, next, '--', '.github/workflows')
    .split('\n')
    .filter(name => name !== '')
}

function changedAgainstEveryBranch() {
  const tips = git('for-each-ref', '--format=%(objectname)', 'refs/heads').split('\n')
  const changes = tips.map(changedFiles)
  return changes.some(files => files.length === 0) ? [] : (changes[0] ?? [])
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim()
}

function refuse(words) {
  console.error(words)
  process.exit(1)
}
