// Decides which certificate authorities are trusted: those of Node.js and NODE_EXTRA_CA_CERTS and, once an issuer is unknown, those in the system's store. Verification is never turned off.

import tls from 'node:tls'
import type { SecureContext } from 'node:tls'

/** The certificate authorities that the connections of one client trust. */
export class Trust {
  readonly #readSystemStore: () => readonly string[]
  #context: SecureContext | undefined
  #isExtended: boolean | undefined

  /** @param readSystemStore returns the certificates in the system's store, in PEM format; only tests replace it */
  constructor(readSystemStore: () => readonly string[] = () => tls.getCACertificates('system')) {
    this.#readSystemStore = readSystemStore
  }

  /** The context for new connections; undefined if they trust only what Node.js trusts by default. */
  get context(): SecureContext | undefined {
    return this.#context
  }

  /**
   * Adds the system's store on the first call.
   *
   * @returns whether the store contains anything that Node.js doesn't trust by default
   */
  extend(): boolean {
    this.#isExtended ??= this.#addSystemStore()
    return this.#isExtended
  }

  #addSystemStore(): boolean {
    try {
      const known = new Set(tls.getCACertificates('default'))
      const extended = new Set([...known, ...this.#readSystemStore()])
      if (extended.size === known.size) return false
      // The context is shared, because parsing hundreds of certificates takes 20 ms.
      this.#context = tls.createSecureContext({ ca: [...extended] })
      return true
    } catch {
      // If the store can't be read, or this version of Node.js doesn't support it, nothing else is trusted.
      return false
    }
  }
}
