// Checks workflows and action metadata with GitHub's own language service. It is a separate program, because the service imports JSON in a way that Node.js refuses without the hook below, and Jest has no such hook.
//
// node language-service.ts URI=FILE…   prints a JSON array of findings; the URI is what the service is told the file is

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import type { ActionsMetadataProvider, ValidationConfig } from '@actions/languageservice'
import { parse } from 'yaml'
import { ignore } from '../../sandbox/network/ignore.ts'

registerHooks({
  load: (url, context, nextLoad) =>
    nextLoad(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context)
})
const { registerLogger, validate } = await import('@actions/languageservice')

type ActionMetadata = NonNullable<Awaited<ReturnType<ActionsMetadataProvider['fetchActionMetadata']>>>

/** What the service found in one file. */
export interface Finding {
  readonly uri: string
  /** From 1. */
  readonly line: number
  readonly severity: 'error' | 'warning' | 'information'
  readonly message: string
}

const ROOT = join(import.meta.dirname, '..', '..')
const OURS = { owner: '-OWNER-', repository: 'vaunt-token-action' }

/** Those inputs of other people's actions that this repository uses, taken from their action.yml: there is no network to ask. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'actions/attest': ['subject-path', 'sbom-path'],
  'actions/checkout': ['repository', 'ref', 'token', 'path', 'fetch-depth', 'persist-credentials'],
  'actions/download-artifact': ['name', 'pattern', 'path', 'merge-multiple', 'run-id', 'github-token'],
  'actions/setup-node': ['node-version-file', 'package-manager-cache'],
  'actions/upload-artifact': ['name', 'path', 'retention-days', 'if-no-files-found'],
  'github/codeql-action/analyze': ['category'],
  'github/codeql-action/init': ['languages', 'build-mode', 'config'],
  'github/codeql-action/upload-sarif': ['sarif_file'],
  'ossf/scorecard-action': ['results_file', 'results_format', 'publish_results']
}

const config: ValidationConfig = {
  fileProvider: {
    // Reusable workflows of this repository are read here; there are no others, and no network.
    getFileContent(reference) {
      const isOurs =
        !('repository' in reference) ||
        (reference.owner === OURS.owner && reference.repository === OURS.repository && reference.version === 'v1')
      if (!isOurs) throw new Error(`not of this repository: ${reference.path}`)
      return Promise.resolve({ name: reference.path, content: readFileSync(join(ROOT, reference.path), 'utf8') })
    }
  },
  actionsMetadataProvider: {
    fetchActionMetadata({ owner, name, path = '' }) {
      if (owner === OURS.owner && name === OURS.repository) {
        return Promise.resolve(parse(readFileSync(join(ROOT, path, 'action.yml'), 'utf8')) as ActionMetadata)
      }
      const inputs = OTHERS[[owner, name, path].filter(part => part !== '').join('/')]
      return Promise.resolve(
        inputs && {
          name,
          description: '',
          inputs: Object.fromEntries(inputs.map(input => [input, { description: '' }]))
        }
      )
    }
  }
}

/** As the protocol counts them; a finding without one is an error. */
const SEVERITIES = new Map<number, Finding['severity']>([
  [1, 'error'],
  [2, 'warning']
])

const findings: Finding[] = []
let uri = ''
// The service keeps its own failures to itself, but for its log.
registerLogger({
  log: ignore,
  info: ignore,
  warn: ignore,
  error: message => findings.push({ uri, line: 0, severity: 'error', message })
})
for (const argument of process.argv.slice(2)) {
  const [given = '', file = ''] = argument.split('=', 2)
  uri = given
  for (const found of await validate(document(uri, taken(readFileSync(file, 'utf8'))), config)) {
    const severity = SEVERITIES.get(found.severity ?? 1) ?? 'information'
    const message = typeof found.message === 'string' ? found.message : found.message.value
    findings.push({ uri, line: found.range.start.line + 1, severity, message })
  }
}
process.stdout.write(JSON.stringify(findings))

/** A starter workflow as somebody takes it: GitHub puts a schedule in its place. */
function taken(text: string): string {
  return text.replace('$cron-daily', "'17 5 * * *'")
}

/** As much of an editor's document as the service looks at. */
function document(uri: string, text: string): Parameters<typeof validate>[0] {
  return { uri, getText: () => text } as Parameters<typeof validate>[0]
}
