// Owns the messages that GitHub and Vaunt have in common: rate limits, outages and unexpected answers.

import type { Quoted } from '../../untrusted/quoted.ts'
import { apiUrlInput, iso, statusPage, trail } from './wording.ts'
import type { Explanation, Service, Trail } from './wording.ts'

/** What a connection waits for: a name lookup, TCP, TLS, a proxy's answer to CONNECT, or, at last, HTTP. */
export type Phase = 'name' | 'tcp' | 'tls' | 'tunnel' | 'http'

/** What went wrong on the way to a service, when no usable answer came. */
export type Outage = 'network' | 'deadline' | 'budget' | 'status'

/** What an answer did not keep to. */
export type Surprise =
  | 'status'
  | 'refused'
  | 'foreign'
  | 'redirect'
  | 'api-version'
  | 'too-large'
  | 'head-too-large'
  | 'undecodable'
  | 'not-http'
  | 'client-certificate'
  | 'handshake-refused'
  | 'not-json'
  | 'not-described'
  | 'ids-contradict'
  | 'other-login'
  | 'no-token'
  | 'not-a-jwt'
  | 'unsigned'

export interface Unavailable extends Trail {
  readonly outage: Outage
  readonly phase: Phase
  readonly host: Quoted
  readonly proxyHost?: Quoted | undefined
  /** Node's code (`ECONNREFUSED`) or the HTTP status. */
  readonly detail?: string | undefined
  readonly until?: Date | undefined
  /** The time of the whole action, in milliseconds. */
  readonly limitMs: number
}

export interface RateLimited extends Trail {
  /** What is limited; requests, when it is not said. */
  readonly limit?: 'logins' | undefined
  readonly until?: Date | undefined
  /** Whether the time to come back that was named is in no calendar. */
  readonly isBeyond?: boolean
}

export interface Unexpected extends Trail {
  readonly surprise: Surprise
  /** What was being asked for, in our own words. */
  readonly asked: string
  readonly status?: number | undefined
  readonly location?: Quoted | undefined
  /** Where something answered, when that is what the reader must look at. */
  readonly host?: Quoted | undefined
  /** Node's code, OpenSSL's reason, or what an unsigned token says of itself. */
  readonly detail?: string | undefined
  /** Of `too-large`: what was allowed. */
  readonly limitBytes?: number
}

export function rateLimited(service: Service, facts: RateLimited): Explanation {
  const until = facts.until ? ` until ${iso(facts.until)}` : ''
  const again = facts.until
    ? 'after that time'
    : facts.isBeyond
      ? `in an hour (${service} names a time that no calendar has)`
      : 'in a few minutes'
  const message =
    facts.limit === 'logins'
      ? `${service} refuses every login for a while${until}, because there were too many failed ones.`
      : `${service} is limiting the rate of requests${until}.`
  return {
    message: `${message}${trail(service, facts)}`,
    remedy:
      facts.limit === 'logins'
        ? 'Find what logs in with a wrong PAT or password (an old secret in another job?) and correct it; then run the job again in an hour.'
        : `Run the job again ${again}; if this happens often, let fewer jobs ask at once.`
  }
}

export function unavailable(service: Service, facts: Unavailable): Explanation {
  const { outage, phase, host, detail, until } = facts
  const through = facts.proxyHost && phase === 'tls' ? ` through the proxy ${facts.proxyHost}` : ''
  const code = detail ? ` (${detail})` : ''
  const happened = {
    network: `${service} could not be reached at ${host}${code}${through}: ${BROKEN_PHASE[phase]}`,
    deadline: `${service} did not answer in time at ${host}${through}${SLOW_PHASE[phase]}`,
    budget: `${service} did not answer at ${host}${through} within the ${facts.limitMs / 1000} seconds that this action takes at most${SLOW_PHASE[phase]}`,
    status: `${service} is not available${code}`
  }[outage]
  const comeBack = until ? `; it asks to come back after ${iso(until)}` : ''
  return {
    message: `${happened}${comeBack}.${trail(service, facts)}`,
    remedy:
      outage === 'status'
        ? `Run the job again ${until ? 'after that time' : 'later'}; ${statusPage(service)} tells whether others are affected.`
        : PHASE_REMEDY[phase](service)
  }
}

const BROKEN_PHASE: Record<Phase, string> = {
  name: 'its name could not be looked up',
  tcp: 'no connection could be opened',
  tls: 'TLS could not be started',
  tunnel: 'the proxy opened no connection',
  http: 'the connection broke off before the whole answer had come'
}

