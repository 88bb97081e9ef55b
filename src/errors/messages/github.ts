// Contains the messages about GitHub's responses.

import type { Quoted } from '../../untrusted/quoted.ts'
import { rateLimited, unavailable, unexpected } from './services.ts'
import type { RateLimited, Unavailable, Unexpected } from './services.ts'
import { CREATE_PAT, details, PAT_FORM, SERVER } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

/** The kind of a PAT, as the responses show it: only those to classic PATs have the header `x-oauth-scopes`. */
export type PatKind = 'classic' | 'fine-grained'

/** What a policy of an organization or account forbids, according to a 403. */
export type Policy = 'classic' | 'fine-grained' | 'lifetime' | 'ip-allow-list' | 'oauth-app' | 'suspended'

/** A PAT and its user, who may be a member, and the scopes of a classic PAT. */
interface Member {
  readonly entity: Quoted
  readonly patUser: Quoted
  readonly pat: PatKind
  readonly scopes?: Quoted
  /** Whether the scopes include `read:org`. */
  readonly hasLeastScope?: boolean
}

export interface GithubFacts {
  'pat-rejected': Trail
  /** `renamed`: GitHub redirects to the account's ID, because its login changed. */
  'entity-not-found': Trail & {
    readonly entity: Quoted
    readonly renamed?: { readonly status: number; readonly id: string | undefined }
  }
  'entity-unsupported': Trail & { readonly entity: Quoted; readonly type: Quoted }
  'entity-mismatch': Trail & {
    readonly entity: Quoted
    readonly entityId: string
    readonly patUser: Quoted
    readonly patUserId: string
  }
  /** `required`: the scopes or permissions that GitHub requires. */
  'members-permission-missing': Trail & Member & { readonly required?: Quoted | undefined }
  'not-a-member': Trail & Member
  'membership-pending': Trail & { readonly entity: Quoted; readonly patUser: Quoted }
  'not-an-admin': Trail & { readonly entity: Quoted; readonly patUser: Quoted; readonly role: Quoted }
  'sso-required': Trail & { readonly url?: Quoted | undefined }
  'policy-forbidden': Trail & { readonly policy: Policy }
  'github-rate-limited': RateLimited
  'github-unavailable': Unavailable
  'github-unexpected': Unexpected
}

export const githubMessages: Messages<GithubFacts> = {
  'pat-rejected': facts => ({
    message: "GitHub rejected the PAT (HTTP 401). It expired, was revoked or deleted, or wasn't copied completely.",
    remedy: `Check the PAT at ${PAT_FORM}, or at ${SERVER}/settings/tokens if it's a classic PAT. Regenerate it and update the secret with the new value.`,
    details: details('GitHub', facts)
  }),

  'entity-not-found': facts => ({
    ...(facts.renamed ? renamed(facts) : notFound(facts)),
    details: details('GitHub', facts)
  }),

  'entity-unsupported': facts => ({
    message: `${facts.entity} is a GitHub account of type ${facts.type}. Vaunt issues tokens only for users and organizations.`,
    remedy: "Set 'entity' to a user or an organization.",
    details: details('GitHub', facts)
  }),

  'entity-mismatch': facts => ({
    message: `The PAT belongs to ${facts.patUser} (ID ${facts.patUserId}), but 'entity' is another user, ${facts.entity} (ID ${facts.entityId}). Only ${facts.entity} can get that token.`,
    remedy: `Use a PAT created by ${facts.entity}, or set 'entity' to ${facts.patUser} or an organization that ${facts.patUser} owns.`,
    details: details('GitHub', facts)
  }),

  'members-permission-missing': facts => ({
    message: `${facts.patUser}'s ${facts.pat} PAT isn't allowed to read the membership in ${facts.entity} (HTTP 403).${requirement(facts)}`,
    remedy: permissionRemedy(facts),
    details: details('GitHub', facts)
  }),

  'not-a-member': facts => ({
    message: `GitHub found no membership of ${facts.patUser} in ${facts.entity} (HTTP 404). ${missingMembershipCause(facts)}`,
    remedy: missingMembershipRemedy(facts),
    details: details('GitHub', facts)
  }),

  'membership-pending': facts => ({
    message: `${facts.patUser} was invited to ${facts.entity} but hasn't accepted the invitation yet.`,
    remedy: `Accept the invitation as ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/invitation, then run the job again.`,
    details: details('GitHub', facts)
  }),

  'not-an-admin': facts => ({
    message: `${facts.patUser} isn't an owner of ${facts.entity} (role: "${facts.role}"). Only owners can get an organization's token.`,
    remedy: `Use an owner's PAT, or ask an owner to change ${facts.patUser}'s role at ${SERVER}/orgs/${facts.entity}/people.`,
    details: details('GitHub', facts)
  }),

  'sso-required': facts => ({
    message: "The organization requires SAML single sign-on, and this PAT isn't authorized for it (HTTP 403).",
    remedy: facts.url
      ? `Authorize the PAT at ${facts.url}, then run the job again. The link works for one hour.`
      : `At ${SERVER}/settings/tokens, click "Configure SSO" next to the PAT and authorize it for the organization. Then run the job again.`,
    details: details('GitHub', facts)
  }),

  'policy-forbidden': facts => ({ ...POLICY[facts.policy], details: details('GitHub', facts) }),

  'github-rate-limited': facts => rateLimited('GitHub', facts),
  'github-unavailable': facts => unavailable('GitHub', facts),
  'github-unexpected': facts => unexpected('GitHub', facts)
}

