// Contains the messages about Vaunt's responses.

import type { Quoted } from '../../untrusted/quoted.ts'
import { rateLimited, unavailable, unexpected } from './services.ts'
import type { RateLimited, Unavailable, Unexpected } from './services.ts'
import { details, iso } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

export interface VauntFacts {
  /** `asked` is what was requested with a Vaunt token; undefined if the token itself was requested. */
  'vaunt-refused': Trail & { readonly entity: Quoted; readonly status: number; readonly asked?: string | undefined }
  'vaunt-entity-unknown': Trail & {
    readonly entity: Quoted
    readonly repository?: Quoted | undefined
    readonly address?: Quoted | undefined
  }
  'vaunt-rate-limited': RateLimited
  'vaunt-unavailable': Unavailable
  'vaunt-unexpected': Unexpected
  /** `isVaunts`: whether `time` is from Vaunt's response; otherwise, it's from the runner's clock. */
  'token-expired': Trail & { readonly expiredAt: Date; readonly time: Date; readonly isVaunts: boolean }
}

export const vauntMessages: Messages<VauntFacts> = {
  'vaunt-refused': facts => (facts.asked === undefined ? tokenRefused(facts) : dataRefused(facts)),

  'vaunt-entity-unknown': facts =>
    facts.repository ? repositoryUnknown(facts.repository, facts) : entityUnknown(facts),

  'vaunt-rate-limited': facts => rateLimited('Vaunt', facts),
  'vaunt-unavailable': facts => unavailable('Vaunt', facts),
  'vaunt-unexpected': facts => unexpected('Vaunt', facts),

  'token-expired': facts => ({
    message: `Vaunt returned a token that expired at ${iso(facts.expiredAt)}, but ${facts.isVaunts ? 'its own' : "this runner's"} clock shows ${iso(facts.time)}.`,
    remedy: `${facts.isVaunts ? 'Run' : 'If that clock is wrong, correct it. Otherwise, run'} the job again. If it fails again, contact Vaunt support.`,
    details: details('Vaunt', facts)
  })
}

function tokenRefused(facts: VauntFacts['vaunt-refused']): Explanation {
  return {
    message: `GitHub verified your access to ${facts.entity}, but Vaunt refused to issue a token (HTTP ${facts.status}).`,
    remedy: `Sign in at https://vaunt.dev with the same GitHub account and check that ${facts.entity} is set up there. If it is, send this message to Vaunt support.`,
    details: details('Vaunt', facts)
  }
}

function dataRefused(facts: VauntFacts['vaunt-refused']): Explanation {
  return {
    message: `Vaunt refused the request for ${facts.asked} (HTTP ${facts.status}). The token expired, it's for an account other than ${facts.entity}, or the plan of ${facts.entity} doesn't include this data.`,
    remedy: `Get a new token for ${facts.entity}, and spell 'entity' as GitHub does. If Vaunt still refuses, sign in at https://vaunt.dev and check the plan of ${facts.entity}.`,
    details: details('Vaunt', facts)
  }
}

function entityUnknown(facts: VauntFacts['vaunt-entity-unknown']): Explanation {
  const { entity, address } = facts
  return {
    message: `Vaunt has no account named ${entity} (HTTP 404). The Vaunt GitHub App isn't installed on it, ${address ? '' : 'or '}Vaunt spells its name differently${address ? `, or ${address} isn't the URL of Vaunt's API` : ''}.`,
    remedy: `Install the Vaunt GitHub App on ${entity} (https://vaunt.dev), then run the job again. If ${entity} was renamed recently, reinstall the app.${address ? " Also check 'vaunt-api-url'." : ''}`,
    details: details('Vaunt', facts)
  }
}

function repositoryUnknown(repository: Quoted, facts: VauntFacts['vaunt-entity-unknown']): Explanation {
  const { entity, address } = facts
  return {
    message: `Vaunt has no repository named ${entity}/${repository} (HTTP 404).`,
    remedy: `Correct 'entity' and 'repository'. If both are right, give the Vaunt GitHub App access to the repository, under GitHub Apps in the settings of ${entity}.${address ? ` Also check 'vaunt-api-url', which is ${address}.` : ''}`,
    details: details('Vaunt', facts)
  }
}
