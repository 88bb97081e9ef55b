export const id = 334;
export const ids = [334];
export const modules = {

	334:
	(function(__unused_webpack_module, exports, __webpack_require__) {

var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
	if (k2 === undefined) k2 = k;
	var desc = Object.getOwnPropertyDescriptor(m, k);
	if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
		desc = { enumerable: true, get: function() { return m[k]; } };
	}
	Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
	if (k2 === undefined) k2 = k;
	o[k2] = m[k];
}));
var __exportStar = (this && this.__exportStar) || function(m, exports) {
	for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) __createBinding(exports, m, p);
};
Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlText = exports.XmlProcessingInstruction = exports.XmlNode = exports.XmlError = exports.XmlElement = exports.XmlDocumentType = exports.XmlDocument = exports.XmlDeclaration = exports.XmlComment = exports.XmlCdata = void 0;
exports.parseXml = parseXml;
const Parser_js_1 = __webpack_require__(9739);
__exportStar(__webpack_require__(7583), exports);
var XmlCdata_js_1 = __webpack_require__(9754);
Object.defineProperty(exports, "XmlCdata", ({ enumerable: true, get: function () { return XmlCdata_js_1.XmlCdata; } }));
var XmlComment_js_1 = __webpack_require__(1137);
Object.defineProperty(exports, "XmlComment", ({ enumerable: true, get: function () { return XmlComment_js_1.XmlComment; } }));
var XmlDeclaration_js_1 = __webpack_require__(1715);
Object.defineProperty(exports, "XmlDeclaration", ({ enumerable: true, get: function () { return XmlDeclaration_js_1.XmlDeclaration; } }));
var XmlDocument_js_1 = __webpack_require__(4570);
Object.defineProperty(exports, "XmlDocument", ({ enumerable: true, get: function () { return XmlDocument_js_1.XmlDocument; } }));
var XmlDocumentType_js_1 = __webpack_require__(8066);
Object.defineProperty(exports, "XmlDocumentType", ({ enumerable: true, get: function () { return XmlDocumentType_js_1.XmlDocumentType; } }));
var XmlElement_js_1 = __webpack_require__(4679);
Object.defineProperty(exports, "XmlElement", ({ enumerable: true, get: function () { return XmlElement_js_1.XmlElement; } }));
var XmlError_js_1 = __webpack_require__(185);
Object.defineProperty(exports, "XmlError", ({ enumerable: true, get: function () { return XmlError_js_1.XmlError; } }));
var XmlNode_js_1 = __webpack_require__(7667);
Object.defineProperty(exports, "XmlNode", ({ enumerable: true, get: function () { return XmlNode_js_1.XmlNode; } }));
var XmlProcessingInstruction_js_1 = __webpack_require__(9610);
Object.defineProperty(exports, "XmlProcessingInstruction", ({ enumerable: true, get: function () { return XmlProcessingInstruction_js_1.XmlProcessingInstruction; } }));
var XmlText_js_1 = __webpack_require__(9500);
Object.defineProperty(exports, "XmlText", ({ enumerable: true, get: function () { return XmlText_js_1.XmlText; } }));
function parseXml(xml, options) {
	return (new Parser_js_1.Parser(xml, options)).document;
}

	}),

	9739:
	(function(__unused_webpack_module, exports, __webpack_require__) {

var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
	if (k2 === undefined) k2 = k;
	var desc = Object.getOwnPropertyDescriptor(m, k);
	if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
		desc = { enumerable: true, get: function() { return m[k]; } };
	}
	Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
	if (k2 === undefined) k2 = k;
	o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
	Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
	o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
	if (mod && mod.__esModule) return mod;
	var result = {};
	if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
	__setModuleDefault(result, mod);
	return result;
};
Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.Parser = void 0;
const StringScanner_js_1 = __webpack_require__(187);
const syntax = __importStar(__webpack_require__(391));
const XmlCdata_js_1 = __webpack_require__(9754);
const XmlComment_js_1 = __webpack_require__(1137);
const XmlDeclaration_js_1 = __webpack_require__(1715);
const XmlDocument_js_1 = __webpack_require__(4570);
const XmlDocumentType_js_1 = __webpack_require__(8066);
const XmlElement_js_1 = __webpack_require__(4679);
const XmlError_js_1 = __webpack_require__(185);
const XmlNode_js_1 = __webpack_require__(7667);
const XmlProcessingInstruction_js_1 = __webpack_require__(9610);
const XmlText_js_1 = __webpack_require__(9500);
const emptyString = '';
class Parser {
	constructor(xml, options = {}) {
		let doc = this.document = new XmlDocument_js_1.XmlDocument();
		this.currentNode = doc;
		this.options = options;
		this.scanner = new StringScanner_js_1.StringScanner(xml);
		if (this.options.includeOffsets) {
			doc.start = 0;
			doc.end = xml.length;
		}
		this.parse();
	}
	addNode(node, charIndex) {
		node.parent = this.currentNode;
		if (this.options.includeOffsets) {
			node.start = this.scanner.charIndexToByteIndex(charIndex);
			node.end = this.scanner.charIndexToByteIndex();
		}
		this.currentNode.children.push(node);
		return true;
	}
	addText(text, charIndex, normalize = true) {
		let { children } = this.currentNode;
		let { length } = children;
		if (normalize) {
			text = normalizeLineBreaks(text);
		}
		if (length > 0) {
			let prevNode = children[length - 1];
			if (prevNode?.type === XmlNode_js_1.XmlNode.TYPE_TEXT) {
				let textNode = prevNode;
				textNode.text += text;
				if (this.options.includeOffsets) {
					textNode.end = this.scanner.charIndexToByteIndex();
				}
				return true;
			}
		}
		return this.addNode(new XmlText_js_1.XmlText(text), charIndex);
	}
	consumeAttributes() {
		let attributes = Object.create(null);
		while (this.consumeWhitespace()) {
			let attrName = this.consumeName();
			if (!attrName) {
				break;
			}
			let attrValue = this.consumeEqual() && this.consumeAttributeValue();
			if (attrValue === false) {
				throw this.error('Attribute value expected');
			}
			if (attrName in attributes) {
				throw this.error(`Duplicate attribute: ${attrName}`);
			}
			if (attrName === 'xml:space'
				&& attrValue !== 'default'
				&& attrValue !== 'preserve') {
				throw this.error('Value of the `xml:space` attribute must be "default" or "preserve"');
			}
			attributes[attrName] = attrValue;
		}
		if (this.options.sortAttributes) {
			let attrNames = Object.keys(attributes).sort();
			let sortedAttributes = Object.create(null);
			for (let i = 0; i < attrNames.length; ++i) {
				let attrName = attrNames[i];
				sortedAttributes[attrName] = attributes[attrName];
			}
			attributes = sortedAttributes;
		}
		return attributes;
	}
	consumeAttributeValue() {
		let { scanner } = this;
		let quote = scanner.peek();
		if (quote !== '"' && quote !== "'") {
			return false;
		}
		scanner.advance();
		let chars;
		let isClosed = false;
		let value = emptyString;
		let regex = quote === '"'
			? syntax.attValueCharDoubleQuote
			: syntax.attValueCharSingleQuote;
		matchLoop: while (!scanner.isEnd) {
			chars = scanner.consumeUntilMatch(regex);
			if (chars) {
				this.validateChars(chars);
				value += chars.replace(syntax.attValueNormalizedWhitespace, ' ');
			}
			switch (scanner.peek()) {
				case quote:
					isClosed = true;
					break matchLoop;
				case '&':
					value += this.consumeReference();
					continue;
				case '<':
					throw this.error('Unescaped `<` is not allowed in an attribute value');
				default:
					break matchLoop;
			}
		}
		if (!isClosed) {
			throw this.error('Unclosed attribute');
		}
		scanner.advance();
		return value;
	}
	consumeCdataSection() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<![CDATA[')) {
			return false;
		}
		let text = scanner.consumeUntilString(']]>');
		this.validateChars(text);
		if (!scanner.consumeString(']]>')) {
			throw this.error('Unclosed CDATA section');
		}
		return this.options.preserveCdata
			? this.addNode(new XmlCdata_js_1.XmlCdata(normalizeLineBreaks(text)), startIndex)
			: this.addText(text, startIndex);
	}
	consumeCharData() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		let charData = scanner.consumeUntilMatch(syntax.endCharData);
		if (!charData) {
			return false;
		}
		this.validateChars(charData);
		if (scanner.peek(3) === ']]>') {
			throw this.error('Element content may not contain the CDATA section close delimiter `]]>`');
		}
		return this.addText(charData, startIndex);
	}
	consumeComment() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<!--')) {
			return false;
		}
		let content = scanner.consumeUntilString('--');
		this.validateChars(content);
		if (!scanner.consumeString('-->')) {
			if (scanner.peek(2) === '--') {
				throw this.error("The string `--` isn't allowed inside a comment");
			}
			throw this.error('Unclosed comment');
		}
		return this.options.preserveComments
			? this.addNode(new XmlComment_js_1.XmlComment(normalizeLineBreaks(content)), startIndex)
			: true;
	}
	consumeContentReference() {
		let startIndex = this.scanner.charIndex;
		let ref = this.consumeReference();
		return ref
			? this.addText(ref, startIndex, false)
			: false;
	}
	consumeDoctypeDeclaration() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<!DOCTYPE')) {
			return false;
		}
		let name = this.consumeWhitespace()
			&& this.consumeName();
		if (!name) {
			throw this.error('Expected a name');
		}
		let publicId;
		let systemId;
		if (this.consumeWhitespace()) {
			if (scanner.consumeString('PUBLIC')) {
				publicId = this.consumeWhitespace()
					&& this.consumePubidLiteral();
				if (publicId === false) {
					throw this.error('Expected a public identifier');
				}
				this.consumeWhitespace();
			}
			if (publicId !== undefined || scanner.consumeString('SYSTEM')) {
				this.consumeWhitespace();
				systemId = this.consumeSystemLiteral();
				if (systemId === false) {
					throw this.error('Expected a system identifier');
				}
				this.consumeWhitespace();
			}
		}
		let internalSubset;
		if (scanner.consumeString('[')) {
			internalSubset = scanner.consumeUntilMatch(/\][\x20\t\r\n]*>/);
			if (!scanner.consumeString(']')) {
				throw this.error('Unclosed internal subset');
			}
			this.consumeWhitespace();
		}
		if (!scanner.consumeString('>')) {
			throw this.error('Unclosed doctype declaration');
		}
		return this.options.preserveDocumentType
			? this.addNode(new XmlDocumentType_js_1.XmlDocumentType(name, publicId, systemId, internalSubset), startIndex)
			: true;
	}
	consumeElement() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<')) {
			return false;
		}
		let name = this.consumeName();
		if (!name) {
			scanner.reset(startIndex);
			return false;
		}
		let attributes = this.consumeAttributes();
		let isEmpty = !!scanner.consumeString('/>');
		let element = new XmlElement_js_1.XmlElement(name, attributes);
		element.parent = this.currentNode;
		if (!isEmpty) {
			if (!scanner.consumeString('>')) {
				throw this.error(`Unclosed start tag for element \`${name}\``);
			}
			this.currentNode = element;
			do {
				this.consumeCharData();
			} while (this.consumeElement()
				|| this.consumeContentReference()
				|| this.consumeCdataSection()
				|| this.consumeProcessingInstruction()
				|| this.consumeComment());
			let endTagMark = scanner.charIndex;
			let endTagName;
			if (!scanner.consumeString('</')
				|| !(endTagName = this.consumeName())
				|| endTagName !== name) {
				scanner.reset(endTagMark);
				throw this.error(`Missing end tag for element ${name}`);
			}
			this.consumeWhitespace();
			if (!scanner.consumeString('>')) {
				throw this.error(`Unclosed end tag for element ${name}`);
			}
			this.currentNode = element.parent;
		}
		return this.addNode(element, startIndex);
	}
	consumeEqual() {
		this.consumeWhitespace();
		if (this.scanner.consumeString('=')) {
			this.consumeWhitespace();
			return true;
		}
		return false;
	}
	consumeMisc() {
		return this.consumeComment()
			|| this.consumeProcessingInstruction()
			|| this.consumeWhitespace();
	}
	consumeName() {
		return syntax.isNameStartChar(this.scanner.peek())
			? this.scanner.consumeMatchFn(syntax.isNameChar)
			: emptyString;
	}
	consumeProcessingInstruction() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<?')) {
			return false;
		}
		let name = this.consumeName();
		if (name) {
			if (name.toLowerCase() === 'xml') {
				scanner.reset(startIndex);
				throw this.error("XML declaration isn't allowed here");
			}
		}
		else {
			throw this.error('Invalid processing instruction');
		}
		if (!this.consumeWhitespace()) {
			if (scanner.consumeString('?>')) {
				return this.addNode(new XmlProcessingInstruction_js_1.XmlProcessingInstruction(name), startIndex);
			}
			throw this.error('Whitespace is required after a processing instruction name');
		}
		let content = scanner.consumeUntilString('?>');
		this.validateChars(content);
		if (!scanner.consumeString('?>')) {
			throw this.error('Unterminated processing instruction');
		}
		return this.addNode(new XmlProcessingInstruction_js_1.XmlProcessingInstruction(name, normalizeLineBreaks(content)), startIndex);
	}
	consumeProlog() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		this.consumeXmlDeclaration();
		while (this.consumeMisc()) { }
		if (this.consumeDoctypeDeclaration()) {
			while (this.consumeMisc()) { }
		}
		return startIndex < scanner.charIndex;
	}
	consumePubidLiteral() {
		let startIndex = this.scanner.charIndex;
		let value = this.consumeSystemLiteral();
		if (value !== false && !/^[-\x20\r\na-zA-Z0-9'()+,./:=?;!*#@$_%]*$/.test(value)) {
			this.scanner.reset(startIndex);
			throw this.error('Invalid character in public identifier');
		}
		return value;
	}
	consumeReference() {
		let { scanner } = this;
		if (!scanner.consumeString('&')) {
			return false;
		}
		let ref = scanner.consumeMatchFn(syntax.isReferenceChar);
		if (scanner.consume() !== ';') {
			throw this.error('Unterminated reference (a reference must end with `;`)');
		}
		let parsedValue;
		if (ref[0] === '#') {
			let codePoint = ref[1] === 'x'
				? parseInt(ref.slice(2), 16)
				: parseInt(ref.slice(1), 10);
			if (isNaN(codePoint)
				|| !/^#(?:x[0-9A-Fa-f]+|[0-9]+)$/.test(ref)) {
				throw this.error('Invalid character reference');
			}
			if (!syntax.isXmlCodePoint(codePoint)) {
				throw this.error('Character reference resolves to an invalid character');
			}
			parsedValue = String.fromCodePoint(codePoint);
		}
		else {
			parsedValue = syntax.predefinedEntities[ref];
			if (parsedValue === undefined) {
				let { ignoreUndefinedEntities, resolveUndefinedEntity, } = this.options;
				let wrappedRef = `&${ref};`;
				if (resolveUndefinedEntity) {
					let resolvedValue = resolveUndefinedEntity(wrappedRef);
					if (resolvedValue !== null && resolvedValue !== undefined) {
						let type = typeof resolvedValue;
						if (type !== 'string') {
							throw new TypeError(`\`resolveUndefinedEntity()\` must return a string, \`null\`, or \`undefined\`, but returned a value of type ${type}`);
						}
						return resolvedValue;
					}
				}
				if (ignoreUndefinedEntities) {
					return wrappedRef;
				}
				scanner.reset(-wrappedRef.length);
				throw this.error(`Named entity isn't defined: ${wrappedRef}`);
			}
		}
		return parsedValue;
	}
	consumeSystemLiteral() {
		let { scanner } = this;
		let quote = scanner.consumeString('"') || scanner.consumeString("'");
		if (!quote) {
			return false;
		}
		let value = scanner.consumeUntilString(quote);
		this.validateChars(value);
		if (!scanner.consumeString(quote)) {
			throw this.error('Missing end quote');
		}
		return value;
	}
	consumeWhitespace() {
		return !!this.scanner.consumeMatchFn(syntax.isWhitespace);
	}
	consumeXmlDeclaration() {
		let { scanner } = this;
		let startIndex = scanner.charIndex;
		if (!scanner.consumeString('<?xml')) {
			return false;
		}
		if (syntax.isNameChar(scanner.peek())) {
			scanner.reset(startIndex);
			return false;
		}
		if (!this.consumeWhitespace()) {
			throw this.error('Invalid XML declaration');
		}
		let version = !!scanner.consumeString('version')
			&& this.consumeEqual()
			&& this.consumeSystemLiteral();
		if (version === false) {
			throw this.error('XML version is missing or invalid');
		}
		else if (!/^1\.[0-9]+$/.test(version)) {
			throw this.error('Invalid character in version number');
		}
		let encoding;
		let standalone;
		if (this.consumeWhitespace()) {
			encoding = !!scanner.consumeString('encoding')
				&& this.consumeEqual()
				&& this.consumeSystemLiteral();
			if (encoding) {
				if (!/^[A-Za-z][\w.-]*$/.test(encoding)) {
					throw this.error('Invalid character in encoding name');
				}
				this.consumeWhitespace();
			}
			standalone = !!scanner.consumeString('standalone')
				&& this.consumeEqual()
				&& this.consumeSystemLiteral();
			if (standalone) {
				if (standalone !== 'yes' && standalone !== 'no') {
					throw this.error('Only "yes" and "no" are permitted as values of `standalone`');
				}
				this.consumeWhitespace();
			}
		}
		if (!scanner.consumeString('?>')) {
			throw this.error('Invalid or unclosed XML declaration');
		}
		return this.options.preserveXmlDeclaration
			? this.addNode(new XmlDeclaration_js_1.XmlDeclaration(version, encoding || undefined, standalone || undefined), startIndex)
			: true;
	}
	error(message) {
		let { scanner } = this;
		return new XmlError_js_1.XmlError(message, scanner.charIndex, scanner.string);
	}
	parse() {
		this.scanner.consumeString('\uFEFF');
		this.consumeProlog();
		if (!this.consumeElement()) {
			throw this.error('Root element is missing or invalid');
		}
		while (this.consumeMisc()) { }
		if (!this.scanner.isEnd) {
			throw this.error('Extra content at the end of the document');
		}
	}
	validateChars(string) {
		let { length } = string;
		for (let i = 0; i < length; ++i) {
			let cp = string.codePointAt(i);
			if (!syntax.isXmlCodePoint(cp)) {
				this.scanner.reset(-([...string].length - i));
				throw this.error('Invalid character');
			}
			if (cp > 65535) {
				i += 1;
			}
		}
	}
}
exports.Parser = Parser;
function normalizeLineBreaks(text) {
	let i = 0;
	while ((i = text.indexOf('\r', i)) !== -1) {
		text = text[i + 1] === '\n'
			? text.slice(0, i) + text.slice(i + 1)
			: text.slice(0, i) + '\n' + text.slice(i + 1);
	}
	return text;
}

	}),

	187:
	((__unused_webpack_module, exports) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.StringScanner = void 0;
const emptyString = '';
const surrogatePair = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
class StringScanner {
	constructor(string) {
		this.charCount = this.charLength(string, true);
		this.charIndex = 0;
		this.length = string.length;
		this.multiByteMode = this.charCount !== this.length;
		this.string = string;
		if (this.multiByteMode) {
			let charsToBytes = [];
			for (let byteIndex = 0, charIndex = 0; charIndex < this.charCount; ++charIndex) {
				charsToBytes[charIndex] = byteIndex;
				byteIndex += string.codePointAt(byteIndex) > 65535 ? 2 : 1;
			}
			this.charsToBytes = charsToBytes;
		}
	}
	get isEnd() {
		return this.charIndex >= this.charCount;
	}
	charLength(string, multiByteSafe = this.multiByteMode) {
		return multiByteSafe
			? string.replace(surrogatePair, '_').length
			: string.length;
	}
	advance(count = 1) {
		this.charIndex = Math.min(this.charCount, this.charIndex + count);
	}
	charIndexToByteIndex(charIndex = this.charIndex) {
		return this.multiByteMode
			? this.charsToBytes[charIndex] ?? Infinity
			: charIndex;
	}
	consume(charCount = 1) {
		let chars = this.peek(charCount);
		this.advance(charCount);
		return chars;
	}
	consumeBytes(byteCount) {
		let byteIndex = this.charIndexToByteIndex();
		let result = this.string.slice(byteIndex, byteIndex + byteCount);
		this.advance(this.charLength(result));
		return result;
	}
	consumeMatchFn(fn) {
		let { length, multiByteMode, string } = this;
		let startByteIndex = this.charIndexToByteIndex();
		let endByteIndex = startByteIndex;
		if (multiByteMode) {
			while (endByteIndex < length) {
				let char = string[endByteIndex];
				let isSurrogatePair = char >= '\uD800' && char <= '\uDBFF';
				if (isSurrogatePair) {
					char += string[endByteIndex + 1];
				}
				if (!fn(char)) {
					break;
				}
				endByteIndex += isSurrogatePair ? 2 : 1;
			}
		}
		else {
			while (endByteIndex < length && fn(string[endByteIndex])) {
				++endByteIndex;
			}
		}
		return this.consumeBytes(endByteIndex - startByteIndex);
	}
	consumeString(stringToConsume) {
		let { length } = stringToConsume;
		let byteIndex = this.charIndexToByteIndex();
		if (stringToConsume === this.string.slice(byteIndex, byteIndex + length)) {
			this.advance(length === 1 ? 1 : this.charLength(stringToConsume));
			return stringToConsume;
		}
		return emptyString;
	}
	consumeUntilMatch(regex) {
		let matchByteIndex = this.string
			.slice(this.charIndexToByteIndex())
			.search(regex);
		return matchByteIndex > 0
			? this.consumeBytes(matchByteIndex)
			: emptyString;
	}
	consumeUntilString(searchString) {
		let byteIndex = this.charIndexToByteIndex();
		let matchByteIndex = this.string.indexOf(searchString, byteIndex);
		return matchByteIndex > 0
			? this.consumeBytes(matchByteIndex - byteIndex)
			: emptyString;
	}
	peek(count = 1) {
		let { charIndex, string } = this;
		return this.multiByteMode
			? string.slice(this.charIndexToByteIndex(charIndex), this.charIndexToByteIndex(charIndex + count))
			: string.slice(charIndex, charIndex + count);
	}
	reset(index = 0) {
		this.charIndex = index >= 0
			? Math.min(this.charCount, index)
			: Math.max(0, this.charIndex + index);
	}
}
exports.StringScanner = StringScanner;

	}),

	9754:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlCdata = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
