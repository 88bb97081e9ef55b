// Tests how the proxy variables are read: which proxy is used, with which credentials, and which passwords are masked. Requests through a proxy are tested in connection-proxies.test.ts.

import { describe, expect, test } from '@jest/globals'
import { bareHost, credentials, proxyFor, proxyPasswords } from '../../src/network/proxy.ts'
import { fc } from '../support/properties.ts'

type Environment = Record<string, string>

const URL_ = new URL('https://api.github.com/user')

describe('the proxy for a URL', () => {
  test.each<[string, Environment, string | undefined]>([
    ['none is set', {}, undefined],
    ['it is empty', { HTTPS_PROXY: ' ' }, undefined],
    ['it has no scheme', { HTTPS_PROXY: 'proxy.example:3128' }, 'http://proxy.example:3128/'],
    ['it speaks TLS', { https_proxy: 'https://proxy.example' }, 'https://proxy.example/'],
    ['both are set', { https_proxy: 'http://one.example', HTTPS_PROXY: 'http://two.example' }, 'http://one.example/'],
    ['the host bypasses it', { HTTPS_PROXY: 'http://one.example', NO_PROXY: 'github.com' }, undefined]
  ])('when %s', (_, environment, expected) => {
    const proxy = proxyFor(URL_, environment, '24.19.0')
    expect(proxy instanceof URL ? proxy.href : proxy).toBe(expected)
  })

  test.each<[string, Environment, string, unknown]>([
    ['no http', { HTTPS_PROXY: 'ftp://p.example' }, '24.19.0', { fault: 'unusable-url' }],
    ['no text', { HTTPS_PROXY: 'http://u:%ff@p.example' }, '24.19.0', { fault: 'unusable-url' }],
    ['a text only together', { HTTPS_PROXY: 'http://a%C3:%A9b@p.example' }, '24.19.0', { fault: 'unusable-url' }],
    [
      'for a newer Node',
      { HTTPS_PROXY: 'p.example' },
      '24.4.1',
      { fault: 'unsupported-node', detail: 'Node.js 24.4.1' }
    ]
  ])('cannot be used: %s', (_, environment, version, expected) => {
    expect(proxyFor(URL_, environment, version)).toEqual(expected)
  })
})

