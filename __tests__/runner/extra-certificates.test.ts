// Tests whether Node.js could use the file in NODE_EXTRA_CA_CERTS.

import { describe, expect, test } from '@jest/globals'
import { extraCaIn } from '../../src/runner/extra-certificates.ts'

describe('NODE_EXTRA_CA_CERTS', () => {
  const PEM = `-----BEGIN CERTIFICATE-----\n${'QUJD'.repeat(32)}\n-----END CERTIFICATE-----\n`
  const missing = (): never => {
    throw new Error('ENOENT')
  }

  test.each<[string, Record<string, string>, () => string, string]>([
    ['not set', {}, missing, 'unset'],
    ['empty', { NODE_EXTRA_CA_CERTS: '' }, missing, 'unset'],
    ['of a missing file', { NODE_EXTRA_CA_CERTS: 'x' }, missing, 'unreadable'],
    ['of another file', { NODE_EXTRA_CA_CERTS: 'x' }, () => 'DER', 'no-pem'],
    ['of a key', { NODE_EXTRA_CA_CERTS: 'x' }, () => PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'no-pem'],
    ['of a certificate', { NODE_EXTRA_CA_CERTS: 'x' }, () => `# ours\n${PEM}`, 'loaded']
  ])('%s', (_, environment, readFile, expected) => {
    expect(extraCaIn(environment, readFile)).toBe(expected)
  })
})
