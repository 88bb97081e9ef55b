import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
	var __webpack_modules__ = ({

	5577:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		CQ: () => ( tellAttestation),
		Rn: () => ( retryLine),
		bo: () => ( warnOfExpiry)
	});
function tellAttestation(log, { entity, attestedBy, excessScopes }) {
	const { core, quote } = log;
	const [user, name] = [quote(attestedBy.login), quote(entity.login)];
	core.info(`Attested as ${user} (id ${attestedBy.id}).`);
	core.info(entity.type === 'user'
		? `Asking Vaunt for a token for user ${name} (id ${entity.id}).`
		: `Asking Vaunt for a token for organization ${name} (id ${entity.id}), as an admin of it.`);
	warnOfScopes(log, entity.type, excessScopes);
}
function warnOfScopes({ core, quote, server }, type, excessScopes) {
	if (excessScopes.length === 0)
		return;
	const needed = type === 'user' ? 'no scope at all' : 'the scope read:org only';
	core.warning(`The PAT can do more than this action needs, which is ${needed}. It also has: ${quote(excessScopes.join(', '))}. ` +
        `Make a smaller one: ${server}/settings/personal-access-tokens/new (fine-grained), or a classic one with ${needed}.`);
}
const DAY_MS = 86_400_000;
const WARNING_DAYS = 7;
function warnOfExpiry({ core, server }, patExpiresAt, now) {
	if (!patExpiresAt)
		return;
	const leftMs = patExpiresAt.getTime() - now;
	if (leftMs > WARNING_DAYS * DAY_MS)
		return;
	const days = Math.max(0, Math.floor(leftMs / DAY_MS));
	core.warning(`The PAT itself expires at ${patExpiresAt.toISOString()} (${days === 0 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`}). ` +
        `Regenerate it at ${server}/settings/personal-access-tokens and save the new value as the secret, before runs start to fail.`);
}
function retryLine({ service, path, reason, nextAttempt, waitMs }) {
	return `${service} (${path}): ${reason}; attempt ${nextAttempt} in ${(waitMs / 1000).toFixed(1)} s.`;
}

	}),

	7888:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	UU: () => ( createClient),
	W$: () => ( mintToken),
	Mg: () => ( openToken),
	Fg: () => ( requireRun)
});

var action_error = __nccwpck_require__(9481);
var json = __nccwpck_require__(6250);
var quoted = __nccwpck_require__(5888);
var network_answer = __nccwpck_require__(4798);
;

async function attest(reader, entity, quote, server = action_error.Ag) {
	const leftovers = new AbortController();
	const read = (route, parameters = {}) => {
		const answer = reader.read(route, parameters, leftovers.signal);
		answer.catch(() => undefined);
		return answer;
	};
	const reads = {
		user: read('GET /user'),
		entity: read('GET /users/{username}', { username: entity }),
		membership: read('GET /user/memberships/orgs/{org}', { org: entity })
	};
	try {
		return await judge(reads, entity, { quote, server });
	}
	finally {
		leftovers.abort();
	}
}
const USER = "the PAT's user";
const ENTITY = 'the entity';
const MEMBERSHIP = 'the membership';
async function judge(reads, asked, context) {
	const { quote } = context;
	const userAnswer = succeeded(await reads.user, USER, context);
	const user = account(userAnswer, USER);
	const patUser = quote(user.login);
	const patExpiresAt = expirationDate(userAnswer.headers['github-authentication-token-expiration']);
	const entityAnswer = await reads.entity;
	if (entityAnswer.status === 404 && entityAnswer.isOwnRefusal)
		throw action_error.lZ.of('entity-not-found', { entity: quote(asked), ...entityAnswer.trail });
	const entity = account(succeeded(entityAnswer, ENTITY, context), ENTITY);
	const name = quote(entity.login);
	if (!isSameLogin(entity.login, asked))
		throw unexpected(entityAnswer, ENTITY, 'other-login');
	if (entity.type === 'User') {
		if (entity.id !== user.id) {
			throw action_error.lZ.of('entity-mismatch', {
				...entityAnswer.trail,
				entity: name,
				entityId: entity.id,
				patUser,
				patUserId: user.id
			});
		}
		return { entity: { ...entity, type: 'user' }, attestedBy: user, patExpiresAt, excessScopes: scopesIn(userAnswer) };
	}
	if (entity.type !== 'Organization') {
		throw action_error.lZ.of('entity-unsupported', { ...entityAnswer.trail, entity: name, type: quote(entity.type) });
	}
	judgeMembership(await reads.membership, { user, entity, patUser, name }, context);
	const excessScopes = scopesIn(userAnswer).filter(scope => scope !== 'read:org');
	return { entity: { ...entity, type: 'organization' }, attestedBy: user, patExpiresAt, excessScopes };
}
function judgeMembership(answer, parties, context) {
	const { quote } = context;
	const { user, entity, patUser, name } = parties;
	const facts = { ...answer.trail, entity: name, patUser, pat: patKindOf(answer) };
	if (answer.status === 404 && answer.isOwnRefusal)
		throw action_error.lZ.of('not-a-member', facts);
	const isPermission = NO_MEMBERS_PERMISSION.test(messageOf(answer)) && !SSO_REQUIRED.test(answer.headers['x-github-sso'] ?? '');
	if (answer.status === 403 && answer.isOwnRefusal && isPermission) {
		throw action_error.lZ.of('members-permission-missing', facts);
	}
	const membership = membershipIn(succeeded(answer, MEMBERSHIP, context));
	if (membership.organizationId !== entity.id || (membership.userId !== undefined && membership.userId !== user.id)) {
		throw unexpected(answer, MEMBERSHIP, 'ids-contradict');
	}
	if (!isSameLogin(membership.organizationLogin, entity.login))
		throw unexpected(answer, MEMBERSHIP, 'other-login');
	if (membership.state === 'pending')
		throw action_error.lZ.of('membership-pending', facts);
	if (membership.role !== 'admin')
		throw action_error.lZ.of('not-an-admin', { ...facts, role: quote(membership.role) });
}
function messageOf(answer) {
	const message = (0,json.M)(answer.json, 'message');
	return typeof message === 'string' ? message : '';
}
function patKindOf({ headers }) {
	return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic';
}
function scopesIn({ headers }) {
	const scopes = (headers['x-oauth-scopes'] ?? '').split(',').map(scope => scope.trim());
	return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, 40);
}
function succeeded(answer, asked, context) {
	const { quote } = context;
	const { status, headers, isOwnRefusal, trail } = answer;
	if (status === 200)
		return answer;
	if (status >= 300 && status < 400) {
		const location = headers['location'];
		throw unexpected(answer, asked, 'redirect', location === undefined ? undefined : quote(location));
	}
	if (!isOwnRefusal || status < 400)
		throw unexpected(answer, asked, [401, 403, 404, 511].includes(status) ? 'foreign' : 'status');
	if (status === 401)
		throw action_error.lZ.of('pat-rejected', trail);
	throw (status === 403 ? forbidden(answer, context) : undefined) ?? unexpected(answer, asked, 'refused');
}
function forbidden({ headers, trail, ...answer }, context) {
	const message = messageOf(answer);
	const sso = headers['x-github-sso'] ?? '';
	if (SSO_REQUIRED.test(sso) || /SAML enforcement/i.test(message)) {
		return action_error.lZ.of('sso-required', { ...trail, url: ssoUrl(sso, context) });
	}
	if (/not accessible by integration/i.test(message)) {
		return action_error.lZ.of('pat-unsupported', { evidence: 'answer', ...trail });
	}
	if (network_answer.eJ.test(message)) {
		return action_error.lZ.of('github-rate-limited', { limit: 'logins', ...trail });
	}
	const policy = POLICIES.find(([pattern]) => pattern.test(message))?.[1];
	return policy && action_error.lZ.of('policy-forbidden', { policy, ...trail });
}
const POLICIES = [
	[/token'?s? lifetime|lifetime is greater/i, 'lifetime'],
	[/access via[^.]{0,200}\(classic\)/i, 'classic'],
	[/access via[^.]{0,200}fine-grained/i, 'fine-grained'],
	[/IP\s+allow[\s-]*list/i, 'ip-allow-list'],
	[/OAuth App access restrictions|restricted (?:access )?(?:to )?OAuth app/i, 'oauth-app'],
	[/account\b[^.]{0,40}\bsuspended/i, 'suspended']
];
const NO_MEMBERS_PERMISSION = /not accessible by personal access token|do not have access to this organization membership/i;
const SSO_REQUIRED = /(?:^|,\s*)required\b/i;
function ssoUrl(header, { quote, server }) {
	const urls = header.matchAll(/\burl=(https:\/\/[\w.:[\]-]{1,100}\/(?:orgs|enterprises)\/[\w.~/?&=%+-]{1,200})(?=$|[\s;,])/g);
	const servers = [server, action_error.Ag];
	const url = Array.from(urls, ([, found = '']) => found).find(each => each.length <= quoted.uB && servers.some(known => each.startsWith(`${known}/`)));
	return url === undefined ? undefined : quote(url);
}
function account(answer, asked) {
	const login = (0,json.M)(answer.json, 'login');
	const id = idIn(answer.json);
	const type = (0,json.M)(answer.json, 'type');
	if (typeof login !== 'string' || !LOGIN.test(login) || id === undefined || typeof type !== 'string') {
		throw unexpected(answer, asked, 'not-described');
	}
	return { login, id, type };
}
const LOGIN = /^[A-Za-z\d][A-Za-z\d_-]{0,99}(?:\[bot\])?$/;
function membershipIn(answer) {
	const state = (0,json.M)(answer.json, 'state');
	const role = (0,json.M)(answer.json, 'role');
	const organization = (0,json.M)(answer.json, 'organization');
	const organizationId = idIn(organization);
	const user = (0,json.M)(answer.json, 'user') ?? null;
	const userId = idIn(user);
	const described = (state === 'active' || state === 'pending') && typeof role === 'string';
	if (!described || organizationId === undefined || (user !== null && userId === undefined)) {
		throw unexpected(answer, MEMBERSHIP, 'not-described');
	}
	return { state, role, organizationId, organizationLogin: (0,json.M)(organization, 'login'), userId };
}
function isSameLogin(said, login) {
	return said === undefined || (typeof said === 'string' && said.toLowerCase() === login.toLowerCase());
}
function idIn(value) {
	const id = (0,json.M)(value, 'id');
	const whole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id));
	return whole && id > 0 && id < MAX_ID ? String(id) : undefined;
}
const MAX_ID = 2n ** 63n;
function expirationDate(header) {
	const match = typeof header === 'string' ? EXPIRATION.exec(header.trim()) : null;
	if (!match)
		return undefined;
	const [, day = '', time = '', zone = ''] = match;
	const asWritten = new Date(`${day}T${time}Z`);
	if (Number.isNaN(asWritten.getTime()) || !asWritten.toISOString().startsWith(`${day}T${time}`))
		return undefined;
	const date = new Date(`${day}T${time}${zone === 'UTC' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`);
	return Number.isNaN(date.getTime()) ? undefined : date;
}
const EXPIRATION = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|[+-]\d{4})$/;
function unexpected(answer, asked, surprise, location) {
	return action_error.lZ.of('github-unexpected', {
		...answer.trail,
		surprise,
		asked,
		status: answer.status,
		location,
		host: answer.host
	});
}

var vaunt_claims = __nccwpck_require__(5051);
var exchange = __nccwpck_require__(7405);
var inputs = __nccwpck_require__(9205);
var log = __nccwpck_require__(5577);
;

async function mintToken(session, inputs) {
	const { world, quote, mask } = session;
	const { pat, githubApiUrl, vauntApiUrl, sealKey } = inputs;
	session.during = 'preparing the requests';
	const client = createClient(session);
	try {
		const reader = await world.createReader({ pat, githubApiUrl, client });
		session.during = 'attesting at GitHub';
		const attesting = attest(reader, inputs.entity, quote, session.server);
		client.openEarly(vauntApiUrl);
		const attestation = await attesting;
		(0,log.CQ)({ ...session, core: world.core }, attestation);
		const { entity, attestedBy, patExpiresAt } = attestation;
		session.during = 'exchanging the PAT at Vaunt';
		const exchanged = await (0,exchange.c)({ client, vauntApiUrl, entity: entity.login, pat, quote });
		const { token, vauntTime, trail } = exchanged;
		mask(token);
		const claims = (0,vaunt_claims.Yq)(token, trail);
		(0,vaunt_claims.i0)(claims, { vauntTime, now: world.now() }, trail);
		const login = attestedBy.login;
		const contents = { token, entity: entity.login, entityType: entity.type, attestedBy: login, patExpiresAt };
		if (!sealKey)
			return { ...contents, ...claims, sealedToken: undefined };
		session.during = 'sealing the token';
		const options = { key: sealKey, run: thisRun(world), now: vauntTime ?? world.now(), expiresAt: claims.expiresAt };
		return { ...contents, ...claims, sealedToken: await sealUnmasked(session, contents, options) };
	}
	finally {
		client.close();
	}
}
async function sealUnmasked(session, contents, options) {
	const { seal } = await session.world.loadSeal();
	let sealed = await seal(contents, options);
	for (let turn = 0; turn < SEALING_TURNS && session.holdsMasked(sealed); turn++)
		sealed = await seal(contents, options);
	if (session.holdsMasked(sealed))
		session.world.core.warning(UNSEALABLE);
	return sealed;
}
const SEALING_TURNS = 100;
const UNSEALABLE = 'The runner will not hand the sealed token to another job: every sealed token holds a value that this run masks, because that value is so short. Use a longer secret (a password of the proxy?).';
function createClient({ world, quote }, limits) {
	const { environment, nodeVersion, now, uptime } = world;
	const onRetry = (retry) => {
		world.core.info((0,log.Rn)(retry));
	};
	const extraCa = () => (0,inputs.Sb)(environment, world.readFile);
	return world.createClient({
		environment,
		nodeVersion,
		quote,
		now,
		uptime,
		onRetry,
		extraCa,
		...(limits && { limits })
	});
}
async function openToken(session, { sealedToken, sealKey }) {
	const { world, quote, mask } = session;
	session.during = 'opening the sealed token';
	const { open } = await world.loadSeal();
	const contents = await open(sealedToken, { key: sealKey, run: thisRun(world), now: world.now() });
	mask(contents.token);
	const claims = claimsOf(contents.token);
	const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)];
	world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, attested by ${attestedBy}.`);
	return { ...contents, ...claims, sealedToken };
}
function claimsOf(token) {
	try {
		if (exchange.v.test(token))
			return (0,vaunt_claims.Yq)(token, { attempts: 0 });
	}
	catch {
	}
	throw action_error.lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
}
function requireRun({ environment }) {
	for (const variable of ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID']) {
		if (!environment[variable])
			throw action_error.lZ.of('runner-files-unusable', { variable, detail: undefined });
	}
}
function thisRun({ environment }) {
	const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = environment;
	return `${repository}/${id}`;
}

	}),

	2074:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		Oy: () => ( crash),
		aY: () => ( maskInputs),
		eg: () => ( runStep),
		n0: () => ( setOutputs)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _runner_inputs_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9205);
	var _network_proxy_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(1290);
	var _untrusted_quoted_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(5888);
	var _runner_files_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(869);

async function runStep(world, step) {
	const session = startSession(world);
	try {
		await step(session);
	}
	catch (error) {
		fail(error, session);
	}
}
function startSession(world) {
	const { environment } = world;
	const secrets = [];
	return {
		world,
		quote: raw => new _untrusted_quoted_js__WEBPACK_IMPORTED_MODULE_3__ .v5(raw, secrets),
		redact: text => (0,_untrusted_quoted_js__WEBPACK_IMPORTED_MODULE_3__ .E$)(text, secrets),
		mask(secret) {
			if (secret === '')
				return;
			secrets.push(secret);
			world.core.setSecret(secret);
		},
		holdsMasked: text => secrets.some(secret => text.includes(secret)),
		absence: () => (0,_runner_inputs_js__WEBPACK_IMPORTED_MODULE_1__ .IV)(environment['GITHUB_EVENT_NAME'], environment['GITHUB_ACTOR'], () => world.readFile(environment['GITHUB_EVENT_PATH'] ?? '')),
		during: 'reading the inputs',
		server: _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .Ag
	};
}
function setOutputs({ world: { core } }, files, outputs) {
	files.write('GITHUB_OUTPUT', () => {
		for (const [name, value] of outputs)
			if (value !== undefined)
				core.setOutput(name, value);
	});
}
function maskInputs(session, raw) {
	const { world, mask } = session;
	mask(raw.pat);
	mask(raw['seal-key']);
	for (const password of (0,_network_proxy_js__WEBPACK_IMPORTED_MODULE_4__ .PK)(world.environment))
		mask(password);
	session.server = (0,_runner_inputs_js__WEBPACK_IMPORTED_MODULE_1__ .FN)(raw['github-api-url']);
}
function crash(world, thrown) {
	fail(thrown, { ...startSession(world), during: 'waiting for something else' });
}
function fail(thrown, telling) {
	const { core, environment } = telling.world;
	const failure = failureOf(thrown, telling);
	telling.files?.cutBack();
	core.setFailed((0,_errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .q0)(failure, guide(environment), telling.server));
	outputCode((0,_errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .$N)(failure), telling);
}
function outputCode(code, { world: { core, environment, files } }) {
	const output = () => {
		core.setOutput('error-code', code);
	};
	try {
		if (!environment['GITHUB_OUTPUT'])
			output();
		else
			(0,_runner_files_js__WEBPACK_IMPORTED_MODULE_2__ .lY)(['GITHUB_OUTPUT'], environment, files).write('GITHUB_OUTPUT', output);
	}
	catch {
	}
}
function failureOf(thrown, { during, quote }) {
	try {
		if (thrown instanceof _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ || thrown instanceof _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .G)
			return thrown;
		return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('internal', { during, kind: quote(kindOf(thrown)) }, thrown);
	}
	catch {
		return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('internal', { during, kind: quote('something unreadable') });
	}
}
function kindOf(thrown) {
	if (!(thrown instanceof Error))
		return `a thrown ${typeof thrown}`;
	const type = FORESEEABLE_TYPES.find(known => thrown instanceof known)?.name ?? 'Error';
	const code = 'code' in thrown ? (0,_errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .xU)(thrown.code) : undefined;
	return code === undefined ? type : `${type} ${code}`;
}
const FORESEEABLE_TYPES = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError];
function guide(environment) {
	const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '', GITHUB_SERVER_URL: server = '' } = environment;
	const path = 'docs/troubleshooting.md';
	if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[\w.-][\w./-]*$/.test(ref))
		return path;
	return `${/^https:\/\/[\w.-]+$/.test(server) ? server : 'https://github.com'}/${repository}/blob/${ref}/${path}`;
}

	}),

	3646:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		e: () => ( run)
	});
	var _runner_inputs_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9205);
	var _log_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(5577);
	var _runner_files_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(869);
	var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(2074);
	var _obtain_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7888);

async function run(world) {
	await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__ .eg)(world, async (session) => {
		const inputs = takeInputs(session);
		const files = findRunnerFiles(session, inputs);
		const handover = inputs.mode === 'open' ? await (0,_obtain_js__WEBPACK_IMPORTED_MODULE_3__ .Mg)(session, inputs) : await (0,_obtain_js__WEBPACK_IMPORTED_MODULE_3__ .W$)(session, inputs);
		handOver(session, handover, files, inputs.exportEnv);
	});
}
function takeInputs(session) {
	const { core, environment } = session.world;
	const raw = (0,_runner_inputs_js__WEBPACK_IMPORTED_MODULE_0__ .Ko)(core.getInput, environment);
	(0,_run_js__WEBPACK_IMPORTED_MODULE_2__ .aY)(session, raw);
	return (0,_runner_inputs_js__WEBPACK_IMPORTED_MODULE_0__ .sw)(raw, session.quote, session.absence);
}
function findRunnerFiles(session, inputs) {
	session.during = "looking for the runner's files";
	const { environment, files } = session.world;
	const found = (0,_runner_files_js__WEBPACK_IMPORTED_MODULE_1__ .lY)(['GITHUB_OUTPUT', ...(inputs.exportEnv === '' ? [] : ['GITHUB_ENV'])], environment, files);
	if (inputs.sealKey)
		(0,_obtain_js__WEBPACK_IMPORTED_MODULE_3__ .Fg)(session.world);
	session.files = found;
	return found;
}
function handOver(session, handover, files, exportEnv) {
	session.during = 'writing the outputs';
	const { core } = session.world;
	(0,_run_js__WEBPACK_IMPORTED_MODULE_2__ .n0)(session, files, [
		['token', handover.token],
		['expires-at', handover.expiresAt?.toISOString()],
		['entity', handover.entity],
		['entity-type', handover.entityType],
		['attested-by', handover.attestedBy],
		['pat-expires-at', handover.patExpiresAt?.toISOString()],
		['sealed-token', handover.sealedToken]
	]);
	if (exportEnv !== '') {
		files.write('GITHUB_ENV', () => {
			core.exportVariable(exportEnv, handover.token);
		});
	}
	core.info(handover.expiresAt
		? `The Vaunt token is good until ${handover.expiresAt.toISOString()}.`
		: 'The Vaunt token does not say when it expires.');
	(0,_log_js__WEBPACK_IMPORTED_MODULE_4__ .bo)({ ...session, core }, handover.patExpiresAt, session.world.now());
}

	}),

	9481:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	lZ: () => ( ActionError),
	G: () => ( InputErrors),
	Ag: () => ( PUBLIC_SERVER),
	$N: () => ( codeOf),
	Fo: () => ( collect),
	q0: () => ( describe),
	EE: () => ( requireNone),
	xU: () => ( systemCode)
});

;
const SERVER = '\u{e000}';
const PAT_FORM = `${SERVER}/settings/personal-access-tokens`;
function apiUrlInput(service) {
	return service === 'GitHub' ? 'github-api-url' : 'vaunt-api-url';
}
function statusPage(service) {
	return service === 'GitHub' ? 'https://www.githubstatus.com' : 'https://vaunt.dev';
}
function trail(service, facts) {
	const words = facts.words ? `${facts.words}` : '';
	const made = facts.attempts ?? 1;
	return ((words ? ` ${service} says: "${words}".` : '') +
		(facts.requestId ? ` Request id: ${facts.requestId}.` : '') +
		(made > 1 ? ` ${made} attempts were made.` : ''));
}
function attempts(count) {
	return count > 1 ? ` in ${count} attempts` : '';
}
function iso(date) {
	return date.toISOString();
}

;

const cardMessages = {
	'card-unsafe': ({ fault, found }) => ({
		message: `${CARD_FAULT[fault]}${found ? `: ${found}` : ''}. Nothing was committed.`,
		remedy: "Run the job again later. If it happens again, tell Vaunt's support what this message says."
	}),
	'card-path-unusable': ({ fault, path, branch }) => ({
		message: fault === 'taken'
			? `The card cannot be put at ${path} on the branch ${branch}: there is a folder at this path, or a part of the path is a file, or only the case of letters differs from a file.`
			: `The card cannot be put at ${path} on the branch ${branch}: .gitattributes there gives this file a filter (such as Git LFS), an encoding or ident, and the card would differ from it in every clone.`,
		remedy: fault === 'taken'
			? 'Give another path with the input path.'
			: 'Give another path with the input path, or except this path in .gitattributes (PATH -filter -working-tree-encoding -ident).'
	}),
	'git-missing': ({ detail }) => ({
		message: `The program git could not be started on this runner (${detail}), and this step commits with it.`,
		remedy: 'Install git on the runner, or in the image of the container. The runners of GitHub have it.'
	}),
	'git-unavailable': facts => ({
		message: `The server of this repository, ${facts.host}, could not be used with git${facts.detail ? ` (${facts.detail})` : ''}.${trail('GitHub', facts)}`,
		remedy: `Run the job again later; ${statusPage('GitHub')} tells whether others are affected. On a runner of your own, check its network, its proxy, and the certificates that git trusts.`
	}),
	'push-forbidden': facts => ({
		message: `${FORBIDDEN_PUSH[facts.fault].message(facts.repository)}.${trail('GitHub', facts)}`,
		remedy: FORBIDDEN_PUSH[facts.fault].remedy
	}),
	'push-refused': facts => ({
		message: `GitHub refused the push to the branch ${facts.branch}: ${REFUSED_PUSH[facts.fault].message}.${trail('GitHub', facts)}`,
		remedy: REFUSED_PUSH[facts.fault].remedy
	}),
	'branch-busy': ({ branch, pushes, seconds }) => ({
		message: `Others pushed to the branch ${branch} each time while the card was being committed: ${pushes} times in ${seconds} seconds.`,
		remedy: 'Run the job again. If this happens often, let fewer jobs commit to one branch at once, or give each card a branch of its own.'
	})
};
const CARD_FAULT = {
	'not-svg': 'Vaunt answered with something that is not an SVG',
	'not-well-formed': 'Vaunt answered with something that is not an SVG: it is not well-formed XML',
	active: 'The card of Vaunt holds something that can run code, or load something from elsewhere, in the browser of its reader'
};
const OTHER_BRANCH = 'Give a branch without this rule with the input branch (it is made when there is none), or pass a token that may bypass the rule as github-token.';
const FORBIDDEN_PUSH = {
	'no-token': {
		message: repository => `There is no token to push to ${repository} with: the input github-token is empty`,
		remedy: 'Leave the input github-token out, or check the secret that is passed in it.'
	},
	permission: {
		message: repository => `GitHub does not let this job push to ${repository}`,
		remedy: 'Give the job the permission to write (permissions: contents: write), and the job that calls it too, if it is in a reusable workflow. If github-token is given, it needs the permission Contents: Read and write for this repository.'
	},
	unreadable: {
		message: repository => `GitHub does not let this job read ${repository}`,
		remedy: 'Give the job the permission to write (permissions: contents: write), which includes reading. If github-token is given, check that it has not expired and that it is for this repository.'
	},
	token: {
		message: repository => `GitHub does not accept the token for a push to ${repository}`,
		remedy: 'Check that github-token has not expired, is whole, and has the permission Contents: Read and write for this repository.'
	},
	refused: {
		message: repository => `GitHub refused the access to ${repository}`,
		remedy: 'Do what these words ask for: they are about the permission of the token, its account, or the owner of the repository.'
	},
	archived: {
		message: repository => `The repository ${repository} is archived, so nothing can be pushed to it`,
		remedy: 'Take the repository out of the archive, or remove this workflow.'
	},
	'no-branch': {
		message: repository => `The repository ${repository} has no default branch yet`,
		remedy: 'Push a first commit, or give the input branch.'
	}
};
const REFUSED_PUSH = {
	protected: { message: 'the branch is protected, and its rules do not allow this push', remedy: OTHER_BRANCH },
	'pull-request': { message: 'its rules allow changes by pull request only', remedy: OTHER_BRANCH },
	signature: {
		message: 'its rules demand signed commits, and this step cannot sign',
		remedy: 'Give a branch without this rule with the input branch; it is made when there is none.'
	},
	'commit-message': {
		message: "its rules demand another form of the commit's message or author",
		remedy: 'Give a branch without this rule with the input branch; it is made when there is none.'
	},
	creation: {
		message: 'its rules do not let this job make the branch',
		remedy: 'Make the branch by hand, or pass a token that may make it as github-token.'
	},
	form: {
		message: 'its rules do not allow such a name of a branch, or such a file',
		remedy: 'Give another name with the input branch, or another path with the input path.'
	},
	secret: {
		message: 'GitHub found a secret in what is pushed',
		remedy: "Look at the alert that GitHub's words name. The push holds nothing but the card."
	},
	'in-the-way': {
		message: 'another branch is in the way (git cannot have the branches a and a/b at once)',
		remedy: 'Give another name with the input branch, or remove the branch that is in the way.'
	},
	hook: {
		message: 'a hook of the server or a rule of the repository does not allow it',
		remedy: 'Do what the words of the server ask for, or give another branch with the input branch.'
	},
	unsaid: {
		message: 'it did not say why',
		remedy: 'Look at the rules of the repository (Settings → Rules), or give another branch with the input branch.'
	}
};

