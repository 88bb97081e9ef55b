// Owns the failures of the action: ActionError, InputErrors, and how they are described. The words are in errors/catalogue.ts.

import { catalogue } from './catalogue.ts'
import { SERVER } from './messages/wording.ts'
import type { Code, Facts } from './catalogue.ts'
import type { Explanation } from './messages/wording.ts'

/** The one kind of failure that the action's own code throws. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly code: Code
  readonly remedy: string
  /** The server's words, the request ID, and the attempts; empty when there is nothing to tell. */
  readonly details: string
  readonly #explanation: Explanation

  private constructor(code: Code, explanation: Explanation, cause: unknown) {
    super(linked(explanation.message, PUBLIC_SERVER), { cause })
    this.code = code
    this.remedy = linked(explanation.remedy, PUBLIC_SERVER)
    this.details = explanation.details ?? ''
    this.#explanation = explanation
  }

  /** What happened, what to do, and the details in one bracket, with links to a GitHub such as `https://ghe.example`. */
  toldFor(server: string): string {
    const { message, remedy } = this.#explanation
    return linked(`${message} ${remedy}`, server) + (this.details && ` (${this.details})`)
  }

  /**
   * @param code which failure
   * @param facts what was observed
   * @param cause what was thrown, if anything: for debuggers only, never printed
   */
  static of<C extends Code>(code: C, facts: Facts[C], cause?: unknown): ActionError {
    return new ActionError(code, catalogue[code](facts), cause)
  }
}

/** One thing that is wrong with the inputs, and the input that it is wrong with. */
export interface Problem {
  readonly input: string
  readonly error: ActionError
}

/** Everything that is wrong with the inputs, at least one thing. */
export class InputErrors extends Error {
  override readonly name = 'InputErrors'
  readonly problems: readonly [Problem, ...Problem[]]

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(`${problems.length} inputs are invalid`)
    this.problems = problems
  }
}

/** Goes on only when there is no problem. @throws InputErrors with all of them, in their order */
export function requireNone(problems: readonly (Problem | undefined)[]): void {
  const [first, ...others] = problems.filter(each => each !== undefined)
  if (first) throw new InputErrors([first, ...others])
}

/** Runs a check, and keeps what it finds, so that one run reports all that is wrong. */
export function collect<T>(problems: Problem[], check: () => T): T | undefined {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof InputErrors)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** A code of the system, such as ENOSPC; undefined for anything else. */
export function systemCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^E[A-Z]{2,20}$/.test(code) ? code : undefined
}

/**
 * The text of the one annotation that a failure leaves: what happened; what to do; the details in one bracket; the code.
 *
 * @param error what went wrong
 * @param guide where the troubleshooting guide is, to which `#code` is appended
 * @param server the GitHub that links lead to, such as `https://ghe.example`
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

/** The code that stands for the failure as a whole: the first of several. */
export function codeOf(error: ActionError | InputErrors): Code {
  return error instanceof ActionError ? error.code : error.problems[0].error.code
}

/** The GitHub that the catalogue's links are written for. */
export const PUBLIC_SERVER = 'https://github.com'

function linked(text: string, server: string): string {
  // As a function: in a text, signs such as $& would stand for something else.
  return text.replaceAll(SERVER, () => server)
}
