// Contains the messages about inputs and about what the runner provides.

import type { Quoted } from '../../untrusted/quoted.ts'
import { CREATE_PAT, details, PAT_FORM, VALUE_HIDDEN } from './wording.ts'
import type { Messages, Trail } from './wording.ts'

/** Why there is no PAT, as far as the event shows. `no-token`: an action that accepts other credentials has none at all. */
export type MissingPatReason = 'fork' | 'dependabot' | 'no-token' | 'unknown'

/** Which rule a URL in an input breaks. */
export type UrlFault = 'not-https' | 'credentials' | 'query' | 'unreadable'

/** The inputs that only the card and report actions have and check. */
export type StepInput = 'repository' | 'limit' | 'path' | 'branch' | 'pull-request' | 'pull-request-branch'

export interface InputFacts {
  /** `refused`: whose card Vaunt refused without authorization. */
  'pat-missing': {
    readonly reason: MissingPatReason
    readonly refused?: Trail & { readonly repository: Quoted; readonly status: number }
  }
  /** `detail` is the system's code; undefined if the variable isn't set. */
  'runner-files-unusable': { readonly variable: string; readonly detail: string | undefined }
  'pat-malformed': {
    readonly fault: 'white-space' | 'control' | 'non-ascii' | 'quotes' | 'expression' | 'characters'
  }
  'pat-unsupported': { readonly evidence: 'ghs_' | 'ghr_' | 'answer' } & Partial<Trail>
  'entity-invalid': { readonly value: Quoted; readonly empty: boolean }
  'url-invalid': { readonly input: 'vaunt-api-url' | 'github-api-url'; readonly fault: UrlFault }
  'export-env-invalid': {
    readonly value: Quoted
    readonly fault: 'not-a-name' | 'reserved' | 'too-long'
    /** Of `too-long`: the length of the variable with the token in it, and the longest one that Linux allows. */
    readonly bytes?: number
    readonly limitBytes?: number
  }
  'host-unsupported': { readonly githubHost: Quoted }
  'token-ambiguous': { readonly given: readonly string[] }
  'token-malformed': { readonly fault: 'pat' | 'not-a-jwt' }
  'step-input-invalid': { readonly input: StepInput; readonly value: Quoted }
  /** `place`: the innermost functions of this action and their lines; may be empty. */
  internal: { readonly kind: Quoted; readonly place: Quoted }
}

