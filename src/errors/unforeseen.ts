// Describes an unexpected error without its message: its type, a system code, and where in this action it was thrown.

import { systemCode } from './action-error.ts'

/** Names the type of what was thrown, and its system code. The message stays out, because it can contain anything. */
export function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a thrown ${typeof thrown}`
  const type = KNOWN_TYPES.find(known => thrown instanceof known)?.name ?? 'Error'
  const code = 'code' in thrown ? systemCode(thrown.code) : undefined
  return code === undefined ? type : `${type} ${code}`
}

const KNOWN_TYPES = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError]

/**
 * Names the innermost functions of this action in the stack with their lines, such as `attest, index.js:120`.
 *
 * @returns an empty text if the stack contains none
 */
export function placeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  // They are typed as strings, but any code can have set them to something else.
  const message: unknown = thrown.message
  const stack: unknown = thrown.stack
  if (typeof message !== 'string' || typeof stack !== 'string' || !stack.includes(message)) return ''
  // The message precedes the frames, and its lines can look like frames.
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n', MAX_LINES)
  const places = frames.map(frame => (frame.length > MAX_LENGTH ? null : FRAME.exec(frame)))
  return places
    .flatMap(match => (match ? [[match[1], `${match[2] ?? ''}:${match[3] ?? ''}`].filter(Boolean).join(', ')] : []))
    .slice(0, FRAMES)
    .join('; ')
}

const FRAMES = 3
const MAX_LINES = 30
const MAX_LENGTH = 500

/** Matches a frame in a file of this action. Only the names of its function and file and its line are kept. */
const FRAME =
  /^ {4}at (?:async )?(?:(?:new )?([\w.$#]{1,60}) \()?(?:file:\/\/)?\/(?!.*node_modules)(?:.*\/)?([\w.-]{1,60}\.[jt]s):(\d+):\d+\)?$/