function notFound({ entity }: GithubFacts['entity-not-found']): Explanation {
  return {
    message: `GitHub has no user or organization named ${entity} (HTTP 404).`,
    remedy:
      "Correct 'entity': the name is misspelled, or the account was renamed or deleted. If you remove this input, the action uses the repository's owner."
  }
}

function renamed({ entity, renamed }: GithubFacts['entity-not-found']): Explanation {
  const command = renamed?.id === undefined ? '' : ` To find it, run "gh api user/${renamed.id} --jq .login".`
  return {
    message: `The account ${entity} was renamed (or transferred) on GitHub (HTTP ${renamed?.status ?? 301}).`,
    remedy: `Set 'entity' to the new login of the account.${command}`
  }
}

/** Says what GitHub requires and what the PAT has, as far as the response shows it. */
function requirement({ pat, required, scopes }: GithubFacts['members-permission-missing']): string {
  if (!required) return ''
  return pat === 'fine-grained'
    ? ` GitHub requires the permission ${required}.`
    : ` GitHub requires the scope ${required}, but the PAT has ${listed(scopes)}.`
}

function permissionRemedy(facts: GithubFacts['members-permission-missing']): string {
  const { pat, entity, patUser, required, hasLeastScope } = facts
  if (pat === 'classic') {
    return hasLeastScope === true && `${required ?? ''}` === 'read:org'
      ? `Because the PAT has that scope, another rule blocks it: open ${SERVER}/orgs/${entity}/people as ${patUser}, or ask an owner of ${entity}.`
      : `Edit the PAT at ${SERVER}/settings/tokens and select the ${required ?? 'read:org'} scope.`
  }
  const names = `${required ?? 'members=read'}`
  const setting = /\bmembers=read\b/.test(names)
    ? 'set Members to Read-only'
    : /\bmembers=write\b/.test(names)
      ? 'set Members to Read and write'
      : `grant ${names}`
  return `Edit the PAT at ${PAT_FORM}: under Organization permissions, ${setting}. If its resource owner isn't ${entity}, create a new PAT.`
}

/** Says why GitHub shows no membership: one cause, or both if two are possible. */
function missingMembershipCause({ pat, entity, patUser, scopes, hasLeastScope }: GithubFacts['not-a-member']): string {
  if (pat === 'fine-grained') {
    return `Either ${patUser} isn't a member, or this fine-grained PAT's resource owner isn't ${entity}.`
  }
  return hasLeastScope === false
    ? `Either ${patUser} isn't a member, or this classic PAT lacks the read:org scope (it has ${listed(scopes)}).`
    : `${patUser} isn't a member.`
}

function missingMembershipRemedy({ pat, entity, patUser, hasLeastScope }: GithubFacts['not-a-member']): string {
  if (pat === 'fine-grained') {
    return `Check "Resource owner" at ${PAT_FORM}. It can't be changed, so create a new PAT if it isn't ${entity}. If it is, use a PAT created by an owner of ${entity}.`
  }
  return hasLeastScope === false
    ? `If ${patUser} is an owner of ${entity}, edit the PAT at ${SERVER}/settings/tokens and select the read:org scope. Otherwise, use a PAT created by an owner of ${entity}, or correct 'entity'.`
    : `Use a PAT created by an owner of ${entity}, or correct 'entity'.`
}

function listed(scopes: Quoted | undefined): string {
  return `${scopes ?? ''}` || 'no scopes'
}

const POLICY: Record<Policy, Explanation> = {
  classic: {
    message: 'The organization forbids access with classic PATs (HTTP 403).',
    remedy: `Create a fine-grained PAT at ${CREATE_PAT}. Set its resource owner to the organization and, under Organization permissions, set Members to Read-only.`
  },
  'fine-grained': {
    message: 'The organization forbids access with fine-grained PATs (HTTP 403).',
    remedy: `Use a classic PAT with the read:org scope (${SERVER}/settings/tokens), or ask an owner to allow fine-grained PATs under Settings > Personal access tokens of the organization.`
  },
  lifetime: {
    message: "This PAT's lifetime is longer than the organization allows (HTTP 403).",
    remedy: `Create a PAT with an earlier expiration date: ${CREATE_PAT}.`
  },
  'ip-allow-list': {
    message: "The organization's IP allow list blocks this runner (HTTP 403).",
    remedy:
      "Run the job on a runner whose IP address is on the list, such as a self-hosted or larger runner, or ask an owner to add the runner's IP address."
  },
  'oauth-app': {
    message:
      "The organization doesn't let OAuth apps access its data, and this token belongs to an OAuth app, not directly to a person (HTTP 403).",
    remedy: `Create a personal access token at ${CREATE_PAT}, save it as the secret, and pass it as 'pat'.`
  },
  suspended: {
    message: "The account of the PAT's user is suspended (HTTP 403).",
    remedy: "Use another owner's PAT, or ask GitHub Support or your enterprise to lift the suspension."
  }
}
