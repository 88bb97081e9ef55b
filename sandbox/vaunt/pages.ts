// Splits Vaunt's lists into pages: limit, cursors, and order.
//
// Documented: `limit` is 1 when absent and 100 at most; `after` gives what is older than a cursor, `before` what is newer;
// `next_cursor` denotes the last object given, `previous_cursor` the first; a cursor is base64 of a time and a UUID with a
// slash between. (The words put the UUID first, the example of a cursor has it last: the example is followed.)
// Assumed: the order is newest first, a wrong limit or cursor is a format error, and so are both cursors at once.

/** An object of a list. */
export interface Listed {
  readonly id: string
  /** When it was created, such as `2025-01-31T12:00:00Z`. */
  readonly created_dttm?: string
  /** In the place of `created_dttm`, when it was awarded. */
  readonly awarded_dttm?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly previous_cursor?: string
  readonly next_cursor?: string
}

const DEFAULT_LIMIT = 1
const LARGEST_LIMIT = 100

/**
 * The page that a query asks for.
 *
 * @param list newest first
 * @param hasCursorAtEnds whether the ends of the list have a cursor, too, with nothing after it
 * @returns undefined for a query in the wrong format
 */
export function pageOf<T extends Listed>(
  list: readonly T[],
  query: URLSearchParams,
  hasCursorAtEnds: boolean
): Page<T> | undefined {
  const limit = limitOf(query)
  const bounds = boundsOf(list, query)
  if (limit === undefined || bounds === undefined) return undefined
  const start = query.has('before') ? Math.max(bounds.start, bounds.end - limit) : bounds.start
  const items = list.slice(start, Math.min(bounds.end, start + limit))
  const [first, last] = [items[0], items.at(-1)]
  const isAtStart = start === 0
  const isAtEnd = start + items.length >= list.length
  return {
    items,
    ...(first !== undefined && (hasCursorAtEnds || !isAtStart) ? { previous_cursor: cursorOf(first) } : {}),
    ...(last !== undefined && (hasCursorAtEnds || !isAtEnd) ? { next_cursor: cursorOf(last) } : {})
  }
}

/** A whole number from 1 to 100; undefined for anything else. */
export function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get('limit') ?? `${DEFAULT_LIMIT}`
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= LARGEST_LIMIT ? limit : undefined
}

/** The range of the list that the page covers. */
function boundsOf(list: readonly Listed[], query: URLSearchParams): { start: number; end: number } | undefined {
  const [after, before] = [query.get('after'), query.get('before')]
  if (after !== null && before !== null) return undefined
  if (after === null && before === null) return { start: 0, end: list.length }
  const at = list.findIndex(item => cursorOf(item) === (after ?? before))
  if (at < 0) return undefined
  return after !== null ? { start: at + 1, end: list.length } : { start: 0, end: at }
}

function cursorOf({ id, created_dttm: created, awarded_dttm: awarded }: Listed): string {
  const time = `${(created ?? awarded ?? '').replace('T', ' ').replace('Z', '')} +0000 UTC`
  return Buffer.from(`${time}/${id}`).toString('base64')
}
