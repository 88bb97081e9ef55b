// Owns the sandbox's certificates: a CA made at start, the good certificates it signs and the bad ones for tests. Knows no server, and offers no way around verification.

import { generateKeyPairSync, randomBytes, sign as signBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const DAY_MS = 86_400_000
/** Every certificate begins a little in the past, so that a client's clock may lag. */
const BEGINS_AGO_MS = 3_600_000

/** The names the good certificate is for: all that the sandbox serves, under whatever name a proxy or a map gives it. */
const DNS_NAMES = ['localhost', '*.sandbox.test', 'api.github.com', 'api.vaunt.dev']

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface Certificates {
  /** The CA's certificate, PEM. */
  readonly ca: string
  /** Where the CA's certificate lies, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /** For localhost, 127.0.0.1, api.github.com, api.vaunt.dev and *.sandbox.test. */
  readonly server: Certificate
  /** As `server`, but signed by a CA that nobody trusts. */
  untrusted(): Promise<Certificate>
  /** As `server`, but expired since yesterday. */
  expired(): Promise<Certificate>
  /** Signed by the good CA, but for `elsewhere.example` only. */
  wrongHost(): Promise<Certificate>
  /** Removes the file. */
  stop(): Promise<void>
}

/**
 * Makes a CA and a server certificate, and writes the CA's certificate to a temporary file.
 *
 * @param name the CA's; two CAs of one name would be taken for each other
 */
export async function createCertificates(name = 'Sandbox CA'): Promise<Certificates> {
  const ca = createCa(name)
  const server = sign(ca, DNS_NAMES)
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-ca-'))
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, ca.cert)
  return {
    ca: ca.cert,
    caFile,
    server,
    untrusted: once(() => sign(createCa('Untrusted CA'), DNS_NAMES)),
    expired: once(() => sign(ca, DNS_NAMES, { from: -10 * DAY_MS, to: -DAY_MS })),
    wrongHost: once(() => sign(ca, ['elsewhere.example'], undefined, [])),
    stop: () => rm(directory, { recursive: true, force: true })
  }
}

/** A CA: its name stands in what it signs. */
interface Ca extends Certificate {
  readonly name: string
}

function createCa(name: string): Ca {
  const validMs = { from: -30 * DAY_MS, to: 30 * DAY_MS }
  const usage = [basicConstraints(true), keyUsage(0b0000_0110, 1)]
  return { name, ...certify({ subject: name, issuer: { name }, validMs, extensions: usage }) }
}

function sign(
  ca: Ca,
  names: readonly string[],
  validMs = { from: -BEGINS_AGO_MS, to: 7 * DAY_MS },
  addresses: readonly string[] = ['127.0.0.1']
): Certificate {
  const alternatives = [
    ...names.map(name => der(0x82, Buffer.from(name))),
    ...addresses.map(address => der(0x87, Buffer.from(address.split('.').map(Number))))
  ]
  const extensions = [
    basicConstraints(false),
    keyUsage(0b1000_0000, 7),
    extension('551d25', false, der(SEQUENCE, oid('2b06010505070301'))),
    extension('551d11', false, der(SEQUENCE, ...alternatives))
  ]
  return certify({ subject: names[0] ?? '', issuer: ca, validMs, extensions })
}

interface Wanted {
  readonly subject: string
  /** Without a key: it signs itself. */
  readonly issuer: { readonly name: string; readonly key?: string }
  /** From now, in milliseconds. */
  readonly validMs: { readonly from: number; readonly to: number }
  readonly extensions: readonly Buffer[]
}

// What X.509 (RFC 5280) writes in DER, and no more of it than these certificates need: docs/adr/0009-one-http-stack.md.

/** A P-256 key, and a certificate of version 3 for it, signed with ECDSA and SHA-256. */
function certify({ subject, issuer, validMs, extensions }: Wanted): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = der(SEQUENCE, oid('2a8648ce3d040302'))
  const serial = randomBytes(16)
  // A positive number, and one without leading zeros.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  const contents = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    ecdsaWithSha256,
    nameOf(issuer.name),
    der(SEQUENCE, time(validMs.from), time(validMs.to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, ...extensions))
  )
  const signature = signBytes('sha256', contents, issuer.key ?? privateKey)
  const certificate = der(SEQUENCE, contents, ecdsaWithSha256, der(BIT_STRING, Buffer.from([0]), signature))
  const lines = certificate.toString('base64').replace(/.{1,64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`
  }
}

const [INTEGER, BIT_STRING, OCTET_STRING, OID, UTF8_STRING, UTC_TIME, SEQUENCE, SET] = [
  0x02, 0x03, 0x04, 0x06, 0x0c, 0x17, 0x30, 0x31
] as const

/** As BOOLEAN. */
const TRUE = Buffer.from([0x01, 0x01, 0xff])

/** A tag, the length and the content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  // The shortest form that holds it: DER has no other.
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), content])
}

function oid(hex: string): Buffer {
  return der(OID, Buffer.from(hex, 'hex'))
}

/** A name that is a commonName alone. */
function nameOf(text: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(UTF8_STRING, Buffer.from(text)))))
}

/** As `YYMMDDhhmmssZ`, which is good until 2049. */
function time(fromNowMs: number): Buffer {
  const digits = new Date(Date.now() + fromNowMs).toISOString().replace(/\D/g, '').slice(2, 14)
  return der(UTC_TIME, Buffer.from(`${digits}Z`))
}

function extension(hex: string, isCritical: boolean, value: Buffer): Buffer {
  return der(SEQUENCE, oid(hex), ...(isCritical ? [TRUE] : []), der(OCTET_STRING, value))
}

function basicConstraints(isCa: boolean): Buffer {
  return extension('551d13', true, der(SEQUENCE, ...(isCa ? [TRUE] : [])))
}

function keyUsage(bits: number, unused: number): Buffer {
  return extension('551d0f', true, der(BIT_STRING, Buffer.from([unused, bits])))
}

/** Makes it when it is first asked for, and only then. */
function once(make: () => Certificate): () => Promise<Certificate> {
  let made: Certificate | undefined
  return () => Promise.resolve((made ??= make()))
}
