// Proves that the README's recipes are the files in examples/, word for word, and that each file there is listed. Whether they work is tested elsewhere.

import { expect, test } from '@jest/globals'
import { chapter, codeBlocks, filesBelow, links, read } from './markdown.ts'

const readme = read('README.md')
const recipes = codeBlocks(readme).flatMap(({ from, text }) => (from === undefined ? [] : [{ from, text }]))

test.each(['across-jobs', 'reusable-token', 'matrix'])('the README has the recipe %s', name => {
  expect(recipes.map(({ from }) => from)).toContain(`examples/${name}.yml`)
})

test.each(recipes)('the block from $from is that file', ({ from, text }) => {
  expect(text).toBe(read(from))
})

test('every example is listed under Recipes', () => {
  const listed = links(chapter(readme, 'Recipes'))
  const examples = filesBelow('examples', '.yml').filter(path => !path.startsWith('examples/workflow-templates/'))
  expect(examples.length).toBeGreaterThan(0)
  expect(examples.filter(path => !listed.includes(path))).toEqual([])
  expect(listed).toContain('examples/workflow-templates')
})