describe('the way of a request', () => {
  function way(url: string, environment: Environment): 'proxy' | 'direct' {
    return proxyFor(new URL(url), environment, '24.19.0') instanceof URL ? 'proxy' : 'direct'
  }

  const PROXY = { HTTPS_PROXY: 'http://proxy.example:3128' }
  const URL_ = 'https://api.github.com/user'

  test('is direct without a proxy', () => {
    expect(way(URL_, {})).toBe('direct')
    expect(way(URL_, { HTTPS_PROXY: '', https_proxy: ' ' })).toBe('direct')
    expect(way(URL_, { HTTP_PROXY: 'http://proxy.example', NO_PROXY: 'x' })).toBe('direct')
    expect(way(URL_, PROXY)).toBe('proxy')
  })

  test.each([
    // A host, with its subdomains.
    ['api.github.com', URL_, 'direct'],
    ['github.com', URL_, 'direct'],
    ['com', URL_, 'direct'],
    ['API.GitHub.com', URL_, 'direct'],
    ['hub.com', URL_, 'proxy'],
    ['api.github.com.evil', URL_, 'proxy'],
    ['xapi.github.com', URL_, 'proxy'],
    ['github', URL_, 'proxy'],
    ['api.github.co', URL_, 'proxy'],
    // A suffix.
    ['.github.com', URL_, 'direct'],
    ['.api.github.com', URL_, 'direct'],
    ['*.github.com', URL_, 'direct'],
    ['.hub.com', URL_, 'proxy'],
    ['*.hub.com', URL_, 'proxy'],
    ['*github.com', URL_, 'proxy'],
    ['api.*.com', URL_, 'proxy'],
    // Everything.
    ['*', URL_, 'direct'],
    ['x,*', URL_, 'direct'],
    ['**', URL_, 'proxy'],
    // Nothing.
    ['', URL_, 'proxy'],
    [' ', URL_, 'proxy'],
    [',', URL_, 'proxy'],
    ['.', URL_, 'proxy'],
    ['*.', URL_, 'proxy'],
    [':443', URL_, 'proxy'],
    // A port.
    ['api.github.com:443', URL_, 'direct'],
    ['github.com:443', URL_, 'direct'],
    ['.github.com:443', URL_, 'direct'],
    ['api.github.com:8443', URL_, 'proxy'],
    ['api.github.com:44', URL_, 'proxy'],
    ['api.github.com:', URL_, 'proxy'],
    ['api.github.com:x', URL_, 'proxy'],
    ['.', 'https://api.github.com./user', 'proxy'],
    [',', 'https://api.github.com./user', 'proxy'],
    [':443', 'https://api.github.com./user', 'proxy'],
    // Brackets that are none.
    ['x]api.github.com', URL_, 'proxy'],
    ['x]y]api.github.com', URL_, 'proxy'],
    ['api.github.com:8443', 'https://api.github.com:8443/user', 'direct'],
    ['api.github.com:443', 'https://api.github.com:8443/user', 'proxy'],
    ['api.github.com', 'https://api.github.com:8443/user', 'direct'],
    // A list.
    ['localhost,api.github.com', URL_, 'direct'],
    ['localhost, api.github.com ,x', URL_, 'direct'],
    ['localhost api.github.com', URL_, 'direct'],
    ['localhost\tapi.github.com\n', URL_, 'direct'],
    ['localhost;api.github.com', URL_, 'proxy'],
    // Addresses.
    ['127.0.0.1', 'https://127.0.0.1/x', 'direct'],
    ['127.0.0.1:8443', 'https://127.0.0.1:8443/x', 'direct'],
    ['127.0.0.1:443', 'https://127.0.0.1:8443/x', 'proxy'],
    // A range of addresses.
    ['127.0.0.0/8', 'https://127.0.0.1/x', 'direct'],
    ['10.0.0.0/8', 'https://10.255.3.4:8443/x', 'direct'],
    ['10.0.0.0/8', 'https://11.0.0.1/x', 'proxy'],
    ['10.1.2.3/8', 'https://10.9.9.9/x', 'direct'],
    ['192.168.4.0/22', 'https://192.168.7.255/x', 'direct'],
    ['192.168.4.0/22', 'https://192.168.8.0/x', 'proxy'],
    ['10.0.0.1/32', 'https://10.0.0.1/x', 'direct'],
    ['10.0.0.1/32', 'https://10.0.0.2/x', 'proxy'],
    ['0.0.0.0/0', 'https://203.0.113.9/x', 'direct'],
    ['x, 172.16.0.0/12 ,y', 'https://172.31.0.1/x', 'direct'],
    ['10.0.0.0/8', 'https://0x0a.1/x', 'direct'],
    ['10.0.0.0/8:8443', 'https://10.0.0.1:8443/x', 'direct'],
    ['10.0.0.0/8:443', 'https://10.0.0.1:8443/x', 'proxy'],
    ['fd00::/8', 'https://[fd12:3456::1]/x', 'direct'],
    ['FD00::/8', 'https://[fd12:3456::1]/x', 'direct'],
    ['[fd00::/8]', 'https://[fd12:3456::1]/x', 'direct'],
    ['[fd00::]/8', 'https://[fd12:3456::1]/x', 'direct'],
    ['2001:db8::/33', 'https://[2001:db8:7fff::1]/x', 'direct'],
    ['2001:db8::/33', 'https://[2001:db8:8000::1]/x', 'proxy'],
    ['::1/128', 'https://[::1]/x', 'direct'],
    ['::/0', 'https://[2001:db8::1]/x', 'direct'],
    ['0:0:0:0:0:0:0:1', 'https://[::1]/x', 'direct'],
    ['10.0.0.0/8', 'https://[::ffff:10.0.0.1]/x', 'direct'],
    ['10.0.0.0/8', 'https://[fd00::a]/x', 'proxy'],
    ['::/0', 'https://10.0.0.1/x', 'proxy'],
    // A range that is none, or of no address.
    ['10.0.0.0/33', 'https://10.0.0.0/x', 'proxy'],
    ['10.0.0.0/', 'https://10.0.0.0/x', 'proxy'],
    ['10.0.0.0/x', 'https://10.0.0.0/x', 'proxy'],
    ['10.0.0.0/-1', 'https://10.0.0.0/x', 'proxy'],
    ['10.0.0.0/8/8', 'https://10.0.0.0/x', 'proxy'],
    ['10.0.0/8', 'https://10.0.0.0/x', 'proxy'],
    ['fd00::/129', 'https://[fd00::]/x', 'proxy'],
    ['/8', 'https://10.0.0.0/x', 'proxy'],
    ['0.0.0.0/0', URL_, 'proxy'],
    ['github.com/8', URL_, 'proxy'],
    ['::1', 'https://[::1]/x', 'direct'],
    ['[::1]', 'https://[::1]/x', 'direct'],
    ['[::1]:443', 'https://[::1]/x', 'direct'],
    ['[::1]:8443', 'https://[::1]:8443/x', 'direct'],
    ['[::1]:443', 'https://[::1]:8443/x', 'proxy'],
    ['::2', 'https://[::1]/x', 'proxy'],
    ['fe80::1:443', 'https://[fe80::1:443]/x', 'direct'],
    ['fe80::1:443', 'https://[fe80::1]/x', 'proxy']
  ])('with NO_PROXY=%s, to %s: %s', (list, url, expected) => {
    expect(way(url, { ...PROXY, NO_PROXY: list })).toBe(expected)
    expect(way(url, { ...PROXY, no_proxy: list })).toBe(expected)
  })

  test('obeys no_proxy in lower case first', () => {
    expect(way(URL_, { ...PROXY, no_proxy: 'else.example', NO_PROXY: '*' })).toBe('proxy')
    expect(way(URL_, { ...PROXY, no_proxy: '', NO_PROXY: '*' })).toBe('direct')
  })

  test('takes no time worth speaking of, however long the list', () => {
    for (const piece of ['a,', '[', ']', ':', '1:', ':1', '.', '*.', ' ', 'a.b:1x,']) {
      const start = performance.now()
      way(URL_, { ...PROXY, NO_PROXY: piece.repeat(130_000 / piece.length) })
      // Quadratic time would need many seconds.
      expect(performance.now() - start).toBeLessThan(2_000)
    }
  })
})

