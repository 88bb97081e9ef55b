// Owns what a card shows: the contributors with their names, counts and pictures, and the drawing around them.

import { XmlElement, XmlText } from '@rgrove/parse-xml'
import { readXml } from '../untrusted/xml.ts'

/** One tile of the card. */
export interface Contributor {
  readonly name: string
  readonly count: string
  /** Undefined when the tile has none. */
  readonly picture: Picture | undefined
}

export interface Picture {
  readonly address: string
  /** Where its element begins and ends in the text of the card, whose line ends are line feeds. */
  readonly start: number
  readonly end: number
}

export interface Contents {
  /** In the order of the card. */
  readonly contributors: readonly Contributor[]
  /** The card without its contributors' names, counts and pictures. It is equal for equal drawings. */
  readonly drawing: string
}

/**
 * Reads a card. Line ends and whitespace around the root element don't count.
 *
 * @returns undefined when the text is no SVG
 */
export function readContents(card: string): Contents | undefined {
  let root: XmlElement | null
  try {
    root = readXml(card, { sortAttributes: true, includeOffsets: true }).root
  } catch {
    // It isn't well-formed, or it is nested too deeply.
    return undefined
  }
  if (root?.name !== 'svg') return undefined
  const tiles = tilesIn(root)
  const contributors = tiles.map(({ name, count, image }) => ({
    name: name.text.trim(),
    count: count.text.trim(),
    picture: image && { address: addressOf(image), start: image.start, end: image.end }
  }))
  // What was read is taken out of the tree, so that the drawing remains.
  for (const { name, count, image } of tiles) {
    name.text = ''
    count.text = ''
    for (const attribute of ADDRESSES) if (image?.attributes[attribute]) image.attributes[attribute] = ''
  }
  return { contributors, drawing: drawingOf(root) }
}

/** The attributes of a picture that hold it. The second one is of older SVG. */
const ADDRESSES = ['href', 'xlink:href']

function addressOf({ attributes }: XmlElement): string {
  return ADDRESSES.map(attribute => attributes[attribute]).find(address => address !== undefined) ?? ''
}

interface Tile {
  readonly name: XmlText
  readonly count: XmlText
  readonly image: XmlElement | undefined
}

function isLabel({ text }: XmlText): boolean {
  return /^contributions?:?$/i.test(text.trim())
}

const COUNT = /^\d[\d.,]*[KkMm]?\+?$/

/** A tile has the name, the label and the count as its texts, in this order, and the picture in the group around them. */
function tilesIn(root: XmlElement): Tile[] {
  const texts: XmlText[] = []
  const pictures = new Map<XmlElement, XmlElement>()
  for (const node of nodesOf(root)) {
    if (node instanceof XmlText && node.text.trim() !== '') texts.push(node)
    if (node instanceof XmlElement && node.name === 'image') rememberPicture(node, pictures)
  }
  const labelsWithin = countWithin(texts.filter(isLabel))
  return texts.flatMap((label, at) => {
    if (!isLabel(label)) return []
    const [name, count] = [texts[at - 1], texts[at + 1]]
    if (!name || !count || !COUNT.test(count.text.trim())) return []
    return [{ name, count, image: pictureBeside(label, pictures, labelsWithin) }]
  })
}

/** Keeps the first picture within each element. */
function rememberPicture(image: XmlElement, pictures: Map<XmlElement, XmlElement>): void {
  for (let within = image.parent; within instanceof XmlElement && !pictures.has(within); within = within.parent) {
    pictures.set(within, image)
  }
}

/** How many labels each element has within it: one, or several. */
function countWithin(labels: readonly XmlText[]): ReadonlyMap<XmlElement, number> {
  const counts = new Map<XmlElement, number>()
  for (const label of labels) {
    for (let within = label.parent; within instanceof XmlElement; within = within.parent) {
      const count = counts.get(within) ?? 0
      if (count > 1) break
      counts.set(within, count + 1)
    }
  }
  return counts
}

/** The picture in the smallest group around a label that has one, unless another tile is in that group as well. */
function pictureBeside(
  label: XmlText,
  pictures: ReadonlyMap<XmlElement, XmlElement>,
  labelsWithin: ReadonlyMap<XmlElement, number>
): XmlElement | undefined {
  for (let group = label.parent; group instanceof XmlElement; group = group.parent) {
    if (labelsWithin.get(group) !== 1) return undefined
    const picture = pictures.get(group)
    if (picture) return picture
  }
  return undefined
}

/** Every node below an element, in the order of the text; undefined stands for the end of an element. No recursion: a card may be nested deeper than the stack. */
function* nodesOf(root: XmlElement): Generator<XmlElement | XmlText | undefined> {
  const waiting: (XmlElement | XmlText | undefined)[] = [root]
  while (waiting.length > 0) {
    const node = waiting.pop()
    yield node
    if (!(node instanceof XmlElement)) continue
    waiting.push(undefined)
    for (const child of node.children.toReversed()) {
      if (child instanceof XmlElement || child instanceof XmlText) waiting.push(child)
    }
  }
}

function drawingOf(root: XmlElement): string {
  const parts: string[] = []
  for (const node of nodesOf(root)) {
    if (!node) parts.push('end')
    else if (node instanceof XmlText) parts.push(`text ${JSON.stringify(node.text)}`)
    else parts.push(`${node.name} ${JSON.stringify(node.attributes)}`)
  }
  return parts.join('\n')
}
