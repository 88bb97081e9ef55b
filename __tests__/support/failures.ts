// Helps tests examine failures: what was thrown, with the type that it must have, and which certificates Node.js rejects.

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

/** Node's codes for certificates that it rejects, and what the message says about each. */
export const CERTIFICATE_CODES: readonly (readonly [code: string, fault: string])[] = [
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['CERT_NOT_YET_VALID', "isn't valid yet"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'was issued for another host'],
  ['HOSTNAME_MISMATCH', 'was issued for another host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "isn't signed by a CA that this runner trusts"],
  ['SELF_SIGNED_CERT_IN_CHAIN', "isn't signed by a CA that this runner trusts"],
  ['UNABLE_TO_GET_ISSUER_CERT', "isn't signed by a CA that this runner trusts"],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "isn't signed by a CA that this runner trusts"],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "isn't signed by a CA that this runner trusts"],
  ['CERT_UNTRUSTED', "isn't signed by a CA that this runner trusts"],
  ['CERT_REJECTED', "isn't valid"],
  ['CERT_REVOKED', "isn't valid"],
  ['CERT_SIGNATURE_FAILURE', "isn't valid"],
  ['CERT_CHAIN_TOO_LONG', "isn't valid"],
  ['PATH_LENGTH_EXCEEDED', "isn't valid"],
  ['INVALID_CA', "isn't valid"],
  ['INVALID_PURPOSE', "isn't valid"],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', "isn't valid"]
]
