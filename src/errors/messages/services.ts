// Contains the messages that GitHub and Vaunt have in common: rate limits, outages, and unexpected responses.

import type { Quoted } from '../../untrusted/quoted.ts'
import { apiUrlInput, details, ifItLasts, iso, support } from './wording.ts'
import type { Explanation, Service, Trail } from './wording.ts'

/** What a request waits for: a name lookup, TCP, TLS, a proxy's response to CONNECT, and finally the HTTP response. */
export type Phase = 'name' | 'tcp' | 'tls' | 'tunnel' | 'http'

/** Why a service counts as unavailable. `budget`: the time of the whole action ran out. */
export type Outage = 'network' | 'deadline' | 'budget' | 'status'

/** What is unexpected about a response. */
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
  | 'secret'

export interface Unavailable extends Trail {
  readonly outage: Outage
  readonly phase: Phase
  readonly host: Quoted
  readonly proxyHost?: Quoted | undefined
  /** Node's code (`ECONNREFUSED`) or the HTTP status. */
  readonly detail?: string | undefined
  readonly until?: Date | undefined
  /** The time limit of the whole action, in milliseconds. */
  readonly limitMs: number
}

export interface RateLimited extends Trail {
  /** What is limited; requests by default. */
  readonly limit?: 'logins' | undefined
  readonly until?: Date | undefined
  /** Whether the service named a time to retry at that is too far away for a date. */
  readonly isBeyond?: boolean
}

export interface Unexpected extends Trail {
  readonly surprise: Surprise
  /** What was requested, in the action's own words. */
  readonly asked: string
  readonly status?: number | undefined
  readonly location?: Quoted | undefined
  /** The host that responded, if the reader must look at it. */
  readonly host?: Quoted | undefined
  /** Node's code, OpenSSL's reason, or what an unsigned token names as its algorithm. */
  readonly detail?: string | undefined
  /** The limit that a response exceeded, for `too-large`. */
  readonly limitBytes?: number
}

export function rateLimited(service: Service, facts: RateLimited): Explanation {
  return {
    ...(facts.limit === 'logins' ? loginsBlocked : requestsLimited)(service, facts),
    details: details(service, facts)
  }
}

function loginsBlocked(service: Service, { until }: RateLimited): Explanation {
  return {
    message: `${service} is blocking logins ${until ? `until ${iso(until)}` : 'temporarily'} after too many failed attempts.`,
    remedy:
      'Find and fix what signs in with a wrong PAT or password, such as a job with an outdated secret. Then run the job again in an hour.'
  }
}

function requestsLimited(service: Service, { until, isBeyond }: RateLimited): Explanation {
  const again = until ? 'after that time' : isBeyond ? 'in an hour' : 'in a few minutes'
  return {
    message: `${service} is limiting requests${until ? ` until ${iso(until)}` : ''}${isBeyond ? " and didn't give a valid time to retry" : ''}.`,
    remedy: `Run the job again ${again}. If this happens often, run fewer jobs at the same time.`
  }
}

export function unavailable(service: Service, facts: Unavailable): Explanation {
  const { outage, phase, host, detail, until } = facts
  const through = facts.proxyHost && phase === 'tls' ? ` through the proxy ${facts.proxyHost}` : ''
  const code = detail ? ` (${detail})` : ''
  const happened = {
    network: `The request to ${service} at ${host}${through} failed: ${BROKEN_PHASE[phase]}${code}.`,
    deadline: `${service} (${host}) didn't respond${through} in time${SLOW_PHASE[phase]}.`,
    budget: `${service} (${host}) didn't respond${through} within this action's ${facts.limitMs / 1000}-second limit${SLOW_PHASE[phase]}.`,
    status: `${service} is unavailable${code}.`
  }[outage]
  return {
    message: `${happened}${until ? ` Its response asks clients to retry after ${iso(until)}.` : ''}`,
    remedy:
      outage === 'status'
        ? `Run the job again ${until ? 'after that time' : 'later'}. ${ifItLasts(service)}`
        : PHASE_REMEDY[phase](service),
    details: details(service, facts)
  }
}

const BROKEN_PHASE: Record<Phase, string> = {
  name: 'the hostname could not be resolved',
  tcp: 'no connection could be opened',
  tls: 'the TLS handshake failed',
  tunnel: "the proxy didn't open a connection",
  http: 'the connection closed before the complete response arrived'
}

const SLOW_PHASE: Record<Phase, string> = {
  name: ": the DNS lookup didn't finish",
  tcp: ': no connection could be opened',
  tls: ": the TLS handshake didn't finish",
  tunnel: ": the proxy didn't open a connection",
  http: ''
}

const PHASE_REMEDY: Record<Phase, (service: Service) => string> = {
  name: service =>
    `Check the hostname in ${apiUrlInput(service)} and the runner's DNS settings (in a container, also /etc/resolv.conf). If both are correct, run the job again later.`,
  tcp: service =>
    `Check ${apiUrlInput(service)}, and make sure that no firewall or proxy blocks this host. If both are fine, run the job again later.`,
  tls: service =>
    `Make sure that ${apiUrlInput(service)} points to a host and port that use TLS, and that no firewall or proxy interrupts the connection. If both are fine, run the job again later.`,
  tunnel: service => `Check the runner's proxy settings and ${apiUrlInput(service)}.`,
  http: service =>
    `Run the job again later. If it fails again, make sure that no firewall or proxy blocks this host. ${ifItLasts(service)}`
}

