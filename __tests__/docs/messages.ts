// Owns one example of every message that the catalogue can build: the facts, by code. The compiler asks for each code and for each kind of fault.

import { Quoted } from '../../src/errors.ts'
import type {
  AbsenceReason,
  CertificateFault,
  Code,
  Facts,
  Outage,
  PatKind,
  Policy,
  ProxyFault,
  Trail,
  UrlFault
} from '../../src/errors.ts'

const once: Trail = { attempts: 1 }
const entity = quoted('ENTITY')
const patUser = quoted('PAT-USER')
const host = quoted('HOST')

const absences = every<AbsenceReason>({ fork: true, dependabot: true, unknown: true }).map(reason => ({ reason }))
const membership = every<PatKind>({ classic: true, 'fine-grained': true }).map(pat => ({
  ...once,
  entity,
  patUser,
  pat
}))
const outages = every<Outage>({ network: true, deadline: true, budget: true, status: true }).map(outage => ({
  ...once,
  outage,
  host,
  detail: outage === 'status' ? 'status 503' : undefined
}))

/** At least one example for each code, and one for each wording that a code has. */
export const examples: { readonly [C in Code]: readonly Facts[C][] } = {
  'pat-missing': absences,
  'pat-malformed': every<Facts['pat-malformed']['fault']>({
    'white-space': true,
    control: true,
    'non-ascii': true
  }).map(fault => ({ fault })),
  'pat-unsupported': every<Facts['pat-unsupported']['evidence']>({ ghs_: true, ghr_: true, answer: true }).map(
    evidence => ({ evidence })
  ),
  'entity-invalid': [false, true].map(empty => ({ value: entity, empty })),
  'url-invalid': every<Facts['url-invalid']['input']>({ 'vaunt-api-url': true, 'github-api-url': true }).flatMap(
    input =>
      every<UrlFault>({ 'not-https': true, credentials: true, query: true, unreadable: true }).map(fault => ({
        input,
        fault
      }))
  ),
  'export-env-invalid': every<Facts['export-env-invalid']['fault']>({ 'not-a-name': true, reserved: true }).map(
    fault => ({ value: quoted('NAME'), fault })
  ),
  'host-unsupported': [{ githubHost: host }],
  'pat-rejected': [once],
  'entity-not-found': [{ ...once, entity }],
  'entity-unsupported': [{ ...once, entity, type: quoted('Bot') }],
  'entity-mismatch': [{ ...once, entity, entityId: '1', patUser, patUserId: '2' }],
  'members-permission-missing': membership,
  'not-a-member': membership,
  'membership-pending': [{ ...once, entity, patUser }],
  'not-an-admin': [{ ...once, entity, patUser, role: quoted('member') }],
  'sso-required': [once],
  'policy-forbidden': every<Policy>({
    classic: true,
    'fine-grained': true,
    lifetime: true,
    'ip-allow-list': true,
    suspended: true
  }).map(policy => ({ ...once, policy })),
  'github-rate-limited': [once],
  'github-unavailable': outages,
  'github-unexpected': (['status', 'redirect', 'too-large', 'not-described', 'ids-contradict'] as const).map(
    surprise => ({
      ...once,
      surprise,
      asked: 'ASKED'
    })
  ),
  'vaunt-refused': [{ ...once, entity, status: 403 }],
  'vaunt-entity-unknown': [{ ...once, entity }],
  'vaunt-rate-limited': [once],
  'vaunt-unavailable': outages,
  'vaunt-unexpected': (
    ['status', 'redirect', 'too-large', 'not-json', 'no-token', 'not-a-jwt', 'unsigned'] as const
  ).map(surprise => ({ ...once, surprise, asked: 'ASKED' })),
  'token-expired': [{ ...once, expiredAt: new Date(0), vauntTime: new Date(0) }],
  'tls-untrusted': every<CertificateFault>({
    'unknown-issuer': true,
    expired: true,
    'not-yet-valid': true,
    'wrong-host': true,
    invalid: true
  }).flatMap(fault => [
    { fault, host, detail: 'NODE_CODE' },
    { fault, host, detail: 'NODE_CODE', proxyHost: quoted('PROXY') }
  ]),
  'proxy-failed': every<ProxyFault>({
    'unusable-url': true,
    'unsupported-node': true,
    unreachable: true,
    refused: true,
    credentials: true,
    'no-tunnel': true
  }).map(fault => ({ fault, host, proxyHost: quoted('PROXY'), detail: 'DETAIL', attempts: 1 })),
  'seal-key-invalid': [false, true].map(empty => ({ empty })),
  'sealed-token-missing': absences,
  'sealed-token-invalid': every<Facts['sealed-token-invalid']['fault']>({
    'not-sealed': true,
    undecryptable: true,
    elsewhere: true
  }).map(fault => ({ fault })),
  'sealed-token-expired': [{ expiredAt: new Date(0) }],
  internal: [{ during: 'DOING', kind: quoted('KIND') }]
}

function quoted(text: string): Quoted {
  return new Quoted(text, [])
}

/** The members of a union; the compiler sees to it that none is left out. */
function every<T extends string>(all: Readonly<Record<T, true>>): T[] {
  return Object.keys(all) as T[]
}
