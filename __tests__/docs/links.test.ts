// Proves that every link in a Markdown file that points into this repository resolves. Doesn't follow links to other sites.

import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { anchors, filesBelow, links, read, ROOT } from './markdown.ts'

const files = filesBelow('.', '.md')

/** This repository's own pages on GitHub, at any version: they must exist among the files here. */
const OWN_PAGE = /^https:\/\/github\.com\/-OWNER-\/vaunt-token-action\/(?:blob|tree|raw)\/[^/]+\//

test('the pages and their links are found', () => {
  expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/troubleshooting.md', 'SECURITY.md']))
  expect(links(read('README.md')).length).toBeGreaterThan(10)
})

test.each(files)('%s', file => {
  const broken = links(read(file)).filter(target => {
    if (OWN_PAGE.test(target)) return leadsNowhere('README.md', target.replace(OWN_PAGE, '/'))
    if (/^[a-z][a-z\d+.-]*:/i.test(target)) return !/^(?:https:\/\/[\w-]+\.|mailto:)/.test(target)
    return leadsNowhere(file, target)
  })
  expect(broken).toEqual([])
})

/** Whether the file or the anchor that a link points to is missing. */
function leadsNowhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file =
    path === ''
      ? from
      : path.startsWith('/')
        ? path.slice(1)
        : posix.join(posix.dirname(from), decodeURIComponent(path))
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return true
  if (anchor === undefined) return false
  return statSync(join(ROOT, file)).isDirectory() || !file.endsWith('.md') || !anchors(read(file)).has(anchor)
}
