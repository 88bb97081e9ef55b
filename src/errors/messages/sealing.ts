// Contains the messages about sealed tokens.

import { missingPatCause } from './inputs.ts'
import type { MissingPatReason } from './inputs.ts'
import { iso, VALUE_HIDDEN } from './wording.ts'
import type { Explanation, Messages } from './wording.ts'

const SEAL_KEY_COMMAND = 'openssl rand -base64 32'

export interface SealingFacts {
  'seal-key-invalid': { readonly empty: boolean }
  'sealed-token-missing': { readonly reason: MissingPatReason }
  'sealed-token-invalid': { readonly fault: 'not-sealed' | 'undecryptable' | 'elsewhere' }
  'sealed-token-expired': { readonly expiredAt: Date; readonly now: Date }
}

export const sealingMessages: Messages<SealingFacts> = {
  'seal-key-invalid': ({ empty }) =>
    empty
      ? {
          message:
            "Input 'sealed-token' is set, but 'seal-key' is empty. A sealed token can be opened only with the key that sealed it.",
          remedy:
            "Pass the same secret as 'seal-key' in both jobs. A reusable workflow gets only the secrets that its caller passes."
        }
      : {
          message: "Input 'seal-key' isn't a base64-encoded key of 32 bytes.",
          remedy: `Create a key with \`${SEAL_KEY_COMMAND}\` and save its complete output as the secret.`,
          details: VALUE_HIDDEN
        },

  'sealed-token-missing': ({ reason }) => ({
    message: `${missingPatCause(reason)}Input 'seal-key' is set, but there is no 'sealed-token' to open and no PAT to get a token with.`,
    remedy: `To open a token, check the earlier job: it must succeed, output 'sealed-token', show no "Skip output" warning, and be listed in needs of this job. To create one, pass 'pat'.`
  }),

  'sealed-token-invalid': ({ fault }) => SEAL_FAULT[fault],

  'sealed-token-expired': ({ expiredAt, now }) => ({
    message: `The sealed token expired at ${iso(expiredAt)}. This runner's clock shows ${iso(now)}.`,
    remedy:
      'If that clock is wrong, correct it. Otherwise, re-run all jobs of the workflow, not only the failed ones, so that the first job gets a new token.'
  })
}

const SEAL_FAULT: Record<SealingFacts['sealed-token-invalid']['fault'], Explanation> = {
  'not-sealed': {
    message: "Input 'sealed-token' isn't a sealed token.",
    remedy: "Pass the complete 'sealed-token' output of the earlier job, not its 'token' output."
  },
  undecryptable: {
    message:
      "Input 'sealed-token' can't be opened. It was sealed with a different 'seal-key', or it was truncated or changed.",
    remedy:
      "Pass the same secret as 'seal-key' in both jobs, and the complete 'sealed-token' output of the earlier job."
  },
  elsewhere: {
    message: "Input 'sealed-token' was sealed in another workflow run or repository, and works only there.",
    remedy: 'Take it from a job in the same workflow run: needs.JOB.outputs.sealed-token.'
  }
}
