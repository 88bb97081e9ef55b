// Reads the proxy variables: which proxy a URL goes through, which hosts bypass it, and which passwords they contain.

import { BlockList, isIP } from 'node:net'
import type { ProxyFault, ProxyVariable } from '../errors/messages/network.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Why the proxy in the environment can't be used. It is never silently ignored. */
export interface UnusableProxy {
  readonly fault: ProxyFault
  readonly variable?: ProxyVariable
  readonly detail?: string
}

/**
 * Finds the proxy for a URL in `HTTPS_PROXY` and `NO_PROXY`, of which lowercase names come first, as in curl. `ALL_PROXY` and
 * SOCKS aren't supported: if they apply, that is a fault.
 *
 * @param nodeVersion `process.versions.node`
 * @returns undefined for a direct connection
 */
export function proxyFor(url: URL, environment: Environment, nodeVersion: string): URL | UnusableProxy | undefined {
  const written = variable(environment, 'https_proxy')
  const forAll = variable(environment, 'all_proxy')
  if ((written === '' && forAll === '') || bypassed(url, variable(environment, 'no_proxy'))) return undefined
  // As in curl, ALL_PROXY counts only if no other variable applies.
  if (written === '') return { fault: SOCKS.test(forAll) ? 'socks' : 'all-proxy', variable: 'ALL_PROXY' }
  if (SOCKS.test(written)) return { fault: 'socks', variable: 'HTTPS_PROXY' }
  // As in curl and the runner, a value without a scheme means http://.
  const proxy = URL.parse(written.includes('://') ? written : `http://${written}`)
  if (!proxy || !['http:', 'https:'].includes(proxy.protocol)) return { fault: 'unusable-url' }
  if (credentials(proxy) === undefined) return { fault: 'unusable-url' }
  if (!usesProxies(nodeVersion)) return { fault: 'unsupported-node', detail: `Node.js ${nodeVersion}` }
  return proxy
}

const SOCKS = /^socks\w*:\/\//i

/**
 * Returns the credentials for the header `proxy-authorization`, not encoded yet.
 *
 * @returns `user:password`; an empty text if the proxy's URL has none; undefined if one of them can't be decoded (`%ff`)
 */
export function credentials(proxy: URL): string | undefined {
  // A % that encodes nothing stays as it is. The parts are decoded separately, so that no sequence spans both.
  const [user, password] = [proxy.username, proxy.password].map(part => decoded(part.replace(LONE_PERCENT, '%25')))
  if (user === undefined || password === undefined) return undefined
  return user === '' && password === '' ? '' : `${user}:${password}`
}

/**
 * Returns the passwords in the proxy variables, as written and percent-decoded, so that they can be masked.
 */
export function proxyPasswords(environment: Environment): string[] {
  const written = ['https_proxy', 'http_proxy', 'all_proxy']
    .flatMap(name => [name, name.toUpperCase()])
    .flatMap(name => {
      const authority = (environment[name] ?? '').trim().replace(/^[a-z][a-z\d+.-]*:\/\//i, '')
      // A pattern finds the password as well, because it must be masked even if the value isn't a URL.
      return [/^[^:@]*:(.+)@/s.exec(authority)?.[1] ?? '', URL.parse(`http://${authority}`)?.password ?? '']
    })
  return [...new Set(written.flatMap(password => [password, decoded(password) ?? '']))].filter(Boolean)
}

const LONE_PERCENT = /%(?![\da-f]{2})/gi

/** Decodes percent-encoding; undefined if the bytes aren't UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Returns the variable with the lowercase name, or else the uppercase one. An empty one counts as unset. */
function variable(environment: Environment, name: string): string {
  return [environment[name], environment[name.toUpperCase()]].map(value => value?.trim() ?? '').find(Boolean) ?? ''
}

/** 24.5.0 is the oldest version of Node.js that is tested with proxies. */
function usesProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5)
}

/**
 * Tells whether `NO_PROXY` lists the URL's host: `*`, a host (with its subdomains, as curl and the runner read it), a suffix
 * with a leading `.` or `*.`, an address, or a range of addresses (`10.0.0.0/8`), each with or without a port.
 */
function bypassed(url: URL, list: string): boolean {
  const host = bareHost(url)
  const port = url.port || '443'
  return list
    .toLowerCase()
    .split(/[\s,]/)
    .some(entry => {
      if (entry === '*') return true
      const match = /^\[?([^\]]*?)\]?(\/\d+)?(?::(\d+))?$/.exec(entry)
      if (!match) return false
      const [, name = '', prefix = '', entryPort] = match
      const suffix = isIpv6(entry) ? entry : `${name}${prefix}`.replace(/^\*?\./, '')
      if (entryPort !== undefined && !isIpv6(entry) && entryPort !== port) return false
      return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`) || isWithin(host, suffix))
    })
}

/** Tells whether a host is an address in a range such as `10.0.0.0/8` or `fd00::/8`. A single address is a range, too. */
function isWithin(host: string, range: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? []
  if (isIP(host) === 0 || isIP(address) === 0) return false
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  // The opposite can match, because an IPv4 address can be written as an IPv6 address.
  if (family === 'ipv6' && isIP(host) === 4) return false
  const longest = family === 'ipv6' ? 128 : 32
  const length = prefix === undefined ? longest : Number(prefix)
  if (length > longest) return false
  const list = new BlockList()
  list.addSubnet(address, length, family)
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

/** Returns the host of a URL, without brackets around an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/[[\]]/g, '')
}

/** Tells whether an entry is an IPv6 address without brackets, whose last group isn't a port. */
function isIpv6(entry: string): boolean {
  return !entry.startsWith('[') && entry.split(':').length > 2
}
