// Owns the date on which the PAT itself expires, as GitHub writes it.

/**
 * GitHub's date of expiration, such as `2026-12-30 10:15:26 UTC` or `2026-12-30 10:15:26 +0200`.
 *
 * @returns undefined for anything else, also for a date that no calendar has
 */
export function expirationDate(header: unknown): Date | undefined {
  const match = typeof header === 'string' ? EXPIRATION.exec(header.trim()) : null
  if (!match) return undefined
  const [, day = '', time = '', zone = ''] = match
  // Read as UTC first: a date that rolls over, such as the 30th of February, comes back as another.
  const asWritten = new Date(`${day}T${time}Z`)
  if (Number.isNaN(asWritten.getTime()) || !asWritten.toISOString().startsWith(`${day}T${time}`)) return undefined
  const date = new Date(`${day}T${time}${zone === 'UTC' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const EXPIRATION = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|[+-]\d{4})$/
