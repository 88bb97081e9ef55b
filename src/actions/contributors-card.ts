// Owns the contributors card: gets it from Vaunt and commits it when it changed. Works on the remote's branch alone, without a working tree, so that nothing else can get into the commit.

import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError, collect, requireNone, systemCode } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import { isPublicRepository } from '../runner/event.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { ForbiddenPush } from '../errors/messages/card.ts'
import type { StepInput } from '../errors/messages/inputs.ts'
import { proxyFor } from '../network/proxy.ts'
import { LIMITS } from '../network/retry.ts'
import { findFiles, inFolder } from '../runner/files.ts'
import type { RunnerFiles } from '../runner/files.ts'
import { runAction, setOutputs } from './run.ts'
import type { Session, World } from './run.ts'
import { createClient } from './client.ts'
import { askVaunt } from '../vaunt/request.ts'
import { maskLong, obtainToken, takeAccess } from './credentials.ts'
import type { Access, Granted } from './credentials.ts'
import { Git, GitError, NO_FILES, untilCancelled } from '../card/git.ts'
import { requireSafeSvg } from '../card/safety.ts'

/** Runs the step. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function runCard(world: World, limits = CARD_LIMITS): Promise<void> {
  await runAction(world, async session => {
    const taken = takeInputs(session)
    const files = findFiles(['GITHUB_OUTPUT'], world.environment, world.files)
    session.files = files
    const { repository, server } = findRepository(session)
    const inputs = taken.branch === '' ? { ...taken, branch: branchCheckedOut(world, repository) } : taken
    const told = { host: session.quote(hostOf(server)), repository: session.quote(repository) }
    if (inputs.pushToken === '') throw forbidden('no-token', told)
    // RFC 6750. What else there is, git's helper could take for an answer of its own.
    if (!/^[\w.~+/-]+=*$/.test(inputs.pushToken)) throw forbidden('token', told)
    const use = async (folder: string, signal: AbortSignal): Promise<void> => {
      // What the runner has to give is looked for before anything is sent.
      const options = { environment: world.environment, folder, server, repository, signal }
      const git = await Git.create({ ...options, token: inputs.pushToken, deadlineMs: limits.commandMs }).catch(
        (error: unknown) => {
          throw error instanceof GitError ? localFailure(session, error) : error
        }
      )
      const granted = await obtainToken(session, inputs.access)
      const subject = { ...granted, repository: inputs.repository === '' ? nameIn(repository) : inputs.repository }
      const card = await fetchCard(session, inputs, subject)
      warnOfPublication(session, subject, repository)

      const publication = new Publication(session, git, inputs, told, limits)
      // In a text file other line ends would be changed by git in every clone.
      const committed = await publication.publish(
        card.replace(/(?<!\r)\r+\n/g, '\n'),
        commitMessage(subject, server, world.environment)
      )
      tell(session, files, inputs, committed)
      world.disk.remove(folder)
    }
    const detail = 'the job was cancelled'
    const cancelled = ActionError.of('git-unavailable', { attempts: 1, host: told.host, detail })
    await inFolder(world.disk, 'vaunt-card-', folder => untilCancelled(signal => use(folder, signal), cancelled))
  })
}

/** How long is tried, in milliseconds; only tests give others. */
export const CARD_LIMITS = {
  /** All pushes together: many jobs may commit to one branch at once. */
  pushesMs: 180_000,
  /** One command of git. */
  commandMs: 60_000,
  /** The longest pause before the next push, and how it grows up to there. */
  pauseMs: 20_000,
  firstPauseMs: 400,
  growth: 1.6,
  /** How often a fault of the network or the server is met. */
  faults: 6
}

export type CardLimits = typeof CARD_LIMITS

/** A card has pictures in it. */
const CARD_BYTES = 5 * 1_048_576

interface CardInputs {
  readonly access: Access
  /** Without the owner; empty for the job's own. */
  readonly repository: string
  readonly limit: string
  readonly path: string
  /** Without `refs/heads/`; empty: the one that is checked out, else the default branch. */
  readonly branch: string
  readonly pushToken: string
}

