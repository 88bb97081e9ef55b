// Contains the messages about certificates and proxies.

import type { Quoted } from '../../untrusted/quoted.ts'
import { details } from './wording.ts'
import type { Messages, Trail } from './wording.ts'

/** Why a certificate is rejected. */
export type CertificateFault = 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'weak' | 'invalid'

/** Whether Node.js could use the file in NODE_EXTRA_CA_CERTS. */
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

/** The variable that names a proxy, which may also be in lowercase. */
export type ProxyVariable = 'HTTPS_PROXY' | 'ALL_PROXY'

export interface NetworkFacts {
  'tls-untrusted': Partial<Pick<Trail, 'attempts'>> & {
    readonly fault: CertificateFault
    /** The host that the certificate is from: the service or the proxy. */
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

export const networkMessages: Messages<NetworkFacts> = {
  'tls-untrusted': facts => ({
    message: `The TLS certificate of ${facts.isProxy ? 'the proxy ' : ''}${facts.host} ${CERTIFICATE_FAULT[facts.fault]} (${facts.detail}), so nothing ${(facts.attempts ?? 1) > 1 ? 'more ' : ''}was sent to it.`,
    remedy: certificateRemedy(facts),
    details: details('response', facts)
  }),

  'proxy-failed': facts => ({
    message: `${proxyName(facts)} ${facts.fault === 'no-tls' && !facts.detail ? "didn't respond during the TLS handshake" : PROXY_FAULT[facts.fault]}${facts.detail ? ` (${facts.detail})` : ''}, so ${facts.host} was not reached.`,
    remedy: proxyRemedy(facts),
    details: details('response', facts)
  })
}

const CERTIFICATE_FAULT: Record<CertificateFault, string> = {
  'unknown-issuer': "isn't signed by a CA that this runner trusts",
  expired: 'has expired',
  'not-yet-valid': "isn't valid yet",
  'wrong-host': 'was issued for another host',
  weak: 'has a key or signature that is too weak',
  invalid: "isn't valid"
}

function certificateRemedy({ fault, extraCa }: NetworkFacts['tls-untrusted']): string {
  const extra = EXTRA_CA[extraCa]
  // If the file is loaded, NODE_EXTRA_CA_CERTS can't be the cause, so it isn't mentioned.
  const aside = (when: string): string =>
    extraCa === 'loaded' ? '' : ` ${when}, the runner must trust that CA. ${extra}`
  return {
    'unknown-issuer': `${extra} ${SYSTEM_STORE} If your network doesn't inspect TLS, the connection may be intercepted: don't continue.`,
    expired: `Renew the certificate. If it hasn't expired, the runner's clock is wrong: correct it.${aside('If a new CA signed a new certificate')}`,
    'not-yet-valid': "Correct the runner's clock, or wait until the certificate is valid.",
    'wrong-host':
      "Check the spelling of the API URL and the runner's DNS settings. NODE_EXTRA_CA_CERTS doesn't help, because the certificate names another host.",
    weak: "Ask whoever operates this host, or whatever inspects TLS on the way to it, for a certificate with an RSA key of at least 2048 bits and a SHA-256 signature. NODE_EXTRA_CA_CERTS doesn't help.",
    invalid: `Check what is between the runner and the host.${aside('If a proxy inspects TLS with a CA of your company')}`
  }[fault]
}

/** The certificate can also be added to that store, because the action already looked there. */
const SYSTEM_STORE = 'This action also searches the system certificate store (NODE_USE_SYSTEM_CA=1).'

const EXTRA_CA: Record<ExtraCa, string> = {
  unset:
    "Set NODE_EXTRA_CA_CERTS to a file that contains your company's CA certificate, in the runner's environment or the step's env.",
  unreadable:
    "NODE_EXTRA_CA_CERTS is set, but Node.js ignored it because its file is missing or can't be read. Correct the path, or let the runner's user read it.",
  'no-pem':
    "NODE_EXTRA_CA_CERTS is set, but Node.js ignored it because its file isn't a certificate in PEM format. To convert DER, use openssl x509 -inform der.",
  loaded:
    "NODE_EXTRA_CA_CERTS is set, but none of the CA certificates in its file signed this one. Add your company's CA certificate to the file."
}

const PROXY_FAULT: Record<ProxyFault, string> = {
  socks: "is a SOCKS proxy, which this action doesn't support",
  'all-proxy': "can't be used, because this action doesn't support that variable",
  'unusable-url': "isn't an http:// or https:// URL",
  'unsupported-node': "can't be used, because this runner's Node.js version is too old for proxies",
  unreachable: "couldn't be reached",
  'in-clear': "doesn't use TLS, although its URL starts with https://",
  'no-tls': 'closed the connection during the TLS handshake',
  'not-http': "sent a response that isn't HTTP",
  refused: 'refused the connection',
  'credentials-missing': 'requires a username and password, but its URL has none',
  'credentials-wrong': 'rejected the username and password in its URL',
  'no-tunnel': "didn't open a connection to the host: it isn't responding, or it can't reach the host"
}

const PROXY_SETTINGS = 'HTTPS_PROXY and NO_PROXY, in uppercase or lowercase'

const DIRECT = 'If the runner can reach the host directly, list the host in NO_PROXY.'

const INSTEAD = `Set HTTPS_PROXY=http://HOST:PORT instead. ${DIRECT}`

const ONLY_BASIC =
  'This action supports only Basic authentication for proxies. If yours requires NTLM, Kerberos, or Digest, run a small local proxy that supports it, and use that one.'

function proxyRemedy({ fault, proxyHost }: NetworkFacts['proxy-failed']): string {
  const inClear = `Most proxies use plain HTTP: set HTTPS_PROXY to http://${proxyHost ? `${proxyHost}` : 'HOST:PORT'}. Connections to GitHub and Vaunt still use TLS.`
  return {
    socks: INSTEAD,
    'all-proxy': INSTEAD,
    'unusable-url': `Correct the runner's proxy settings (${PROXY_SETTINGS}), for example http://proxy.example:3128.`,
    'unsupported-node': 'Update the runner: proxies require Node.js 24.5 or later.',
    unreachable: `Check the runner's proxy settings (${PROXY_SETTINGS}), and make sure that the proxy is running.`,
    'in-clear': inClear,
    'no-tls': `${inClear} If the proxy does use TLS, check that it works.`,
    'not-http': `Check the proxy's host and port (${PROXY_SETTINGS}). If the proxy itself uses TLS, start its URL with https://.`,
    refused: `Ask the proxy's administrator to allow the host, and whether the proxy can reach it. ${DIRECT}`,
    'credentials-missing': `Add them to HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded. ${ONLY_BASIC}`,
    'credentials-wrong': `Correct the username and password in the runner's proxy settings (${PROXY_SETTINGS}), with special characters percent-encoded. ${ONLY_BASIC}`,
    'no-tunnel': `Check that the proxy works and can reach the host. ${DIRECT}`
  }[fault]
}

function proxyName(facts: NetworkFacts['proxy-failed']): string {
  return facts.proxyHost ? `The proxy ${facts.proxyHost}` : `The proxy in ${facts.variable ?? 'HTTPS_PROXY'}`
}