;

function rateLimited(service, facts) {
	const until = facts.until ? ` until ${iso(facts.until)}` : '';
	const again = facts.until
		? 'after that time'
		: facts.isBeyond
			? `in an hour (${service} names a time that no calendar has)`
			: 'in a few minutes';
	const message = facts.limit === 'logins'
		? `${service} refuses every login for a while${until}, because there were too many failed ones.`
		: `${service} is limiting the rate of requests${until}.`;
	return {
		message: `${message}${trail(service, facts)}`,
		remedy: facts.limit === 'logins'
			? 'Find what logs in with a wrong PAT or password (an old secret in another job?) and correct it; then run the job again in an hour.'
			: `Run the job again ${again}; if this happens often, let fewer jobs ask at once.`
	};
}
function unavailable(service, facts) {
	const { outage, phase, host, detail, until } = facts;
	const through = facts.proxyHost && phase === 'tls' ? ` through the proxy ${facts.proxyHost}` : '';
	const code = detail ? ` (${detail})` : '';
	const happened = {
		network: `${service} could not be reached at ${host}${code}${through}: ${BROKEN_PHASE[phase]}`,
		deadline: `${service} did not answer in time at ${host}${through}${SLOW_PHASE[phase]}`,
		budget: `${service} did not answer at ${host}${through} within the ${facts.limitMs / 1000} seconds that this action takes at most${SLOW_PHASE[phase]}`,
		status: `${service} is not available${code}`
	}[outage];
	const comeBack = until ? `; it asks to come back after ${iso(until)}` : '';
	return {
		message: `${happened}${comeBack}.${trail(service, facts)}`,
		remedy: outage === 'status'
			? `Run the job again ${until ? 'after that time' : 'later'}; ${statusPage(service)} tells whether others are affected.`
			: PHASE_REMEDY[phase](service)
	};
}
const BROKEN_PHASE = {
	name: 'its name could not be looked up',
	tcp: 'no connection could be opened',
	tls: 'TLS could not be started',
	tunnel: 'the proxy opened no connection',
	http: 'the connection broke off before the whole answer had come'
};
const SLOW_PHASE = {
	name: ': the lookup of its name (DNS) gave no answer',
	tcp: ': no connection could be opened',
	tls: ': TLS was not ready',
	tunnel: ': the proxy opened no connection',
	http: ''
};
const PHASE_REMEDY = {
	name: service => `Check the host name in the input ${apiUrlInput(service)} and the DNS of the runner (in a container, also its /etc/resolv.conf); otherwise run the job again later.`,
	tcp: service => `Check the input ${apiUrlInput(service)} and that the runner may reach this host (firewall, proxy); otherwise run the job again later.`,
	tls: service => `Check that the input ${apiUrlInput(service)} names a host and a port that speak TLS, and that no firewall or proxy cuts the connection; otherwise run the job again later.`,
	tunnel: service => `Check the runner's proxy settings and the input ${apiUrlInput(service)}.`,
	http: service => `Run the job again later. If it happens again, check that the runner may reach this host (firewall, proxy), and look at ${statusPage(service)}.`
};
function unexpected(service, facts) {
	const { surprise, asked } = facts;
	const detail = facts.detail ? ` (${facts.detail})` : '';
	const status = facts.status === undefined ? '' : ` (status ${facts.status})`;
	const where = facts.host ? ` at ${facts.host}` : '';
	if (surprise === 'refused') {
		return {
			message: `${service} refused${facts.words ? `: "${facts.words}"` : ''}${status}, when asked for ${asked}.${trail(service, { ...facts, words: undefined })}`,
			remedy: facts.words
				? `Do what these words of ${service} ask for. If they are not clear, ask ${service}'s support what they mean.`
				: `Run the job again. If it happens again, ask ${service}'s support, and name the request id.`
		};
	}
	const happened = {
		status: `${service} gave an answer that its API does not have${status}`,
		foreign: `Something other than ${service} answered${where}${status}: the answer is not in the form of ${service}'s API, so it comes from a proxy, a firewall, a login page or another server`,
		redirect: `${service} answered with a redirect${facts.location ? ` to ${facts.location}` : ''}${status}, and redirects are never followed`,
		'too-large': `${service} sent more than ${(facts.limitBytes ?? 0) / MIB} MiB`,
		'head-too-large': `${service} answered${where} with headers that are too large${detail}`,
		undecodable: `${service} compressed its answer in a form that cannot be read${status}`,
		'not-http': `What answered${where} does not speak HTTP as it should${detail}`,
		'client-certificate': `The server${where} wants a client certificate${detail}, which this action cannot send`,
		'handshake-refused': `The server${where} and this runner found no common way to speak TLS${detail}: their TLS settings do not fit, or the server wants a client certificate, which this action cannot send`,
		'not-json': `${service} did not answer with JSON${status}`,
		'not-described': `${service} answered with something other than its API describes${status}`,
		'ids-contradict': `${service}'s answers contradict each other: the membership is of another user or organization`,
		'other-login': `${service} answered about another account than the one asked for`,
		'no-token': `${service} answered without a token${status}`,
		'not-a-jwt': `${service} answered with a token that is not a signed JWT`,
		unsigned: `${service} answered with a token that has no signature${detail}`
	};
	return {
		message: `${happened[surprise]}, when asked for ${asked}.${trail(surprise === 'foreign' ? 'It' : service, facts)}`,
		remedy: FOREIGN.has(surprise)
			? `Check that the input ${apiUrlInput(service)} is the address of ${service}'s API, and what stands between the runner and that host (proxy, firewall, VPN). The PAT may still be valid.`
			: `Check that ${apiUrlInput(service)} is the address of ${service}'s API and that no proxy or login page answers in its place; otherwise report this message to ${service}.`
	};
}
const FOREIGN = new Set([
	'foreign',
	'head-too-large',
	'not-http',
	'client-certificate',
	'handshake-refused'
]);
const MIB = 1_048_576;

;

const githubMessages = {
	'pat-rejected': facts => ({
		message: `GitHub does not accept the PAT (401): it has expired, was revoked or deleted, or was not copied whole.${trail('GitHub', facts)}`,
		remedy: `Look at ${PAT_FORM} (or ${SERVER}/settings/tokens for a classic one): regenerate it, then save the new value as the secret.`
	}),
	'entity-not-found': facts => ({
		message: `GitHub knows no user or organization named ${facts.entity} (404).${trail('GitHub', facts)}`,
		remedy: 'Correct the input entity: it was misspelled, renamed or deleted. Without it, the owner of the repository is used.'
	}),
	'entity-unsupported': facts => ({
		message: `${facts.entity} is a GitHub account of type ${facts.type}; Vaunt has tokens for users and organizations only.${trail('GitHub', facts)}`,
		remedy: 'Set the input entity to a user or an organization.'
	}),
	'entity-mismatch': facts => ({
		message: `The PAT belongs to ${facts.patUser} (id ${facts.patUserId}), but the token was asked for ${facts.entity} (id ${facts.entityId}), another user. A user's token is given to that user only.${trail('GitHub', facts)}`,
		remedy: `Use a PAT made by ${facts.entity}, or set the input entity to ${facts.patUser} or to an organization that ${facts.patUser} administers.`
	}),
	'members-permission-missing': facts => ({
		message: `GitHub does not let this ${facts.pat} PAT of ${facts.patUser} read the membership in ${facts.entity} (403).${trail('GitHub', facts)}`,
		remedy: facts.pat === 'classic'
			? `Open ${SERVER}/settings/tokens, edit the PAT and tick the scope read:org.`
			: `Open ${PAT_FORM}, edit the PAT: resource owner ${facts.entity}, then Permissions → Organization permissions → Members: Read-only.`
	}),
	'not-a-member': facts => ({
		message: `GitHub shows no membership of ${facts.patUser} in ${facts.entity} (404): ` +
			(facts.pat === 'classic'
				? `${facts.patUser} is not a member.`
				: `${facts.patUser} is not a member, or the resource owner of this fine-grained PAT is not ${facts.entity}.`) +
			trail('GitHub', facts),
		remedy: facts.pat === 'classic'
			? `Use a PAT of an owner of ${facts.entity}, or correct the input entity.`
			: `Open ${PAT_FORM} and look at "Resource owner": it must be ${facts.entity} (it cannot be changed later: make a new PAT). Otherwise use a PAT of an owner of ${facts.entity}.`
	}),
	'membership-pending': facts => ({
		message: `${facts.patUser} was invited to ${facts.entity} but has not accepted yet.${trail('GitHub', facts)}`,
		remedy: `Accept the invitation as ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/invitation, then run the job again.`
	}),
	'not-an-admin': facts => ({
		message: `${facts.patUser} is a member of ${facts.entity} with the role "${facts.role}", but only an admin (shown as Owner) may get its token.${trail('GitHub', facts)}`,
		remedy: `Use a PAT of an owner of ${facts.entity}, or let an owner change the role of ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/people.`
	}),
	'sso-required': facts => ({
		message: `The organization demands single sign-on, and this PAT was not authorized for it (403).${trail('GitHub', facts)}`,
		remedy: facts.url
			? `Authorize the PAT at ${facts.url} (the link works for one hour), then run the job again.`
			: `Open ${SERVER}/settings/tokens, choose "Configure SSO" beside the PAT, authorize it for the organization, then run the job again.`
	}),
	'policy-forbidden': facts => ({
		message: `${POLICY[facts.policy].message} (403).${trail('GitHub', facts)}`,
		remedy: POLICY[facts.policy].remedy
	}),
	'github-rate-limited': facts => rateLimited('GitHub', facts),
	'github-unavailable': facts => unavailable('GitHub', facts),
	'github-unexpected': facts => unexpected('GitHub', facts)
};
const POLICY = {
	classic: {
		message: 'The organization forbids access with classic PATs',
		remedy: `Make a fine-grained PAT instead (${PAT_FORM}/new): resource owner = the organization, Organization permissions → Members: Read-only.`
	},
	'fine-grained': {
		message: 'The organization forbids access with fine-grained PATs',
		remedy: `Use a classic PAT with the scope read:org (${SERVER}/settings/tokens), or ask an owner to allow fine-grained PATs (organization Settings → Personal access tokens).`
	},
	lifetime: {
		message: 'The organization forbids PATs that live as long as this one',
		remedy: `Make a new PAT with a lifetime that the organization allows: ${PAT_FORM}/new.`
	},
	'ip-allow-list': {
		message: "The organization's IP allow list does not let this runner in",
		remedy: "Run the job on a runner whose address is on the list (a self-hosted or larger runner), or ask an owner to add the runner's address."
	},
	'oauth-app': {
		message: 'The organization does not let OAuth apps read its data, and this token belongs to an OAuth app, not directly to a person',
		remedy: `Make a personal access token: ${PAT_FORM}/new, save it as the secret, and pass that as pat.`
	},
	suspended: {
		message: "The account of the PAT's user is suspended",
		remedy: 'Use a PAT of another owner, or ask GitHub Support (or your enterprise) to lift the suspension.'
	}
};

;

const inputMessages = {
	'pat-missing': ({ reason }) => ({
		message: `${absence(reason)}There is no GitHub personal access token (PAT): the input pat is empty, and so is the environment variable VAUNT_PAT.`,
		remedy: absenceRemedy(reason)
	}),
	'runner-files-unusable': ({ variable, detail }) => ({
		message: detail
			? `The file or folder that the variable ${variable} names cannot be written (${detail}), so this step sets no outputs.`
			: `The runner did not set the variable ${variable}, which this action needs. Nothing was sent.`,
		remedy: detail
			? "In a container, let its user write the runner's files (options: --user, with the user of the runner or root). On a full disk, free some space in an earlier step. Otherwise make sure that no step removes or replaces it."
			: "Run this action in a step of a workflow: the runner sets this variable for each step. If a script starts it, pass the runner's variables on."
	}),
	'pat-malformed': ({ fault }) => ({
		message: `The PAT contains ${MALFORMED[fault]}, which no PAT does, so it was not sent anywhere. (Its value is not shown.)`,
		remedy: MALFORMED_REMEDY[fault]
	}),
	'pat-unsupported': facts => ({
		message: facts.evidence === 'answer'
			? `GitHub says that this token belongs to an app or a workflow, not to a person.${trail('GitHub', facts)}`
			: `The token in pat starts with ${facts.evidence}: ${facts.evidence === 'ghs_' ? 'it is a GITHUB_TOKEN or an app installation token' : 'it is a refresh token'}, which cannot prove who you are.`,
		remedy: `Use a personal access token of a person: make one at ${PAT_FORM}, save it as a secret, and pass that as pat.`
	}),
	'entity-invalid': ({ value, empty }) => ({
		message: empty
			? 'The input entity is empty, and the runner names no repository owner to use instead.'
			: `The input entity is "${value}", which cannot be the name of a GitHub user or organization.`,
		remedy: 'Give the bare login, such as octocat: no URL, no @, no slash, at most 39 letters, digits, hyphens or underscores.'
	}),
	'url-invalid': ({ input, fault }) => ({
		message: `The input ${input} ${URL_FAULT[fault]} (Its value is not shown.)`,
		remedy: `Give a plain https:// address${input === 'vaunt-api-url' ? ' such as https://api.vaunt.dev' : ' such as https://api.github.com'}, or leave the input out.`
	}),
	'export-env-invalid': ({ value, fault }) => ({
		message: fault === 'reserved'
			? `The input export-env is "${value}", a variable that the runner, a shell or a language gives a meaning of its own.`
			: `The input export-env is "${value}", which is not the name of an environment variable.`,
		remedy: 'Choose a name of your own such as VAUNT_TOKEN: letters, digits and underscores, not starting with a digit.'
	}),
	'host-unsupported': ({ githubHost }) => ({
		message: `The PAT belongs to ${githubHost}, but vaunt-api-url is Vaunt's public service, which must never see a PAT of GitHub Enterprise. Nothing was sent.`,
		remedy: 'If your company runs a Vaunt of its own, give its address as vaunt-api-url. If you meant github.com, set github-api-url to https://api.github.com and use a github.com PAT.'
	}),
	'token-ambiguous': ({ given }) => ({
		message: `The inputs ${new Intl.ListFormat('en').format(given)} are given together, and only one of them can be used. Nothing was sent.`,
		remedy: 'Give one of pat, token, and sealed-token (with seal-key). Leave the others out.'
	}),
	'token-malformed': ({ fault }) => ({
		message: fault === 'pat'
			? 'The input token holds a GitHub personal access token (PAT), not a Vaunt token. It was not sent anywhere. (Its value is not shown.)'
			: 'The input token is not a Vaunt token, which is a JWT. It was not sent anywhere. (Its value is not shown.)',
		remedy: fault === 'pat'
			? 'Pass the PAT as the input pat: pat: ${{ secrets.VAUNT_PAT }}.'
			: 'Pass the output token of an earlier step of this job: token: ${{ steps.ID.outputs.token }}. To use a token of another job, pass sealed-token and seal-key. To use a PAT, pass pat.'
	}),
	'step-input-invalid': ({ input, value }) => ({
		message: `The input ${input} is "${value}", which ${STEP_INPUT_FAULT[input]}.`,
		remedy: STEP_INPUT_REMEDY[input]
	}),
	internal: ({ during, kind }) => ({
		message: `An error occurred that this action does not know, while ${during} (${kind}). This is a bug of the action, not of your workflow.`,
		remedy: 'Run the job again. If it happens again, report it with this message (never with a token).'
	})
};
const STEP_INPUT_FAULT = {
	repository: 'is not the name of a repository',
	limit: 'is not a whole number from 1 to 100',
	path: 'is not a path from the root of the repository to a file that ends in .svg',
	branch: 'is not a name that git allows for a branch'
};
const STEP_INPUT_REMEDY = {
	repository: 'Give the name alone, such as hello-world, without the owner (that is the input entity). Left out, it is this repository.',
	limit: 'Give a whole number from 1 to 100. Left out, it is 10.',
	path: 'Give a path such as .vaunt/cards/contributors.svg: with /, within the repository, and without characters that Windows does not allow.',
	branch: 'Give the name of a branch, such as assets. Left out, it is the default branch.'
};
const MALFORMED = {
	'white-space': 'white space inside',
	control: 'control characters',
	'non-ascii': 'characters outside ASCII',
	quotes: 'quotes',
	expression: 'an expression that was not replaced',
	characters: 'characters of other kinds'
};
const COPY_AGAIN = 'Copy the PAT again, alone and on one line, and save it again as the secret.';
const MALFORMED_REMEDY = {
	'white-space': COPY_AGAIN,
	control: COPY_AGAIN,
	'non-ascii': COPY_AGAIN,
	quotes: 'Save the PAT as the secret without quotes around it or in it.',
	expression: 'Pass the secret by an expression that GitHub replaces, in the workflow file itself: pat: ${{ secrets.VAUNT_PAT }}.',
	characters: COPY_AGAIN
};
const URL_FAULT = {
	'not-https': 'does not start with https://, and a PAT is never sent in the clear.',
	credentials: 'holds a user name or password.',
	query: 'holds a query (?) or a fragment (#).',
	unreadable: 'is not a URL.'
};
function absence(reason) {
	if (reason === 'fork')
		return 'This run comes from a pull request of a fork, and GitHub gives such runs no secrets. ';
	if (reason === 'dependabot')
		return 'This run was started by Dependabot, which sees only Dependabot secrets. ';
	if (reason === 'no-token')
		return 'The inputs token and sealed-token are empty. ';
	return '';
}
function absenceRemedy(reason) {
	if (reason === 'fork') {
		return 'Skip the step for forks, with if: ${{ !github.event.pull_request || github.event.pull_request.head.repo.full_name == github.repository }}, and get the token after the merge.';
	}
	if (reason === 'dependabot') {
		return "Add a Dependabot secret of the same name (Settings → Secrets and variables → Dependabot), or skip the step with if: ${{ github.actor != 'dependabot[bot]' }}.";
	}
	const earlier = reason === 'no-token'
		? 'If an earlier step or job gets the token: check the id in the expression, that it did not fail and was not skipped, and (for a job) needs and outputs. If this step gets it: make'
		: 'Make';
	return `${earlier} a PAT at ${PAT_FORM}/new, save it as the secret VAUNT_PAT (Settings → Secrets and variables → Actions), and pass it: pat: \${{ secrets.VAUNT_PAT }}. A reusable workflow gets only the secrets that its caller passes on.`;
}

;

const networkMessages = {
	'tls-untrusted': facts => ({
		message: `The TLS certificate of ${facts.isProxy ? 'the proxy ' : ''}${facts.host} ${CERTIFICATE_FAULT[facts.fault]} (${facts.detail}), so nothing ${(facts.attempts ?? 1) > 1 ? 'more ' : ''}was sent to it.${trail('It', facts)}`,
		remedy: certificateRemedy(facts)
	}),
	'proxy-failed': facts => ({
		message: `${proxyName(facts)} ${facts.fault === 'no-tls' && !facts.detail ? 'gave no answer while TLS was being set up' : PROXY_FAULT[facts.fault]}${facts.detail ? ` (${facts.detail})` : ''}, so ${facts.host} was not reached${attempts(facts.attempts)}.`,
		remedy: proxyRemedy(facts)
	})
};
const CERTIFICATE_FAULT = {
	'unknown-issuer': 'was not signed by a CA that this runner trusts',
	expired: 'has expired',
	'not-yet-valid': 'is not valid yet',
	'wrong-host': 'is for another host',
	weak: 'is too weak: its key or its signature is of a kind that is no longer safe',
	invalid: 'is not valid'
};
function certificateRemedy({ fault, extraCa }) {
	const extra = EXTRA_CA[extraCa];
	const aside = (when) => (extraCa === 'loaded' ? '' : ` (${when}: ${extra}.)`);
	return {
		'unknown-issuer': `${extra}. If nothing of yours inspects TLS, somebody may be listening: do not continue.`,
		expired: `Renew the certificate. If it is still good, the runner's clock is wrong: correct it.${aside('If a new CA signed a new certificate')}`,
		'not-yet-valid': "Correct the runner's clock, or wait until the certificate is valid.",
		'wrong-host': 'Check the spelling of the API URL and the DNS of the runner. (NODE_EXTRA_CA_CERTS does not help: the certificate names another host.)',
		weak: 'Ask whoever runs this host, or whatever inspects TLS on the way to it, for a certificate with a key of at least 2048 bits (RSA) and a SHA-256 signature. (NODE_EXTRA_CA_CERTS does not help.)',
		invalid: `Check what stands between the runner and the host.${aside('If a company proxy signs TLS anew')}`
	}[fault];
}
const EXTRA_CA = {
	unset: "Set NODE_EXTRA_CA_CERTS to a file with your company's CA certificate, in the runner's environment or the step's env",
	unreadable: 'NODE_EXTRA_CA_CERTS is set, but its file is missing or cannot be read, so Node ignored it: correct the path, and let the user of the runner read the file (in a container, mount it)',
	'no-pem': 'NODE_EXTRA_CA_CERTS is set, but its file is not a certificate in PEM, so Node ignored it: it must have a line -----BEGIN CERTIFICATE----- (convert DER with openssl x509 -inform der)',
	loaded: "NODE_EXTRA_CA_CERTS is set, but none of the CA certificates in its file signed this one: add your company's CA certificate to the file"
};
const PROXY_FAULT = {
	'unusable-url': 'is not an http:// or https:// address',
	'unsupported-node': 'cannot be used, because the Node.js of this runner is too old for proxies',
	unreachable: 'could not be reached',
	'in-clear': 'does not speak TLS, although its address begins with https://',
	'no-tls': 'closed the connection while TLS was being set up',
	'not-http': 'answered something that is not HTTP',
	refused: 'refused the connection',
	'credentials-missing': 'wants a user name and a password, and its address has none',
	'credentials-wrong': 'does not accept the user name and the password in its address',
	'no-tunnel': 'opened no connection to the host: it hangs, or it cannot reach the host'
};
const PROXY_SETTINGS = 'HTTPS_PROXY and NO_PROXY, in upper or lower case';
const ONLY_BASIC = 'This action speaks only Basic authentication to a proxy: if yours wants NTLM, Kerberos or Digest, run a small local proxy that does it, and name that one.';
function proxyRemedy({ fault, proxyHost }) {
	const inClear = `write http://${proxyHost ? `${proxyHost}` : 'HOST:PORT'} in HTTPS_PROXY (GitHub and Vaunt still get TLS)`;
	return {
		'unusable-url': `Correct the runner's proxy settings (${PROXY_SETTINGS}), for instance http://proxy.example:3128.`,
		'unsupported-node': 'Update the runner: the proxy settings need Node.js 24.5 or newer.',
		unreachable: `Check the runner's proxy settings (${PROXY_SETTINGS}) and that the proxy is up.`,
		'in-clear': `Most proxies use plain HTTP: ${inClear}.`,
		'no-tls': `Most proxies use plain HTTP: ${inClear}. Otherwise check that the proxy works.`,
		'not-http': `Check the host and the port of the proxy (${PROXY_SETTINGS}); if the proxy itself speaks TLS, write https:// before its host.`,
		refused: 'Ask whoever runs the proxy to allow the host, and whether the proxy can reach it; or list the host in NO_PROXY if it is reached directly.',
		'credentials-missing': `Write them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded. ${ONLY_BASIC}`,
		'credentials-wrong': `Correct the user name and password in the runner's proxy settings (${PROXY_SETTINGS}), with special characters percent-encoded. ${ONLY_BASIC}`,
		'no-tunnel': 'Check that the proxy is healthy and may reach the host, or list the host in NO_PROXY if it is reached directly.'
	}[fault];
}
function proxyName(facts) {
	return facts.proxyHost ? `The proxy ${facts.proxyHost}` : 'The proxy in HTTPS_PROXY';
}

;

const SEAL_KEY_COMMAND = 'openssl rand -base64 32';
const sealingMessages = {
	'seal-key-invalid': ({ empty }) => ({
		message: empty
			? 'The input sealed-token is given, but seal-key is empty: a sealed token opens only with the key it was sealed with.'
			: 'The input seal-key is not 32 bytes in base64. (Its value is not shown.)',
		remedy: empty
			? 'Pass the same secret as seal-key in both jobs; a reusable workflow gets only the secrets that its caller passes on.'
			: `Make a key with \`${SEAL_KEY_COMMAND}\` and save what it prints, whole, as the secret.`
	}),
	'sealed-token-missing': ({ reason }) => ({
		message: `${absence(reason === 'no-token' ? 'unknown' : reason)}The input seal-key is given, but there is neither a sealed-token to open nor a PAT to get a token with.`,
		remedy: 'To open a token: look for the warning "Skip output … since it may contain secret" in the earlier job (it must output sealed-token, not token), and check that it declares the output (outputs: sealed-token: ${{ steps.ID.outputs.sealed-token }}), that this job lists it under needs, and that it was not skipped. To make one: pass pat.'
	}),
	'sealed-token-invalid': ({ fault }) => ({
		message: SEAL_FAULT[fault].message,
		remedy: SEAL_FAULT[fault].remedy
	}),
	'sealed-token-expired': ({ expiredAt, now }) => ({
		message: `The sealed token expired at ${iso(expiredAt)}; this runner's clock says ${iso(now)}.`,
		remedy: 'If that clock is wrong, correct it. Otherwise run the whole workflow again (not only the failed jobs), so that the first job gets a new token.'
	})
};
const SEAL_FAULT = {
	'not-sealed': {
		message: 'The input sealed-token is not a sealed token.',
		remedy: 'Pass the output sealed-token of the earlier job (not its output token), whole.'
	},
	undecryptable: {
		message: 'The input sealed-token cannot be opened: it was sealed with another seal-key, was cut, or was altered on the way.',
		remedy: 'Pass the same secret as seal-key in both jobs, and the output sealed-token of the earlier job, whole.'
	},
	elsewhere: {
		message: 'The input sealed-token was sealed in another run or another repository, and is good only there.',
		remedy: 'Take it from a job of the same workflow run, by needs.JOB.outputs.sealed-token.'
	}
};

;

