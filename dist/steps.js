export const id = 677;
export const ids = [677];
export const modules = {

	5677:
	((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);

__webpack_require__.d(__webpack_exports__, {
	steps: () => ( steps)
});

var action_error = __webpack_require__(9481);
var inputs = __webpack_require__(9205);
var retry = __webpack_require__(8904);
var runner_files = __webpack_require__(869);
var run = __webpack_require__(2074);
var obtain = __webpack_require__(7888);
var request = __webpack_require__(7983);
var claims = __webpack_require__(5051);
var exchange = __webpack_require__(7405);
;

const WAYS = ['pat', 'token', 'sealed-token'];
function takeAccess(session, isOptional = false) {
	const { core, environment } = session.world;
	const given = WAYS.filter(name => core.getInput(name).trim() !== '');
	const token = core.getInput('token').trim();
	const raw = (0,inputs.Ko)(name => core.getInput(name), environment);
	const pat = given.includes('pat') ? core.getInput('pat').trim() : raw.pat;
	(0,run.aY)(session, { ...raw, pat });
	maskLong(session, token);
	if (given.length > 1)
		throw new action_error.G([{ input: given.join(', '), error: action_error.lZ.of('token-ambiguous', { given }) }]);
	const isNone = raw.pat === '' && given.length === 0 && raw['seal-key'] === '';
	if (isOptional && isNone)
		return { way: { mode: 'none' }, ...checkQuestion(raw, raw.entity, session) };
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
	const owner = session.world.environment['GITHUB_REPOSITORY_OWNER'] ?? '';
	if (way.mode === 'none')
		return { token: undefined, entity: spelled(entity, owner) };
	if (way.mode === 'mint')
		return await (0,obtain.W$)(session, way);
	if (way.mode === 'open') {
		(0,obtain.Fg)(session.world);
		const opened = await (0,obtain.Mg)(session, way);
		return { token: opened.token, entity: spelled(entity, opened.entity) };
	}
	session.during = 'reading the token';
	try {
		(0,claims.Yq)(way.token, { attempts: 0 });
	}
	catch (error) {
		throw action_error.lZ.of('token-malformed', { fault: 'not-a-jwt' }, error);
	}
	return { token: way.token, entity: spelled(entity, owner) };
}
function spelled(entity, known) {
	return entity === '' || entity.toLowerCase() === known.toLowerCase() ? known : entity;
}

var promises_ = __webpack_require__(8500);
var dist = __webpack_require__(334);
;

function readContents(card) {
	let root;
	try {
		root = (0,dist.parseXml)(card, { sortAttributes: true, includeOffsets: true }).root;
	}
	catch {
		return undefined;
	}
	if (root?.name !== 'svg')
		return undefined;
	const tiles = tilesIn(root);
	const contributors = tiles.map(({ name, count, image }) => ({
		name: name.text.trim(),
		count: count.text.trim(),
		picture: image && { address: addressOf(image), start: image.start, end: image.end }
	}));
	for (const { name, count, image } of tiles) {
		name.text = '';
		count.text = '';
		for (const attribute of ADDRESSES)
			if (image?.attributes[attribute])
				image.attributes[attribute] = '';
	}
	return { contributors, drawing: drawingOf(root) };
}
const ADDRESSES = ['href', 'xlink:href'];
function addressOf({ attributes }) {
	return ADDRESSES.map(attribute => attributes[attribute]).find(address => address !== undefined) ?? '';
}
function isLabel({ text }) {
	return /^contributions?:?$/i.test(text.trim());
}
const COUNT = /^\d[\d.,]*[KkMm]?\+?$/;
function tilesIn(root) {
	const texts = [];
	const pictures = new Map();
	for (const node of nodesOf(root)) {
		if (node instanceof dist.XmlText && node.text.trim() !== '')
			texts.push(node);
		if (node instanceof dist.XmlElement && node.name === 'image')
			rememberPicture(node, pictures);
	}
	const labelsWithin = countWithin(texts.filter(isLabel));
	return texts.flatMap((label, at) => {
		if (!isLabel(label))
			return [];
		const [name, count] = [texts[at - 1], texts[at + 1]];
		if (!name || !count || !COUNT.test(count.text.trim()))
			return [];
		return [{ name, count, image: pictureBeside(label, pictures, labelsWithin) }];
	});
}
function rememberPicture(image, pictures) {
	for (let within = image.parent; within instanceof dist.XmlElement && !pictures.has(within); within = within.parent) {
		pictures.set(within, image);
	}
}
function countWithin(labels) {
	const counts = new Map();
	for (const label of labels) {
		for (let within = label.parent; within instanceof dist.XmlElement; within = within.parent) {
			const count = counts.get(within) ?? 0;
			if (count > 1)
				break;
			counts.set(within, count + 1);
		}
	}
	return counts;
}
function pictureBeside(label, pictures, labelsWithin) {
	for (let group = label.parent; group instanceof dist.XmlElement; group = group.parent) {
		if (labelsWithin.get(group) !== 1)
			return undefined;
		const picture = pictures.get(group);
		if (picture)
			return picture;
	}
	return undefined;
}
function* nodesOf(root) {
	const waiting = [root];
	while (waiting.length > 0) {
		const node = waiting.pop();
		yield node;
		if (!(node instanceof dist.XmlElement))
			continue;
		waiting.push(undefined);
		for (const child of node.children.toReversed()) {
			if (child instanceof dist.XmlElement || child instanceof dist.XmlText)
				waiting.push(child);
		}
	}
}
function drawingOf(root) {
	const parts = [];
	for (const node of nodesOf(root)) {
		if (!node)
			parts.push('end');
		else if (node instanceof dist.XmlText)
			parts.push(`text ${JSON.stringify(node.text)}`);
		else
			parts.push(`${node.name} ${JSON.stringify(node.attributes)}`);
	}
	return parts.join('\n');
}

;

function newsIn(before, after) {
	const now = readContents(after);
	const then = before === undefined ? undefined : readContents(before);
	if (!then || !now)
		return before === after ? undefined : { card: after, changes: ['The card is new.'] };
	const pairs = pairUp(then.contributors, now.contributors);
	const changes = [...changesOf(pairs), ...changesAround(then, now)];
	if (changes.length === 0)
		return undefined;
	return { card: withPictures(after, pairs), changes };
}
function pairUp(then, now) {
	const known = keyed(then);
	const pairs = [];
	for (const [key, contributor] of keyed(now)) {
		pairs.push({ then: known.get(key), now: contributor });
		known.delete(key);
	}
	return [...pairs, ...Array.from(known.values(), gone => ({ then: gone, now: undefined }))];
}
function keyed(contributors) {
	const seen = new Map();
	return new Map(contributors.map(contributor => {
		const number = (seen.get(contributor.name) ?? 0) + 1;
		seen.set(contributor.name, number);
		return [`${number} ${contributor.name}`, contributor];
	}));
}
function isBot({ name }) {
	return name.endsWith('[bot]');
}
function changesOf(pairs) {
	return pairs.flatMap(({ then, now }) => {
		if (!now)
			return then ? [`${then.name} is no longer on the card.`] : [];
		if (!then)
			return [`${now.name} is new on the card.`];
		if (isBot(now))
			return [];
		return [
			...(then.count === now.count ? [] : [`${now.name} has ${now.count} contributions (was ${then.count}).`]),
			...(saysPicture(then, now) ? [`${now.name} has a new picture.`] : [])
		];
	});
}
function saysPicture(then, now) {
	return !isEmpty(now) && then.picture?.address !== now.picture?.address;
}
function isEmpty({ picture }) {
	const address = picture?.address.trim();
	return address === '' || /^data:[^,]*,?$/.test(address ?? '');
}
function changesAround(then, now) {
	const people = ({ contributors }) => contributors.filter(contributor => !isBot(contributor)).map(({ name }) => name);
	const [before, after] = [people(then), people(now)];
	const isSame = before.length === after.length && before.every((name, index) => name === after[index]);
	const isReordered = !isSame && before.toSorted().join('\n') === after.toSorted().join('\n');
	return [
		...(isReordered ? ['The order of the contributors changed.'] : []),
		...(then.contributors.length === now.contributors.length && then.drawing !== now.drawing
			? ['The drawing changed.']
			: [])
	];
}
function withPictures(card, pairs) {
	const lost = pairs.flatMap(({ then, now }) => {
		const address = then?.picture?.address ?? '';
		return now?.picture && isEmpty(now) && EMBEDDED.test(address) ? [{ ...now.picture, address }] : [];
	});
	return lost
		.sort((one, other) => other.start - one.start)
		.reduce((text, { start, end, address }) => {
		const element = text.slice(start, end).replace(HREF, (_, attribute) => `${attribute}="${address}"`);
		return text.slice(0, start) + element + text.slice(end);
	}, card);
}
const EMBEDDED = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z\d+/=]+$/;
const HREF = /(?<=\s)((?:xlink:)?href)\s*=\s*(?:"[^"]*"|'[^']*')/;

var network_answer = __webpack_require__(2869);
;

class BranchMoved extends Error {
	name = 'BranchMoved';
	mayHaveArrived;
	constructor(mayHaveArrived) {
		super('the branch moved');
		this.mayHaveArrived = mayHaveArrived;
	}
}
function refusalOf(answer, asked) {
	const { status, trail, isOwnRefusal, host } = answer;
	if (status < 400 || !isOwnRefusal) {
		const surprise = status >= 300 && status < 400 ? 'redirect' : [401, 403, 404, 511].includes(status) ? 'foreign' : 'status';
		return action_error.lZ.of('github-unexpected', { ...trail, asked: asked.what, status, host, surprise });
	}
	const words = [(0,network_answer.v6)(answer.json), ...(0,network_answer.N6)(answer.json)].join(' ');
	const { repository, branch } = asked;
	const fault = forbids(words, status);
	if (fault === 'setting')
		return action_error.lZ.of('pull-request-forbidden', { ...trail, fault, repository });
	if (asked.request === 'pull-request' && (fault === 'permission' || fault === 'unknown')) {
		return action_error.lZ.of('pull-request-forbidden', { ...trail, fault, repository });
	}
	if (fault)
		return action_error.lZ.of('commit-forbidden', { ...trail, fault, repository });
	const rule = RULES.find(([pattern]) => pattern.test(words))?.[1];
	if (rule)
		return action_error.lZ.of('commit-refused', { ...trail, fault: rule, branch });
	if (MOVED.test(words))
		return new BranchMoved(trail.attempts > 1);
	if (asked.request === 'branch')
		return action_error.lZ.of('commit-refused', { ...trail, fault: 'unknown', branch });
	return action_error.lZ.of('github-unexpected', { ...trail, asked: asked.what, status, surprise: 'refused' });
}
function forbids(words, status) {
	if (status === 401)
		return 'token';
	if (/archived/i.test(words))
		return 'archived';
	if (/not permitted to create or approve pull requests/i.test(words))
		return 'setting';
	if (/not accessible by/i.test(words))
		return 'permission';
	if (status === 404)
		return 'not-found';
	return status === 403 && !RULES.some(([pattern]) => pattern.test(words)) ? 'unknown' : undefined;
}
const RULES = [
	[/through a pull request/i, 'pull-request'],
	[/verified signature|signed commit|must be signed/i, 'signature'],
	[/status checks? (?:"|.{0,200}\b(?:is|are) expected)|required status check/i, 'checks'],
	[/rule violation|protected|could not update file|reference update failed|hook/i, 'protected']
];
const MOVED = /not a fast.?forward|reference (?:already exists|cannot be updated|does not exist)|(?:is at|but expected) |already exists for|does not match|wasn't supplied|does not exist/i;

var untrusted_json = __webpack_require__(6250);
;

class Repository {
	#options;
	constructor(options) {
		this.#options = options;
	}
	get fullName() {
		const { owner, name, quote } = this.#options;
		return quote(`${owner}/${name}`);
	}
	quote(text) {
		return this.#options.quote(text);
	}
	async defaultBranch() {
		const asked = this.#about('read', '', 'the repository');
		const answer = await this.#send('GET /repos/{owner}/{repo}', {}, asked);
		return described(answer, repository_text(answer.json, 'default_branch'), asked);
	}
	async findTip(branch) {
		const asked = this.#about('read', branch, `the branch ${this.quote(branch)}`);
		const answer = await this.#ask('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` });
		if (isMissing(answer))
			return undefined;
		if (answer.status === 409 && answer.isOwnRefusal)
			return EMPTY;
		succeeded(answer, asked);
		const isExact = repository_text(answer.json, 'ref') === `refs/heads/${branch}`;
		return described(answer, isExact ? sha((0,untrusted_json.M)(answer.json, 'object')) : undefined, asked);
	}
	async readCommit(commit) {
		const asked = this.#about('read', '', 'a commit');
		const answer = await this.#send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: commit }, asked);
		const tree = sha((0,untrusted_json.M)(answer.json, 'tree'));
		const parents = (0,untrusted_json.M)(answer.json, 'parents');
		const shas = Array.isArray(parents) ? parents.map(sha).filter(parent => parent !== undefined) : [];
		return { tree: described(answer, tree, asked), parents: shas, message: repository_text(answer.json, 'message') ?? '' };
	}
	async readRoot(commit) {
		return (await this.#findFolder(commit)) ?? (await this.readFolder((await this.readCommit(commit)).tree));
	}
	async readFolder(tree) {
		const folder = await this.#findFolder(tree);
		if (folder)
			return folder;
		throw action_error.lZ.of('commit-forbidden', { fault: 'not-found', repository: this.fullName, attempts: 1 });
	}
	async #findFolder(tree) {
		const asked = this.#about('read', '', 'a folder');
		const answer = await this.#ask('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { tree_sha: tree });
		if (isMissing(answer))
			return undefined;
		succeeded(answer, asked);
		const listed = (0,untrusted_json.M)(answer.json, 'tree');
		const isWhole = Array.isArray(listed) && (0,untrusted_json.M)(answer.json, 'truncated') !== true;
		const entries = isWhole ? listed.map(entryOf).filter(entry => entry !== undefined) : undefined;
		return { sha: sha(answer.json) ?? tree, entries: described(answer, entries, asked) };
	}
	async readFile(commit, path) {
		const asked = this.#about('read', '', 'the card in this repository');
		const answer = await this.#ask('GET /repos/{owner}/{repo}/contents/{path}', { path, ref: commit });
		if (isMissing(answer))
			return undefined;
		succeeded(answer, asked);
		if (repository_text(answer.json, 'type') !== 'file')
			return undefined;
		if (repository_text(answer.json, 'encoding') === 'base64')
			return decoded(answer);
		const blob = described(answer, sha(answer.json), asked);
		return decoded(await this.#send('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: blob }, asked));
	}
	async createCommit({ baseTree, path, text: content, ...commit }) {
		const asked = this.#about('object', '', 'the new commit');
		const tree = await this.#send('POST /repos/{owner}/{repo}/git/trees', { tree: [{ path, mode: '100644', type: 'blob', content }], ...(baseTree && { base_tree: baseTree }) }, asked);
		const made = await this.#send('POST /repos/{owner}/{repo}/git/commits', { ...commit, ...this.#authorship(), tree: described(tree, sha(tree.json), asked) }, asked);
		return described(made, sha(made.json), asked);
	}
	async createBranch(branch, commit) {
		const asked = this.#about('branch', branch, `the new branch ${this.quote(branch)}`);
		await this.#send('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${branch}`, sha: commit }, asked);
	}
	async moveBranch(branch, commit, force) {
		const asked = this.#about('branch', branch, `the branch ${this.quote(branch)}`);
		const route = 'PATCH /repos/{owner}/{repo}/git/refs/{ref}';
		await this.#send(route, { ref: `heads/${branch}`, sha: commit, force }, asked, force);
	}
	async createFirstCommit(branch, file) {
		const asked = this.#about('branch', branch, 'the first commit');
		const answer = await this.#send('PUT /repos/{owner}/{repo}/contents/{path}', {
			path: file.path,
			message: file.message,
			content: Buffer.from(file.text).toString('base64'),
			branch,
			...this.#authorship()
		}, asked);
		return described(answer, sha((0,untrusted_json.M)(answer.json, 'commit')), asked);
	}
	async findPullRequest(head, base) {
		const asked = this.#about('pull-request', head, 'the pull requests');
		const query = { state: 'open', head: `${this.#options.owner}:${head}`, base };
		const answer = await this.#send('GET /repos/{owner}/{repo}/pulls', query, asked);
		const pulls = described(answer, Array.isArray(answer.json) ? answer.json : undefined, asked);
		const first = pulls.find(pull => isBetween(pull, head, base));
		return first === undefined ? undefined : { url: described(answer, pullRequestUrl(first), asked) };
	}
	async openPullRequest(pull) {
		const asked = this.#about('pull-request', pull.head, 'a pull request');
		const answer = await this.#send('POST /repos/{owner}/{repo}/pulls', { ...pull }, asked);
		return { url: described(answer, pullRequestUrl(answer.json), asked) };
	}
	#authorship() {
		return this.#options.token.startsWith('ghs_') ? {} : { author: BOT, committer: BOT };
	}
	#about(request, branch, what) {
		return { request, what, branch: this.quote(branch), repository: this.fullName };
	}
	#ask(route, parameters, once = false) {
		const { github, owner, name } = this.#options;
		return github.send(route, { owner, repo: name, ...parameters }, once);
	}
	async #send(route, parameters, asked, once = false) {
		return succeeded(await this.#ask(route, parameters, once), asked);
	}
}
const EMPTY = 'empty';
const BOT = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };
function isMissing({ status, isOwnRefusal }) {
	return status === 404 && isOwnRefusal;
}
function succeeded(answer, asked) {
	if (answer.status === 200 || answer.status === 201)
		return answer;
	throw refusalOf(answer, asked);
}
function described({ status, trail }, value, asked) {
	if (value !== undefined)
		return value;
	throw action_error.lZ.of('github-unexpected', { ...trail, surprise: 'not-described', asked: asked.what, status });
}
function repository_text(value, name) {
	const found = (0,untrusted_json.M)(value, name);
	return typeof found === 'string' ? found : undefined;
}
function sha(value) {
	const found = repository_text(value, 'sha');
	return found !== undefined && /^[\da-f]{40,64}$/.test(found) ? found : undefined;
}
function entryOf(value) {
	const [name, mode, object] = [repository_text(value, 'path'), repository_text(value, 'mode'), sha(value)];
	return name === undefined || mode === undefined || object === undefined ? undefined : { name, mode, sha: object };
}
function decoded({ json }) {
	return Buffer.from(repository_text(json, 'content') ?? '', 'base64').toString('utf8');
}
function isBetween(pull, head, base) {
	return repository_text((0,untrusted_json.M)(pull, 'head'), 'ref') === head && repository_text((0,untrusted_json.M)(pull, 'base'), 'ref') === base;
}
function pullRequestUrl(pull) {
	const url = repository_text(pull, 'html_url');
	return url !== undefined && /^https:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/pull\/\d+$/.test(url) ? url : undefined;
}

