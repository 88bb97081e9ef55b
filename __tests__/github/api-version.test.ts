// Tests that the end of an API is read only from its dates, in both formats, whatever else the headers contain.

import { describe, expect, test } from '@jest/globals'
import { announcedEnd } from '../../src/github/api-version.ts'
import { fc, hostileText } from '../support/properties.ts'

function told(headers: Record<string, string>): (string | undefined)[] | undefined {
  const end = announcedEnd({ headers })
  return end && [end.deprecatedAt?.toISOString(), end.endsAt?.toISOString()]
}

const MARCH = '2026-03-10T00:00:00.000Z'
const END = '2028-03-10T00:00:00.000Z'

describe('the dates of an end', () => {
  test.each([
    ['@1773100800', MARCH],
    ['@1773100800;note="x"', MARCH],
    ['Tue, 10 Mar 2026 00:00:00 GMT', MARCH],
    ['@1899999999, @1773100800', MARCH],
    ['Tue, 10 Mar 2026 00:00:00 GMT, Fri, 10 Mar 2028 00:00:00 GMT', MARCH],
    ['Fri, 10 Mar 2028 00:00:00 GMT, @1773100800', MARCH],
    ['true, @1773100800', MARCH]
  ])('%j', (header, expected) => {
    expect(told({ deprecation: header })).toEqual([expected, undefined])
    expect(told({ sunset: header })).toEqual([undefined, expected])
  })

  test('are two, each by its header', () => {
    const headers = { deprecation: '@1773100800', sunset: 'Fri, 10 Mar 2028 00:00:00 GMT', link: '<x>; rel="sunset"' }
    expect(told(headers)).toEqual([MARCH, END])
    expect(told({ ...headers, deprecation: 'true' })).toEqual([undefined, END])
  })

  test.each([
    ...['', 'true', '?1', '1773100800', '@', '@x', '@1773100800x', 'x@1773100800', '@-5', '@0', '@9999999999999'],
    ...[
      '@253402300800',
      '2028-03-10',
      'Fri, 10 Mar 2028',
      'Fri, 10 Mar 2028 00:00:00',
      'Fri, 10 Mar 2028 00:00:00 CET'
    ],
    ...['Mon, 30 Feb 2026 00:00:00 GMT', 'Tue, 10 Foo 2026 00:00:00 GMT', 'Tue, 10 Mar 2026 24:00:00 GMT'],
    ...['Tuesday, 10-Mar-26 00:00:00 GMT', 'Tue Mar 10 00:00:00 2026', '::set-output name=token::x']
  ])('are not in %j', header => {
    expect(told({ deprecation: header, sunset: header })).toBeUndefined()
  })

  test('are nothing that a hostile header could make them', () => {
    fc.assert(
      fc.property(hostileText, header => {
        expect(told({ deprecation: header, sunset: header })).toBeUndefined()
      })
    )
  })
})