const vauntMessages = {
	'vaunt-refused': facts => (facts.asked === undefined ? tokenRefused(facts) : dataRefused(facts)),
	'vaunt-entity-unknown': facts => facts.repository ? repositoryUnknown(facts.repository, facts) : entityUnknown(facts),
	'vaunt-rate-limited': facts => rateLimited('Vaunt', facts),
	'vaunt-unavailable': facts => unavailable('Vaunt', facts),
	'vaunt-unexpected': facts => unexpected('Vaunt', facts),
	'token-expired': facts => ({
		message: `Vaunt gave a token that expired at ${iso(facts.expiredAt)}, though ${facts.isVaunts ? 'its own' : "this runner's"} clock says ${iso(facts.time)}.${trail('Vaunt', facts)}`,
		remedy: `${facts.isVaunts ? 'Run' : 'If that clock is wrong, correct it. Otherwise run'} the job again. If it happens again, tell Vaunt's support.`
	})
};
function tokenRefused(facts) {
	return {
		message: `GitHub confirmed the right to ${facts.entity}, but Vaunt refused to give a token (${facts.status}).${trail('Vaunt', facts)}`,
		remedy: `Sign in at https://vaunt.dev with the same GitHub account and check that ${facts.entity} is set up there; if it is, tell Vaunt's support what this message says.`
	};
}
function dataRefused(facts) {
	return {
		message: `Vaunt refused ${facts.asked} (${facts.status}): the token has expired, it is for another account than ${facts.entity}, or the plan of ${facts.entity} does not include this.${trail('Vaunt', facts)}`,
		remedy: `Get a new token for ${facts.entity}, and give entity as GitHub spells it. If it is still refused, sign in at https://vaunt.dev and look at the plan of ${facts.entity}.`
	};
}
function entityUnknown(facts) {
	return {
		message: `Vaunt does not know ${facts.entity} (404): Vaunt is not installed on it, ${facts.address ? '' : 'or '}Vaunt spells its name in another way${facts.address ? `, or ${facts.address} is not the address of Vaunt's API` : ''}.${trail('Vaunt', facts)}`,
		remedy: `Install the Vaunt GitHub App on ${facts.entity} (https://vaunt.dev) and run the job again.${facts.address ? ' Check the input vaunt-api-url.' : ''} If it was renamed on GitHub lately, reinstall the app.`
	};
}
function repositoryUnknown(repository, facts) {
	return {
		message: `Vaunt does not know the repository ${facts.entity}/${repository} (404).${trail('Vaunt', facts)}`,
		remedy: `Correct the inputs entity and repository. If both are right, give the Vaunt GitHub App access to the repository (in the settings of ${facts.entity}, under GitHub Apps).${facts.address ? ` Check the input vaunt-api-url as well: it is ${facts.address}.` : ''}`
	};
}

;

const catalogue = {
	...inputMessages,
	...githubMessages,
	...vauntMessages,
	...networkMessages,
	...sealingMessages,
	...cardMessages
};

;

class ActionError extends Error {
	name = 'ActionError';
	code;
	remedy;
	#explanation;
	constructor(code, explanation, cause) {
		super(linked(explanation.message, PUBLIC_SERVER), { cause });
		this.code = code;
		this.remedy = linked(explanation.remedy, PUBLIC_SERVER);
		this.#explanation = explanation;
	}
	toldFor(server) {
		return linked(`${this.#explanation.message} ${this.#explanation.remedy}`, server);
	}
	static of(code, facts, cause) {
		return new ActionError(code, catalogue[code](facts), cause);
	}
}
class InputErrors extends Error {
	name = 'InputErrors';
	problems;
	constructor(problems) {
		super(`${problems.length} inputs are wrong`);
		this.problems = problems;
	}
}
function requireNone(problems) {
	const [first, ...others] = problems.filter(each => each !== undefined);
	if (first)
		throw new InputErrors([first, ...others]);
}
function collect(problems, check) {
	try {
		return check();
	}
	catch (error) {
		if (!(error instanceof InputErrors))
			throw error;
		problems.push(...error.problems);
		return undefined;
	}
}
function systemCode(code) {
	return typeof code === 'string' && /^E[A-Z]{2,20}$/.test(code) ? code : undefined;
}
function describe(error, guide, server = PUBLIC_SERVER) {
	const paragraph = (failure) => `${failure.toldFor(server)} [${failure.code}] ${guide}#${failure.code}`;
	if (error instanceof ActionError)
		return paragraph(error);
	const { problems } = error;
	if (problems.length === 1)
		return paragraph(problems[0].error);
	const parts = problems.map((problem, index) => `(${index + 1}) ${problem.input}: ${paragraph(problem.error)}`);
	return `${problems.length} inputs are wrong, and nothing was sent. ${parts.join(' ')}`;
}
function codeOf(error) {
	return error instanceof ActionError ? error.code : error.problems[0].error.code;
}
const PUBLIC_SERVER = 'https://github.com';
function linked(text, server) {
	return text.replaceAll(SERVER, () => server);
}

	}),

	6702:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		WF: () => ( createReader)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6250);
	var _network_answer_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(4798);

const API_VERSION = '2022-11-28';
async function createReader({ pat, githubApiUrl, client, log = silent }) {
	const { getOctokit } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 4351));
	const octokit = getOctokit(pat, {
		baseUrl: githubApiUrl,
		userAgent: 'vaunt-token-action',
		log: { debug: log, info: log, warn: log, error: log }
	});
	return {
		async read(route, parameters, signal) {
			let received;
			const fetch = fetchOver(client, answer => {
				received = answer;
			});
			const headers = { 'x-github-api-version': API_VERSION };
			const response = await settled(octokit.request(route, { ...parameters, headers, request: { fetch, signal } }));
			if (!received)
				throw new TypeError('Octokit answered without having asked');
			return { ...received, json: (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(response, 'data') };
		}
	};
}
function fetchOver(client, seen) {
	return async (url, { method, headers, signal }) => {
		if (method !== 'GET')
			throw new TypeError(`the client cannot ${method}`);
		const answer = await client.get('GitHub', url, headers, signal);
		seen(answer);
		const passed = new Map([['content-type', 'application/json; charset=utf-8']]);
		const body = answer.status < 400 ? answer.body : JSON.stringify({ message: (0,_network_answer_js__WEBPACK_IMPORTED_MODULE_1__ .v6)(answer.json) });
		return { status: answer.status, url, headers: passed, text: () => Promise.resolve(body) };
	};
}
async function settled(response) {
	try {
		return await response;
	}
	catch (thrown) {
		const cause = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(thrown, 'cause');
		if (cause instanceof _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ)
			throw cause;
		const refused = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(thrown, 'response');
		if (refused === undefined)
			throw thrown;
		return refused;
	}
}
function silent() {
}

	}),

	9407:
	((module, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
	var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(3024);
	var node_fs__WEBPACK_IMPORTED_MODULE_0___default = __nccwpck_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
	var node_os__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8161);
	var node_os__WEBPACK_IMPORTED_MODULE_1___default = __nccwpck_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
	var node_path__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6760);
	var node_path__WEBPACK_IMPORTED_MODULE_2___default = __nccwpck_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
	var _actions_core__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7532);
	var _github_octokit_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(6702);
	var _network_client_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(6115);
	var _runner_inputs_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(9205);
	var _actions_token_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(3646);
	var _actions_run_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(2074);

const environment = (0,_runner_inputs_js__WEBPACK_IMPORTED_MODULE_6__ .wY)({ ...process.env }, process.platform);
const { RUNNER_TEMP: temporary = '' } = environment;
delete process.env['GITHUB_EVENT_PATH'];
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
const world = {
	core: { getInput: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .V4, setSecret: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .Pq, info: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .pq, warning: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .$e, setFailed: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .C1, setOutput: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .uH, exportVariable: _actions_core__WEBPACK_IMPORTED_MODULE_3__ .dN },
	environment,
	nodeVersion: process.versions.node,
	now: Date.now,
	uptime: () => performance.now(),
	readFile: path => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(path, 'utf8'),
	files: { probe, cut: node_fs__WEBPACK_IMPORTED_MODULE_0__.truncateSync },
	disk: {
		makeFolder: prefix => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.mkdtempSync)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(temporary === '' ? (0,node_os__WEBPACK_IMPORTED_MODULE_1__.tmpdir)() : temporary, prefix)),
		write: node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync,
		append: node_fs__WEBPACK_IMPORTED_MODULE_0__.appendFileSync,
		remove: path => {
			(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.rmSync)(path, { recursive: true, force: true, maxRetries: 5 });
		}
	},
	createClient: _network_client_js__WEBPACK_IMPORTED_MODULE_5__ .U,
	createReader: _github_octokit_js__WEBPACK_IMPORTED_MODULE_4__ .WF,
	loadSeal: () => Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 7904))
};
function probe(path) {
	const file = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(path, node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_WRONLY | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_APPEND | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NONBLOCK);
	try {
		const status = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file);
		if (status.isFIFO())
			throw Object.assign(new Error('a pipe'), { code: 'ESPIPE' });
		(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.writeSync)(file, '\n');
		if (status.isFile())
			(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.ftruncateSync)(file, status.size);
		return status.size;
	}
	finally {
		(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.closeSync)(file);
	}
}
process.on('uncaughtException', thrown => {
	if (process.exitCode === undefined)
		(0,_actions_run_js__WEBPACK_IMPORTED_MODULE_8__ .Oy)(world, thrown);
	end(1);
});
const started = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.basename)(process.argv[1] ?? '', '.js');
const isFurther = started === 'contributors-card' || started === 'repositories-report';
const step = isFurther ? (await Promise.all([__nccwpck_require__.e(334), __nccwpck_require__.e(269)]).then(__nccwpck_require__.bind(__nccwpck_require__, 2269))).steps[started] : _actions_token_js__WEBPACK_IMPORTED_MODULE_7__ .e;
await step(world);
process.stdout.write('', () => {
	end(Number(process.exitCode ?? 0));
});
function end(exitCode) {
	if (process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) {
		const { LD_LIBRARY_PATH } = process.env;
		const environment = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH };
		process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], environment);
	}
	process.exit(exitCode);
}

__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

	}),

	4798:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		S4: () => ( judge),
		eJ: () => ( LOGIN_LIMIT),
		v6: () => ( messageIn)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _failure_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9760);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6250);

function judge(outcome, request, now) {
	if ('broken' in outcome)
		return { failure: (0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .H1)(outcome, request) };
	if ('unreadable' in outcome)
		return { failure: unreadable(outcome, request, now) };
	const json = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .q)(outcome.body);
	const isOwn = isOwnRefusal(request.service, { ...outcome, json });
	const read = { ...outcome, host: request.host, json, isOwnRefusal: isOwn };
	const isRateLimit = limitsRate(read);
	if (isRateLimit || (0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .uD)(outcome.status))
		return { failure: refused(read, isRateLimit, request, now) };
	const trail = { attempts: 1, ...evidenceIn(read, request.quote) };
	return { answer: { ...read, serverTime: timeOf(only(outcome.headers['date'])), trail } };
}
function isOwnRefusal(service, { json, body, headers }) {
	return service === 'GitHub' ? isGithubsRefusal(json, headers) : isVauntsRefusal(json, body);
}
function isGithubsRefusal(json, headers) {
	const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
	return hasMessage(json) || (isObject && Object.keys(headers).some(name => name.startsWith('x-github-')));
}
function hasMessage(json) {
	return typeof (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(json, 'message') === 'string';
}
function isVauntsRefusal(json, body) {
	const error = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(json, 'error');
	return body.trim() === '' || [json, error].some(hasMessage) || typeof (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(error, 'code') === 'number';
}
function messageIn(json) {
	const error = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(json, 'error');
	const message = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(error, 'message') ?? (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(json, 'message') ?? error;
	return typeof message === 'string' ? message : '';
}
function limitsRate({ status, headers, body, json, isOwnRefusal }) {
	if (status === 429)
		return true;
	if (status !== 403 || !(isOwnRefusal || body === ''))
		return false;
	const marked = headers['retry-after'] !== undefined || only(headers['x-ratelimit-remaining']) === '0';
	return marked || RATE_LIMIT_WORDS.test(messageIn(json));
}
const LOGIN_LIMIT = /login attempts exceeded/i;
const RATE_LIMIT_WORDS = /\brate limit|abuse detection/i;
function refused(read, isRateLimit, request, now) {
	const { status, headers } = read;
	const evidence = evidenceIn(read, request.quote);
	const waitMs = requestedWaitMs(headers, isRateLimit, now);
	const comeBackAt = waitMs === undefined ? undefined : now + waitMs;
	const isBeyond = comeBackAt !== undefined && comeBackAt > LAST_TIME;
	return {
		retryReason: `status ${status}`,
		waitMs,
		isRateLimit,
		error: circumstances => {
			const until = dateAfter(circumstances.now, comeBackAt);
			const facts = { attempts: circumstances.attempts, ...evidence, until };
			if (isRateLimit) {
				const limit = LOGIN_LIMIT.test(messageIn(read.json)) ? 'logins' : undefined;
				return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of((0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .KT)(request.service, 'rate-limited'), { ...facts, limit, isBeyond });
			}
			const { host, limits } = request;
			const outage = {
				outage: 'status',
				phase: 'http',
				host,
				detail: `status ${status}`,
				limitMs: limits.actionMs
			};
			return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of((0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .KT)(request.service, 'unavailable'), { ...facts, ...outage });
		}
	};
}
function evidenceIn({ headers, json }, quote) {
	const words = messageIn(json);
	return { requestId: (0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .WY)(headers, quote), words: words ? quote(words) : undefined };
}
function requestedWaitMs(headers, isRateLimit, now) {
	const serverNow = timeOf(only(headers['date'])) ?? now;
	const retryAfter = only(headers['retry-after']);
	const seconds = wholeNumber(retryAfter);
	if (seconds !== undefined)
		return seconds * 1000;
	const comeBackAt = timeOf(retryAfter);
	if (comeBackAt !== undefined)
		return Math.max(0, comeBackAt - serverNow);
	const reset = wholeNumber(only(headers['x-ratelimit-reset']));
	const remaining = only(headers['x-ratelimit-remaining']) ?? '0';
	if (!isRateLimit || remaining !== '0' || reset === undefined)
		return undefined;
	return reset < FIRST_EPOCH_SECOND ? reset * 1000 : Math.max(0, reset * 1000 - serverNow);
}
const FIRST_EPOCH_SECOND = 1_000_000_000;
function only(value) {
	return value === undefined ? undefined : (REPEATED.exec(value)?.[1] ?? value);
}
const REPEATED = /^(.{1,64}?)(?:\s*,\s*\1)+$/;
function wholeNumber(text = '') {
	return /^\d+$/.test(text) ? Number(text) : undefined;
}
function timeOf(httpDate = '') {
	const time = /^[A-Z][a-z]{2}, .* GMT$/.test(httpDate) ? Date.parse(httpDate) : NaN;
	return Number.isNaN(time) ? undefined : time;
}
function dateAfter(now, time = NaN) {
	return time > now && time <= LAST_TIME ? new Date(time) : undefined;
}
const LAST_TIME = 8_640_000_000_000_000;
function unreadable(outcome, request, now) {
	const { unreadable: surprise, status, headers } = outcome;
	const { service, path, limits, host, quote } = request;
	if (surprise === 'undecodable' && (status === 429 || (0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .uD)(status))) {
		const read = { status, headers, body: '', host, json: undefined, isOwnRefusal: false };
		return refused(read, status === 429, request, now);
	}
	return {
		isRateLimit: false,
		error: ({ attempts }) => _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of((0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .KT)(service, 'unexpected'), {
			surprise,
			asked: `${path}`,
			attempts,
			status: surprise === 'too-large' ? undefined : status,
			limitBytes: limits.bodyBytes,
			requestId: (0,_failure_js__WEBPACK_IMPORTED_MODULE_1__ .WY)(headers, quote)
		})
	};
}

	}),

	6115:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	U: () => ( createClient)
});

var promises_ = __nccwpck_require__(8500);
;
const external_node_zlib_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");
;
const external_node_https_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");
var external_node_net_ = __nccwpck_require__(7030);
var connection = __nccwpck_require__(8198);
var network_proxy = __nccwpck_require__(1290);
;

class Connections {
	#proxy;
	#agent;
	#unconnected = new Map();
	#wanted;
	#early;
	constructor(proxy, open = connection.JY) {
		this.#proxy = proxy;
		this.#agent = createAgent(proxy, open);
		this.#agent.on('free', (socket) => {
			if (proxy && (this.#unconnected.size > 0 || this.#wanted))
				socket.destroy();
		});
	}
	async prepare(url, headers) {
		const early = await this.#takeEarly(url);
		if (!early) {
			if (this.#proxy)
				this.#clearTheWay(url);
			return this.#make(url, headers);
		}
		early.outgoing.path = `${url.pathname}${url.search}`;
		for (const [name, value] of Object.entries(headers))
			early.outgoing.setHeader(name, value);
		return early;
	}
	openEarly(url) {
		this.#wanted = url;
		setImmediate(() => {
			this.#startEarly();
		});
	}
	close() {
		this.#wanted = undefined;
		for (const progress of this.#unconnected.values())
			progress.abandon();
		this.#agent.destroy();
	}
	#make(url, headers) {
		const progress = (0,connection.ot)();
		const options = { agent: this.#agent, headers, progress };
		const outgoing = (0,external_node_https_namespaceObject.request)(url, options);
		this.#unconnected.set(outgoing, progress);
		const connected = () => {
			if (this.#unconnected.delete(outgoing))
				this.#startEarly();
		};
		outgoing.on('socket', connected).on('close', connected);
		return { outgoing, progress };
	}
	#startEarly() {
		const url = this.#wanted;
		if (!url || (this.#proxy && this.#unconnected.size > 0))
			return;
		this.#wanted = undefined;
		const early = { ...this.#make(url, {}), origin: url.origin };
		const spoil = () => {
			if (this.#early === early)
				this.#early = undefined;
		};
		early.outgoing.on('error', spoil).on('close', spoil);
		this.#early = early;
	}
	async #takeEarly(url) {
		if (this.#wanted?.origin === url.origin)
			this.#wanted = undefined;
		if (this.#early?.origin !== url.origin)
			return undefined;
		await (0,promises_.setImmediate)();
		const taken = this.#early;
		this.#early = undefined;
		return taken;
	}
	#clearTheWay(url) {
		if (this.#early)
			drop(this.#early);
		this.#early = undefined;
		const own = `${(0,network_proxy.n0)(url)}:${(0,connection.HM)(url)}:`;
		for (const [name, sockets = []] of Object.entries(this.#agent.freeSockets)) {
			if (!name.startsWith(own))
				for (const socket of sockets)
					socket.destroy();
		}
	}
}
function send({ outgoing }) {
	const ask = (socket) => {
		asked.add(socket);
	};
	if (outgoing.socket)
		ask(outgoing.socket);
	else
		outgoing.once('socket', ask);
	outgoing.end();
}
function drop({ outgoing, progress }) {
	outgoing.destroy();
	progress.abandon();
}
function createAgent(proxy, open) {
	const agent = new external_node_https_namespaceObject.Agent({ keepAlive: true });
	agent.createConnection = (options, callback) => {
		const progress = options.progress ?? (0,connection.ot)();
		const opening = open({ name: options.host ?? '', port: Number(options.port) }, proxy, progress);
		requireQuiet(opening, progress).then(socket => callback?.(null, socket), (error) => callback?.((0,connection.bJ)(error) ? error : new Error('no connection'), new external_node_net_.Socket()));
		return undefined;
	};
	return agent;
}
async function requireQuiet(opening, progress) {
	const socket = await opening;
	socket.on('error', connection.Xe);
	refuseUnasked(socket);
	await (0,promises_.setImmediate)();
	progress.abandon = connection.Xe;
	if (!socket.destroyed)
		return socket;
	progress.phase = 'http';
	throw new Error('an answer came before anything was asked');
}
const asked = new WeakSet();
function refuseUnasked(socket) {
	socket.on('data', () => {
		if (!asked.has(socket))
			socket.destroy();
	});
	socket.on('free', () => asked.delete(socket));
}

var action_error = __nccwpck_require__(9481);
var json = __nccwpck_require__(6250);
var retry = __nccwpck_require__(8904);
var answer = __nccwpck_require__(4798);
;

function createClient(options) {
	const limits = options.limits ?? retry.b;
	const random = options.random ?? Math.random;
	const endsAt = options.uptime() + limits.actionMs;
	const ways = new Map();
	function wayTo(proxy) {
		const connections = ways.get(proxy?.href) ?? new Connections(proxy, options.open);
		ways.set(proxy?.href, connections);
		return connections;
	}
	async function get(service, address, headers, signal) {
		const url = new URL(address);
		const proxy = usableProxy(url, options);
		const connections = wayTo(proxy);
		const request = describeRequest(service, url, proxy, options);
		const ask = async (deadlineMs) => {
			const prepared = await connections.prepare(url, { 'accept-encoding': 'identity', ...headers });
			const outcome = await attemptOnce(prepared, deadlineMs, limits.bodyBytes, signal);
			if ('body' in outcome)
				options.onAnswer?.(outcome);
			return outcome;
		};
		let limited;
		for (let attempt = 1;; attempt++) {
			signal?.throwIfAborted();
			const deadlineMs = Math.min(limits.attemptMs, endsAt - options.uptime());
			const verdict = (0,answer.S4)(deadlineMs > 0 ? await ask(deadlineMs) : TOO_LATE, request, options.now());
			signal?.throwIfAborted();
			if ('answer' in verdict)
				return { ...verdict.answer, trail: { ...verdict.answer.trail, attempts: attempt } };
			const { failure } = verdict;
			const waitMs = (0,retry.l)(failure, { attempt, leftMs: endsAt - options.uptime(), limits, random });
			if (failure.isRateLimit)
				limited = failure;
			if (waitMs === undefined) {
				const told = failure.retryReason === undefined ? failure : (limited ?? failure);
				throw told.error({ attempts: attempt, late: options.uptime() >= endsAt, now: options.now() });
			}
			const reason = failure.retryReason ?? '';
			options.onRetry({ service, path: request.path, reason, nextAttempt: attempt + 1, waitMs });
			await (0,promises_.setTimeout)(waitMs, undefined, signal && { signal });
		}
	}
	return {
		get,
		openEarly(address) {
			const url = URL.parse(address);
			const proxy = url && (0,network_proxy.iJ)(url, options.environment, options.nodeVersion);
			if (url && !(proxy && 'fault' in proxy))
				wayTo(proxy ?? undefined).openEarly(url);
		},
		close() {
			for (const connections of ways.values())
				connections.close();
		}
	};
}
function usableProxy(url, { environment, nodeVersion, quote }) {
	const proxy = (0,network_proxy.iJ)(url, environment, nodeVersion);
	if (!proxy || !('fault' in proxy))
		return proxy;
	throw action_error.lZ.of('proxy-failed', { ...proxy, host: quote(url.host), attempts: 1 });
}
function describeRequest(service, url, proxy, options) {
	const { quote, limits = retry.b, extraCa = () => 'unset' } = options;
	return {
		service,
		path: quote(url.pathname),
		host: quote(url.host),
		proxyHost: proxy && quote(proxy.host),
		hasCredentials: proxy !== undefined && (0,network_proxy.z3)(proxy) !== '',
		limits,
		quote,
		extraCa
	};
}
const TOO_LATE = { broken: 'deadline', progress: { phase: 'http', atProxy: false } };
function attemptOnce(prepared, deadlineMs, bodyBytes, signal) {
	const { outgoing, progress } = prepared;
	return new Promise(resolve => {
		let head;
		const settle = (outcome) => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', hangUp);
			if (!('body' in outcome))
				drop(prepared);
			resolve(outcome);
		};
		const broken = (broken, error) => {
			const { phase, atProxy } = progress;
			settle({ broken, progress: { phase, atProxy }, ...(head && { headers: head.headers }), ...(error && { error }) });
		};
		const hangUp = () => {
			broken('connection');
		};
		const fail = (error) => {
			broken('connection', error);
		};
		const timer = setTimeout(() => {
			broken('deadline');
		}, deadlineMs);
		signal?.addEventListener('abort', hangUp);
		outgoing
			.on('socket', () => {
			progress.phase = 'http';
		})
			.on('error', fail)
			.on('close', hangUp)
			.on('upgrade', (response, socket) => {
			socket.destroy();
			settle(receivedFrom(response, ''));
		})
			.on('response', (response) => {
			head = receivedFrom(response, '');
			response.on('error', fail);
			collect(response, head, bodyBytes, settle);
		});
		if (signal?.aborted)
			hangUp();
		else
			send(prepared);
	});
}
function collect(response, { status, headers }, bodyBytes, done) {
	const chunks = [];
	let size = 0;
	response
		.on('data', (chunk) => {
		size += chunk.length;
		if (size > bodyBytes)
			done({ unreadable: 'too-large', status, headers });
		else
			chunks.push(chunk);
	})
		.on('end', () => {
		const body = unpacked(Buffer.concat(chunks), response.headers['content-encoding'] ?? '', bodyBytes);
		done(typeof body === 'string' ? { status, headers, body } : { ...body, status, headers });
	});
}
function receivedFrom(response, body) {
	return { status: response.statusCode ?? 0, headers: joined(response.headersDistinct), body };
}
const CODINGS = {
	identity: packed => packed,
	gzip: external_node_zlib_namespaceObject.gunzipSync,
	'x-gzip': external_node_zlib_namespaceObject.gunzipSync,
	br: external_node_zlib_namespaceObject.brotliDecompressSync,
	deflate: (packed, options) => ((packed[0] ?? 0) % 16 === 8 ? external_node_zlib_namespaceObject.inflateSync : external_node_zlib_namespaceObject.inflateRawSync)(packed, options)
};
function unpacked(body, contentEncoding, bodyBytes) {
	const codings = body.length === 0 ? [] : contentEncoding.toLowerCase().split(',').reverse();
	let bytes = body;
	for (const coding of codings.map(name => name.trim()).filter(Boolean)) {
		const undo = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
		if (!undo)
			return { unreadable: 'undecodable' };
		try {
			bytes = undo(bytes, { maxOutputLength: bodyBytes });
		}
		catch (error) {
			return { unreadable: (0,json.M)(error, 'code') === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'undecodable' };
		}
	}
	return bytes.toString('utf8').replace(/^\ufeff/, '');
}
function joined(headers) {
	return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]));
}

	}),

	8198:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	SV: () => ( CertificateRejected),
	LB: () => ( TunnelRefused),
	Xe: () => ( ignore),
	bJ: () => ( isError),
	JY: () => ( openConnection),
	HM: () => ( portOf),
	ot: () => ( startProgress)
});

;
const external_node_http_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");
var external_node_net_ = __nccwpck_require__(7030);
;
const external_node_tls_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");
;
const types_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util/types");
var network_proxy = __nccwpck_require__(1290);
;

class TunnelRefused extends Error {
	name = 'TunnelRefused';
	status;
	constructor(status) {
		super(`CONNECT was answered with ${status}`);
		this.status = status;
	}
}
class CertificateRejected extends Error {
	name = 'CertificateRejected';
	code;
	constructor(cause) {
		super(cause.message, { cause });
		this.code = cause.code;
	}
}
function startProgress() {
	return { phase: 'name', atProxy: false, abandon: ignore };
}
const ADDRESS_MS = 2_000;
function openConnection(host, proxy, progress) {
	return proxy ? openThrough(proxy, host, progress) : openTls(host, progress);
}
async function openThrough(proxy, host, progress) {
	progress.atProxy = true;
	const tunnel = await openTunnel(host, proxy, progress);
	progress.atProxy = false;
	return await openTls(host, progress, tunnel);
}
function openTcp({ name, port }, progress) {
	const socket = (0,external_node_net_.connect)({ host: name, port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS });
	return arrival(follow(socket, name, progress), 'connect');
}
function openTls({ name, port }, progress, way) {
	const socket = (0,external_node_tls_namespaceObject.connect)({
		...(way ? { socket: way } : { port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS }),
		host: name,
		servername: (0,external_node_net_.isIP)(name) ? '' : name,
		ALPNProtocols: ['http/1.1'],
		rejectUnauthorized: true
	});
	if (way) {
		progress.phase = 'tls';
		socket.on('close', () => way.destroy());
	}
	else {
		follow(socket, name, progress).on('connect', () => {
			progress.phase = 'tls';
		});
	}
	return arrival(socket, 'secureConnect').catch((error) => {
		const fault = socket.authorizationError;
		throw fault && isError(error) ? new CertificateRejected(error) : error;
	});
}
function follow(socket, name, progress) {
	progress.phase = (0,external_node_net_.isIP)(name) ? 'tcp' : 'name';
	progress.abandon = () => {
		socket.destroy();
	};
	return socket.on('lookup', (error) => {
		if (!error)
			progress.phase = 'tcp';
	});
}
async function openTunnel(host, proxy, progress) {
	const address = { name: (0,network_proxy.n0)(proxy), port: portOf(proxy) };
	const tcp = await openTcp(address, progress);
	const way = proxy.protocol === 'https:' ? await openTls(address, progress, tcp) : tcp;
	progress.phase = 'tunnel';
	const authority = `${(0,external_node_net_.isIP)(host.name) === 6 ? `[${host.name}]` : host.name}:${host.port}`;
	const basic = (0,network_proxy.z3)(proxy);
	return await new Promise((resolve, reject) => {
		const asking = (0,external_node_http_namespaceObject.request)({
			method: 'CONNECT',
			path: authority,
			headers: {
				...(basic && { 'proxy-authorization': `Basic ${Buffer.from(basic).toString('base64')}` }),
				'proxy-connection': 'keep-alive',
				host: authority
			},
			createConnection: () => way
		});
		asking.removeHeader('connection');
		asking
			.on('connect', ({ statusCode = 0 }, socket, head) => {
			if (statusCode >= 200 && statusCode < 300) {
				if (head.length > 0)
					socket.unshift(head);
				resolve(socket);
			}
			else {
				socket.destroy();
				reject(new TunnelRefused(statusCode));
			}
		})
			.on('error', reject)
			.end();
	});
}
function arrival(socket, event) {
	return new Promise((resolve, reject) => {
		socket
			.once(event, () => {
			resolve(socket);
		})
			.on('error', reject)
			.on('close', () => {
			reject(new Error('closed'));
		});
	});
}
function isError(thrown) {
	return (0,types_namespaceObject.isNativeError)(thrown);
}
function portOf(url) {
	return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}
function ignore() {
}

	}),

	9760:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		H1: () => ( brokenOff),
		KT: () => ( named),
		WY: () => ( requestIdIn),
		uD: () => ( isOutage)
	});
	var _connection_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8198);
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9481);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6250);

