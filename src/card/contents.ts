// Reads what a card shows: the contributors with their names, counts, and pictures, and the drawing around them.

import { XmlElement, XmlText } from '@rgrove/parse-xml'
import { readXml } from '../untrusted/xml.ts'

/** A tile of the card. */
export interface Contributor {
  readonly name: string
  readonly count: string
  /** Undefined if the tile has none. */
  readonly picture: Picture | undefined
}

export interface Picture {
  readonly address: string
  /** The offsets of its element in the text of the card, whose line endings are line feeds. */
  readonly start: number
  readonly end: number
}

export interface Contents {
  /** In the order of the card. */
  readonly contributors: readonly Contributor[]
  /** The card without the names, counts, and pictures, in a form that can be compared. */
  readonly drawing: string
}

/**
 * Reads a card. Line endings and whitespace around the root element don't matter.
 *
 * @returns undefined if the text isn't an SVG
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
  // The values that were read are removed from the tree, so that only the drawing remains.
  for (const { name, count, image } of tiles) {
    name.text = ''
    count.text = ''
    for (const attribute of ADDRESSES) if (image?.attributes[attribute]) image.attributes[attribute] = ''
  }
  return { contributors, drawing: drawingOf(root) }
}

/** The attributes that contain a picture. The second one is from older versions of SVG. */
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

/** Finds the tiles. A tile consists of the texts name, label, and count, in this order, and of a picture in the group around them. */
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

/** Records the first picture in each element. */
function rememberPicture(image: XmlElement, pictures: Map<XmlElement, XmlElement>): void {
  for (let within = image.parent; within instanceof XmlElement && !pictures.has(within); within = within.parent) {
    pictures.set(within, image)
  }
}

/** Counts the labels in each element, up to two. */
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

/** Finds the picture in the smallest group around a label, unless that group contains another tile. */
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

/**
 * Iterates over all nodes of an element in document order; undefined marks the end of an element. A loop is used because a card
 * can be nested deeper than the stack allows.
 */
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
