// Reads this repository's Markdown for the documentation tests: files, headings, anchors, links, tables, quotes, and code blocks.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

const NOT_OURS = new Set(['node_modules', '.git', 'dist', 'coverage', 'reports', '.stryker-tmp', '.scratch'])

/** A file of the repository, with `\n` as its only line end. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')
}

/** The paths below a directory that end in `extension`, relative to the root, with `/` on every platform. */
export function filesBelow(directory: string, extension: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true })
    .filter(entry => !NOT_OURS.has(entry.name))
    .flatMap(entry => {
      const path = relative(ROOT, join(ROOT, directory, entry.name))
        .split(sep)
        .join('/')
      if (entry.isDirectory()) return filesBelow(path, extension)
      return path.endsWith(extension) ? [path] : []
    })
    .sort()
}

export interface CodeBlock {
  readonly language: string
  readonly text: string
  /** The path in a comment `<!-- from PATH -->` right before the block. */
  readonly from: string | undefined
}

/** The fenced code blocks. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(FENCED)].map(({ groups = {} }) => ({
    language: groups['language'] ?? '',
    text: groups['text'] ?? '',
    from: groups['from']
  }))
}

const FENCED =
  /(?:<!-- from (?<from>\S+) -->\n\n?)?^(?<indent> *)(?<fence>`{3,})(?<language>\w*)[^\n]*\n(?<text>(?:.*\n)*?)\k<indent>\k<fence>$/gm

/** The paragraphs of the block quotes, each on one line. */
export function quotes(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/(?:^>.*\n)+/gm)].map(([block]) => block.replace(/^> ?/gm, ''))
  return blocks
    .flatMap(block => block.split(/\n\s*\n/))
    .map(paragraph =>
      paragraph
        .replace(/\s+/g, ' ')
        .trim()
        .replace(/\\(?=[_*])/g, '')
    )
}

/** The text with everything taken out that is code. */
export function prose(markdown: string): string {
  return markdown.replace(FENCED, '').replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
}

export interface Section {
  readonly level: number
  /** The heading as it reads, without backticks. */
  readonly heading: string
  readonly anchor: string
  /** What follows the heading, to the next one of any level. */
  readonly text: string
}

/** The sections, in order; what stands before the first heading is left out. */
export function sections(markdown: string): Section[] {
  // Code may hold lines that start with #.
  const masked = markdown.replace(FENCED, block => block.replaceAll('#', '\u0000'))
  const found = [...masked.matchAll(/^(#{1,6}) +(.+)$/gm)]
  const seen = new Map<string, number>()
  return found.map((match, index) => {
    const [line, hashes = '', title = ''] = match
    const heading = title.replaceAll('`', '').trim()
    const slug = slugOf(heading)
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return {
      level: hashes.length,
      heading,
      anchor: times === 0 ? slug : `${slug}-${times}`,
      text: markdown.slice(match.index + line.length, found[index + 1]?.index)
    }
  })
}

/** The anchor that GitHub gives to a heading. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** Every place that a reader can be sent to within a file. */
export function anchors(markdown: string): Set<string> {
  const named = [...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name)
  return new Set([...sections(markdown).map(section => section.anchor), ...named])
}

/** Where the links and pictures lead, as they are written. */
export function links(markdown: string): string[] {
  // Code in the text of a link is no reason to overlook the link.
  const text = markdown.replace(FENCED, '').replace(/`[^`\n]*`/g, '`')
  return [
    ...[...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target = '']) => target),
    ...[...text.matchAll(/^\[[^\]]+\]: +(\S+)/gm)].map(([, target = '']) => target),
    ...[...text.matchAll(/<(https?:[^>\s]+)>/g)].map(([, target = '']) => target),
    ...[...text.matchAll(/<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="([^"]+)"/g)].map(([, target = '']) => target)
  ]
}

/** The rows of every table in a text, cell by cell, without the heads. */
export function tables(markdown: string): string[][][] {
  const found = markdown.matchAll(/^\|.*\|\n\|[ :|-]+\|\n((?:\|.*\|(?:\n|$))*)/gm)
  return [...found].map(([, rows = '']) =>
    rows
      .split('\n')
      .filter(row => row !== '')
      .map(row =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map(cell => cell.trim())
      )
  )
}

/** A cell without its link and its backticks. */
export function bare(cell: string): string {
  return cell.replace(/\[([^\]]*)\]\([^)]*\)/, '$1').replaceAll('`', '')
}