/** Reads the inputs, masks what is secret in them, and checks them all: nothing has been sent yet. */
function takeInputs(session: Session): CardInputs {
  const { core } = session.world
  const read = (name: StepInput): string => core.getInput(name).trim()
  const pushToken = core.getInput('github-token').trim()
  // The runner masks its own token; another one may come from anywhere.
  maskLong(session, pushToken)
  const problems: Problem[] = []
  const access = collect(problems, () => takeAccess(session))
  const [repository, limit] = [read('repository'), read('limit') || '10']
  const path = read('path') || '.vaunt/cards/contributors.svg'
  const branch = read('branch').replace(/^refs\/heads\/(?=.)/, '')
  const check = (input: StepInput, isGood: boolean, value: string): void => {
    if (isGood) return
    problems.push({ input, error: ActionError.of('step-input-invalid', { input, value: session.quote(value) }) })
  }
  check('repository', repository === '' || isRepositoryName(repository), repository)
  check('limit', /^(?:[1-9]\d?|100)$/.test(limit), limit)
  check('path', isCardPath(path), path)
  check('branch', branch === '' || isBranchName(branch), branch)
  requireNone(problems)
  if (!access) throw new TypeError('no access and no problem')
  return { access, repository, limit, path, branch, pushToken }
}

function isRepositoryName(name: string): boolean {
  return /^[\w.-]{1,100}$/.test(name) && name !== '.' && name !== '..'
}

/** Windows could not check out some of these characters and names, and `##` begins a command to the runner. */
function isCardPath(path: string): boolean {
  const segments = path.split('/')
  return (
    path.length <= 255 &&
    path.endsWith('.svg') &&
    !/[\p{C}\\:*?"<>|#]/u.test(path) &&
    segments.every(
      segment =>
        !/^(?:\.{0,2}|\.git|git~\d|(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³])(?:\..*)?|\s.*|.*[\s.])$/i.test(segment)
    )
  )
}

