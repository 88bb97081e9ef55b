// Contains the messages about the contributors card.

import type { Quoted } from '../../untrusted/quoted.ts'
import { details } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

/** Why a card isn't committed. `active`: it can run code or load something from elsewhere. */
export type CardFault = 'not-svg' | 'not-well-formed' | 'active'

/** Why a commit isn't allowed at all. `unknown`: GitHub's words are all that is known. */
export type ForbiddenCommit =
  'no-token' | 'malformed' | 'token' | 'permission' | 'not-found' | 'archived' | 'no-branch' | 'unknown'

/** Which rule refused a commit. `unknown`: GitHub's words are all that is known. */
export type RefusedCommit = 'pull-request' | 'signature' | 'checks' | 'protected' | 'unknown'

/** What is at the path of the card, or at a part of it. */
export type PathFault = 'folder' | 'file' | 'link' | 'submodule' | 'letter-case'

export interface CardFacts {
  'card-unsafe': { readonly fault: CardFault; readonly found?: Quoted | undefined }
  'card-path-unusable': {
    readonly fault: PathFault
    readonly path: Quoted
    readonly branch: Quoted
    /** The path of what prevents the commit. */
    readonly found: Quoted
  }
  'commit-forbidden': Trail & {
    readonly fault: ForbiddenCommit
    readonly repository: Quoted
    readonly branch?: Quoted | undefined
  }
  'commit-refused': Trail & { readonly fault: RefusedCommit; readonly branch: Quoted }
  'branch-busy': { readonly branch: Quoted; readonly attempts: number; readonly seconds: number }
  'pull-request-forbidden': Trail & {
    readonly fault: 'setting' | 'permission' | 'unknown'
    readonly repository: Quoted
  }
}

export const cardMessages: Messages<CardFacts> = {
  'card-unsafe': ({ fault, found }) => ({
    message: `${CARD_FAULT[fault]}${found ? `: ${found}` : ''}. Nothing was committed.`,
    remedy: 'Run the job again later. If it fails again, send this message to Vaunt support.'
  }),

  'card-path-unusable': ({ fault, path, branch, found }) => ({
    message: `Can't write the card to ${path} on branch ${branch}: ${found} ${PATH_FAULT[fault]}. Nothing was committed.`,
    remedy: "Set 'path' to another location."
  }),

  'commit-forbidden': facts => ({ ...FORBIDDEN_COMMIT[facts.fault](facts), details: details('GitHub', facts) }),

  'commit-refused': facts => ({
    message: `GitHub refused the commit to branch ${facts.branch}${REFUSED_COMMIT[facts.fault].message}.`,
    remedy: REFUSED_COMMIT[facts.fault].remedy,
    details: details('GitHub', facts)
  }),

  'branch-busy': ({ branch, attempts, seconds }) => ({
    message: `Couldn't commit the card to branch ${branch}: someone else changed the branch first in each of ${attempts} attempts within ${seconds} seconds.`,
    remedy:
      'Run the job again. If this happens often, run fewer jobs that commit to this branch at the same time, or give each card its own branch.'
  }),

  'pull-request-forbidden': facts => ({
    ...FORBIDDEN_PULL_REQUEST[facts.fault](facts.repository),
    details: details('GitHub', facts)
  })
}

const CARD_FAULT: Record<CardFault, string> = {
  'not-svg': "Vaunt's response isn't an SVG image",
  'not-well-formed': "Vaunt's response isn't an SVG image, because it isn't well-formed XML",
  active: "Vaunt's card contains something that can run code or load external content in a reader's browser"
}

const PATH_FAULT: Record<PathFault, string> = {
  folder: 'is a folder',
  file: 'is a file, not a folder',
  link: 'is a symbolic link',
  submodule: 'is a submodule',
  'letter-case': 'differs from it only in letter case'
}

const CHECK_TOKEN =
  "If you set 'github-token', make sure that the token hasn't expired and has the permission Contents: Read and write for this repository."

