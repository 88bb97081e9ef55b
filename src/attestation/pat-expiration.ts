// Reads the expiration date of the PAT in the format that GitHub uses in its header.

/**
 * Reads an expiration date such as `2026-12-30 10:15:26 UTC` or `2026-12-30 10:15:26 +0200`.
 *
 * @returns undefined for anything else, including a date that doesn't exist
 */
export function expirationDate(header: unknown): Date | undefined {
  const match = typeof header === 'string' ? EXPIRATION.exec(header.trim()) : null
  if (!match) return undefined
  const [, day = '', time = '', zone = ''] = match
  // Parsed as UTC first: a date that doesn't exist, such as February 30, rolls over to a different one.
  const asWritten = new Date(`${day}T${time}Z`)
  if (Number.isNaN(asWritten.getTime()) || !asWritten.toISOString().startsWith(`${day}T${time}`)) return undefined
  const date = new Date(`${day}T${time}${zone === 'UTC' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const EXPIRATION = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|[+-]\d{4})$/
