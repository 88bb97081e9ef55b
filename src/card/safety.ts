// Decides whether a text is an SVG that may be committed: well-formed, and without anything that runs code or loads from elsewhere. Changes nothing in it.

import { XmlCdata, XmlComment, XmlDocumentType, XmlElement, XmlProcessingInstruction, XmlText } from '@rgrove/parse-xml'
import type { XmlDocument, XmlNode } from '@rgrove/parse-xml'
import { ActionError } from '../errors/action-error.ts'
import type { CardFault } from '../errors/messages/card.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { readXml } from '../untrusted/xml.ts'

/** What is wrong with a card. `found` is text from outside. */
interface Fault {
  readonly fault: CardFault
  readonly found?: string
}

/**
 * Refuses a text that isn't an SVG, or is more than a picture. GitHub doesn't run the scripts of an SVG, but a browser that opens
 * it from a clone or from another page does.
 *
 * @throws ActionError `card-unsafe`
 */
export function requireSafeSvg(text: string, quote: (raw: string) => Quoted): void {
  const fault = faultOf(text)
  if (!fault) return
  const { found } = fault
  throw ActionError.of('card-unsafe', { fault: fault.fault, found: found === undefined ? undefined : quote(found) })
}

function faultOf(text: string): Fault | undefined {
  let document: XmlDocument
  try {
    document = readXml(text, { preserveCdata: true, preserveComments: true, preserveDocumentType: true })
  } catch {
    // The error's message contains parts of the text, so it isn't used. Endless nesting ends here, too, with a RangeError.
    return /^<(?:!DOCTYPE svg[\s>]|svg[\s/>])/.test(withoutProlog(text)) ? NOT_WELL_FORMED : NOT_SVG
  }
  const { root } = document
  if (!root || !/^(?:[^:]*:)?svg$/.test(root.name)) return NOT_SVG
  const encoding = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)/.exec(text)?.[1] ?? 'utf-8'
  // The text was read as UTF-8, and would be committed in this encoding.
  if (!/^(?:utf-8|us-ascii)$/i.test(encoding)) return { fault: 'not-svg', found: `encoding ${encoding}` }
  return faultAround(document) ?? faultInElements(root)
}

const NOT_SVG: Fault = { fault: 'not-svg' }
const NOT_WELL_FORMED: Fault = { fault: 'not-well-formed' }

/** Returns what follows the declaration and the comments. A loop takes linear time; one pattern for all of it wouldn't. */
function withoutProlog(text: string): string {
  let rest = text
    .trimStart()
    .replace(/^<\?xml[^>]*>/, '')
    .trimStart()
  for (let end = 0; end >= 0 && rest.startsWith('<!--');) {
    end = rest.indexOf('-->')
    rest = rest.slice(end + 3).trimStart()
  }
  return rest
}

/** Checks what is outside the root element. */
function faultAround({ children }: XmlDocument): Fault | undefined {
  for (const node of children) {
    const fault = faultInMarkup(node)
    if (fault) return fault
    if (!(node instanceof XmlDocumentType)) continue
    // A program that reads the document type can load the URL in it.
    const isKnown = /^(?:https?:\/\/www\.w3\.org\/|$)/.test(node.systemId ?? '')
    if (node.name !== 'svg' || node.internalSubset !== null || !isKnown) {
      return { fault: 'not-svg', found: `<!DOCTYPE ${node.name}` }
    }
  }
  return undefined
}

/**
 * Finds processing instructions, and comments and CDATA that could contain an element: if an HTML page includes the card, they
 * end earlier than in XML.
 */
function faultInMarkup(node: XmlNode): Fault | undefined {
  if (node instanceof XmlProcessingInstruction) return active(`<?${node.name}`)
  if (node instanceof XmlComment && /^-?>|</.test(node.content)) return active(`<!--${node.content}`)
  return node instanceof XmlCdata && node.text.includes('<') ? active(`<![CDATA[${node.text}`) : undefined
}

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg'
const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml'

/** Namespaces by their prefixes. */
type Namespaces = ReadonlyMap<string, string>

/** No card has as many. The limit matters because each element with a new namespace gets a separate map. */
const MAX_NAMESPACES = 50

/** Checks all elements. A loop is used because a card can be nested deeper than the stack allows. */
function faultInElements(root: XmlElement): Fault | undefined {
  const known = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']])
  const waiting: { readonly element: XmlElement; readonly outer: Namespaces }[] = [{ element: root, outer: known }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { element, outer } = next
    const own = declared(element)
    const namespaces = own.length === 0 ? outer : new Map([...outer, ...own])
    if (namespaces.size > MAX_NAMESPACES) return { fault: 'not-svg', found: `${namespaces.size} namespaces` }
    if (!isNamed(element, namespaces)) return NOT_WELL_FORMED
    const namespace = namespaces.get(prefix(element.name)) ?? ''
    if (element === root && namespace !== '' && namespace !== SVG_NAMESPACE) return NOT_SVG
    const fault = faultInElement(element, namespace)
    if (fault) return fault
    for (const child of element.children) {
      const inMarkup = faultInMarkup(child)
      if (inMarkup) return inMarkup
      if (child instanceof XmlElement) waiting.push({ element: child, outer: namespaces })
    }
  }
  return undefined
}

