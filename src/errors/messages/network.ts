// Owns the messages about certificates and proxies.

import type { Quoted } from '../../untrusted/quoted.ts'
import { attempts, trail } from './wording.ts'
import type { Messages, Trail } from './wording.ts'

/** Why a certificate is not accepted. */
export type CertificateFault = 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'weak' | 'invalid'

/** What the variable NODE_EXTRA_CA_CERTS comes to. */
export type ExtraCa = 'unset' | 'unreadable' | 'no-pem' | 'loaded'

/** What is wrong with a proxy. */
export type ProxyFault =
  | 'socks'
  | 'all-proxy'
  | 'unusable-url'
  | 'unsupported-node'
  | 'unreachable'
  | 'in-clear'
  | 'no-tls'
  | 'not-http'
  | 'refused'
  | 'credentials-missing'
  | 'credentials-wrong'
  | 'no-tunnel'

/** Which variable names a proxy; the names count in lower case as well. */
export type ProxyVariable = 'HTTPS_PROXY' | 'ALL_PROXY'

export interface NetworkFacts {
  'tls-untrusted': Partial<Pick<Trail, 'attempts'>> & {
    readonly fault: CertificateFault
    /** Whose certificate it is: the service's host, or the proxy. */
    readonly host: Quoted
    readonly isProxy: boolean
    readonly detail: string
    readonly extraCa: ExtraCa
  }
  'proxy-failed': {
    readonly fault: ProxyFault
    readonly variable?: ProxyVariable
    readonly proxyHost?: Quoted | undefined
    readonly host: Quoted
    readonly detail?: string | undefined
    readonly attempts: number
  }
}

/** What to say about certificates and proxies. */
export const networkMessages: Messages<NetworkFacts> = {
  'tls-untrusted': facts => ({
    message: `The TLS certificate of ${facts.isProxy ? 'the proxy ' : ''}${facts.host} ${CERTIFICATE_FAULT[facts.fault]} (${facts.detail}), so nothing ${(facts.attempts ?? 1) > 1 ? 'more ' : ''}was sent to it.${trail('It', facts)}`,
    remedy: certificateRemedy(facts)
  }),

  'proxy-failed': facts => ({
    message: `${proxyName(facts)} ${facts.fault === 'no-tls' && !facts.detail ? 'gave no answer while TLS was being set up' : PROXY_FAULT[facts.fault]}${facts.detail ? ` (${facts.detail})` : ''}, so ${facts.host} was not reached${attempts(facts.attempts)}.`,
    remedy: proxyRemedy(facts)
  })
}

const CERTIFICATE_FAULT: Record<CertificateFault, string> = {
  'unknown-issuer': 'was not signed by a CA that this runner trusts',
  expired: 'has expired',
  'not-yet-valid': 'is not valid yet',
  'wrong-host': 'is for another host',
  weak: 'is too weak: its key or its signature is of a kind that is no longer safe',
  invalid: 'is not valid'
}

function certificateRemedy({ fault, extraCa }: NetworkFacts['tls-untrusted']): string {
  const extra = EXTRA_CA[extraCa]
  // A file that is loaded is not what such a certificate lacks.
  const aside = (when: string): string => (extraCa === 'loaded' ? '' : ` (${when}: ${extra}.)`)
  return {
    'unknown-issuer': `${extra}. ${SYSTEM_STORE} If nothing of yours inspects TLS, somebody may be listening: do not continue.`,
    expired: `Renew the certificate. If it is still good, the runner's clock is wrong: correct it.${aside('If a new CA signed a new certificate')}`,
    'not-yet-valid': "Correct the runner's clock, or wait until the certificate is valid.",
    'wrong-host':
      'Check the spelling of the API URL and the DNS of the runner. (NODE_EXTRA_CA_CERTS does not help: the certificate names another host.)',
    weak: 'Ask whoever runs this host, or whatever inspects TLS on the way to it, for a certificate with a key of at least 2048 bits (RSA) and a SHA-256 signature. (NODE_EXTRA_CA_CERTS does not help.)',
    invalid: `Check what stands between the runner and the host.${aside('If a company proxy signs TLS anew')}`
  }[fault]
}