function brokenOff(outcome, request) {
	const { progress, error } = outcome;
	const certificate = certificateFault(error);
	if (certificate)
		return untrusted(certificate, outcome, request);
	if (request.proxyHost && progress.atProxy)
		return proxyFailure(outcome, request);
	const surprise = surpriseIn(outcome);
	if (surprise)
		return surprising(surprise, outcome, request);
	const { service, host, proxyHost, limits, quote } = request;
	const requestId = requestIdIn(outcome.headers ?? {}, quote);
	const isDeadline = outcome.broken === 'deadline';
	return {
		retryReason: reasonOf(outcome),
		isRateLimit: false,
		error: ({ attempts, late }) => _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ .lZ.of(named(service, 'unavailable'), {
			outage: !isDeadline ? 'network' : late ? 'budget' : 'deadline',
			phase: progress.phase,
			host,
			proxyHost,
			attempts,
			requestId,
			detail: isDeadline ? undefined : nodeCode(error),
			limitMs: limits.actionMs
		}, error)
	};
}
function requestIdIn(headers, quote) {
	const id = headers['x-github-request-id'] ?? headers['x-request-id'];
	return id ? quote(id) : undefined;
}
function isOutage(status) {
	return status === 408 || (status >= 500 && status < 600 && ![501, 505, 511].includes(status));
}
function named(service, kind) {
	return service === 'GitHub' ? `github-${kind}` : `vaunt-${kind}`;
}
function surpriseIn({ progress, error }) {
	if (error?.code === 'HPE_HEADER_OVERFLOW')
		return 'head-too-large';
	if (error?.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE')
		return 'not-http';
	const reason = opensslReason(error);
	if (reason === undefined || reason.includes('alert internal error'))
		return undefined;
	if (reason.includes('certificate required'))
		return 'client-certificate';
	if (/alert (?:handshake failure|bad certificate|certificate unknown)/.test(reason))
		return 'handshake-refused';
	return / alert |unsupported|disabled|too small|no protocols/.test(reason) && progress.phase === 'tls'
		? 'handshake-refused'
		: undefined;
}
function surprising(surprise, { error }, request) {
	const { service, host, path } = request;
	return {
		isRateLimit: false,
		error: ({ attempts }) => _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ .lZ.of(named(service, 'unexpected'), { surprise, asked: `${path}`, attempts, host, detail: nodeCode(error) }, error)
	};
}
function untrusted(fault, { progress, error }, request) {
	const { host, proxyHost, extraCa } = request;
	return {
		isRateLimit: false,
		error: ({ attempts }) => _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ .lZ.of('tls-untrusted', {
			fault,
			attempts,
			host: (progress.atProxy ? proxyHost : undefined) ?? host,
			isProxy: progress.atProxy,
			detail: certificateDetail(error),
			extraCa: extraCa()
		}, error)
	};
}
function proxyFailure(outcome, request) {
	const { progress, error } = outcome;
	const { host, proxyHost } = request;
	const status = error instanceof _connection_js__WEBPACK_IMPORTED_MODULE_0__ .LB ? error.status : undefined;
	const fault = status === undefined ? proxyFault(progress.phase, error) : refusalFault(status, request.hasCredentials);
	const isDeadline = outcome.broken === 'deadline';
	const detail = status !== undefined ? `status ${status}` : isDeadline ? undefined : nodeCode(error);
	const mayRecover = status === undefined ? !PERMANENT_PROXY_FAULTS.has(fault) : status === 429 || isOutage(status);
	return {
		...(mayRecover && { retryReason: reasonOf(outcome) }),
		isRateLimit: false,
		error: ({ attempts }) => _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ .lZ.of('proxy-failed', { fault, proxyHost, host, attempts, detail }, error)
	};
}
function refusalFault(status, hasCredentials) {
	if (status !== 407)
		return 'refused';
	return hasCredentials ? 'credentials-wrong' : 'credentials-missing';
}
function proxyFault(phase, error) {
	if (phase === 'name' || phase === 'tcp')
		return 'unreachable';
	if (phase === 'tls')
		return speaksNoTls(error) ? 'in-clear' : 'no-tls';
	return error?.code?.startsWith('HPE_') ? 'not-http' : 'no-tunnel';
}
const PERMANENT_PROXY_FAULTS = new Set(['in-clear', 'not-http']);
function speaksNoTls(error) {
	return /wrong version number|http request|packet length too long|record/.test(opensslReason(error) ?? '');
}
function reasonOf({ broken, error }) {
	return broken === 'deadline' ? 'no whole answer in time' : nodeCode(error);
}
const CERTIFICATE_FAULTS = new Map([
	['CERT_HAS_EXPIRED', 'expired'],
	['CERT_NOT_YET_VALID', 'not-yet-valid'],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-host'],
	['HOSTNAME_MISMATCH', 'wrong-host'],
	['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-issuer'],
	['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-issuer'],
	['UNABLE_TO_GET_ISSUER_CERT', 'unknown-issuer'],
	['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-issuer'],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-issuer'],
	['CERT_UNTRUSTED', 'unknown-issuer'],
	['CERT_REJECTED', 'invalid'],
	['CERT_REVOKED', 'invalid'],
	['CERT_SIGNATURE_FAILURE', 'invalid'],
	['CERT_CHAIN_TOO_LONG', 'invalid'],
	['PATH_LENGTH_EXCEEDED', 'invalid'],
	['INVALID_CA', 'invalid'],
	['INVALID_PURPOSE', 'invalid'],
	['ERR_TLS_CERT_ALTNAME_FORMAT', 'invalid']
]);
function certificateFault(error) {
	const known = CERTIFICATE_FAULTS.get(error?.code);
	if (known || !(error instanceof _connection_js__WEBPACK_IMPORTED_MODULE_0__ .SV))
		return known;
	return /too weak|too small/i.test(error.message) ? 'weak' : 'invalid';
}
function certificateDetail(error) {
	const code = nodeCode(error);
	return code === 'UNSPECIFIED' && isPlain(error?.message) ? `${code}: ${error?.message ?? ''}` : code;
}
function nodeCode(error) {
	const reason = opensslReason(error);
	if (reason !== undefined)
		return `EPROTO: ${reason}`;
	const code = String(error?.code);
	return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'connection closed';
}
function opensslReason(error) {
	const reason = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(error, 'library') === 'SSL routines' ? (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(error, 'reason') : undefined;
	return typeof reason === 'string' && isPlain(reason) ? reason : undefined;
}
function isPlain(text) {
	return /^[\w '/-]{1,80}$/.test(text ?? '');
}

	}),

	1290:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		PK: () => ( proxyPasswords),
		iJ: () => ( proxyFor),
		n0: () => ( bareHost),
		z3: () => ( credentials)
	});
function proxyFor(url, environment, nodeVersion) {
	const written = variable(environment, 'https_proxy');
	if (written === '' || bypassed(url, variable(environment, 'no_proxy')))
		return undefined;
	const proxy = URL.parse(written.includes('://') ? written : `http://${written}`);
	if (!proxy || !['http:', 'https:'].includes(proxy.protocol))
		return { fault: 'unusable-url' };
	if (credentials(proxy) === undefined)
		return { fault: 'unusable-url' };
	if (!usesProxies(nodeVersion))
		return { fault: 'unsupported-node', detail: `Node.js ${nodeVersion}` };
	return proxy;
}
function credentials(proxy) {
	const [user, password] = [proxy.username, proxy.password].map(part => decoded(part.replace(LONE_PERCENT, '%25')));
	if (user === undefined || password === undefined)
		return undefined;
	return user === '' && password === '' ? '' : `${user}:${password}`;
}
function proxyPasswords(environment) {
	const written = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].flatMap(name => {
		const authority = (environment[name] ?? '').trim().replace(/^[a-z][a-z\d+.-]*:\/\//i, '');
		return [/^[^:@]*:(.+)@/s.exec(authority)?.[1] ?? '', URL.parse(`http://${authority}`)?.password ?? ''];
	});
	return [...new Set(written.flatMap(password => [password, decoded(password) ?? '']))].filter(Boolean);
}
const LONE_PERCENT = /%(?![\da-f]{2})/gi;
function decoded(text) {
	try {
		return decodeURIComponent(text);
	}
	catch {
		return undefined;
	}
}
function variable(environment, name) {
	return [environment[name], environment[name.toUpperCase()]].map(value => value?.trim() ?? '').find(Boolean) ?? '';
}
function usesProxies(version) {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	return major > 24 || (major === 24 && minor >= 5);
}
function bypassed(url, list) {
	const host = bareHost(url);
	const port = url.port || '443';
	return list
		.toLowerCase()
		.split(/[\s,]/)
		.some(entry => {
		if (entry === '*')
			return true;
		const match = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(entry);
		if (!match)
			return false;
		const [, name, entryPort] = match;
		const suffix = (isIpv6(entry) ? entry : String(name)).replace(/^\*?\./, '');
		if (entryPort !== undefined && !isIpv6(entry) && entryPort !== port)
			return false;
		return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
	});
}
function bareHost(url) {
	return url.hostname.replace(/[[\]]/g, '');
}
function isIpv6(entry) {
	return !entry.startsWith('[') && entry.split(':').length > 2;
}

	}),

	8904:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		b: () => ( LIMITS),
		l: () => ( pauseAfter)
	});
const LIMITS = {
	attemptMs: 10_000,
	actionMs: 60_000,
	attempts: 3,
	bodyBytes: 1_048_576,
	pausesMs: [1_000, 5_000],
	unsaidLimitMs: 10_000,
	spreadMs: 10_000,
	roomMs: 5_000
};
function pauseAfter(failure, { attempt, leftMs, limits, random }) {
	if (failure.retryReason === undefined || attempt >= limits.attempts)
		return undefined;
	const pauseMs = limits.pausesMs[attempt - 1] ?? 0;
	const askedMs = failure.waitMs ?? (failure.isRateLimit ? limits.unsaidLimitMs * attempt : 0);
	const leastMs = Math.max(askedMs, pauseMs);
	const spareMs = leftMs - limits.roomMs - leastMs;
	if (spareMs < 0)
		return undefined;
	const spreadMs = askedMs > pauseMs ? Math.min(limits.spreadMs, Math.max(askedMs, 2 * pauseMs)) : pauseMs / 2;
	return leastMs + random() * Math.min(spreadMs, spareMs);
}

	}),

	869:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		_h: () => ( writeFile),
		_z: () => ( inFolder),
		lY: () => ( findFiles)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6250);

function findFiles(variables, environment, files) {
	const found = variables.map(variable => find(variable, environment[variable] ?? '', files));
	const cutBack = () => {
		for (const { path, length } of found) {
			try {
				files.cut(path, length);
			}
			catch {
			}
		}
	};
	return {
		cutBack,
		write(variable, write) {
			try {
				write();
			}
			catch (error) {
				cutBack();
				throw named(error, found.find(each => each.variable === variable), files);
			}
		}
	};
}
function find(variable, path, files) {
	if (path === '')
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('runner-files-unusable', { variable, detail: undefined });
	try {
		return { variable, path, length: files.probe(path) };
	}
	catch (error) {
		throw unusable(variable, error) ?? error;
	}
}
async function inFolder(disk, prefix, use) {
	let folder;
	try {
		folder = disk.makeFolder(prefix);
	}
	catch (error) {
		throw unusable('RUNNER_TEMP', error) ?? error;
	}
	try {
		return await use(folder);
	}
	catch (error) {
		disk.remove(folder);
		throw error;
	}
}
function writeFile(disk, path, text) {
	try {
		disk.write(path, text);
	}
	catch (error) {
		throw unusable('RUNNER_TEMP', error) ?? error;
	}
}
function named(error, file, files) {
	if (!file)
		return error;
	try {
		const failure = unusable(file.variable, error);
		if (failure)
			return failure;
		files.probe(file.path);
		return error;
	}
	catch (again) {
		return unusable(file.variable, again) ?? error;
	}
}
function unusable(variable, error) {
	const detail = (0,_errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .xU)((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(error, 'code'));
	return detail === undefined ? undefined : _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('runner-files-unusable', { variable, detail }, error);
}

	}),

	9205:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		CU: () => ( checkUrl),
		FN: () => ( serverOf),
		GQ: () => ( isPublicRepository),
		IV: () => ( absenceReason),
		Ko: () => ( readInputs),
		Sb: () => ( extraCaIn),
		gp: () => ( checkEntity),
		oF: () => ( PUBLIC_VAUNT_API_URL),
		sw: () => ( checkInputs),
		wY: () => ( foldNames),
		y0: () => ( apiUrl)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6250);
const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev';
const PUBLIC_GITHUB_API_URL = 'https://api.github.com';
const PUBLIC_VAUNT_HOST = 'api.vaunt.dev';
function readInputs(getInput, environment) {
	const read = (name, ...fallbacks) => [getInput(name), ...fallbacks].map(value => value?.trim() ?? '').find(value => value !== '') ?? '';
	const sealedToken = read('sealed-token');
	return {
		pat: sealedToken === '' ? read('pat', environment['VAUNT_PAT']) : '',
		entity: read('entity', environment['GITHUB_REPOSITORY_OWNER']),
		'export-env': read('export-env'),
		'seal-key': read('seal-key'),
		'sealed-token': sealedToken,
		'vaunt-api-url': read('vaunt-api-url', PUBLIC_VAUNT_API_URL),
		'github-api-url': read('github-api-url', environment['GITHUB_API_URL'], PUBLIC_GITHUB_API_URL)
	};
}
function checkInputs(raw, quote, absence) {
	const opening = raw['sealed-token'] !== '';
	const sealKey = checkSealKey(raw);
	(0,_errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .EE)([
		...(opening ? [] : [checkPat(raw, absence), checkEntity(raw, quote)]),
		checkExportEnv(raw, quote),
		sealKey instanceof _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ ? problem('seal-key', sealKey) : undefined,
		...(opening ? [] : [checkUrl(raw, 'vaunt-api-url'), checkUrl(raw, 'github-api-url'), checkHosts(raw, quote)])
	]);
	const exportEnv = raw['export-env'];
	const key = sealKey instanceof _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ ? undefined : sealKey;
	if (opening && key)
		return { mode: 'open', sealedToken: raw['sealed-token'], sealKey: key, exportEnv };
	return {
		mode: 'mint',
		pat: raw.pat,
		entity: raw.entity,
		exportEnv,
		sealKey: key,
		vauntApiUrl: apiUrl(raw, 'vaunt-api-url'),
		githubApiUrl: apiUrl(raw, 'github-api-url')
	};
}
function problem(input, error) {
	return { input, error };
}
function checkPat(raw, absence) {
	if (raw.pat === '') {
		return raw['seal-key'] === ''
			? problem('pat', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('pat-missing', { reason: absence() }))
			: problem('sealed-token', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('sealed-token-missing', { reason: absence() }));
	}
	const fault = malformation(raw.pat);
	if (fault)
		return problem('pat', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('pat-malformed', { fault }));
	const evidence = ['ghs_', 'ghr_'].find(start => raw.pat.startsWith(start));
	return evidence && problem('pat', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('pat-unsupported', { evidence }));
}
function checkEntity({ entity }, quote) {
	if (ENTITY.test(entity))
		return undefined;
	return problem('entity', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('entity-invalid', { value: quote(entity), empty: entity === '' }));
}
function checkExportEnv(raw, quote) {
	const name = raw['export-env'];
	if (name === '')
		return undefined;
	const fault = !ENVIRONMENT_NAME.test(name) ? 'not-a-name' : isReserved(name) ? 'reserved' : undefined;
	return fault && problem('export-env', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('export-env-invalid', { value: quote(name), fault }));
}
function checkSealKey(raw) {
	const text = raw['seal-key'];
	if (text === '' && raw['sealed-token'] === '')
		return undefined;
	return decodeKey(text) ?? _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('seal-key-invalid', { empty: text === '' });
}
function checkUrl(raw, input) {
	const fault = readUrl(raw[input]);
	return fault instanceof URL ? undefined : problem(input, _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('url-invalid', { input, fault }));
}
function checkHosts(raw, quote) {
	const [vauntUrl, githubUrl] = [readUrl(raw['vaunt-api-url']), readUrl(raw['github-api-url'])];
	if (!(vauntUrl instanceof URL && githubUrl instanceof URL) || !crossesOver(githubUrl, vauntUrl))
		return undefined;
	return problem('github-api-url', _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('host-unsupported', { githubHost: quote(githubUrl.host) }));
}
function absenceReason(eventName, actor, readEvent) {
	if (eventName?.startsWith('pull_request') && eventName !== 'pull_request_target' && isFork(readEvent))
		return 'fork';
	return actor === 'dependabot[bot]' ? 'dependabot' : 'unknown';
}
function extraCaIn(environment, readFile) {
	const path = environment['NODE_EXTRA_CA_CERTS'] ?? '';
	if (path === '')
		return 'unset';
	let text;
	try {
		text = readFile(path);
	}
	catch {
		return 'unreadable';
	}
	return PEM_CERTIFICATE.test(text) ? 'loaded' : 'no-pem';
}
const PEM_CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\s+[A-Za-z\d+/=\s]{64,}-----END (?:X509 |TRUSTED )?CERTIFICATE-----/m;
function isPublicRepository(environment, readFile) {
	const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''));
	return (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(event, 'repository'), 'private') === false;
}
function isFork(readEvent) {
	const event = readJson(readEvent);
	const pullRequest = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(event, 'pull_request');
	const base = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(pullRequest, 'base'), 'repo'), 'full_name');
	const head = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(pullRequest, 'head');
	const headRepository = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(head, 'repo');
	if (typeof base !== 'string' || head === undefined)
		return false;
	return headRepository === null || (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .M)(headRepository, 'full_name') !== base;
}
function readJson(read) {
	try {
		return (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ .q)(read());
	}
	catch {
		return undefined;
	}
}
function serverOf(githubApiUrl) {
	const url = readUrl(githubApiUrl);
	if (!(url instanceof URL) || url.host === new URL(PUBLIC_GITHUB_API_URL).host)
		return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .Ag;
	return `https://${url.host.replace(/^api\.(?=[^.]+\.ghe\.com$)/, '')}`;
}
function foldNames(environment, platform) {
	if (platform !== 'win32')
		return environment;
	return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]));
}
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/;
const ENVIRONMENT_NAME = /^[A-Za-z_]\w*$/;
function isReserved(name) {
	const upper = name.toUpperCase();
	return RESERVED_NAMES.has(upper) || RESERVED_PREFIXES.some(prefix => upper.startsWith(prefix));
}
const RESERVED_PREFIXES = [
	...['GITHUB_', 'RUNNER_', 'ACTIONS_', 'INPUT_', 'STATE_', 'NODE_', 'NPM_', 'LD_', 'DYLD_', 'GIT_', 'BASH_FUNC_'],
	...['LC_', 'PYTHON_', 'SSL_', 'DOTNET_', 'COMPLUS_']
];
const RESERVED_NAMES = new Set([
	...['PATH', 'HOME', 'CI', 'SHELL', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'TERM', 'LANG'],
	...['TMP', 'TEMP', 'TMPDIR', 'CDPATH', 'GLOBIGNORE', 'BASHOPTS', 'SHELLOPTS', 'PROMPT_COMMAND', 'PS4', 'TZ'],
	...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'EDITOR', 'VISUAL', 'PAGER', 'BROWSER', 'OPENSSL_CONF'],
	...['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH'],
	...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_HOME', 'GOFLAGS', 'RUSTFLAGS', 'MAKEFLAGS'],
	...['COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
	...['PSMODULEPATH', 'HOSTNAME', 'VAUNT_PAT']
]);
function malformation(pat) {
	if (/^[\w.~+/-]+=*$/.test(pat) && !/^(?:secrets|env|vars|inputs|github)\.\w/i.test(pat))
		return undefined;
	if (/\$\{\{|\}\}|^\$|^%[^%\s]+%$|^(?:secrets|env|vars|inputs|github)\./i.test(pat))
		return 'expression';
	if (/["'`\u2018-\u201f\u00ab\u00bb\u2039\u203a]/.test(pat))
		return 'quotes';
	if (/\s/.test(pat))
		return 'white-space';
	if (/\p{Cc}/u.test(pat))
		return 'control';
	return /[^\x21-\x7e]/.test(pat) ? 'non-ascii' : 'characters';
}
function decodeKey(text) {
	if (!/^[\w+/-]{43}=?$/.test(text))
		return undefined;
	const bytes = Buffer.from(text, 'base64');
	return bytes.length === 32 ? new Uint8Array(bytes) : undefined;
}
function readUrl(text) {
	if (!/^https:\/\//i.test(text))
		return URL.canParse(text) ? 'not-https' : 'unreadable';
	if (/[?#]/.test(text))
		return 'query';
	const authority = text.slice('https://'.length).split('/', 1)[0] ?? '';
	const url = authority !== '' && /^[\x21-\x5b\x5d-\x7e]+$/.test(text) ? URL.parse(text) : null;
	if (!url)
		return 'unreadable';
	return authority.includes('@') ? 'credentials' : url;
}
function crossesOver(githubUrl, vauntUrl) {
	const isPublicVaunt = vauntUrl.hostname.replace(/\.$/, '') === PUBLIC_VAUNT_HOST;
	return isPublicVaunt && withoutSlash(githubUrl) !== PUBLIC_GITHUB_API_URL;
}
function apiUrl(raw, input) {
	return withoutSlash(readUrl(raw[input]));
}
function withoutSlash(url) {
	return url instanceof URL ? url.href.replace(/(?<!\/)\/+$/, '') : '';
}

	}),

	6250:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		M: () => ( property),
		q: () => ( parseJson)
	});
function parseJson(text) {
	try {
		return JSON.parse(text);
	}
	catch {
		return undefined;
	}
}
function property(value, name) {
	return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

	}),

	5888:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		E$: () => ( redact),
		uB: () => ( QUOTED_CHARACTERS),
		v5: () => ( Quoted)
	});
class Quoted {
	#raw;
	#secrets;
	constructor(raw, secrets) {
		this.#raw = raw.toWellFormed();
		this.#secrets = secrets;
	}
	toString() {
		return clip(neutralise(redact(this.#raw, this.#secrets)));
	}
}
const QUOTED_CHARACTERS = 200;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const TOKEN_LIKE = /(?<![\w-])(?:gh[a-z]_[\w.-]{10,}|github_pat_\w{10,}|eyJ[\w-]{5,}(?:\.[\w-]*){1,4})/gi;
const REDACTED = '***';
function neutralise(text) {
	return (text
		.replace(UNPRINTABLE, ' ')
		.replace(/ {2,}/g, ' ')
		.replace(/\[[\da-f:.]+\]|:(?=:)/gi, found => (found === ':' ? ': ' : found))
		.replace(/#(?=#)/g, '# ')
		.trim());
}
function clip(text) {
	const characters = Array.from(text);
	if (characters.length <= QUOTED_CHARACTERS)
		return text;
	const kept = characters.slice(0, QUOTED_CHARACTERS - 1).join('');
	const whole = /\S/.test(text.charAt(kept.length)) ? kept.replace(/(?:^|\s|(?<=[("'<[]))https?:\/\/\S*$/i, '') : kept;
	return `${whole.trim() === '' ? kept : whole}…`;
}
function redact(text, secrets) {
	const known = secrets.filter(secret => secret !== '');
	let redacted = text;
	for (const spelling of known.flatMap(spellings).sort(longestFirst))
		redacted = redacted.replaceAll(spelling, REDACTED);
	if (known.some(secret => isShown(secret, redacted)))
		return REDACTED;
	return redacted.replace(TOKEN_LIKE, REDACTED);
}
function longestFirst(one, other) {
	return other.length - one.length;
}
function isShown(secret, text) {
	if (percentDecoded(text).includes(secret))
		return true;
	const visible = secret.replace(INVISIBLE, '');
	if (visible === '')
		return false;
	const joined = text.replace(INVISIBLE, '');
	const decoded = percentDecoded(joined).replace(INVISIBLE, '');
	return decoded.includes(visible) || spellings(secret).some(spelling => joined.includes(spelling));
}
const INVISIBLE = /[\s\p{C}]/gu;
function spellings(secret) {
	const wellFormed = secret.toWellFormed();
	return [secret, encodeURIComponent(wellFormed), JSON.stringify(secret).slice(1, -1), ...base64Spellings(wellFormed)];
}
function base64Spellings(secret) {
	const bytes = Buffer.from(secret);
	if (bytes.length < 6)
		return [];
	return [0, 1, 2].flatMap(offset => {
		const length = offset + bytes.length;
		const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
		const whole = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor((length * 8) / 6));
		return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
	});
}
function percentDecoded(text) {
	return text.replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

	}),

	5051:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	Z4: () => ( TOLERANCE_MS),
	iM: () => ( dateAt),
	Yq: () => ( decodeClaims),
	i0: () => ( requireFresh)
});

var validate = __nccwpck_require__(7784);
;

function decodeProtectedHeader(token) {
	let encodedProtectedHeader;
	if (typeof token == "string") {
		const parts = token.split(".");
		(parts.length === 3 || parts.length === 5) && ([encodedProtectedHeader] = parts);
	} else if (typeof token == "object" && token)
		if ("protected" in token)
			encodedProtectedHeader = token.protected;
		else
			throw new TypeError("Token does not contain a Protected Header");
	const invalid = "Invalid Token or Protected Header formatting";
	if (typeof encodedProtectedHeader != "string" || !encodedProtectedHeader)
		throw new TypeError(invalid);
	return (0,validate.OX)(encodedProtectedHeader, TypeError, invalid);
}

var base64url = __nccwpck_require__(1445);
var buffer_utils = __nccwpck_require__(7410);
var errors = __nccwpck_require__(5674);
;

function decodeJwt(jwt) {
	if (typeof jwt != "string")
		throw new errors.Dp("JWTs must use Compact JWS serialization, JWT must be a string");
	const { 1: encodedPayload, length } = jwt.split(".");
	if (length === 5)
		throw new errors.Dp("Only JWTs using Compact JWS serialization can be decoded");
	if (length !== 3)
		throw new errors.Dp("Invalid JWT");
	if (!encodedPayload)
		throw new errors.Dp("JWTs must contain a payload");
	let claimsSetBytes;
	try {
		claimsSetBytes = (0,base64url.D)(encodedPayload);
	} catch (cause) {
		throw new errors.Dp("Failed to base64url decode the payload", { cause });
	}
	let claimsSet;
	try {
		claimsSet = JSON.parse(buffer_utils.u8.decode(claimsSetBytes));
	} catch (cause) {
		throw new errors.Dp("Failed to parse the decoded payload as JSON", { cause });
	}
	if (!(0,validate.Gv)(claimsSet))
		throw new errors.Dp("Invalid JWT Claims Set");
	return claimsSet;
}

var action_error = __nccwpck_require__(9481);
;

function decodeClaims(token, trail) {
	const { algorithm, exp } = decode(token, trail);
	const isNone = algorithm.toLowerCase() === 'none';
	if (isNone || token.endsWith('.')) {
		const detail = isNone ? 'alg none' : undefined;
		throw action_error.lZ.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'unsigned', detail });
	}
	return { expiresAt: dateIn(exp) };
}
function dateIn(exp) {
	return typeof exp === 'number' && exp <= LAST_SECOND ? dateAt(exp * 1000) : undefined;
}
function dateAt(time) {
	const date = new Date(time);
	return Number.isNaN(date.getTime()) ? undefined : date;
}
const LAST_SECOND = 253_402_300_799;
function requireFresh({ expiresAt }, { vauntTime, now }, trail) {
	const time = vauntTime ?? now;
	if (!expiresAt || expiresAt.getTime() + TOLERANCE_MS > time)
		return;
	const isVaunts = vauntTime !== undefined;
	throw action_error.lZ.of('token-expired', { ...trail, expiredAt: expiresAt, time: new Date(time), isVaunts });
}
const TOLERANCE_MS = 60_000;
const ASKED = 'a token';
function decode(token, trail) {
	try {
		const algorithm = decodeProtectedHeader(token).alg;
		const exp = decodeJwt(token).exp;
		if (typeof algorithm === 'string')
			return { algorithm, exp };
	}
	catch {
	}
	throw action_error.lZ.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'not-a-jwt' });
}

	}),

	7405:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		c: () => ( exchange),
		v: () => ( COMPACT_JWS)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6250);
	var _request_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7983);

