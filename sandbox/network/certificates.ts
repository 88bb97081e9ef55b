// Creates the sandbox's certificates: a CA, the valid certificates that it signs, and invalid ones for tests. Verification can't be turned off.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

const DAY_MS = 86_400_000
/** Certificates are valid from a little earlier, in case a client's clock is slow. */
const BEGINS_AGO_MS = 3_600_000

/** The names in the valid certificate: every name under which the sandbox is reached, also through a proxy. */
const DNS_NAMES = ['localhost', '*.sandbox.test', 'api.github.com', 'api.vaunt.dev']

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface Certificates {
  /** The CA's certificate, PEM. */
  readonly ca: string
  /** Path of the CA's certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /** For localhost, 127.0.0.1, api.github.com, api.vaunt.dev and *.sandbox.test. */
  readonly server: Certificate
  /** Like `server`, but signed by an untrusted CA. */
  untrusted(): Promise<Certificate>
  /** Like `server`, but it expired yesterday. */
  expired(): Promise<Certificate>
  /** Signed by the trusted CA, but only for `elsewhere.example`. */
  wrongHost(): Promise<Certificate>
  /** Removes the file. */
  stop(): Promise<void>
}

/**
 * Creates a CA and a server certificate, and writes the CA's certificate to a temporary file.
 *
 * @param name the CA's name, which must be unique, because CAs with the same name are confused
 */
export async function createCertificates(name = 'Sandbox CA'): Promise<Certificates> {
  const ca = await createCa(name)
  const server = await sign(ca, DNS_NAMES)
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-ca-'))
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, ca.cert)
  return {
    ca: ca.cert,
    caFile,
    server,
    untrusted: once(async () => sign(await createCa('Untrusted CA'), DNS_NAMES)),
    expired: once(() => sign(ca, DNS_NAMES, { from: -10 * DAY_MS, to: -DAY_MS })),
    wrongHost: once(() => sign(ca, ['elsewhere.example'], undefined, [])),
    stop: () => rm(directory, { recursive: true, force: true })
  }
}

type Options = NonNullable<Parameters<typeof generate>[1]>

function createCa(name: string): Promise<Certificate> {
  return certify(
    name,
    { from: -30 * DAY_MS, to: 30 * DAY_MS },
    {
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true }
      ]
    }
  )
}

function sign(
  ca: Certificate,
  names: readonly string[],
  validMs = { from: -BEGINS_AGO_MS, to: 7 * DAY_MS },
  addresses: readonly string[] = ['127.0.0.1']
): Promise<Certificate> {
  return certify(names[0] ?? '', validMs, {
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map(value => ({ type: 2 as const, value })),
          ...addresses.map(ip => ({ type: 7 as const, ip }))
        ]
      }
    ]
  })
}

/** A P-256 key and a certificate for it. Without a CA it signs itself. */
async function certify(
  name: string,
  validMs: { readonly from: number; readonly to: number },
  options: Options
): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    ...options,
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + validMs.from),
    notAfterDate: new Date(Date.now() + validMs.to)
  })
  return { key, cert }
}

/** Creates it on first use. */
function once(create: () => Promise<Certificate>): () => Promise<Certificate> {
  let created: Promise<Certificate> | undefined
  return () => (created ??= create())
}
