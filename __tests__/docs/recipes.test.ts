// Proves that every example is among the README's recipes, that the README's quick start is one of them, word for word, and that none has a second copy. Whether they work is tested elsewhere.

import { expect, test } from '@jest/globals'
import { chapter, codeBlocks, filesBelow, links, read } from './markdown.ts'

const readme = read('README.md')
const examples = filesBelow('examples', '.yml').filter(path => !path.startsWith('examples/workflow-templates/'))

test('the quick start is the basic recipe, word for word', () => {
  const copies = codeBlocks(readme).flatMap(({ from, text }) => (from === undefined ? [] : [{ from, text }]))
  expect(copies).toEqual([{ from: 'examples/basic.yml', text: read('examples/basic.yml') }])
})

test('every example is listed under Recipes', () => {
  const listed = links(chapter(readme, 'Recipes'))
  expect(examples.length).toBeGreaterThan(0)
  expect(examples.filter(path => !listed.includes(path))).toEqual([])
  expect(listed).toContain('examples/workflow-templates')
})

test('no recipe has a copy in the documentation, which would have to be kept the same', () => {
  for (const path of ['README.md', ...filesBelow('docs', '.md')]) {
    const blocks = codeBlocks(read(path)).filter(({ from }) => from === undefined)
    for (const example of examples) {
      expect([path, blocks.some(({ text }) => text.includes(read(example).replace(/^(?:#.*\n)+/, '')))]).toEqual([
        path,
        false
      ])
    }
  }
})

test('the README is short', () => {
  const lines = readme.split('\n')
  expect(lines.length).toBeLessThanOrEqual(281)
  const prose = readme
    .slice(0, readme.indexOf('## Inputs'))
    .replace(/```[^]*?```|^\|.*$|\]\([^)]*\)/gm, ' ')
    .split(/\s+/)
  // Seven minutes for somebody whose second language it is.
  expect(prose.length).toBeLessThan(1_500)
})
