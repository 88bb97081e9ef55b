// Owns what a service announces about the end of its API: the dates in the headers `deprecation` and `sunset`. Everything else in them is ignored.

import type { Received } from '../network/answer.ts'

/** The end of an API, by what was announced; at least one of the dates is there. */
export interface AnnouncedEnd {
  /** From when the API is deprecated (RFC 9745). */
  readonly deprecatedAt: Date | undefined
  /** When the API stops working (RFC 8594). */
  readonly endsAt: Date | undefined
}

/** The end that the headers announce; undefined when they name no date. */
export function announcedEnd({ headers }: Pick<Received, 'headers'>): AnnouncedEnd | undefined {
  const deprecatedAt = earliestDate(headers['deprecation'])
  const endsAt = earliestDate(headers['sunset'])
  return deprecatedAt || endsAt ? { deprecatedAt, endsAt } : undefined
}

/** The earliest date in a header that may have been sent several times; its values were joined by commas. */
function earliestDate(header = ''): Date | undefined {
  const times = Array.from(header.matchAll(DATES), ([, seconds, httpDate]) =>
    httpDate === undefined ? Number(seconds) * 1000 : timeOf(httpDate)
  )
  const [earliest] = times.filter(time => time >= FIRST_TIME && time <= LAST_TIME).sort((one, other) => one - other)
  return earliest === undefined ? undefined : new Date(earliest)
}

/** A structured date such as `@1773100800`, perhaps with parameters, or an HTTP date: each as a whole value of the list. */
const DATES = /(?:^|,) *(?:@(\d{1,12})|([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT))(?= *(?:[,;]|$))/g

/** NaN for a date that no calendar has, such as the 30th of February, which would roll over. */
function timeOf(httpDate: string): number {
  const date = new Date(httpDate)
  const isSame = !Number.isNaN(date.getTime()) && date.toUTCString().slice(5) === httpDate.slice(5)
  return isSame ? date.getTime() : NaN
}

/** No API that this action uses is older, and later years than 9999 have no ISO form of four digits. */
const FIRST_TIME = Date.UTC(2000)
const LAST_TIME = Date.UTC(9999, 11, 31)
