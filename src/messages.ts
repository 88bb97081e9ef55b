// Owns every code's facts and words: what happened and what to do. Text, and no logic: errors.ts builds the errors.

import type { Quoted } from './quoted.ts'

/**
 * Stands in links for the GitHub that people log in to: which one it is, only the run knows. It is a character that no
 * quoted text can have.
 */
export const SERVER = '\u{e000}'

/** The two services that the action talks to. */
export type Service = 'GitHub' | 'Vaunt'

/** What is known of the answer that a failure stands on. */
export interface Trail {
  /** How many times the request was made. */
  readonly attempts: number
  /** The service's own id of the request. */
  readonly requestId?: Quoted | undefined
  /** The service's own words. */
  readonly words?: Quoted | undefined
}

/** Where a PAT comes from, as far as its answers show: only classic PATs have `x-oauth-scopes`. */
export type PatKind = 'classic' | 'fine-grained'

/** Why the environment has no PAT, when the event tells. */
export type AbsenceReason = 'fork' | 'dependabot' | 'no-token' | 'unknown'

/** What a 403 says that an organization or account policy forbids. */
export type Policy = 'classic' | 'fine-grained' | 'lifetime' | 'ip-allow-list' | 'oauth-app' | 'suspended'

/** Which rule of the input URLs a URL breaks. */
export type UrlFault = 'not-https' | 'credentials' | 'query' | 'unreadable'

/** Why a certificate is not accepted. */
export type CertificateFault = 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'weak' | 'invalid'

/** What the variable NODE_EXTRA_CA_CERTS comes to. */
export type ExtraCa = 'unset' | 'unreadable' | 'no-pem' | 'loaded'

/** What a connection waits for: a name lookup, TCP, TLS, a proxy's answer to CONNECT, or, at last, HTTP. */
export type Phase = 'name' | 'tcp' | 'tls' | 'tunnel' | 'http'

/** What is wrong with a proxy. */
export type ProxyFault =
  | 'unusable-url'
  | 'unsupported-node'
  | 'unreachable'
  | 'in-clear'
  | 'no-tls'
  | 'not-http'
  | 'refused'
  | 'credentials-missing'
  | 'credentials-wrong'
  | 'no-tunnel'

/** What went wrong on the way to a service, when no usable answer came. */
export type Outage = 'network' | 'deadline' | 'budget' | 'status'

/** What an answer did not keep to. */
export type Surprise =
  | 'status'
  | 'refused'
  | 'foreign'
  | 'redirect'
  | 'too-large'
  | 'head-too-large'
  | 'undecodable'
  | 'not-http'
  | 'client-certificate'
  | 'handshake-refused'
  | 'not-json'
  | 'not-described'
  | 'ids-contradict'
  | 'other-login'
  | 'no-token'
  | 'not-a-jwt'
  | 'unsigned'

/** The inputs of the further steps that have a form of their own. */
export type StepInput = 'repository' | 'limit' | 'path' | 'branch'

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

interface Unavailable extends Trail {
  readonly outage: Outage
  readonly phase: Phase
  readonly host: Quoted
  readonly proxyHost?: Quoted | undefined
  /** Node's code (`ECONNREFUSED`) or the HTTP status. */
  readonly detail?: string | undefined
  readonly until?: Date | undefined
  /** The time of the whole action, in milliseconds. */
  readonly limitMs: number
}

interface RateLimited extends Trail {
  /** What is limited; requests, when it is not said. */
  readonly limit?: 'logins' | undefined
  readonly until?: Date | undefined
  /** Whether the time to come back that was named is in no calendar. */
  readonly isBeyond?: boolean
}

interface Unexpected extends Trail {
  readonly surprise: Surprise
  /** What was being asked for, in our own words. */
  readonly asked: string
  readonly status?: number | undefined
  readonly location?: Quoted | undefined
  /** Where something answered, when that is what the reader must look at. */
  readonly host?: Quoted | undefined
  /** Node's code, OpenSSL's reason, or what an unsigned token says of itself. */
  readonly detail?: string | undefined
  /** Of `too-large`: what was allowed. */
  readonly limitBytes?: number
}

