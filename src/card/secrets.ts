// Makes sure that a card contains no secret, in any encoding, before it is committed.

import { XmlCdata, XmlElement, XmlText } from '@rgrove/parse-xml'
import type { XmlNode } from '@rgrove/parse-xml'
import { ActionError } from '../errors/action-error.ts'
import { holdsSecret } from '../untrusted/quoted.ts'
import { readXml } from '../untrusted/xml.ts'

/**
 * Refuses a card that contains a secret: as it is, in base64 (including inside a picture), percent-encoded, or with character
 * references. A commit can't be undone, and anyone who can read the repository can read it.
 *
 * @param card a well-formed SVG
 * @param secrets the tokens of this run
 * @throws ActionError `vaunt-unexpected`
 */
export function requireNoSecret(card: string, secrets: readonly string[]): void {
  const texts = [card, ...textsIn(card)]
  const all = [...texts, ...texts.flatMap(embedded)].join('\n\n')
  if (!holdsSecret(all, secrets)) return
  throw ActionError.of('vaunt-unexpected', { surprise: 'secret', asked: 'the card', attempts: 1, status: 200 })
}

/** Returns all texts in the card, with character references resolved. */
function textsIn(card: string): string[] {
  const { root } = readXml(card)
  const waiting: XmlNode[] = root ? [root] : []
  const texts: string[] = []
  const values: string[] = []
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node instanceof XmlText || node instanceof XmlCdata) texts.push(node.text)
    if (!(node instanceof XmlElement)) continue
    for (const value of Object.values(node.attributes)) values.push(value)
    for (const child of node.children.toReversed()) waiting.push(child)
  }
  // A text can continue in the next element.
  return [texts.join(''), ...texts, ...values]
}

/** Decodes the `data:` URLs in a text. */
function embedded(text: string): string[] {
  const addresses = text.matchAll(/data:[^,"'()<>]{0,200},([^"'()<>]*)/gi)
  return Array.from(addresses, ([, data = '']) => Buffer.from(percentDecoded(data), 'base64').toString('latin1'))
}

function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
