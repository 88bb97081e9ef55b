// Parses XML that nobody has checked yet, in linear time.

import { parseXml } from '@rgrove/parse-xml'
import type { ParserOptions, XmlDocument } from '@rgrove/parse-xml'

/**
 * Parses XML.
 *
 * @throws Error if the text isn't well-formed; its message contains parts of the text
 */
export function readXml(text: string, options: ParserOptions = {}): XmlDocument {
  // The parser copies the rest of the text for each carriage return. XML treats it as a line feed anyway (section 2.11).
  return parseXml(text.replace(/\r\n?/g, '\n'), options)
}