describe('what is not supported is said, and never ignored', () => {
  test.each<[string, Environment, unknown]>([
    ...['socks5', 'socks5h', 'socks4', 'socks4a', 'SOCKS5', 'socks'].flatMap(
      (scheme): [string, Environment, unknown][] => [
        [
          `${scheme} in HTTPS_PROXY`,
          { HTTPS_PROXY: `${scheme}://p:1080` },
          { fault: 'socks', variable: 'HTTPS_PROXY' }
        ],
        [
          `${scheme} in https_proxy`,
          { https_proxy: `${scheme}://p:1080` },
          { fault: 'socks', variable: 'HTTPS_PROXY' }
        ],
        [`${scheme} in ALL_PROXY`, { ALL_PROXY: `${scheme}://p:1080` }, { fault: 'socks', variable: 'ALL_PROXY' }],
        [`${scheme} in all_proxy`, { all_proxy: `${scheme}://p:1080` }, { fault: 'socks', variable: 'ALL_PROXY' }]
      ]
    ),
    ['ALL_PROXY', { ALL_PROXY: 'http://p:3128' }, { fault: 'all-proxy', variable: 'ALL_PROXY' }],
    ['all_proxy without a scheme', { all_proxy: 'p:3128' }, { fault: 'all-proxy', variable: 'ALL_PROXY' }],
    ['ALL_PROXY beside HTTP_PROXY', { ALL_PROXY: 'p', HTTP_PROXY: 'q' }, { fault: 'all-proxy', variable: 'ALL_PROXY' }],
    [
      'SOCKS in HTTPS_PROXY, whatever ALL_PROXY is',
      { HTTPS_PROXY: 'socks5://p', ALL_PROXY: 'http://q' },
      { fault: 'socks', variable: 'HTTPS_PROXY' }
    ]
  ])('%s', (_, environment, expected) => {
    expect(proxyFor(URL_, environment, '24.19.0')).toEqual(expected)
    expect(proxyFor(URL_, environment, '22.0.0')).toEqual(expected)
  })

  test.each<[string, Environment, string | undefined]>([
    ['HTTPS_PROXY is there', { HTTPS_PROXY: 'http://one.example', ALL_PROXY: 'socks5://p' }, 'http://one.example/'],
    ['NO_PROXY lists the host', { ALL_PROXY: 'socks5://p', NO_PROXY: 'github.com' }, undefined],
    ['no_proxy lists everything', { all_proxy: 'http://p', no_proxy: '*' }, undefined],
    ['it is empty', { ALL_PROXY: ' ', all_proxy: '' }, undefined],
    ['it is for http alone', { HTTP_PROXY: 'socks5://p' }, undefined]
  ])('but not when %s', (_, environment, expected) => {
    const proxy = proxyFor(URL_, environment, '24.19.0')
    expect(proxy instanceof URL ? proxy.href : proxy).toBe(expected)
  })
})

