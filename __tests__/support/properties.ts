// Configures property tests: they draw the same cases in every run, and others if FAST_CHECK_SEED is set.

import fc from 'fast-check'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_123)

// A mutant is dead with the first counterexample; nobody reads the smallest one.
const endOnFailure = process.env['STRYKER_MUTATOR_WORKER'] !== undefined

fc.configureGlobal({ seed, numRuns: 300, endOnFailure })

/** Any text at all: letters, any Unicode character, lone surrogates. */
export const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), loneSurrogate())
})

/** Pieces of text that a parser, a shell or a log might take for more than text. */
export const hostilePiece = fc.constantFrom(
  '::',
  ':',
  '##[',
  '#',
  '[',
  ']',
  '::set-output name=token::x',
  '::add-mask::a',
  '::stop-commands::x',
  '##[error]x',
  '\n',
  '\r',
  '\r\n',
  '\u0000',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\ud800',
  '%0A',
  '%3A%3A',
  ' ',
  '\t',
  '***',
  '…',
  '%',
  '"',
  '\\',
  'a'
)

/** Text made of hostile pieces and of anything else, in any order. */
export const hostileText = fc.array(fc.oneof(hostilePiece, anyText), { maxLength: 30 }).map(pieces => pieces.join(''))

function loneSurrogate(): fc.Arbitrary<string> {
  return fc.integer({ min: 0xd800, max: 0xdfff }).map(code => String.fromCharCode(code))
}

export { fc }
