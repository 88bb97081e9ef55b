// Reports an entity's repositories: reads all pages from Vaunt, and writes a table to the job summary and a JSON file.

import { ActionError } from '../errors/action-error.ts'
import type { Client } from '../network/client.ts'
import { isServerUrl } from '../runner/api-urls.ts'
import { isPublicRepository } from '../runner/event.ts'
import { isRepositoryName } from '../runner/git-names.ts'
import { property, textIn } from '../untrusted/json.ts'
import { LIMITS } from '../network/retry.ts'
import { inFolder, writeFile } from '../runner/files.ts'
import type { RunnerFiles } from '../runner/files.ts'
import { openFiles, runAction, setOutputs } from './run.ts'
import type { Session, World } from './run.ts'
import { withClient } from './client.ts'
import { askVaunt } from '../vaunt/request.ts'
import { getToken, readCredentials } from './credentials.ts'

/** Runs the action. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function runReport(world: World): Promise<void> {
  await runAction(world, async session => {
    const credentials = readCredentials(session)
    const files = openFiles(session, ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])
    // The folder is created before anything is sent, so that a full disk is found in time.
    await inFolder(world.disk, 'vaunt-repositories-', async folder => {
      const { token, entity } = await getToken(session, credentials)
      const limits = { ...LIMITS, bodyBytes: PAGE_BYTES, actionMs: ALL_PAGES_MS }
      const source = { session, vauntApiUrl: credentials.vauntApiUrl, token, entity }
      const found = await withClient(session, client => fetchAll({ ...source, client }), limits)
      const repositories = found.filter(repository => property(repository, 'deleted') !== true)
      const deletedCount = found.length - repositories.length
      report(session, files, `${folder}/repositories.json`, { entity, repositories, deletedCount })
    })
  })
}

/** Vaunt's maximum for one request. */
const PAGE_LENGTH = 100
/** Ends a series of pages that would never end, after 100,000 repositories. */
const MAX_PAGES = 1000
const MAX_CURSOR_LENGTH = 1024
const PAGE_BYTES = 5 * 1_048_576
/** The limit for all pages together, which stay in memory until the file is written. */
const ALL_PAGES_BYTES = 50 * 1_048_576
const ALL_PAGES_MS = 600_000
/** Vaunt's error code when it has no data. */
const NO_DATA = 2

/** A repository as Vaunt describes it. Only its name is checked. */
interface Repository {
  readonly name: string
}

interface Source {
  readonly session: Session
  readonly client: Client
  readonly vauntApiUrl: string
  readonly token: string | undefined
  readonly entity: string
}

/** Reads all pages. The last one may have a cursor, too; an empty page or a 404 then follows. */
async function fetchAll(source: Source): Promise<readonly Repository[]> {
  // A repository that is added while the pages are read moves the others, so one of them can be on two pages.
  const repositories = new Map<string, Repository>()
  const seen = new Set<string>()
  let cursor = ''
  let bytes = 0
  for (let number = 1; number <= MAX_PAGES; number++) {
    const page = await fetchPage(source, cursor, number)
    bytes += page.bytes
    if (bytes > ALL_PAGES_BYTES)
      throw tooLarge(`all pages of the repositories of ${source.session.quote(source.entity)}`)
    const shown = withoutSecrets(page.repositories, source.session)
    for (const [index, { name }] of page.repositories.entries()) {
      const repository = shown[index]
      if (repository && !repositories.has(name.toLowerCase())) repositories.set(name.toLowerCase(), repository)
    }
    cursor = page.nextCursor
    if (page.repositories.length === 0 || cursor === '') return [...repositories.values()]
    if (seen.has(cursor)) throw unexpected(`page ${number} of the repositories, which leads back to an earlier page`)
    seen.add(cursor)
  }
  throw unexpected(`the repositories, of which there are more than ${MAX_PAGES} pages`)
}

