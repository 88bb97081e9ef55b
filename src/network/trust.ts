// Decides which certificate authorities are trusted: those of Node.js and NODE_EXTRA_CA_CERTS and, once an issuer is unknown, those in the system's store. Verification is never turned off.

import tls from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Quoted } from '../untrusted/quoted.ts'

export interface TrustOptions {
  /** Called with the host whose certificate made the client trust the system's store, too. */
  readonly onSystemStore?: (host: Quoted) => void
  /** Returns the certificates in the system's store, in PEM format; only tests replace it. */
  readonly readSystemStore?: () => readonly string[]
}

/** The certificate authorities that the connections of one client trust. */
export class Trust {
  readonly #options: TrustOptions
  #isRead = false
  #usual: SecureContext | undefined
  #extended: SecureContext | undefined

  constructor(options: TrustOptions) {
    this.#options = options
  }

  /** The context for new connections. They share it, because Node.js would create another one for each of them. */
  get context(): SecureContext {
    return this.#extended ?? (this.#usual ??= tls.createSecureContext())
  }

  /**
   * Trusts the system's store, too, which is read only once.
   *
   * @param used the context of the connection whose certificate has an unknown issuer
   * @param host the host that the certificate is from
   * @returns whether another connection may succeed
   */
  extend(used: SecureContext | undefined, host: Quoted): boolean {
    if (!this.#isRead) {
      this.#isRead = true
      this.#extended = contextWith(this.#options.readSystemStore ?? readSystemStore)
      if (this.#extended) this.#options.onSystemStore?.(host)
    }
    return this.#extended !== undefined && used !== this.#extended
  }
}

function readSystemStore(): readonly string[] {
  return tls.getCACertificates('system')
}

/** Creates a context that trusts a store and what Node.js trusts; undefined if the store adds nothing. */
function contextWith(readStore: () => readonly string[]): SecureContext | undefined {
  try {
    const known = new Set(tls.getCACertificates('default'))
    const all = new Set([...known, ...readStore()])
    // Created once, because parsing hundreds of certificates takes 20 ms.
    return all.size === known.size ? undefined : tls.createSecureContext({ ca: [...all] })
  } catch {
    // If the store can't be read, or this version of Node.js doesn't support it, nothing else is trusted.
    return undefined
  }
}
