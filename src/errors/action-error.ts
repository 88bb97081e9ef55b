// Defines the failures of the action, ActionError and InputErrors, and the text of their annotation. The words are in messages/.

import { catalogue } from './catalogue.ts'
import { SERVER } from './messages/wording.ts'
import type { Code, Facts } from './catalogue.ts'
import type { Explanation } from './messages/wording.ts'

/** A failure with a code. Apart from InputErrors, which groups several of them, the action's own code throws nothing else. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly code: Code
  readonly remedy: string
  /** The server's words, the request ID, and the number of attempts; empty if none of them is known. */
  readonly details: string
  readonly #explanation: Explanation

  private constructor(code: Code, explanation: Explanation, cause: unknown) {
    super(linked(explanation.message, PUBLIC_SERVER), { cause })
    this.code = code
    this.remedy = linked(explanation.remedy, PUBLIC_SERVER)
    this.details = explanation.details ?? ''
    this.#explanation = explanation
  }

  /** Returns what happened, what to do, and the details in parentheses, with links to the given GitHub server. */
  toldFor(server: string): string {
    const { message, remedy } = this.#explanation
    return linked(`${message} ${remedy}`, server) + (this.details && ` (${this.details})`)
  }

  /**
   * Creates a failure with the words that the catalogue has for its code.
   *
   * @param facts what was observed
   * @param cause what was thrown, if anything; for debuggers only, never printed
   */
  static of<C extends Code>(code: C, facts: Facts[C], cause?: unknown): ActionError {
    return new ActionError(code, catalogue[code](facts), cause)
  }
}

/** A problem with the inputs, and the name of the input that has it. */
export interface Problem {
  readonly input: string
  readonly error: ActionError
}

/** All problems with the inputs; there is at least one. */
export class InputErrors extends Error {
  override readonly name = 'InputErrors'
  readonly problems: readonly [Problem, ...Problem[]]

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(`${problems.length} inputs are invalid`)
    this.problems = problems
  }
}

/**
 * Throws the problems, if there are any.
 *
 * @throws InputErrors with all of them, in their order
 */
export function requireNone(problems: readonly (Problem | undefined)[]): void {
  const [first, ...others] = problems.filter(each => each !== undefined)
  if (first) throw new InputErrors([first, ...others])
}

/** Runs a check and collects the problems it throws, so that one run reports all of them. */
export function collect<T>(problems: Problem[], check: () => T): T | undefined {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof InputErrors)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Returns a system code, such as ENOSPC, unchanged; undefined for anything else. */
export function systemCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^E[A-Z]{2,20}$/.test(code) ? code : undefined
}

/**
 * Builds the text of the annotation that a failure leaves: what happened, what to do, the details in parentheses, and the code.
 *
 * @param guide the URL or path of the troubleshooting guide, to which `#code` is appended
 * @param server the GitHub server that links lead to, such as `https://ghe.example`
 */
export function describe(error: ActionError | InputErrors, guide: string, server = PUBLIC_SERVER): string {
  const paragraph = (failure: ActionError): string =>
    `${failure.toldFor(server)} [${failure.code}] ${guide}#${failure.code}`
  if (error instanceof ActionError) return paragraph(error)
  const { problems } = error
  if (problems.length === 1) return paragraph(problems[0].error)
  const parts = problems.map((problem, index) => `(${index + 1}) '${problem.input}': ${paragraph(problem.error)}`)
  return `${problems.length} inputs are invalid. Nothing was sent. ${parts.join(' ')}`
}

/** Returns the code of a failure; if there are several, the first one. */
export function codeOf(error: ActionError | InputErrors): Code {
  return error instanceof ActionError ? error.code : error.problems[0].error.code
}

/** The GitHub server that links lead to by default. */
export const PUBLIC_SERVER = 'https://github.com'

function linked(text: string, server: string): string {
  // The replacement is a function, because a string could contain special patterns such as $&.
  return text.replaceAll(SERVER, () => server)
}