describe('the versions of Node', () => {
  test.each([
    ['23.11.0', false],
    ['24.0.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['24.19.0', true],
    ['24.10.0', true],
    ['25.0.0', true],
    ['26.4.0', true],
    ['', false],
    ['nonsense', false]
  ])('%s: %s', (version, usable) => {
    const proxy = proxyFor(URL_, { HTTPS_PROXY: 'http://proxy.example' }, version)
    expect(proxy instanceof URL).toBe(usable)
  })
})

describe('its credentials', () => {
  test.each([
    ['http://p.example', ''],
    ['http://user@p.example', 'user:'],
    ['http://:pass@p.example', ':pass'],
    ['http://us%20er:p%40ss@p.example', 'us er:p@ss'],
    ['http://u%:p%4@p.example', 'u%:p%4'],
    ['http://u:%ff@p.example', undefined],
    ['http://a%C3:%A9b@p.example', undefined]
  ])('of %s', (address, expected) => {
    expect(credentials(new URL(address))).toBe(expected)
  })
})

test.each([
  ['https://[::1]:8443/x', '::1'],
  ['https://api.github.com', 'api.github.com']
])('the bare host of %s', (address, expected) => {
  expect(bareHost(new URL(address))).toBe(expected)
})

describe('the passwords of the proxies', () => {
  test.each<[string, Environment, string[]]>([
    ['none', {}, []],
    ['a proxy without one', { HTTPS_PROXY: 'http://proxy.example:3128' }, []],
    ['a user without one', { HTTPS_PROXY: 'http://user@proxy.example' }, []],
    ['an empty one', { HTTPS_PROXY: 'http://user:@proxy.example' }, []],
    ['a plain one', { HTTPS_PROXY: 'http://user:LOUDFAKE@proxy.example' }, ['LOUDFAKE']],
    ['no user', { HTTPS_PROXY: 'http://:LOUDFAKE@proxy.example' }, ['LOUDFAKE']],
    ['no scheme', { HTTPS_PROXY: 'user:LOUDFAKE@proxy.example' }, ['LOUDFAKE']],
    ['another scheme', { HTTPS_PROXY: 'socks5+x.y-1://user:LOUDFAKE@proxy.example' }, ['LOUDFAKE']],
    ['padding', { HTTPS_PROXY: '  http://user:LOUDFAKE@proxy.example\n' }, ['LOUDFAKE']],
    ['an encoded one', { HTTPS_PROXY: 'http://user:LOUD%46AKE@proxy.example' }, ['LOUD%46AKE', 'LOUDFAKE']],
    ['a lone %', { HTTPS_PROXY: 'http://user:LOUD%@proxy.example' }, ['LOUD%']],
    ['a colon in it', { HTTPS_PROXY: 'http://user:LOUD:FAKE@proxy.example' }, ['LOUD:FAKE', 'LOUD%3AFAKE']],
    ['an address that is none', { HTTPS_PROXY: 'http://user:LOUD/FAKE@proxy.example' }, ['LOUD/FAKE']],
    [
      'an @ in the path',
      { HTTPS_PROXY: 'http://user:LOUDFAKE@proxy.example/a@b' },
      ['LOUDFAKE@proxy.example/a', 'LOUDFAKE']
    ],
    [
      'each variable',
      {
        https_proxy: 'http://u:ONE@p.example',
        HTTPS_PROXY: 'http://u:TWO@p.example',
        http_proxy: 'http://u:THREE@p.example',
        HTTP_PROXY: 'http://u:FOUR@p.example',
        NO_PROXY: 'u:FIVE@p.example'
      },
      ['ONE', 'TWO', 'THREE', 'FOUR']
    ],
    ['the same twice', { https_proxy: 'http://u:ONE@p.example', HTTPS_PROXY: 'http://v:ONE@q.example' }, ['ONE']]
  ])('%s', (_, environment, expected) => {
    expect(proxyPasswords(environment).sort()).toEqual(expected.sort())
  })

  test('are found, whatever they are made of', () => {
    const password = fc.string({ minLength: 1, unit: 'binary' })
    fc.assert(
      fc.property(
        password,
        fc.constantFrom('http://', 'https://', ''),
        fc.constantFrom('user', ''),
        (value, scheme, user) => {
          const encoded = encodeURIComponent(value)
          const found = proxyPasswords({ HTTPS_PROXY: `${scheme}${user}:${encoded}@proxy.example:3128` })
          expect(found).toContain(value)
          expect(found).toContain(encoded)
        }
      )
    )
  })

  test.each(['ALL_PROXY', 'all_proxy'])('are found in %s, which is not even used', name => {
    expect(proxyPasswords({ [name]: 'socks5h://user:LOUD%40FAKE@localhost:1080' })).toEqual([
      'LOUD%40FAKE',
      'LOUD@FAKE'
    ])
  })

  test('are never empty, and nothing throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }), (one, two) => {
        for (const found of proxyPasswords({ https_proxy: one, HTTP_PROXY: two })) expect(found).not.toBe('')
      })
    )
  })

  test('of 130 kB take no time worth speaking of', () => {
    for (const piece of [':', '@', 'a:', ':@', '%', '%4', 'a', '://', '/']) {
      const start = performance.now()
      proxyPasswords({ https_proxy: piece.repeat(130_000 / piece.length) })
      // Quadratic time would need many seconds.
      expect(performance.now() - start).toBeLessThan(1_500)
    }
  })
})
