// Owns the messages about what Vaunt answers.

import type { Quoted } from '../../untrusted/quoted.ts'
import { rateLimited, unavailable, unexpected } from './services.ts'
import type { RateLimited, Unavailable, Unexpected } from './services.ts'
import { iso, trail } from './wording.ts'
import type { Explanation, Messages, Trail } from './wording.ts'

export interface VauntFacts {
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
}

/** What to say about Vaunt's answers. */
export const vauntMessages: Messages<VauntFacts> = {
  'vaunt-refused': facts => (facts.asked === undefined ? tokenRefused(facts) : dataRefused(facts)),

  'vaunt-entity-unknown': facts =>
    facts.repository ? repositoryUnknown(facts.repository, facts) : entityUnknown(facts),

  'vaunt-rate-limited': facts => rateLimited('Vaunt', facts),
  'vaunt-unavailable': facts => unavailable('Vaunt', facts),
  'vaunt-unexpected': facts => unexpected('Vaunt', facts),

  'token-expired': facts => ({
    message: `Vaunt gave a token that expired at ${iso(facts.expiredAt)}, though ${facts.isVaunts ? 'its own' : "this runner's"} clock says ${iso(facts.time)}.${trail('Vaunt', facts)}`,
    remedy: `${facts.isVaunts ? 'Run' : 'If that clock is wrong, correct it. Otherwise run'} the job again. If it happens again, tell Vaunt's support.`
  })
}

function tokenRefused(facts: VauntFacts['vaunt-refused']): Explanation {
  return {
    message: `GitHub confirmed the right to ${facts.entity}, but Vaunt refused to give a token (${facts.status}).${trail('Vaunt', facts)}`,
    remedy: `Sign in at https://vaunt.dev with the same GitHub account and check that ${facts.entity} is set up there; if it is, tell Vaunt's support what this message says.`
  }
}

function dataRefused(facts: VauntFacts['vaunt-refused']): Explanation {
  return {
    message: `Vaunt refused ${facts.asked} (${facts.status}): the token has expired, it is for another account than ${facts.entity}, or the plan of ${facts.entity} does not include this.${trail('Vaunt', facts)}`,
    remedy: `Get a new token for ${facts.entity}, and give entity as GitHub spells it. If it is still refused, sign in at https://vaunt.dev and look at the plan of ${facts.entity}.`
  }
}

function entityUnknown(facts: VauntFacts['vaunt-entity-unknown']): Explanation {
  return {
    message: `Vaunt does not know ${facts.entity} (404): Vaunt is not installed on it, ${facts.address ? '' : 'or '}Vaunt spells its name in another way${facts.address ? `, or ${facts.address} is not the address of Vaunt's API` : ''}.${trail('Vaunt', facts)}`,
    remedy: `Install the Vaunt GitHub App on ${facts.entity} (https://vaunt.dev) and run the job again.${facts.address ? ' Check the input vaunt-api-url.' : ''} If it was renamed on GitHub lately, reinstall the app.`
  }
}

function repositoryUnknown(repository: Quoted, facts: VauntFacts['vaunt-entity-unknown']): Explanation {
  return {
    message: `Vaunt does not know the repository ${facts.entity}/${repository} (404).${trail('Vaunt', facts)}`,
    remedy: `Correct the inputs entity and repository. If both are right, give the Vaunt GitHub App access to the repository (in the settings of ${facts.entity}, under GitHub Apps).${facts.address ? ` Check the input vaunt-api-url as well: it is ${facts.address}.` : ''}`
  }
}