/** For each code, the facts that its message is built from. None of them can hold a secret: outside text is `Quoted`. */
export interface Facts {
  'pat-missing': { readonly reason: AbsenceReason }
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
  'pat-rejected': Trail
  'entity-not-found': Trail & { readonly entity: Quoted }
  'entity-unsupported': Trail & { readonly entity: Quoted; readonly type: Quoted }
  'entity-mismatch': Trail & {
    readonly entity: Quoted
    readonly entityId: string
    readonly patUser: Quoted
    readonly patUserId: string
  }
  'members-permission-missing': Trail & { readonly entity: Quoted; readonly patUser: Quoted; readonly pat: PatKind }
  'not-a-member': Trail & { readonly entity: Quoted; readonly patUser: Quoted; readonly pat: PatKind }
  'membership-pending': Trail & { readonly entity: Quoted; readonly patUser: Quoted }
  'not-an-admin': Trail & { readonly entity: Quoted; readonly patUser: Quoted; readonly role: Quoted }
  'sso-required': Trail & { readonly url?: Quoted | undefined }
  'policy-forbidden': Trail & { readonly policy: Policy }
  'github-rate-limited': RateLimited
  'github-unavailable': Unavailable
  'github-unexpected': Unexpected
  /** `asked` is what was asked for with a Vaunt token; undefined when the token itself was. */
  'vaunt-refused': Trail & { readonly entity: Quoted; readonly status: number; readonly asked?: string | undefined }
  'vaunt-entity-unknown': Trail & {
    readonly entity: Quoted
    readonly repository?: Quoted | undefined
    readonly address?: Quoted | undefined
  }
  'vaunt-rate-limited': RateLimited
  'vaunt-unavailable': Unavailable
  'vaunt-unexpected': Unexpected
  /** `isVaunts`: whether Vaunt itself said the time; if not, it is the runner's. */
  'token-expired': Trail & { readonly expiredAt: Date; readonly time: Date; readonly isVaunts: boolean }
  'tls-untrusted': Partial<Pick<Trail, 'attempts'>> & {
    readonly fault: CertificateFault
    /** Whose certificate it is: the service's host, or the proxy. */
    readonly host: Quoted
    readonly isProxy: boolean
    readonly detail: string
    readonly extraCa: ExtraCa
  }
  'proxy-failed': {
    readonly fault: ProxyFault
    readonly proxyHost?: Quoted | undefined
    readonly host: Quoted
    readonly detail?: string | undefined
    readonly attempts: number
  }
  'seal-key-invalid': { readonly empty: boolean }
  'sealed-token-missing': { readonly reason: AbsenceReason }
  'sealed-token-invalid': { readonly fault: 'not-sealed' | 'undecryptable' | 'elsewhere' }
  'sealed-token-expired': { readonly expiredAt: Date; readonly now: Date }
  'token-ambiguous': { readonly given: readonly string[] }
  'token-malformed': { readonly fault: 'pat' | 'not-a-jwt' }
  'step-input-invalid': { readonly input: StepInput; readonly value: Quoted }
  'card-unsafe': { readonly fault: CardFault; readonly found?: Quoted | undefined }
  'card-path-unusable': { readonly fault: 'taken' | 'filtered'; readonly path: Quoted; readonly branch: Quoted }
  'git-missing': { readonly detail: string }
  'git-unavailable': Trail & { readonly host: Quoted; readonly detail?: string | undefined }
  'push-forbidden': Trail & { readonly fault: ForbiddenPush; readonly repository: Quoted }
  'push-refused': Trail & { readonly fault: RefusedPush; readonly branch: Quoted }
  'branch-busy': { readonly branch: Quoted; readonly pushes: number; readonly seconds: number }
  internal: { readonly during: string; readonly kind: Quoted }
}

/** A stable name of a failure: the value of the output `error-code`. */
export type Code = keyof Facts

export interface Explanation {
  /** What happened, one or more whole sentences. */
  readonly message: string
  /** What to do, one or more whole sentences. */
  readonly remedy: string
}
// The catalogue. The remedy follows from what was observed, never from a guess; where two causes look alike, both are named.

const PAT_FORM = `${SERVER}/settings/personal-access-tokens`
const SEAL_KEY_COMMAND = 'openssl rand -base64 32'

