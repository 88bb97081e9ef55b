// Tests the API URLs: which ones are accepted, and that an Enterprise PAT never goes to Vaunt's public service.

import { describe, expect, test } from '@jest/globals'
import { isServerUrl, serverOf } from '../../src/runner/api-urls.ts'
import { anyText, fc } from '../support/properties.ts'
import { complaint, ELSEWHERE, exchange, problems } from './checked-inputs.ts'

describe.each(['vaunt-api-url', 'github-api-url'] as const)('%s', input => {
  const accepted = (url: string): string => {
    const inputs = exchange({ ...ELSEWHERE, [input]: url })
    return input === 'vaunt-api-url' ? inputs.vauntApiUrl : inputs.githubApiUrl
  }

  test.each([
    ['https://api.example', 'https://api.example'],
    ['https://api.example/', 'https://api.example'],
    ['https://api.example///', 'https://api.example'],
    ['https://api.example/api/v3', 'https://api.example/api/v3'],
    ['https://api.example/api/v3/', 'https://api.example/api/v3'],
    ['https://api.example/a//b/', 'https://api.example/a//b'],
    ['https://api.example:8443/x', 'https://api.example:8443/x'],
    ['https://api.example:443', 'https://api.example'],
    ['HTTPS://API.Example/Path', 'https://api.example/Path'],
    ['https://api.example.', 'https://api.example.'],
    ['https://api.example/@x', 'https://api.example/@x'],
    ['https://localhost:1', 'https://localhost:1'],
    ['https://127.0.0.1', 'https://127.0.0.1'],
    ['https://[::1]:8443/', 'https://[::1]:8443'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://api.example/%3Fq', 'https://api.example/%3Fq']
  ])('good: %s', (url, expected) => {
    expect(accepted(url)).toBe(expected)
  })

  test.each([
    ['http://api.example', "doesn't start with https://"],
    ['http://localhost:8080', "doesn't start with https://"],
    ['ftp://api.example', "doesn't start with https://"],
    ['https:api.example', "doesn't start with https://"],
    ['https:/api.example', "doesn't start with https://"],
    ['file:///etc/passwd', "doesn't start with https://"],
    ['javascript:alert(1)', "doesn't start with https://"],
    ['ssh://git@github.com/x', "doesn't start with https://"],
    ['https://user:LOUDFAKE@api.example', 'contains a username or password'],
    ['https://user@api.example', 'contains a username or password'],
    ['https://@api.example', 'contains a username or password'],
    ['https://:@api.example', 'contains a username or password'],
    ['https://api.github.com@evil.example/', 'contains a username or password'],
    ['https://api.example?x=LOUDFAKE', 'contains a query'],
    ['https://api.example/?', 'contains a query'],
    ['https://api.example#', 'contains a query'],
    ['https://api.example/#@x', 'contains a query'],
    ['https://user:pw@api.example?x', 'contains a query'],
    ['api.example', "isn't a URL"],
    ['//api.example', "isn't a URL"],
    ['/v1', "isn't a URL"],
    ['https://', "isn't a URL"],
    ['https:///', "isn't a URL"],
    ['https:///api.example', "isn't a URL"],
    ['https:///user:LOUDFAKE@api.example', "isn't a URL"],
    ['https://api.example\\@evil.example', "isn't a URL"],
    ['https:\\\\api.example', "doesn't start with https://"],
    ['https://evil.example\\.api.example', "isn't a URL"],
    ['https://api.ex\tample', "isn't a URL"],
    ['https://api.ex\nample', "isn't a URL"],
    ['https://api example', "isn't a URL"],
    ['https://bücher.example', "isn't a URL"],
    ['https://api。example', "isn't a URL"],
    ['https://api.example/ü', "isn't a URL"],
    ['https://api.example:99999', "isn't a URL"],
    ['https://api.example:port', "isn't a URL"],
    ['https://[::1', "isn't a URL"],
    ['https://a%40b', "isn't a URL"],
    ['https://999.999.999.999', "isn't a URL"]
  ])('bad: %j', async (url, told) => {
    expect(await problems({ ...ELSEWHERE, [input]: url })).toEqual([`${input}: url-invalid`])
    const text = await complaint({ ...ELSEWHERE, [input]: url })
    expect(text).toContain(`Input '${input}' ${told}`)
    expect(text).not.toContain('LOUDFAKE')
  })

  const pieces = fc.constantFrom(
    ...['https://', 'http://', 'HTTPS://', 'https:', '//', '/', '\\', '@', ':', '?', '#', '%', '%40', '%2f', '.', '..'],
    ...[
      'api.example',
      'api.github.com',
      'api.vaunt.dev',
      'user:pw@',
      'user@',
      ':443',
      ':8443',
      '[::1]',
      '\t',
      '\n',
      ' '
    ],
    ...['ü', '。', '\u0000', '\ufeff', 'a', '0', 'v1']
  )
  const urlLike = fc.array(pieces, { maxLength: 7 }).map(parts => parts.join(''))

  test('whatever is accepted is plain: https, no credentials, no query, nothing dropped or turned', () => {
    const elsewhere = fc.oneof(
      urlLike,
      urlLike.map(rest => `https://${rest}`),
      fc.webUrl(),
      anyText
    )
    let acceptedOnes = 0
    fc.assert(
      fc.property(elsewhere, text => {
        const given = text.trim()
        fc.pre(given !== '')
        let url: string
        try {
          url = accepted(given)
        } catch (thrown) {
          expect(thrown).toHaveProperty('problems.0.error.code')
          expect(['url-invalid', 'host-unsupported']).toContain(
            (thrown as { problems: [{ error: { code: string } }] }).problems[0].error.code
          )
          return
        }
        acceptedOnes++
        const parsed = new URL(url)
        expect(parsed.protocol).toBe('https:')
        expect([parsed.username, parsed.password, parsed.search, parsed.hash]).toEqual(['', '', '', ''])
        expect(url).not.toMatch(/\/$|[?#@\\](?=[^/]*$)(?<=^https:\/\/[^/]*)|[^\x21-\x7e]/)
        expect(given.toLowerCase().startsWith('https://')).toBe(true)
        // The host is the one that a reader sees.
        const seen = given.slice(8).split('/')[0] ?? ''
        expect(new URL(`https://${seen}`).host).toBe(parsed.host)
        // A path may follow it.
        expect(new URL(`${url}/v1/x`).origin).toBe(parsed.origin)
      }),
      { numRuns: 2_000 }
    )
    expect(acceptedOnes).toBeGreaterThan(100)
  })

  test.each([
    ['slashes', `https://api.example/${'/'.repeat(130_000)}x`],
    ['slashes at the end', `https://api.example${'/'.repeat(130_000)}`],
    ['at signs', `https://${'@'.repeat(130_000)}`],
    ['dots', `https://${'.'.repeat(130_000)}`],
    ['segments', `https://api.example${'/..'.repeat(43_000)}`]
  ])('130 kB of %s take no time worth speaking of', (_, url) => {
    const start = performance.now()
    try {
      accepted(url)
    } catch {
      // Whether it is accepted is not the question here.
    }
    // Quadratic time would need 10 s and more.
    expect(performance.now() - start).toBeLessThan(1_500)
  })
})

describe("GitHub Enterprise and Vaunt's public service", () => {
  test.each([
    ['https://ghes.example/api/v3', 'ghes.example'],
    ['https://ghes.example:8443/api/v3', 'ghes.example:8443'],
    ['https://api.acme.ghe.com', 'api.acme.ghe.com'],
    ['https://api.github.com.', 'api.github.com.'],
    ['https://api.github.com:8443', 'api.github.com:8443'],
    ['https://api.github.com/api/v3', 'api.github.com'],
    ['https://github.com', 'github.com'],
    ['https://api.github.com.evil.example', 'api.github.com.evil.example']
  ])('%s is refused', async (githubApiUrl, told) => {
    for (const vauntApiUrl of [
      'https://api.vaunt.dev',
      'https://API.Vaunt.Dev',
      'https://api.vaunt.dev/',
      'https://api.vaunt.dev.',
      'https://api.vaunt.dev:443',
      'https://api.vaunt.dev:8443',
      'https://api.vaunt.dev/some/path',
      'https://api%2evaunt.dev'
    ]) {
      const changes = { 'github-api-url': githubApiUrl, 'vaunt-api-url': vauntApiUrl }
      expect(await problems(changes)).toEqual(['github-api-url: host-unsupported'])
      expect(await complaint(changes)).toContain(`The PAT belongs to ${told}, but`)
    }
  })

  test.each([
    'https://api.github.com',
    'https://API.GitHub.com/',
    'https://api.github.com:443',
    'https://api.github.com//'
  ])('%s is github.com', githubApiUrl => {
    expect(exchange({ 'github-api-url': githubApiUrl }).githubApiUrl).toBe('https://api.github.com')
  })

  test.each([
    'https://vaunt.example',
    'https://notapi.vaunt.dev',
    'https://api.vaunt.dev.example',
    'https://apixvaunt.dev'
  ])('%s is a Vaunt of their own, and may see the PAT', vauntApiUrl => {
    const changes = { 'github-api-url': 'https://ghes.example/api/v3', 'vaunt-api-url': vauntApiUrl }
    expect(exchange(changes)).toMatchObject({ vauntApiUrl, githubApiUrl: 'https://ghes.example/api/v3' })
  })

  test('is not judged while a URL is unreadable', async () => {
    expect(await problems({ 'github-api-url': 'nonsense' })).toEqual(['github-api-url: url-invalid'])
    expect(await problems({ 'vaunt-api-url': 'nonsense', 'github-api-url': 'https://ghes.example' })).toEqual([
      'vaunt-api-url: url-invalid'
    ])
  })
})

test.each([
  ['https://api.github.com', 'https://github.com'],
  ['https://api.github.com/', 'https://github.com'],
  ['https://ghe.example/api/v3', 'https://ghe.example'],
  ['https://ghe.example:8443/api/v3/', 'https://ghe.example:8443'],
  ['https://api.octo.ghe.com', 'https://octo.ghe.com'],
  ['https://api.octo.example', 'https://api.octo.example'],
  ['no URL', 'https://github.com'],
  ['http://ghe.example', 'https://github.com']
])('the people of %s log in at %s', (githubApiUrl, server) => {
  expect(serverOf(githubApiUrl)).toBe(server)
})

test.each([
  ['https://github.com', true],
  ['https://ghes.example:8443', true],
  ['http://github.com', false],
  ['https://github.com/', false],
  ['https://u:p@github.com', false],
  ['https://github.com"onclick', false],
  ['', false]
])('tells whether %j is the URL of a server: %s', (text, expected) => {
  expect(isServerUrl(text)).toBe(expected)
})
