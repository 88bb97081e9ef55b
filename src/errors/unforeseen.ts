// Owns what an error that nobody foresaw may show: its type, a system code, and where in this action it was thrown.

import { systemCode } from './action-error.ts'

/** What sort of thing was thrown. Never its message: it may contain anything. */
export function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a thrown ${typeof thrown}`
  const type = KNOWN_TYPES.find(known => thrown instanceof known)?.name ?? 'Error'
  const code = 'code' in thrown ? systemCode(thrown.code) : undefined
  return code === undefined ? type : `${type} ${code}`
}

const KNOWN_TYPES = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError]

/**
 * Where an error was thrown: the innermost functions of this action with their lines, such as `attest, index.js:120`.
 *
 * @returns an empty text when the stack doesn't show it
 */
export function placeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  // Typed as texts, but anybody may have set them to something else.
  const message: unknown = thrown.message
  const stack: unknown = thrown.stack
  if (typeof message !== 'string' || typeof stack !== 'string' || !stack.includes(message)) return ''
  // The message comes first, and its lines may look like frames.
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

/** A frame in a file of this action: only the names of its function and file, and its line, are kept. */
const FRAME =
  /^ {4}at (?:async )?(?:(?:new )?([\w.$#]{1,60}) \()?(?:file:\/\/)?\/(?!.*node_modules)(?:.*\/)?([\w.-]{1,60}\.[jt]s):(\d+):\d+\)?$/