/** Removes the masked values of this run, because the runner masks them only in the log, not in the summary or a file. */
function withoutSecrets(repositories: readonly Repository[], { redact }: Session): readonly Repository[] {
  const texts: string[] = []
  try {
    JSON.stringify(repositories, (name, value: unknown) => {
      texts.push(name)
      if (typeof value === 'string') texts.push(value)
      return value
    })
  } catch {
    throw unexpected('the repositories, which are nested too deeply')
  }
  const all = texts.join('\n')
  if (redact(all) === all) return repositories
  return repositories.map(({ name, ...others }) => ({ ...redactedIn(others, redact), name: redact(name) }))
}

function redactedIn(object: object, redact: (text: string) => string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]: [string, unknown]): [string, unknown] => [
      redact(name),
      redacted(value, redact)
    ])
  )
}

function redacted(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(each => redacted(each, redact))
  return typeof value === 'object' && value !== null ? redactedIn(value, redact) : value
}

interface Page {
  readonly repositories: readonly Repository[]
  readonly nextCursor: string
  /** The length of the response. */
  readonly bytes: number
}

async function fetchPage(source: Source, cursor: string, number: number): Promise<Page> {
  const { session, client, vauntApiUrl, token, entity } = source
  const asked = `page ${number} of the repositories of ${session.quote(entity)}`
  const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`
  const { status, json, body } = await askVaunt({
    client,
    vauntApiUrl,
    path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories?limit=${PAGE_LENGTH}${after}`,
    bearer: token,
    accept: 'application/json',
    quote: session.quote,
    asked,
    entity,
    mayBeMissing: number > 1
  })
  if (status === 404) return { repositories: [], nextCursor: '', bytes: 0 }
  if (json === undefined) throw unexpected(asked, 'not-json')
  const page = readPage(json)
  if (!page) throw unexpected(asked)
  return { ...page, bytes: Buffer.byteLength(body) }
}

function unexpected(asked: string, surprise: 'not-described' | 'not-json' = 'not-described'): ActionError {
  return ActionError.of('vaunt-unexpected', { attempts: 1, asked, surprise, status: 200 })
}

function tooLarge(asked: string): ActionError {
  return ActionError.of('vaunt-unexpected', { attempts: 1, asked, surprise: 'too-large', limitBytes: ALL_PAGES_BYTES })
}

/** Returns a page, or undefined if the response is not as documented. Without data, `data` is empty or null, or there is an error that says so. */
function readPage(json: unknown): Omit<Page, 'bytes'> | undefined {
  const data = property(json, 'data')
  if (data === undefined && property(property(json, 'error'), 'code') !== NO_DATA) return undefined
  const repositories = data ?? []
  const nextCursor = property(json, 'next_cursor') ?? property(property(json, 'meta_data'), 'next_cursor') ?? ''
  if (!Array.isArray(repositories) || !repositories.every(isRepository)) return undefined
  if (typeof nextCursor !== 'string' || nextCursor.length > MAX_CURSOR_LENGTH || !nextCursor.isWellFormed()) {
    return undefined
  }
  return { repositories, nextCursor }
}

function isRepository(value: unknown): value is Repository {
  return textIn(value, 'name') !== undefined
}

interface Report {
  readonly entity: string
  readonly repositories: readonly Repository[]
  /** The number of repositories left out because Vaunt marks them as deleted. */
  readonly deletedCount: number
}

/** Writes the file, the summary, and the outputs: either all of them or none. */
function report(session: Session, files: RunnerFiles, file: string, found: Report): void {
  const { entity, repositories, deletedCount } = found
  const { core, disk, environment, readFile } = session.world
  const count = repositories.length
  const privateCount = repositories.filter(repository => property(repository, 'private') === true).length
  writeFile(disk, file, renderJson(entity, repositories))
  const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_SERVER_URL: server = 'https://github.com' } = environment
  files.write('GITHUB_STEP_SUMMARY', () => {
    disk.append(summary, render(found, server))
  })
  setOutputs(session, files, [
    ['count', String(count)],
    ['private-count', String(privateCount)],
    ['file', file]
  ])
  core.info(`Vaunt lists ${counted(count)} of ${session.quote(entity)} (${privateCount} private).`)
  if (deletedCount > 0) core.info(leftOut(deletedCount))
  if (privateCount === 0 || !isPublicRepository(environment, readFile)) return
  core.warning(
    `This repository is public, so anyone can read the summary of this run, with the names of private repositories (${privateCount}). ` +
      'Create the report in a private repository.'
  )
}

