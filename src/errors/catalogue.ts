// Lists every error code, with the facts that its message is built from and its words.

import { cardMessages } from './messages/card.ts'
import type { CardFacts } from './messages/card.ts'
import { githubMessages } from './messages/github.ts'
import type { GithubFacts } from './messages/github.ts'
import { inputMessages } from './messages/inputs.ts'
import type { InputFacts } from './messages/inputs.ts'
import { networkMessages } from './messages/network.ts'
import type { NetworkFacts } from './messages/network.ts'
import { sealingMessages } from './messages/sealing.ts'
import type { SealingFacts } from './messages/sealing.ts'
import { vauntMessages } from './messages/vaunt.ts'
import type { VauntFacts } from './messages/vaunt.ts'
import type { Messages } from './messages/wording.ts'

/** For each code, the facts that its message is built from. None of them can contain a secret: text from outside is `Quoted`. */
export interface Facts extends InputFacts, GithubFacts, VauntFacts, NetworkFacts, SealingFacts, CardFacts {}

/** The stable name of a failure, which is the value of the output `error-code`. */
export type Code = keyof Facts

/** For each code, its words. The remedy follows from what was observed, and names both causes if there are two possible ones. */
export const catalogue: Messages<Facts> = {
  ...inputMessages,
  ...githubMessages,
  ...vauntMessages,
  ...networkMessages,
  ...sealingMessages,
  ...cardMessages
}
