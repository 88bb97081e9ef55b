// Owns the reading of XML that nobody has checked yet: one parse, in a time that grows with the text and no faster. Knows no shape.

import { parseXml } from '@rgrove/parse-xml'
import type { ParserOptions, XmlDocument } from '@rgrove/parse-xml'

/** What a text spells in XML. @throws Error whose message repeats the text, when it is no XML */
export function readXml(text: string, options: ParserOptions = {}): XmlDocument {
  // The parser moves all text behind a carriage return, once for each. To XML it is a line feed anyway (section 2.11).
  return parseXml(text.replace(/\r\n?/g, '\n'), options)
}