export function unexpected(service: Service, facts: Unexpected): Explanation {
  if (facts.surprise === 'refused') return refused(service, facts)
  return {
    message: SURPRISE[facts.surprise](service, facts),
    remedy: surpriseRemedy(service, facts.surprise),
    details: details(facts.surprise === 'foreign' ? 'response' : service, facts)
  }
}

function surpriseRemedy(service: Service, surprise: Surprise): string {
  if (surprise === 'api-version') {
    return 'Update this action to its latest release. If you already use it, report this message to the maintainers of this action.'
  }
  return FOREIGN.has(surprise)
    ? `Check that ${apiUrlInput(service)} is ${service}'s API URL, and check the proxy, firewall, or VPN between the runner and that host. The PAT may still be valid.`
    : `Check that ${apiUrlInput(service)} is ${service}'s API URL and that no proxy or login page intercepts the request. If both are fine, report this message to ${support(service)}.`
}

/** The service's own words are the message, so the details don't repeat them. */
function refused(service: Service, facts: Unexpected): Explanation {
  const { words, requestId } = facts
  return {
    message: `${service} refused the request for ${facts.asked}${statusIn(facts)}${words ? `: "${words}".` : '.'}`,
    remedy: words
      ? `Follow ${service}'s message. If it isn't clear, contact ${support(service)}.`
      : `Run the job again. If it fails again, contact ${support(service)}${requestId ? ' and include the request ID' : ''}.`,
    details: details(service, { ...facts, words: undefined })
  }
}

const SURPRISE: Record<Exclude<Surprise, 'refused'>, (service: Service, facts: Unexpected) => string> = {
  status: (service, facts) => `${service} returned an unexpected response${statusIn(facts)}${when(facts)}.`,
  'api-version': (service, facts) =>
    `${service} no longer supports version ${facts.detail ?? ''} of its API, which this action uses${statusIn(facts)}.`,
  foreign: (service, facts) =>
    `Something other than ${service} responded${at(facts)}${statusIn(facts)}${when(facts)}. The response isn't in the format of ${service}'s API, so it comes from a proxy, a firewall, a login page, or another server.`,
  redirect: (service, facts) =>
    `${service} redirected the request for ${facts.asked}${facts.location ? ` to ${facts.location}` : ''}${statusIn(facts)}. This action never follows redirects.`,
  'too-large': (service, facts) =>
    `${service} sent a response of more than ${(facts.limitBytes ?? 0) / MIB} MiB${when(facts)}.`,
  'head-too-large': (service, facts) =>
    `${service}${facts.host ? ` (${facts.host})` : ''} sent response headers that are too large${detailIn(facts)}${when(facts)}.`,
  undecodable: (service, facts) =>
    `${service} sent a response in an unsupported compression format${statusIn(facts)}${when(facts)}.`,
  'not-http': (_service, facts) =>
    `The server${at(facts)} sent an invalid HTTP response${detailIn(facts)}${when(facts)}.`,
  'client-certificate': (_service, facts) =>
    `The server${at(facts)} requires a client certificate${detailIn(facts)}, which this action can't send.`,
  'handshake-refused': (service, facts) =>
    `The TLS handshake with ${facts.host ?? service} failed${detailIn(facts)}: the server and this runner share no TLS settings, or the server requires a client certificate, which this action can't send.`,
  'not-json': (service, facts) => `${service} sent a response that isn't JSON${statusIn(facts)}${when(facts)}.`,
  'not-described': (service, facts) =>
    `${service} sent a response that doesn't match its documented API${statusIn(facts)}${when(facts)}.`,
  'ids-contradict': service =>
    `${service}'s responses are inconsistent: it returned a membership of a different user or organization.`,
  'other-login': (service, facts) => `${service} returned a different account${when(facts)}.`,
  'no-token': (service, facts) => `${service} sent a response without a token${statusIn(facts)}${when(facts)}.`,
  'not-a-jwt': (service, facts) => `${service} returned a token that isn't a signed JWT${when(facts)}.`,
  unsigned: (service, facts) => `${service} returned a token without a signature${detailIn(facts)}${when(facts)}.`,
  secret: (service, facts) =>
    `${service} sent a response that contains a token of this run${when(facts)}. Nothing was committed.`
}

function statusIn({ status }: Unexpected): string {
  return status === undefined ? '' : ` (HTTP ${status})`
}

function detailIn({ detail }: Unexpected): string {
  return detail ? ` (${detail})` : ''
}

function at({ host }: Unexpected): string {
  return host ? ` at ${host}` : ''
}

function when({ asked }: Unexpected): string {
  return ` when the action requested ${asked}`
}

/** What isn't from the service at all. */
const FOREIGN: ReadonlySet<Surprise> = new Set<Surprise>([
  'foreign',
  'head-too-large',
  'not-http',
  'client-certificate',
  'handshake-refused'
])

const MIB = 1_048_576
