export const id = 269;
export const ids = [269];
export const modules = {

	2269:
	((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);

__webpack_require__.d(__webpack_exports__, {
	steps: () => ( steps)
});

var promises_ = __webpack_require__(8500);
var action_error = __webpack_require__(9481);
var inputs = __webpack_require__(9205);
var network_proxy = __webpack_require__(1290);
var retry = __webpack_require__(8904);
var runner_files = __webpack_require__(869);
var run = __webpack_require__(1408);
var obtain = __webpack_require__(7888);
var request = __webpack_require__(7983);
var claims = __webpack_require__(5051);
var exchange = __webpack_require__(7405);
;

const WAYS = ['pat', 'token', 'sealed-token'];
function takeAccess(session) {
	const { core, environment } = session.world;
	const given = WAYS.filter(name => core.getInput(name).trim() !== '');
	const token = core.getInput('token').trim();
	const raw = (0,inputs.Ko)(name => core.getInput(name), environment);
	const pat = given.includes('pat') ? core.getInput('pat').trim() : raw.pat;
	(0,run.aY)(session, { ...raw, pat });
	maskLong(session, token);
	if (given.length > 1)
		throw new action_error.G([{ input: given.join(', '), error: action_error.lZ.of('token-ambiguous', { given }) }]);
	if (!given.includes('token')) {
		const way = (0,inputs.sw)(raw, session.quote, () => {
			const reason = session.absence();
			return reason === 'unknown' ? 'no-token' : reason;
		});
		if (way.mode === 'mint') {
			if (way.sealKey)
				core.info("Input 'seal-key' is set without 'sealed-token', so the action uses the PAT.");
			return { way: { ...way, sealKey: undefined }, entity: way.entity, vauntApiUrl: way.vauntApiUrl };
		}
		return { way, ...checkQuestion(raw, core.getInput('entity').trim(), session) };
	}
	const fault = faultOfToken(token);
	const problem = fault && { input: 'token', error: action_error.lZ.of('token-malformed', { fault }) };
	return { way: { mode: 'token', token }, ...checkQuestion(raw, raw.entity, session, problem) };
}
function maskLong(session, text) {
	for (const line of text.split(/[\r\n]+/))
		if (line.length >= SHORTEST_SECRET)
			session.mask(line);
}
const SHORTEST_SECRET = 12;
function faultOfToken(token) {
	if (/^(?:gh[a-z]_|github_pat_)/.test(token))
		return 'pat';
	return exchange.v.test(token) ? undefined : 'not-a-jwt';
}
function checkQuestion(raw, entity, { quote }, problem) {
	(0,action_error.EE)([
		problem,
		entity === '' && raw['sealed-token'] !== '' ? undefined : (0,inputs.gp)({ entity }, quote),
		(0,inputs.CU)(raw, 'vaunt-api-url')
	]);
	return { entity, vauntApiUrl: (0,inputs.y0)(raw, 'vaunt-api-url') };
}
async function obtainToken(session, { way, entity }) {
	if (way.mode === 'mint')
		return await (0,obtain.W$)(session, way);
	if (way.mode === 'open') {
		(0,obtain.Fg)(session.world);
		const opened = await (0,obtain.Mg)(session, way);
		return { token: opened.token, entity: spelled(entity, opened.entity) };
	}
	try {
		(0,claims.Yq)(way.token, { attempts: 0 });
	}
	catch (error) {
		throw action_error.lZ.of('token-malformed', { fault: 'not-a-jwt' }, error);
	}
	return { token: way.token, entity: spelled(entity, session.world.environment['GITHUB_REPOSITORY_OWNER'] ?? '') };
}
function spelled(entity, known) {
	return entity === '' || entity.toLowerCase() === known.toLowerCase() ? known : entity;
}

var external_node_child_process_ = __webpack_require__(1421);
var external_node_events_ = __webpack_require__(8474);
var external_node_process_ = __webpack_require__(1708);
var external_node_process_default = __webpack_require__.n(external_node_process_);
var failure = __webpack_require__(9760);
var untrusted_json = __webpack_require__(6250);
;

class GitError extends Error {
	name = 'GitError';
	fault;
	words;
	constructor(fault, words) {
		super(`git failed: ${fault.kind}`);
		this.fault = fault;
		this.words = words;
	}
}
class Git {
	#options;
	#settings = [];
	environment;
	constructor(options) {
		this.#options = options;
		this.environment = without(UNWANTED, options.environment);
	}
	static async create(options) {
		const git = new Git(options);
		const { address } = git;
		const { stdout } = await git.#start(['config', '-z', '--get-urlmatch', 'http', address], '');
		const mirrors = await git.#start(['config', '-z', '--get-regexp', '^url\\..*\\.insteadof$'], '');
		git.environment = environmentFor(options, git.environment);
		git.#settings.push(...settingsFor(options.server));
		for (const setting of (stdout + mirrors.stdout).split('\0')) {
			const [key = '', value = ''] = setting.split('\n');
			if (key === 'http.proxy')
				Object.assign(git.environment, { HTTPS_PROXY: value, https_proxy: value });
			else if (COMPANY.test(key))
				git.#settings.push('-c', `${key}=${value}`);
		}
		await git.run(['init', '--quiet', '--bare', git.#repository]);
		await git.run(['remote', 'add', 'origin', address]);
		return git;
	}
	get address() {
		return `${this.#options.server}/${this.#options.repository}`;
	}
	get #repository() {
		return `${this.#options.folder}/card.git`;
	}
	async run(args, input = '') {
		const result = await this.#start(args, input);
		if (result.code === 0)
			return result.stdout;
		if (result.code === 129 && args.includes(NO_FILES))
			return this.run(args.filter(each => each !== NO_FILES));
		throw failureOf(result, args);
	}
	async asks(args, no = /^$/) {
		const result = await this.#start(args, '');
		if (result.code === 0)
			return true;
		if (result.code === 1 || no.test(result.stderr))
			return false;
		throw failureOf(result, args);
	}
	#start(args, input) {
		const { folder, deadlineMs, signal: wanted } = this.#options;
		return new Promise((resolve, reject) => {
			wanted?.throwIfAborted();
			const child = (0,external_node_child_process_.spawn)('git', [...this.#settings, ...args], {
				cwd: folder,
				env: this.environment,
				stdio: ['pipe', 'pipe', 'pipe'],
				windowsHide: true,
				detached: (external_node_process_default()).platform !== 'win32'
			});
			const end = () => {
				endGroup(child.pid);
			};
			let isLate = false;
			const timer = setTimeout(() => {
				isLate = true;
				end();
			}, deadlineMs);
			if (wanted)
				wanted.onabort = end;
			const [out, err] = [new Tail(), new Tail()];
			child.stdout.on('data', (chunk) => {
				out.add(chunk);
			});
			child.stderr.on('data', (chunk) => {
				err.add(chunk);
			});
			child.stdin.on('error', () => undefined);
			child.on('error', error => {
				clearTimeout(timer);
				reject(action_error.lZ.of('git-missing', { detail: (0,action_error.xU)((0,untrusted_json.M)(error, 'code')) ?? 'unknown' }, error));
			});
			child.on('exit', (code, signal) => {
				clearTimeout(timer);
				if (wanted)
					wanted.onabort = null;
				if (code === null)
					end();
				setImmediate(() => {
					resolve({ code: code ?? signal, isLate, stdout: out.text, stderr: err.text });
				});
			});
			child.stdin.end(input);
		});
	}
}
function endGroup(pid) {
	if (!pid)
		return;
	try {
		if ((external_node_process_default()).platform !== 'win32')
			external_node_process_default().kill(-pid, 'SIGKILL');
		else
			(0,external_node_child_process_.spawn)('taskkill', ['/t', '/f', '/pid', `${pid}`], { stdio: 'ignore' }).on('error', () => undefined);
	}
	catch {
	}
}
async function untilCancelled(use, cancelled) {
	const controller = new AbortController();
	const { signal } = controller;
	const waits = ['SIGINT', 'SIGTERM'].map(async (name) => {
		await (0,external_node_events_.once)((external_node_process_default()), name, { signal });
		throw cancelled;
	});
	try {
		await Promise.race([use(signal), ...waits]);
	}
	finally {
		controller.abort();
	}
}
class Tail {
	#bytes = Buffer.alloc(0);
	add(chunk) {
		this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-TAIL_BYTES);
	}
	get text() {
		return this.#bytes.toString('utf8');
	}
}
const TAIL_BYTES = 262_144;
const TOKEN_VARIABLE = 'VAUNT_PUSH_TOKEN';
const UNWANTED = /^(?:INPUT_|VAUNT_|ACTIONS_|ALL_PROXY$|GIT_(?!SSL_CA(?:INFO|PATH)$|PROXY_SSL_CAINFO$|EXEC_PATH$|CONFIG_))/i;
const COMPANY = /^(?:http\.(?:(?:proxy)?ssl(?:ca|backend)|schannel|proxyauth)|url\.(?:https|file):\/\/[^@]*\.insteadof$)/;
function without(unwanted, environment) {
	return Object.fromEntries(Object.entries(environment).filter(([name]) => !unwanted.test(name)));
}
function environmentFor({ folder, token }, environment) {
	const [name, email] = ['github-actions[bot]', '41898282+github-actions[bot]@users.noreply.github.com'];
	return {
		...without(/^GIT_CONFIG_/i, environment),
		[TOKEN_VARIABLE]: token,
		HOME: folder,
		XDG_CONFIG_HOME: folder,
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_ATTR_NOSYSTEM: '1',
		LC_ALL: 'C',
		LANGUAGE: 'C',
		GIT_TERMINAL_PROMPT: '0',
		GIT_DIR: `${folder}/card.git`,
		GIT_INDEX_FILE: `${folder}/index`,
		GIT_AUTHOR_NAME: name,
		GIT_AUTHOR_EMAIL: email,
		GIT_COMMITTER_NAME: name,
		GIT_COMMITTER_EMAIL: email
	};
}
function settingsFor(server) {
	const helper = `!f() { test "$1" = get || exit 0; echo username=x-access-token; printf "password=%s\\n" "$${TOKEN_VARIABLE}"; }; f`;
	return [
		'credential.helper=',
        `credential.${server}.helper=`,
        `credential.${server}.helper=${helper}`,
		'core.askPass=',
        `http.${server}.followRedirects=false`,
		'http.followRedirects=false',
        `http.${server}.sslVerify=true`,
		'http.sslVerify=true',
		'core.hooksPath=/dev/null',
		'commit.gpgSign=false',
		'push.gpgSign=false',
		'core.fsmonitor=false',
		'gc.auto=0',
		'maintenance.auto=false',
		'core.autocrlf=false',
		'protocol.ext.allow=never'
	].flatMap(setting => ['-c', setting]);
}
function remoteLines(stderr) {
	return stderr
		.split(/[\r\n]+/)
		.filter(line => line.startsWith('remote:'))
		.map(line => line.slice('remote:'.length).trim())
		.filter(line => line !== '' && !line.startsWith('Review all repository rules at'))
		.join(' ');
}
const NO_FILES = '--filter=blob:none';
function failureOf(result, [command = '']) {
	const fault = faultOf(result, command);
	return new GitError(fault, fault.kind === 'local' ? result.stderr.trim() : remoteLines(result.stderr));
}
function faultOf({ code, isLate, stdout, stderr }, command) {
	if (isLate)
		return { kind: 'passing', detail: 'it did not answer in time' };
	const own = ownLines(stderr);
	const full = /no space left|disk quota/i.test(own);
	if (full || typeof code !== 'number' || !/^(?:ls-remote|fetch|push)$/.test(command)) {
		const denied = /permission denied|read-only file/i.test(own);
		const exit = typeof code === 'number' ? `exit code ${code}` : String(code);
		return { kind: 'local', detail: full ? 'ENOSPC' : denied ? 'EACCES' : exit };
	}
	const words = remoteLines(stderr);
	const status = statusIn(own);
	const reason = refusalIn(stdout);
	const isPush = command === 'push';
	if (ARCHIVED.test(words))
		return { kind: 'forbidden', fault: 'archived' };
	const rule = ruleIn(words);
	if (rule)
		return { kind: 'refused', fault: rule };
	if (status === 429 || (status !== undefined && (0,failure.uD)(status)))
		return { kind: 'passing', detail: `HTTP ${status}` };
	const passing = PASSING.exec(words);
	if (passing)
		return { kind: 'passing', detail: `its words: ${passing[0]}` };
	if (NOT_ALLOWED.test(words) || (status === 403 && isPush && words === ''))
		return { kind: 'forbidden', fault: 'permission' };
	if (status !== undefined && status >= 300 && status < 400)
		return { kind: 'unknown', detail: `redirect, HTTP ${status}` };
	if (status === 403 && words !== '')
		return { kind: 'forbidden', fault: 'refused' };
	const unreadable = { kind: 'forbidden', fault: isPush ? 'token' : 'unreadable' };
	if (status === 401 || status === 403 || status === 404)
		return unreadable;
	if (status !== undefined)
		return { kind: 'unknown', detail: `HTTP ${status}` };
	if (reason !== undefined)
		return rejection(reason, words);
	const proxy = /could not resolve proxy|proxy connect aborted|(?:HTTP code|tunnel failed, response) (\d+)/i.exec(own);
	if (proxy) {
		const [detail, answer] = proxy;
		const fault = answer !== undefined ? 'refused' : /resolve/i.test(detail) ? 'unreachable' : 'no-tunnel';
		return { kind: 'proxy', fault, detail, passes: !answer || answer === '429' || (0,failure.uD)(Number(answer)) };
	}
	if (REDIRECTED.test(own))
		return { kind: 'unknown', detail: 'it answered with a redirect, and redirects are never followed' };
	if (/dumb http|http-push|DAV/.test(own))
		return { kind: 'unknown', detail: "the answer is not git's, but of something in between" };
	if (UNREADABLE.test(own))
		return unreadable;
	if (UNTRUSTED.test(own))
		return { kind: 'unknown', detail: 'git does not trust its certificate' };
	const broken = BROKEN.find(([pattern]) => pattern.test(own));
	return broken ? { kind: 'passing', detail: broken[1] } : { kind: 'unknown' };
}
function statusIn(own) {
	const found = /(?:The requested URL returned error:|RPC failed; HTTP) (\d{3})\b/.exec(own);
	return found ? Number(found[1]) : undefined;
}
function ownLines(stderr) {
	return stderr
		.split(/[\r\n]+/)
		.filter(line => /^(?:fatal|error): (?!remote )/.test(line))
		.map(line => line.replace(/'[^']*'|https?:\/\/\S+/g, "''"))
		.join('\n');
}
function refusalIn(stdout) {
	return /^!\t[^\t]*\t(\[[^\]]*\].*)$/m.exec(stdout)?.[1];
}
function rejection(reason, words) {
	const isFailed = /failed to update ref/i.test(reason);
	const said = isFailed ? words : reason;
	if (/fetch first|non-fast-forward|stale info|but expected|incorrect old value|reference already exists/i.test(said)) {
		return { kind: 'moved' };
	}
	if (IN_THE_WAY.test(reason)) {
		return { kind: 'refused', fault: 'in-the-way' };
	}
	if (/cannot lock ref|unable to (?:lock|create)/i.test(said))
		return { kind: 'moved', detail: 'the branch is locked' };
	if (isFailed)
		return { kind: 'moved' };
	if (/protected branch/i.test(reason))
		return { kind: 'refused', fault: 'protected' };
	if (/internal server error|timeout|try again/i.test(reason)) {
		return { kind: 'passing', detail: 'it could not take the push for the moment' };
	}
	return { kind: 'refused', fault: words === '' && !/hook declined|rule violations/i.test(reason) ? 'unsaid' : 'hook' };
}
const IN_THE_WAY = /exists; cannot create|directory file conflict|refname conflict/i;
const RULES = [
	[IN_THE_WAY, 'in-the-way'],
	[/push cannot contain secrets|GH009/i, 'secret'],
	[/verified signature|must be signed|commits? must have valid signatures/i, 'signature'],
	[/changes must be made through (?:a pull request|the merge queue)/i, 'pull-request'],
	[
		/(?:commit message|email(?: address)?) (?:must (?:not |match|start|end|contain)|does not match)|GH007/i,
		'commit-message'
	],
	[/cannot create ref|creations being restricted|creation of this branch/i, 'creation'],
	[/branch name must|file (?:path|extension|size)\b|GH001/i, 'form'],
	[/GH006|GH013|protected branch|protected ref|rule violations|cannot update this/i, 'protected']
];
function ruleIn(words) {
	return RULES.find(([pattern]) => pattern.test(words))?.[1];
}
const PASSING = /rate limit|abuse detection|internal server error|try again later/i;
const ARCHIVED = /archived so it is read-only|repository (?:was|has been|is) archived/i;
const NOT_ALLOWED = /write access to repository not granted|permission to \S+ denied to|refusing to allow|not permitted to push/i;
const REDIRECTED = /unable to update url base from redirection|redirect/i;
const UNREADABLE = /could not read username|could not read password|authentication failed|terminal prompts disabled|does not appear to be a git repository|not found|could not read from remote repository/i;
const UNTRUSTED = /certificate|self.signed|unable to get local issuer|CAfile/i;
const BROKEN = [
	[/could not resolve host|name or service not known/i, 'its name could not be looked up'],
	[
		/failed to connect|couldn't connect|connection refused|no route to host|network is unreachable/i,
		'no connection could be opened'
	],
	[/timed out|timeout|operation too slow/i, 'it did not answer in time'],
	[/ssl|tls|handshake/i, 'TLS could not be started'],
	[
		/reset|broken pipe|early eof|hung up|unexpected disconnect|transfer closed|empty reply|recv failure|send failure|stream|curl \d+|invalid index-pack|bad pack header|pack-objects died/i,
		'the connection broke off'
	]
];

var dist = __webpack_require__(334);
;

function requireSafeSvg(text, quote) {
	const fault = safety_faultOf(text);
	if (!fault)
		return;
	const { found } = fault;
	throw action_error.lZ.of('card-unsafe', { fault: fault.fault, found: found === undefined ? undefined : quote(found) });
}
function safety_faultOf(text) {
	let document;
	try {
		document = (0,dist.parseXml)(text, { preserveCdata: true, preserveComments: true, preserveDocumentType: true });
	}
	catch {
		return /^<(?:!DOCTYPE svg[\s>]|svg[\s/>])/.test(withoutProlog(text)) ? NOT_WELL_FORMED : NOT_SVG;
	}
	const { root } = document;
	if (!root || !/^(?:[^:]*:)?svg$/.test(root.name))
		return NOT_SVG;
	const encoding = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)/.exec(text)?.[1] ?? 'utf-8';
	if (!/^(?:utf-8|us-ascii)$/i.test(encoding))
		return { fault: 'not-svg', found: `encoding ${encoding}` };
	return faultAround(document) ?? faultInElements(root);
}
const NOT_SVG = { fault: 'not-svg' };
const NOT_WELL_FORMED = { fault: 'not-well-formed' };
function withoutProlog(text) {
	let rest = text
		.trimStart()
		.replace(/^<\?xml[^>]*>/, '')
		.trimStart();
	for (let end = 0; end >= 0 && rest.startsWith('<!--');) {
		end = rest.indexOf('-->');
		rest = rest.slice(end + 3).trimStart();
	}
	return rest;
}
function faultAround({ children }) {
	for (const node of children) {
		const fault = faultInMarkup(node);
		if (fault)
			return fault;
		if (!(node instanceof dist.XmlDocumentType))
			continue;
		const isKnown = /^(?:https?:\/\/www\.w3\.org\/|$)/.test(node.systemId ?? '');
		if (node.name !== 'svg' || node.internalSubset !== null || !isKnown) {
			return { fault: 'not-svg', found: `<!DOCTYPE ${node.name}` };
		}
	}
	return undefined;
}
function faultInMarkup(node) {
	if (node instanceof dist.XmlProcessingInstruction)
		return active(`<?${node.name}`);
	if (node instanceof dist.XmlComment && /^-?>|</.test(node.content))
		return active(`<!--${node.content}`);
	return node instanceof dist.XmlCdata && node.text.includes('<') ? active(`<![CDATA[${node.text}`) : undefined;
}
const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';
const MAX_NAMESPACES = 50;
function faultInElements(root) {
	const known = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);
	const waiting = [{ element: root, outer: known }];
	for (let next = waiting.pop(); next; next = waiting.pop()) {
		const { element, outer } = next;
		const own = declared(element);
		const namespaces = own.length === 0 ? outer : new Map([...outer, ...own]);
		if (namespaces.size > MAX_NAMESPACES)
			return { fault: 'not-svg', found: `${namespaces.size} namespaces` };
		if (!isNamed(element, namespaces))
			return NOT_WELL_FORMED;
		const namespace = namespaces.get(prefix(element.name)) ?? '';
		if (element === root && namespace !== '' && namespace !== SVG_NAMESPACE)
			return NOT_SVG;
		const fault = faultInElement(element, namespace);
		if (fault)
			return fault;
		for (const child of element.children) {
			const inMarkup = faultInMarkup(child);
			if (inMarkup)
				return inMarkup;
			if (child instanceof dist.XmlElement)
				waiting.push({ element: child, outer: namespaces });
		}
	}
	return undefined;
}
function declared({ attributes }) {
	return Object.entries(attributes).flatMap(([name, value]) => name === 'xmlns' ? [['', value]] : name.startsWith('xmlns:') ? [[name.slice(6), value]] : []);
}
function isNamed({ name, attributes }, namespaces) {
	const names = Object.keys(attributes).filter(each => each.includes(':') && !each.startsWith('xmlns:'));
	const whole = names.map(each => `${namespaces.get(prefix(each))} ${each.slice(each.indexOf(':') + 1)}`);
	return (new Set(whole).size === names.length &&
		[name, ...names].every(each => !/:.*:/.test(each) && (prefix(each) === '' || namespaces.has(prefix(each)))));
}
const ACTIVE_ELEMENTS = new Set([
	...['script', 'foreignobject', 'handler', 'listener', 'iframe', 'frame', 'object', 'embed', 'applet', 'link', 'meta'],
	...['base', 'audio', 'video', 'source', 'canvas', 'form', 'input', 'button', 'html', 'body', 'img', 'portal']
]);
const REFERENCES = new Set([
	...['href', 'src', 'srcset', 'srcdoc', 'data', 'poster', 'action', 'formaction', 'ping', 'background', 'base'],
	...['codebase', 'archive', 'manifest', 'imagesrcset', 'attributionsrc', 'cite', 'longdesc']
]);
const LISTS = new Set(['srcset', 'imagesrcset', 'attributionsrc', 'ping', 'archive']);
function faultInElement(element, namespace) {
	const name = localName(element.name);
	if (namespace === XHTML_NAMESPACE || ACTIVE_ELEMENTS.has(name))
		return active(`<${element.name}>`);
	for (const [attribute, value] of Object.entries(element.attributes)) {
		if (attribute === 'xmlns' || attribute.startsWith('xmlns:'))
			continue;
		const local = localName(attribute);
		if (local.startsWith('on'))
			return active(attribute);
		if (REFERENCES.has(local)) {
			const stays = LISTS.has(local) ? /^#[^\s,]*$/.test(value) : isLocal(value, name);
			if (!stays)
				return active(`${attribute}="${value}"`);
		}
		const animated = localName(value.replace(/\s/g, ''));
		if (local === 'attributename' && (animated.startsWith('on') || REFERENCES.has(animated))) {
			return active(`${attribute}="${value}"`);
		}
		const fault = faultInStyle(value, name);
		if (fault)
			return fault;
	}
	if (name !== 'style')
		return undefined;
	const css = element.children.map(child => (child instanceof dist.XmlText ? child.text : '')).join('');
	return /<[/!]/.test(css) ? active(css) : faultInStyle(css, name);
}
function faultInStyle(raw, element) {
	const css = raw.replace(/\r\n?|\f/g, '\n');
	const fault = faultInCss(css, element);
	return fault || !css.includes('/*') ? fault : faultInCss(css.replace(/\/\*[^]*?(?:\*\/|$)/g, ''), element);
}
function faultInCss(css, element) {
	const plain = css.replace(/\\(?:([\da-f]{1,6})[\t\n ]?|\n|([^]))/gi, (_, code, character) => code === undefined ? (character ?? '') : character_(Number.parseInt(code, 16)));
	const banned = /@import|(?:image-set|image|cross-fade|expression)\s*\(|-moz-binding|(?:^|[;{\s])behavior\s*:/i.exec(plain);
	if (banned)
		return active(banned[0]);
	for (const [found, , , target = ''] of plain.matchAll(/(?:\burl|\bsrc)\([\t\n ]*((["'])|)([^"')]*)/gi)) {
		if (!isLocal(target, element))
			return active(found);
	}
	return undefined;
}
function character_(code) {
	return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
function isLocal(reference, element) {
	const target = reference.replace(/[\t\n\r]/g, '').replace(/^[\0- ]+/, '');
	if (target.startsWith('#'))
		return true;
	const type = /^data:([^,;]*)/i.exec(target)?.[1]?.trim().toLowerCase();
	if (type === undefined)
		return false;
	if (type === 'image/svg+xml')
		return element === 'image' || element === 'feimage';
	return !/html|xml|script|css|pdf|flash/.test(type);
}
function localName(name) {
	return name.slice(name.indexOf(':') + 1).toLowerCase();
}
function prefix(name) {
	return name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
}
function active(found) {
	return { fault: 'active', found };
}

;

async function runCard(world, limits = CARD_LIMITS) {
	await (0,run.eg)(world, async (session) => {
		const taken = takeInputs(session);
		const files = (0,runner_files.lY)(['GITHUB_OUTPUT'], world.environment, world.files);
		session.files = files;
		const { repository, server } = findRepository(session);
		const inputs = taken.branch === '' ? { ...taken, branch: branchCheckedOut(world, repository) } : taken;
		const told = { host: session.quote(hostOf(server)), repository: session.quote(repository) };
		if (inputs.pushToken === '')
			throw forbidden('no-token', told);
		if (!/^[\w.~+/-]+=*$/.test(inputs.pushToken))
			throw forbidden('token', told);
		const use = async (folder, signal) => {
			const options = { environment: world.environment, folder, server, repository, signal };
			const git = await Git.create({ ...options, token: inputs.pushToken, deadlineMs: limits.commandMs }).catch((error) => {
				throw error instanceof GitError ? localFailure(session, error) : error;
			});
			const granted = await obtainToken(session, inputs.access);
			const subject = { ...granted, repository: inputs.repository === '' ? nameIn(repository) : inputs.repository };
			const card = await fetchCard(session, inputs, subject);
			warnOfPublication(session, subject, repository);
			const publication = new Publication(session, git, inputs, told, limits);
			const committed = await publication.publish(card.replace(/\r+\n/g, '\n'), commitMessage(subject, server, world.environment));
			tell(session, files, inputs, committed);
			world.disk.remove(folder);
		};
		const detail = 'the job was cancelled';
		const cancelled = action_error.lZ.of('git-unavailable', { attempts: 1, host: told.host, detail });
		await (0,runner_files ._z)(world.disk, 'vaunt-card-', folder => untilCancelled(signal => use(folder, signal), cancelled));
	});
}
const CARD_LIMITS = {
	pushesMs: 180_000,
	commandMs: 60_000,
	pauseMs: 20_000,
	firstPauseMs: 400,
	growth: 1.6,
	faults: 6
};
const CARD_BYTES = 5 * 1_048_576;
function takeInputs(session) {
	const { core } = session.world;
	const read = (name) => core.getInput(name).trim();
	const pushToken = core.getInput('github-token').trim();
	maskLong(session, pushToken);
	const problems = [];
	const access = (0,action_error.Fo)(problems, () => takeAccess(session));
	const [repository, limit] = [read('repository'), read('limit') || '10'];
	const path = read('path') || '.vaunt/cards/contributors.svg';
	const branch = read('branch').replace(/^refs\/heads\/(?=.)/, '');
	const check = (input, isGood, value) => {
		if (isGood)
			return;
		problems.push({ input, error: action_error.lZ.of('step-input-invalid', { input, value: session.quote(value) }) });
	};
	check('repository', repository === '' || isRepositoryName(repository), repository);
	check('limit', /^(?:[1-9]\d?|100)$/.test(limit), limit);
	check('path', isCardPath(path), path);
	check('branch', branch === '' || isBranchName(branch), branch);
	(0,action_error.EE)(problems);
	if (!access)
		throw new TypeError('no access and no problem');
	return { access, repository, limit, path, branch, pushToken };
}
function isRepositoryName(name) {
	return /^[\w.-]{1,100}$/.test(name) && name !== '.' && name !== '..';
}
function isCardPath(path) {
	const segments = path.split('/');
	return (path.length <= 255 &&
		path.endsWith('.svg') &&
		!/[\p{C}\\:*?"<>|#]/u.test(path) &&
		segments.every(segment => !/^(?:\.{0,2}|\.git|git~\d|(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³])(?:\..*)?|\s.*|.*[\s.])$/i.test(segment)));
}
function isBranchName(name) {
	return (name.length <= 200 &&
		!/[\p{Cc}\p{Cf}\p{Cs} ~^:?*[\\]|\.\.|@\{/u.test(name) &&
		!/^-|^@$|^HEAD$|^refs\/|\.$/.test(name) &&
		name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')));
}
function findRepository({ world, quote }) {
	const { GITHUB_REPOSITORY: repository = '', GITHUB_SERVER_URL: server = '' } = world.environment;
	for (const [variable, value] of [
		['GITHUB_REPOSITORY', repository],
		['GITHUB_SERVER_URL', server]
	]) {
		if (value === '')
			throw action_error.lZ.of('runner-files-unusable', { variable, detail: undefined });
	}
	if (!/^(?:https|file):\/\//.test(server))
		throw action_error.lZ.of('git-unavailable', { attempts: 1, host: quote(server), detail: 'its address is not https://' });
	return { repository, server: server.replace(/(?<!\/)\/+$/, '') };
}
function nameIn(repository) {
	return repository.slice(repository.indexOf('/') + 1);
}
function hostOf(server) {
	return URL.parse(server)?.host ?? server;
}
async function fetchCard(session, { access, limit }, { token, entity, repository }) {
	const client = (0,obtain.UU)(session, { ...retry.b, bodyBytes: CARD_BYTES });
	try {
		const { body } = await (0,request.g)({
			client,
			vauntApiUrl: access.vauntApiUrl,
			path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories/${encodeURIComponent(repository)}/contributors?format=svg&limit=${limit}`,
			bearer: token,
			accept: 'image/svg+xml',
			quote: session.quote,
			asked: `the contributors card of ${session.quote(`${entity}/${repository}`)}`,
			entity,
			repository
		});
		requireSafeSvg(body, session.quote);
		return body;
	}
	finally {
		client.close();
	}
}
function warnOfPublication({ world, quote }, { entity, repository }, here) {
	const isOwn = `${entity}/${repository}`.toLowerCase() === here.toLowerCase();
	if (isOwn || !(0,inputs.GQ)(world.environment, world.readFile))
		return;
	world.core.warning(`This repository is public, so anyone can see who contributes to ${quote(`${entity}/${repository}`)}. ` +
		'If that repository is private, commit its card to a private repository.');
}
function commitMessage({ entity, repository }, server, environment) {
	const run = `${server}/${environment['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${environment['GITHUB_RUN_ID'] ?? '0'}`;
	return `Update the contributors card of ${entity}/${repository}\n\nMade by Vaunt; committed by ${run}\n`;
}
function forbidden(fault, { repository }) {
	return action_error.lZ.of('push-forbidden', { fault, repository, attempts: 1 });
}
function localFailure({ quote }, { fault, words }) {
	const detail = fault.kind === 'local' ? fault.detail : '';
	return (0,action_error.xU)(detail) === undefined
		? action_error.lZ.of('git-missing', { detail: `${quote(`${detail} ${words}`.trim())}` })
		: action_error.lZ.of('runner-files-unusable', { variable: 'RUNNER_TEMP', detail });
}
class Publication {
	#session;
	#git;
	#inputs;
	#told;
	#limits;
	#startedAt;
	#branch;
	#pushes = 0;
	#faults = 0;
	#pushed = [];
	constructor(session, git, inputs, told, limits) {
		this.#session = session;
		this.#git = git;
		this.#inputs = inputs;
		this.#told = told;
		this.#limits = limits;
		this.#branch = inputs.branch;
		this.#startedAt = session.world.uptime();
	}
	async publish(card, message) {
		for (;;) {
			try {
				const blob = (await this.#git.run(['hash-object', '-w', '--no-filters', '--stdin'], card)).trim();
				return { branch: await this.#findBranch(), commit: await this.#commit(blob, message) };
			}
			catch (error) {
				if (!(error instanceof GitError))
					throw error;
				await this.#pauseAfter(error);
			}
		}
	}
	async #findBranch() {
		if (this.#branch !== '')
			return this.#branch;
		const listed = await this.#git.run(['ls-remote', '--symref', 'origin', 'HEAD']);
		this.#branch = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(listed)?.[1] ?? '';
		if (this.#branch === '') {
			await this.#git.asks(['fetch', '--depth=1', 'origin', '1'.repeat(40)], /not our ref|unadvertised|no matching/);
			throw forbidden('no-branch', this.#told);
		}
		return this.#branch;
	}
	async #commit(blob, message) {
		const git = this.#git;
		const { path } = this.#inputs;
		const reference = `refs/heads/${this.#branch}`;
		const listed = await git.run(['ls-remote', 'origin', reference]);
		const tip = listed.split('\n').find(line => line.endsWith(`\t${reference}`));
		if (tip !== undefined) {
			const depth = this.#pushed.length === 0 ? 1 : 50;
			await git.run(['fetch', '--quiet', `--depth=${depth}`, '--no-tags', NO_FILES, 'origin', `+${reference}:${TIP}`]);
			for (const commit of this.#pushed) {
				if (await git.asks(['merge-base', '--is-ancestor', commit, TIP]))
					return commit;
			}
			if (await git.asks(['rev-parse', '--quiet', '--verify', `${TIP}:${path}`])) {
				if ((await git.run(['rev-parse', '--verify', `${TIP}:${path}`])).trim() === blob)
					return undefined;
			}
		}
		await git.run(['read-tree', ...(tip === undefined ? ['--empty'] : [TIP])]);
		await this.#requireUnfiltered();
		const isAdded = await git.asks(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], /appears as both/);
		const alike = await git.run(['ls-files', '-z', '--', `:(icase,literal)${path}`]);
		if (!isAdded || alike !== `${path}\0`)
			throw this.#pathUnusable('taken');
		const tree = (await git.run(['write-tree', '--missing-ok'])).trim();
		const parent = tip === undefined ? [] : ['-p', TIP];
		const commit = (await git.run(['commit-tree', tree, ...parent, '-F', '-'], message)).trim();
		this.#pushes++;
		this.#pushed.push(commit);
		await git.run(['push', '--quiet', '--porcelain', 'origin', `${commit}:${reference}`]);
		return commit;
	}
	async #requireUnfiltered() {
		const listed = await this.#git.run([
			'check-attr',
			'--cached',
			'-z',
			'filter',
			'working-tree-encoding',
			'ident',
			'--',
			this.#inputs.path
		]);
		const values = listed.split('\0').filter((_, index) => index % 3 === 2);
		if (values.some(value => value !== 'unspecified' && value !== 'unset'))
			throw this.#pathUnusable('filtered');
	}
	async #pauseAfter(error) {
		const { fault } = error;
		const { world } = this.#session;
		const passes = fault.kind === 'passing' || (fault.kind === 'proxy' && fault.passes);
		if (passes)
			this.#faults++;
		else
			this.#pushed.pop();
		const turn = this.#pushes + this.#faults;
		const waitMs = Math.random() * Math.min(this.#limits.pauseMs, this.#limits.firstPauseMs * this.#limits.growth ** turn);
		const isLate = world.uptime() - this.#startedAt + waitMs > this.#limits.pushesMs;
		const canHeal = fault.kind === 'moved' || (passes && this.#faults < this.#limits.faults);
		if (!canHeal || isLate)
			throw this.#failure(error);
		const reason = ('detail' in fault ? fault.detail : undefined) ?? 'someone else pushed first';
		world.core.info(`${this.#told.host} (git): ${reason}. Retrying in ${(waitMs / 1000).toFixed(1)} s.`);
		await (0,promises_.setTimeout)(waitMs);
	}
	#failure(error) {
		const { fault, words } = error;
		const { quote, world } = this.#session;
		const { host, repository } = this.#told;
		const branch = quote(this.#branch);
		const trail = { attempts: this.#faults, words: words === '' ? undefined : quote(words) };
		switch (fault.kind) {
			case 'forbidden':
				return action_error.lZ.of('push-forbidden', { ...trail, fault: fault.fault, repository });
			case 'refused':
				return action_error.lZ.of('push-refused', { ...trail, fault: fault.fault, branch });
			case 'moved': {
				if (fault.detail !== undefined)
					break;
				const seconds = Math.round((world.uptime() - this.#startedAt) / 1000);
				return action_error.lZ.of('branch-busy', { branch, pushes: this.#pushes, seconds });
			}
			case 'local':
				return localFailure(this.#session, error);
			case 'proxy':
				return this.#proxyFailure(fault);
		}
		return action_error.lZ.of('git-unavailable', { ...trail, host, detail: fault.detail });
	}
	#proxyFailure({ fault, detail }) {
		const { quote, world } = this.#session;
		const proxy = (0,network_proxy.iJ)(new URL(this.#git.address), this.#git.environment, world.nodeVersion);
		const isKnown = proxy instanceof URL;
		const asked = isKnown && proxy.username !== '' ? 'credentials-wrong' : 'credentials-missing';
		return action_error.lZ.of('proxy-failed', {
			fault: detail?.endsWith(' 407') ? asked : fault,
			detail,
			attempts: this.#faults,
			host: this.#told.host,
			proxyHost: isKnown ? quote(proxy.host) : undefined
		});
	}
	#pathUnusable(fault) {
		const { quote } = this.#session;
		return action_error.lZ.of('card-path-unusable', { fault, path: quote(this.#inputs.path), branch: quote(this.#branch) });
	}
}
const TIP = 'refs/vaunt/tip';
function tell(session, files, inputs, { branch, commit }) {
	const { path } = inputs;
	const { quote, world } = session;
	const { core } = world;
	(0,run.n0)(session, files, [
		['changed', String(commit !== undefined)],
		['commit', commit]
	]);
	core.info(commit === undefined
		? `The card at ${quote(path)} on ${quote(branch)} is up to date.`
		: `Committed the card to ${quote(path)} on ${quote(branch)} (${commit.slice(0, 12)}).`);
}
function branchCheckedOut({ environment, readFile }, repository) {
	const folder = `${environment['GITHUB_WORKSPACE'] ?? ''}/.git`;
	try {
		const urls = readFile(`${folder}/config`).matchAll(/^\s*url\s*=\s*(\S+?)(?:\.git)?\/?\s*$/gm);
		const isOurs = Array.from(urls, ([, url = '']) => url.toLowerCase()).some(url => url.endsWith(`/${repository.toLowerCase()}`));
		const branch = /^ref: refs\/heads\/(.+)$/m.exec(readFile(`${folder}/HEAD`))?.[1] ?? '';
		return isOurs && isBranchName(branch) ? branch : '';
	}
	catch {
		return '';
	}
}

;

async function runReport(world) {
	await (0,run.eg)(world, async (session) => {
		const access = takeAccess(session);
		const files = (0,runner_files.lY)(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'], world.environment, world.files);
		session.files = files;
		await (0,runner_files ._z)(world.disk, 'vaunt-repositories-', async (folder) => {
			const { token, entity } = await obtainToken(session, access);
			const client = (0,obtain.UU)(session, { ...retry.b, bodyBytes: PAGE_BYTES, actionMs: ALL_PAGES_MS });
			try {
				const found = await fetchAll({ session, client, vauntApiUrl: access.vauntApiUrl, token, entity });
				const repositories = withoutSecrets(found, session);
				report(session, files, `${folder}/repositories.json`, { entity, repositories });
			}
			finally {
				client.close();
			}
		});
	});
}
const PAGE_LENGTH = 100;
const MAX_PAGES = 1000;
const MAX_CURSOR_LENGTH = 1024;
const PAGE_BYTES = 5 * 1_048_576;
const ALL_PAGES_MS = 600_000;
const NO_DATA = 2;
async function fetchAll(source) {
	const repositories = new Map();
	const seen = new Set();
	let cursor = '';
	for (let number = 1; number <= MAX_PAGES; number++) {
		const page = await fetchPage(source, cursor, number);
		for (const repository of page.repositories) {
			const name = repository.name.toLowerCase();
			if (!repositories.has(name))
				repositories.set(name, repository);
		}
		cursor = page.nextCursor;
		if (page.repositories.length === 0 || cursor === '')
			return [...repositories.values()];
		if (seen.has(cursor))
			throw unexpected(`page ${number} of the repositories, which leads back to an earlier page`);
		seen.add(cursor);
	}
	throw unexpected(`the repositories, of which there are more than ${MAX_PAGES} pages`);
}
function withoutSecrets(repositories, { redact }) {
	const texts = [];
	try {
		JSON.stringify(repositories, (name, value) => {
			texts.push(name, typeof value === 'string' ? value : '');
			return value;
		});
	}
	catch {
		throw unexpected('the repositories, which are nested too deeply');
	}
	const all = texts.join('\n');
	if (redact(all) === all)
		return repositories;
	return repositories.map(({ name, ...others }) => ({ ...redactedIn(others, redact), name: redact(name) }));
}
function redactedIn(object, redact) {
	return Object.fromEntries(Object.entries(object).map(([name, value]) => [
		redact(name),
		redacted(value, redact)
	]));
}
function redacted(value, redact) {
	if (typeof value === 'string')
		return redact(value);
	if (Array.isArray(value))
		return value.map(each => redacted(each, redact));
	return typeof value === 'object' && value !== null ? redactedIn(value, redact) : value;
}
async function fetchPage(source, cursor, number) {
	const { session, client, vauntApiUrl, token, entity } = source;
	const asked = `page ${number} of the repositories of ${session.quote(entity)}`;
	const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`;
	const { status, json } = await (0,request.g)({
		client,
		vauntApiUrl,
		path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories?limit=${PAGE_LENGTH}${after}`,
		bearer: token,
		accept: 'application/json',
		quote: session.quote,
		asked,
		entity,
		mayBeMissing: number > 1
	});
	if (status === 404)
		return { repositories: [], nextCursor: '' };
	if (json === undefined)
		throw unexpected(asked, 'not-json');
	const page = readPage(json);
	if (!page)
		throw unexpected(asked);
	return page;
}
function unexpected(asked, surprise = 'not-described') {
	return action_error.lZ.of('vaunt-unexpected', { attempts: 1, asked, surprise, status: 200 });
}
function readPage(json) {
	const data = (0,untrusted_json.M)(json, 'data');
	if (data === undefined && (0,untrusted_json.M)((0,untrusted_json.M)(json, 'error'), 'code') !== NO_DATA)
		return undefined;
	const repositories = data ?? [];
	const nextCursor = (0,untrusted_json.M)(json, 'next_cursor') ?? (0,untrusted_json.M)((0,untrusted_json.M)(json, 'meta_data'), 'next_cursor') ?? '';
	if (!Array.isArray(repositories) || !repositories.every(isRepository))
		return undefined;
	if (typeof nextCursor !== 'string' || nextCursor.length > MAX_CURSOR_LENGTH || !nextCursor.isWellFormed()) {
		return undefined;
	}
	return { repositories, nextCursor };
}
function isRepository(value) {
	return typeof (0,untrusted_json.M)(value, 'name') === 'string';
}
function report(session, files, file, { entity, repositories }) {
	const { core, disk, environment, readFile } = session.world;
	const count = repositories.length;
	const privateCount = repositories.filter(repository => (0,untrusted_json.M)(repository, 'private') === true).length;
	(0,runner_files ._h)(disk, file, `${JSON.stringify({ entity, count, repositories }, null, 2)}\n`);
	const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_SERVER_URL: server = 'https://github.com' } = environment;
	files.write('GITHUB_STEP_SUMMARY', () => {
		disk.append(summary, render(entity, repositories, server));
	});
	(0,run.n0)(session, files, [
		['count', String(count)],
		['private-count', String(privateCount)],
		['file', file]
	]);
	core.info(`Vaunt lists ${counted(count)} of ${session.quote(entity)} (${privateCount} private).`);
	if (privateCount === 0 || !(0,inputs.GQ)(environment, readFile))
		return;
	core.warning(`This repository is public, so anyone can read the summary of this run, with the names of private repositories (${privateCount}). ` +
		'Create the report in a private repository.');
}
function counted(count) {
	return count === 1 ? '1 repository' : `${count} repositories`;
}
const MAX_SUMMARY_BYTES = 900_000;
const MAX_CELL_LENGTH = 100;
function render(entity, repositories, server) {
	const heading = `## Repositories of ${repositories_report_text(entity)}\n\n`;
	if (repositories.length === 0)
		return `${heading}Vaunt lists no repositories.\n`;
	const columns = '| Repository | Visibility | Language | Stars | Forks | Open issues |\n';
	const alignment = '| --- | --- | --- | ---: | ---: | ---: |\n';
	let table = `${heading}${counted(repositories.length)}.\n\n${columns}${alignment}`;
	let bytes = Buffer.byteLength(table);
	for (const [index, repository] of repositories.entries()) {
		const row = `| ${cells(repository, entity, server).join(' | ')} |\n`;
		bytes += Buffer.byteLength(row);
		if (bytes > MAX_SUMMARY_BYTES) {
			return `${table}\nNot shown here: ${counted(repositories.length - index)}. The JSON file lists all of them.\n`;
		}
		table += row;
	}
	return table;
}
function cells(repository, entity, server) {
	const [isPrivate, language] = [(0,untrusted_json.M)(repository, 'private'), (0,untrusted_json.M)(repository, 'language')];
	return [
		repositories_report_link(server, entity, repository.name),
		isPrivate === true ? 'private' : isPrivate === false ? 'public' : '',
		typeof language === 'string' ? repositories_report_text(language) : '',
		...['stars', 'forks', 'open_issues']
			.map(name => (0,untrusted_json.M)(repository, name))
			.map(count => (Number.isSafeInteger(count) ? String(count) : ''))
	];
}
function repositories_report_link(server, entity, name) {
	const label = `<code>${repositories_report_text(name)}</code>`;
	const isName = /^[\w.-]{1,100}$/.test(name) && !/^\.{1,2}$/.test(name);
	return isName && /^https:\/\/[\w.:-]+$/.test(server) ? `<a href="${server}/${entity}/${name}">${label}</a>` : label;
}
function repositories_report_text(raw) {
	const visible = raw
		.toWellFormed()
		.replace(/[\p{C}\p{Z}]+/gu, ' ')
		.trim();
	const characters = Array.from(visible);
	const clipped = characters.slice(0, MAX_CELL_LENGTH);
	if (clipped.length < characters.length)
		clipped.push('…');
	return clipped.map(sign => (/^[\p{L}\p{M}\p{N} …-]$/u.test(sign) ? sign : `&#${sign.codePointAt(0) ?? 0};`)).join('');
}

;

const steps = {
	'contributors-card': world => runCard(world),
	'repositories-report': world => runReport(world)
};

	})

};
