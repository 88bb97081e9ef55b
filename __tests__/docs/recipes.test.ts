// Proves that the README lists every example, stays short, and gets to the point. Whether the examples work is tested elsewhere.

import { expect, test } from '@jest/globals'
import { filesBelow, links, read } from './markdown.ts'

const readme = read('README.md')
const examples = filesBelow('examples', '.yml').filter(path => !path.startsWith('examples/workflow-templates/'))

test('the README links to every example', () => {
  expect(examples.length).toBeGreaterThan(0)
  expect(links(readme)).toEqual(expect.arrayContaining([...examples, 'examples/workflow-templates']))
})

test('the README has at most 230 lines, and a step to copy within its first 150 words', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(230)
  const [before = ''] = readme.split('uses:')
  expect(before.split(/\s+/).length).toBeLessThanOrEqual(150)
})