async function exchange({ client, vauntApiUrl, entity, pat, quote }) {
	const asked = `the token of ${quote(entity)}`;
	const answer = await (0,_request_js__WEBPACK_IMPORTED_MODULE_1__ .g)({
		client,
		vauntApiUrl,
		path: `/v1/github/entities/${encodeURIComponent(entity)}/token`,
		bearer: pat,
		accept: 'application/json',
		quote,
		asked,
		entity,
		forToken: true
	});
	const { json, trail, status, host } = answer;
	const facts = { ...trail, asked, status, host };
	if (json === undefined)
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', { ...facts, surprise: 'not-json' });
	const token = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ .M)(json, 'data'), 'token');
	if (typeof token !== 'string' || token === '' || token === 'null') {
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', { ...facts, surprise: 'no-token' });
	}
	if (!COMPACT_JWS.test(token))
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' });
	const { attempts, requestId } = trail;
	return { token, vauntTime: answer.serverTime, trail: { attempts, requestId } };
}
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

	}),

	7983:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		g: () => ( askVaunt)
	});
	var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9481);
	var _runner_inputs_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9205);

async function askVaunt(question) {
	const { client, vauntApiUrl, path, bearer, accept, quote, asked } = question;
	const answer = await client.get('Vaunt', `${vauntApiUrl}${path}`, {
		accept,
		authorization: `Bearer ${bearer}`,
		'user-agent': 'vaunt-token-action'
	});
	const { status, headers, isOwnRefusal, host, trail } = answer;
	const facts = { ...trail, asked, status, host };
	if (status === 200)
		return answer;
	if ([401, 403, 404, 511].includes(status) && !isOwnRefusal) {
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', { ...facts, surprise: 'foreign' });
	}
	if (status === 404 && question.mayBeMissing === true)
		return answer;
	if (status === 401 || status === 403 || status === 404)
		throw refusal(answer, question);
	if (status >= 300 && status < 400) {
		const location = headers['location'];
		throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', {
			...facts,
			surprise: 'redirect',
			location: location === undefined ? undefined : quote(location)
		});
	}
	const refused = status >= 400 && isOwnRefusal && trail.words !== undefined;
	throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-unexpected', { ...facts, surprise: refused ? 'refused' : 'status' });
}
function refusal({ status, trail }, question) {
	const { vauntApiUrl, quote, repository } = question;
	const asked = question.forToken === true ? undefined : question.asked;
	const entity = quote(question.entity);
	if (status !== 404)
		return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-refused', { ...trail, entity, status, asked });
	return _errors_action_error_js__WEBPACK_IMPORTED_MODULE_0__ .lZ.of('vaunt-entity-unknown', {
		...trail,
		entity,
		repository: repository === undefined ? undefined : quote(repository),
		address: vauntApiUrl === _runner_inputs_js__WEBPACK_IMPORTED_MODULE_1__ .oF ? undefined : quote(vauntApiUrl)
	});
}

	}),

	7904:
	((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);

__nccwpck_require__.d(__webpack_exports__, {
	open: () => ( seal_open),
	seal: () => ( seal)
});

var errors = __nccwpck_require__(5674);
var buffer_utils = __nccwpck_require__(7410);
var validate = __nccwpck_require__(7784);
var base64url = __nccwpck_require__(1445);
;

const tag = (key) => key[Symbol.toStringTag], jwkMatchesOp = (entry, key, usage) => {
	const { alg } = entry;
	if (key.use !== void 0) {
		const expected = usage === "sign" || usage === "verify" ? "sig" : "enc";
		if (key.use !== expected)
			throw new TypeError(`Invalid key for this operation, its "use" must be "${expected}" when present`);
	}
	if (key.alg !== void 0 && key.alg !== alg)
		throw new TypeError(`Invalid key for this operation, its "alg" must be "${alg}" when present`);
	if (Array.isArray(key.key_ops)) {
		const expectedKeyOp = usage === "encrypt" || usage === "decrypt" ? entry.ops?.[usage === "encrypt" ? 0 : 1] : usage;
		if (expectedKeyOp && !key.key_ops.includes(expectedKeyOp))
			throw new TypeError(`Invalid key for this operation, its "key_ops" must include "${expectedKeyOp}" when present`);
	}
};
async function prepareKey(entry, key, usage) {
	const { alg, secret } = entry, requiresPrivateKey = usage === "decrypt" || usage === "sign";
	if (secret && key instanceof Uint8Array)
		return key;
	let normalized, keyObject;
	if ((0,validate.Gv)(key)) {
		if (normalized = normalizeJwk(key), typeof normalized.kty != "string")
			throw invalidKeyType(alg, key, secret);
		if (!(secret ? normalized.kty === "oct" && typeof normalized.k == "string" : normalized.kty !== "oct" && (requiresPrivateKey ? normalized.kty === "AKP" && typeof normalized.priv == "string" || typeof normalized.d == "string" : normalized.d === void 0 && normalized.priv === void 0)))
			throw new TypeError(secret ? 'JSON Web Key for symmetric algorithms must have JWK "kty" (Key Type) equal to "oct" and the JWK "k" (Key Value) present' : `JSON Web Key for this operation must be a ${requiresPrivateKey ? "private" : "public"} JWK`);
		if (jwkMatchesOp(entry, normalized, usage), normalized.kty === "oct")
			return (0,base64url.D)(normalized.k);
		if (!Object.isFrozen(key)) {
			const { key_ops } = key;
			Array.isArray(key_ops) && Object.freeze(key_ops), Object.freeze(key);
		}
	} else {
		if (!isKeyLike(key))
			throw invalidKeyType(alg, key, secret);
		const expectedType = secret ? "secret" : requiresPrivateKey ? "private" : "public";
		if (key.type !== expectedType && (secret || ["secret", "public", "private"].includes(key.type)))
			throw new TypeError(`${tag(key)} instances must be of type "${expectedType}" for the ${alg} algorithm`);
		if (isCryptoKey(key))
			return key;
		if (keyObject = key, keyObject.type === "secret")
			return keyObject.export();
	}
	cache ||=  new WeakMap();
	const cacheKey = key;
	let cached = cache.get(cacheKey);
	if (cached?.[alg])
		return cached[alg];
	if (cached || cache.set(cacheKey, cached = {}), keyObject && typeof keyObject.toCryptoKey == "function") {
		const isPublic = keyObject.type === "public", crv = nist[keyObject.asymmetricKeyDetails?.namedCurve], params = entry.resolve?.({ crv, asymmetricKeyType: keyObject.asymmetricKeyType }) ?? entry.subtle;
		return cached[alg] = keyObject.toCryptoKey(params, isPublic, entry.usages[isPublic ? 0 : 1]);
	}
	return normalized ??= keyObject.export({ format: "jwk" }), normalized.alg = alg, cached[alg] = await jwkToKey(entry, normalized);
}
let cache;
const nist = {
	__proto__: null,
	prime256v1: "P-256",
	secp384r1: "P-384",
	secp521r1: "P-521"
};
function assertCryptoKey(key) {
	if (!isCryptoKey(key))
		throw new Error("CryptoKey instance expected");
}
const isCryptoKey = (key) => {
	if (key?.[Symbol.toStringTag] === "CryptoKey")
		return !0;
	try {
		return key instanceof CryptoKey;
	} catch {
		return !1;
	}
}, isKeyObject = (key) => key?.[Symbol.toStringTag] === "KeyObject", isKeyLike = (key) => isCryptoKey(key) || isKeyObject(key);
function message(msg, actual, ...types) {
	if (types.length > 2) {
		const last = types.pop();
		msg += `one of type ${types.join(", ")}, or ${last}.`;
	} else types.length === 2 ? msg += `one of type ${types[0]} or ${types[1]}.` : msg += `of type ${types[0]}.`;
	return actual == null ? msg += ` Received ${actual}` : typeof actual == "function" && actual.name ? msg += ` Received function ${actual.name}` : typeof actual == "object" && actual != null && actual.constructor?.name && (msg += ` Received an instance of ${actual.constructor.name}`), msg;
}
const invalidKeyInput = (actual, ...types) => message("Key must be ", actual, ...types);
function invalidKeyType(alg, actual, secret) {
	const types = ["CryptoKey", "KeyObject", "JSON Web Key"];
	return secret && types.push("Uint8Array"), new TypeError(message(`Key for the ${alg} algorithm must be `, actual, ...types));
}
const unusable = (name, prop = "algorithm.name") => new TypeError(`CryptoKey does not support this operation, its ${prop} must be ${name}`);
function checkUsage(key, usage) {
	if (usage && !key.usages.includes(usage))
		throw new TypeError(`CryptoKey does not support this operation, its usages must include ${usage}.`);
}
function checkModulusLength(alg, key) {
	const { modulusLength } = key.algorithm;
	if (typeof modulusLength != "number" || modulusLength < 2048)
		throw new TypeError(`${alg} requires key modulusLength to be 2048 bits or larger`);
}
function checkCryptoKey(key, expected, usage) {
	const algorithm = key.algorithm;
	if (algorithm.name !== expected.name)
		throw unusable(expected.name);
	if (expected.hash && algorithm.hash?.name !== expected.hash)
		throw unusable(expected.hash, "algorithm.hash");
	if (expected.namedCurve && algorithm.namedCurve !== expected.namedCurve)
		throw unusable(expected.namedCurve, "algorithm.namedCurve");
	if (expected.length !== void 0 && algorithm.length !== expected.length)
		throw unusable(expected.length, "algorithm.length");
	checkUsage(key, usage);
}
function snapshotJwk(jwk) {
	return { __proto__: null, ...jwk };
}
function normalizeJwk(jwk) {
	const normalized = snapshotJwk(jwk);
	if (normalized.ext !== void 0 && typeof normalized.ext != "boolean")
		throw new TypeError('"ext" (Extractable) Parameter must be a boolean');
	if (normalized.key_ops !== void 0) {
		const value = normalized.key_ops, keyOps = Array.isArray(value) ? [...value] : void 0;
		if (!keyOps || keyOps.some((operation) => typeof operation != "string") || new Set(keyOps).size !== keyOps.length)
			throw new TypeError('"key_ops" (Key Operations) Parameter must be an array of unique strings');
		normalized.key_ops = keyOps;
	}
	return normalized;
}
async function jwkToKey(entry, jwk, extractable) {
	if (!entry.kty.includes(jwk.kty))
		throw new errors.T0('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
	const algorithm = entry.resolve?.({ kty: jwk.kty, crv: jwk.crv }) ?? entry.subtle, isPrivate = !!(jwk.d || jwk.priv), keyData = { ...jwk, ext: extractable ?? jwk.ext };
	return keyData.kty !== "AKP" && delete keyData.alg, delete keyData.use, crypto.subtle.importKey("jwk", keyData, algorithm, keyData.ext ?? !isPrivate, jwk.key_ops ?? entry.usages[isPrivate ? 1 : 0]);
}
async function rawKey(key, expected, usage, extractable = !1) {
	return key instanceof Uint8Array && (key = await crypto.subtle.importKey("raw", key, expected, extractable, [usage])), checkCryptoKey(key, expected, usage), key;
}

;

const generateCek = (enc) => crypto.getRandomValues(new Uint8Array(enc.cekBits >> 3));
function checkCekLength(cek, expected) {
	const actual = cek.byteLength << 3;
	if (actual !== expected)
		throw new errors.aA(`Invalid Content Encryption Key length. Expected ${expected} bits, got ${actual} bits`);
}
const generateIv = (enc) => crypto.getRandomValues(new Uint8Array(enc.ivBits >> 3));
function checkIvLength(enc, iv) {
	if (iv.length << 3 !== enc.ivBits)
		throw new errors.aA("Invalid Initialization Vector length");
}
async function cbcKeySetup(enc, cek, usage) {
	if (!(cek instanceof Uint8Array))
		throw new TypeError(invalidKeyInput(cek, "Uint8Array"));
	const keyLengthBits = enc.cekBits >> 1, encKey = await crypto.subtle.importKey("raw", cek.subarray(keyLengthBits >> 3), "AES-CBC", !1, [usage]), macKey = await crypto.subtle.importKey("raw", cek.subarray(0, keyLengthBits >> 3), {
		hash: `SHA-${keyLengthBits << 1}`,
		name: "HMAC"
	}, !1, ["sign"]);
	return [encKey, macKey, keyLengthBits];
}
async function cbcHmacTag(macKey, macData, keyLengthBits) {
	return new Uint8Array((await crypto.subtle.sign("HMAC", macKey, macData)).slice(0, keyLengthBits >> 3));
}
async function cbcEncrypt(enc, plaintext, cek, iv, aad) {
	const [encKey, macKey, keyLengthBits] = await cbcKeySetup(enc, cek, "encrypt"), ciphertext = new Uint8Array(await crypto.subtle.encrypt({
		iv,
		name: "AES-CBC"
	}, encKey, plaintext)), al = (0,buffer_utils.mx)(aad.length * 8), macData = (0,buffer_utils.xW)(aad, iv, ciphertext, al), tag = await cbcHmacTag(macKey, macData, keyLengthBits);
	return { ciphertext, tag, iv };
}
async function timingSafeEqual(a, b) {
	const algorithm = { name: "HMAC", hash: "SHA-256" }, key = await crypto.subtle.generateKey(algorithm, !1, ["sign", "verify"]), aHmac = await crypto.subtle.sign(algorithm, key, a);
	return crypto.subtle.verify(algorithm, key, aHmac, b);
}
async function cbcDecrypt(enc, cek, ciphertext, iv, tag, aad) {
	const [encKey, macKey, keyLengthBits] = await cbcKeySetup(enc, cek, "decrypt"), al = (0,buffer_utils.mx)(aad.length * 8), macData = (0,buffer_utils.xW)(aad, iv, ciphertext, al), expectedTag = await cbcHmacTag(macKey, macData, keyLengthBits);
	try {
		if (await timingSafeEqual(tag, expectedTag))
			return new Uint8Array(await crypto.subtle.decrypt({ iv, name: "AES-CBC" }, encKey, ciphertext));
	} catch {
	}
	throw new errors.xO();
}
async function encrypt(enc, plaintext, cek, iv, aad) {
	if (!isCryptoKey(cek) && !(cek instanceof Uint8Array))
		throw new TypeError(invalidKeyInput(cek, "CryptoKey", "KeyObject", "Uint8Array", "JSON Web Key"));
	if (iv ? checkIvLength(enc, iv) : iv = generateIv(enc), cek instanceof Uint8Array && checkCekLength(cek, enc.cekBits), enc.cbc)
		return cbcEncrypt(enc, plaintext, cek, iv, aad);
	const encKey = await rawKey(cek, enc.subtle, "encrypt"), encrypted = new Uint8Array(await crypto.subtle.encrypt({
		additionalData: aad,
		iv,
		name: "AES-GCM",
		tagLength: 128
	}, encKey, plaintext));
	return { ciphertext: encrypted.subarray(0, -16), tag: encrypted.subarray(-16), iv };
}
async function decrypt(enc, cek, ciphertext, iv, tag, aad) {
	if (!isCryptoKey(cek) && !(cek instanceof Uint8Array))
		throw new TypeError(invalidKeyInput(cek, "CryptoKey", "KeyObject", "Uint8Array", "JSON Web Key"));
	if (!iv)
		throw new errors.aA("JWE Initialization Vector missing");
	if (!tag)
		throw new errors.aA("JWE Authentication Tag missing");
	if (!enc.cbc && tag.length !== 16)
		throw new errors.aA("Invalid Authentication Tag length");
	if (checkIvLength(enc, iv), cek instanceof Uint8Array && checkCekLength(cek, enc.cekBits), enc.cbc)
		return cbcDecrypt(enc, cek, ciphertext, iv, tag, aad);
	const encKey = await rawKey(cek, enc.subtle, "decrypt");
	try {
		return new Uint8Array(await crypto.subtle.decrypt({
			additionalData: aad,
			iv,
			name: "AES-GCM",
			tagLength: 128
		}, encKey, (0,buffer_utils.xW)(ciphertext, tag)));
	} catch {
		throw new errors.xO();
	}
}

;
function table(entries) {
	const out = { __proto__: null };
	for (const alg in entries)
		out[alg] = { ...entries[alg], alg };
	return out;
}

;

const wrap = [
	["encrypt", "wrapKey"],
	["decrypt", "unwrapKey"]
], derive = [[], ["deriveBits"]], none = [[], []];
function rsaes(bits) {
	return {
		kty: ["RSA"],
		mode: "key-encryption",
		subtle: { name: "RSA-OAEP", hash: `SHA-${bits}` },
		usages: wrap,
		ops: ["wrapKey", "unwrapKey"]
	};
}
function ecdh(mode) {
	return {
		kty: ["EC", "OKP"],
		mode,
		subtle: { name: "ECDH" },
		resolve: ({ kty, crv, asymmetricKeyType }) => {
			if (crv === "X25519" || asymmetricKeyType === "x25519")
				return { name: "X25519" };
			if (kty === "OKP")
				throw new errors.T0('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
			return { name: "ECDH", namedCurve: crv };
		},
		usages: derive,
		ops: [void 0, "deriveBits"]
	};
}
function aeskw(bits, gcm = !1) {
	return {
		kty: ["oct"],
		mode: "key-wrapping",
		secret: !0,
		subtle: { name: gcm ? "AES-GCM" : "AES-KW", length: bits },
		usages: none,
		ops: gcm ? ["encrypt", "decrypt"] : ["wrapKey", "unwrapKey"]
	};
}
function pbes2() {
	return {
		kty: ["oct"],
		mode: "key-wrapping",
		secret: !0,
		subtle: { name: "PBKDF2" },
		usages: none,
		ops: ["deriveBits", "deriveBits"]
	};
}
const JWE = table({
	dir: {
		kty: ["oct"],
		mode: "direct-encryption",
		secret: !0,
		subtle: { name: "AES-GCM" },
		usages: none,
		ops: ["encrypt", "decrypt"]
	},
	"RSA-OAEP": rsaes(1),
	"RSA-OAEP-256": rsaes(256),
	"RSA-OAEP-384": rsaes(384),
	"RSA-OAEP-512": rsaes(512),
	"ECDH-ES": ecdh("direct-key-agreement"),
	"ECDH-ES+A128KW": ecdh("key-agreement-with-key-wrapping"),
	"ECDH-ES+A192KW": ecdh("key-agreement-with-key-wrapping"),
	"ECDH-ES+A256KW": ecdh("key-agreement-with-key-wrapping"),
	A128KW: aeskw(128),
	A192KW: aeskw(192),
	A256KW: aeskw(256),
	A128GCMKW: aeskw(128, !0),
	A192GCMKW: aeskw(192, !0),
	A256GCMKW: aeskw(256, !0),
	"PBES2-HS256+A128KW": pbes2(),
	"PBES2-HS384+A192KW": pbes2(),
	"PBES2-HS512+A256KW": pbes2()
}), contentOps = ["encrypt", "decrypt"];
function contentEncryption(bits, cbc = !1) {
	return {
		kty: ["oct"],
		secret: !0,
		subtle: { name: cbc ? "AES-CBC" : "AES-GCM", length: bits },
		usages: none,
		ops: contentOps,
		cekBits: bits,
		ivBits: cbc ? 128 : 96,
		cbc
	};
}
const ENC = table({
	A128GCM: contentEncryption(128),
	A192GCM: contentEncryption(192),
	A256GCM: contentEncryption(256),
	"A128CBC-HS256": contentEncryption(256, !0),
	"A192CBC-HS384": contentEncryption(384, !0),
	"A256CBC-HS512": contentEncryption(512, !0)
});
function unsupported(parameter, name) {
	throw new errors.T0(`Invalid or unsupported "${parameter}" (JWE ${name}) header value`);
}
function jweAlgorithm(alg) {
	return (typeof alg == "string" ? JWE[alg] : void 0) ?? unsupported("alg", "Algorithm");
}
function isJWECEKTransport(algorithm) {
	return algorithm.mode === "key-wrapping" || algorithm.mode === "key-encryption" || algorithm.mode === "key-agreement-with-key-wrapping";
}
function jweEncryption(enc) {
	return (typeof enc == "string" ? ENC[enc] : void 0) ?? unsupported("enc", "Encryption Algorithm");
}

;

function checkEcdhCryptoKey(key, usage) {
	if (key.algorithm.name !== "ECDH" && key.algorithm.name !== "X25519")
		throw new TypeError("CryptoKey does not support this operation, its algorithm.name must be ECDH or X25519");
	checkUsage(key, usage);
}
async function aeskwWrap(alg, key, cek) {
	const cryptoKey = await rawKey(key, jweAlgorithm(alg).subtle, "wrapKey", !0), cryptoKeyCek = await crypto.subtle.importKey("raw", cek, { hash: "SHA-256", name: "HMAC" }, !0, ["sign"]);
	return new Uint8Array(await crypto.subtle.wrapKey("raw", cryptoKeyCek, cryptoKey, "AES-KW"));
}
async function aeskwUnwrap(alg, key, encryptedKey) {
	const cryptoKey = await rawKey(key, jweAlgorithm(alg).subtle, "unwrapKey", !0), cryptoKeyCek = await crypto.subtle.unwrapKey("raw", encryptedKey, cryptoKey, "AES-KW", { hash: "SHA-256", name: "HMAC" }, !0, ["sign"]);
	return new Uint8Array(await crypto.subtle.exportKey("raw", cryptoKeyCek));
}
function checkRsaKey(alg, key, usage) {
	checkCryptoKey(key, jweAlgorithm(alg).subtle, usage), checkModulusLength(alg, key);
}
async function deriveKey(p2s, alg, p2c, key) {
	if (!(p2s instanceof Uint8Array) || p2s.length < 8)
		throw new errors.aA("PBES2 Salt Input must be 8 or more octets");
	if (!Number.isSafeInteger(p2c) || Math.sign(p2c) !== 1)
		throw new errors.aA("PBES2 Count Input must be a positive integer");
	const salt = (0,buffer_utils.xW)((0,buffer_utils.lF)(alg), Uint8Array.of(0), p2s), keyLengthBits = parseInt(alg.slice(13, 16), 10), subtleAlg = {
		hash: `SHA-${alg.slice(8, 11)}`,
		iterations: p2c,
		name: "PBKDF2",
		salt
	}, cryptoKey = await rawKey(key, jweAlgorithm(alg).subtle, "deriveBits");
	return new Uint8Array(await crypto.subtle.deriveBits(subtleAlg, cryptoKey, keyLengthBits));
}
function lengthAndInput(input) {
	return (0,buffer_utils.xW)((0,buffer_utils.VS)(input.length), input);
}
async function concatKdf(Z, keyDataLength, OtherInfo) {
	const dkLen = keyDataLength >> 3, hashLen = 32, reps = Math.ceil(dkLen / hashLen), dk = new Uint8Array(reps * hashLen);
	for (let i = 1; i <= reps; i++) {
		const hashResult = await (0,buffer_utils.br)("sha256", (0,buffer_utils.xW)((0,buffer_utils.VS)(i), Z, OtherInfo));
		dk.set(hashResult, (i - 1) * hashLen);
	}
	return dk.slice(0, dkLen);
}
async function ecdhesDeriveKey(publicKey, privateKey, algorithmId, keyDataLength, apu = new Uint8Array(), apv = new Uint8Array()) {
	checkEcdhCryptoKey(publicKey), checkEcdhCryptoKey(privateKey, "deriveBits");
	const otherInfo = (0,buffer_utils.xW)(lengthAndInput((0,buffer_utils.lF)(algorithmId)), lengthAndInput(apu), lengthAndInput(apv), (0,buffer_utils.VS)(keyDataLength)), Z = new Uint8Array(await crypto.subtle.deriveBits({
		name: publicKey.algorithm.name,
		public: publicKey
	}, privateKey, publicKey.algorithm.name === "X25519" ? 256 : Math.ceil(parseInt(publicKey.algorithm.namedCurve.slice(-3), 10) / 8) << 3));
	return concatKdf(Z, keyDataLength, otherInfo);
}
function assertEcdhKey(key) {
	assertCryptoKey(key);
	const curve = key.algorithm.namedCurve;
	if (curve !== "P-256" && curve !== "P-384" && curve !== "P-521" && key.algorithm.name !== "X25519")
		throw new errors.T0("ECDH with the provided key is not allowed or not supported by your javascript runtime");
}
function partyInfo(joseHeader, name) {
	const value = joseHeader[name];
	if (value !== void 0) {
		if (typeof value != "string")
			throw new errors.aA(`JOSE Header "${name}" (Agreement Party${name === "apu" ? "U" : "V"}Info) invalid`);
		return (0,validate.h2)(value, name, errors.aA);
	}
}
function checkPartyInfo(apu, apv) {
	if (!(apu === void 0 || apv === void 0 || apu.byteLength !== apv.byteLength)) {
		for (let i = 0; i < apu.byteLength; i++)
			if (apu[i] !== apv[i])
				return;
		throw new errors.aA('JOSE Header "apu" and "apv" values must be distinct');
	}
}
function assertEncryptedKey(encryptedKey) {
	if (encryptedKey === void 0)
		throw new errors.aA("JWE Encrypted Key missing");
}
function assertNoEncryptedKey(encryptedKey) {
	if (encryptedKey !== void 0)
		throw new errors.aA("Encountered unexpected JWE Encrypted Key");
}
function validateMaxPBES2Count(value) {
	if (value !== void 0 && value !== 1 / 0 && (!Number.isSafeInteger(value) || value < 1))
		throw new TypeError("maxPBES2Count must be a positive safe integer or Infinity");
}
async function decryptKeyManagement(entry, enc, key, encryptedKey, joseHeader, maxPBES2Count) {
	const { alg } = entry, mode = entry.mode;
	if (mode === "direct-encryption")
		return assertNoEncryptedKey(encryptedKey), key;
	const direct = mode === "direct-key-agreement";
	switch (direct ? assertNoEncryptedKey(encryptedKey) : assertEncryptedKey(encryptedKey), entry.subtle.name) {
		case "ECDH": {
			const { epk } = joseHeader;
			if (!(0,validate.Gv)(epk) || ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"].some((parameter) => Object.hasOwn(epk, parameter)))
				throw new errors.aA('JOSE Header "epk" (Ephemeral Public Key) missing or invalid');
			assertEcdhKey(key);
			const ephemeralPublicKey = await jwkToKey(entry, epk), partyUInfo = partyInfo(joseHeader, "apu"), partyVInfo = partyInfo(joseHeader, "apv");
			checkPartyInfo(partyUInfo, partyVInfo);
			const derivedKey = await ecdhesDeriveKey(ephemeralPublicKey, key, direct ? enc.alg : alg, direct ? enc.cekBits : parseInt(alg.slice(-5, -2), 10), partyUInfo, partyVInfo);
			if (direct)
				return derivedKey;
			key = derivedKey;
			break;
		}
		case "RSA-OAEP":
			return assertCryptoKey(key), checkRsaKey(alg, key, "decrypt"), new Uint8Array(await crypto.subtle.decrypt("RSA-OAEP", key, encryptedKey));
		case "PBKDF2": {
			if (typeof joseHeader.p2c != "number")
				throw new errors.aA('JOSE Header "p2c" (PBES2 Count) missing or invalid');
			const p2cLimit = maxPBES2Count ?? 1e4;
			if (joseHeader.p2c > p2cLimit)
				throw new errors.aA('JOSE Header "p2c" (PBES2 Count) out is of acceptable bounds');
			if (typeof joseHeader.p2s != "string")
				throw new errors.aA('JOSE Header "p2s" (PBES2 Salt) missing or invalid');
			const p2s = (0,validate.h2)(joseHeader.p2s, "p2s", errors.aA);
			key = await deriveKey(p2s, alg, joseHeader.p2c, key);
			break;
		}
		case "AES-GCM": {
			if (typeof joseHeader.iv != "string")
				throw new errors.aA('JOSE Header "iv" (Initialization Vector) missing or invalid');
			if (typeof joseHeader.tag != "string")
				throw new errors.aA('JOSE Header "tag" (Authentication Tag) missing or invalid');
			const iv = (0,validate.h2)(joseHeader.iv, "iv", errors.aA), tag = (0,validate.h2)(joseHeader.tag, "tag", errors.aA);
			if (iv.byteLength !== 12)
				throw new errors.aA("Invalid Initialization Vector length");
			if (tag.byteLength !== 16)
				throw new errors.aA("Invalid Authentication Tag length");
			return decrypt(jweEncryption(alg.slice(0, -2)), key, encryptedKey, iv, tag, new Uint8Array());
		}
	}
	return aeskwUnwrap(alg.slice(-6), key, encryptedKey);
}
async function encryptKeyManagement(entry, enc, inputKey, joseHeader, providedCek, providedParameters = {}) {
	const { alg, mode } = entry, transport = isJWECEKTransport(entry);
	if (providedCek !== void 0 && !transport)
		throw new TypeError(`setContentEncryptionKey cannot be called with JWE "alg" (Algorithm) Header ${alg}`);
	let key = await prepareKey(mode === "direct-encryption" ? enc : entry, inputKey, "encrypt");
	if (mode === "direct-encryption")
		return [key, void 0, void 0];
	const cek = transport ? providedCek ?? generateCek(enc) : void 0;
	cek && checkCekLength(cek, enc.cekBits);
	let encryptedKey, parameters;
	switch (entry.subtle.name) {
		case "ECDH": {
			assertEcdhKey(key);
			const { apu: providedApu, apv: providedApv } = providedParameters;
			providedApu !== void 0 && (0,validate.GT)(providedApu, '"apu"'), providedApv !== void 0 && (0,validate.GT)(providedApv, '"apv"');
			const apu = providedApu ?? partyInfo(joseHeader, "apu"), apv = providedApv ?? partyInfo(joseHeader, "apv");
			checkPartyInfo(apu, apv);
			let ephemeralPrivateKey;
			providedParameters.epk !== void 0 ? ephemeralPrivateKey = await prepareKey(entry, providedParameters.epk, "decrypt") : ephemeralPrivateKey = (await crypto.subtle.generateKey(key.algorithm, !0, ["deriveBits"])).privateKey;
			const subtle = crypto.subtle;
			let exportableEpk = ephemeralPrivateKey;
			if (!exportableEpk.extractable) {
				if (typeof subtle.getPublicKey != "function")
					throw new TypeError('CryptoKey for "epk" must be extractable');
				exportableEpk = await subtle.getPublicKey(ephemeralPrivateKey, []);
			}
			const { x, y, crv, kty } = await subtle.exportKey("jwk", exportableEpk), direct = mode === "direct-key-agreement", derivedKey = await ecdhesDeriveKey(key, ephemeralPrivateKey, direct ? enc.alg : alg, direct ? enc.cekBits : parseInt(alg.slice(-5, -2), 10), apu, apv), epk = { x, crv, kty };
			if (kty === "EC" && (epk.y = y), parameters = { epk }, providedApu !== void 0 && (parameters.apu = (0,base64url.l)(providedApu)), providedApv !== void 0 && (parameters.apv = (0,base64url.l)(providedApv)), direct)
				return [derivedKey, void 0, parameters];
			key = derivedKey;
			break;
		}
		case "RSA-OAEP": {
			assertCryptoKey(key), checkRsaKey(alg, key, "encrypt"), encryptedKey = new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", key, cek));
			break;
		}
		case "PBKDF2": {
			const { p2c = 2048, p2s = crypto.getRandomValues(new Uint8Array(16)) } = providedParameters;
			key = await deriveKey(p2s, alg, p2c, key), parameters = { p2c, p2s: (0,base64url.l)(p2s) };
			break;
		}
		case "AES-GCM": {
			const iv = providedParameters.iv === void 0 ? crypto.getRandomValues(new Uint8Array(12)) : providedParameters.iv;
			if (!(iv instanceof Uint8Array))
				throw new TypeError('"iv" must be an instance of Uint8Array');
			const wrapped = await encrypt(jweEncryption(alg.slice(0, -2)), cek, key, iv, new Uint8Array());
			encryptedKey = wrapped.ciphertext, parameters = { iv: (0,base64url.l)(wrapped.iv), tag: (0,base64url.l)(wrapped.tag) };
		}
	}
	if (encryptedKey ??= await aeskwWrap(alg.slice(-6), key, cek), !(encryptedKey instanceof Uint8Array) || !encryptedKey.byteLength)
		throw new TypeError("JWE key management algorithm did not produce an Encrypted Key");
	return [cek, encryptedKey, parameters];
}

;

function validateZip(joseHeader, protectedHeader) {
	if (joseHeader.zip !== void 0 && joseHeader.zip !== "DEF")
		throw new errors.T0('Unsupported JWE "zip" (Compression Algorithm) Header Parameter value.');
	if (joseHeader.zip !== void 0 && !protectedHeader?.zip)
		throw new errors.aA('JWE "zip" (Compression Algorithm) Header Parameter MUST be in a protected header.');
}
function supported(name) {
	if (typeof globalThis[name] > "u")
		throw new errors.T0(`JWE "zip" (Compression Algorithm) Header Parameter requires the ${name} API.`);
}
async function transform(stream, input, maxLength = 1 / 0) {
	const writer = stream.writable.getWriter();
	writer.write(input).catch(() => {
	}), writer.close().catch(() => {
	});
	const chunks = [];
	let length = 0;
	const reader = stream.readable.getReader();
	for (; ; ) {
		const { value, done } = await reader.read();
		if (done)
			break;
		if (chunks.push(value), length += value.byteLength, maxLength !== 1 / 0 && length > maxLength)
			throw await reader.cancel().catch(() => {
			}), new errors.aA("Decompressed plaintext exceeded the configured limit");
	}
	return (0,buffer_utils.xW)(...chunks);
}
async function compress(input) {
	return supported("CompressionStream"), transform(new CompressionStream("deflate-raw"), input);
}
async function decompress(input, maxLength) {
	return supported("DecompressionStream"), transform(new DecompressionStream("deflate-raw"), input, maxLength);
}

;
function shareJWE(jwe) {
	const { protected: encodedProtected, ciphertext, iv, tag, aad } = jwe;
	let protectedHeader;
	return encodedProtected !== void 0 && (protectedHeader = (0,validate.OX)(encodedProtected, errors.aA, "JWE Protected Header is invalid")), [
		protectedHeader,
		(0,validate.h2)(ciphertext, "ciphertext", errors.aA),
		iv !== void 0 ? (0,validate.h2)(iv, "iv", errors.aA) : void 0,
		tag !== void 0 ? (0,validate.h2)(tag, "tag", errors.aA) : void 0,
		(0,validate.MV)((encodedProtected ?? "") + (aad !== void 0 ? `.${aad}` : ""), "aad", errors.aA)
	];
}
function prepareDecrypt(options) {
	const keyManagementAlgorithms = options && (0,validate.Fw)("keyManagementAlgorithms", options.keyManagementAlgorithms), contentEncryptionAlgorithms = options && (0,validate.Fw)("contentEncryptionAlgorithms", options.contentEncryptionAlgorithms), { crit, maxPBES2Count, maxDecompressedLength } = options ?? {};
	validateMaxPBES2Count(maxPBES2Count);
	const decompressionLimit = maxDecompressedLength ?? 25e4;
	if (decompressionLimit !== 0 && decompressionLimit !== 1 / 0 && (!Number.isSafeInteger(decompressionLimit) || decompressionLimit < 1))
		throw new TypeError("maxDecompressedLength must be 0, a positive safe integer, or Infinity");
	return [
		keyManagementAlgorithms,
		contentEncryptionAlgorithms,
		crit,
		maxPBES2Count,
		maxDecompressedLength
	];
}
async function decryptJWE(jwe, shared, key, token = shareJWE(jwe)) {
	const [protectedHeader, ciphertext, iv, tag, additionalAuthenticatedData] = token, { header, unprotected, aad } = jwe;
	let joseHeader;
	if (header !== void 0 || unprotected !== void 0) {
		if (!(0,validate.fz)(protectedHeader, header, unprotected))
			throw new errors.aA("JWE Protected, JWE Unprotected Header, and JWE Per-Recipient Unprotected Header Parameter names must be disjoint");
		joseHeader = { ...protectedHeader, ...header, ...unprotected };
	} else
		joseHeader = protectedHeader ?? {};
	const [keyManagementAlgorithms, contentEncryptionAlgorithms, crit, maxPBES2Count, maxDecompressedLength] = shared, { encrypted_key: encodedKey } = jwe;
	(0,validate.nI)(errors.aA, validate.CT, crit, protectedHeader, joseHeader), validateZip(joseHeader, protectedHeader);
	const { alg, enc } = joseHeader;
	if (typeof alg != "string" || !alg)
		throw new errors.aA("missing JWE Algorithm (alg) in JWE Header");
	const selected = JWE[alg];
	if (encodedKey === "" && (!selected || !isJWECEKTransport(selected)))
		throw new errors.aA("JWE Encrypted Key incorrect type");
	const integrated = selected?.mode === "integrated-encryption";
	if (!integrated && (typeof enc != "string" || !enc))
		throw new errors.aA("missing JWE Encryption Algorithm (enc) in JWE Header");
	if (keyManagementAlgorithms && !keyManagementAlgorithms.has(alg) || !keyManagementAlgorithms && alg.startsWith("PBES2"))
		throw new errors.Rb('"alg" (Algorithm) Header Parameter value not allowed');
	let encEntry;
	if (integrated) {
		if (enc !== void 0)
			throw new errors.aA('JWE "enc" (Encryption Algorithm) Header Parameter must not be present for integrated encryption');
		if (iv?.byteLength)
			throw new errors.aA("JWE Initialization Vector must be empty for integrated encryption");
		if (tag?.byteLength)
			throw new errors.aA("JWE Authentication Tag must be empty for integrated encryption");
	} else {
		if (contentEncryptionAlgorithms && !contentEncryptionAlgorithms.has(enc))
			throw new errors.Rb('"enc" (Encryption Algorithm) Header Parameter value not allowed');
		encEntry = jweEncryption(enc);
	}
	let encryptedKey;
	if (encodedKey !== void 0)
		try {
			encryptedKey = (0,validate.h2)(encodedKey, "encrypted_key", errors.aA);
		} catch (error) {
			if (!selected || !isJWECEKTransport(selected))
				throw error;
			encryptedKey = new Uint8Array();
		}
	let resolvedKey = !1;
	typeof key == "function" && (key = await key(protectedHeader, jwe), resolvedKey = !0);
	const algEntry = selected ?? jweAlgorithm(alg);
	isJWECEKTransport(algEntry) && encryptedKey === void 0 && (encryptedKey = new Uint8Array());
	const k = await prepareKey(algEntry.mode === "direct-encryption" ? encEntry : algEntry, key, "decrypt");
	let plaintext;
	if (algEntry.mode === "integrated-encryption")
		plaintext = await algEntry.decrypt(k, encryptedKey, ciphertext, additionalAuthenticatedData, protectedHeader, joseHeader);
	else {
		const encryption = encEntry;
		let cek;
		try {
			cek = await decryptKeyManagement(algEntry, encryption, k, encryptedKey, joseHeader, maxPBES2Count), isJWECEKTransport(algEntry) && cek instanceof Uint8Array && cek.byteLength << 3 !== encryption.cekBits && (cek = generateCek(encryption));
		} catch (err) {
			if (err instanceof TypeError || err instanceof errors.aA || err instanceof errors.T0)
				throw err;
			cek = generateCek(encryption);
		}
		plaintext = await decrypt(encryption, cek, ciphertext, iv, tag, additionalAuthenticatedData);
	}
	if (joseHeader.zip === "DEF") {
		const decompressionLimit = maxDecompressedLength ?? 25e4;
		if (decompressionLimit === 0)
			throw new errors.T0('JWE "zip" (Compression Algorithm) Header Parameter is not supported.');
		plaintext = await decompress(plaintext, decompressionLimit).catch((cause) => {
			throw cause instanceof errors.aA ? cause : new errors.aA("Failed to decompress plaintext", { cause });
		});
	}
	return {
		plaintext,
		...protectedHeader && { protectedHeader },
		...aad !== void 0 && {
			additionalAuthenticatedData: (0,validate.h2)(aad, "aad", errors.aA)
		},
		...unprotected && { sharedUnprotectedHeader: unprotected },
		...header && { unprotectedHeader: header },
		...resolvedKey && { key: k }
	};
}
async function decryptCompact(jwe, shared, key) {
	if (jwe instanceof Uint8Array && (jwe = buffer_utils.D0.decode(jwe)), typeof jwe != "string")
		throw new errors.aA("Compact JWE must be a string or Uint8Array");
	const { 0: protectedHeader, 1: encryptedKey, 2: iv, 3: ciphertext, 4: tag, length } = jwe.split(".");
	if (length !== 5)
		throw new errors.aA("Invalid Compact JWE");
	return decryptJWE({
		ciphertext,
		iv: iv || void 0,
		protected: protectedHeader,
		tag: tag || void 0,
		encrypted_key: encryptedKey || void 0
	}, shared, key);
}

;

const epoch = (date) => Math.floor(date.getTime() / 1e3), multipliers = {
	s: 1,
	m: 60,
	h: 3600,
	d: 86400,
	w: 604800,
	y: 31557600
}, REGEX = /^(\+|\-)? ?(\d+|\d+\.\d+) ?(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|years?|yrs?|y)(?: (ago|from now))?$/i, checkFailed = "check_failed";
function invalidDuration() {
	throw new TypeError("Invalid time period format");
}
function secs(str) {
	typeof str != "string" && invalidDuration();
	const matched = REGEX.exec(str);
	(!matched || matched[4] && matched[1]) && invalidDuration();
	const value = parseFloat(matched[2]), durationSeconds = Math.round(value * multipliers[matched[3][0].toLowerCase()]);
	return Number.isFinite(durationSeconds) || invalidDuration(), matched[1] === "-" || matched[4] === "ago" ? -durationSeconds : durationSeconds;
}
function validateInput(label, input) {
	if (!Number.isFinite(input))
		throw new TypeError(`Invalid ${label} input`);
	return input;
}
function validateStringClaim(claim, value) {
	if (typeof value != "string")
		throw new TypeError(`"${claim}" claim must be a string`);
}
function validateAudienceClaim(value) {
	if (typeof value != "string" && (!Array.isArray(value) || Array.from(value).some((member) => typeof member != "string")))
		throw new TypeError('"aud" claim must be a string or an array of strings');
}
function numericDate(value, label) {
	return typeof value == "number" ? validateInput(label, value) : value instanceof Date ? validateInput(label, epoch(value)) : epoch( new Date()) + secs(value);
}
const normalizeTyp = (value) => {
	const normalized = value.toLowerCase();
	return value.includes("/") ? normalized : `application/${normalized}`;
}, checkAudiencePresence = (audPayload, audOption) => typeof audPayload == "string" ? audOption.includes(audPayload) : Array.isArray(audPayload) ? audOption.some((aud) => audPayload.includes(aud)) : !1;
function validateNumericDate(claimsSet, claim, required = !1) {
	const value = claimsSet[claim];
	if (!(value === void 0 && !required)) {
		if (typeof value != "number")
			throw new errors.ie(`"${claim}" claim must be a number`, claimsSet, claim, "invalid");
		return value;
	}
}
function unexpectedClaim(claimsSet, claim) {
	throw new errors.ie(`unexpected "${claim}" claim value`, claimsSet, claim, checkFailed);
}
function validateClaimsSet(protectedHeader, claimsSetBytes, options = {}) {
	let claimsSet;
	try {
		claimsSet = JSON.parse(buffer_utils.u8.decode(claimsSetBytes));
	} catch (cause) {
		throw new errors.Dp("JWT Claims Set must be a top-level JSON object", { cause });
	}
	if (!(0,validate.Gv)(claimsSet))
		throw new errors.Dp("JWT Claims Set must be a top-level JSON object");
	const { typ } = options;
	if (typ !== void 0 && (typeof protectedHeader.typ != "string" || normalizeTyp(protectedHeader.typ) !== normalizeTyp(typ)))
		throw new errors.ie('unexpected "typ" JWT header value', claimsSet, "typ", checkFailed);
	const { requiredClaims = [], issuer, subject, audience, maxTokenAge } = options, presenceCheck = [...requiredClaims];
	maxTokenAge !== void 0 && presenceCheck.push("iat"), audience !== void 0 && presenceCheck.push("aud"), subject !== void 0 && presenceCheck.push("sub"), issuer !== void 0 && presenceCheck.push("iss");
	for (const claim of new Set(presenceCheck.reverse()))
		if (!Object.hasOwn(claimsSet, claim))
			throw new errors.ie(`missing required "${claim}" claim`, claimsSet, claim, "missing");
	issuer !== void 0 && !(Array.isArray(issuer) ? issuer : [issuer]).includes(claimsSet.iss) && unexpectedClaim(claimsSet, "iss"), subject !== void 0 && claimsSet.sub !== subject && unexpectedClaim(claimsSet, "sub"), audience !== void 0 && !checkAudiencePresence(claimsSet.aud, typeof audience == "string" ? [audience] : audience) && unexpectedClaim(claimsSet, "aud");
	const { clockTolerance } = options;
	let tolerance = 0;
	if (typeof clockTolerance == "string")
		tolerance = secs(clockTolerance);
	else if (clockTolerance !== void 0) {
		if (typeof clockTolerance != "number")
			throw new TypeError("Invalid clockTolerance option type");
		tolerance = clockTolerance;
	}
	if (validateInput("clockTolerance option", tolerance), tolerance < 0)
		throw new TypeError("Invalid clockTolerance option input");
	const { currentDate } = options, now = validateInput("currentDate option", epoch(currentDate === void 0 ?  new Date() : currentDate)), iat = validateNumericDate(claimsSet, "iat", maxTokenAge !== void 0), nbf = validateNumericDate(claimsSet, "nbf");
	if (nbf !== void 0 && nbf > now + tolerance)
		throw new errors.ie('"nbf" claim timestamp check failed', claimsSet, "nbf", checkFailed);
	const exp = validateNumericDate(claimsSet, "exp");
	if (exp !== void 0 && exp <= now - tolerance)
		throw new errors.n('"exp" claim timestamp check failed', claimsSet, "exp", checkFailed);
	if (maxTokenAge !== void 0) {
		const age = now - iat, max = validateInput("maxTokenAge option", typeof maxTokenAge == "number" ? maxTokenAge : secs(maxTokenAge));
		if (max < 0)
			throw new TypeError("Invalid maxTokenAge option input");
		if (age - tolerance > max)
			throw new errors.n('"iat" claim timestamp check failed (too far in the past)', claimsSet, "iat", checkFailed);
		if (age < -tolerance)
			throw new errors.ie('"iat" claim timestamp check failed (it should be in the past)', claimsSet, "iat", checkFailed);
	}
	return claimsSet;
}
let producerClaimsSets;
function producerClaimsSet(producer) {
	return producerClaimsSets.get(producer);
}
function jwtClaimsSetBytes(producer) {
	const claimsSet = producerClaimsSet(producer);
	for (const claim of ["iat", "nbf", "exp"]) {
		const value = claimsSet[claim];
		if (typeof value == "number" && !Number.isFinite(value))
			throw new TypeError(`"${claim}" claim must be a finite number`);
	}
	return buffer_utils.Rd.encode(JSON.stringify(claimsSet));
}
function jwtClaim(producer, claim) {
	return producerClaimsSet(producer)[claim];
}
class JWTClaimsBuilder {
	constructor(claimsSet = {}) {
		if (!(0,validate.Gv)(claimsSet))
			throw new TypeError("JWT Claims Set MUST be an object");
		(producerClaimsSets ||=  new WeakMap()).set(this, structuredClone(claimsSet));
	}
	setIssuer(value) {
		return validateStringClaim("iss", value), producerClaimsSet(this).iss = value, this;
	}
	setSubject(value) {
		return validateStringClaim("sub", value), producerClaimsSet(this).sub = value, this;
	}
	setAudience(value) {
		return validateAudienceClaim(value), producerClaimsSet(this).aud = value, this;
	}
	setJti(value) {
		return validateStringClaim("jti", value), producerClaimsSet(this).jti = value, this;
	}
	setNotBefore(value) {
		return producerClaimsSet(this).nbf = numericDate(value, "setNotBefore"), this;
	}
	setExpirationTime(value) {
		return producerClaimsSet(this).exp = numericDate(value, "setExpirationTime"), this;
	}
	setIssuedAt(value) {
		const claimsSet = producerClaimsSet(this);
		return value === void 0 ? claimsSet.iat = epoch( new Date()) : typeof value == "string" ? claimsSet.iat = validateInput("setIssuedAt", epoch( new Date()) + secs(value)) : claimsSet.iat = numericDate(value, "setIssuedAt"), this;
	}
}

;

async function jwtDecrypt(jwt, key, options) {
	const { plaintext, ...result } = await decryptCompact(jwt, prepareDecrypt(options), key), { protectedHeader } = result, payload = validateClaimsSet(protectedHeader, plaintext, options);
	for (const claim of ["iss", "sub", "aud"])
		if (protectedHeader[claim] !== void 0 && (claim === "aud" ? JSON.stringify(protectedHeader.aud) !== JSON.stringify(payload.aud) : protectedHeader[claim] !== payload[claim]))
			throw new errors.ie(`replicated "${claim}" claim header parameter mismatch`, payload, claim, "mismatch");
	return { payload, ...result };
}

;

function checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader) {
	if (!(0,validate.fz)(protectedHeader, unprotectedHeader, sharedUnprotectedHeader))
		throw new errors.aA("JWE Protected, JWE Shared Unprotected and JWE Per-Recipient Header Parameter names must be disjoint");
}
function checkEncryptHeaders(input, options, sharedHeadersNormalized = !1) {
	if (!input[1] && !input[2] && !input[3])
		throw new errors.aA("either setProtectedHeader, setUnprotectedHeader, or sharedUnprotectedHeader must be called before #encrypt()");
	options !== void 0 && (input[8] = options?.crit);
	let [, protectedHeader, unprotectedHeader, sharedUnprotectedHeader, aad, cek, iv, keyManagementParameters, crit] = input;
	if (aad !== void 0 && (0,validate.GT)(aad, "JWE Additional Authenticated Data"), cek !== void 0 && (0,validate.GT)(cek, "JWE Content Encryption Key"), iv !== void 0 && (0,validate.GT)(iv, "JWE Initialization Vector"), !sharedHeadersNormalized && protectedHeader !== void 0 && (protectedHeader = (0,validate.ji)(errors.aA, protectedHeader)[0], input[1] = protectedHeader), unprotectedHeader !== void 0 && (unprotectedHeader = (0,validate.ji)(errors.aA, unprotectedHeader)[0], input[2] = unprotectedHeader), !sharedHeadersNormalized && sharedUnprotectedHeader !== void 0 && (sharedUnprotectedHeader = (0,validate.ji)(errors.aA, sharedUnprotectedHeader)[0], input[3] = sharedUnprotectedHeader), keyManagementParameters !== void 0 && !(0,validate.Gv)(keyManagementParameters))
		throw new TypeError("JWE Key Management Parameters must be an object");
	checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader);
	const joseHeader = {
		...protectedHeader,
		...unprotectedHeader,
		...sharedUnprotectedHeader
	};
	(0,validate.BU)(errors.aA, protectedHeader), (0,validate.nI)(errors.aA, validate.CT, crit, protectedHeader, joseHeader), validateZip(joseHeader, protectedHeader);
	const { alg, enc } = joseHeader;
	if (typeof alg != "string" || !alg)
		throw new errors.aA('JWE "alg" (Algorithm) Header Parameter missing or invalid');
	const algEntry = JWE[alg];
	if (algEntry?.mode === "integrated-encryption") {
		if (enc !== void 0)
			throw new errors.aA('JWE "enc" (Encryption Algorithm) Header Parameter must not be present for integrated encryption');
		if (cek !== void 0)
			throw new TypeError(`setContentEncryptionKey cannot be called with JWE "alg" (Algorithm) Header ${alg}`);
		if (iv !== void 0)
			throw new TypeError(`setInitializationVector cannot be called with JWE "alg" (Algorithm) Header ${alg}`);
		return [joseHeader, void 0, algEntry];
	}
	if (typeof enc != "string" || !enc)
		throw new errors.aA('JWE "enc" (Encryption Algorithm) Header Parameter missing or invalid');
	return [joseHeader, jweEncryption(enc), algEntry];
}
async function encryptJWE(input, checked, key) {
	const [joseHeader, encEntry, selected] = checked, [inputPlaintext, inputProtectedHeader, inputUnprotectedHeader, sharedUnprotectedHeader, aad, providedCek, inputIv, keyManagementParameters, , unprotectedParameters] = input;
	let protectedHeader = inputProtectedHeader, unprotectedHeader = inputUnprotectedHeader;
	const algEntry = selected ?? jweAlgorithm(joseHeader.alg);
	let encryptedKey, parameters, cek;
	algEntry.mode === "integrated-encryption" ? cek = await prepareKey(algEntry, key, "encrypt") : [cek, encryptedKey, parameters] = await encryptKeyManagement(algEntry, encEntry, key, joseHeader, providedCek, keyManagementParameters), parameters && (unprotectedParameters ? unprotectedHeader = unprotectedHeader ? { ...unprotectedHeader, ...parameters } : parameters : protectedHeader = protectedHeader ? { ...protectedHeader, ...parameters } : parameters, checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader));
	const encodedProtectedHeader = protectedHeader ? (0,base64url.l)(JSON.stringify(protectedHeader)) : "", encodedAad = aad?.byteLength ? (0,base64url.l)(aad) : void 0, additionalAuthenticatedData = (0,buffer_utils.lF)(encodedAad ? `${encodedProtectedHeader}.${encodedAad}` : encodedProtectedHeader);
	let plaintext = inputPlaintext;
	joseHeader.zip === "DEF" && (plaintext = await compress(plaintext).catch((cause) => {
		throw new errors.aA("Failed to compress plaintext", { cause });
	}));
	let ciphertext, tag, iv;
	algEntry.mode === "integrated-encryption" ? [encryptedKey, ciphertext] = await algEntry.encrypt(cek, plaintext, additionalAuthenticatedData, protectedHeader, joseHeader, keyManagementParameters) : { ciphertext, tag, iv } = await encrypt(encEntry, plaintext, cek, inputIv, additionalAuthenticatedData);
	const jwe = {
		ciphertext: (0,base64url.l)(ciphertext)
	};
	return iv && (jwe.iv = (0,base64url.l)(iv)), tag && (jwe.tag = (0,base64url.l)(tag)), encryptedKey?.byteLength && (jwe.encrypted_key = (0,base64url.l)(encryptedKey)), encodedAad && (jwe.aad = encodedAad), protectedHeader && (jwe.protected = encodedProtectedHeader), sharedUnprotectedHeader && (jwe.unprotected = sharedUnprotectedHeader), unprotectedHeader && (jwe.header = unprotectedHeader), jwe;
}
async function createJWE(input, key, options) {
	return encryptJWE(input, checkEncryptHeaders(input, options), key);
}
function compactJWE(jwe) {
	return [jwe.protected, jwe.encrypted_key, jwe.iv, jwe.ciphertext, jwe.tag].join(".");
}

;

const EncryptJWT_base = JWTClaimsBuilder;
class EncryptJWT extends EncryptJWT_base {
	#input = [void 0];
	#replicateIssuerAsHeader;
	#replicateSubjectAsHeader;
	#replicateAudienceAsHeader;
	setProtectedHeader(protectedHeader) {
		return (0,validate.ac)(this.#input[1], "setProtectedHeader"), this.#input[1] = protectedHeader, this;
	}
	setKeyManagementParameters(parameters) {
		return (0,validate.ac)(this.#input[7], "setKeyManagementParameters"), this.#input[7] = parameters, this;
	}
	setContentEncryptionKey(cek) {
		return (0,validate.ac)(this.#input[5], "setContentEncryptionKey"), this.#input[5] = cek, this;
	}
	setInitializationVector(iv) {
		return (0,validate.ac)(this.#input[6], "setInitializationVector"), this.#input[6] = iv, this;
	}
	replicateIssuerAsHeader() {
		return this.#replicateIssuerAsHeader = !0, this;
	}
	replicateSubjectAsHeader() {
		return this.#replicateSubjectAsHeader = !0, this;
	}
	replicateAudienceAsHeader() {
		return this.#replicateAudienceAsHeader = !0, this;
	}
	async encrypt(key, options) {
		const plaintext = jwtClaimsSetBytes(this);
		this.#input[1] && (this.#replicateIssuerAsHeader || this.#replicateSubjectAsHeader || this.#replicateAudienceAsHeader) && (this.#input[1] = {
			...this.#input[1],
			iss: this.#replicateIssuerAsHeader ? jwtClaim(this, "iss") : void 0,
			sub: this.#replicateSubjectAsHeader ? jwtClaim(this, "sub") : void 0,
			aud: this.#replicateAudienceAsHeader ? jwtClaim(this, "aud") : void 0
		});
		const input = [...this.#input];
		return input[0] = plaintext, compactJWE(await createJWE(input, key, options));
	}
}

var claims = __nccwpck_require__(5051);
var action_error = __nccwpck_require__(9481);
;

const DEFAULT_LIFETIME_MS = 6 * 60 * 60 * 1000;
async function seal(contents, { key, run, expiresAt, now }) {
	return await new EncryptJWT({
		token: contents.token,
		entity: contents.entity,
		'entity-type': contents.entityType,
		'attested-by': contents.attestedBy,
		...(contents.patExpiresAt && { 'pat-expires-at': contents.patExpiresAt.toISOString() })
	})
		.setProtectedHeader(HEADER)
		.setAudience(run)
		.setExpirationTime(Math.floor((expiresAt?.getTime() ?? now + DEFAULT_LIFETIME_MS) / 1000))
		.encrypt(key);
}
async function seal_open(sealed, context) {
	if (!COMPACT_JWE.test(sealed))
		throw action_error.lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
	const payload = await seal_decrypt(sealed, context);
	const { token, entity, 'entity-type': entityType, 'attested-by': attestedBy } = payload;
	const whole = typeof token === 'string' && typeof entity === 'string' && typeof attestedBy === 'string';
	if (!whole || (entityType !== 'user' && entityType !== 'organization')) {
		throw action_error.lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
	}
	return { token, entity, entityType, attestedBy, patExpiresAt: (0,claims.iM)(String(payload['pat-expires-at'])) };
}
const HEADER = { alg: 'dir', enc: 'A256GCM' };
const COMPACT_JWE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/;
async function seal_decrypt(sealed, { key, run, now }) {
	try {
		const { payload } = await jwtDecrypt(sealed, key, {
			audience: run,
			currentDate: new Date(now),
			clockTolerance: claims.Z4 / 1000,
			requiredClaims: ['exp'],
			keyManagementAlgorithms: [HEADER.alg],
			contentEncryptionAlgorithms: [HEADER.enc]
		});
		return payload;
	}
	catch (error) {
		const expiredAt = error instanceof errors.n ? (0,claims.iM)(Number(error.payload.exp) * 1000) : undefined;
		if (expiredAt) {
			throw action_error.lZ.of('sealed-token-expired', { expiredAt, now: new Date(now) }, error);
		}
		if (error instanceof errors.ie && error.claim === 'aud') {
			throw action_error.lZ.of('sealed-token-invalid', { fault: 'elsewhere' }, error);
		}
		if (error instanceof errors.i4) {
			throw action_error.lZ.of('sealed-token-invalid', { fault: 'undecryptable' }, error);
		}
		throw error;
	}
}

	}),

	9896:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");

	}),

	1421:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");

	}),

	8474:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");

	}),

	3024:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

	}),

	7030:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");

	}),

	8161:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");

	}),

	6760:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");

	}),

	1708:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:process");

	}),

	8500:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");

	}),

	857:
	((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");

	}),

	7532:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	dN: () => ( exportVariable),
	V4: () => ( getInput),
	pq: () => ( info),
	C1: () => ( setFailed),
	uH: () => ( setOutput),
	Pq: () => ( core_setSecret),
	$e: () => ( warning)
});

