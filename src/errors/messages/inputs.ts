// Owns the messages about inputs and about what the runner provides.

import type { Quoted } from '../../untrusted/quoted.ts'
import { PAT_FORM, trail } from './wording.ts'
import type { Messages, Trail } from './wording.ts'

/** Why the environment has no PAT, when the event tells. */
export type AbsenceReason = 'fork' | 'dependabot' | 'no-token' | 'unknown'

/** Which rule of the input URLs a URL breaks. */
export type UrlFault = 'not-https' | 'credentials' | 'query' | 'unreadable'

/** The inputs of the further steps that have a form of their own. */
export type StepInput = 'repository' | 'limit' | 'path' | 'branch'

export interface InputFacts {
  /** `refused`: what Vaunt refused without authorization. */
  'pat-missing': {
    readonly reason: AbsenceReason
    readonly refused?: Trail & { readonly asked: string; readonly status: number }
  }
  /** `detail` is the system's code; undefined when the variable is not set. */
  'runner-files-unusable': { readonly variable: string; readonly detail: string | undefined }
  'pat-malformed': {
    readonly fault: 'white-space' | 'control' | 'non-ascii' | 'quotes' | 'expression' | 'characters'
  }
  'pat-unsupported': { readonly evidence: 'ghs_' | 'ghr_' | 'answer' } & Partial<Trail>
  'entity-invalid': { readonly value: Quoted; readonly empty: boolean }
  'url-invalid': { readonly input: 'vaunt-api-url' | 'github-api-url'; readonly fault: UrlFault }
  'export-env-invalid': { readonly value: Quoted; readonly fault: 'not-a-name' | 'reserved' }
  'host-unsupported': { readonly githubHost: Quoted }
  'token-ambiguous': { readonly given: readonly string[] }
  'token-malformed': { readonly fault: 'pat' | 'not-a-jwt' }
  'step-input-invalid': { readonly input: StepInput; readonly value: Quoted }
  internal: { readonly during: string; readonly kind: Quoted }
}

/** What to say about inputs and the runner. */
export const inputMessages: Messages<InputFacts> = {
  'pat-missing': ({ reason, refused }) => ({
    message: refused
      ? `${absence(reason)}Vaunt does not give ${refused.asked} without a PAT (HTTP ${refused.status}): the repository is private, or Vaunt does not have it.${trail('Vaunt', refused)}`
      : `${absence(reason)}There is no GitHub personal access token (PAT): the input pat is empty, and so is the environment variable VAUNT_PAT.`,
    remedy: absenceRemedy(reason)
  }),

  'runner-files-unusable': ({ variable, detail }) => ({
    message: detail
      ? `The file or folder that the variable ${variable} names cannot be written (${detail}), so this step sets no outputs.`
      : `The runner did not set the variable ${variable}, which this action needs. Nothing was sent.`,
    remedy: detail
      ? "In a container, let its user write the runner's files (options: --user, with the user of the runner or root). On a full disk, free some space in an earlier step. Otherwise make sure that no step removes or replaces it."
      : "Run this action in a step of a workflow: the runner sets this variable for each step. If a script starts it, pass the runner's variables on."
  }),

  'pat-malformed': ({ fault }) => ({
    message: `The PAT contains ${MALFORMED[fault]}, which no PAT does, so it was not sent anywhere. (Its value is not shown.)`,
    remedy: MALFORMED_REMEDY[fault]
  }),

  'pat-unsupported': facts => ({
    message:
      facts.evidence === 'answer'
        ? `GitHub says that this token belongs to an app or a workflow, not to a person.${trail('GitHub', facts)}`
        : `The token in pat starts with ${facts.evidence}: ${facts.evidence === 'ghs_' ? 'it is a GITHUB_TOKEN or an app installation token' : 'it is a refresh token'}, which cannot prove who you are.`,
    remedy: `Use a personal access token of a person: make one at ${PAT_FORM}, save it as a secret, and pass that as pat.`
  }),

  'entity-invalid': ({ value, empty }) => ({
    message: empty
      ? 'The input entity is empty, and the runner names no repository owner to use instead.'
      : `The input entity is "${value}", which cannot be the name of a GitHub user or organization.`,
    remedy:
      'Give the bare login, such as octocat: no URL, no @, no slash, at most 39 letters, digits, hyphens or underscores.'
  }),

  'url-invalid': ({ input, fault }) => ({
    message: `The input ${input} ${URL_FAULT[fault]} (Its value is not shown.)`,
    remedy: `Give a plain https:// address${input === 'vaunt-api-url' ? ' such as https://api.vaunt.dev' : ' such as https://api.github.com'}, or leave the input out.`
  }),

  'export-env-invalid': ({ value, fault }) => ({
    message:
      fault === 'reserved'
        ? `The input export-env is "${value}", a variable that the runner, a shell or a language gives a meaning of its own.`
        : `The input export-env is "${value}", which is not the name of an environment variable.`,
    remedy: 'Choose a name of your own such as VAUNT_TOKEN: letters, digits and underscores, not starting with a digit.'
  }),

  'host-unsupported': ({ githubHost }) => ({
    message: `The PAT belongs to ${githubHost}, but vaunt-api-url is Vaunt's public service, which must never see a PAT of GitHub Enterprise. Nothing was sent.`,
    remedy:
      'If your company runs a Vaunt of its own, give its address as vaunt-api-url. If you meant github.com, set github-api-url to https://api.github.com and use a github.com PAT.'
  }),

  'token-ambiguous': ({ given }) => ({
    message: `The inputs ${new Intl.ListFormat('en').format(given)} are given together, and only one of them can be used. Nothing was sent.`,
    remedy: 'Give one of pat, token, and sealed-token (with seal-key). Leave the others out.'
  }),

  'token-malformed': ({ fault }) => ({
    message:
      fault === 'pat'
        ? 'The input token holds a GitHub personal access token (PAT), not a Vaunt token. It was not sent anywhere. (Its value is not shown.)'
        : 'The input token is not a Vaunt token, which is a JWT. It was not sent anywhere. (Its value is not shown.)',
    remedy:
      fault === 'pat'
        ? 'Pass the PAT as the input pat: pat: ${{ secrets.VAUNT_PAT }}.'
        : 'Pass the output token of an earlier step of this job: token: ${{ steps.ID.outputs.token }}. To use a token of another job, pass sealed-token and seal-key. To use a PAT, pass pat.'
  }),

  'step-input-invalid': ({ input, value }) => ({
    message: `The input ${input} is "${value}", which ${STEP_INPUT_FAULT[input]}.`,
    remedy: STEP_INPUT_REMEDY[input]
  }),
  internal: ({ during, kind }) => ({
    message: `An error occurred that this action does not know, while ${during} (${kind}). This is a bug of the action, not of your workflow.`,
    remedy: 'Run the job again. If it happens again, report it with this message (never with a token).'
  })
}

