// Reads the announced end of an API from the headers `deprecation` and `sunset`.

import type { Received } from '../network/answer.ts'

/** The announced end of an API. At least one of the dates is known. */
export interface AnnouncedEnd {
  /** From when the API is deprecated (RFC 9745). */
  readonly deprecatedAt: Date | undefined
  /** When the API stops working (RFC 8594). */
  readonly endsAt: Date | undefined
}

/** Reads the announced end; undefined if the headers contain no date. */
export function announcedEnd({ headers }: Pick<Received, 'headers'>): AnnouncedEnd | undefined {
  const deprecatedAt = earliestDate(headers['deprecation'])
  const endsAt = earliestDate(headers['sunset'])
  return deprecatedAt || endsAt ? { deprecatedAt, endsAt } : undefined
}

/** Returns the earliest date in a header, which can contain several values joined by commas. */
function earliestDate(header = ''): Date | undefined {
  const times = Array.from(header.matchAll(DATES), ([, seconds, httpDate]) =>
    httpDate === undefined ? Number(seconds) * 1000 : timeOf(httpDate)
  )
  const [earliest] = times.filter(time => time >= FIRST_TIME && time <= LAST_TIME).sort((one, other) => one - other)
  return earliest === undefined ? undefined : new Date(earliest)
}

/** A structured date such as `@1773100800`, possibly with parameters, or an HTTP date, each as a complete value of the list. */
const DATES = /(?:^|,) *(?:@(\d{1,12})|([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT))(?= *(?:[,;]|$))/g

/** Returns NaN for a date that doesn't exist, such as February 30, which would roll over. */
function timeOf(httpDate: string): number {
  const date = new Date(httpDate)
  const isSame = !Number.isNaN(date.getTime()) && date.toUTCString().slice(5) === httpDate.slice(5)
  return isSame ? date.getTime() : NaN
}

/** No API that this action uses is older, and a year after 9999 has more than four digits in ISO 8601. */
const FIRST_TIME = Date.UTC(2000)
const LAST_TIME = Date.UTC(9999, 11, 31)
