// Reads the inputs as the runner passes them, with the defaults for empty ones. The rules for their values are in check-inputs.ts.

import { PUBLIC_GITHUB_API_URL, PUBLIC_VAUNT_API_URL } from './api-urls.ts'
import type { Environment } from './environment.ts'

/** The inputs of action.yml, in its order. */
export const INPUT_NAMES = [
  'pat',
  'entity',
  'export-env',
  'seal-key',
  'sealed-token',
  'vaunt-api-url',
  'github-api-url'
] as const

export type InputName = (typeof INPUT_NAMES)[number]

/** The inputs that only the card and report actions have: contributors-card/action.yml and repositories-report/action.yml. */
export type StepInputName =
  'token' | 'repository' | 'limit' | 'path' | 'branch' | 'pull-request' | 'pull-request-branch' | 'github-token'

/** The value of every input: trimmed, not checked yet. */
export type RawInputs = Readonly<Record<InputName, string>>

/**
 * Reads the inputs of action.yml.
 *
 * @param getInput returns the value of one input
 */
export function readInputs(getInput: (name: InputName) => string, environment: Environment): RawInputs {
  // An expression such as `${{ vars.X }}` with no variable X arrives empty, and replaces the default of action.yml.
  const read = (name: InputName, ...fallbacks: (string | undefined)[]): string =>
    [getInput(name), ...fallbacks].map(value => value?.trim() ?? '').find(value => value !== '') ?? ''
  const sealedToken = read('sealed-token')
  return {
    // A job that opens a sealed token doesn't need a PAT, so it doesn't read one.
    pat: sealedToken === '' ? read('pat', environment['VAUNT_PAT']) : '',
    entity: read('entity', environment['GITHUB_REPOSITORY_OWNER']),
    'export-env': read('export-env'),
    'seal-key': read('seal-key'),
    'sealed-token': sealedToken,
    'vaunt-api-url': read('vaunt-api-url', PUBLIC_VAUNT_API_URL),
    'github-api-url': read('github-api-url', environment['GITHUB_API_URL'], PUBLIC_GITHUB_API_URL)
  }
}
