// Starts the whole sandbox (certificates, GitHub, Vaunt, and optionally a proxy), and runs the action against it.

import { createCertificates } from './network/certificates.ts'
import type { Answer } from './network/answers.ts'
import type { Certificate, Certificates } from './network/certificates.ts'
import { githubModel } from './github/github.ts'
import { defaultPopulation } from './github/population.ts'
import type { Population } from './github/population.ts'
import { startProxy } from './network/proxy.ts'
import type { Proxy, ProxyOptions } from './network/proxy.ts'
import { runStep } from './runner/runner.ts'
import type { StepOptions, StepResult } from './runner/runner.ts'
import { startServer } from './network/server.ts'
import type { ServerOptions, StagedServer } from './network/server.ts'
import { createVaunt } from './vaunt/vaunt.ts'
import type { VauntModel } from './vaunt/vaunt.ts'

/** The certificate that a server presents. */
export type CertificateKind = 'server' | 'untrusted' | 'expired' | 'wrongHost'

type ServiceOptions = Partial<Pick<ServerOptions, 'latencyMs' | 'connectLatencyMs' | 'basePath'>> & {
  readonly certificate?: CertificateKind
}

export interface SandboxOptions {
  readonly github?: ServiceOptions
  readonly vaunt?: ServiceOptions
  /** Starts a proxy that knows `github.sandbox.test`, `vaunt.sandbox.test` and the two services' real names. */
  readonly proxy?: Pick<ProxyOptions, 'credentials'> & {
    /** Makes it an `https://` proxy. */
    readonly isTls?: boolean
  }
}

export interface Sandbox {
  readonly certificates: Certificates
  /** The CA's certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /** The accounts and repositories of both services. Tests can change them. */
  readonly population: Population
  /** The server and its model. */
  readonly github: StagedServer & { readonly model: Answer }
  /** The server and its model, whose settings are `vaunt.model.settings`. */
  readonly vaunt: StagedServer & { readonly model: VauntModel }
  readonly proxy?: Proxy
  /** Runs a step like the runner does, with the API URLs and the CA of the sandbox by default. */
  runStep(options?: StepOptions): Promise<StepResult>
  /** Forgets everything staged and recorded, and all changes to the population and Vaunt's settings. */
  reset(): void
  /** Stops everything and removes the files. */
  stop(): Promise<void>
}

/** Starts a sandbox on ephemeral ports of 127.0.0.1. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const certificates = await createCertificates()
  const population = defaultPopulation()
  const model = await createVaunt(population)
  const start = async (answer: ServerOptions['model'], service: ServiceOptions = {}): Promise<StagedServer> =>
    startServer({ ...service, model: answer, certificate: await choose(certificates, service.certificate) })

  const githubAnswer = githubModel(population)
  const github = Object.assign(await start(githubAnswer, options.github), { model: githubAnswer })
  const vaunt = Object.assign(await start(model.answer, options.vaunt), { model })
  const proxy = options.proxy && (await startProxyFor(options.proxy, github, vaunt, certificates.server))

  return {
    certificates,
    caFile: certificates.caFile,
    population,
    github,
    vaunt,
    ...(proxy === undefined ? {} : { proxy }),
    runStep: (step = {}) =>
      runStep({
        ...step,
        // Through the context, so that the input's default is evaluated as in a real workflow.
        github: { api_url: github.url, ...step.github },
        with: { 'vaunt-api-url': vaunt.url, ...step.with },
        env: { NODE_EXTRA_CA_CERTS: certificates.caFile, ...step.env }
      }),
    reset() {
      github.reset()
      vaunt.reset()
      proxy?.reset()
      model.reset()
      const { accounts, memberships, pats } = defaultPopulation()
      population.repositories.clear()
      population.commitTokens.length = 0
      population.accounts.splice(0, Infinity, ...accounts)
      population.memberships.splice(0, Infinity, ...memberships)
      population.pats.splice(0, Infinity, ...pats)
    },
    async stop() {
      await Promise.all([github.stop(), vaunt.stop(), proxy?.stop(), certificates.stop()])
    }
  }
}

async function choose(certificates: Certificates, kind: CertificateKind = 'server'): Promise<Certificate> {
  return kind === 'server' ? certificates.server : certificates[kind]()
}

function startProxyFor(
  options: NonNullable<SandboxOptions['proxy']>,
  github: StagedServer,
  vaunt: StagedServer,
  certificate: Certificate
): Promise<Proxy> {
  const { credentials, isTls = false } = options
  return startProxy({
    hosts: {
      'github.sandbox.test:443': github.port,
      'vaunt.sandbox.test:443': vaunt.port,
      'api.github.com:443': github.port,
      'api.vaunt.dev:443': vaunt.port,
      [`localhost:${github.port}`]: github.port,
      [`localhost:${vaunt.port}`]: vaunt.port
    },
    ...(credentials === undefined ? {} : { credentials }),
    ...(isTls ? { certificate } : {})
  })
}
