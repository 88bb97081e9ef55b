// Owns one example of every message that the catalogue can build: the facts, by code. The compiler asks for each code and for each kind of fault.

import type { AbsenceReason, StepInput, UrlFault } from '../../src/errors/messages/inputs.ts'
import type { CardFault, ForbiddenCommit, PathFault, RefusedCommit } from '../../src/errors/messages/card.ts'
import type { CertificateFault, ExtraCa, ProxyFault } from '../../src/errors/messages/network.ts'
import type { Code, Facts } from '../../src/errors/catalogue.ts'
import type { Outage, Phase, Surprise } from '../../src/errors/messages/services.ts'
import type { PatKind, Policy } from '../../src/errors/messages/github.ts'
import type { Trail } from '../../src/errors/messages/wording.ts'
import { Quoted } from '../../src/untrusted/quoted.ts'

const once: Trail = { attempts: 1 }
const entity = quoted('ENTITY')
const patUser = quoted('PAT-USER')
const host = quoted('HOST')

const absences = every<AbsenceReason>({ fork: true, dependabot: true, 'no-token': true, unknown: true }).map(
  reason => ({ reason })
)
const membership = every<PatKind>({ classic: true, 'fine-grained': true }).map(pat => ({
  ...once,
  entity,
  patUser,
  pat
}))
const phases = every<Phase>({ name: true, tcp: true, tls: true, tunnel: true, http: true })
const outages = every<Outage>({ network: true, deadline: true, budget: true, status: true }).flatMap(outage =>
  phases.map(phase => ({
    ...once,
    outage,
    phase,
    host,
    proxyHost: quoted('PROXY'),
    limitMs: 60_000,
    detail: outage === 'status' ? 'HTTP 503' : undefined
  }))
)

/** What any service can surprise with. */
const strange = {
  status: true,
  refused: true,
  foreign: true,
  redirect: true,
  'too-large': true,
  'head-too-large': true,
  undecodable: true,
  'not-http': true,
  'client-certificate': true,
  'handshake-refused': true
} as const

function surprises(all: Partial<Record<Surprise, true>>): Facts['github-unexpected'][] {
  return every(all).map(surprise => ({ ...once, surprise, asked: 'ASKED', host, limitBytes: 1_048_576 }))
}