var external_os_ = __nccwpck_require__(857);
;
function utils_toCommandValue(input) {
	if (input === null || input === undefined) {
		return '';
	}
	else if (typeof input === 'string' || input instanceof String) {
		return input;
	}
	return JSON.stringify(input);
}
function utils_toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) {
		return {};
	}
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}
;

function command_issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + external_os_.EOL);
}
const CMD_STRING = '::';
class Command {
	constructor(command, properties, message) {
		if (!command) {
			command = 'missing.command';
		}
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += ' ';
			let first = true;
			for (const key in this.properties) {
				if (this.properties.hasOwnProperty(key)) {
					const val = this.properties[key];
					if (val) {
						if (first) {
							first = false;
						}
						else {
							cmdStr += ',';
						}
						cmdStr += `${key}=${escapeProperty(val)}`;
					}
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
}
function escapeData(s) {
	return utils_toCommandValue(s)
		.replace(/%/g, '%25')
		.replace(/\r/g, '%0D')
		.replace(/\n/g, '%0A');
}
function escapeProperty(s) {
	return utils_toCommandValue(s)
		.replace(/%/g, '%25')
		.replace(/\r/g, '%0D')
		.replace(/\n/g, '%0A')
		.replace(/:/g, '%3A')
		.replace(/,/g, '%2C');
}
;
const external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
var external_fs_ = __nccwpck_require__(9896);
;

function file_command_issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) {
		throw new Error(`Unable to find environment variable for file command ${command}`);
	}
	if (!external_fs_.existsSync(filePath)) {
		throw new Error(`Missing file at path: ${filePath}`);
	}
	external_fs_.appendFileSync(filePath, `${utils_toCommandValue(message)}${external_os_.EOL}`, {
		encoding: 'utf8'
	});
}
function file_command_prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
	const convertedValue = utils_toCommandValue(value);
	if (key.includes(delimiter)) {
		throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	}
	if (convertedValue.includes(delimiter)) {
		throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	}
	return `${key}<<${delimiter}${external_os_.EOL}${convertedValue}${external_os_.EOL}${delimiter}`;
}
;
const external_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("path");
;
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
	function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
	return new (P || (P = Promise))(function (resolve, reject) {
		function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
		function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
		function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
;

const { access, appendFile, writeFile } = external_fs_.promises;
;
;
const platform = external_os_.platform();
const arch = external_os_.arch();
;

var ExitCode;
(function (ExitCode) {
	ExitCode[ExitCode["Success"] = 0] = "Success";
	ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
function exportVariable(name, val) {
	const convertedVal = utils_toCommandValue(val);
	process.env[name] = convertedVal;
	const filePath = process.env['GITHUB_ENV'] || '';
	if (filePath) {
		return file_command_issueFileCommand('ENV', file_command_prepareKeyValueMessage(name, val));
	}
	command_issueCommand('set-env', { name }, convertedVal);
}
function core_setSecret(secret) {
	command_issueCommand('add-mask', {}, secret);
}
function getInput(name, options) {
	const val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
	if (options && options.required && !val) {
		throw new Error(`Input required and not supplied: ${name}`);
	}
	if (options && options.trimWhitespace === false) {
		return val;
	}
	return val.trim();
}
function setOutput(name, value) {
	const filePath = process.env['GITHUB_OUTPUT'] || '';
	if (filePath) {
		return file_command_issueFileCommand('OUTPUT', file_command_prepareKeyValueMessage(name, value));
	}
	process.stdout.write(external_os_.EOL);
	command_issueCommand('set-output', { name }, utils_toCommandValue(value));
}
function setFailed(message) {
	process.exitCode = ExitCode.Failure;
	error(message);
}
function error(message, properties = {}) {
	command_issueCommand('error', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function warning(message, properties = {}) {
	command_issueCommand('warning', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function info(message) {
	process.stdout.write(message + external_os_.EOL);
}

	}),

	4351:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.d(__webpack_exports__, {
	getOctokit: () => ( getOctokit)
});

var external_fs_ = __nccwpck_require__(9896);
var external_os_ = __nccwpck_require__(857);
;

class Context {
	constructor() {
		var _a, _b, _c;
		this.payload = {};
		if (process.env.GITHUB_EVENT_PATH) {
			if ((0,external_fs_.existsSync)(process.env.GITHUB_EVENT_PATH)) {
				this.payload = JSON.parse((0,external_fs_.readFileSync)(process.env.GITHUB_EVENT_PATH, { encoding: 'utf8' }));
			}
			else {
				const path = process.env.GITHUB_EVENT_PATH;
				process.stdout.write(`GITHUB_EVENT_PATH ${path} does not exist${external_os_.EOL}`);
			}
		}
		this.eventName = process.env.GITHUB_EVENT_NAME;
		this.sha = process.env.GITHUB_SHA;
		this.ref = process.env.GITHUB_REF;
		this.workflow = process.env.GITHUB_WORKFLOW;
		this.action = process.env.GITHUB_ACTION;
		this.actor = process.env.GITHUB_ACTOR;
		this.job = process.env.GITHUB_JOB;
		this.runAttempt = parseInt(process.env.GITHUB_RUN_ATTEMPT, 10);
		this.runNumber = parseInt(process.env.GITHUB_RUN_NUMBER, 10);
		this.runId = parseInt(process.env.GITHUB_RUN_ID, 10);
		this.apiUrl = (_a = process.env.GITHUB_API_URL) !== null && _a !== void 0 ? _a : `https://api.github.com`;
		this.serverUrl = (_b = process.env.GITHUB_SERVER_URL) !== null && _b !== void 0 ? _b : `https://github.com`;
		this.graphqlUrl =
			(_c = process.env.GITHUB_GRAPHQL_URL) !== null && _c !== void 0 ? _c : `https://api.github.com/graphql`;
	}
	get issue() {
		const payload = this.payload;
		return Object.assign(Object.assign({}, this.repo), { number: (payload.issue || payload.pull_request || payload).number });
	}
	get repo() {
		if (process.env.GITHUB_REPOSITORY) {
			const [owner, repo] = process.env.GITHUB_REPOSITORY.split('/');
			return { owner, repo };
		}
		if (this.payload.repository) {
			return {
				owner: this.payload.repository.owner.login,
				repo: this.payload.repository.name
			};
		}
		throw new Error("context.repo requires a GITHUB_REPOSITORY environment variable like 'owner/repo'");
	}
}
;

class HttpClient {
	getAgent() {
		return undefined
	}

	getAgentDispatcher() {
		return undefined
	}

	getJson() {
		throw new Error('stand-in: getJson() was called, but every request must go through src/http.ts')
	}
}

;

function fetch() {
	throw new Error('stand-in: fetch() was called, but every request must go through src/http.ts')
}

;
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
	function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
	return new (P || (P = Promise))(function (resolve, reject) {
		function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
		function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
		function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};

function getAuthString(token, options) {
	if (!token && !options.auth) {
		throw new Error('Parameter token or opts.auth is required');
	}
	else if (token && options.auth) {
		throw new Error('Parameters token and opts.auth may not both be specified');
	}
	return typeof options.auth === 'string' ? options.auth : `token ${token}`;
}
function getProxyAgent(destinationUrl) {
	const hc = new HttpClient();
	return hc.getAgent(destinationUrl);
}
function getProxyAgentDispatcher(destinationUrl) {
	const hc = new HttpClient();
	return hc.getAgentDispatcher(destinationUrl);
}
function getProxyFetch(destinationUrl) {
	const httpDispatcher = getProxyAgentDispatcher(destinationUrl);
	const proxyFetch = (url, opts) => __awaiter(this, void 0, void 0, function* () {
		return fetch(url, Object.assign(Object.assign({}, opts), { dispatcher: httpDispatcher }));
	});
	return proxyFetch;
}
function getApiBaseUrl() {
	return process.env['GITHUB_API_URL'] || 'https://api.github.com';
}
function getUserAgentWithOrchestrationId(baseUserAgent) {
	var _a;
	const orchId = (_a = process.env['ACTIONS_ORCHESTRATION_ID']) === null || _a === void 0 ? void 0 : _a.trim();
	if (orchId) {
		const sanitizedId = orchId.replace(/[^a-z0-9_.-]/gi, '_');
		const tag = `actions_orchestration_id/${sanitizedId}`;
		if (baseUserAgent === null || baseUserAgent === void 0 ? void 0 : baseUserAgent.includes(tag))
			return baseUserAgent;
		const ua = baseUserAgent ? `${baseUserAgent} ` : '';
		return `${ua}${tag}`;
	}
	return baseUserAgent;
}
;
function getUserAgent() {
	if (typeof navigator === "object" && "userAgent" in navigator) {
		return navigator.userAgent;
	}

	if (typeof process === "object" && process.version !== undefined) {
		return `Node.js/${process.version.substr(1)} (${process.platform}; ${
			process.arch
    })`;
	}

	return "<environment undetectable>";
}

;

function withCustomRequest() {
	return { defaults: () => undefined }
}

function paginateRest() {
	return {}
}

function restEndpointMethods() {
	return {}
}

function parse(header) {
	return { type: header.split(';')[0].trim().toLowerCase(), parameters: {} }
}

function JSONParse(text) {
	return JSON.parse(text, (_, value, { source }) =>
		typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value
	)
}

function JSONStringify() {
	throw new Error('stand-in: JSONStringify() was called, but this action sends no body')
}

function Collection() {
	const wrapped = {}
	const run = async (name, request, options) => (wrapped[name] ? wrapped[name](request, options) : request(options))
	run.wrap = (name, around) => {
		if (wrapped[name]) throw new Error('stand-in: a second hook, but only one can be wrapped around a request')
		wrapped[name] = around
	}
	return run
}

	const octokit = ({ Collection });

;

var VERSION = "0.0.0-development";

var userAgent = `octokit-endpoint.js/${VERSION} ${getUserAgent()}`;
var DEFAULTS = {
	method: "GET",
	baseUrl: "https://api.github.com",
	headers: {
		accept: "application/vnd.github.v3+json",
		"user-agent": userAgent
	},
	mediaType: {
		format: ""
	}
};

function lowercaseKeys(object) {
	if (!object) {
		return {};
	}
	return Object.keys(object).reduce((newObj, key) => {
		newObj[key.toLowerCase()] = object[key];
		return newObj;
	}, {});
}

function isPlainObject(value) {
	if (typeof value !== "object" || value === null) return false;
	if (Object.prototype.toString.call(value) !== "[object Object]") return false;
	const proto = Object.getPrototypeOf(value);
	if (proto === null) return true;
	const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
	return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}

function mergeDeep(defaults, options) {
	const result = Object.assign({}, defaults);
	Object.keys(options).forEach((key) => {
		if (isPlainObject(options[key])) {
			if (!(key in defaults)) Object.assign(result, { [key]: options[key] });
			else result[key] = mergeDeep(defaults[key], options[key]);
		} else {
			Object.assign(result, { [key]: options[key] });
		}
	});
	return result;
}

function removeUndefinedProperties(obj) {
	for (const key in obj) {
		if (obj[key] === void 0) {
			delete obj[key];
		}
	}
	return obj;
}

function merge(defaults, route, options) {
	if (typeof route === "string") {
		let [method, url] = route.split(" ");
		options = Object.assign(url ? { method, url } : { url: method }, options);
	} else {
		options = Object.assign({}, route);
	}
	options.headers = lowercaseKeys(options.headers);
	removeUndefinedProperties(options);
	removeUndefinedProperties(options.headers);
	const mergedOptions = mergeDeep(defaults || {}, options);
	if (options.url === "/graphql") {
		if (defaults && defaults.mediaType.previews?.length) {
			mergedOptions.mediaType.previews = defaults.mediaType.previews.filter(
				(preview) => !mergedOptions.mediaType.previews.includes(preview)
			).concat(mergedOptions.mediaType.previews);
		}
		mergedOptions.mediaType.previews = (mergedOptions.mediaType.previews || []).map((preview) => preview.replace(/-preview/, ""));
	}
	return mergedOptions;
}

function addQueryParameters(url, parameters) {
	const separator = /\?/.test(url) ? "&" : "?";
	const names = Object.keys(parameters);
	if (names.length === 0) {
		return url;
	}
	return url + separator + names.map((name) => {
		if (name === "q") {
			return "q=" + parameters.q.split("+").map(encodeURIComponent).join("+");
		}
		return `${name}=${encodeURIComponent(parameters[name])}`;
	}).join("&");
}

var urlVariableRegex = /\{[^{}}]+\}/g;
function removeNonChars(variableName) {
	return variableName.replace(/(?:^\W+)|(?:(?<!\W)\W+$)/g, "").split(/,/);
}
function extractUrlVariableNames(url) {
	const matches = url.match(urlVariableRegex);
	if (!matches) {
		return [];
	}
	return matches.map(removeNonChars).reduce((a, b) => a.concat(b), []);
}

function omit(object, keysToOmit) {
	const result = { __proto__: null };
	for (const key of Object.keys(object)) {
		if (keysToOmit.indexOf(key) === -1) {
			result[key] = object[key];
		}
	}
	return result;
}

function encodeReserved(str) {
	return str.split(/(%[0-9A-Fa-f]{2})/g).map(function(part) {
		if (!/%[0-9A-Fa-f]/.test(part)) {
			part = encodeURI(part).replace(/%5B/g, "[").replace(/%5D/g, "]");
		}
		return part;
	}).join("");
}
function encodeUnreserved(str) {
	return encodeURIComponent(str).replace(/[!'()*]/g, function(c) {
		return "%" + c.charCodeAt(0).toString(16).toUpperCase();
	});
}
function encodeValue(operator, value, key) {
	value = operator === "+" || operator === "#" ? encodeReserved(value) : encodeUnreserved(value);
	if (key) {
		return encodeUnreserved(key) + "=" + value;
	} else {
		return value;
	}
}
function isDefined(value) {
	return value !== void 0 && value !== null;
}
function isKeyOperator(operator) {
	return operator === ";" || operator === "&" || operator === "?";
}
function getValues(context, operator, key, modifier) {
	var value = context[key], result = [];
	if (isDefined(value) && value !== "") {
		if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
			value = value.toString();
			if (modifier && modifier !== "*") {
				value = value.substring(0, parseInt(modifier, 10));
			}
			result.push(
				encodeValue(operator, value, isKeyOperator(operator) ? key : "")
			);
		} else {
			if (modifier === "*") {
				if (Array.isArray(value)) {
					value.filter(isDefined).forEach(function(value2) {
						result.push(
							encodeValue(operator, value2, isKeyOperator(operator) ? key : "")
						);
					});
				} else {
					Object.keys(value).forEach(function(k) {
						if (isDefined(value[k])) {
							result.push(encodeValue(operator, value[k], k));
						}
					});
				}
			} else {
				const tmp = [];
				if (Array.isArray(value)) {
					value.filter(isDefined).forEach(function(value2) {
						tmp.push(encodeValue(operator, value2));
					});
				} else {
					Object.keys(value).forEach(function(k) {
						if (isDefined(value[k])) {
							tmp.push(encodeUnreserved(k));
							tmp.push(encodeValue(operator, value[k].toString()));
						}
					});
				}
				if (isKeyOperator(operator)) {
					result.push(encodeUnreserved(key) + "=" + tmp.join(","));
				} else if (tmp.length !== 0) {
					result.push(tmp.join(","));
				}
			}
		}
	} else {
		if (operator === ";") {
			if (isDefined(value)) {
				result.push(encodeUnreserved(key));
			}
		} else if (value === "" && (operator === "&" || operator === "?")) {
			result.push(encodeUnreserved(key) + "=");
		} else if (value === "") {
			result.push("");
		}
	}
	return result;
}
function parseUrl(template) {
	return {
		expand: expand.bind(null, template)
	};
}
function expand(template, context) {
	var operators = ["+", "#", ".", "/", ";", "?", "&"];
	template = template.replace(
		/\{([^\{\}]+)\}|([^\{\}]+)/g,
		function(_, expression, literal) {
			if (expression) {
				let operator = "";
				const values = [];
				if (operators.indexOf(expression.charAt(0)) !== -1) {
					operator = expression.charAt(0);
					expression = expression.substr(1);
				}
				expression.split(/,/g).forEach(function(variable) {
					var tmp = /([^:\*]*)(?::(\d+)|(\*))?/.exec(variable);
					values.push(getValues(context, operator, tmp[1], tmp[2] || tmp[3]));
				});
				if (operator && operator !== "+") {
					var separator = ",";
					if (operator === "?") {
						separator = "&";
					} else if (operator !== "#") {
						separator = operator;
					}
					return (values.length !== 0 ? operator : "") + values.join(separator);
				} else {
					return values.join(",");
				}
			} else {
				return encodeReserved(literal);
			}
		}
	);
	if (template === "/") {
		return template;
	} else {
		return template.replace(/\/$/, "");
	}
}

function dist_bundle_parse(options) {
	let method = options.method.toUpperCase();
	let url = (options.url || "/").replace(/:([a-z]\w+)/g, "{$1}");
	let headers = Object.assign({}, options.headers);
	let body;
	let parameters = omit(options, [
		"method",
		"baseUrl",
		"url",
		"headers",
		"request",
		"mediaType"
	]);
	const urlVariableNames = extractUrlVariableNames(url);
	url = parseUrl(url).expand(parameters);
	if (!/^http/.test(url)) {
		url = options.baseUrl + url;
	}
	const omittedParameters = Object.keys(options).filter((option) => urlVariableNames.includes(option)).concat("baseUrl");
	const remainingParameters = omit(parameters, omittedParameters);
	const isBinaryRequest = /application\/octet-stream/i.test(headers.accept);
	if (!isBinaryRequest) {
		if (options.mediaType.format) {
			headers.accept = headers.accept.split(/,/).map(
				(format) => format.replace(
					/application\/vnd(\.\w+)(\.v3)?(\.\w+)?(\+json)?$/,
          `application/vnd$1$2.${options.mediaType.format}`
				)
			).join(",");
		}
		if (url.endsWith("/graphql")) {
			if (options.mediaType.previews?.length) {
				const previewsFromAcceptHeader = headers.accept.match(/(?<![\w-])[\w-]+(?=-preview)/g) || [];
				headers.accept = previewsFromAcceptHeader.concat(options.mediaType.previews).map((preview) => {
					const format = options.mediaType.format ? `.${options.mediaType.format}` : "+json";
					return `application/vnd.github.${preview}-preview${format}`;
				}).join(",");
			}
		}
	}
	if (["GET", "HEAD"].includes(method)) {
		url = addQueryParameters(url, remainingParameters);
	} else {
		if ("data" in remainingParameters) {
			body = remainingParameters.data;
		} else {
			if (Object.keys(remainingParameters).length) {
				body = remainingParameters;
			}
		}
	}
	if (!headers["content-type"] && typeof body !== "undefined") {
		headers["content-type"] = "application/json; charset=utf-8";
	}
	if (["PATCH", "PUT"].includes(method) && typeof body === "undefined") {
		body = "";
	}
	return Object.assign(
		{ method, url, headers },
		typeof body !== "undefined" ? { body } : null,
		options.request ? { request: options.request } : null
	);
}

function endpointWithDefaults(defaults, route, options) {
	return dist_bundle_parse(merge(defaults, route, options));
}

function withDefaults(oldDefaults, newDefaults) {
	const DEFAULTS2 = merge(oldDefaults, newDefaults);
	const endpoint2 = endpointWithDefaults.bind(null, DEFAULTS2);
	return Object.assign(endpoint2, {
		DEFAULTS: DEFAULTS2,
		defaults: withDefaults.bind(null, DEFAULTS2),
		merge: merge.bind(null, DEFAULTS2),
		parse: dist_bundle_parse
	});
}

var endpoint = withDefaults(null, DEFAULTS);

;
class RequestError extends Error {
	name;
	status;
	request;
	response;
	constructor(message, statusCode, options) {
		super(message, { cause: options.cause });
		this.name = "HttpError";
		this.status = Number.parseInt(statusCode);
		if (Number.isNaN(this.status)) {
			this.status = 0;
		}
		if ("response" in options) {
			this.response = options.response;
		}
		const requestCopy = Object.assign({}, options.request);
		if (options.request.headers.authorization) {
			requestCopy.headers = Object.assign({}, options.request.headers, {
				authorization: options.request.headers.authorization.replace(
					/(?<! ) .*$/,
					" [REDACTED]"
				)
			});
		}
		requestCopy.url = requestCopy.url.replace(/\bclient_secret=\w+/g, "client_secret=[REDACTED]").replace(/\baccess_token=\w+/g, "access_token=[REDACTED]");
		this.request = requestCopy;
	}
}

;

var dist_bundle_VERSION = "10.0.16";

var defaults_default = {
	headers: {
		"user-agent": `octokit-request.js/${dist_bundle_VERSION} ${getUserAgent()}`
	}
};

function dist_bundle_isPlainObject(value) {
	if (typeof value !== "object" || value === null) return false;
	if (Object.prototype.toString.call(value) !== "[object Object]") return false;
	const proto = Object.getPrototypeOf(value);
	if (proto === null) return true;
	const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
	return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}

var noop = () => "";
async function fetchWrapper(requestOptions) {
	const fetch = requestOptions.request?.fetch || globalThis.fetch;
	if (!fetch) {
		throw new Error(
			"fetch is not set. Please pass a fetch implementation as new Octokit({ request: { fetch }}). Learn more at https://github.com/octokit/octokit.js/#fetch-missing"
		);
	}
	const log = requestOptions.request?.log || console;
	const parseSuccessResponseBody = requestOptions.request?.parseSuccessResponseBody !== false;
	const body = dist_bundle_isPlainObject(requestOptions.body) || Array.isArray(requestOptions.body) ? JSONStringify(requestOptions.body) : requestOptions.body;
	const requestHeaders = Object.fromEntries(
		Object.entries(requestOptions.headers).map(([name, value]) => [
			name,
			String(value)
		])
	);
	let fetchResponse;
	try {
		fetchResponse = await fetch(requestOptions.url, {
			method: requestOptions.method,
			body,
			redirect: requestOptions.request?.redirect,
			headers: requestHeaders,
			signal: requestOptions.request?.signal,
			...requestOptions.body && { duplex: "half" }
		});
	} catch (error) {
		let message = "Unknown Error";
		if (error instanceof Error) {
			if (error.name === "AbortError") {
				error.status = 500;
				throw error;
			}
			message = error.message;
			if (error.name === "TypeError" && "cause" in error) {
				if (error.cause instanceof Error) {
					message = error.cause.message;
				} else if (typeof error.cause === "string") {
					message = error.cause;
				}
			}
		}
		const requestError = new RequestError(message, 500, {
			request: requestOptions
		});
		requestError.cause = error;
		throw requestError;
	}
	const status = fetchResponse.status;
	const url = fetchResponse.url;
	const responseHeaders = {};
	for (const [key, value] of fetchResponse.headers) {
		responseHeaders[key] = value;
	}
	const octokitResponse = {
		url,
		status,
		headers: responseHeaders,
		data: ""
	};
	if ("deprecation" in responseHeaders) {
		const matches = responseHeaders.link && responseHeaders.link.match(/<([^<>]+)>; rel="deprecation"/);
		const deprecationLink = matches && matches.pop();
		log.warn(
      `[@octokit/request] "${requestOptions.method} ${requestOptions.url}" is deprecated. It is scheduled to be removed on ${responseHeaders.sunset}${deprecationLink ? `. See ${deprecationLink}` : ""}`
		);
	}
	if (status === 204 || status === 205) {
		return octokitResponse;
	}
	if (requestOptions.method === "HEAD") {
		if (status < 400) {
			return octokitResponse;
		}
		throw new RequestError(fetchResponse.statusText, status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	if (status === 304) {
		octokitResponse.data = await getResponseData(fetchResponse);
		throw new RequestError("Not modified", status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	if (status >= 400) {
		octokitResponse.data = await getResponseData(fetchResponse);
		throw new RequestError(toErrorMessage(octokitResponse.data), status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	octokitResponse.data = parseSuccessResponseBody ? await getResponseData(fetchResponse) : fetchResponse.body;
	return octokitResponse;
}
async function getResponseData(response) {
	const contentType = response.headers.get("content-type");
	if (!contentType) {
		return response.text().catch(noop);
	}
	const mimetype = parse(contentType);
	if (isJSONResponse(mimetype)) {
		let text = "";
		try {
			text = await response.text();
			return JSONParse(text);
		} catch (err) {
			return text;
		}
	} else if (mimetype.type.startsWith("text/") ||
	mimetype.parameters.charset?.toLowerCase() === "utf-8" && mimetype.type !== "application/octet-stream") {
		return response.text().catch(noop);
	} else {
		return response.arrayBuffer().catch(
			() => new ArrayBuffer(0)
		);
	}
}
function isJSONResponse(mimetype) {
	return mimetype.type === "application/json" || mimetype.type === "application/scim+json";
}
function toErrorMessage(data) {
	if (typeof data === "string") {
		return data;
	}
	if (data instanceof ArrayBuffer) {
		return "Unknown error";
	}
	if (typeof data === "object" && data !== null && "message" in data) {
		const objectData = data;
		const suffix = "documentation_url" in objectData ? ` - ${objectData.documentation_url}` : "";
		return Array.isArray(objectData.errors) ? `${objectData.message}: ${objectData.errors.map((v) => JSON.stringify(v)).join(", ")}${suffix}` : `${objectData.message}${suffix}`;
	}
	return `Unknown error: ${JSON.stringify(data)}`;
}

function dist_bundle_withDefaults(oldEndpoint, newDefaults) {
	const endpoint2 = oldEndpoint.defaults(newDefaults);
	const newApi = function(route, parameters) {
		const endpointOptions = endpoint2.merge(route, parameters);
		if (!endpointOptions.request || !endpointOptions.request.hook) {
			return fetchWrapper(endpoint2.parse(endpointOptions));
		}
		const request2 = (route2, parameters2) => {
			return fetchWrapper(
				endpoint2.parse(endpoint2.merge(route2, parameters2))
			);
		};
		Object.assign(request2, {
			endpoint: endpoint2,
			defaults: dist_bundle_withDefaults.bind(null, endpoint2)
		});
		return endpointOptions.request.hook(request2, endpointOptions);
	};
	return Object.assign(newApi, {
		endpoint: endpoint2,
		defaults: dist_bundle_withDefaults.bind(null, endpoint2)
	});
}

var request = dist_bundle_withDefaults(endpoint, defaults_default);

;
var b64url = "(?:[a-zA-Z0-9_-]+)";
var sep = "\\.";
var jwtRE = new RegExp(`^${b64url}${sep}${b64url}${sep}${b64url}$`);
var isJWT = jwtRE.test.bind(jwtRE);

async function auth(token) {
	const isApp = isJWT(token);
	const isInstallation = token.startsWith("v1.") || token.startsWith("ghs_");
	const isUserToServer = token.startsWith("ghu_");
	const tokenType = isApp ? "app" : isInstallation ? "installation" : isUserToServer ? "user-to-server" : "oauth";
	return {
		type: "token",
		token,
		tokenType
	};
}

function withAuthorizationPrefix(token) {
	if (token.split(/\./).length === 3) {
		return `bearer ${token}`;
	}
	return `token ${token}`;
}

async function hook(token, request, route, parameters) {
	const endpoint = request.endpoint.merge(
		route,
		parameters
	);
	endpoint.headers.authorization = withAuthorizationPrefix(token);
	return request(endpoint);
}

var createTokenAuth = function createTokenAuth2(token) {
	if (!token) {
		throw new Error("[@octokit/auth-token] No token passed to createTokenAuth");
	}
	if (typeof token !== "string") {
		throw new Error(
			"[@octokit/auth-token] Token passed to createTokenAuth is not a string"
		);
	}
	token = token.replace(/^(token|bearer) +/i, "");
	return Object.assign(auth.bind(null, token), {
		hook: hook.bind(null, token)
	});
};

;
const version_VERSION = "7.0.8";

;

const dist_src_noop = () => {
};
const consoleWarn = console.warn.bind(console);
const consoleError = console.error.bind(console);
function createLogger(logger = {}) {
	if (typeof logger.debug !== "function") {
		logger.debug = dist_src_noop;
	}
	if (typeof logger.info !== "function") {
		logger.info = dist_src_noop;
	}
	if (typeof logger.warn !== "function") {
		logger.warn = consoleWarn;
	}
	if (typeof logger.error !== "function") {
		logger.error = consoleError;
	}
	return logger;
}
const userAgentTrail = `octokit-core.js/${version_VERSION} ${getUserAgent()}`;
class Octokit {
	static VERSION = version_VERSION;
	static defaults(defaults) {
		const OctokitWithDefaults = class extends this {
			constructor(...args) {
				const options = args[0] || {};
				if (typeof defaults === "function") {
					super(defaults(options));
					return;
				}
				super(
					Object.assign(
						{},
						defaults,
						options,
						options.userAgent && defaults.userAgent ? {
							userAgent: `${options.userAgent} ${defaults.userAgent}`
						} : null
					)
				);
			}
		};
		return OctokitWithDefaults;
	}
	static plugins = [];
	static plugin(...newPlugins) {
		const currentPlugins = this.plugins;
		const NewOctokit = class extends this {
			static plugins = currentPlugins.concat(
				newPlugins.filter((plugin) => !currentPlugins.includes(plugin))
			);
		};
		return NewOctokit;
	}
	constructor(options = {}) {
		const hook = new octokit.Collection();
		const requestDefaults = {
			baseUrl: request.endpoint.DEFAULTS.baseUrl,
			headers: {},
			request: Object.assign({}, options.request, {
				hook: hook.bind(null, "request")
			}),
			mediaType: {
				previews: [],
				format: ""
			}
		};
		requestDefaults.headers["user-agent"] = options.userAgent ? `${options.userAgent} ${userAgentTrail}` : userAgentTrail;
		if (options.baseUrl) {
			requestDefaults.baseUrl = options.baseUrl;
		}
		if (options.previews) {
			requestDefaults.mediaType.previews = options.previews;
		}
		if (options.timeZone) {
			requestDefaults.headers["time-zone"] = options.timeZone;
		}
		this.request = request.defaults(requestDefaults);
		this.graphql = withCustomRequest(this.request).defaults(requestDefaults);
		this.log = createLogger(options.log);
		this.hook = hook;
		if (!options.authStrategy) {
			if (!options.auth) {
				this.auth = async () => ({
					type: "unauthenticated"
				});
			} else {
				const auth = createTokenAuth(options.auth);
				hook.wrap("request", auth.hook);
				this.auth = auth;
			}
		} else {
			const { authStrategy, ...otherOptions } = options;
			const auth = authStrategy(
				Object.assign(
					{
						request: this.request,
						log: this.log,
						octokit: this,
						octokitOptions: otherOptions
					},
					options.auth
				)
			);
			hook.wrap("request", auth.hook);
			this.auth = auth;
		}
		const classConstructor = this.constructor;
		for (let i = 0; i < classConstructor.plugins.length; ++i) {
			Object.assign(this, classConstructor.plugins[i](this, options));
		}
	}
	request;
	graphql;
	log;
	hook;
	auth;
}

;

const context = new Context();
const baseUrl = getApiBaseUrl();
const defaults = {
	baseUrl,
	request: {
		agent: getProxyAgent(baseUrl),
		fetch: getProxyFetch(baseUrl)
	}
};
const GitHub = Octokit.plugin(restEndpointMethods, paginateRest).defaults(defaults);

function getOctokitOptions(token, options) {
	const opts = Object.assign({}, options || {});
	const auth = getAuthString(token, opts);
	if (auth) {
		opts.auth = auth;
	}
	const userAgent = getUserAgentWithOrchestrationId(opts.userAgent);
	if (userAgent) {
		opts.userAgent = userAgent;
	}
	return opts;
}
;

const github_context = new Context();
function getOctokit(token, options, ...additionalPlugins) {
	const GitHubWithPlugins = GitHub.plugin(...additionalPlugins);
	return new GitHubWithPlugins(getOctokitOptions(token, options));
}

	}),

	7410:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		D0: () => ( decoder),
		Rd: () => ( encoder),
		VS: () => ( uint32be),
		WG: () => ( encodeBase64),
		br: () => ( digest),
		lF: () => ( encode),
		mx: () => ( uint64be),
		u8: () => ( strictDecoder),
		xW: () => ( concat),
		y4: () => ( decodeBase64)
	});
const encoder = new TextEncoder(), decoder = new TextDecoder(), strictDecoder = new TextDecoder("utf-8", { fatal: !0 }), UINT32_RANGE = 2 ** 32;
function concat(...buffers) {
	const size = buffers.reduce((acc, { length }) => acc + length, 0), buf = new Uint8Array(size);
	let i = 0;
	for (const buffer of buffers)
		buf.set(buffer, i), i += buffer.length;
	return buf;
}
function writeUInt32BE(buf, value, offset) {
	if (value < 0 || value >= UINT32_RANGE)
		throw new RangeError(`value must be >= 0 and <= ${UINT32_RANGE - 1}. Received ${value}`);
	buf.set([value >>> 24, value >>> 16, value >>> 8, value & 255], offset);
}
function uint64be(value) {
	const high = Math.floor(value / UINT32_RANGE), low = value % UINT32_RANGE, buf = new Uint8Array(8);
	return writeUInt32BE(buf, high, 0), writeUInt32BE(buf, low, 4), buf;
}
function uint32be(value) {
	const buf = new Uint8Array(4);
	return writeUInt32BE(buf, value), buf;
}
const NON_ASCII = /[^\x00-\x7f]/;
function encode(string) {
	if (typeof string == "string" && string.length >= 128) {
		if (NON_ASCII.test(string))
			throw new TypeError("non-ASCII string encountered in encode()");
		return encoder.encode(string);
	}
	const bytes = new Uint8Array(string.length);
	for (let i = 0; i < string.length; i++) {
		const code = string.charCodeAt(i);
		if (code > 127)
			throw new TypeError("non-ASCII string encountered in encode()");
		bytes[i] = code;
	}
	return bytes;
}
function encodeBase64(input, url = !1) {
	if (Uint8Array.prototype.toBase64)
		return input.toBase64({ alphabet: url ? "base64url" : "base64", omitPadding: url });
	const CHUNK_SIZE = 32768, arr = [];
	for (let i = 0; i < input.length; i += CHUNK_SIZE)
		arr.push(String.fromCharCode.apply(null, input.subarray(i, i + CHUNK_SIZE)));
	const encoded = btoa(arr.join(""));
	return url ? encoded.replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_") : encoded;
}
function decodeBase64(encoded, url = !1) {
	if (Uint8Array.fromBase64)
		return Uint8Array.fromBase64(encoded, { alphabet: url ? "base64url" : "base64" });
	if (url) {
		if (encoded.includes("+") || encoded.includes("/"))
			throw new TypeError("Invalid base64url");
		encoded = encoded.replace(/-/g, "+").replace(/_/g, "/");
	}
	const binary = atob(encoded), bytes = new Uint8Array(binary.length);
	for (let i = 0; i < binary.length; i++)
		bytes[i] = binary.charCodeAt(i);
	return bytes;
}
async function digest(algorithm, data) {
	const subtleDigest = `SHA-${algorithm.slice(-3)}`;
	return new Uint8Array(await crypto.subtle.digest(subtleDigest, data));
}

	}),

	7784:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		BU: () => ( validateCritDuplicates),
		CT: () => ( JWE_RECOGNIZED),
		Fw: () => ( validateAlgorithms),
		GT: () => ( assertUint8Array),
		Gv: () => ( isObject),
		MV: () => ( encodeAsciiMember),
		OX: () => ( parseJoseHeader),
		ac: () => ( assertNotSet),
		fz: () => ( isDisjoint),
		h2: () => ( decodeBase64url),
		ji: () => ( serializeJoseHeader),
		nI: () => ( validateCrit)
	});
	var _util_errors_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(5674);
	var _util_base64url_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1445);
	var _buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7410);

function assertUint8Array(input, label) {
	if (!(input instanceof Uint8Array))
		throw new TypeError(`${label} must be an instance of Uint8Array`);
}
function isObject(input) {
	if (typeof input != "object" || input === null || Object.prototype.toString.call(input) !== "[object Object]")
		return !1;
	const prototype = Object.getPrototypeOf(input);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}
function isDisjoint(...headers) {
	const parameters =  new Set();
	for (const header of headers)
		if (header)
			for (const parameter of Object.keys(header)) {
				if (parameters.has(parameter))
					return !1;
				parameters.add(parameter);
			}
	return !0;
}
function assertNotSet(value, name) {
	if (value !== void 0)
		throw new TypeError(`${name} can only be called once`);
}
function decodeBase64url(value, label, ErrorClass) {
	try {
		return (0,_util_base64url_js__WEBPACK_IMPORTED_MODULE_0__ .D)(value);
	} catch (cause) {
		throw new ErrorClass(`Failed to base64url decode the ${label}`, { cause });
	}
}
function encodeAsciiMember(value, label, ErrorClass) {
	try {
		return (0,_buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__ .lF)(value);
	} catch (cause) {
		throw new ErrorClass(`The ${label} is not a valid base64url string`, { cause });
	}
}
function parseJoseHeader(encodedProtectedHeader, ErrorClass, message) {
	let parsed;
	try {
		parsed = JSON.parse(_buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__ .u8.decode((0,_util_base64url_js__WEBPACK_IMPORTED_MODULE_0__ .D)(encodedProtectedHeader)));
	} catch (cause) {
		throw new ErrorClass(message, { cause });
	}
	if (!isObject(parsed))
		throw new ErrorClass(message);
	return parsed;
}
const JWS_RECOGNIZED = { __proto__: null, b64: !0 }, JWE_RECOGNIZED = { __proto__: null };
function validateAlgorithms(option, algorithms) {
	if (algorithms !== void 0 && (!Array.isArray(algorithms) || algorithms.some((s) => typeof s != "string")))
		throw new TypeError(`"${option}" option must be an array of strings`);
	return algorithms === void 0 ? void 0 : new Set(algorithms);
}
function validateCritDuplicates(Err, protectedHeader) {
	const { crit } = protectedHeader ?? {};
	if (Array.isArray(crit) && new Set(crit).size !== crit.length)
		throw new Err('"crit" (Critical) Header Parameter MUST NOT contain duplicate values');
}
function validateCrit(Err, recognizedDefault, recognizedOption, protectedHeader, joseHeader) {
	if (joseHeader.crit !== void 0 && protectedHeader?.crit === void 0)
		throw new Err('"crit" (Critical) Header Parameter MUST be integrity protected');
	if (!protectedHeader || protectedHeader.crit === void 0)
		return [];
	if (!Array.isArray(protectedHeader.crit) || protectedHeader.crit.length === 0 || protectedHeader.crit.some((input) => typeof input != "string" || input.length === 0))
		throw new Err('"crit" (Critical) Header Parameter MUST be an array of non-empty strings when present');
	const recognized = recognizedOption === void 0 ? recognizedDefault : { __proto__: null, ...recognizedOption, ...recognizedDefault };
	for (const parameter of protectedHeader.crit) {
		if (!(parameter in recognized))
			throw new _util_errors_js__WEBPACK_IMPORTED_MODULE_2__ .T0(`Extension Header Parameter "${parameter}" is not recognized`);
		if (!Object.hasOwn(joseHeader, parameter) || joseHeader[parameter] === void 0)
			throw new Err(`Extension Header Parameter "${parameter}" is missing`);
		if (recognized[parameter] && (!Object.hasOwn(protectedHeader, parameter) || protectedHeader[parameter] === void 0))
			throw new Err(`Extension Header Parameter "${parameter}" MUST be integrity protected`);
	}
	return protectedHeader.crit;
}
function serializeJoseHeader(Err, header) {
	let serialized, parsed;
	try {
		serialized = JSON.stringify(header), parsed = JSON.parse(serialized);
	} catch (cause) {
		throw new Err("JOSE Header is not valid JSON", { cause });
	}
	if (!isObject(parsed))
		throw new Err("JOSE Header is not a JSON object");
	return [parsed, serialized];
}

	}),

	1445:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		D: () => ( decode),
		l: () => ( encode)
	});
	var _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7410);

