// Proves that docs/failing-step.svg shows what the action prints today. Does not judge how it looks.

import { expect, test } from '@jest/globals'
import { failingStep } from '../../tools/failing-step.ts'
import { read } from './markdown.ts'

test('the picture is up to date (else: npx node tools/failing-step.ts), and the same every time', async () => {
  const [first, second] = [await failingStep(), await failingStep()]
  expect(second).toBe(first)
  expect(read('docs/failing-step.svg')).toBe(first)
})

test('the picture shows the whole message, and no secret', () => {
  const picture = read('docs/failing-step.svg')
  const shown = [...picture.matchAll(/<text x="52"[^>]*>([^<]*)</g)].map(([, line]) => line).join(' ')
  expect(shown).toContain('hubot is a member of Acme-Labs with the role "member"')
  expect(shown).toContain('[not-an-admin]')
  expect(shown).toContain('docs/troubleshooting.md#not-an-admin')
  expect(shown).toContain('pat: ***')
  expect(picture).not.toContain('LOUDFAKE')
})