/** At least one example for each code, and one for each wording that a code has. */
export const examples: { readonly [C in Code]: readonly Facts[C][] } = {
  'pat-missing': [
    ...absences,
    ...absences.map(absence => ({ ...absence, refused: { ...once, repository: quoted('REPOSITORY'), status: 401 } }))
  ],
  'runner-files-unusable': [undefined, 'EACCES'].map(detail => ({ variable: 'VARIABLE', detail })),
  'pat-malformed': every<Facts['pat-malformed']['fault']>({
    'white-space': true,
    control: true,
    'non-ascii': true,
    quotes: true,
    expression: true,
    characters: true
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
  'export-env-invalid': every<Facts['export-env-invalid']['fault']>({
    'not-a-name': true,
    reserved: true,
    'too-long': true
  }).map(fault => ({ value: quoted('NAME'), fault })),
  'host-unsupported': [{ githubHost: host }],
  'pat-rejected': [once],
  'entity-not-found': [
    { ...once, entity },
    { ...once, entity, renamed: { status: 301, id: '1' } }
  ],
  'entity-unsupported': [{ ...once, entity, type: quoted('Bot') }],
  'entity-mismatch': [{ ...once, entity, entityId: '1', patUser, patUserId: '2' }],
  'members-permission-missing': membership,
  'not-a-member': [
    ...membership,
    ...membership.map(facts => ({ ...facts, scopes: quoted('repo'), hasLeastScope: false }))
  ],
  'membership-pending': [{ ...once, entity, patUser }],
  'not-an-admin': [{ ...once, entity, patUser, role: quoted('member') }],
  'sso-required': [once],
  'policy-forbidden': every<Policy>({
    classic: true,
    'fine-grained': true,
    lifetime: true,
    'ip-allow-list': true,
    'oauth-app': true,
    suspended: true
  }).map(policy => ({ ...once, policy })),
  'github-rate-limited': [once, { ...once, limit: 'logins' }],
  'github-unavailable': outages,
  'github-unexpected': surprises({
    ...strange,
    'api-version': true,
    'not-described': true,
    'ids-contradict': true,
    'other-login': true
  }),
  'vaunt-refused': [undefined, 'ASKED'].map(asked => ({ ...once, entity, status: 403, asked })),
  'vaunt-entity-unknown': [
    { ...once, entity },
    { ...once, entity, address: quoted('ADDRESS') },
    { ...once, entity, repository: quoted('REPOSITORY') },
    { ...once, entity, repository: quoted('REPOSITORY'), address: quoted('ADDRESS') }
  ],
  'vaunt-rate-limited': [once],
  'vaunt-unavailable': outages,
  'vaunt-unexpected': surprises({
    ...strange,
    'not-json': true,
    'no-token': true,
    'not-a-jwt': true,
    unsigned: true,
    secret: true
  }),
  'token-expired': [true, false].map(isVaunts => ({ ...once, expiredAt: new Date(0), time: new Date(0), isVaunts })),
  'tls-untrusted': every<CertificateFault>({
    'unknown-issuer': true,
    expired: true,
    'not-yet-valid': true,
    'wrong-host': true,
    weak: true,
    invalid: true
  }).flatMap(fault =>
    every<ExtraCa>({ unset: true, unreadable: true, 'no-pem': true, loaded: true }).flatMap(extraCa =>
      [false, true].map(isProxy => ({ fault, host, isProxy, detail: 'NODE_CODE', extraCa }))
    )
  ),
  'proxy-failed': every<ProxyFault>({
    socks: true,
    'all-proxy': true,
    'unusable-url': true,
    'unsupported-node': true,
    unreachable: true,
    'in-clear': true,
    'no-tls': true,
    'not-http': true,
    refused: true,
    'credentials-missing': true,
    'credentials-wrong': true,
    'no-tunnel': true
  }).map(fault =>
    // Of a proxy that can't be used, the variable is named instead of the host.
    fault === 'socks' || fault === 'all-proxy'
      ? { fault, variable: 'ALL_PROXY', host, attempts: 1 }
      : { fault, host, proxyHost: quoted('PROXY'), detail: 'DETAIL', attempts: 1 }
  ),
  'seal-key-invalid': [false, true].map(empty => ({ empty })),
  'sealed-token-missing': absences,
  'sealed-token-invalid': every<Facts['sealed-token-invalid']['fault']>({
    'not-sealed': true,
    undecryptable: true,
    elsewhere: true
  }).map(fault => ({ fault })),
  'sealed-token-expired': [{ expiredAt: new Date(0), now: new Date(0) }],
  'token-ambiguous': [{ given: ['FIRST', 'SECOND'] }],
  'token-malformed': every<Facts['token-malformed']['fault']>({ pat: true, 'not-a-jwt': true }).map(fault => ({
    fault
  })),
  'step-input-invalid': every<StepInput>({
    repository: true,
    limit: true,
    path: true,
    branch: true,
    'pull-request': true,
    'pull-request-branch': true
  }).map(input => ({
    input,
    value: quoted('VALUE')
  })),
  'card-unsafe': every<CardFault>({ 'not-svg': true, 'not-well-formed': true, active: true }).flatMap(fault => [
    { fault },
    { fault, found: quoted('FOUND') }
  ]),
  'card-path-unusable': every<PathFault>({
    folder: true,
    file: true,
    link: true,
    submodule: true,
    'letter-case': true
  }).map(fault => ({ fault, path: quoted('PATH'), branch: quoted('BRANCH'), found: quoted('FOUND') })),
  'commit-forbidden': every<ForbiddenCommit>({
    'no-token': true,
    malformed: true,
    token: true,
    permission: true,
    'not-found': true,
    archived: true,
    'no-branch': true,
    unknown: true
  }).map(fault => ({ ...once, fault, repository: quoted('REPOSITORY'), branch: quoted('BRANCH') })),
  'commit-refused': every<RefusedCommit>({
    'pull-request': true,
    signature: true,
    checks: true,
    protected: true,
    unknown: true
  }).map(fault => ({ ...once, fault, branch: quoted('BRANCH') })),
  'branch-busy': [{ branch: quoted('BRANCH'), attempts: 7, seconds: 180 }],
  'pull-request-forbidden': every<Facts['pull-request-forbidden']['fault']>({
    setting: true,
    permission: true,
    unknown: true
  }).map(fault => ({ ...once, fault, repository: quoted('REPOSITORY') })),
  internal: [{ kind: quoted('KIND'), place: quoted('PLACE') }]
}

function quoted(text: string): Quoted {
  return new Quoted(text, [])
}

/** The members of a union; the compiler sees to it that none is left out. */
function every<T extends string>(all: Readonly<Partial<Record<T, true>>>): T[] {
  return Object.keys(all) as T[]
}
