// Proves that the table of docs/first-contact.md is the probe's own list of questions, and that what it says of sandbox/observed.json is so.

import { expect, test } from '@jest/globals'
import { QUESTIONS } from '../../tools/probe/questions.ts'
import { chapter, links, read, table } from './markdown.ts'

const CELL = 60

const unknown = chapter(read('docs/first-contact.md'), 'What is unknown today')

function cell(assumed: string): string {
  return `\`${assumed.length > CELL ? `${assumed.slice(0, CELL)}…` : assumed}\``
}

test('the table of what is unknown has every question, what we assume, and where', () => {
  expect(table(unknown)).toEqual(
    QUESTIONS.map(({ asks, assumed, where }) => [asks, cell(assumed), `[${where}](../${where})`])
  )
})

test('the page says that nobody has asked, as long as sandbox/observed.json says so', () => {
  const isUnseen = read('sandbox/observed.json').includes('"by nobody yet')
  expect(unknown.includes('Nobody has asked the real services yet')).toBe(isUnseen)
})

test('where a cause is uncertain, the troubleshooting guide leads here', () => {
  expect(links(read('docs/troubleshooting.md'))).toContain('first-contact.md#what-is-unknown-today')
})