function declared({ attributes }: XmlElement): (readonly [string, string])[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    name === 'xmlns' ? [['', value]] : name.startsWith('xmlns:') ? [[name.slice(6), value]] : []
  )
}

/** Tells whether the names follow the rules for namespaces. Browsers don't show a document that breaks them. */
function isNamed({ name, attributes }: XmlElement, namespaces: Namespaces): boolean {
  const names = Object.keys(attributes).filter(each => each.includes(':') && !each.startsWith('xmlns:'))
  const whole = names.map(each => `${namespaces.get(prefix(each))} ${each.slice(each.indexOf(':') + 1)}`)
  return (
    new Set(whole).size === names.length &&
    [name, ...names].every(each => !/:.*:/.test(each) && (prefix(each) === '' || namespaces.has(prefix(each))))
  )
}

/** Elements that run code, load a document, or change what references mean, in any namespace and letter case. */
const ACTIVE_ELEMENTS: ReadonlySet<string> = new Set([
  ...['script', 'foreignobject', 'handler', 'listener', 'iframe', 'frame', 'object', 'embed', 'applet', 'link', 'meta'],
  ...['base', 'audio', 'video', 'source', 'canvas', 'form', 'input', 'button', 'html', 'body', 'img', 'portal']
])

/** Attributes that contain something to load or to navigate to. */
const REFERENCES: ReadonlySet<string> = new Set([
  ...['href', 'src', 'srcset', 'srcdoc', 'data', 'poster', 'action', 'formaction', 'ping', 'background', 'base'],
  ...['codebase', 'archive', 'manifest', 'imagesrcset', 'attributionsrc', 'cite', 'longdesc']
])

/** Attributes that contain several references, of which a check of the first one isn't enough. */
const LISTS: ReadonlySet<string> = new Set(['srcset', 'imagesrcset', 'attributionsrc', 'ping', 'archive'])

function faultInElement(element: XmlElement, namespace: string): Fault | undefined {
  const name = localName(element.name)
  if (namespace === XHTML_NAMESPACE || ACTIVE_ELEMENTS.has(name)) return active(`<${element.name}>`)
  for (const [attribute, value] of Object.entries(element.attributes)) {
    if (attribute === 'xmlns' || attribute.startsWith('xmlns:')) continue
    const local = localName(attribute)
    if (local.startsWith('on')) return active(attribute)
    if (REFERENCES.has(local)) {
      const stays = LISTS.has(local) ? /^#[^\s,]*$/.test(value) : isLocal(value, name)
      if (!stays) return active(`${attribute}="${value}"`)
    }
    // An animation can set an attribute that must not be in the card.
    const animated = localName(value.replace(/\s/g, ''))
    if (local === 'attributename' && (animated.startsWith('on') || REFERENCES.has(animated))) {
      return active(`${attribute}="${value}"`)
    }
    const fault = faultInStyle(value, name)
    if (fault) return fault
  }
  if (name !== 'style') return undefined
  const css = element.children.map(child => (child instanceof XmlText ? child.text : '')).join('')
  // In HTML, the style would end at such a tag.
  return /<[/!]/.test(css) ? active(css) : faultInStyle(css, name)
}

/** Checks CSS, or an attribute that can contain `url()`. It is checked with and without comments, because what looks like one can be in a string. */
function faultInStyle(raw: string, element: string): Fault | undefined {
  const css = raw.replace(/\r\n?|\f/g, '\n')
  const fault = faultInCss(css, element)
  return fault || !css.includes('/*') ? fault : faultInCss(css.replace(/\/\*[^]*?(?:\*\/|$)/g, ''), element)
}

function faultInCss(css: string, element: string): Fault | undefined {
  const plain = css.replace(/\\(?:([\da-f]{1,6})[\t\n ]?|\n|([^]))/gi, (_, code?: string, character?: string) =>
    code === undefined ? (character ?? '') : characterAt(Number.parseInt(code, 16))
  )
  const banned = /@import|(?:image-set|image|cross-fade|expression)\s*\(|-moz-binding|(?:^|[;{\s])behavior\s*:/i.exec(
    plain
  )
  if (banned) return active(banned[0])
  for (const [found, , , target = ''] of plain.matchAll(/(?:\burl|\bsrc)\([\t\n ]*((["'])|)([^"')]*)/gi)) {
    if (!isLocal(target, element)) return active(found)
  }
  return undefined
}

function characterAt(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
}

/** Tells whether a reference stays within the card: `#part`, or a `data:` URL that isn't a document. */
function isLocal(reference: string, element: string): boolean {
  // Browsers remove exactly these characters from a URL.
  const target = reference.replace(/[\t\n\r]/g, '').replace(/^[\0- ]+/, '')
  if (target.startsWith('#')) return true
  const type = /^data:([^,;]*)/i.exec(target)?.[1]?.trim().toLowerCase()
  if (type === undefined) return false
  // Browsers run nothing in an SVG that is used as an image.
  if (type === 'image/svg+xml') return element === 'image' || element === 'feimage'
  return !/html|xml|script|css|pdf|flash/.test(type)
}

/** Returns a name without its prefix, in lowercase, because an HTML page that includes the card ignores letter case. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase()
}

function prefix(name: string): string {
  return name.includes(':') ? name.slice(0, name.indexOf(':')) : ''
}

function active(found: string): Fault {
  return { fault: 'active', found }
}
