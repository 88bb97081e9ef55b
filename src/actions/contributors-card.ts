// Gets the contributors card from Vaunt and, if it says something new, commits it to this repository or opens a pull request.

import { ActionError, collect, requireNone } from '../errors/action-error.ts'
import type { Problem } from '../errors/action-error.ts'
import { apiUrl, isServerUrl } from '../runner/api-urls.ts'
import { checkUrl } from '../runner/check-inputs.ts'
import { defaultBranchIn, isPublicRepository } from '../runner/event.ts'
import { readInputs } from '../runner/inputs.ts'
import { isBranchName, isCardPath, isRepositoryName } from '../runner/git-names.ts'
import type { StepInput } from '../errors/messages/inputs.ts'
import { LIMITS } from '../network/retry.ts'
import type { RunnerFiles } from '../runner/files.ts'
import { openFiles, runAction, setOutputs } from './run.ts'
import type { Session, World } from './run.ts'
import { withClient } from './client.ts'
import { askVaunt } from '../vaunt/request.ts'
import { maskLong, getToken, readCredentials } from './credentials.ts'
import type { Credentials, EntityToken } from './credentials.ts'
import { COMMIT_LIMITS, commitCard } from '../card/commit.ts'
import type { Patience } from '../card/commit.ts'
import { proposeCard, pullRequestText } from '../card/pull-request.ts'
import type { Proposed } from '../card/pull-request.ts'
import { Repository } from '../card/repository.ts'
import { requireSafeSvg } from '../card/safety.ts'
import { requireNoSecret } from '../card/secrets.ts'

/** Runs the action. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function runCard(world: World, limits = COMMIT_LIMITS): Promise<void> {
  await runAction(world, async session => {
    const inputs = readCardInputs(session)
    const files = openFiles(session, ['GITHUB_OUTPUT'])
    const place = findPlace(session)
    requireToken(session, inputs, place)

    const granted = await getToken(session, inputs.credentials)
    const subject = { ...granted, repository: inputs.repository === '' ? place.name : inputs.repository }
    const card = await fetchCard(session, inputs, subject)
    warnOfPublication(session, subject, `${place.owner}/${place.name}`)

    report(session, files, inputs, await publish(session, { inputs, place, subject, card, limits }))
  })
}

/** A card contains pictures. */
const CARD_BYTES = 5 * 1_048_576

/** GitHub lists a folder with all its files in one response. */
const GITHUB_BYTES = 10 * 1_048_576

interface CardInputs {
  readonly credentials: Credentials
  /** Without a trailing slash. */
  readonly githubApiUrl: string
  /** Without the owner; empty for the job's own. */
  readonly repository: string
  readonly limit: string
  readonly path: string
  /** Without `refs/heads/`; empty: the one that is checked out, else the default branch. */
  readonly branch: string
  readonly opensPullRequest: boolean
  readonly pullRequestBranch: string
  readonly githubToken: string
}

/** Reads the inputs, masks the secrets in them, and checks them all before anything is sent. */
function readCardInputs(session: Session): CardInputs {
  const { core, environment } = session.world
  const read = (name: StepInput): string => core.getInput(name).trim()
  const readBranch = (name: StepInput): string => read(name).replace(/^refs\/heads\/(?=.)/, '')
  const githubToken = core.getInput('github-token').trim()
  // The runner masks the job's own token, but not necessarily another one.
  maskLong(session, githubToken)
  const problems: Problem[] = []
  const credentials = collect(problems, () => readCredentials(session, true))
  const [repository, limit] = [read('repository'), read('limit') || '10']
  const path = read('path') || '.vaunt/cards/contributors.svg'
  const branch = readBranch('branch')
  const pullRequest = read('pull-request').toLowerCase() || 'false'
  const pullRequestBranch = readBranch('pull-request-branch') || 'vaunt/contributors-card'
  const check = (input: StepInput, isGood: boolean, value: string): void => {
    if (!isGood) problems.push(invalid(session, input, value))
  }
  check('repository', repository === '' || isRepositoryName(repository), repository)
  check('limit', /^(?:[1-9]\d?|100)$/.test(limit), limit)
  check('path', isCardPath(path), path)
  check('branch', branch === '' || isBranchName(branch), branch)
  check('pull-request', pullRequest === 'true' || pullRequest === 'false', pullRequest)
  check('pull-request-branch', isBranchName(pullRequestBranch), pullRequestBranch)
  const opensPullRequest = pullRequest === 'true'
  if (opensPullRequest) check('pull-request-branch', pullRequestBranch !== branch, pullRequestBranch)
  const raw = readInputs(name => core.getInput(name), environment)
  const badUrl = checkUrl(raw, 'github-api-url')
  if (badUrl && problems.every(({ input }) => input !== badUrl.input)) problems.push(badUrl)
  requireNone(problems)
  if (!credentials) throw new TypeError('the inputs were read neither with nor without problems')
  const githubApiUrl = apiUrl(raw['github-api-url'])
  const to = { path, branch, opensPullRequest, pullRequestBranch, githubApiUrl, githubToken }
  return { credentials, repository, limit, ...to }
}

