// Owns how tests look at failures: what was thrown, as the type that it must have. Knows no code of the catalogue.

import { ActionError, InputErrors } from '../../src/errors/action-error.ts'
import { Quoted } from '../../src/untrusted/quoted.ts'

/** `Quoted` without secrets. */
export function quote(raw: string): Quoted {
  return new Quoted(raw, [])
}

/** The ActionError that something throws, at once or later; fails when it throws nothing or anything else. */
export async function failureOf(action: () => unknown): Promise<ActionError> {
  const thrown = await thrownBy(action)
  if (thrown instanceof ActionError) return thrown
  throw new Error(`expected an ActionError, but got ${String(thrown)}`, { cause: thrown })
}

/** The InputErrors that something throws; fails when it throws nothing or anything else. */
export async function inputErrorsOf(action: () => unknown): Promise<InputErrors> {
  const thrown = await thrownBy(action)
  if (thrown instanceof InputErrors) return thrown
  throw new Error(`expected InputErrors, but got ${String(thrown)}`, { cause: thrown })
}

async function thrownBy(action: () => unknown): Promise<unknown> {
  try {
    await action()
  } catch (thrown) {
    return thrown
  }
  throw new Error('expected a failure, but nothing was thrown')
}