const invalid = "The input to be decoded is not correctly encoded.";
function decode(input) {
	try {
		return (0,_lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ .y4)(typeof input == "string" ? input : _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ .D0.decode(input), !0);
	} catch (cause) {
		throw new TypeError(invalid, { cause });
	}
}
function encode(input) {
	return (0,_lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ .WG)(typeof input == "string" ? _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ .Rd.encode(input) : input, !0);
}

	}),

	5674:
	((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

	__nccwpck_require__.d(__webpack_exports__, {
		Dp: () => ( JWTInvalid),
		Rb: () => ( JOSEAlgNotAllowed),
		T0: () => ( JOSENotSupported),
		aA: () => ( JWEInvalid),
		i4: () => ( JOSEError),
		ie: () => ( JWTClaimValidationFailed),
		n: () => ( JWTExpired),
		xO: () => ( JWEDecryptionFailed)
	});
class JOSEError extends Error {
	static code = "ERR_JOSE_GENERIC";
	code = "ERR_JOSE_GENERIC";
	constructor(message, options) {
		super(message, options), this.name = this.constructor.name, Error.captureStackTrace?.(this, this.constructor);
	}
}
class JWTClaimValidationFailed extends JOSEError {
	static code = "ERR_JWT_CLAIM_VALIDATION_FAILED";
	code = "ERR_JWT_CLAIM_VALIDATION_FAILED";
	claim;
	reason;
	payload;
	constructor(message, payload, claim = "unspecified", reason = "unspecified") {
		super(message, { cause: { claim, reason, payload } }), this.claim = claim, this.reason = reason, this.payload = payload;
	}
}
class JWTExpired extends JOSEError {
	static code = "ERR_JWT_EXPIRED";
	code = "ERR_JWT_EXPIRED";
	claim;
	reason;
	payload;
	constructor(message, payload, claim = "unspecified", reason = "unspecified") {
		super(message, { cause: { claim, reason, payload } }), this.claim = claim, this.reason = reason, this.payload = payload;
	}
}
class JOSEAlgNotAllowed extends JOSEError {
	static code = "ERR_JOSE_ALG_NOT_ALLOWED";
	code = "ERR_JOSE_ALG_NOT_ALLOWED";
}
class JOSENotSupported extends JOSEError {
	static code = "ERR_JOSE_NOT_SUPPORTED";
	code = "ERR_JOSE_NOT_SUPPORTED";
}
class JWEDecryptionFailed extends JOSEError {
	static code = "ERR_JWE_DECRYPTION_FAILED";
	code = "ERR_JWE_DECRYPTION_FAILED";
	constructor(message = "decryption operation failed", options) {
		super(message, options);
	}
}
class JWEInvalid extends JOSEError {
	static code = "ERR_JWE_INVALID";
	code = "ERR_JWE_INVALID";
}
class JWTInvalid extends JOSEError {
	static code = "ERR_JWT_INVALID";
	code = "ERR_JWT_INVALID";
}
class JWKSMultipleMatchingKeys extends JOSEError {
	[Symbol.asyncIterator] = async function* () {
	};
	static code = "ERR_JWKS_MULTIPLE_MATCHING_KEYS";
	code = "ERR_JWKS_MULTIPLE_MATCHING_KEYS";
	constructor(message = "multiple matching keys found in the JSON Web Key Set", options) {
		super(message, options);
	}
}

	})

	});
	var __webpack_module_cache__ = {};
	function __nccwpck_require__(moduleId) {
		var cachedModule = __webpack_module_cache__[moduleId];
		if (cachedModule !== undefined) {
			return cachedModule.exports;
		}
		var module = __webpack_module_cache__[moduleId] = {
			exports: {}
		};
		var threw = true;
		try {
			__webpack_modules__[moduleId].call(module.exports, module, module.exports, __nccwpck_require__);
			threw = false;
		} finally {
			if(threw) delete __webpack_module_cache__[moduleId];
		}
		return module.exports;
	}
	__nccwpck_require__.m = __webpack_modules__;
	if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
	(() => {
		var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
		var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
		var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
		var resolveQueue = (queue) => {
			if(queue && queue.d < 1) {
				queue.d = 1;
				queue.forEach((fn) => (fn.r--));
				queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
			}
		}
		var wrapDeps = (deps) => (deps.map((dep) => {
			if(dep !== null && typeof dep === "object") {
				if(dep[webpackQueues]) return dep;
				if(dep.then) {
					var queue = [];
					queue.d = 0;
					dep.then((r) => {
						obj[webpackExports] = r;
						resolveQueue(queue);
					}, (e) => {
						obj[webpackError] = e;
						resolveQueue(queue);
					});
					var obj = {};
					obj[webpackQueues] = (fn) => (fn(queue));
					return obj;
				}
			}
			var ret = {};
			ret[webpackQueues] = x => {};
			ret[webpackExports] = dep;
			return ret;
		}));
		__nccwpck_require__.a = (module, body, hasAwait) => {
			var queue;
			hasAwait && ((queue = []).d = -1);
			var depQueues = new Set();
			var exports = module.exports;
			var currentDeps;
			var outerResolve;
			var reject;
			var promise = new Promise((resolve, rej) => {
				reject = rej;
				outerResolve = resolve;
			});
			promise[webpackExports] = exports;
			promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
			module.exports = promise;
			body((deps) => {
				currentDeps = wrapDeps(deps);
				var fn;
				var getResult = () => (currentDeps.map((d) => {
					if(d[webpackError]) throw d[webpackError];
					return d[webpackExports];
				}))
				var promise = new Promise((resolve) => {
					fn = () => (resolve(getResult));
					fn.r = 0;
					var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
					currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
				});
				return fn.r ? promise : getResult();
			}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
			queue && queue.d < 0 && (queue.d = 0);
		};
	})();
	(() => {
		__nccwpck_require__.n = (module) => {
			var getter = module && module.__esModule ?
				() => (module['default']) :
				() => (module);
			__nccwpck_require__.d(getter, { a: getter });
			return getter;
		};
	})();
	(() => {
		__nccwpck_require__.d = (exports, definition) => {
			for(var key in definition) {
				if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
					Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
				}
			}
		};
	})();
	(() => {
		__nccwpck_require__.f = {};
		__nccwpck_require__.e = (chunkId) => {
			return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
				__nccwpck_require__.f[key](chunkId, promises);
				return promises;
			}, []));
		};
	})();
	(() => {
		__nccwpck_require__.u = (chunkId) => {
			return {"269":"steps.js","334":"steps-packages.js"}[chunkId];
		};
	})();
	(() => {
		__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
	})();
	(() => {
		__nccwpck_require__.r = (exports) => {
			if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
				Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
			}
			Object.defineProperty(exports, '__esModule', { value: true });
		};
	})();
	(() => {
		var installedChunks = {
			792: 0
		};
		var installChunk = (data) => {
			var {ids, modules, runtime} = data;
			var moduleId, chunkId, i = 0;
			for(moduleId in modules) {
				if(__nccwpck_require__.o(modules, moduleId)) {
					__nccwpck_require__.m[moduleId] = modules[moduleId];
				}
			}
			if(runtime) runtime(__nccwpck_require__);
			for(;i < ids.length; i++) {
				chunkId = ids[i];
				if(__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
					installedChunks[chunkId][0]();
				}
				installedChunks[ids[i]] = 0;
			}
		}
		__nccwpck_require__.f.j = (chunkId, promises) => {
				var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
				if(installedChunkData !== 0) {
					if(installedChunkData) {
						promises.push(installedChunkData[1]);
					} else {
						if(true) {
							var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e) => {
								if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
								throw e;
							});
							var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
							promises.push(installedChunkData[1] = promise);
						}
					}
				}
		};
	})();
	var __webpack_exports__ = __nccwpck_require__(9407);
	__webpack_exports__ = await __webpack_exports__;
/******/
