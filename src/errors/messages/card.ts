// Owns the messages about the contributors card.

import type { Quoted } from '../../untrusted/quoted.ts'
import { details, ifItLasts } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

/** Why a card is not committed. `active` is what can run code or load something from elsewhere. */
export type CardFault = 'not-svg' | 'not-well-formed' | 'active'

/** Why a push was not allowed at all. */
export type ForbiddenPush = 'no-token' | 'permission' | 'unreadable' | 'token' | 'refused' | 'archived' | 'no-branch'

/** Which rule refused a push. */
export type RefusedPush =
  | 'protected'
  | 'pull-request'
  | 'signature'
  | 'commit-message'
  | 'creation'
  | 'form'
  | 'secret'
  | 'in-the-way'
  | 'hook'
  | 'unsaid'

export interface CardFacts {
  'card-unsafe': { readonly fault: CardFault; readonly found?: Quoted | undefined }
  'card-path-unusable': { readonly fault: 'taken' | 'filtered'; readonly path: Quoted; readonly branch: Quoted }
  'git-missing': { readonly detail: string }
  'git-unavailable': Trail & { readonly host: Quoted; readonly detail?: string | undefined }
  'push-forbidden': Trail & { readonly fault: ForbiddenPush; readonly repository: Quoted }
  'push-refused': Trail & { readonly fault: RefusedPush; readonly branch: Quoted }
  'branch-busy': { readonly branch: Quoted; readonly pushes: number; readonly seconds: number }
}

/** What to say about the contributors card. */
export const cardMessages: Messages<CardFacts> = {
  'card-unsafe': ({ fault, found }) => ({
    message: `${CARD_FAULT[fault]}${found ? `: ${found}` : ''}. Nothing was committed.`,
    remedy: 'Run the job again later. If it fails again, send this message to Vaunt support.'
  }),

  'card-path-unusable': ({ fault, path, branch }) => ({
    message:
      fault === 'taken'
        ? `The card cannot be put at ${path} on the branch ${branch}: there is a folder at this path, or a part of the path is a file, or only the case of letters differs from a file.`
        : `The card cannot be put at ${path} on the branch ${branch}: .gitattributes there gives this file a filter (such as Git LFS), an encoding or ident, and the card would differ from it in every clone.`,
    remedy:
      fault === 'taken'
        ? "Give another path with 'path'."
        : "Give another path with 'path', or except this path in .gitattributes (PATH -filter -working-tree-encoding -ident)."
  }),

  'git-missing': ({ detail }) => ({
    message: `The program git could not be started on this runner (${detail}), and this step commits with it.`,
    remedy: 'Install git on the runner, or in the image of the container. The runners of GitHub have it.'
  }),

  'git-unavailable': facts => ({
    message: `The server of this repository, ${facts.host}, could not be used with git${facts.detail ? ` (${facts.detail})` : ''}.`,
    remedy: `Run the job again later. ${ifItLasts('GitHub')} On a self-hosted runner, check its network, its proxy, and the certificates that Git trusts.`,
    details: details('GitHub', facts)
  }),

  'push-forbidden': facts => ({
    message: `${FORBIDDEN_PUSH[facts.fault].message(facts.repository)}.`,
    remedy: FORBIDDEN_PUSH[facts.fault].remedy,
    details: details('GitHub', facts)
  }),

  'push-refused': facts => ({
    message: `GitHub refused the push to the branch ${facts.branch}: ${REFUSED_PUSH[facts.fault].message}.`,
    remedy: REFUSED_PUSH[facts.fault].remedy,
    details: details('GitHub', facts)
  }),

  'branch-busy': ({ branch, pushes, seconds }) => ({
    message: `Others pushed to the branch ${branch} each time while the card was being committed: ${pushes} times in ${seconds} seconds.`,
    remedy:
      'Run the job again. If this happens often, let fewer jobs commit to one branch at once, or give each card a branch of its own.'
  })
}

const CARD_FAULT: Record<CardFault, string> = {
  'not-svg': 'Vaunt answered with something that is not an SVG',
  'not-well-formed': 'Vaunt answered with something that is not an SVG: it is not well-formed XML',
  active:
    'The card of Vaunt holds something that can run code, or load something from elsewhere, in the browser of its reader'
}

const OTHER_BRANCH =
  "Give a branch without this rule with 'branch' (the action creates it if it doesn't exist), or pass a token that may bypass the rule as github-token."

const FORBIDDEN_PUSH: Record<
  ForbiddenPush,
  { readonly message: (repository: Quoted) => string; readonly remedy: string }
> = {
  'no-token': {
    message: repository => `There is no token to push to ${repository} with: 'github-token' is empty`,
    remedy: "Leave 'github-token' out, or check the secret that is passed in it."
  },
  permission: {
    message: repository => `GitHub does not let this job push to ${repository}`,
    remedy:
      'Give the job the permission to write (permissions: contents: write), and the job that calls it too, if it is in a reusable workflow. If github-token is given, it needs the permission Contents: Read and write for this repository.'
  },
  unreadable: {
    message: repository => `GitHub does not let this job read ${repository}`,
    remedy:
      'Give the job the permission to write (permissions: contents: write), which includes reading. If github-token is given, check that it has not expired and that it is for this repository.'
  },
  token: {
    message: repository => `GitHub does not accept the token for a push to ${repository}`,
    remedy:
      'Check that github-token has not expired, is whole, and has the permission Contents: Read and write for this repository.'
  },
  refused: {
    message: repository => `GitHub refused the access to ${repository}`,
    remedy:
      'Do what these words ask for: they are about the permission of the token, its account, or the owner of the repository.'
  },
  archived: {
    message: repository => `The repository ${repository} is archived, so nothing can be pushed to it`,
    remedy: 'Take the repository out of the archive, or remove this workflow.'
  },
  'no-branch': {
    message: repository => `The repository ${repository} has no default branch yet`,
    remedy: "Push a first commit, or give 'branch'."
  }
}

const REFUSED_PUSH: Record<RefusedPush, Explanation> = {
  protected: { message: 'the branch is protected, and its rules do not allow this push', remedy: OTHER_BRANCH },
  'pull-request': { message: 'its rules allow changes by pull request only', remedy: OTHER_BRANCH },
  signature: {
    message: 'its rules require signed commits, and this step cannot sign',
    remedy: "Give a branch without this rule with 'branch'; the action creates it if it doesn't exist."
  },
  'commit-message': {
    message: "its rules require another form of the commit's message or author",
    remedy: "Give a branch without this rule with 'branch'; the action creates it if it doesn't exist."
  },
  creation: {
    message: 'its rules do not let this job make the branch',
    remedy: 'Make the branch by hand, or pass a token that may make it as github-token.'
  },
  form: {
    message: 'its rules do not allow such a name of a branch, or such a file',
    remedy: "Give another name with 'branch', or another path with 'path'."
  },
  secret: {
    message: 'GitHub found a secret in what is pushed',
    remedy: "Look at the alert that GitHub's words name. The push holds nothing but the card."
  },
  'in-the-way': {
    message: 'another branch is in the way (git cannot have the branches a and a/b at once)',
    remedy: "Give another name with 'branch', or remove the branch that is in the way."
  },
  hook: {
    message: 'a hook of the server or a rule of the repository does not allow it',
    remedy: "Do what the words of the server ask for, or give another branch with 'branch'."
  },
  unsaid: {
    message: 'it did not say why',
    remedy: "Look at the rules of the repository (Settings → Rules), or give another branch with 'branch'."
  }
}
