// Owns the messages about what GitHub answers.

import type { Quoted } from '../../untrusted/quoted.ts'
import { rateLimited, unavailable, unexpected } from './services.ts'
import type { RateLimited, Unavailable, Unexpected } from './services.ts'
import { PAT_FORM, SERVER, trail } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

/** Where a PAT comes from, as far as its answers show: only classic PATs have `x-oauth-scopes`. */
export type PatKind = 'classic' | 'fine-grained'

/** What a 403 says that an organization or account policy forbids. */
export type Policy = 'classic' | 'fine-grained' | 'lifetime' | 'ip-allow-list' | 'oauth-app' | 'suspended'

/** A PAT whose user may be a member, and its scopes if it is classic. */
interface Member {
  readonly entity: Quoted
  readonly patUser: Quoted
  readonly pat: PatKind
  readonly scopes?: Quoted
  /** Whether `read:org` is among the scopes, or included in one of them. */
  readonly hasLeastScope?: boolean
}

export interface GithubFacts {
  'pat-rejected': Trail
  /** `renamed`: GitHub keeps the account under another login; the id is in digits. */
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
  /** `required`: what GitHub requires, in its own names. */
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

/** What to say about GitHub's answers. */
export const githubMessages: Messages<GithubFacts> = {
  'pat-rejected': facts => ({
    message: `GitHub does not accept the PAT (401): it has expired, was revoked or deleted, or was not copied whole.${trail('GitHub', facts)}`,
    remedy: `Look at ${PAT_FORM} (or ${SERVER}/settings/tokens for a classic one): regenerate it, then save the new value as the secret.`
  }),

  'entity-not-found': facts =>
    facts.renamed
      ? {
          message: `The account ${facts.entity} was renamed (or transferred) on GitHub (HTTP ${facts.renamed.status}).${trail('GitHub', facts)}`,
          remedy: `Set the input entity to the new login of the account.${facts.renamed.id === undefined ? '' : ` To find it, run "gh api user/${facts.renamed.id} --jq .login".`}`
        }
      : {
          message: `GitHub knows no user or organization named ${facts.entity} (404).${trail('GitHub', facts)}`,
          remedy:
            'Correct the input entity: it was misspelled, renamed or deleted. Without it, the owner of the repository is used.'
        },

  'entity-unsupported': facts => ({
    message: `${facts.entity} is a GitHub account of type ${facts.type}; Vaunt has tokens for users and organizations only.${trail('GitHub', facts)}`,
    remedy: 'Set the input entity to a user or an organization.'
  }),

  'entity-mismatch': facts => ({
    message: `The PAT belongs to ${facts.patUser} (id ${facts.patUserId}), but the token was asked for ${facts.entity} (id ${facts.entityId}), another user. A user's token is given to that user only.${trail('GitHub', facts)}`,
    remedy: `Use a PAT made by ${facts.entity}, or set the input entity to ${facts.patUser} or to an organization that ${facts.patUser} administers.`
  }),

  'members-permission-missing': facts => ({
    message: `GitHub does not let this ${facts.pat} PAT of ${facts.patUser} read the membership in ${facts.entity} (403).${requirement(facts)}${trail('GitHub', facts)}`,
    remedy: permissionRemedy(facts)
  }),

  'not-a-member': facts => ({
    message: `GitHub shows no membership of ${facts.patUser} in ${facts.entity} (404): ${facts.patUser} is not a member${otherCause(facts)}.${trail('GitHub', facts)}`,
    remedy:
      facts.pat === 'fine-grained'
        ? `Open ${PAT_FORM} and look at "Resource owner": it must be ${facts.entity} (it cannot be changed later: make a new PAT). Otherwise use a PAT of an owner of ${facts.entity}.`
        : facts.hasLeastScope === false
          ? `If ${facts.patUser} is an owner of ${facts.entity}, open ${SERVER}/settings/tokens, edit the PAT, and select the scope read:org. Otherwise use a PAT of an owner of ${facts.entity}, or correct the input entity.`
          : `Use a PAT of an owner of ${facts.entity}, or correct the input entity.`
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
  'github-unexpected': facts => unexpected('GitHub', facts)
}

/** What GitHub requires, and what the PAT has, where GitHub says so. */
function requirement({ pat, required, scopes }: GithubFacts['members-permission-missing']): string {
  if (!required) return ''
  if (pat === 'fine-grained') return ` GitHub requires the permission ${required}.`
  return ` GitHub requires the scope ${required}. The scopes of the PAT: ${listed(scopes)}.`
}

function permissionRemedy(facts: GithubFacts['members-permission-missing']): string {
  const { pat, entity, patUser, required, hasLeastScope } = facts
  if (pat === 'classic') {
    return hasLeastScope === true && `${required ?? ''}` === 'read:org'
      ? `The PAT has that scope, so another rule of ${entity} is the reason: open ${SERVER}/orgs/${entity}/people as ${patUser}, or ask an owner of ${entity}.`
      : `Open ${SERVER}/settings/tokens, edit the PAT, and select the scope ${required ?? 'read:org'}.`
  }
  const names = `${required ?? 'members=read'}`
  const permission = /\bmembers=read\b/.test(names)
    ? 'Members: Read-only'
    : /\bmembers=write\b/.test(names)
      ? 'Members: Read and write'
      : names
  return `Open ${PAT_FORM}, edit the PAT: resource owner ${entity}, then Permissions → Organization permissions → ${permission}.`
}

function otherCause({ pat, entity, scopes, hasLeastScope }: GithubFacts['not-a-member']): string {
  if (pat === 'fine-grained') return `, or the resource owner of this fine-grained PAT is not ${entity}`
  return hasLeastScope === false ? `, or this classic PAT lacks the scope read:org (its scopes: ${listed(scopes)})` : ''
}

function listed(scopes: Quoted | undefined): string {
  return `${scopes ?? ''}` || 'none'
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
