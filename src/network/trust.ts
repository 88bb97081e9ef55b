// Owns which certificate authorities are trusted: those of Node with NODE_EXTRA_CA_CERTS and, once an issuer is unknown, those in the system's store as well. Verification is never switched off.

import tls from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Quoted } from '../untrusted/quoted.ts'

export interface TrustOptions {
  /** Is told the host whose certificate made the client trust the system's store as well. */
  readonly onSystemStore?: (host: Quoted) => void
  /** The certificates in the system's store, in PEM; only tests give another one. */
  readonly readSystemStore?: () => readonly string[]
}

/** What the connections of one client trust. */
export class Trust {
  readonly #options: TrustOptions
  #isRead = false
  #context: SecureContext | undefined

  constructor(options: TrustOptions) {
    this.#options = options
  }

  /** What to open connections with; undefined for what Node trusts by itself. */
  get context(): SecureContext | undefined {
    return this.#context
  }

  /**
   * Trusts the system's store as well, which is read once.
   *
   * @param used what the connection was opened with that met an unknown issuer
   * @param host whose certificate it was
   * @returns whether another connection may succeed
   */
  extend(used: SecureContext | undefined, host: Quoted): boolean {
    if (!this.#isRead) {
      this.#isRead = true
      this.#context = contextWith(this.#options.readSystemStore ?? readSystemStore)
      if (this.#context) this.#options.onSystemStore?.(host)
    }
    return this.#context !== undefined && used === undefined
  }
}

function readSystemStore(): readonly string[] {
  return tls.getCACertificates('system')
}

/** What Node trusts together with a store; undefined when the store adds nothing. */
function contextWith(readStore: () => readonly string[]): SecureContext | undefined {
  try {
    const known = new Set(tls.getCACertificates('default'))
    const all = new Set([...known, ...readStore()])
    // Made once: each connection by itself would take 20 ms to read hundreds of certificates.
    return all.size === known.size ? undefined : tls.createSecureContext({ ca: [...all] })
  } catch {
    // The store cannot be read, or this Node is too old to know it: what was not trusted stays so.
    return undefined
  }
}
