// Describes a response without anyone's data: by statuses, names, and types, never by a value.

import { property } from '../../src/untrusted/json.ts'
import type { Answer } from '../../src/network/answer.ts'

const LONGEST_NAME = 30
/** In one answer: an issue and a variable of the environment have to hold the whole table. */
const MOST_NAMES = 80
const DEEPEST = 4
/** A name with this many consecutive characters of a secret can be a part of it. */
const PIECE = 6
/** This many similar values are a list by names, such as of people. */
const ALIKE = { objects: 2, others: 6 }

/** A programmer's name: lowercase words joined by `_` or `-`, or in camel case. */
const FIELD = /^[a-z]{1,20}(?:[_-][a-z]{1,20}|[A-Z][a-z]{1,20}){0,5}$/

/** Headers that show how a service works. Their presence is reported, but not their values. */
const HEADERS = [
  ...['age', 'cache-control', 'date', 'deprecation', 'etag', 'expires', 'github-authentication-token-expiration'],
  ...['pragma', 'ratelimit', 'ratelimit-limit', 'ratelimit-policy', 'ratelimit-remaining', 'ratelimit-reset'],
  ...['retry-after', 'sunset', 'vary', 'via', 'warning', 'x-cache', 'x-github-api-version-selected'],
  ...['x-github-request-id', 'x-github-sso', 'x-oauth-scopes', 'x-rate-limit-limit', 'x-rate-limit-remaining'],
  ...['x-rate-limit-reset', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id']
]

/** Content types that are reported. Any other one could contain a secret. */
const TYPES = [
  ...['application/json', 'application/problem+json', 'application/vnd.github+json', 'application/octet-stream'],
  ...['application/xml', 'image/png', 'image/svg+xml', 'text/html', 'text/plain', 'text/xml']
]

/** Describes responses without their values. */
export interface Teller {
  /** Names and types, such as `{data: {token: text}}`. */
  shape(value: unknown): string
  /** Status and content type. */
  kind(answer: Pick<Answer, 'status' | 'headers'>): string
  /** Status, content type and shape. */
  answer(answer: Pick<Answer, 'status' | 'headers' | 'body' | 'json'>): string
  /** The relevant headers that are present. */
  headers(answer: Answer): string
}

/**
 * @param secrets no name may have a piece of one of them; the list may grow
 * @param logins no name may have one of them in it, in any letter case; the list may grow
 */
export function createTeller(secrets: readonly string[], logins: readonly string[]): Teller {
  function name(text: string): string {
    const lower = text.toLowerCase()
    const pieces = Array.from({ length: lower.length - PIECE + 1 }, (_, start) => lower.slice(start, start + PIECE))
    const known = secrets.map(secret => secret.toLowerCase())
    const isSecret = pieces.some(piece => known.some(secret => secret.includes(piece)))
    const isLogin = logins.some(login => login !== '' && lower.includes(login.toLowerCase()))
    return FIELD.test(text) && text.length <= LONGEST_NAME && !isSecret && !isLogin ? text : `name(${text.length})`
  }

  function shape(value: unknown, depth: number, budget: { names: number }): string {
    if (value === null) return 'null'
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${shape(value[0], depth + 1, budget)}]`
    if (typeof value === 'string') return 'text'
    if (typeof value !== 'object') return typeof value
    const names = Object.keys(value).sort()
    if (depth >= DEEPEST || (budget.names <= 0 && names.length > 0)) return '{…}'
    const shown: string[] = []
    const shapes: string[] = []
    for (const each of names) {
      if (budget.names-- <= 0) break
      const inner = shape(property(value, each), depth + 1, budget)
      shown.push(`${name(each)}: ${inner}`)
      shapes.push(inner)
    }
    const [first = ''] = shapes
    const most = /^[[{]/.test(first) ? ALIKE.objects : ALIKE.others
    if (shapes.length >= most && shapes.every(each => each === first)) return `{names: ${first}}`
    return `{${[...shown, ...(names.length > shown.length ? ['…'] : [])].join(', ')}}`
  }

  const shapeOf = (value: unknown): string => shape(value, 0, { names: MOST_NAMES })
  const kind: Teller['kind'] = ({ status, headers }) => `${status}, ${typeIn(headers['content-type'] ?? '')}`
  return {
    shape: shapeOf,
    kind,
    answer({ body, json, ...answer }) {
      return `${kind(answer)}, ${json === undefined ? (body === '' ? 'empty' : 'no JSON') : shapeOf(json)}`
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