const SLOW_PHASE: Record<Phase, string> = {
  name: ': the lookup of its name (DNS) gave no answer',
  tcp: ': no connection could be opened',
  tls: ': TLS was not ready',
  tunnel: ': the proxy opened no connection',
  http: ''
}

const PHASE_REMEDY: Record<Phase, (service: Service) => string> = {
  name: service =>
    `Check the host name in the input ${apiUrlInput(service)} and the DNS of the runner (in a container, also its /etc/resolv.conf); otherwise run the job again later.`,
  tcp: service =>
    `Check the input ${apiUrlInput(service)} and that the runner may reach this host (firewall, proxy); otherwise run the job again later.`,
  tls: service =>
    `Check that the input ${apiUrlInput(service)} names a host and a port that speak TLS, and that no firewall or proxy cuts the connection; otherwise run the job again later.`,
  tunnel: service => `Check the runner's proxy settings and the input ${apiUrlInput(service)}.`,
  http: service =>
    `Run the job again later. If it happens again, check that the runner may reach this host (firewall, proxy), and look at ${statusPage(service)}.`
}

export function unexpected(service: Service, facts: Unexpected): Explanation {
  const { surprise, asked } = facts
  const detail = facts.detail ? ` (${facts.detail})` : ''
  const status = facts.status === undefined ? '' : ` (status ${facts.status})`
  const where = facts.host ? ` at ${facts.host}` : ''
  // The service's own words are the message, so they are not said again behind it.
  if (surprise === 'refused') {
    return {
      message: `${service} refused${facts.words ? `: "${facts.words}"` : ''}${status}, when asked for ${asked}.${trail(service, { ...facts, words: undefined })}`,
      remedy: facts.words
        ? `Do what these words of ${service} ask for. If they are not clear, ask ${service}'s support what they mean.`
        : `Run the job again. If it happens again, ask ${service}'s support, and name the request id.`
    }
  }
  const happened: Record<Exclude<Surprise, 'refused'>, string> = {
    status: `${service} gave an answer that its API does not have${status}`,
    foreign: `Something other than ${service} answered${where}${status}: the answer is not in the form of ${service}'s API, so it comes from a proxy, a firewall, a login page or another server`,
    redirect: `${service} answered with a redirect${facts.location ? ` to ${facts.location}` : ''}${status}, and redirects are never followed`,
    'api-version': `${service} no longer supports the version of its API that this action uses${detail}${status}`,
    'too-large': `${service} sent more than ${(facts.limitBytes ?? 0) / MIB} MiB`,
    'head-too-large': `${service} answered${where} with headers that are too large${detail}`,
    undecodable: `${service} compressed its answer in a form that cannot be read${status}`,
    'not-http': `What answered${where} does not speak HTTP as it should${detail}`,
    'client-certificate': `The server${where} wants a client certificate${detail}, which this action cannot send`,
    'handshake-refused': `The server${where} and this runner found no common way to speak TLS${detail}: their TLS settings do not fit, or the server wants a client certificate, which this action cannot send`,
    'not-json': `${service} did not answer with JSON${status}`,
    'not-described': `${service} answered with something other than its API describes${status}`,
    'ids-contradict': `${service}'s answers contradict each other: the membership is of another user or organization`,
    'other-login': `${service} answered about another account than the one asked for`,
    'no-token': `${service} answered without a token${status}`,
    'not-a-jwt': `${service} answered with a token that is not a signed JWT`,
    unsigned: `${service} answered with a token that has no signature${detail}`
  }
  return {
    message: `${happened[surprise]}, when asked for ${asked}.${trail(surprise === 'foreign' ? 'It' : service, facts)}`,
    remedy: remedyOf(service, surprise)
  }
}

function remedyOf(service: Service, surprise: Surprise): string {
  if (surprise === 'api-version') {
    return 'Update this action to its latest release. If you already use the latest release, report this message to the maintainers of this action.'
  }
  return FOREIGN.has(surprise)
    ? `Check that the input ${apiUrlInput(service)} is the address of ${service}'s API, and what stands between the runner and that host (proxy, firewall, VPN). The PAT may still be valid.`
    : `Check that ${apiUrlInput(service)} is the address of ${service}'s API and that no proxy or login page answers in its place; otherwise report this message to ${service}.`
}

/** What is not of the service at all. */
const FOREIGN: ReadonlySet<Surprise> = new Set<Surprise>([
  'foreign',
  'head-too-large',
  'not-http',
  'client-certificate',
  'handshake-refused'
])

const MIB = 1_048_576