const STEP_INPUT_FAULT: Record<StepInput, string> = {
  repository: 'is not the name of a repository',
  limit: 'is not a whole number from 1 to 100',
  path: 'is not a path from the root of the repository to a file that ends in .svg',
  branch: 'is not a name that git allows for a branch'
}

const STEP_INPUT_REMEDY: Record<StepInput, string> = {
  repository:
    'Give the name alone, such as hello-world, without the owner (that is the input entity). Left out, it is this repository.',
  limit: 'Give a whole number from 1 to 100. Left out, it is 10.',
  path: 'Give a path such as .vaunt/cards/contributors.svg: with /, within the repository, and without characters that Windows does not allow.',
  branch: 'Give the name of a branch, such as assets. Left out, it is the default branch.'
}

const MALFORMED: Record<InputFacts['pat-malformed']['fault'], string> = {
  'white-space': 'white space inside',
  control: 'control characters',
  'non-ascii': 'characters outside ASCII',
  quotes: 'quotes',
  expression: 'an expression that was not replaced',
  characters: 'characters of other kinds'
}

const COPY_AGAIN = 'Copy the PAT again, alone and on one line, and save it again as the secret.'

const MALFORMED_REMEDY: Record<InputFacts['pat-malformed']['fault'], string> = {
  'white-space': COPY_AGAIN,
  control: COPY_AGAIN,
  'non-ascii': COPY_AGAIN,
  quotes: 'Save the PAT as the secret without quotes around it or in it.',
  expression:
    'Pass the secret by an expression that GitHub replaces, in the workflow file itself: pat: ${{ secrets.VAUNT_PAT }}.',
  characters: COPY_AGAIN
}

const URL_FAULT: Record<UrlFault, string> = {
  'not-https': 'does not start with https://, and a PAT is never sent in the clear.',
  credentials: 'holds a user name or password.',
  query: 'holds a query (?) or a fragment (#).',
  unreadable: 'is not a URL.'
}

export function absence(reason: AbsenceReason): string {
  if (reason === 'fork') return 'This run comes from a pull request of a fork, and GitHub gives such runs no secrets. '
  if (reason === 'dependabot') return 'This run was started by Dependabot, which sees only Dependabot secrets. '
  if (reason === 'no-token') return 'The inputs token and sealed-token are empty. '
  return ''
}

function absenceRemedy(reason: AbsenceReason): string {
  if (reason === 'fork') {
    return 'Skip the step for forks, with if: ${{ !github.event.pull_request || github.event.pull_request.head.repo.full_name == github.repository }}, and get the token after the merge.'
  }
  if (reason === 'dependabot') {
    return "Add a Dependabot secret of the same name (Settings → Secrets and variables → Dependabot), or skip the step with if: ${{ github.actor != 'dependabot[bot]' }}."
  }
  const earlier =
    reason === 'no-token'
      ? 'If an earlier step or job gets the token: check the id in the expression, that it did not fail and was not skipped, and (for a job) needs and outputs. If this step gets it: make'
      : 'Make'
  return `${earlier} a PAT at ${PAT_FORM}/new, save it as the secret VAUNT_PAT (Settings → Secrets and variables → Actions), and pass it: pat: \${{ secrets.VAUNT_PAT }}. A reusable workflow gets only the secrets that its caller passes on.`
}