;

const COMMIT_LIMITS = {
	totalMs: 180_000,
	pauseMs: 20_000,
	firstPauseMs: 400,
	growth: 1.6,
	outages: 5
};
async function commitCard(repository, file, patience) {
	const { branch } = patience;
	const own = new OwnCommits(repository, file);
	return await untilSettled(repository, patience, async () => {
		const tip = await repository.findTip(branch);
		if (tip === EMPTY)
			return await own.place(file.message, () => repository.createFirstCommit(branch, file));
		const arrived = await own.findIn(tip);
		if (arrived !== undefined)
			return arrived;
		const news = newsIn(tip && (await repository.readFile(tip, file.path)), file.text);
		if (!news)
			return undefined;
		const commit = await own.create(tip, news.card, branch);
		return await own.place(commit, async () => {
			await (tip === undefined ? repository.createBranch(branch, commit) : repository.moveBranch(branch, commit, false));
			return commit;
		});
	});
}
async function untilSettled(repository, { branch, limits, uptime, onPause }, attempt) {
	const startedAt = uptime();
	let outages = 0;
	for (let turn = 1;; turn++) {
		try {
			return await attempt();
		}
		catch (error) {
			const isOutage = error instanceof action_error.lZ && error.code === 'github-unavailable';
			if (isOutage)
				outages++;
			if (!(isOutage || error instanceof BranchMoved) || outages >= limits.outages)
				throw error;
			const waitMs = Math.random() * Math.min(limits.pauseMs, limits.firstPauseMs * limits.growth ** turn);
			const passedMs = uptime() - startedAt;
			if (passedMs + waitMs > limits.totalMs) {
				if (isOutage)
					throw error;
				const seconds = Math.round(passedMs / 1000);
				throw action_error.lZ.of('branch-busy', { branch: repository.quote(branch), attempts: turn, seconds });
			}
			onPause(isOutage ? 'GitHub failed' : 'somebody else changed the branch first', waitMs);
			await (0,promises_.setTimeout)(waitMs);
		}
	}
}
class OwnCommits {
	#repository;
	#file;
	#placed = new Set();
	#bases = new Set();
	constructor(repository, file) {
		this.#repository = repository;
		this.#file = file;
	}
	async create(base, card, branch) {
		const repository = this.#repository;
		const { path, message } = this.#file;
		const root = base === undefined ? undefined : await repository.readRoot(base);
		if (root)
			await requireUsablePath(repository, root, { path, branch });
		if (base !== undefined)
			this.#bases.add(base);
		const parents = base === undefined ? [] : [base];
		return await repository.createCommit({ baseTree: root?.sha, parents, message, path, text: card });
	}
	async place(known, put) {
		try {
			return await put();
		}
		catch (error) {
			const isUncertain = error instanceof BranchMoved ? error.mayHaveArrived : error instanceof action_error.lZ;
			if (isUncertain)
				this.#placed.add(known);
			throw error;
		}
	}
	remember(commit) {
		this.#placed.add(commit);
	}
	async findIn(tip) {
		if (tip === undefined || this.#placed.size === 0)
			return undefined;
		const waiting = [tip];
		const seen = new Set(this.#bases);
		for (let looked = 0; looked < MAX_HISTORY; looked++) {
			const commit = waiting.shift();
			if (commit === undefined)
				break;
			if (this.#placed.has(commit))
				return commit;
			if (seen.has(commit))
				continue;
			seen.add(commit);
			const { message, parents } = await this.#repository.readCommit(commit);
			if (this.#placed.has(message))
				return commit;
			waiting.push(...parents);
		}
		return undefined;
	}
}
const MAX_HISTORY = 50;
async function requireUsablePath(repository, root, { path, branch }) {
	const names = path.split('/');
	let folder = root;
	for (const [index, name] of names.entries()) {
		const isLast = index === names.length - 1;
		const found = folder.entries.find(entry => entry.name === name);
		const alike = folder.entries.find(entry => entry.name !== name && folded(entry.name) === folded(name));
		const fault = alike ? 'letter-case' : found && faultOf(found, isLast);
		if (fault) {
			const at = [...names.slice(0, index), alike?.name ?? name].join('/');
			const quoted = { path: repository.quote(path), found: repository.quote(at), branch: repository.quote(branch) };
			throw action_error.lZ.of('card-path-unusable', { fault, ...quoted });
		}
		if (!found || isLast)
			return;
		folder = await repository.readFolder(found.sha);
	}
}
function faultOf({ mode }, isLast) {
	if (mode === '120000')
		return 'link';
	if (mode === '160000')
		return 'submodule';
	const isFolder = /^0?40000$/.test(mode);
	if (isLast)
		return isFolder ? 'folder' : undefined;
	return isFolder ? undefined : 'file';
}
function folded(name) {
	return name.normalize('NFC').toLowerCase();
}

;

async function proposeCard(repository, proposal, patience) {
	const own = new OwnCommits(repository, proposal.file);
	return await untilSettled(repository, patience, async () => {
		const { file, base } = proposal;
		const tip = await repository.findTip(base);
		if (tip === undefined || tip === EMPTY) {
			const facts = { repository: repository.fullName, branch: repository.quote(base), attempts: 1 };
			throw action_error.lZ.of('commit-forbidden', { ...facts, fault: 'no-branch' });
		}
		const news = newsIn(await repository.readFile(tip, file.path), file.text);
		const open = await repository.findPullRequest(patience.branch, base);
		if (!news)
			return { commit: undefined, url: open?.url };
		const branch = { repository, own, file, name: patience.branch, tip: await repository.findTip(patience.branch) };
		if (open)
			return { commit: await commitOnTop(branch), url: open.url };
		const commit = await startBranch(branch, { name: base, tip }, news.card);
		const { title, describe } = proposal;
		const pull = { head: patience.branch, base, title, body: describe(news.changes) };
		return { commit, url: (await repository.openPullRequest(pull)).url };
	});
}
function pullRequestText({ title, changes, runUrl, token }) {
	const listed = changes
		.slice(0, MAX_CHANGES)
		.map(change => `    ${change.replace(/[\p{C}\s]+/gu, ' ').slice(0, MAX_CHANGE_LENGTH)}`);
	const others = changes.length > MAX_CHANGES ? [`    (${changes.length - MAX_CHANGES} more)`] : [];
	return [
        `${title}. This pull request stays up to date until you merge or close it.`,
		[...listed, ...others].join('\n'),
        `Generated by Vaunt, committed by ${runUrl}`,
		...(token.startsWith('ghs_') ? [WORKFLOWS] : [])
	].join('\n\n');
}
const MAX_CHANGES = 50;
const MAX_CHANGE_LENGTH = 200;
const WORKFLOWS = "If this pull request was opened with the job's own token, its workflows wait until someone with write access approves them (older GitHub Enterprise Server versions don't start them); to avoid that, set `github-token` to an app's token, which also signs the commits.";
async function commitOnTop({ repository, own, file, name, tip }) {
	const arrived = await own.findIn(tip);
	if (arrived !== undefined || tip === undefined)
		return arrived;
	const news = newsIn(await repository.readFile(tip, file.path), file.text);
	if (!news)
		return undefined;
	const commit = await own.create(tip, news.card, name);
	return await own.place(commit, async () => {
		await repository.moveBranch(name, commit, false);
		return commit;
	});
}
async function startBranch(head, base, card) {
	const { repository, own, name, tip } = head;
	const arrived = await own.findIn(tip);
	if (arrived !== undefined)
		return arrived;
	const commit = await own.create(base.tip, card, base.name);
	await own.place(commit, () => tip === undefined ? repository.createBranch(name, commit) : repository.moveBranch(name, commit, true));
	own.remember(commit);
	return commit;
}

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

var quoted = __webpack_require__(5888);
;

function requireNoSecret(card, secrets) {
	const texts = [card, ...textsIn(card)];
	const all = [...texts, ...texts.flatMap(embedded)].join('\n\n');
	if (!(0,quoted.hK)(all, secrets))
		return;
	throw action_error.lZ.of('vaunt-unexpected', { surprise: 'secret', asked: 'the card', attempts: 1, status: 200 });
}
function textsIn(card) {
	const { root } = (0,dist.parseXml)(card);
	if (!root)
		return [];
	const texts = [root.text];
	const waiting = [root];
	for (let element = waiting.pop(); element; element = waiting.pop()) {
		texts.push(...Object.values(element.attributes));
		for (const child of element.children) {
			if (child instanceof dist.XmlElement)
				waiting.push(child);
			else if (child instanceof dist.XmlText || child instanceof dist.XmlCdata)
				texts.push(child.text);
		}
	}
	return texts;
}
function embedded(text) {
	const addresses = text.matchAll(/data:[^,"'()<>]{0,200},([^"'()<>]*)/gi);
	return Array.from(addresses, ([, data = '']) => Buffer.from(percentDecoded(data), 'base64').toString('latin1'));
}
function percentDecoded(text) {
	return text.replace(/%([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

;

async function runCard(world, limits = COMMIT_LIMITS) {
	await (0,run.eg)(world, async (session) => {
		const inputs = takeInputs(session);
		const files = (0,runner_files.lY)(['GITHUB_OUTPUT'], world.environment, world.files);
		session.files = files;
		const place = findPlace(session);
		requireToken(session, inputs, place);
		const granted = await obtainToken(session, inputs.access);
		const subject = { ...granted, repository: inputs.repository === '' ? place.name : inputs.repository };
		const card = await fetchCard(session, inputs, subject);
		warnOfPublication(session, subject, `${place.owner}/${place.name}`);
		session.during = 'committing the card';
		report(session, files, inputs, await publish(session, { inputs, place, subject, card, limits }));
	});
}
const CARD_BYTES = 5 * 1_048_576;
const GITHUB_BYTES = 10 * 1_048_576;
function takeInputs(session) {
	const { core, environment } = session.world;
	const read = (name) => core.getInput(name).trim();
	const readBranch = (name) => read(name).replace(/^refs\/heads\/(?=.)/, '');
	const githubToken = core.getInput('github-token').trim();
	maskLong(session, githubToken);
	const problems = [];
	const access = (0,action_error.Fo)(problems, () => takeAccess(session, true));
	const [repository, limit] = [read('repository'), read('limit') || '10'];
	const path = read('path') || '.vaunt/cards/contributors.svg';
	const branch = readBranch('branch');
	const pullRequest = read('pull-request').toLowerCase() || 'false';
	const pullRequestBranch = readBranch('pull-request-branch') || 'vaunt/contributors-card';
	const check = (input, isGood, value) => {
		if (!isGood)
			problems.push(invalid(session, input, value));
	};
	check('repository', repository === '' || isRepositoryName(repository), repository);
	check('limit', /^(?:[1-9]\d?|100)$/.test(limit), limit);
	check('path', isCardPath(path), path);
	check('branch', branch === '' || isBranchName(branch), branch);
	check('pull-request', pullRequest === 'true' || pullRequest === 'false', pullRequest);
	check('pull-request-branch', isBranchName(pullRequestBranch), pullRequestBranch);
	const opensPullRequest = pullRequest === 'true';
	if (opensPullRequest)
		check('pull-request-branch', pullRequestBranch !== branch, pullRequestBranch);
	const raw = (0,inputs.Ko)(name => core.getInput(name), environment);
	const badUrl = (0,inputs.CU)(raw, 'github-api-url');
	if (badUrl && problems.every(({ input }) => input !== badUrl.input))
		problems.push(badUrl);
	(0,action_error.EE)(problems);
	if (!access)
		throw new TypeError('neither access nor a problem');
	const githubApiUrl = (0,inputs.y0)(raw, 'github-api-url');
	const to = { path, branch, opensPullRequest, pullRequestBranch, githubApiUrl, githubToken };
	return { access, repository, limit, ...to };
}
function invalid({ quote }, input, value) {
	return { input, error: action_error.lZ.of('step-input-invalid', { input, value: quote(value) }) };
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
function findPlace(session) {
	const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '0', GITHUB_SERVER_URL: own = '' } = session.world.environment;
	const server = /^https:\/\/[\w.:-]+$/.test(own) ? own : session.server;
	const [owner = '', name = ''] = repository.split('/');
	if (name === '')
		throw action_error.lZ.of('runner-files-unusable', { variable: 'GITHUB_REPOSITORY', detail: undefined });
	return { owner, name, runUrl: `${server}/${repository}/actions/runs/${run}` };
}
function requireToken({ quote }, { githubToken }, { owner, name }) {
	const fault = githubToken === '' ? 'no-token' : /^[\w.~+/-]+=*$/.test(githubToken) ? undefined : 'malformed';
	if (!fault)
		return;
	throw action_error.lZ.of('commit-forbidden', { fault, repository: quote(`${owner}/${name}`), attempts: 1 });
}
async function fetchCard(session, inputs, subject) {
	session.during = 'asking Vaunt for the card';
	const { access, limit, githubToken } = inputs;
	const { token, entity, repository } = subject;
	const { quote, world } = session;
	if (Number(limit) > LARGEST_CARD) {
		world.core.info(`Input 'limit' is ${limit}. Vaunt may cut off cards with more than ${LARGEST_CARD} contributors.`);
	}
	const client = (0,obtain.UU)(session, { ...retry.b, bodyBytes: CARD_BYTES });
	try {
		const { body } = await (0,request.g)({
			client,
			vauntApiUrl: access.vauntApiUrl,
			path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories/${encodeURIComponent(repository)}/contributors?format=svg&limit=${limit}`,
			bearer: token,
			absence: session.absence,
			accept: 'image/svg+xml',
			quote,
			asked: `the contributors card of ${quote(`${entity}/${repository}`)}`,
			entity,
			repository
		});
		requireSafeSvg(body, quote);
		requireNoSecret(body, [githubToken, token ?? '', access.way.mode === 'mint' ? access.way.pat : '']);
		return body.replaceAll('\r\n', '\n');
	}
	finally {
		client.close();
	}
}
const LARGEST_CARD = 70;
function warnOfPublication({ world, quote }, { entity, repository }, here) {
	const isOwn = `${entity}/${repository}`.toLowerCase() === here.toLowerCase();
	if (isOwn || !(0,inputs.GQ)(world.environment, world.readFile))
		return;
	world.core.warning(`This repository is public, so anyone can see who contributes to ${quote(`${entity}/${repository}`)}. ` +
		'If that repository is private, commit its card to a private repository.');
}
async function publish(session, { inputs, place, subject, card, limits }) {
	const { world, quote } = session;
	const { githubToken, githubApiUrl } = inputs;
	const client = (0,obtain.UU)(session, { ...retry.b, bodyBytes: GITHUB_BYTES, actionMs: limits.totalMs });
	try {
		const github = await world.createReader({ pat: githubToken, githubApiUrl, client });
		const repository = new Repository({ github, ...place, quote, token: githubToken });
		const branch = await findBranch(session, inputs, repository, place);
		const title = `Update the contributors card of ${subject.entity}/${subject.repository}`;
		const message = `${title}\n\nGenerated by Vaunt, committed by ${place.runUrl}`;
		const file = { path: inputs.path, text: card, message };
		const patience = {
			branch: inputs.opensPullRequest ? inputs.pullRequestBranch : branch,
			limits,
			uptime: world.uptime,
			onPause(reason, waitMs) {
				world.core.info(`The card isn't committed yet: ${reason}. Trying again in ${(waitMs / 1000).toFixed(1)} s.`);
			}
		};
		if (!inputs.opensPullRequest) {
			return { branch, commit: await commitCard(repository, file, patience), url: undefined };
		}
		const describe = (changes) => pullRequestText({ title, changes, runUrl: place.runUrl, token: githubToken });
		return { branch, ...(await proposeCard(repository, { file, base: branch, title, describe }, patience)) };
	}
	finally {
		client.close();
	}
}
async function findBranch(session, { branch: given, opensPullRequest, pullRequestBranch }, repository, { owner, name }) {
	const { environment, readFile } = session.world;
	const known = given || branchCheckedOut(session.world, `${owner}/${name}`) || (0,inputs.Hl)(environment, readFile);
	const branch = known ?? (await repository.defaultBranch());
	if (!opensPullRequest || pullRequestBranch !== branch)
		return branch;
	throw invalid(session, 'pull-request-branch', pullRequestBranch).error;
}
function branchCheckedOut({ environment, readFile }, repository) {
	const folder = `${environment['GITHUB_WORKSPACE'] ?? ''}/.git`;
	try {
		const settings = readFile(`${folder}/config`)
			.split('\n')
			.map(line => line.trim().toLowerCase());
		const isOurs = settings.some(setting => /^url\s*=/.test(setting) &&
			setting
				.replace(/\/$/, '')
				.replace(/\.git$/, '')
				.endsWith(`/${repository.toLowerCase()}`));
		const branch = /^ref: refs\/heads\/(.+)$/m.exec(readFile(`${folder}/HEAD`))?.[1] ?? '';
		return isOurs && isBranchName(branch) ? branch : '';
	}
	catch {
		return '';
	}
}
function report(session, files, { path }, { branch, commit, url }) {
	const { quote, world } = session;
	(0,run.n0)(session, files, [
		['changed', String(commit !== undefined)],
		['commit', commit],
		['pull-request', url]
	]);
	const where = `${quote(path)} on ${quote(branch)}`;
	world.core.info(commit === undefined
		? `The card at ${where} is up to date.`
		: `${url === undefined ? 'Committed the card to' : 'Proposed the card for'} ${where} (${commit.slice(0, 12)}).`);
	if (url !== undefined)
		world.core.info(`Pull request: ${url}`);
}

;

async function runReport(world) {
	await (0,run.eg)(world, async (session) => {
		const access = takeAccess(session);
		const files = (0,runner_files.lY)(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'], world.environment, world.files);
		session.files = files;
		await (0,runner_files ._z)(world.disk, 'vaunt-repositories-', async (folder) => {
			const { token, entity } = await obtainToken(session, access);
			session.during = 'asking Vaunt for the repositories';
			const client = (0,obtain.UU)(session, { ...retry.b, bodyBytes: PAGE_BYTES, actionMs: ALL_PAGES_MS });
			try {
				const found = await fetchAll({ session, client, vauntApiUrl: access.vauntApiUrl, token, entity });
				const present = found.filter(repository => (0,untrusted_json.M)(repository, 'deleted') !== true);
				const repositories = withoutSecrets(present, session);
				session.during = 'writing the report';
				const deletedCount = found.length - present.length;
				repositories_report_report(session, files, `${folder}/repositories.json`, { entity, repositories, deletedCount });
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
function repositories_report_report(session, files, file, found) {
	const { entity, repositories, deletedCount } = found;
	const { core, disk, environment, readFile } = session.world;
	const count = repositories.length;
	const privateCount = repositories.filter(repository => (0,untrusted_json.M)(repository, 'private') === true).length;
	(0,runner_files ._h)(disk, file, `${JSON.stringify({ entity, count, repositories }, null, 2)}\n`);
	const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_SERVER_URL: server = 'https://github.com' } = environment;
	files.write('GITHUB_STEP_SUMMARY', () => {
		disk.append(summary, render(found, server));
	});
	(0,run.n0)(session, files, [
		['count', String(count)],
		['private-count', String(privateCount)],
		['file', file]
	]);
	core.info(`Vaunt lists ${counted(count)} of ${session.quote(entity)} (${privateCount} private).`);
	if (deletedCount > 0)
		core.info(leftOut(deletedCount));
	if (privateCount === 0 || !(0,inputs.GQ)(environment, readFile))
		return;
	core.warning(`This repository is public, so anyone can read the summary of this run, with the names of private repositories (${privateCount}). ` +
		'Create the report in a private repository.');
}
function leftOut(deletedCount) {
	const what = deletedCount === 1 ? '1 repository that Vaunt marks' : `${deletedCount} repositories that Vaunt marks`;
	return `The report leaves out ${what} as deleted.`;
}
function counted(count) {
	return count === 1 ? '1 repository' : `${count} repositories`;
}
const MAX_SUMMARY_BYTES = 900_000;
const MAX_CELL_LENGTH = 100;
function render({ entity, repositories, deletedCount }, server) {
	const aside = deletedCount === 0 ? '' : `${leftOut(deletedCount)}\n\n`;
	const heading = `## Repositories of ${repositories_report_text(entity)}\n\n${aside}`;
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