const XmlText_js_1 = __webpack_require__(9500);
class XmlCdata extends XmlText_js_1.XmlText {
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_CDATA;
	}
}
exports.XmlCdata = XmlCdata;

	}),

	1137:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlComment = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlComment extends XmlNode_js_1.XmlNode {
	constructor(content = '') {
		super();
		this.content = content;
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_COMMENT;
	}
	toJSON() {
		return Object.assign(XmlNode_js_1.XmlNode.prototype.toJSON.call(this), {
			content: this.content,
		});
	}
}
exports.XmlComment = XmlComment;

	}),

	1715:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlDeclaration = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlDeclaration extends XmlNode_js_1.XmlNode {
	constructor(version, encoding, standalone) {
		super();
		this.version = version;
		this.encoding = encoding ?? null;
		this.standalone = standalone ?? null;
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_XML_DECLARATION;
	}
	toJSON() {
		let json = XmlNode_js_1.XmlNode.prototype.toJSON.call(this);
		json.version = this.version;
		for (let key of ['encoding', 'standalone']) {
			if (this[key] !== null) {
				json[key] = this[key];
			}
		}
		return json;
	}
}
exports.XmlDeclaration = XmlDeclaration;

	}),

	4570:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlDocument = void 0;
const XmlElement_js_1 = __webpack_require__(4679);
const XmlNode_js_1 = __webpack_require__(7667);
class XmlDocument extends XmlNode_js_1.XmlNode {
	constructor(children = []) {
		super();
		this.children = children;
	}
	get document() {
		return this;
	}
	get root() {
		for (let child of this.children) {
			if (child instanceof XmlElement_js_1.XmlElement) {
				return child;
			}
		}
		return null;
	}
	get text() {
		return this.children
			.map(child => 'text' in child ? child.text : '')
			.join('');
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_DOCUMENT;
	}
	toJSON() {
		return Object.assign(XmlNode_js_1.XmlNode.prototype.toJSON.call(this), {
			children: this.children.map(child => child.toJSON()),
		});
	}
}
exports.XmlDocument = XmlDocument;

	}),

	8066:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlDocumentType = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlDocumentType extends XmlNode_js_1.XmlNode {
	constructor(name, publicId, systemId, internalSubset) {
		super();
		this.name = name;
		this.publicId = publicId ?? null;
		this.systemId = systemId ?? null;
		this.internalSubset = internalSubset ?? null;
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_DOCUMENT_TYPE;
	}
	toJSON() {
		let json = XmlNode_js_1.XmlNode.prototype.toJSON.call(this);
		json.name = this.name;
		for (let key of ['publicId', 'systemId', 'internalSubset']) {
			if (this[key] !== null) {
				json[key] = this[key];
			}
		}
		return json;
	}
}
exports.XmlDocumentType = XmlDocumentType;

	}),

	4679:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlElement = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlElement extends XmlNode_js_1.XmlNode {
	constructor(name, attributes = Object.create(null), children = []) {
		super();
		this.name = name;
		this.attributes = attributes;
		this.children = children;
	}
	get isEmpty() {
		return this.children.length === 0;
	}
	get preserveWhitespace() {
		let node = this;
		while (node instanceof XmlElement) {
			if ('xml:space' in node.attributes) {
				return node.attributes['xml:space'] === 'preserve';
			}
			node = node.parent;
		}
		return false;
	}
	get text() {
		return this.children
			.map(child => 'text' in child ? child.text : '')
			.join('');
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_ELEMENT;
	}
	toJSON() {
		return Object.assign(XmlNode_js_1.XmlNode.prototype.toJSON.call(this), {
			name: this.name,
			attributes: this.attributes,
			children: this.children.map(child => child.toJSON()),
		});
	}
}
exports.XmlElement = XmlElement;

	}),

	185:
	((__unused_webpack_module, exports) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlError = void 0;
class XmlError extends Error {
	constructor(message, charIndex, xml) {
		let column = 1;
		let excerpt = '';
		let line = 1;
		for (let i = 0; i < charIndex; ++i) {
			let char = xml[i];
			if (char === '\n') {
				column = 1;
				excerpt = '';
				line += 1;
			}
			else {
				column += 1;
				excerpt += char;
			}
		}
		let eol = xml.indexOf('\n', charIndex);
		excerpt += eol === -1
			? xml.slice(charIndex)
			: xml.slice(charIndex, eol);
		let excerptStart = 0;
		if (excerpt.length > 50) {
			if (column < 40) {
				excerpt = excerpt.slice(0, 50);
			}
			else {
				excerptStart = column - 20;
				excerpt = excerpt.slice(excerptStart, column + 30);
			}
		}
		super(`${message} (line ${line}, column ${column})\n`
			+ `  ${excerpt}\n`
			+ ' '.repeat(column - excerptStart + 1) + '^\n');
		this.column = column;
		this.excerpt = excerpt;
		this.line = line;
		this.name = 'XmlError';
		this.pos = charIndex;
	}
}
exports.XmlError = XmlError;

	}),

	7667:
	((__unused_webpack_module, exports) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlNode = void 0;
class XmlNode {
	constructor() {
		this.parent = null;
		this.start = -1;
		this.end = -1;
	}
	get document() {
		return this.parent?.document ?? null;
	}
	get isRootNode() {
		return this.parent !== null
			&& this.parent === this.document
			&& this.type === XmlNode.TYPE_ELEMENT;
	}
	get preserveWhitespace() {
		return !!this.parent?.preserveWhitespace;
	}
	get type() {
		return '';
	}
	toJSON() {
		let json = {
			type: this.type,
		};
		if (this.isRootNode) {
			json.isRootNode = true;
		}
		if (this.preserveWhitespace) {
			json.preserveWhitespace = true;
		}
		if (this.start !== -1) {
			json.start = this.start;
			json.end = this.end;
		}
		return json;
	}
}
exports.XmlNode = XmlNode;
XmlNode.TYPE_CDATA = 'cdata';
XmlNode.TYPE_COMMENT = 'comment';
XmlNode.TYPE_DOCUMENT = 'document';
XmlNode.TYPE_DOCUMENT_TYPE = 'doctype';
XmlNode.TYPE_ELEMENT = 'element';
XmlNode.TYPE_PROCESSING_INSTRUCTION = 'pi';
XmlNode.TYPE_TEXT = 'text';
XmlNode.TYPE_XML_DECLARATION = 'xmldecl';

	}),

	9610:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlProcessingInstruction = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlProcessingInstruction extends XmlNode_js_1.XmlNode {
	constructor(name, content = '') {
		super();
		this.name = name;
		this.content = content;
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_PROCESSING_INSTRUCTION;
	}
	toJSON() {
		return Object.assign(XmlNode_js_1.XmlNode.prototype.toJSON.call(this), {
			name: this.name,
			content: this.content,
		});
	}
}
exports.XmlProcessingInstruction = XmlProcessingInstruction;

	}),

	9500:
	((__unused_webpack_module, exports, __webpack_require__) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.XmlText = void 0;
const XmlNode_js_1 = __webpack_require__(7667);
class XmlText extends XmlNode_js_1.XmlNode {
	constructor(text = '') {
		super();
		this.text = text;
	}
	get type() {
		return XmlNode_js_1.XmlNode.TYPE_TEXT;
	}
	toJSON() {
		return Object.assign(XmlNode_js_1.XmlNode.prototype.toJSON.call(this), {
			text: this.text,
		});
	}
}
exports.XmlText = XmlText;

	}),

	391:
	((__unused_webpack_module, exports) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.predefinedEntities = exports.endCharData = exports.attValueNormalizedWhitespace = exports.attValueCharSingleQuote = exports.attValueCharDoubleQuote = void 0;
exports.isNameChar = isNameChar;
exports.isNameStartChar = isNameStartChar;
exports.isReferenceChar = isReferenceChar;
exports.isWhitespace = isWhitespace;
exports.isXmlCodePoint = isXmlCodePoint;
exports.attValueCharDoubleQuote = /["&<]/;
exports.attValueCharSingleQuote = /['&<]/;
exports.attValueNormalizedWhitespace = /\r\n|[\n\r\t]/g;
exports.endCharData = /<|&|]]>/;
exports.predefinedEntities = Object.freeze(Object.assign(Object.create(null), {
	amp: '&',
	apos: "'",
	gt: '>',
	lt: '<',
	quot: '"',
}));
function isNameChar(char) {
	let cp = char.codePointAt(0);
	return (cp >= 0x61 && cp <= 0x7A)
		|| (cp >= 0x41 && cp <= 0x5A)
		|| (cp >= 0x30 && cp <= 0x39)
		|| cp === 0x2D
		|| cp === 0x2E
		|| cp === 0xB7
		|| (cp >= 0x300 && cp <= 0x36F)
		|| cp === 0x203F
		|| cp === 0x2040
		|| isNameStartChar(char, cp);
}
function isNameStartChar(char, cp = char.codePointAt(0)) {
	return (cp >= 0x61 && cp <= 0x7A)
		|| (cp >= 0x41 && cp <= 0x5A)
		|| cp === 0x3A
		|| cp === 0x5F
		|| (cp >= 0xC0 && cp <= 0xD6)
		|| (cp >= 0xD8 && cp <= 0xF6)
		|| (cp >= 0xF8 && cp <= 0x2FF)
		|| (cp >= 0x370 && cp <= 0x37D)
		|| (cp >= 0x37F && cp <= 0x1FFF)
		|| cp === 0x200C
		|| cp === 0x200D
		|| (cp >= 0x2070 && cp <= 0x218F)
		|| (cp >= 0x2C00 && cp <= 0x2FEF)
		|| (cp >= 0x3001 && cp <= 0xD7FF)
		|| (cp >= 0xF900 && cp <= 0xFDCF)
		|| (cp >= 0xFDF0 && cp <= 0xFFFD)
		|| (cp >= 0x10000 && cp <= 0xEFFFF);
}
function isReferenceChar(char) {
	return char === '#' || isNameChar(char);
}
function isWhitespace(char) {
	let cp = char.codePointAt(0);
	return cp === 0x20
		|| cp === 0x9
		|| cp === 0xA
		|| cp === 0xD;
}
function isXmlCodePoint(cp) {
	return (cp >= 0x20 && cp <= 0xD7FF)
		|| cp === 0xA
		|| cp === 0x9
		|| cp === 0xD
		|| (cp >= 0xE000 && cp <= 0xFFFD)
		|| (cp >= 0x10000 && cp <= 0x10FFFF);
}

	}),

	7583:
	((__unused_webpack_module, exports) => {

Object.defineProperty(exports, "__esModule", ({ value: true }));

	})

};
