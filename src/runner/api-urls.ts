// Checks the URLs of the two APIs, and finds the GitHub server that an API belongs to.

import { PUBLIC_SERVER } from '../errors/action-error.ts'
import type { UrlFault } from '../errors/messages/inputs.ts'

export const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev'
export const PUBLIC_GITHUB_API_URL = 'https://api.github.com'

/** Parses an API URL, or says which rule it breaks: only https, and nothing that could contain or lose a secret. */
export function parseApiUrl(text: string): URL | UrlFault {
  // The URL parser silently drops or replaces whitespace, backslashes, and extra slashes, so they are refused first.
  if (!/^https:\/\//i.test(text)) return URL.canParse(text) ? 'not-https' : 'unreadable'
  if (/[?#]/.test(text)) return 'query'
  const authority = text.slice('https://'.length).split('/', 1)[0] ?? ''
  const url = authority !== '' && /^[\x21-\x5b\x5d-\x7e]+$/.test(text) ? URL.parse(text) : null
  if (!url) return 'unreadable'
  return authority.includes('@') ? 'credentials' : url
}

/** Returns a checked API URL without trailing slashes. */
export function apiUrl(text: string): string {
  const url = parseApiUrl(text)
  return url instanceof URL ? withoutTrailingSlashes(url) : ''
}

/** Tells whether a PAT of GitHub Enterprise Server, or of a `*.ghe.com` host, would be sent to Vaunt's public service. */
export function sendsEnterprisePatToPublicVaunt(githubUrl: URL, vauntUrl: URL): boolean {
  const isPublicVaunt = vauntUrl.hostname.replace(/\.$/, '') === PUBLIC_VAUNT_HOST
  return isPublicVaunt && withoutTrailingSlashes(githubUrl) !== PUBLIC_GITHUB_API_URL
}

const PUBLIC_VAUNT_HOST = new URL(PUBLIC_VAUNT_API_URL).host

/**
 * Returns the GitHub server that people sign in to, which links lead to.
 *
 * @param githubApiUrl such as `https://ghe.example/api/v3` or `https://api.octo.ghe.com`; github.com is the server for an invalid URL
 */
export function serverOf(githubApiUrl: string): string {
  const url = parseApiUrl(githubApiUrl)
  if (!(url instanceof URL) || url.host === new URL(PUBLIC_GITHUB_API_URL).host) return PUBLIC_SERVER
  return `https://${url.host.replace(/^api\.(?=[^.]+\.ghe\.com$)/, '')}`
}

/** Tells whether a text, such as `GITHUB_SERVER_URL`, is the URL of a server, which links can start with. */
export function isServerUrl(text: string): boolean {
  return /^https:\/\/[\w.:-]+$/.test(text)
}

function withoutTrailingSlashes(url: URL): string {
  // The look-behind makes the search try each run of slashes only once, which keeps the time linear.
  return url.href.replace(/(?<!\/)\/+$/, '')
}