export const inputMessages: Messages<InputFacts> = {
  'pat-missing': ({ reason, refused }) => ({
    message: refused
      ? `${missingPatCause(reason)}Vaunt requires a PAT for ${refused.repository} (HTTP ${refused.status}): the repository is private, or unknown to Vaunt.`
      : reason === 'no-token'
        ? "No credential was provided: inputs 'token', 'sealed-token', and 'pat' and the environment variable VAUNT_PAT are empty."
        : `${missingPatCause(reason)}No GitHub personal access token (PAT) was provided: input 'pat' and the environment variable VAUNT_PAT are empty.`,
    ...(refused && { details: details('Vaunt', refused) }),
    remedy: missingPatRemedy(reason)
  }),

  'runner-files-unusable': ({ variable, detail }) => ({
    message: detail
      ? `Can't write to the file or folder in the environment variable ${variable} (${detail}), so this step sets no outputs.`
      : `The runner didn't set the environment variable ${variable}, which this action requires. Nothing was sent.`,
    remedy: detail
      ? "If the job runs in a container, use options: --user with root or the runner's user, so that the container can write the runner's files. If the disk is full, free up space in an earlier step. Otherwise, make sure that no step removes or replaces the file or folder."
      : "Run this action as a step of a workflow: the runner sets this variable for each step. If a script starts the action, pass the runner's environment variables to it."
  }),

  'pat-malformed': ({ fault }) => ({
    message: `The PAT contains ${MALFORMED[fault]}, so it isn't valid and was not sent.`,
    remedy: MALFORMED_REMEDY[fault],
    details: VALUE_HIDDEN
  }),

  'pat-unsupported': facts => ({
    message:
      facts.evidence === 'answer'
        ? 'According to GitHub, this token belongs to an app or a workflow, not to a person.'
        : `The token in 'pat' starts with ${facts.evidence}, so it's ${facts.evidence === 'ghs_' ? 'a GITHUB_TOKEN or an app installation token' : 'a refresh token'}. It can't prove who you are.`,
    remedy: `Use a person's personal access token: create one at ${PAT_FORM}, save it as a secret, and pass it as 'pat'.`,
    details: details('GitHub', facts)
  }),

  'entity-invalid': ({ value, empty }) => ({
    message: empty
      ? "Input 'entity' is empty, and the runner provides no repository owner to use instead."
      : `Input 'entity' is "${value}", which can't be the name of a GitHub user or organization.`,
    remedy:
      'Enter only the login, for example octocat: no URL, @, or slash, and at most 39 letters, digits, hyphens, or underscores.'
  }),

  'url-invalid': ({ input, fault }) => ({
    message: `Input '${input}' ${URL_FAULT[fault]}`,
    remedy: `Enter a plain https:// URL, for example ${input === 'vaunt-api-url' ? 'https://api.vaunt.dev' : 'https://api.github.com'}, or remove the input.`,
    details: VALUE_HIDDEN
  }),

  'export-env-invalid': facts =>
    facts.fault === 'too-long'
      ? {
          message: `The Vaunt token is too long for the environment variable "${facts.value}": the variable would have ${facts.bytes ?? 0} bytes, and Linux allows at most ${facts.limitBytes ?? 0}. No outputs were set.`,
          remedy:
            "Remove 'export-env' and use the 'token' output. If a step needs the token in an environment variable or as an input of another action, tell Vaunt support how long it is."
        }
      : {
          message:
            facts.fault === 'reserved'
              ? `Input 'export-env' is "${facts.value}", a name that already has a meaning for the runner, a shell, or a programming language.`
              : `Input 'export-env' is "${facts.value}", which isn't a valid environment variable name.`,
          remedy:
            'Choose another name, for example VAUNT_TOKEN: letters, digits, and underscores, not starting with a digit.'
        },

  'host-unsupported': ({ githubHost }) => ({
    message: `The PAT belongs to ${githubHost}, but 'vaunt-api-url' is Vaunt's public service, which must never receive a GitHub Enterprise PAT. Nothing was sent.`,
    remedy:
      "If your company runs a self-hosted Vaunt instance, set 'vaunt-api-url' to its URL. If you meant github.com, set 'github-api-url' to https://api.github.com and use a github.com PAT."
  }),

  'token-ambiguous': ({ given }) => ({
    message: `Inputs ${new Intl.ListFormat('en').format(given.map(name => `'${name}'`))} are set together, but only one of them can be used. Nothing was sent.`,
    remedy: "Set only one of 'pat', 'token', or 'sealed-token' with 'seal-key'. Remove the others."
  }),

  'token-malformed': ({ fault }) => ({
    message:
      fault === 'pat'
        ? "Input 'token' contains a GitHub personal access token (PAT), not a Vaunt token. It was not sent."
        : "Input 'token' isn't a Vaunt token, which is a JSON Web Token (JWT). It was not sent.",
    remedy:
      fault === 'pat'
        ? "Pass the PAT as 'pat' instead: pat: ${{ secrets.VAUNT_PAT }}."
        : "Pass the 'token' output of an earlier step in this job: token: ${{ steps.ID.outputs.token }}. To use a token from another job, pass 'sealed-token' and 'seal-key'. To use a PAT, pass 'pat'.",
    details: VALUE_HIDDEN
  }),

  'step-input-invalid': ({ input, value }) => ({
    message: `Input '${input}' is "${value}", which isn't ${STEP_INPUT_FORM[input]}.`,
    remedy: STEP_INPUT_REMEDY[input]
  }),

  internal: ({ kind, place }) => ({
    message: `Unexpected error: ${kind}. This is a bug in this action, not in your workflow.`,
    remedy: 'Run the job again. If it fails again, report this message without any tokens.',
    details: `${place}`
  })
}