/** The store was looked into already: what is not trusted now, is not in it. */
const SYSTEM_STORE =
  "Or add the certificate to the system's certificate store (on Debian and Ubuntu: update-ca-certificates): this action looks there, too, as every Node.js program does with NODE_USE_SYSTEM_CA=1."

const EXTRA_CA: Record<ExtraCa, string> = {
  unset:
    "Set NODE_EXTRA_CA_CERTS to a file with your company's CA certificate, in the runner's environment or the step's env",
  unreadable:
    'NODE_EXTRA_CA_CERTS is set, but its file is missing or cannot be read, so Node ignored it: correct the path, and let the user of the runner read the file (in a container, mount it)',
  'no-pem':
    'NODE_EXTRA_CA_CERTS is set, but its file is not a certificate in PEM, so Node ignored it: it must have a line -----BEGIN CERTIFICATE----- (convert DER with openssl x509 -inform der)',
  loaded:
    "NODE_EXTRA_CA_CERTS is set, but none of the CA certificates in its file signed this one: add your company's CA certificate to the file"
}

const PROXY_FAULT: Record<ProxyFault, string> = {
  socks: "is a SOCKS proxy, which this action doesn't support",
  'all-proxy': "isn't used, because this action doesn't support that variable",
  'unusable-url': 'is not an http:// or https:// address',
  'unsupported-node': 'cannot be used, because the Node.js of this runner is too old for proxies',
  unreachable: 'could not be reached',
  'in-clear': 'does not speak TLS, although its address begins with https://',
  'no-tls': 'closed the connection while TLS was being set up',
  'not-http': 'answered something that is not HTTP',
  refused: 'refused the connection',
  'credentials-missing': 'wants a user name and a password, and its address has none',
  'credentials-wrong': 'does not accept the user name and the password in its address',
  'no-tunnel': 'opened no connection to the host: it hangs, or it cannot reach the host'
}

const PROXY_SETTINGS = 'HTTPS_PROXY and NO_PROXY, in upper or lower case'

const INSTEAD =
  'Set HTTPS_PROXY=http://HOST:PORT to an HTTP proxy instead; or list the host in NO_PROXY if it is reached directly.'

const ONLY_BASIC =
  'This action speaks only Basic authentication to a proxy: if yours wants NTLM, Kerberos or Digest, run a small local proxy that does it, and name that one.'

function proxyRemedy({ fault, proxyHost }: NetworkFacts['proxy-failed']): string {
  const inClear = `write http://${proxyHost ? `${proxyHost}` : 'HOST:PORT'} in HTTPS_PROXY (GitHub and Vaunt still get TLS)`
  return {
    socks: INSTEAD,
    'all-proxy': INSTEAD,
    'unusable-url': `Correct the runner's proxy settings (${PROXY_SETTINGS}), for instance http://proxy.example:3128.`,
    'unsupported-node': 'Update the runner: the proxy settings need Node.js 24.5 or newer.',
    unreachable: `Check the runner's proxy settings (${PROXY_SETTINGS}) and that the proxy is up.`,
    'in-clear': `Most proxies use plain HTTP: ${inClear}.`,
    'no-tls': `Most proxies use plain HTTP: ${inClear}. Otherwise check that the proxy works.`,
    'not-http': `Check the host and the port of the proxy (${PROXY_SETTINGS}); if the proxy itself speaks TLS, write https:// before its host.`,
    refused:
      'Ask whoever runs the proxy to allow the host, and whether the proxy can reach it; or list the host in NO_PROXY if it is reached directly.',
    'credentials-missing': `Write them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded. ${ONLY_BASIC}`,
    'credentials-wrong': `Correct the user name and password in the runner's proxy settings (${PROXY_SETTINGS}), with special characters percent-encoded. ${ONLY_BASIC}`,
    'no-tunnel':
      'Check that the proxy is healthy and may reach the host, or list the host in NO_PROXY if it is reached directly.'
  }[fault]
}

function proxyName(facts: NetworkFacts['proxy-failed']): string {
  return facts.proxyHost ? `The proxy ${facts.proxyHost}` : `The proxy in ${facts.variable ?? 'HTTPS_PROXY'}`
}