function leftOut(deletedCount: number): string {
  const what = deletedCount === 1 ? '1 repository that Vaunt marks' : `${deletedCount} repositories that Vaunt marks`
  return `The report leaves out ${what} as deleted.`
}

/** Writes one repository per line. With indentation, deeply nested data could grow to hundreds of times its size. */
function renderJson(entity: string, repositories: readonly Repository[]): string {
  const head = `"entity": ${JSON.stringify(entity)}, "count": ${repositories.length}`
  const lines = repositories.map(repository => JSON.stringify(repository))
  return `{ ${head}, "repositories": [\n${lines.join(',\n')}\n] }\n`
}

function counted(count: number): string {
  return count === 1 ? '1 repository' : `${count} repositories`
}

/** The runner refuses a summary above 1 MiB, and other steps may add to it. */
const MAX_SUMMARY_BYTES = 900_000
const MAX_CELL_LENGTH = 100

/** Renders the summary as Markdown, in which nothing from Vaunt can be markup. */
function render({ entity, repositories, deletedCount }: Report, server: string): string {
  const aside = deletedCount === 0 ? '' : `${leftOut(deletedCount)}\n\n`
  const heading = `## Repositories of ${text(entity)}\n\n${aside}`
  if (repositories.length === 0) return `${heading}Vaunt lists no repositories.\n`
  const columns = '| Repository | Visibility | Language | Stars | Forks | Open issues |\n'
  const alignment = '| --- | --- | --- | ---: | ---: | ---: |\n'
  let table = `${heading}${counted(repositories.length)}.\n\n${columns}${alignment}`
  let bytes = Buffer.byteLength(table)
  for (const [index, repository] of repositories.entries()) {
    const row = `| ${cells(repository, entity, server).join(' | ')} |\n`
    bytes += Buffer.byteLength(row)
    if (bytes > MAX_SUMMARY_BYTES) {
      return `${table}\nNot shown here: ${counted(repositories.length - index)}. The JSON file lists all of them.\n`
    }
    table += row
  }
  return table
}

function cells(repository: Repository, entity: string, server: string): string[] {
  const [isPrivate, language] = [property(repository, 'private'), property(repository, 'language')]
  return [
    link(server, entity, repository.name),
    isPrivate === true ? 'private' : isPrivate === false ? 'public' : '',
    typeof language === 'string' ? text(language) : '',
    ...['stars', 'forks', 'open_issues']
      .map(name => property(repository, name))
      .map(count => (Number.isSafeInteger(count) ? String(count) : ''))
  ]
}

function link(server: string, entity: string, name: string): string {
  const label = `<code>${text(name)}</code>`
  // Only a valid repository name becomes part of the URL.
  return isRepositoryName(name) && isServerUrl(server) ? `<a href="${server}/${entity}/${name}">${label}</a>` : label
}

/** Escapes a text: removes invisible characters, and encodes every character that means something in Markdown or HTML. */
function text(raw: string): string {
  const visible = raw
    // Bounds the work: only the beginning is shown.
    .slice(0, 20 * MAX_CELL_LENGTH)
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  const characters = Array.from(visible)
  const clipped = characters.slice(0, MAX_CELL_LENGTH)
  if (clipped.length < characters.length) clipped.push('…')
  return clipped.map(sign => (/^[\p{L}\p{M}\p{N} …-]$/u.test(sign) ? sign : `&#${sign.codePointAt(0) ?? 0};`)).join('')
}
