// Tests that the PAT's expiration date is read in both of GitHub's formats, and that nothing else is accepted.

import { describe, expect, test } from '@jest/globals'
import { expirationDate } from '../../src/attestation/pat-expiration.ts'
import { fc, hostileText } from '../support/properties.ts'

describe('the date on which the PAT expires', () => {
  test.each([
    ['2026-12-30 10:15:26 UTC', '2026-12-30T10:15:26.000Z'],
    [' 2026-12-30 10:15:26 UTC ', '2026-12-30T10:15:26.000Z'],
    ['2026-12-30 10:15:26 +0200', '2026-12-30T08:15:26.000Z'],
    ['2026-12-30 10:15:26 -0930', '2026-12-30T19:45:26.000Z'],
    ['2026-12-31 23:30:00 -0100', '2027-01-01T00:30:00.000Z'],
    ['2026-12-30 10:15:26 +0000', '2026-12-30T10:15:26.000Z'],
    ['2028-02-29 00:00:00 UTC', '2028-02-29T00:00:00.000Z']
  ])('%s', (header, expected) => {
    expect(expirationDate(header)?.toISOString()).toBe(expected)
  })

  test.each([
    ['2026-02-30 10:15:26 UTC'],
    ['2027-02-29 10:15:26 UTC'],
    ['2026-13-01 10:15:26 UTC'],
    ['2026-00-01 10:15:26 UTC'],
    ['2026-12-32 10:15:26 UTC'],
    ['2026-12-30 24:00:00 UTC'],
    ['2026-12-30 25:00:00 UTC'],
    ['2026-12-30 10:60:00 UTC'],
    ['2026-12-30 10:15:60 UTC'],
    ['2026-12-30 10:15:26 +2500'],
    ['2026-12-30 10:15:26 +02:00'],
    ['2026-12-30 10:15:26 CET'],
    ['2026-12-30 10:15:26 utc'],
    ['2026-12-30 10:15:26'],
    ['2026-12-30T10:15:26Z'],
    ['2026-12-30 10:15:26 UTC and more'],
    ['x 2026-12-30 10:15:26 UTC'],
    ['26-12-30 10:15:26 UTC'],
    ['12026-12-30 10:15:26 UTC'],
    [''],
    [undefined],
    [null],
    [1_798_625_726_000],
    [['2026-12-30 10:15:26 UTC']]
  ])('%j is none', header => {
    expect(expirationDate(header)).toBeUndefined()
  })

  test('is any date, told in either form', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true
    })
    fc.assert(
      fc.property(dates, fc.integer({ min: -12 * 60, max: 14 * 60 }), (date, minutes) => {
        const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000)
        const local = new Date(seconds.getTime() + minutes * 60_000)
        fc.pre(local.getUTCFullYear() >= 1 && local.getUTCFullYear() <= 9999)
        const written = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')
        const ahead = Math.abs(minutes)
        const offset = `${minutes < 0 ? '-' : '+'}${String(Math.floor(ahead / 60)).padStart(2, '0')}${String(ahead % 60).padStart(2, '0')}`
        expect(expirationDate(`${written(seconds)} UTC`)).toEqual(seconds)
        expect(expirationDate(`${written(local)} ${offset}`)).toEqual(seconds)
      })
    )
  })

  test('nothing else is taken for one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostileText), value => {
        expect(expirationDate(value)).toBeUndefined()
      })
    )
  })
})
