// Owns the messages about sealed tokens.

import { absence } from './inputs.ts'
import type { AbsenceReason } from './inputs.ts'
import { iso } from './wording.ts'
import type { Explanation, Messages } from './wording.ts'

const SEAL_KEY_COMMAND = 'openssl rand -base64 32'

export interface SealingFacts {
  'seal-key-invalid': { readonly empty: boolean }
  'sealed-token-missing': { readonly reason: AbsenceReason }
  'sealed-token-invalid': { readonly fault: 'not-sealed' | 'undecryptable' | 'elsewhere' }
  'sealed-token-expired': { readonly expiredAt: Date; readonly now: Date }
}

/** What to say about sealed tokens. */
export const sealingMessages: Messages<SealingFacts> = {
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
  })
}

const SEAL_FAULT: Record<SealingFacts['sealed-token-invalid']['fault'], Explanation> = {
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