const STEP_INPUT_FORM: Record<StepInput, string> = {
  repository: 'a repository name',
  limit: 'a whole number from 1 to 100',
  path: 'a path within the repository to a file that ends in .svg',
  branch: 'a valid Git branch name',
  'pull-request': 'true or false',
  'pull-request-branch': "a valid Git branch name other than that of 'branch'"
}

const STEP_INPUT_REMEDY: Record<StepInput, string> = {
  repository:
    "Enter only the name, for example hello-world, without the owner, which belongs in 'entity'. By default, the action uses this repository.",
  limit: 'Enter a whole number from 1 to 100. The default is 10.',
  path: "Enter a path from the root of the repository with forward slashes, for example .vaunt/cards/contributors.svg. Don't use characters that Windows doesn't allow.",
  branch:
    'Enter the name of a branch, for example assets. By default, the action uses the branch that is checked out, or else the default branch.',
  'pull-request': 'Enter true to open a pull request, or false to commit to the branch directly. The default is false.',
  'pull-request-branch':
    'Enter the name of a branch that only this action uses. The default is vaunt/contributors-card.'
}

const MALFORMED: Record<InputFacts['pat-malformed']['fault'], string> = {
  'white-space': 'whitespace',
  control: 'control characters',
  'non-ascii': 'non-ASCII characters',
  quotes: 'quotes',
  expression: 'an expression that was not replaced',
  characters: "characters that a PAT can't have"
}

const COPY_AGAIN = 'Copy the PAT again as a single line and update the secret.'

const MALFORMED_REMEDY: Record<InputFacts['pat-malformed']['fault'], string> = {
  'white-space': COPY_AGAIN,
  control: COPY_AGAIN,
  'non-ascii': COPY_AGAIN,
  quotes: 'Save the PAT as the secret without quotes around it or in it.',
  expression:
    'Pass the secret in the workflow file itself, as an expression that GitHub replaces: pat: ${{ secrets.VAUNT_PAT }}.',
  characters: COPY_AGAIN
}

const URL_FAULT: Record<UrlFault, string> = {
  'not-https': "doesn't start with https://. A PAT is never sent unencrypted.",
  credentials: 'contains a username or password.',
  query: 'contains a query (?) or a fragment (#).',
  unreadable: "isn't a URL."
}

/** Says why there may be no secret, if the event shows it. */
export function missingPatCause(reason: MissingPatReason): string {
  if (reason === 'fork') {
    return "This run comes from a pull request from a fork, and GitHub doesn't pass secrets to such runs. "
  }
  if (reason === 'dependabot') return 'This run was started by Dependabot, so it can access only Dependabot secrets. '
  return ''
}

function missingPatRemedy(reason: MissingPatReason): string {
  if (reason === 'fork') {
    return 'Skip the step for forks with if: ${{ !github.event.pull_request || github.event.pull_request.head.repo.full_name == github.repository }}, and get the token after the merge.'
  }
  if (reason === 'dependabot') {
    return "Add a Dependabot secret with the same name under Settings > Secrets and variables > Dependabot, or skip the step with if: ${{ github.actor != 'dependabot[bot]' }}."
  }
  const pass =
    'and pass it: pat: ${{ secrets.VAUNT_PAT }}. Reusable workflows get only the secrets that their caller passes.'
  return reason === 'no-token'
    ? `If an earlier step or job gets the token, check its result and the expression (for a job, also needs and outputs). Otherwise, create a PAT at ${CREATE_PAT}, save it as the secret VAUNT_PAT, ${pass}`
    : `Create a PAT at ${CREATE_PAT}, save it as the secret VAUNT_PAT under Settings > Secrets and variables > Actions, ${pass}`
}
