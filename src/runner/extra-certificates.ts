// Checks whether Node.js could use the file in NODE_EXTRA_CA_CERTS. If it can't, Node.js ignores the file with a warning that is easily overlooked.

import type { ExtraCa } from '../errors/messages/network.ts'
import type { Environment } from './environment.ts'

/**
 * Says whether Node.js could use the file in NODE_EXTRA_CA_CERTS.
 *
 * @param readFile returns the text of a file; if it throws, the file is unreadable
 */
export function extraCaIn(environment: Environment, readFile: (path: string) => string): ExtraCa {
  const path = environment['NODE_EXTRA_CA_CERTS'] ?? ''
  if (path === '') return 'unset'
  let text: string
  try {
    text = readFile(path)
  } catch {
    return 'unreadable'
  }
  return PEM_CERTIFICATE.test(text) ? 'loaded' : 'no-pem'
}

/** A certificate in the form of RFC 7468, also with the two other labels that OpenSSL accepts. */
const PEM_CERTIFICATE =
  /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\s[A-Za-z\d+/=\s]{64,}-----END (?:X509 |TRUSTED )?CERTIFICATE-----/m