const WRITE_PERMISSION = `Add permissions: contents: write to the job, and to the calling job if this is a reusable workflow. ${CHECK_TOKEN}`

const FORBIDDEN_COMMIT: Record<ForbiddenCommit, (facts: CardFacts['commit-forbidden']) => Explanation> = {
  'no-token': ({ repository }) => ({
    message: `There is no token to commit to ${repository} with: input 'github-token' is empty. Nothing was sent.`,
    remedy: "Remove 'github-token' to use the job's own token, or check the secret that you pass in it."
  }),
  malformed: () => ({
    message: "Input 'github-token' contains characters that no token has (value not shown). Nothing was sent.",
    remedy: "Remove 'github-token' to use the job's own token, or copy the token to its secret again."
  }),
  token: ({ repository }) => ({
    message: `GitHub rejected the token for ${repository} (HTTP 401).`,
    remedy: `${CHECK_TOKEN} A job's own token expires when the job ends, or after 24 hours.`
  }),
  permission: ({ repository }) => ({
    message: `The token isn't allowed to commit to ${repository}.`,
    remedy: WRITE_PERMISSION
  }),
  'not-found': ({ repository }) => ({
    message: `GitHub found no repository ${repository} that the token can write to (HTTP 404).`,
    remedy: WRITE_PERMISSION
  }),
  archived: ({ repository }) => ({
    message: `The repository ${repository} is archived, so it is read-only.`,
    remedy: 'Unarchive the repository, or remove this workflow.'
  }),
  'no-branch': ({ repository, branch }) => ({
    message: `GitHub found no branch ${branch ?? ''} in ${repository} to open a pull request for: the branch doesn't exist, or the token can't read the repository.`,
    remedy: `Set 'branch' to an existing branch. ${CHECK_TOKEN}`
  }),
  unknown: ({ repository }) => ({
    message: `GitHub doesn't allow the commit to ${repository}.`,
    remedy: "Follow GitHub's message. It is about the token's permissions, its account, or the repository's owner."
  })
}

const PROPOSE =
  "Set 'pull-request' to true, so that the action opens a pull request (this requires permissions: pull-requests: write)"

const REFUSED_COMMIT: Record<RefusedCommit, Explanation> = {
  'pull-request': {
    message: ', because its rules require a pull request',
    remedy: `${PROPOSE}, or set 'branch' to a branch without this rule.`
  },
  signature: {
    message: ', because its rules require signed commits',
    remedy:
      "Leave 'github-token' at its default, or use an app's token: GitHub signs what they commit, but not what a PAT commits."
  },
  checks: {
    message: ', because its rules require status checks',
    remedy: `${PROPOSE}, or set 'branch' to a branch without this rule.`
  },
  protected: {
    message: ', because the branch is protected',
    remedy: `${PROPOSE}, or set 'branch' to a branch that isn't protected.`
  },
  unknown: {
    message: '',
    remedy: "Follow GitHub's message, or set 'branch' to another branch."
  }
}

const FORBIDDEN_PULL_REQUEST: Record<
  CardFacts['pull-request-forbidden']['fault'],
  (repository: Quoted) => Explanation
> = {
  setting: repository => ({
    message: `GitHub Actions isn't allowed to open pull requests in ${repository}.`,
    remedy:
      "Go to Settings > Actions > General > Workflow permissions and select 'Allow GitHub Actions to create and approve pull requests'. If it can't be selected, an organization owner has to allow it first. Otherwise, set 'github-token' to an app's token."
  }),
  permission: repository => ({
    message: `The token isn't allowed to open pull requests in ${repository}.`,
    remedy:
      "Add permissions: pull-requests: write to the job, and to the calling job if this is a reusable workflow. If you set 'github-token', the token needs the permission Pull requests: Read and write."
  }),
  unknown: repository => ({
    message: `GitHub doesn't allow the pull request in ${repository}.`,
    remedy: "Follow GitHub's message. It is about the token's permissions or the repository's settings."
  })
}
