// Owns the messages about what GitHub answers.

import type { Quoted } from '../../untrusted/quoted.ts'
import { rateLimited, unavailable, unexpected } from './services.ts'
import type { RateLimited, Unavailable, Unexpected } from './services.ts'
import { CREATE_PAT, details, PAT_FORM, SERVER } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

/** Where a PAT comes from, as far as its answers show: only classic PATs have `x-oauth-scopes`. */
export type PatKind = 'classic' | 'fine-grained'

/** What a 403 says that an organization or account policy forbids. */
export type Policy = 'classic' | 'fine-grained' | 'lifetime' | 'ip-allow-list' | 'oauth-app' | 'suspended'

export interface GithubFacts {
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
}

/** What to say about GitHub's answers. */
export const githubMessages: Messages<GithubFacts> = {
  'pat-rejected': facts => ({
    message: "GitHub rejected the PAT (HTTP 401). It expired, was revoked or deleted, or wasn't copied completely.",
    remedy: `Check the PAT at ${PAT_FORM}, or at ${SERVER}/settings/tokens if it's a classic PAT. Regenerate it and update the secret with the new value.`,
    details: details('GitHub', facts)
  }),

  'entity-not-found': facts => ({
    message: `GitHub has no user or organization named ${facts.entity} (HTTP 404).`,
    remedy:
      "Correct 'entity': the name is misspelled, or the account was renamed or deleted. If you remove this input, the action uses the repository's owner.",
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
    message: `${facts.patUser}'s ${facts.pat} PAT isn't allowed to read the membership in ${facts.entity} (HTTP 403).`,
    remedy:
      facts.pat === 'classic'
        ? `Edit the PAT at ${SERVER}/settings/tokens and select the read:org scope.`
        : `Edit the PAT at ${PAT_FORM}: under Organization permissions, set Members to Read-only. If its resource owner isn't ${facts.entity}, create a new PAT.`,
    details: details('GitHub', facts)
  }),

  'not-a-member': facts => ({
    message:
      `GitHub found no membership of ${facts.patUser} in ${facts.entity} (HTTP 404). ` +
      (facts.pat === 'classic'
        ? `${facts.patUser} isn't a member.`
        : `Either ${facts.patUser} isn't a member, or this fine-grained PAT's resource owner isn't ${facts.entity}.`),
    remedy:
      facts.pat === 'classic'
        ? `Use a PAT created by an owner of ${facts.entity}, or correct 'entity'.`
        : `Check "Resource owner" at ${PAT_FORM}. It can't be changed, so create a new PAT if it isn't ${facts.entity}. If it is, use a PAT created by an owner of ${facts.entity}.`,
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
