// Owns which certificate authorities are trusted: those of Node with NODE_EXTRA_CA_CERTS and, once an issuer is unknown, those in the system's store as well. Verification is never switched off.

import tls from 'node:tls'
import type { SecureContext } from 'node:tls'

/** What the connections of one client trust. */
export class Trust {
  readonly #readSystemStore: () => readonly string[]
  #context: SecureContext | undefined
  #isExtended: boolean | undefined

  /** @param readSystemStore the certificates in the system's store, in PEM; only tests give another one */
  constructor(readSystemStore: () => readonly string[] = () => tls.getCACertificates('system')) {
    this.#readSystemStore = readSystemStore
  }

  /** What to open connections with; undefined for what Node trusts by itself. */
  get context(): SecureContext | undefined {
    return this.#context
  }

  /** Adds the system's store, the first time it is called. @returns whether that adds anything to what Node trusts by itself */
  extend(): boolean {
    this.#isExtended ??= this.#addSystemStore()
    return this.#isExtended
  }

  #addSystemStore(): boolean {
    try {
      const known = new Set(tls.getCACertificates('default'))
      const extended = new Set([...known, ...this.#readSystemStore()])
      if (extended.size === known.size) return false
      // Made once: each connection by itself would take 20 ms to read hundreds of certificates.
      this.#context = tls.createSecureContext({ ca: [...extended] })
      return true
    } catch {
      // The store cannot be read, or this Node is too old to know it: what was not trusted stays so.
      return false
    }
  }
}