/** What `git check-ref-format --branch` allows, and no name of anything else, such as a tag's. */
function isBranchName(name: string): boolean {
  return (
    name.length <= 200 &&
    !/[\p{Cc}\p{Cf}\p{Cs} ~^:?*[\\]|\.\.|@\{/u.test(name) &&
    !/^-|^@$|^HEAD$|^refs\/|\.$/.test(name) &&
    name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  )
}

/** The repository that the job runs in: where the card is committed to. */
function findRepository({ world, quote }: Session): { readonly repository: string; readonly server: string } {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_SERVER_URL: server = '' } = world.environment
  for (const [variable, value] of [
    ['GITHUB_REPOSITORY', repository],
    ['GITHUB_SERVER_URL', server]
  ] as const) {
    if (value === '') throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  }
  // The token is never sent in the clear; to a folder none is sent.
  if (!/^(?:https|file):\/\//.test(server))
    throw ActionError.of('git-unavailable', { attempts: 1, host: quote(server), detail: 'its address is not https://' })
  return { repository, server: server.replace(/(?<!\/)\/+$/, '') }
}

function nameIn(repository: string): string {
  return repository.slice(repository.indexOf('/') + 1)
}

function hostOf(server: string): string {
  return URL.parse(server)?.host ?? server
}

/** Gets the card, and refuses one that is more than a picture. */
async function fetchCard(
  session: Session,
  { access, limit }: CardInputs,
  { token, entity, repository }: Granted & { readonly repository: string }
): Promise<string> {
  const client = createClient(session, { ...LIMITS, bodyBytes: CARD_BYTES })
  try {
    const { body } = await askVaunt({
      client,
      vauntApiUrl: access.vauntApiUrl,
      path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories/${encodeURIComponent(repository)}/contributors?format=svg&limit=${limit}`,
      bearer: token,
      accept: 'image/svg+xml',
      quote: session.quote,
      asked: `the contributors card of ${session.quote(`${entity}/${repository}`)}`,
      entity,
      repository
    })
    requireSafeSvg(body, session.quote)
    return body
  } finally {
    client.close()
  }
}

/** A card shows who works on a repository: if that one is private and this one is public, everybody sees it. */
function warnOfPublication(
  { world, quote }: Session,
  { entity, repository }: { readonly entity: string; readonly repository: string },
  here: string
): void {
  const isOwn = `${entity}/${repository}`.toLowerCase() === here.toLowerCase()
  if (isOwn || !isPublicRepository(world.environment, world.readFile)) return
  world.core.warning(
    `This repository is public, so anyone can see who contributes to ${quote(`${entity}/${repository}`)}. ` +
      'If that repository is private, commit its card to a private repository.'
  )
}

function commitMessage(
  { entity, repository }: { readonly entity: string; readonly repository: string },
  server: string,
  environment: World['environment']
): string {
  const run = `${server}/${environment['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${environment['GITHUB_RUN_ID'] ?? '0'}`
  return `Update the contributors card of ${entity}/${repository}\n\nMade by Vaunt; committed by ${run}\n`
}

interface Committed {
  readonly branch: string
  /** The name of the new commit; undefined when the card was up to date. */
  readonly commit: string | undefined
}

/** The names in the messages. */
type Told = Pick<Facts['git-unavailable'], 'host'> & Pick<Facts['push-forbidden'], 'repository'>

function forbidden(fault: ForbiddenPush, { repository }: Told): ActionError {
  return ActionError.of('push-forbidden', { fault, repository, attempts: 1 })
}

/** git cannot do its work on this runner. */
function localFailure({ quote }: Session, { fault, words }: GitError): ActionError {
  const detail = fault.kind === 'local' ? fault.detail : ''
  return systemCode(detail) === undefined
    ? ActionError.of('git-missing', { detail: `${quote(`${detail} ${words}`.trim())}` })
    : ActionError.of('runner-files-unusable', { variable: 'RUNNER_TEMP', detail })
}

/** One card on its way to a branch: as often as others come first, and as the network breaks. */
class Publication {
  readonly #session: Session
  readonly #git: Git
  readonly #inputs: CardInputs
  readonly #told: Told
  readonly #limits: CardLimits
  readonly #startedAt: number
  #branch: string
  #pushes = 0
  #faults = 0
  /** Commits that may have arrived though the answer was lost. */
  readonly #pushed: string[] = []

  constructor(session: Session, git: Git, inputs: CardInputs, told: Told, limits: CardLimits) {
    this.#session = session
    this.#git = git
    this.#inputs = inputs
    this.#told = told
    this.#limits = limits
    this.#branch = inputs.branch
    this.#startedAt = session.world.uptime()
  }

  async publish(card: string, message: string): Promise<Committed> {
    for (;;) {
      try {
        const blob = (await this.#git.run(['hash-object', '-w', '--no-filters', '--stdin'], card)).trim()
        return { branch: await this.#findBranch(), commit: await this.#commit(blob, message) }
      } catch (error) {
        if (!(error instanceof GitError)) throw error
        await this.#pauseAfter(error)
      }
    }
  }

  async #findBranch(): Promise<string> {
    if (this.#branch !== '') return this.#branch
    const listed = await this.#git.run(['ls-remote', '--symref', 'origin', 'HEAD'])
    this.#branch = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(listed)?.[1] ?? ''
    if (this.#branch === '') {
      // A page of something in between has no branches, either: only git says that it lacks a commit.
      await this.#git.asks(['fetch', '--depth=1', 'origin', '1'.repeat(40)], /not our ref|unadvertised|no matching/)
      throw forbidden('no-branch', this.#told)
    }
    return this.#branch
  }

  /** One push at most. @returns the commit; undefined when the branch has the card already */
  async #commit(blob: string, message: string): Promise<string | undefined> {
    const git = this.#git
    const { path } = this.#inputs
    const reference = `refs/heads/${this.#branch}`
    const listed = await git.run(['ls-remote', 'origin', reference])
    // Names that only end like it are listed, too.
    const tip = listed.split('\n').find(line => line.endsWith(`\t${reference}`))
    if (tip !== undefined) {
      const depth = this.#pushed.length === 0 ? 1 : 50
      await git.run(['fetch', '--quiet', `--depth=${depth}`, '--no-tags', NO_FILES, 'origin', `+${reference}:${TIP}`])
      for (const commit of this.#pushed) {
        if (await git.asks(['merge-base', '--is-ancestor', commit, TIP])) return commit
      }
      if (await git.asks(['rev-parse', '--quiet', '--verify', `${TIP}:${path}`])) {
        if ((await git.run(['rev-parse', '--verify', `${TIP}:${path}`])).trim() === blob) return undefined
      }
    }
    await git.run(['read-tree', ...(tip === undefined ? ['--empty'] : [TIP])])
    await this.#requireUnfiltered()
    const isAdded = await git.asks(
      ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`],
      /appears as both/
    )
    const alike = await git.run(['ls-files', '-z', '--', `:(icase,literal)${path}`])
    if (!isAdded || alike !== `${path}\0`) throw this.#pathUnusable('taken')
    const tree = (await git.run(['write-tree', '--missing-ok'])).trim()
    const parent = tip === undefined ? [] : ['-p', TIP]
    const commit = (await git.run(['commit-tree', tree, ...parent, '-F', '-'], message)).trim()
    this.#pushes++
    this.#pushed.push(commit)
    await git.run(['push', '--quiet', '--porcelain', 'origin', `${commit}:${reference}`])
    return commit
  }

  /** With a filter or an encoding the file in a clone would not be what was committed, and every clone would show it as changed. */
  async #requireUnfiltered(): Promise<void> {
    const listed = await this.#git.run([
      'check-attr',
      '--cached',
      '-z',
      'filter',
      'working-tree-encoding',
      'ident',
      '--',
      this.#inputs.path
    ])
    const values = listed.split('\0').filter((_, index) => index % 3 === 2)
    if (values.some(value => value !== 'unspecified' && value !== 'unset')) throw this.#pathUnusable('filtered')
  }

  /** Waits, or throws what it came to. */
  async #pauseAfter(error: GitError): Promise<void> {
    const { fault } = error
    const { world } = this.#session
    const passes = fault.kind === 'passing' || (fault.kind === 'proxy' && fault.passes)
    if (passes) this.#faults++
    // It was refused, so it did not arrive.
    else this.#pushed.pop()
    const turn = this.#pushes + this.#faults
    const waitMs =
      Math.random() * Math.min(this.#limits.pauseMs, this.#limits.firstPauseMs * this.#limits.growth ** turn)
    const isLate = world.uptime() - this.#startedAt + waitMs > this.#limits.pushesMs
    const canHeal = fault.kind === 'moved' || (passes && this.#faults < this.#limits.faults)
    if (!canHeal || isLate) throw this.#failure(error)
    const reason = ('detail' in fault ? fault.detail : undefined) ?? 'someone else pushed first'
    world.core.info(`${this.#told.host} (git): ${reason}. Retrying in ${(waitMs / 1000).toFixed(1)} s.`)
    await sleep(waitMs)
  }

  #failure(error: GitError): ActionError {
    const { fault, words } = error
    const { quote, world } = this.#session
    const { host, repository } = this.#told
    const branch = quote(this.#branch)
    const trail = { attempts: this.#faults, words: words === '' ? undefined : quote(words) }
    switch (fault.kind) {
      case 'forbidden':
        return ActionError.of('push-forbidden', { ...trail, fault: fault.fault, repository })
      case 'refused':
        return ActionError.of('push-refused', { ...trail, fault: fault.fault, branch })
      case 'moved': {
        if (fault.detail !== undefined) break
        const seconds = Math.round((world.uptime() - this.#startedAt) / 1000)
        return ActionError.of('branch-busy', { branch, pushes: this.#pushes, seconds })
      }
      case 'local':
        return localFailure(this.#session, error)
      case 'proxy':
        return this.#proxyFailure(fault)
    }
    return ActionError.of('git-unavailable', { ...trail, host, detail: fault.detail })
  }

  #proxyFailure({ fault, detail }: Pick<Facts['proxy-failed'], 'fault' | 'detail'>): ActionError {
    const { quote, world } = this.#session
    const proxy = proxyFor(new URL(this.#git.address), this.#git.environment, world.nodeVersion)
    const isKnown = proxy instanceof URL
    const asked = isKnown && proxy.username !== '' ? 'credentials-wrong' : 'credentials-missing'
    return ActionError.of('proxy-failed', {
      fault: detail?.endsWith(' 407') ? asked : fault,
      detail,
      attempts: this.#faults,
      host: this.#told.host,
      proxyHost: isKnown ? quote(proxy.host) : undefined
    })
  }

  #pathUnusable(fault: Facts['card-path-unusable']['fault']): ActionError {
    const { quote } = this.#session
    return ActionError.of('card-path-unusable', { fault, path: quote(this.#inputs.path), branch: quote(this.#branch) })
  }
}

/** Where the branch of the remote is kept in our own repository. */
const TIP = 'refs/vaunt/tip'

/** Sets the outputs and says what was done. */
function tell(session: Session, files: RunnerFiles, inputs: CardInputs, { branch, commit }: Committed): void {
  const { path } = inputs
  const { quote, world } = session
  const { core } = world
  setOutputs(session, files, [
    ['changed', String(commit !== undefined)],
    ['commit', commit]
  ])
  core.info(
    commit === undefined
      ? `The card at ${quote(path)} on ${quote(branch)} is up to date.`
      : `Committed the card to ${quote(path)} on ${quote(branch)} (${commit.slice(0, 12)}).`
  )
}

/** The branch of this repository that the workspace has checked out, where Vaunt's older action commits to; empty when there is none. */
function branchCheckedOut({ environment, readFile }: World, repository: string): string {
  const folder = `${environment['GITHUB_WORKSPACE'] ?? ''}/.git`
  try {
    const urls = readFile(`${folder}/config`).matchAll(/^[\t ]*url[\t ]*=[\t ]*(\S+?)(?:\.git)?\/?[\t\r ]*$/gm)
    const isOurs = Array.from(urls, ([, url = '']) => url.toLowerCase()).some(url =>
      url.endsWith(`/${repository.toLowerCase()}`)
    )
    const branch = /^ref: refs\/heads\/(.+)$/m.exec(readFile(`${folder}/HEAD`))?.[1] ?? ''
    return isOurs && isBranchName(branch) ? branch : ''
  } catch {
    // There is no checkout.
    return ''
  }
}
