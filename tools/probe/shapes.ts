// Owns what may be said of an answer: statuses, names and types, never a value of somebody's. Asks nothing.

import { property } from '../../src/json.ts'
import type { Answer } from '../../src/verdict.ts'

const LONGEST_NAME = 30
const MOST_NAMES = 40
const DEEPEST = 4

/** The headers that tell how a service works; which of them come is said, and no value. */
const HEADERS = [
  ...['age', 'cache-control', 'date', 'etag', 'ratelimit', 'ratelimit-limit', 'retry-after', 'vary', 'via', 'x-cache'],
  ...['x-github-api-version-selected', 'x-github-request-id', 'x-ratelimit-limit', 'x-ratelimit-remaining'],
  ...['x-ratelimit-reset', 'x-request-id']
]

/** Content types that are told; in another one a secret could stand. */
const TYPES = [
  ...['application/json', 'application/problem+json', 'application/vnd.github+json', 'application/octet-stream'],
  ...['application/xml', 'image/png', 'image/svg+xml', 'text/html', 'text/plain', 'text/xml']
]

/** Tells answers without a value in them. */
export interface Teller {
  /** Names and types, such as `{data: {token: text}}`. */
  shape(value: unknown): string
  /** Status, content type and shape. */
  answer(answer: Answer): string
  /** Which of the headers that matter come. */
  headers(answer: Answer): string
}

/**
 * @param secrets no name may be a part of one of them; the list may grow
 * @param logins no name may be one of them, in any letter case; the list may grow
 */
export function createTeller(secrets: readonly string[], logins: readonly string[]): Teller {
  function name(text: string): string {
    const isPlain = /^[a-z][\w-]*$/i.test(text) && text.length <= LONGEST_NAME
    const isPart = text.length >= 8 && secrets.some(secret => secret.includes(text))
    const isLogin = logins.some(login => login.toLowerCase() === text.toLowerCase())
    return isPlain && !isPart && !isLogin ? text : `name(${text.length})`
  }

  function shape(value: unknown, depth = 0): string {
    if (value === null) return 'null'
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${shape(value[0], depth + 1)}]`
    if (typeof value === 'string') return 'text'
    if (typeof value !== 'object') return typeof value
    if (depth >= DEEPEST) return '{…}'
    const names = Object.keys(value).sort()
    const shown = names.slice(0, MOST_NAMES).map(each => `${name(each)}: ${shape(property(value, each), depth + 1)}`)
    return `{${[...shown, ...(names.length > MOST_NAMES ? ['…'] : [])].join(', ')}}`
  }

  return {
    shape: value => shape(value),
    answer({ status, headers, body, json }) {
      return `${status}, ${typeIn(headers['content-type'] ?? '')}, ${json === undefined ? (body === '' ? 'empty' : 'no JSON') : shape(json)}`
    },
    headers({ headers }) {
      return HEADERS.filter(each => headers[each] !== undefined).join(', ') || 'none'
    }
  }
}

function typeIn(header: string): string {
  const type = header.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === '') return 'no type'
  return TYPES.includes(type) ? type : `type(${type.length})`
}