/** For each code, its words from its facts. */
export const catalogue: { readonly [C in Code]: (facts: Facts[C]) => Explanation } = {
  'pat-missing': ({ reason }) => ({
    message: `${absence(reason)}There is no GitHub personal access token (PAT): the input pat is empty, and so is the environment variable VAUNT_PAT.`,
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

  'pat-rejected': facts => ({
    message: `GitHub does not accept the PAT (401): it has expired, was revoked or deleted, or was not copied whole.${trail('GitHub', facts)}`,
    remedy: `Look at ${PAT_FORM} (or ${SERVER}/settings/tokens for a classic one): regenerate it, then save the new value as the secret.`
  }),

  'entity-not-found': facts => ({
    message: `GitHub knows no user or organization named ${facts.entity} (404).${trail('GitHub', facts)}`,
    remedy:
      'Correct the input entity: it was misspelled, renamed or deleted. Without it, the owner of the repository is used.'
  }),

  'entity-unsupported': facts => ({
    message: `${facts.entity} is a GitHub account of type ${facts.type}; Vaunt has tokens for users and organizations only.${trail('GitHub', facts)}`,
    remedy: 'Set the input entity to a user or an organization.'
  }),

  'entity-mismatch': facts => ({
    message: `The PAT belongs to ${facts.patUser} (id ${facts.patUserId}), but the token was asked for ${facts.entity} (id ${facts.entityId}), another user. A user's token is given to that user only.${trail('GitHub', facts)}`,
    remedy: `Use a PAT made by ${facts.entity}, or set the input entity to ${facts.patUser} or to an organization that ${facts.patUser} administers.`
  }),

  'members-permission-missing': facts => ({
    message: `GitHub does not let this ${facts.pat} PAT of ${facts.patUser} read the membership in ${facts.entity} (403).${trail('GitHub', facts)}`,
    remedy:
      facts.pat === 'classic'
        ? `Open ${SERVER}/settings/tokens, edit the PAT and tick the scope read:org.`
        : `Open ${PAT_FORM}, edit the PAT: resource owner ${facts.entity}, then Permissions → Organization permissions → Members: Read-only.`
  }),

  'not-a-member': facts => ({
    message:
      `GitHub shows no membership of ${facts.patUser} in ${facts.entity} (404): ` +
      (facts.pat === 'classic'
        ? `${facts.patUser} is not a member.`
        : `${facts.patUser} is not a member, or the resource owner of this fine-grained PAT is not ${facts.entity}.`) +
      trail('GitHub', facts),
    remedy:
      facts.pat === 'classic'
        ? `Use a PAT of an owner of ${facts.entity}, or correct the input entity.`
        : `Open ${PAT_FORM} and look at "Resource owner": it must be ${facts.entity} (it cannot be changed later: make a new PAT). Otherwise use a PAT of an owner of ${facts.entity}.`
  }),

  'membership-pending': facts => ({
    message: `${facts.patUser} was invited to ${facts.entity} but has not accepted yet.${trail('GitHub', facts)}`,
    remedy: `Accept the invitation as ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/invitation, then run the job again.`
  }),

  'not-an-admin': facts => ({
    message: `${facts.patUser} is a member of ${facts.entity} with the role "${facts.role}", but only an admin (shown as Owner) may get its token.${trail('GitHub', facts)}`,
    remedy: `Use a PAT of an owner of ${facts.entity}, or let an owner change the role of ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/people.`
  }),

  'sso-required': facts => ({
    message: `The organization demands single sign-on, and this PAT was not authorized for it (403).${trail('GitHub', facts)}`,
    remedy: facts.url
      ? `Authorize the PAT at ${facts.url} (the link works for one hour), then run the job again.`
      : `Open ${SERVER}/settings/tokens, choose "Configure SSO" beside the PAT, authorize it for the organization, then run the job again.`
  }),

  'policy-forbidden': facts => ({
    message: `${POLICY[facts.policy].message} (403).${trail('GitHub', facts)}`,
    remedy: POLICY[facts.policy].remedy
  }),

  'github-rate-limited': facts => rateLimited('GitHub', facts),
  'github-unavailable': facts => unavailable('GitHub', facts),
  'github-unexpected': facts => unexpected('GitHub', facts),

  'vaunt-refused': facts => (facts.asked === undefined ? tokenRefused(facts) : dataRefused(facts)),

  'vaunt-entity-unknown': facts =>
    facts.repository ? repositoryUnknown(facts.repository, facts) : entityUnknown(facts),

  'vaunt-rate-limited': facts => rateLimited('Vaunt', facts),
  'vaunt-unavailable': facts => unavailable('Vaunt', facts),
  'vaunt-unexpected': facts => unexpected('Vaunt', facts),

  'token-expired': facts => ({
    message: `Vaunt gave a token that expired at ${iso(facts.expiredAt)}, though ${facts.isVaunts ? 'its own' : "this runner's"} clock says ${iso(facts.time)}.${trail('Vaunt', facts)}`,
    remedy: `${facts.isVaunts ? 'Run' : 'If that clock is wrong, correct it. Otherwise run'} the job again. If it happens again, tell Vaunt's support.`
  }),

  'tls-untrusted': facts => ({
    message: `The TLS certificate of ${facts.isProxy ? 'the proxy ' : ''}${facts.host} ${CERTIFICATE_FAULT[facts.fault]} (${facts.detail}), so nothing ${(facts.attempts ?? 1) > 1 ? 'more ' : ''}was sent to it.${trail('It', facts)}`,
    remedy: certificateRemedy(facts)
  }),

  'proxy-failed': facts => ({
    message: `${proxyName(facts)} ${facts.fault === 'no-tls' && !facts.detail ? 'gave no answer while TLS was being set up' : PROXY_FAULT[facts.fault]}${facts.detail ? ` (${facts.detail})` : ''}, so ${facts.host} was not reached${attempts(facts.attempts)}.`,
    remedy: proxyRemedy(facts)
  }),

  'seal-key-invalid': ({ empty }) => ({
    message: empty
      ? 'The input sealed-token is given, but seal-key is empty: a sealed token opens only with the key it was sealed with.'
      : 'The input seal-key is not 32 bytes in base64. (Its value is not shown.)',
    remedy: empty
      ? 'Pass the same secret as seal-key in both jobs; a reusable workflow gets only the secrets that its caller passes on.'
      : `Make a key with \`${SEAL_KEY_COMMAND}\` and save what it prints, whole, as the secret.`
  }),

  'sealed-token-missing': ({ reason }) => ({
    message: `${absence(reason === 'no-token' ? 'unknown' : reason)}The input seal-key is given, but there is neither a sealed-token to open nor a PAT to get a token with.`,
    remedy:
      'To open a token: look for the warning "Skip output … since it may contain secret" in the earlier job (it must output sealed-token, not token), and check that it declares the output (outputs: sealed-token: ${{ steps.ID.outputs.sealed-token }}), that this job lists it under needs, and that it was not skipped. To make one: pass pat.'
  }),

  'sealed-token-invalid': ({ fault }) => ({
    message: SEAL_FAULT[fault].message,
    remedy: SEAL_FAULT[fault].remedy
  }),

  'sealed-token-expired': ({ expiredAt, now }) => ({
    message: `The sealed token expired at ${iso(expiredAt)}; this runner's clock says ${iso(now)}.`,
    remedy:
      'If that clock is wrong, correct it. Otherwise run the whole workflow again (not only the failed jobs), so that the first job gets a new token.'
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

  'card-unsafe': ({ fault, found }) => ({
    message: `${CARD_FAULT[fault]}${found ? `: ${found}` : ''}. Nothing was committed.`,
    remedy: "Run the job again later. If it happens again, tell Vaunt's support what this message says."
  }),

  'card-path-unusable': ({ fault, path, branch }) => ({
    message:
      fault === 'taken'
        ? `The card cannot be put at ${path} on the branch ${branch}: there is a folder at this path, or a part of the path is a file, or only the case of letters differs from a file.`
        : `The card cannot be put at ${path} on the branch ${branch}: .gitattributes there gives this file a filter (such as Git LFS), an encoding or ident, and the card would differ from it in every clone.`,
    remedy:
      fault === 'taken'
        ? 'Give another path with the input path.'
        : 'Give another path with the input path, or except this path in .gitattributes (PATH -filter -working-tree-encoding -ident).'
  }),

  'git-missing': ({ detail }) => ({
    message: `The program git could not be started on this runner (${detail}), and this step commits with it.`,
    remedy: 'Install git on the runner, or in the image of the container. The runners of GitHub have it.'
  }),

  'git-unavailable': facts => ({
    message: `The server of this repository, ${facts.host}, could not be used with git${facts.detail ? ` (${facts.detail})` : ''}.${trail('GitHub', facts)}`,
    remedy: `Run the job again later; ${statusPage('GitHub')} tells whether others are affected. On a runner of your own, check its network, its proxy, and the certificates that git trusts.`
  }),

  'push-forbidden': facts => ({
    message: `${FORBIDDEN_PUSH[facts.fault].message(facts.repository)}.${trail('GitHub', facts)}`,
    remedy: FORBIDDEN_PUSH[facts.fault].remedy
  }),

  'push-refused': facts => ({
    message: `GitHub refused the push to the branch ${facts.branch}: ${REFUSED_PUSH[facts.fault].message}.${trail('GitHub', facts)}`,
    remedy: REFUSED_PUSH[facts.fault].remedy
  }),

  'branch-busy': ({ branch, pushes, seconds }) => ({
    message: `Others pushed to the branch ${branch} each time while the card was being committed: ${pushes} times in ${seconds} seconds.`,
    remedy:
      'Run the job again. If this happens often, let fewer jobs commit to one branch at once, or give each card a branch of its own.'
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

const CARD_FAULT: Record<CardFault, string> = {
  'not-svg': 'Vaunt answered with something that is not an SVG',
  'not-well-formed': 'Vaunt answered with something that is not an SVG: it is not well-formed XML',
  active:
    'The card of Vaunt holds something that can run code, or load something from elsewhere, in the browser of its reader'
}

const OTHER_BRANCH =
  'Give a branch without this rule with the input branch (it is made when there is none), or pass a token that may bypass the rule as github-token.'

const FORBIDDEN_PUSH: Record<
  ForbiddenPush,
  { readonly message: (repository: Quoted) => string; readonly remedy: string }
> = {
  'no-token': {
    message: repository => `There is no token to push to ${repository} with: the input github-token is empty`,
    remedy: 'Leave the input github-token out, or check the secret that is passed in it.'
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
    remedy: 'Push a first commit, or give the input branch.'
  }
}

const REFUSED_PUSH: Record<RefusedPush, Explanation> = {
  protected: { message: 'the branch is protected, and its rules do not allow this push', remedy: OTHER_BRANCH },
  'pull-request': { message: 'its rules allow changes by pull request only', remedy: OTHER_BRANCH },
  signature: {
    message: 'its rules demand signed commits, and this step cannot sign',
    remedy: 'Give a branch without this rule with the input branch; it is made when there is none.'
  },
  'commit-message': {
    message: "its rules demand another form of the commit's message or author",
    remedy: 'Give a branch without this rule with the input branch; it is made when there is none.'
  },
  creation: {
    message: 'its rules do not let this job make the branch',
    remedy: 'Make the branch by hand, or pass a token that may make it as github-token.'
  },
  form: {
    message: 'its rules do not allow such a name of a branch, or such a file',
    remedy: 'Give another name with the input branch, or another path with the input path.'
  },
  secret: {
    message: 'GitHub found a secret in what is pushed',
    remedy: "Look at the alert that GitHub's words name. The push holds nothing but the card."
  },
  'in-the-way': {
    message: 'another branch is in the way (git cannot have the branches a and a/b at once)',
    remedy: 'Give another name with the input branch, or remove the branch that is in the way.'
  },
  hook: {
    message: 'a hook of the server or a rule of the repository does not allow it',
    remedy: 'Do what the words of the server ask for, or give another branch with the input branch.'
  },
  unsaid: {
    message: 'it did not say why',
    remedy: 'Look at the rules of the repository (Settings → Rules), or give another branch with the input branch.'
  }
}

const MALFORMED: Record<Facts['pat-malformed']['fault'], string> = {
  'white-space': 'white space inside',
  control: 'control characters',
  'non-ascii': 'characters outside ASCII',
  quotes: 'quotes',
  expression: 'an expression that was not replaced',
  characters: 'characters of other kinds'
}

const COPY_AGAIN = 'Copy the PAT again, alone and on one line, and save it again as the secret.'

const MALFORMED_REMEDY: Record<Facts['pat-malformed']['fault'], string> = {
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

const POLICY: Record<Policy, Explanation> = {
  classic: {
    message: 'The organization forbids access with classic PATs',
    remedy: `Make a fine-grained PAT instead (${PAT_FORM}/new): resource owner = the organization, Organization permissions → Members: Read-only.`
  },
  'fine-grained': {
    message: 'The organization forbids access with fine-grained PATs',
    remedy: `Use a classic PAT with the scope read:org (${SERVER}/settings/tokens), or ask an owner to allow fine-grained PATs (organization Settings → Personal access tokens).`
  },
  lifetime: {
    message: 'The organization forbids PATs that live as long as this one',
    remedy: `Make a new PAT with a lifetime that the organization allows: ${PAT_FORM}/new.`
  },
  'ip-allow-list': {
    message: "The organization's IP allow list does not let this runner in",
    remedy:
      "Run the job on a runner whose address is on the list (a self-hosted or larger runner), or ask an owner to add the runner's address."
  },
  'oauth-app': {
    message:
      'The organization does not let OAuth apps read its data, and this token belongs to an OAuth app, not directly to a person',
    remedy: `Make a personal access token: ${PAT_FORM}/new, save it as the secret, and pass that as pat.`
  },
  suspended: {
    message: "The account of the PAT's user is suspended",
    remedy: 'Use a PAT of another owner, or ask GitHub Support (or your enterprise) to lift the suspension.'
  }
}

const CERTIFICATE_FAULT: Record<CertificateFault, string> = {
  'unknown-issuer': 'was not signed by a CA that this runner trusts',
  expired: 'has expired',
  'not-yet-valid': 'is not valid yet',
  'wrong-host': 'is for another host',
  weak: 'is too weak: its key or its signature is of a kind that is no longer safe',
  invalid: 'is not valid'
}

function certificateRemedy({ fault, extraCa }: Facts['tls-untrusted']): string {
  const extra = EXTRA_CA[extraCa]
  // A file that is loaded is not what such a certificate lacks.
  const aside = (when: string): string => (extraCa === 'loaded' ? '' : ` (${when}: ${extra}.)`)
  return {
    'unknown-issuer': `${extra}. If nothing of yours inspects TLS, somebody may be listening: do not continue.`,
    expired: `Renew the certificate. If it is still good, the runner's clock is wrong: correct it.${aside('If a new CA signed a new certificate')}`,
    'not-yet-valid': "Correct the runner's clock, or wait until the certificate is valid.",
    'wrong-host':
      'Check the spelling of the API URL and the DNS of the runner. (NODE_EXTRA_CA_CERTS does not help: the certificate names another host.)',
    weak: 'Ask whoever runs this host, or whatever inspects TLS on the way to it, for a certificate with a key of at least 2048 bits (RSA) and a SHA-256 signature. (NODE_EXTRA_CA_CERTS does not help.)',
    invalid: `Check what stands between the runner and the host.${aside('If a company proxy signs TLS anew')}`
  }[fault]
}

const EXTRA_CA: Record<ExtraCa, string> = {
  unset:
    "Set NODE_EXTRA_CA_CERTS to a file with your company's CA certificate, in the runner's environment or the step's env",
  unreadable:
    'NODE_EXTRA_CA_CERTS is set, but its file is missing or cannot be read, so Node ignored it: correct the path, and let the user of the runner read the file (in a container, mount it)',
  'no-pem':
    'NODE_EXTRA_CA_CERTS is set, but its file is not a certificate in PEM, so Node ignored it: it must have a line -----BEGIN CERTIFICATE----- (convert DER with openssl x509 -inform der)',
  loaded:
    "NODE_EXTRA_CA_CERTS is set, but none of the CA certificates in its file signed this one: add your company's CA certificate to the file"
}

const PROXY_FAULT: Record<ProxyFault, string> = {
  'unusable-url': 'is not an http:// or https:// address',
  'unsupported-node': 'cannot be used, because the Node.js of this runner is too old for proxies',
  unreachable: 'could not be reached',
  'in-clear': 'does not speak TLS, although its address begins with https://',
  'no-tls': 'closed the connection while TLS was being set up',
  'not-http': 'answered something that is not HTTP',
  refused: 'refused the connection',
  'credentials-missing': 'wants a user name and a password, and its address has none',
  'credentials-wrong': 'does not accept the user name and the password in its address',
  'no-tunnel': 'opened no connection to the host: it hangs, or it cannot reach the host'
}

const PROXY_SETTINGS = 'HTTPS_PROXY and NO_PROXY, in upper or lower case'

const ONLY_BASIC =
  'This action speaks only Basic authentication to a proxy: if yours wants NTLM, Kerberos or Digest, run a small local proxy that does it, and name that one.'

function proxyRemedy({ fault, proxyHost }: Facts['proxy-failed']): string {
  const inClear = `write http://${proxyHost ? `${proxyHost}` : 'HOST:PORT'} in HTTPS_PROXY (GitHub and Vaunt still get TLS)`
  return {
    'unusable-url': `Correct the runner's proxy settings (${PROXY_SETTINGS}), for instance http://proxy.example:3128.`,
    'unsupported-node': 'Update the runner: the proxy settings need Node.js 24.5 or newer.',
    unreachable: `Check the runner's proxy settings (${PROXY_SETTINGS}) and that the proxy is up.`,
    'in-clear': `Most proxies use plain HTTP: ${inClear}.`,
    'no-tls': `Most proxies use plain HTTP: ${inClear}. Otherwise check that the proxy works.`,
    'not-http': `Check the host and the port of the proxy (${PROXY_SETTINGS}); if the proxy itself speaks TLS, write https:// before its host.`,
    refused:
      'Ask whoever runs the proxy to allow the host, and whether the proxy can reach it; or list the host in NO_PROXY if it is reached directly.',
    'credentials-missing': `Write them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded. ${ONLY_BASIC}`,
    'credentials-wrong': `Correct the user name and password in the runner's proxy settings (${PROXY_SETTINGS}), with special characters percent-encoded. ${ONLY_BASIC}`,
    'no-tunnel':
      'Check that the proxy is healthy and may reach the host, or list the host in NO_PROXY if it is reached directly.'
  }[fault]
}

const SEAL_FAULT: Record<Facts['sealed-token-invalid']['fault'], Explanation> = {
  'not-sealed': {
    message: 'The input sealed-token is not a sealed token.',
    remedy: 'Pass the output sealed-token of the earlier job (not its output token), whole.'
  },
  undecryptable: {
    message:
      'The input sealed-token cannot be opened: it was sealed with another seal-key, was cut, or was altered on the way.',
    remedy: 'Pass the same secret as seal-key in both jobs, and the output sealed-token of the earlier job, whole.'
  },
  elsewhere: {
    message: 'The input sealed-token was sealed in another run or another repository, and is good only there.',
    remedy: 'Take it from a job of the same workflow run, by needs.JOB.outputs.sealed-token.'
  }
}

function absence(reason: AbsenceReason): string {
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

function tokenRefused(facts: Facts['vaunt-refused']): Explanation {
  return {
    message: `GitHub confirmed the right to ${facts.entity}, but Vaunt refused to give a token (${facts.status}).${trail('Vaunt', facts)}`,
    remedy: `Sign in at https://vaunt.dev with the same GitHub account and check that ${facts.entity} is set up there; if it is, tell Vaunt's support what this message says.`
  }
}

function dataRefused(facts: Facts['vaunt-refused']): Explanation {
  return {
    message: `Vaunt refused ${facts.asked} (${facts.status}): the token has expired, it is for another account than ${facts.entity}, or the plan of ${facts.entity} does not include this.${trail('Vaunt', facts)}`,
    remedy: `Get a new token for ${facts.entity}, and give entity as GitHub spells it. If it is still refused, sign in at https://vaunt.dev and look at the plan of ${facts.entity}.`
  }
}

function entityUnknown(facts: Facts['vaunt-entity-unknown']): Explanation {
  return {
    message: `Vaunt does not know ${facts.entity} (404): Vaunt is not installed on it, ${facts.address ? '' : 'or '}Vaunt spells its name in another way${facts.address ? `, or ${facts.address} is not the address of Vaunt's API` : ''}.${trail('Vaunt', facts)}`,
    remedy: `Install the Vaunt GitHub App on ${facts.entity} (https://vaunt.dev) and run the job again.${facts.address ? ' Check the input vaunt-api-url.' : ''} If it was renamed on GitHub lately, reinstall the app.`
  }
}

function repositoryUnknown(repository: Quoted, facts: Facts['vaunt-entity-unknown']): Explanation {
  return {
    message: `Vaunt does not know the repository ${facts.entity}/${repository} (404).${trail('Vaunt', facts)}`,
    remedy: `Correct the inputs entity and repository. If both are right, give the Vaunt GitHub App access to the repository (in the settings of ${facts.entity}, under GitHub Apps).${facts.address ? ` Check the input vaunt-api-url as well: it is ${facts.address}.` : ''}`
  }
}

function rateLimited(service: Service, facts: RateLimited): Explanation {
  const until = facts.until ? ` until ${iso(facts.until)}` : ''
  const again = facts.until
    ? 'after that time'
    : facts.isBeyond
      ? `in an hour (${service} names a time that no calendar has)`
      : 'in a few minutes'
  const message =
    facts.limit === 'logins'
      ? `${service} refuses every login for a while${until}, because there were too many failed ones.`
      : `${service} is limiting the rate of requests${until}.`
  return {
    message: `${message}${trail(service, facts)}`,
    remedy:
      facts.limit === 'logins'
        ? 'Find what logs in with a wrong PAT or password (an old secret in another job?) and correct it; then run the job again in an hour.'
        : `Run the job again ${again}; if this happens often, let fewer jobs ask at once.`
  }
}

function unavailable(service: Service, facts: Unavailable): Explanation {
  const { outage, phase, host, detail, until } = facts
  const through = facts.proxyHost && phase === 'tls' ? ` through the proxy ${facts.proxyHost}` : ''
  const code = detail ? ` (${detail})` : ''
  const happened = {
    network: `${service} could not be reached at ${host}${code}${through}: ${BROKEN_PHASE[phase]}`,
    deadline: `${service} did not answer in time at ${host}${through}${SLOW_PHASE[phase]}`,
    budget: `${service} did not answer at ${host}${through} within the ${facts.limitMs / 1000} seconds that this action takes at most${SLOW_PHASE[phase]}`,
    status: `${service} is not available${code}`
  }[outage]
  const comeBack = until ? `; it asks to come back after ${iso(until)}` : ''
  return {
    message: `${happened}${comeBack}.${trail(service, facts)}`,
    remedy:
      outage === 'status'
        ? `Run the job again ${until ? 'after that time' : 'later'}; ${statusPage(service)} tells whether others are affected.`
        : PHASE_REMEDY[phase](service)
  }
}

const BROKEN_PHASE: Record<Phase, string> = {
  name: 'its name could not be looked up',
  tcp: 'no connection could be opened',
  tls: 'TLS could not be started',
  tunnel: 'the proxy opened no connection',
  http: 'the connection broke off before the whole answer had come'
}

const SLOW_PHASE: Record<Phase, string> = {
  name: ': the lookup of its name (DNS) gave no answer',
  tcp: ': no connection could be opened',
  tls: ': TLS was not ready',
  tunnel: ': the proxy opened no connection',
  http: ''
}

const PHASE_REMEDY: Record<Phase, (service: Service) => string> = {
  name: service =>
    `Check the host name in the input ${apiUrlInput(service)} and the DNS of the runner (in a container, also its /etc/resolv.conf); otherwise run the job again later.`,
  tcp: service =>
    `Check the input ${apiUrlInput(service)} and that the runner may reach this host (firewall, proxy); otherwise run the job again later.`,
  tls: service =>
    `Check that the input ${apiUrlInput(service)} names a host and a port that speak TLS, and that no firewall or proxy cuts the connection; otherwise run the job again later.`,
  tunnel: service => `Check the runner's proxy settings and the input ${apiUrlInput(service)}.`,
  http: service =>
    `Run the job again later. If it happens again, check that the runner may reach this host (firewall, proxy), and look at ${statusPage(service)}.`
}

function unexpected(service: Service, facts: Unexpected): Explanation {
  const { surprise, asked } = facts
  const detail = facts.detail ? ` (${facts.detail})` : ''
  const status = facts.status === undefined ? '' : ` (status ${facts.status})`
  const where = facts.host ? ` at ${facts.host}` : ''
  // The service's own words are the message, so they are not said again behind it.
  if (surprise === 'refused') {
    return {
      message: `${service} refused${facts.words ? `: "${facts.words}"` : ''}${status}, when asked for ${asked}.${trail(service, { ...facts, words: undefined })}`,
      remedy: facts.words
        ? `Do what these words of ${service} ask for. If they are not clear, ask ${service}'s support what they mean.`
        : `Run the job again. If it happens again, ask ${service}'s support, and name the request id.`
    }
  }
  const happened: Record<Exclude<Surprise, 'refused'>, string> = {
    status: `${service} gave an answer that its API does not have${status}`,
    foreign: `Something other than ${service} answered${where}${status}: the answer is not in the form of ${service}'s API, so it comes from a proxy, a firewall, a login page or another server`,
    redirect: `${service} answered with a redirect${facts.location ? ` to ${facts.location}` : ''}${status}, and redirects are never followed`,
    'too-large': `${service} sent more than ${(facts.limitBytes ?? 0) / MIB} MiB`,
    'head-too-large': `${service} answered${where} with headers that are too large${detail}`,
    undecodable: `${service} compressed its answer in a form that cannot be read${status}`,
    'not-http': `What answered${where} does not speak HTTP as it should${detail}`,
    'client-certificate': `The server${where} wants a client certificate${detail}, which this action cannot send`,
    'handshake-refused': `The server${where} and this runner found no common way to speak TLS${detail}: their TLS settings do not fit, or the server wants a client certificate, which this action cannot send`,
    'not-json': `${service} did not answer with JSON${status}`,
    'not-described': `${service} answered with something other than its API describes${status}`,
    'ids-contradict': `${service}'s answers contradict each other: the membership is of another user or organization`,
    'other-login': `${service} answered about another account than the one asked for`,
    'no-token': `${service} answered without a token${status}`,
    'not-a-jwt': `${service} answered with a token that is not a signed JWT`,
    unsigned: `${service} answered with a token that has no signature${detail}`
  }
  return {
    message: `${happened[surprise]}, when asked for ${asked}.${trail(surprise === 'foreign' ? 'It' : service, facts)}`,
    remedy: FOREIGN.has(surprise)
      ? `Check that the input ${apiUrlInput(service)} is the address of ${service}'s API, and what stands between the runner and that host (proxy, firewall, VPN). The PAT may still be valid.`
      : `Check that ${apiUrlInput(service)} is the address of ${service}'s API and that no proxy or login page answers in its place; otherwise report this message to ${service}.`
  }
}

/** What is not of the service at all. */
const FOREIGN: ReadonlySet<Surprise> = new Set<Surprise>([
  'foreign',
  'head-too-large',
  'not-http',
  'client-certificate',
  'handshake-refused'
])

const MIB = 1_048_576

function apiUrlInput(service: Service): string {
  return service === 'GitHub' ? 'github-api-url' : 'vaunt-api-url'
}

function statusPage(service: Service): string {
  return service === 'GitHub' ? 'https://www.githubstatus.com' : 'https://vaunt.dev'
}

function proxyName(facts: Facts['proxy-failed']): string {
  return facts.proxyHost ? `The proxy ${facts.proxyHost}` : 'The proxy in HTTPS_PROXY'
}

/** The evidence behind a message: the service's words, its request id, the number of attempts. */
function trail(service: Service | 'It', facts: Partial<Trail>): string {
  const words = facts.words ? `${facts.words}` : ''
  const made = facts.attempts ?? 1
  return (
    (words ? ` ${service} says: "${words}".` : '') +
    (facts.requestId ? ` Request id: ${facts.requestId}.` : '') +
    (made > 1 ? ` ${made} attempts were made.` : '')
  )
}

function attempts(count: number): string {
  return count > 1 ? ` in ${count} attempts` : ''
}

function iso(date: Date): string {
  return date.toISOString()
}
