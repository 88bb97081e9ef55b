// Owns the report on an entity's repositories: all pages from Vaunt, a table in the job's summary, and a JSON file. Leaves the requests to vaunt-get.sh. Plain JavaScript without dependencies: it runs under whatever Node a runner has.
//
// Environment, from the inputs of repositories-report.yml:
//   ENTITY       whose repositories
//   REPORT_FILE  where the JSON goes
//   VAUNT_TOKEN, VAUNT_API_URL  for vaunt-get.sh
// and from the runner: GITHUB_STEP_SUMMARY, GITHUB_OUTPUT, GITHUB_SERVER_URL, RUNNER_TEMP.

import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'

/** Vaunt gives no more than this at once. */
const PAGE_LENGTH = 100
/** 100 repositories each: far more than anybody has, and an end to whatever goes round in circles. */
const MAX_PAGES = 100
const MAX_CURSOR_LENGTH = 1024
/** Vaunt's own code for it. */
const NO_DATA = 2
/** The runner refuses a summary above 1 MiB; other steps may want some of it. */
const MAX_SUMMARY_BYTES = 900_000
const MAX_CELL_LENGTH = 100

/** A failure that is told in one line, made of our own words alone. */
class ReportError extends Error {}

/** vaunt-get.sh has told what is wrong already. */
class ToldError extends Error {}

function main() {
  const { ENTITY: entity = '', REPORT_FILE: reportFile = '', GITHUB_STEP_SUMMARY: summaryFile = '' } = process.env
  const { GITHUB_OUTPUT: outputFile, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env
  if (!/^[A-Za-z\d][\w-]{0,38}$/.test(entity)) {
    throw new ReportError('The input entity is not the name of a GitHub user or organization.')
  }
  if (reportFile === '' || summaryFile === '') {
    throw new ReportError('REPORT_FILE or GITHUB_STEP_SUMMARY is not set: a bug of the workflow.')
  }
  const repositories = fetchAll(entity)
  const part = `${reportFile}.part`
  try {
    writeFileSync(part, `${JSON.stringify({ entity, count: repositories.length, repositories }, null, 2)}\n`)
    appendFileSync(summaryFile, render(entity, repositories, server))
    renameSync(part, reportFile)
  } finally {
    rmSync(part, { force: true })
  }
  if (outputFile) appendFileSync(outputFile, `count=${repositories.length}\n`)
  console.log(`Reported ${repositories.length} repositories of ${entity}.`)
}

/** Every repository, page by page. Vaunt may give a cursor with the last page too: then an empty page, or none, follows. */
function fetchAll(entity) {
  const folder = mkdtempSync(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'vaunt-report-'))
  try {
    const repositories = []
    const seen = new Set()
    let cursor = ''
    for (let number = 1; number <= MAX_PAGES; number++) {
      const page = fetchPage(entity, cursor, join(folder, `${number}.json`), number)
      repositories.push(...page.repositories)
      cursor = page.nextCursor
      if (page.repositories.length === 0 || cursor === '') return repositories
      if (seen.has(cursor)) {
        throw new ReportError(
          `Vaunt's page ${number} leads back to an earlier one. Nothing was reported. Try again later.`
        )
      }
      seen.add(cursor)
    }
    throw new ReportError(`Vaunt gives more than ${MAX_PAGES} pages. Nothing was reported.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fetchPage(entity, cursor, file, number) {
  const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor).replace(/[!'()*]/g, percent)}`
  const path = `/v1/github/entities/${entity}/repositories?limit=${PAGE_LENGTH}${after}`
  const script = fileURLToPath(new URL('vaunt-get.sh', import.meta.url))
  // The token goes on in the environment: never on a command line.
  const options = number === 1 ? [] : ['--or-nothing']
  const { status } = spawnSync('bash', [script, ...options, path, file], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === null) throw new ReportError('The runner has no bash. Use a runner that has it, such as ubuntu-latest.')
  if (status !== 0) throw new ToldError()
  return existsSync(file) ? readPage(file, number) : { repositories: [], nextCursor: '' }
}

function percent(character) {
  return `%${character.charCodeAt(0).toString(16)}`
}

/** One answer, checked. Where Vaunt has nothing, `data` is empty or null, or there is an error that says just this. */
function readPage(file, number) {
  const surprise = () =>
    new ReportError(`Vaunt's page ${number} is not what its API describes. Nothing was reported. Try again later.`)
  let body
  try {
    body = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw surprise()
  }
  if (!isObject(body) || !('data' in body || body.error?.code === NO_DATA)) throw surprise()
  const repositories = body.data ?? []
  const nextCursor = body.next_cursor ?? body.meta_data?.next_cursor ?? ''
  if (!Array.isArray(repositories) || !repositories.every(one => isObject(one) && typeof one.name === 'string')) {
    throw surprise()
  }
  if (typeof nextCursor !== 'string' || nextCursor.length > MAX_CURSOR_LENGTH || !nextCursor.isWellFormed()) {
    throw surprise()
  }
  return { repositories, nextCursor }
}

/** The Markdown of the summary. Nothing that came from Vaunt can be markup in it. */
function render(entity, repositories, server) {
  const heading = `## Repositories of ${text(entity)}\n\n`
  if (repositories.length === 0) return `${heading}Vaunt lists none.\n`
  const columns = '| Repository | Visibility | Language | Stars | Forks | Open issues |\n'
  const alignment = '| --- | --- | --- | ---: | ---: | ---: |\n'
  let table = `${heading}${repositories.length} in all.\n\n${columns}${alignment}`
  let bytes = Buffer.byteLength(table)
  for (const [index, one] of repositories.entries()) {
    const row = `| ${[
      link(server, entity, one.name),
      one.private === true ? 'private' : one.private === false ? 'public' : '',
      typeof one.language === 'string' ? text(one.language) : '',
      ...[one.stars, one.forks, one.open_issues].map(count => (Number.isSafeInteger(count) ? String(count) : ''))
    ].join(' | ')} |\n`
    bytes += Buffer.byteLength(row)
    if (bytes > MAX_SUMMARY_BYTES) {
      return `${table}\nThe other ${repositories.length - index} are in the JSON artifact.\n`
    }
    table += row
  }
  return table
}

function link(server, entity, name) {
  const label = `<code>${text(name)}</code>`
  // Only what can be a repository's name at all becomes part of an address.
  const isName = /^[\w.-]{1,100}$/.test(name) && !/^\.{1,2}$/.test(name)
  return isName && /^https:\/\/[\w.:-]+$/.test(server) ? `<a href="${server}/${entity}/${name}">${label}</a>` : label
}

/** Text as text: without invisible characters, and with every sign that Markdown or HTML could take for its own as a reference. */
function text(raw) {
  const visible = raw
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  const clipped = [...visible].slice(0, MAX_CELL_LENGTH)
  if (clipped.length < [...visible].length) clipped.push('…')
  return clipped.map(sign => (/^[\p{L}\p{M}\p{N} …-]$/u.test(sign) ? sign : `&#${sign.codePointAt(0)};`)).join('')
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

try {
  main()
} catch (error) {
  if (error instanceof ReportError) console.log(`::error::${error.message}`)
  else if (!(error instanceof ToldError)) {
    // Its message may hold anything; its code, such as ENOSPC, holds nothing.
    const code = /^[A-Z_]{1,30}$/.test(error?.code) ? ` (${error.code})` : ''
    console.log(`::error::The report failed in a way that was not foreseen${code}. Nothing was reported.`)
  }
  process.exitCode = 1
}