function invalid({ quote }: Session, input: StepInput, value: string): Problem {
  return { input, error: ActionError.of('step-input-invalid', { input, value: quote(value) }) }
}

/** The repository that the job runs in, where the card is committed. */
interface Place {
  readonly owner: string
  readonly name: string
  /** The web page of this run. */
  readonly runUrl: string
}

function findPlace(session: Session): Place {
  const {
    GITHUB_REPOSITORY: repository = '',
    GITHUB_RUN_ID: run = '0',
    GITHUB_SERVER_URL: own = ''
  } = session.world.environment
  const server = isServerUrl(own) ? own : session.server
  const [owner = '', name = ''] = repository.split('/')
  if (name === '') throw ActionError.of('runner-files-unusable', { variable: 'GITHUB_REPOSITORY', detail: undefined })
  return { owner, name, runUrl: `${server}/${repository}/actions/runs/${run}` }
}

/** Checks the token for the commit before anything is sent. */
function requireToken({ quote }: Session, { githubToken }: CardInputs, { owner, name }: Place): void {
  // RFC 6750.
  const fault = githubToken === '' ? 'no-token' : /^[\w.~+/-]+=*$/.test(githubToken) ? undefined : 'malformed'
  if (!fault) return
  throw ActionError.of('commit-forbidden', { fault, repository: quote(`${owner}/${name}`), attempts: 1 })
}

/** The repository that the card is about, and the token to request it with. */
interface Subject extends EntityToken {
  readonly repository: string
}

/** Gets the card, and refuses one that contains more than a picture. */
async function fetchCard(session: Session, inputs: CardInputs, subject: Subject): Promise<string> {
  const { credentials, limit, githubToken } = inputs
  const { token, entity, repository } = subject
  const { quote, world } = session
  if (Number(limit) > LARGEST_CARD) {
    world.core.info(`Input 'limit' is ${limit}. Vaunt may cut off cards with more than ${LARGEST_CARD} contributors.`)
  }
  const limits = { ...LIMITS, bodyBytes: CARD_BYTES }
  return await withClient(
    session,
    async client => {
      const { body } = await askVaunt({
        client,
        vauntApiUrl: credentials.vauntApiUrl,
        path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories/${encodeURIComponent(repository)}/contributors?format=svg&limit=${limit}`,
        bearer: token,
        missingPatReason: session.missingPatReason,
        accept: 'image/svg+xml',
        quote,
        asked: `the contributors card of ${quote(`${entity}/${repository}`)}`,
        entity,
        repository
      })
      requireSafeSvg(body, quote)
      requireNoSecret(body, [
        githubToken,
        token ?? '',
        credentials.credential.mode === 'exchange' ? credentials.credential.pat : ''
      ])
      // Git would change other line endings of a text file in every clone.
      return body.replace(/\r\n?/g, '\n')
    },
    limits
  )
}

/** The limit on Vaunt's page about cards. Its API accepts more. */
const LARGEST_CARD = 70

/** Warns if the card may tell the public who works on a private repository. */
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

interface Publication {
  readonly inputs: CardInputs
  readonly place: Place
  readonly subject: Subject
  readonly card: string
  readonly limits: typeof COMMIT_LIMITS
}

interface Published extends Proposed {
  /** The branch that the card is for. */
  readonly branch: string
}

/** Commits the card, or opens a pull request with it. */
async function publish(session: Session, { inputs, place, subject, card, limits }: Publication): Promise<Published> {
  const { world, quote } = session
  const { githubToken, githubApiUrl } = inputs
  const clientLimits = { ...LIMITS, bodyBytes: GITHUB_BYTES, actionMs: limits.totalMs }
  return await withClient(
    session,
    async client => {
      const github = world.createReader({ pat: githubToken, githubApiUrl, client })
      const repository = new Repository({ github, ...place, quote, token: githubToken })
      const branch = await findBranch(session, inputs, repository, place)
      const title = `Update the contributors card of ${subject.entity}/${subject.repository}`
      const message = `${title}\n\nGenerated by Vaunt, committed by ${place.runUrl}`
      const file = { path: inputs.path, text: card, message }
      const patience: Patience = {
        branch: inputs.opensPullRequest ? inputs.pullRequestBranch : branch,
        limits,
        uptime: world.uptime,
        onPause(reason, waitMs) {
          world.core.info(`The card isn't committed yet: ${reason}. Trying again in ${(waitMs / 1000).toFixed(1)} s.`)
        }
      }
      if (!inputs.opensPullRequest) {
        return { branch, commit: await commitCard(repository, file, patience), url: undefined }
      }
      const describe = (changes: readonly string[]): string =>
        pullRequestText({ title, changes, runUrl: place.runUrl, token: githubToken })
      return { branch, ...(await proposeCard(repository, { file, base: branch, title, describe }, patience)) }
    },
    clientLimits
  )
}

/** The branch that the card is for: the input, or else the one that is checked out, or else the default branch. */
async function findBranch(
  session: Session,
  { branch: given, opensPullRequest, pullRequestBranch }: CardInputs,
  repository: Repository,
  { owner, name }: Place
): Promise<string> {
  const { environment, readFile } = session.world
  const known = given || branchCheckedOut(session.world, `${owner}/${name}`) || defaultBranchIn(environment, readFile)
  const branch = known ?? (await repository.defaultBranch())
  if (!opensPullRequest || pullRequestBranch !== branch) return branch
  throw invalid(session, 'pull-request-branch', pullRequestBranch).error
}

/** The branch of this repository that is checked out, to which Vaunt's older action commits. Empty if there is none. */
function branchCheckedOut({ environment, readFile }: World, repository: string): string {
  const folder = `${environment['GITHUB_WORKSPACE'] ?? ''}/.git`
  try {
    const settings = readFile(`${folder}/config`)
      .split('\n')
      .map(line => line.trim().toLowerCase())
    const isOurs = settings.some(
      setting =>
        /^url\s*=/.test(setting) &&
        setting
          .replace(/\/$/, '')
          .replace(/\.git$/, '')
          .endsWith(`/${repository.toLowerCase()}`)
    )
    const branch = /^ref: refs\/heads\/(.+)$/m.exec(readFile(`${folder}/HEAD`))?.[1] ?? ''
    return isOurs && isBranchName(branch) ? branch : ''
  } catch {
    // The job has no checkout.
    return ''
  }
}

/** Sets the outputs and logs what was done. */
function report(session: Session, files: RunnerFiles, { path }: CardInputs, { branch, commit, url }: Published): void {
  const { quote, world } = session
  setOutputs(session, files, [
    ['changed', String(commit !== undefined)],
    ['commit', commit],
    ['pull-request', url]
  ])
  const where = `${quote(path)} on ${quote(branch)}`
  world.core.info(
    commit === undefined
      ? `The card at ${where} is up to date.`
      : `${url === undefined ? 'Committed the card to' : 'Proposed the card for'} ${where} (${commit.slice(0, 12)}).`
  )
  if (url !== undefined) world.core.info(`Pull request: ${url}`)
}
