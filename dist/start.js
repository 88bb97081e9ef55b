import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 481:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  lZ: () => (/* binding */ ActionError),
  G: () => (/* binding */ InputErrors),
  Ag: () => (/* binding */ PUBLIC_SERVER),
  $N: () => (/* binding */ codeOf),
  Fo: () => (/* binding */ collect),
  q0: () => (/* binding */ describe),
  EE: () => (/* binding */ requireNone),
  xU: () => (/* binding */ systemCode)
});

;// CONCATENATED MODULE: ./src/errors/messages/wording.ts
const SERVER = '\u{e000}';
const PAT_FORM = `${SERVER}/settings/personal-access-tokens`;
const CREATE_PAT = `${PAT_FORM}/new`;
const VALUE_HIDDEN = 'value not shown';
function apiUrlInput(service) {
    return service === 'GitHub' ? "'github-api-url'" : "'vaunt-api-url'";
}
function support(service) {
    return service === 'GitHub' ? 'GitHub Support' : 'Vaunt support';
}
function ifItLasts(service) {
    return service === 'GitHub'
        ? 'Check https://www.githubstatus.com for outages.'
        : `If it keeps failing, contact ${support(service)}.`;
}
function details(speaker, { words, requestId, attempts = 1 }) {
    const said = words ? `${words}` : '';
    return [
        said ? `${speaker}: "${said}"` : '',
        requestId ? `request ID ${requestId}` : '',
        attempts > 1 ? `${attempts} attempts` : ''
    ]
        .filter(part => part !== '')
        .join('; ');
}
function iso(date) {
    return date.toISOString();
}

;// CONCATENATED MODULE: ./src/errors/messages/card.ts

const cardMessages = {
    'card-unsafe': ({ fault, found }) => ({
        message: `${CARD_FAULT[fault]}${found ? `: ${found}` : ''}. Nothing was committed.`,
        remedy: 'Run the job again later. If it fails again, send this message to Vaunt support.'
    }),
    'card-path-unusable': ({ fault, path, branch, found }) => ({
        message: `Can't write the card to ${path} on branch ${branch}: ${found} ${PATH_FAULT[fault]}. Nothing was committed.`,
        remedy: "Set 'path' to another location."
    }),
    'commit-forbidden': facts => ({ ...FORBIDDEN_COMMIT[facts.fault](facts), details: details('GitHub', facts) }),
    'commit-refused': facts => ({
        message: `GitHub refused the commit to branch ${facts.branch}${REFUSED_COMMIT[facts.fault].message}.`,
        remedy: REFUSED_COMMIT[facts.fault].remedy,
        details: details('GitHub', facts)
    }),
    'branch-busy': ({ branch, attempts, seconds }) => ({
        message: `Couldn't commit the card to branch ${branch}: someone else changed the branch first in each of ${attempts} attempts within ${seconds} seconds.`,
        remedy: 'Run the job again. If this happens often, run fewer jobs that commit to this branch at the same time, or give each card its own branch.'
    }),
    'pull-request-forbidden': facts => ({
        ...FORBIDDEN_PULL_REQUEST[facts.fault](facts.repository),
        details: details('GitHub', facts)
    })
};
const CARD_FAULT = {
    'not-svg': "Vaunt's response isn't an SVG image",
    'not-well-formed': "Vaunt's response isn't an SVG image, because it isn't well-formed XML",
    active: "Vaunt's card contains something that can run code or load external content in a reader's browser"
};
const PATH_FAULT = {
    folder: 'is a folder',
    file: 'is a file, not a folder',
    link: 'is a symbolic link',
    submodule: 'is a submodule',
    'letter-case': 'differs from it only in letter case'
};
const CHECK_TOKEN = "If you set 'github-token', make sure that the token hasn't expired and has the permission Contents: Read and write for this repository.";
const WRITE_PERMISSION = `Add permissions: contents: write to the job, and to the calling job if this is a reusable workflow. ${CHECK_TOKEN}`;
const FORBIDDEN_COMMIT = {
    'no-token': ({ repository }) => ({
        message: `There is no token to commit to ${repository} with: input 'github-token' is empty. Nothing was sent.`,
        remedy: "Remove 'github-token' to use the job's own token, or check the secret that you pass in it."
    }),
    malformed: () => ({
        message: "Input 'github-token' contains characters that no token has (value not shown). Nothing was sent.",
        remedy: "Remove 'github-token' to use the job's own token, or copy the token to its secret again."
    }),
    token: ({ repository }) => ({
        message: `GitHub rejected the token for ${repository} (HTTP 401).`,
        remedy: `${CHECK_TOKEN} A job's own token expires when the job ends, or after 24 hours.`
    }),
    permission: ({ repository }) => ({
        message: `The token isn't allowed to commit to ${repository}.`,
        remedy: WRITE_PERMISSION
    }),
    'not-found': ({ repository }) => ({
        message: `GitHub found no repository ${repository} that the token can write to (HTTP 404).`,
        remedy: WRITE_PERMISSION
    }),
    archived: ({ repository }) => ({
        message: `The repository ${repository} is archived, so it is read-only.`,
        remedy: 'Unarchive the repository, or remove this workflow.'
    }),
    'no-branch': ({ repository, branch }) => ({
        message: `GitHub found no branch ${branch ?? ''} in ${repository} to open a pull request for: the branch doesn't exist, or the token can't read the repository.`,
        remedy: `Set 'branch' to an existing branch. ${CHECK_TOKEN}`
    }),
    unknown: ({ repository }) => ({
        message: `GitHub doesn't allow the commit to ${repository}.`,
        remedy: "Follow GitHub's message. It is about the token's permissions, its account, or the repository's owner."
    })
};
const PROPOSE = "Set 'pull-request' to true, so that the action opens a pull request (this requires permissions: pull-requests: write)";
const REFUSED_COMMIT = {
    'pull-request': {
        message: ', because its rules require a pull request',
        remedy: `${PROPOSE}, or set 'branch' to a branch without this rule.`
    },
    signature: {
        message: ', because its rules require signed commits',
        remedy: "Leave 'github-token' at its default, or use an app's token: GitHub signs what they commit, but not what a PAT commits."
    },
    checks: {
        message: ', because its rules require status checks',
        remedy: `${PROPOSE}, or set 'branch' to a branch without this rule.`
    },
    protected: {
        message: ', because the branch is protected',
        remedy: `${PROPOSE}, or set 'branch' to a branch that isn't protected.`
    },
    unknown: {
        message: '',
        remedy: "Follow GitHub's message, or set 'branch' to another branch."
    }
};
const FORBIDDEN_PULL_REQUEST = {
    setting: repository => ({
        message: `GitHub Actions isn't allowed to open pull requests in ${repository}.`,
        remedy: "Go to Settings > Actions > General > Workflow permissions and select 'Allow GitHub Actions to create and approve pull requests'. If it can't be selected, an organization owner has to allow it first. Otherwise, set 'github-token' to an app's token."
    }),
    permission: repository => ({
        message: `The token isn't allowed to open pull requests in ${repository}.`,
        remedy: "Add permissions: pull-requests: write to the job, and to the calling job if this is a reusable workflow. If you set 'github-token', the token needs the permission Pull requests: Read and write."
    }),
    unknown: repository => ({
        message: `GitHub doesn't allow the pull request in ${repository}.`,
        remedy: "Follow GitHub's message. It is about the token's permissions or the repository's settings."
    })
};

;// CONCATENATED MODULE: ./src/errors/messages/services.ts

function rateLimited(service, facts) {
    return {
        ...(facts.limit === 'logins' ? loginsBlocked : requestsLimited)(service, facts),
        details: details(service, facts)
    };
}
function loginsBlocked(service, { until }) {
    return {
        message: `${service} is blocking logins ${until ? `until ${iso(until)}` : 'temporarily'} after too many failed attempts.`,
        remedy: 'Find and fix what signs in with a wrong PAT or password, such as a job with an outdated secret. Then run the job again in an hour.'
    };
}
function requestsLimited(service, { until, isBeyond }) {
    const again = until ? 'after that time' : isBeyond ? 'in an hour' : 'in a few minutes';
    return {
        message: `${service} is limiting requests${until ? ` until ${iso(until)}` : ''}${isBeyond ? " and didn't give a valid time to retry" : ''}.`,
        remedy: `Run the job again ${again}. If this happens often, run fewer jobs at the same time.`
    };
}
function unavailable(service, facts) {
    const { outage, phase, host, detail, until } = facts;
    const through = facts.proxyHost && phase === 'tls' ? ` through the proxy ${facts.proxyHost}` : '';
    const code = detail ? ` (${detail})` : '';
    const happened = {
        network: `The request to ${service} at ${host}${through} failed: ${BROKEN_PHASE[phase]}${code}.`,
        deadline: `${service} (${host}) didn't respond${through} in time${SLOW_PHASE[phase]}.`,
        budget: `${service} (${host}) didn't respond${through} within this action's ${facts.limitMs / 1000}-second limit${SLOW_PHASE[phase]}.`,
        status: `${service} is unavailable${code}.`
    }[outage];
    return {
        message: `${happened}${until ? ` Its response asks clients to retry after ${iso(until)}.` : ''}`,
        remedy: outage === 'status'
            ? `Run the job again ${until ? 'after that time' : 'later'}. ${ifItLasts(service)}`
            : PHASE_REMEDY[phase](service),
        details: details(service, facts)
    };
}
const BROKEN_PHASE = {
    name: 'the hostname could not be resolved',
    tcp: 'no connection could be opened',
    tls: 'the TLS handshake failed',
    tunnel: "the proxy didn't open a connection",
    http: 'the connection closed before the complete response arrived'
};
const SLOW_PHASE = {
    name: ": the DNS lookup didn't finish",
    tcp: ': no connection could be opened',
    tls: ": the TLS handshake didn't finish",
    tunnel: ": the proxy didn't open a connection",
    http: ''
};
const PHASE_REMEDY = {
    name: service => `Check the hostname in ${apiUrlInput(service)} and the runner's DNS settings (in a container, also /etc/resolv.conf). If both are correct, run the job again later.`,
    tcp: service => `Check ${apiUrlInput(service)}, and make sure that no firewall or proxy blocks this host. If both are fine, run the job again later.`,
    tls: service => `Make sure that ${apiUrlInput(service)} points to a host and port that use TLS, and that no firewall or proxy interrupts the connection. If both are fine, run the job again later.`,
    tunnel: service => `Check the runner's proxy settings and ${apiUrlInput(service)}.`,
    http: service => `Run the job again later. If it fails again, make sure that no firewall or proxy blocks this host. ${ifItLasts(service)}`
};
function unexpected(service, facts) {
    if (facts.surprise === 'refused')
        return refused(service, facts);
    return {
        message: SURPRISE[facts.surprise](service, facts),
        remedy: surpriseRemedy(service, facts.surprise),
        details: details(facts.surprise === 'foreign' ? 'response' : service, facts)
    };
}
function surpriseRemedy(service, surprise) {
    if (surprise === 'api-version') {
        return 'Update this action to its latest release. If you already use it, report this message to the maintainers of this action.';
    }
    return FOREIGN.has(surprise)
        ? `Check that ${apiUrlInput(service)} is ${service}'s API URL, and check the proxy, firewall, or VPN between the runner and that host. The PAT may still be valid.`
        : `Check that ${apiUrlInput(service)} is ${service}'s API URL and that no proxy or login page intercepts the request. If both are fine, report this message to ${support(service)}.`;
}
function refused(service, facts) {
    const { words, requestId } = facts;
    return {
        message: `${service} refused the request for ${facts.asked}${statusIn(facts)}${words ? `: "${words}".` : '.'}`,
        remedy: words
            ? `Follow ${service}'s message. If it isn't clear, contact ${support(service)}.`
            : `Run the job again. If it fails again, contact ${support(service)}${requestId ? ' and include the request ID' : ''}.`,
        details: details(service, { ...facts, words: undefined })
    };
}
const SURPRISE = {
    status: (service, facts) => `${service} returned an unexpected response${statusIn(facts)}${when(facts)}.`,
    'api-version': (service, facts) => `${service} no longer supports version ${facts.detail ?? ''} of its API, which this action uses${statusIn(facts)}.`,
    foreign: (service, facts) => `Something other than ${service} responded${at(facts)}${statusIn(facts)}${when(facts)}. The response isn't in the format of ${service}'s API, so it comes from a proxy, a firewall, a login page, or another server.`,
    redirect: (service, facts) => `${service} redirected the request for ${facts.asked}${facts.location ? ` to ${facts.location}` : ''}${statusIn(facts)}. This action never follows redirects.`,
    'too-large': (service, facts) => `${service} sent a response of more than ${(facts.limitBytes ?? 0) / MIB} MiB${when(facts)}.`,
    'head-too-large': (service, facts) => `${service}${facts.host ? ` (${facts.host})` : ''} sent response headers that are too large${detailIn(facts)}${when(facts)}.`,
    undecodable: (service, facts) => `${service} sent a response in an unsupported compression format${statusIn(facts)}${when(facts)}.`,
    'not-http': (_service, facts) => `The server${at(facts)} sent an invalid HTTP response${detailIn(facts)}${when(facts)}.`,
    'client-certificate': (_service, facts) => `The server${at(facts)} requires a client certificate${detailIn(facts)}, which this action can't send.`,
    'handshake-refused': (service, facts) => `The TLS handshake with ${facts.host ?? service} failed${detailIn(facts)}: the server and this runner share no TLS settings, or the server requires a client certificate, which this action can't send.`,
    'not-json': (service, facts) => `${service} sent a response that isn't JSON${statusIn(facts)}${when(facts)}.`,
    'not-described': (service, facts) => `${service} sent a response that doesn't match its documented API${statusIn(facts)}${when(facts)}.`,
    'ids-contradict': service => `${service}'s responses are inconsistent: it returned a membership of a different user or organization.`,
    'other-login': (service, facts) => `${service} returned a different account${when(facts)}.`,
    'no-token': (service, facts) => `${service} sent a response without a token${statusIn(facts)}${when(facts)}.`,
    'not-a-jwt': (service, facts) => `${service} returned a token that isn't a signed JWT${when(facts)}.`,
    unsigned: (service, facts) => `${service} returned a token without a signature${detailIn(facts)}${when(facts)}.`,
    secret: (service, facts) => `${service} sent a response that contains a token of this run${when(facts)}. Nothing was committed.`
};
function statusIn({ status }) {
    return status === undefined ? '' : ` (HTTP ${status})`;
}
function detailIn({ detail }) {
    return detail ? ` (${detail})` : '';
}
function at({ host }) {
    return host ? ` at ${host}` : '';
}
function when({ asked }) {
    return ` when the action requested ${asked}`;
}
const FOREIGN = new Set([
    'foreign',
    'head-too-large',
    'not-http',
    'client-certificate',
    'handshake-refused'
]);
const MIB = 1_048_576;

;// CONCATENATED MODULE: ./src/errors/messages/github.ts


const githubMessages = {
    'pat-rejected': facts => ({
        message: "GitHub rejected the PAT (HTTP 401). It expired, was revoked or deleted, or wasn't copied completely.",
        remedy: `Check the PAT at ${PAT_FORM}, or at ${SERVER}/settings/tokens if it's a classic PAT. Regenerate it and update the secret with the new value.`,
        details: details('GitHub', facts)
    }),
    'entity-not-found': facts => ({
        ...(facts.renamed ? renamed(facts) : notFound(facts)),
        details: details('GitHub', facts)
    }),
    'entity-unsupported': facts => ({
        message: `${facts.entity} is a GitHub account of type ${facts.type}. Vaunt issues tokens only for users and organizations.`,
        remedy: "Set 'entity' to a user or an organization.",
        details: details('GitHub', facts)
    }),
    'entity-mismatch': facts => ({
        message: `The PAT belongs to ${facts.patUser} (ID ${facts.patUserId}), but 'entity' is another user, ${facts.entity} (ID ${facts.entityId}). Only ${facts.entity} can get that token.`,
        remedy: `Use a PAT created by ${facts.entity}, or set 'entity' to ${facts.patUser} or an organization that ${facts.patUser} owns.`,
        details: details('GitHub', facts)
    }),
    'members-permission-missing': facts => ({
        message: `${facts.patUser}'s ${facts.pat} PAT isn't allowed to read the membership in ${facts.entity} (HTTP 403).${requirement(facts)}`,
        remedy: permissionRemedy(facts),
        details: details('GitHub', facts)
    }),
    'not-a-member': facts => ({
        message: `GitHub found no membership of ${facts.patUser} in ${facts.entity} (HTTP 404). ${absence(facts)}`,
        remedy: absenceRemedy(facts),
        details: details('GitHub', facts)
    }),
    'membership-pending': facts => ({
        message: `${facts.patUser} was invited to ${facts.entity} but hasn't accepted the invitation yet.`,
        remedy: `Accept the invitation as ${facts.patUser} at ${SERVER}/orgs/${facts.entity}/invitation, then run the job again.`,
        details: details('GitHub', facts)
    }),
    'not-an-admin': facts => ({
        message: `${facts.patUser} isn't an owner of ${facts.entity} (role: "${facts.role}"). Only owners can get an organization's token.`,
        remedy: `Use an owner's PAT, or ask an owner to change ${facts.patUser}'s role at ${SERVER}/orgs/${facts.entity}/people.`,
        details: details('GitHub', facts)
    }),
    'sso-required': facts => ({
        message: "The organization requires SAML single sign-on, and this PAT isn't authorized for it (HTTP 403).",
        remedy: facts.url
            ? `Authorize the PAT at ${facts.url}, then run the job again. The link works for one hour.`
            : `At ${SERVER}/settings/tokens, click "Configure SSO" next to the PAT and authorize it for the organization. Then run the job again.`,
        details: details('GitHub', facts)
    }),
    'policy-forbidden': facts => ({ ...POLICY[facts.policy], details: details('GitHub', facts) }),
    'github-rate-limited': facts => rateLimited('GitHub', facts),
    'github-unavailable': facts => unavailable('GitHub', facts),
    'github-unexpected': facts => unexpected('GitHub', facts)
};
function notFound({ entity }) {
    return {
        message: `GitHub has no user or organization named ${entity} (HTTP 404).`,
        remedy: "Correct 'entity': the name is misspelled, or the account was renamed or deleted. If you remove this input, the action uses the repository's owner."
    };
}
function renamed({ entity, renamed }) {
    const command = renamed?.id === undefined ? '' : ` To find it, run "gh api user/${renamed.id} --jq .login".`;
    return {
        message: `The account ${entity} was renamed (or transferred) on GitHub (HTTP ${renamed?.status ?? 301}).`,
        remedy: `Set 'entity' to the new login of the account.${command}`
    };
}
function requirement({ pat, required, scopes }) {
    if (!required)
        return '';
    return pat === 'fine-grained'
        ? ` GitHub requires the permission ${required}.`
        : ` GitHub requires the scope ${required}, but the PAT has ${listed(scopes)}.`;
}
function permissionRemedy(facts) {
    const { pat, entity, patUser, required, hasLeastScope } = facts;
    if (pat === 'classic') {
        return hasLeastScope === true && `${required ?? ''}` === 'read:org'
            ? `Because the PAT has that scope, another rule blocks it: open ${SERVER}/orgs/${entity}/people as ${patUser}, or ask an owner of ${entity}.`
            : `Edit the PAT at ${SERVER}/settings/tokens and select the ${required ?? 'read:org'} scope.`;
    }
    const names = `${required ?? 'members=read'}`;
    const setting = /\bmembers=read\b/.test(names)
        ? 'set Members to Read-only'
        : /\bmembers=write\b/.test(names)
            ? 'set Members to Read and write'
            : `grant ${names}`;
    return `Edit the PAT at ${PAT_FORM}: under Organization permissions, ${setting}. If its resource owner isn't ${entity}, create a new PAT.`;
}
function absence({ pat, entity, patUser, scopes, hasLeastScope }) {
    if (pat === 'fine-grained') {
        return `Either ${patUser} isn't a member, or this fine-grained PAT's resource owner isn't ${entity}.`;
    }
    return hasLeastScope === false
        ? `Either ${patUser} isn't a member, or this classic PAT lacks the read:org scope (it has ${listed(scopes)}).`
        : `${patUser} isn't a member.`;
}
function absenceRemedy({ pat, entity, patUser, hasLeastScope }) {
    if (pat === 'fine-grained') {
        return `Check "Resource owner" at ${PAT_FORM}. It can't be changed, so create a new PAT if it isn't ${entity}. If it is, use a PAT created by an owner of ${entity}.`;
    }
    return hasLeastScope === false
        ? `If ${patUser} is an owner of ${entity}, edit the PAT at ${SERVER}/settings/tokens and select the read:org scope. Otherwise, use a PAT created by an owner of ${entity}, or correct 'entity'.`
        : `Use a PAT created by an owner of ${entity}, or correct 'entity'.`;
}
function listed(scopes) {
    return `${scopes ?? ''}` || 'no scopes';
}
const POLICY = {
    classic: {
        message: 'The organization forbids access with classic PATs (HTTP 403).',
        remedy: `Create a fine-grained PAT at ${CREATE_PAT}. Set its resource owner to the organization and, under Organization permissions, set Members to Read-only.`
    },
    'fine-grained': {
        message: 'The organization forbids access with fine-grained PATs (HTTP 403).',
        remedy: `Use a classic PAT with the read:org scope (${SERVER}/settings/tokens), or ask an owner to allow fine-grained PATs under Settings > Personal access tokens of the organization.`
    },
    lifetime: {
        message: "This PAT's lifetime is longer than the organization allows (HTTP 403).",
        remedy: `Create a PAT with an earlier expiration date: ${CREATE_PAT}.`
    },
    'ip-allow-list': {
        message: "The organization's IP allow list blocks this runner (HTTP 403).",
        remedy: "Run the job on a runner whose IP address is on the list, such as a self-hosted or larger runner, or ask an owner to add the runner's IP address."
    },
    'oauth-app': {
        message: "The organization doesn't let OAuth apps access its data, and this token belongs to an OAuth app, not directly to a person (HTTP 403).",
        remedy: `Create a personal access token at ${CREATE_PAT}, save it as the secret, and pass it as 'pat'.`
    },
    suspended: {
        message: "The account of the PAT's user is suspended (HTTP 403).",
        remedy: "Use another owner's PAT, or ask GitHub Support or your enterprise to lift the suspension."
    }
};

;// CONCATENATED MODULE: ./src/errors/messages/inputs.ts

const inputMessages = {
    'pat-missing': ({ reason, refused }) => ({
        message: refused
            ? `${inputs_absence(reason)}Vaunt requires a PAT for ${refused.repository} (HTTP ${refused.status}): the repository is private, or unknown to Vaunt.`
            : reason === 'no-token'
                ? "No credential was provided: inputs 'token', 'sealed-token', and 'pat' and the environment variable VAUNT_PAT are empty."
                : `${inputs_absence(reason)}No GitHub personal access token (PAT) was provided: input 'pat' and the environment variable VAUNT_PAT are empty.`,
        ...(refused && { details: details('Vaunt', refused) }),
        remedy: inputs_absenceRemedy(reason)
    }),
    'runner-files-unusable': ({ variable, detail }) => ({
        message: detail
            ? `Can't write to the file or folder in the environment variable ${variable} (${detail}), so this step sets no outputs.`
            : `The runner didn't set the environment variable ${variable}, which this action requires. Nothing was sent.`,
        remedy: detail
            ? "If the job runs in a container, use options: --user with root or the runner's user, so that the container can write the runner's files. If the disk is full, free up space in an earlier step. Otherwise, make sure that no step removes or replaces the file or folder."
            : "Run this action as a step of a workflow: the runner sets this variable for each step. If a script starts the action, pass the runner's environment variables to it."
    }),
    'pat-malformed': ({ fault }) => ({
        message: `The PAT contains ${MALFORMED[fault]}, so it isn't valid and was not sent.`,
        remedy: MALFORMED_REMEDY[fault],
        details: VALUE_HIDDEN
    }),
    'pat-unsupported': facts => ({
        message: facts.evidence === 'answer'
            ? 'According to GitHub, this token belongs to an app or a workflow, not to a person.'
            : `The token in 'pat' starts with ${facts.evidence}, so it's ${facts.evidence === 'ghs_' ? 'a GITHUB_TOKEN or an app installation token' : 'a refresh token'}. It can't prove who you are.`,
        remedy: `Use a person's personal access token: create one at ${PAT_FORM}, save it as a secret, and pass it as 'pat'.`,
        details: details('GitHub', facts)
    }),
    'entity-invalid': ({ value, empty }) => ({
        message: empty
            ? "Input 'entity' is empty, and the runner provides no repository owner to use instead."
            : `Input 'entity' is "${value}", which can't be the name of a GitHub user or organization.`,
        remedy: 'Enter only the login, for example octocat: no URL, @, or slash, and at most 39 letters, digits, hyphens, or underscores.'
    }),
    'url-invalid': ({ input, fault }) => ({
        message: `Input '${input}' ${URL_FAULT[fault]}`,
        remedy: `Enter a plain https:// URL, for example ${input === 'vaunt-api-url' ? 'https://api.vaunt.dev' : 'https://api.github.com'}, or remove the input.`,
        details: VALUE_HIDDEN
    }),
    'export-env-invalid': facts => facts.fault === 'too-long'
        ? {
            message: `The Vaunt token is too long for the environment variable "${facts.value}": the variable would have ${facts.bytes ?? 0} bytes, and Linux allows at most ${facts.limitBytes ?? 0}. No outputs were set.`,
            remedy: "Remove 'export-env' and use the 'token' output. If a step needs the token in an environment variable or as an input of another action, tell Vaunt support how long it is."
        }
        : {
            message: facts.fault === 'reserved'
                ? `Input 'export-env' is "${facts.value}", a name that already has a meaning for the runner, a shell, or a programming language.`
                : `Input 'export-env' is "${facts.value}", which isn't a valid environment variable name.`,
            remedy: 'Choose another name, for example VAUNT_TOKEN: letters, digits, and underscores, not starting with a digit.'
        },
    'host-unsupported': ({ githubHost }) => ({
        message: `The PAT belongs to ${githubHost}, but 'vaunt-api-url' is Vaunt's public service, which must never receive a GitHub Enterprise PAT. Nothing was sent.`,
        remedy: "If your company runs a self-hosted Vaunt instance, set 'vaunt-api-url' to its URL. If you meant github.com, set 'github-api-url' to https://api.github.com and use a github.com PAT."
    }),
    'token-ambiguous': ({ given }) => ({
        message: `Inputs ${new Intl.ListFormat('en').format(given.map(name => `'${name}'`))} are set together, but only one of them can be used. Nothing was sent.`,
        remedy: "Set only one of 'pat', 'token', or 'sealed-token' with 'seal-key'. Remove the others."
    }),
    'token-malformed': ({ fault }) => ({
        message: fault === 'pat'
            ? "Input 'token' contains a GitHub personal access token (PAT), not a Vaunt token. It was not sent."
            : "Input 'token' isn't a Vaunt token, which is a JSON Web Token (JWT). It was not sent.",
        remedy: fault === 'pat'
            ? "Pass the PAT as 'pat' instead: pat: ${{ secrets.VAUNT_PAT }}."
            : "Pass the 'token' output of an earlier step in this job: token: ${{ steps.ID.outputs.token }}. To use a token from another job, pass 'sealed-token' and 'seal-key'. To use a PAT, pass 'pat'.",
        details: VALUE_HIDDEN
    }),
    'step-input-invalid': ({ input, value }) => ({
        message: `Input '${input}' is "${value}", which isn't ${STEP_INPUT_FORM[input]}.`,
        remedy: STEP_INPUT_REMEDY[input]
    }),
    internal: ({ kind, place }) => ({
        message: `Unexpected error: ${kind}. This is a bug in this action, not in your workflow.`,
        remedy: 'Run the job again. If it fails again, report this message without any tokens.',
        details: `${place}`
    })
};
const STEP_INPUT_FORM = {
    repository: 'a repository name',
    limit: 'a whole number from 1 to 100',
    path: 'a path within the repository to a file that ends in .svg',
    branch: 'a valid Git branch name',
    'pull-request': 'true or false',
    'pull-request-branch': "a valid Git branch name other than that of 'branch'"
};
const STEP_INPUT_REMEDY = {
    repository: "Enter only the name, for example hello-world, without the owner, which belongs in 'entity'. By default, the action uses this repository.",
    limit: 'Enter a whole number from 1 to 100. The default is 10.',
    path: "Enter a path from the root of the repository with forward slashes, for example .vaunt/cards/contributors.svg. Don't use characters that Windows doesn't allow.",
    branch: 'Enter the name of a branch, for example assets. By default, the action uses the branch that is checked out, or else the default branch.',
    'pull-request': 'Enter true to open a pull request, or false to commit to the branch directly. The default is false.',
    'pull-request-branch': 'Enter the name of a branch that only this action uses. The default is vaunt/contributors-card.'
};
const MALFORMED = {
    'white-space': 'whitespace',
    control: 'control characters',
    'non-ascii': 'non-ASCII characters',
    quotes: 'quotes',
    expression: 'an expression that was not replaced',
    characters: "characters that a PAT can't have"
};
const COPY_AGAIN = 'Copy the PAT again as a single line and update the secret.';
const MALFORMED_REMEDY = {
    'white-space': COPY_AGAIN,
    control: COPY_AGAIN,
    'non-ascii': COPY_AGAIN,
    quotes: 'Save the PAT as the secret without quotes around it or in it.',
    expression: 'Pass the secret in the workflow file itself, as an expression that GitHub replaces: pat: ${{ secrets.VAUNT_PAT }}.',
    characters: COPY_AGAIN
};
const URL_FAULT = {
    'not-https': "doesn't start with https://. A PAT is never sent unencrypted.",
    credentials: 'contains a username or password.',
    query: 'contains a query (?) or a fragment (#).',
    unreadable: "isn't a URL."
};
function inputs_absence(reason) {
    if (reason === 'fork') {
        return "This run comes from a pull request from a fork, and GitHub doesn't pass secrets to such runs. ";
    }
    if (reason === 'dependabot')
        return 'This run was started by Dependabot, so it can access only Dependabot secrets. ';
    return '';
}
function inputs_absenceRemedy(reason) {
    if (reason === 'fork') {
        return 'Skip the step for forks with if: ${{ !github.event.pull_request || github.event.pull_request.head.repo.full_name == github.repository }}, and get the token after the merge.';
    }
    if (reason === 'dependabot') {
        return "Add a Dependabot secret with the same name under Settings > Secrets and variables > Dependabot, or skip the step with if: ${{ github.actor != 'dependabot[bot]' }}.";
    }
    const pass = 'and pass it: pat: ${{ secrets.VAUNT_PAT }}. Reusable workflows get only the secrets that their caller passes.';
    return reason === 'no-token'
        ? `If an earlier step or job gets the token, check its result and the expression (for a job, also needs and outputs). Otherwise, create a PAT at ${CREATE_PAT}, save it as the secret VAUNT_PAT, ${pass}`
        : `Create a PAT at ${CREATE_PAT}, save it as the secret VAUNT_PAT under Settings > Secrets and variables > Actions, ${pass}`;
}

;// CONCATENATED MODULE: ./src/errors/messages/network.ts

const networkMessages = {
    'tls-untrusted': facts => ({
        message: `The TLS certificate of ${facts.isProxy ? 'the proxy ' : ''}${facts.host} ${CERTIFICATE_FAULT[facts.fault]} (${facts.detail}), so nothing ${(facts.attempts ?? 1) > 1 ? 'more ' : ''}was sent to it.`,
        remedy: certificateRemedy(facts),
        details: details('response', facts)
    }),
    'proxy-failed': facts => ({
        message: `${proxyName(facts)} ${facts.fault === 'no-tls' && !facts.detail ? "didn't respond during the TLS handshake" : PROXY_FAULT[facts.fault]}${facts.detail ? ` (${facts.detail})` : ''}, so ${facts.host} was not reached.`,
        remedy: proxyRemedy(facts),
        details: details('response', facts)
    })
};
const CERTIFICATE_FAULT = {
    'unknown-issuer': "isn't signed by a CA that this runner trusts",
    expired: 'has expired',
    'not-yet-valid': "isn't valid yet",
    'wrong-host': 'was issued for another host',
    weak: 'has a key or signature that is too weak',
    invalid: "isn't valid"
};
function certificateRemedy({ fault, extraCa }) {
    const extra = EXTRA_CA[extraCa];
    const aside = (when) => extraCa === 'loaded' ? '' : ` ${when}, the runner must trust that CA. ${extra}`;
    return {
        'unknown-issuer': `${extra} ${SYSTEM_STORE} If your network doesn't inspect TLS, the connection may be intercepted: don't continue.`,
        expired: `Renew the certificate. If it hasn't expired, the runner's clock is wrong: correct it.${aside('If a new CA signed a new certificate')}`,
        'not-yet-valid': "Correct the runner's clock, or wait until the certificate is valid.",
        'wrong-host': "Check the spelling of the API URL and the runner's DNS settings. NODE_EXTRA_CA_CERTS doesn't help, because the certificate names another host.",
        weak: "Ask whoever operates this host, or whatever inspects TLS on the way to it, for a certificate with an RSA key of at least 2048 bits and a SHA-256 signature. NODE_EXTRA_CA_CERTS doesn't help.",
        invalid: `Check what is between the runner and the host.${aside('If a proxy inspects TLS with a CA of your company')}`
    }[fault];
}
const SYSTEM_STORE = 'This action also searches the system certificate store (NODE_USE_SYSTEM_CA=1).';
const EXTRA_CA = {
    unset: "Set NODE_EXTRA_CA_CERTS to a file that contains your company's CA certificate, in the runner's environment or the step's env.",
    unreadable: "NODE_EXTRA_CA_CERTS is set, but Node.js ignored it because its file is missing or can't be read. Correct the path, or let the runner's user read it.",
    'no-pem': "NODE_EXTRA_CA_CERTS is set, but Node.js ignored it because its file isn't a certificate in PEM format. To convert DER, use openssl x509 -inform der.",
    loaded: "NODE_EXTRA_CA_CERTS is set, but none of the CA certificates in its file signed this one. Add your company's CA certificate to the file."
};
const PROXY_FAULT = {
    socks: "is a SOCKS proxy, which this action doesn't support",
    'all-proxy': "can't be used, because this action doesn't support that variable",
    'unusable-url': "isn't an http:// or https:// URL",
    'unsupported-node': "can't be used, because this runner's Node.js version is too old for proxies",
    unreachable: "couldn't be reached",
    'in-clear': "doesn't use TLS, although its URL starts with https://",
    'no-tls': 'closed the connection during the TLS handshake',
    'not-http': "sent a response that isn't HTTP",
    refused: 'refused the connection',
    'credentials-missing': 'requires a username and password, but its URL has none',
    'credentials-wrong': 'rejected the username and password in its URL',
    'no-tunnel': "didn't open a connection to the host: it isn't responding, or it can't reach the host"
};
const PROXY_SETTINGS = 'HTTPS_PROXY and NO_PROXY, in uppercase or lowercase';
const DIRECT = 'If the runner can reach the host directly, list the host in NO_PROXY.';
const INSTEAD = `Set HTTPS_PROXY=http://HOST:PORT instead. ${DIRECT}`;
const ONLY_BASIC = 'This action supports only Basic authentication for proxies. If yours requires NTLM, Kerberos, or Digest, run a small local proxy that supports it, and use that one.';
function proxyRemedy({ fault, proxyHost }) {
    const inClear = `Most proxies use plain HTTP: set HTTPS_PROXY to http://${proxyHost ? `${proxyHost}` : 'HOST:PORT'}. Connections to GitHub and Vaunt still use TLS.`;
    return {
        socks: INSTEAD,
        'all-proxy': INSTEAD,
        'unusable-url': `Correct the runner's proxy settings (${PROXY_SETTINGS}), for example http://proxy.example:3128.`,
        'unsupported-node': 'Update the runner: proxies require Node.js 24.5 or later.',
        unreachable: `Check the runner's proxy settings (${PROXY_SETTINGS}), and make sure that the proxy is running.`,
        'in-clear': inClear,
        'no-tls': `${inClear} If the proxy does use TLS, check that it works.`,
        'not-http': `Check the proxy's host and port (${PROXY_SETTINGS}). If the proxy itself uses TLS, start its URL with https://.`,
        refused: `Ask the proxy's administrator to allow the host, and whether the proxy can reach it. ${DIRECT}`,
        'credentials-missing': `Add them to HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with special characters percent-encoded. ${ONLY_BASIC}`,
        'credentials-wrong': `Correct the username and password in the runner's proxy settings (${PROXY_SETTINGS}), with special characters percent-encoded. ${ONLY_BASIC}`,
        'no-tunnel': `Check that the proxy works and can reach the host. ${DIRECT}`
    }[fault];
}
function proxyName(facts) {
    return facts.proxyHost ? `The proxy ${facts.proxyHost}` : `The proxy in ${facts.variable ?? 'HTTPS_PROXY'}`;
}

;// CONCATENATED MODULE: ./src/errors/messages/sealing.ts


const SEAL_KEY_COMMAND = 'openssl rand -base64 32';
const sealingMessages = {
    'seal-key-invalid': ({ empty }) => empty
        ? {
            message: "Input 'sealed-token' is set, but 'seal-key' is empty. A sealed token can be opened only with the key that sealed it.",
            remedy: "Pass the same secret as 'seal-key' in both jobs. A reusable workflow gets only the secrets that its caller passes."
        }
        : {
            message: "Input 'seal-key' isn't a base64-encoded key of 32 bytes.",
            remedy: `Create a key with \`${SEAL_KEY_COMMAND}\` and save its complete output as the secret.`,
            details: VALUE_HIDDEN
        },
    'sealed-token-missing': ({ reason }) => ({
        message: `${inputs_absence(reason)}Input 'seal-key' is set, but there is no 'sealed-token' to open and no PAT to get a token with.`,
        remedy: `To open a token, check the earlier job: it must succeed, output 'sealed-token', show no "Skip output" warning, and be listed in needs of this job. To create one, pass 'pat'.`
    }),
    'sealed-token-invalid': ({ fault }) => SEAL_FAULT[fault],
    'sealed-token-expired': ({ expiredAt, now }) => ({
        message: `The sealed token expired at ${iso(expiredAt)}. This runner's clock shows ${iso(now)}.`,
        remedy: 'If that clock is wrong, correct it. Otherwise, re-run all jobs of the workflow, not only the failed ones, so that the first job gets a new token.'
    })
};
const SEAL_FAULT = {
    'not-sealed': {
        message: "Input 'sealed-token' isn't a sealed token.",
        remedy: "Pass the complete 'sealed-token' output of the earlier job, not its 'token' output."
    },
    undecryptable: {
        message: "Input 'sealed-token' can't be opened. It was sealed with a different 'seal-key', or it was truncated or changed.",
        remedy: "Pass the same secret as 'seal-key' in both jobs, and the complete 'sealed-token' output of the earlier job."
    },
    elsewhere: {
        message: "Input 'sealed-token' was sealed in another workflow run or repository, and works only there.",
        remedy: 'Take it from a job in the same workflow run: needs.JOB.outputs.sealed-token.'
    }
};

;// CONCATENATED MODULE: ./src/errors/messages/vaunt.ts


const vauntMessages = {
    'vaunt-refused': facts => (facts.asked === undefined ? tokenRefused(facts) : dataRefused(facts)),
    'vaunt-entity-unknown': facts => facts.repository ? repositoryUnknown(facts.repository, facts) : entityUnknown(facts),
    'vaunt-rate-limited': facts => rateLimited('Vaunt', facts),
    'vaunt-unavailable': facts => unavailable('Vaunt', facts),
    'vaunt-unexpected': facts => unexpected('Vaunt', facts),
    'token-expired': facts => ({
        message: `Vaunt returned a token that expired at ${iso(facts.expiredAt)}, but ${facts.isVaunts ? 'its own' : "this runner's"} clock shows ${iso(facts.time)}.`,
        remedy: `${facts.isVaunts ? 'Run' : 'If that clock is wrong, correct it. Otherwise, run'} the job again. If it fails again, contact Vaunt support.`,
        details: details('Vaunt', facts)
    })
};
function tokenRefused(facts) {
    return {
        message: `GitHub verified your access to ${facts.entity}, but Vaunt refused to issue a token (HTTP ${facts.status}).`,
        remedy: `Sign in at https://vaunt.dev with the same GitHub account and check that ${facts.entity} is set up there. If it is, send this message to Vaunt support.`,
        details: details('Vaunt', facts)
    };
}
function dataRefused(facts) {
    return {
        message: `Vaunt refused the request for ${facts.asked} (HTTP ${facts.status}). The token expired, it's for an account other than ${facts.entity}, or the plan of ${facts.entity} doesn't include this data.`,
        remedy: `Get a new token for ${facts.entity}, and spell 'entity' as GitHub does. If Vaunt still refuses, sign in at https://vaunt.dev and check the plan of ${facts.entity}.`,
        details: details('Vaunt', facts)
    };
}
function entityUnknown(facts) {
    const { entity, address } = facts;
    return {
        message: `Vaunt has no account named ${entity} (HTTP 404). The Vaunt GitHub App isn't installed on it, ${address ? '' : 'or '}Vaunt spells its name differently${address ? `, or ${address} isn't the URL of Vaunt's API` : ''}.`,
        remedy: `Install the Vaunt GitHub App on ${entity} (https://vaunt.dev), then run the job again. If ${entity} was renamed recently, reinstall the app.${address ? " Also check 'vaunt-api-url'." : ''}`,
        details: details('Vaunt', facts)
    };
}
function repositoryUnknown(repository, facts) {
    const { entity, address } = facts;
    return {
        message: `Vaunt has no repository named ${entity}/${repository} (HTTP 404).`,
        remedy: `Correct 'entity' and 'repository'. If both are right, give the Vaunt GitHub App access to the repository, under GitHub Apps in the settings of ${entity}.${address ? ` Also check 'vaunt-api-url', which is ${address}.` : ''}`,
        details: details('Vaunt', facts)
    };
}

;// CONCATENATED MODULE: ./src/errors/catalogue.ts






const catalogue = {
    ...inputMessages,
    ...githubMessages,
    ...vauntMessages,
    ...networkMessages,
    ...sealingMessages,
    ...cardMessages
};

;// CONCATENATED MODULE: ./src/errors/action-error.ts


class ActionError extends Error {
    name = 'ActionError';
    code;
    remedy;
    details;
    #explanation;
    constructor(code, explanation, cause) {
        super(linked(explanation.message, PUBLIC_SERVER), { cause });
        this.code = code;
        this.remedy = linked(explanation.remedy, PUBLIC_SERVER);
        this.details = explanation.details ?? '';
        this.#explanation = explanation;
    }
    toldFor(server) {
        const { message, remedy } = this.#explanation;
        return linked(`${message} ${remedy}`, server) + (this.details && ` (${this.details})`);
    }
    static of(code, facts, cause) {
        return new ActionError(code, catalogue[code](facts), cause);
    }
}
class InputErrors extends Error {
    name = 'InputErrors';
    problems;
    constructor(problems) {
        super(`${problems.length} inputs are invalid`);
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
    const parts = problems.map((problem, index) => `(${index + 1}) '${problem.input}': ${paragraph(problem.error)}`);
    return `${problems.length} inputs are invalid. Nothing was sent. ${parts.join(' ')}`;
}
function codeOf(error) {
    return error instanceof ActionError ? error.code : error.problems[0].error.code;
}
const PUBLIC_SERVER = 'https://github.com';
function linked(text, server) {
    return text.replaceAll(SERVER, () => server);
}


/***/ }),

/***/ 51:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  Z4: () => (/* binding */ TOLERANCE_MS),
  iM: () => (/* binding */ dateAt),
  Yq: () => (/* binding */ decodeClaims),
  i0: () => (/* binding */ requireFresh)
});

// EXTERNAL MODULE: ./node_modules/jose/dist/webapi/lib/validate.js
var validate = __nccwpck_require__(784);
;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/util/decode_protected_header.js

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
  return (0,validate/* parseJoseHeader */.OX)(encodedProtectedHeader, TypeError, invalid);
}


// EXTERNAL MODULE: ./node_modules/jose/dist/webapi/util/base64url.js
var base64url = __nccwpck_require__(445);
// EXTERNAL MODULE: ./node_modules/jose/dist/webapi/lib/buffer_utils.js
var buffer_utils = __nccwpck_require__(410);
// EXTERNAL MODULE: ./node_modules/jose/dist/webapi/util/errors.js
var errors = __nccwpck_require__(674);
;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/util/decode_jwt.js




function decodeJwt(jwt) {
  if (typeof jwt != "string")
    throw new errors/* JWTInvalid */.Dp("JWTs must use Compact JWS serialization, JWT must be a string");
  const { 1: encodedPayload, length } = jwt.split(".");
  if (length === 5)
    throw new errors/* JWTInvalid */.Dp("Only JWTs using Compact JWS serialization can be decoded");
  if (length !== 3)
    throw new errors/* JWTInvalid */.Dp("Invalid JWT");
  if (!encodedPayload)
    throw new errors/* JWTInvalid */.Dp("JWTs must contain a payload");
  let claimsSetBytes;
  try {
    claimsSetBytes = (0,base64url/* decode */.D)(encodedPayload);
  } catch (cause) {
    throw new errors/* JWTInvalid */.Dp("Failed to base64url decode the payload", { cause });
  }
  let claimsSet;
  try {
    claimsSet = JSON.parse(buffer_utils/* strictDecoder */.u8.decode(claimsSetBytes));
  } catch (cause) {
    throw new errors/* JWTInvalid */.Dp("Failed to parse the decoded payload as JSON", { cause });
  }
  if (!(0,validate/* isObject */.Gv)(claimsSet))
    throw new errors/* JWTInvalid */.Dp("Invalid JWT Claims Set");
  return claimsSet;
}


// EXTERNAL MODULE: ./src/errors/action-error.ts + 9 modules
var action_error = __nccwpck_require__(481);
;// CONCATENATED MODULE: ./src/vaunt/claims.ts



function decodeClaims(token, trail) {
    const { algorithm, exp } = decode(token, trail);
    const isNone = algorithm.toLowerCase() === 'none';
    if (isNone || token.endsWith('.')) {
        const detail = isNone ? 'alg none' : undefined;
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'unsigned', detail });
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
    throw action_error/* ActionError */.lZ.of('token-expired', { ...trail, expiredAt: expiresAt, time: new Date(time), isVaunts });
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
    throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'not-a-jwt' });
}


/***/ }),

/***/ 896:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");

/***/ }),

/***/ 857:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");

/***/ }),

/***/ 410:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   D0: () => (/* binding */ decoder),
/* harmony export */   Rd: () => (/* binding */ encoder),
/* harmony export */   VS: () => (/* binding */ uint32be),
/* harmony export */   WG: () => (/* binding */ encodeBase64),
/* harmony export */   br: () => (/* binding */ digest),
/* harmony export */   lF: () => (/* binding */ encode),
/* harmony export */   mx: () => (/* binding */ uint64be),
/* harmony export */   u8: () => (/* binding */ strictDecoder),
/* harmony export */   xW: () => (/* binding */ concat),
/* harmony export */   y4: () => (/* binding */ decodeBase64)
/* harmony export */ });
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



/***/ }),

/***/ 784:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   BU: () => (/* binding */ validateCritDuplicates),
/* harmony export */   CT: () => (/* binding */ JWE_RECOGNIZED),
/* harmony export */   Fw: () => (/* binding */ validateAlgorithms),
/* harmony export */   GT: () => (/* binding */ assertUint8Array),
/* harmony export */   Gv: () => (/* binding */ isObject),
/* harmony export */   MV: () => (/* binding */ encodeAsciiMember),
/* harmony export */   OX: () => (/* binding */ parseJoseHeader),
/* harmony export */   ac: () => (/* binding */ assertNotSet),
/* harmony export */   fz: () => (/* binding */ isDisjoint),
/* harmony export */   h2: () => (/* binding */ decodeBase64url),
/* harmony export */   ji: () => (/* binding */ serializeJoseHeader),
/* harmony export */   nI: () => (/* binding */ validateCrit)
/* harmony export */ });
/* unused harmony exports JWS_RECOGNIZED, isJwkSet, validateB64 */
/* harmony import */ var _util_errors_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(674);
/* harmony import */ var _util_base64url_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(445);
/* harmony import */ var _buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(410);



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
function isJwkSet(input) {
  return isObject(input) && Array.isArray(input.keys) && Array.from(input.keys).every(isObject);
}
function isDisjoint(...headers) {
  const parameters = /* @__PURE__ */ new Set();
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
    return (0,_util_base64url_js__WEBPACK_IMPORTED_MODULE_0__/* .decode */ .D)(value);
  } catch (cause) {
    throw new ErrorClass(`Failed to base64url decode the ${label}`, { cause });
  }
}
function encodeAsciiMember(value, label, ErrorClass) {
  try {
    return (0,_buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__/* .encode */ .lF)(value);
  } catch (cause) {
    throw new ErrorClass(`The ${label} is not a valid base64url string`, { cause });
  }
}
function parseJoseHeader(encodedProtectedHeader, ErrorClass, message) {
  let parsed;
  try {
    parsed = JSON.parse(_buffer_utils_js__WEBPACK_IMPORTED_MODULE_1__/* .strictDecoder */ .u8.decode((0,_util_base64url_js__WEBPACK_IMPORTED_MODULE_0__/* .decode */ .D)(encodedProtectedHeader)));
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
      throw new _util_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .JOSENotSupported */ .T0(`Extension Header Parameter "${parameter}" is not recognized`);
    if (!Object.hasOwn(joseHeader, parameter) || joseHeader[parameter] === void 0)
      throw new Err(`Extension Header Parameter "${parameter}" is missing`);
    if (recognized[parameter] && (!Object.hasOwn(protectedHeader, parameter) || protectedHeader[parameter] === void 0))
      throw new Err(`Extension Header Parameter "${parameter}" MUST be integrity protected`);
  }
  return protectedHeader.crit;
}
function validateB64(protectedHeader, extensions) {
  if (extensions.includes("b64")) {
    const b64 = protectedHeader.b64;
    if (typeof b64 != "boolean")
      throw new JWSInvalid('The "b64" (base64url-encode payload) Header Parameter must be a boolean');
    return b64;
  }
  return !0;
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



/***/ }),

/***/ 445:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ decode),
/* harmony export */   l: () => (/* binding */ encode)
/* harmony export */ });
/* harmony import */ var _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(410);

const invalid = "The input to be decoded is not correctly encoded.";
function decode(input) {
  try {
    return (0,_lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__/* .decodeBase64 */ .y4)(typeof input == "string" ? input : _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__/* .decoder */ .D0.decode(input), !0);
  } catch (cause) {
    throw new TypeError(invalid, { cause });
  }
}
function encode(input) {
  return (0,_lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__/* .encodeBase64 */ .WG)(typeof input == "string" ? _lib_buffer_utils_js__WEBPACK_IMPORTED_MODULE_0__/* .encoder */ .Rd.encode(input) : input, !0);
}



/***/ }),

/***/ 674:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Dp: () => (/* binding */ JWTInvalid),
/* harmony export */   Rb: () => (/* binding */ JOSEAlgNotAllowed),
/* harmony export */   T0: () => (/* binding */ JOSENotSupported),
/* harmony export */   aA: () => (/* binding */ JWEInvalid),
/* harmony export */   i4: () => (/* binding */ JOSEError),
/* harmony export */   ie: () => (/* binding */ JWTClaimValidationFailed),
/* harmony export */   n: () => (/* binding */ JWTExpired),
/* harmony export */   xO: () => (/* binding */ JWEDecryptionFailed)
/* harmony export */ });
/* unused harmony exports JWKInvalid, JWKSInvalid, JWKSMultipleMatchingKeys, JWKSNoMatchingKey, JWKSTimeout, JWSInvalid, JWSSignatureVerificationFailed */
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
class JWSInvalid extends (/* unused pure expression or super */ null && (JOSEError)) {
  static code = (/* unused pure expression or super */ null && ("ERR_JWS_INVALID"));
  code = "ERR_JWS_INVALID";
}
class JWTInvalid extends JOSEError {
  static code = "ERR_JWT_INVALID";
  code = "ERR_JWT_INVALID";
}
class JWKInvalid extends (/* unused pure expression or super */ null && (JOSEError)) {
  static code = (/* unused pure expression or super */ null && ("ERR_JWK_INVALID"));
  code = "ERR_JWK_INVALID";
}
class JWKSInvalid extends (/* unused pure expression or super */ null && (JOSEError)) {
  static code = (/* unused pure expression or super */ null && ("ERR_JWKS_INVALID"));
  code = "ERR_JWKS_INVALID";
}
class JWKSNoMatchingKey extends JOSEError {
  static code = "ERR_JWKS_NO_MATCHING_KEY";
  code = "ERR_JWKS_NO_MATCHING_KEY";
  constructor(message = "no applicable key found in the JSON Web Key Set", options) {
    super(message, options);
  }
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
class JWKSTimeout extends JOSEError {
  static code = "ERR_JWKS_TIMEOUT";
  code = "ERR_JWKS_TIMEOUT";
  constructor(message = "request timed out", options) {
    super(message, options);
  }
}
class JWSSignatureVerificationFailed extends JOSEError {
  static code = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
  code = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
  constructor(message = "signature verification failed", options) {
    super(message, options);
  }
}



/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/******/ // expose the modules object (__webpack_modules__)
/******/ __nccwpck_require__.m = __webpack_modules__;
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/compat get default export */
/******/ (() => {
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__nccwpck_require__.n = (module) => {
/******/ 		var getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__nccwpck_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/ensure chunk */
/******/ (() => {
/******/ 	__nccwpck_require__.f = {};
/******/ 	// This file contains only the entry chunk.
/******/ 	// The chunk loading function for additional chunks
/******/ 	__nccwpck_require__.e = (chunkId) => {
/******/ 		return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
/******/ 			__nccwpck_require__.f[key](chunkId, promises);
/******/ 			return promises;
/******/ 		}, []));
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/get javascript chunk filename */
/******/ (() => {
/******/ 	// This function allow to reference async chunks
/******/ 	__nccwpck_require__.u = (chunkId) => {
/******/ 		// return url for filenames based on template
/******/ 		return "" + chunkId + ".start.js";
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/import chunk loading */
/******/ (() => {
/******/ 	// no baseURI
/******/ 	
/******/ 	// object to store loaded and loading chunks
/******/ 	// undefined = chunk not loaded, null = chunk preloaded/prefetched
/******/ 	// [resolve, Promise] = chunk loading, 0 = chunk loaded
/******/ 	var installedChunks = {
/******/ 		792: 0
/******/ 	};
/******/ 	
/******/ 	var installChunk = (data) => {
/******/ 		var {ids, modules, runtime} = data;
/******/ 		// add "modules" to the modules object,
/******/ 		// then flag all "ids" as loaded and fire callback
/******/ 		var moduleId, chunkId, i = 0;
/******/ 		for(moduleId in modules) {
/******/ 			if(__nccwpck_require__.o(modules, moduleId)) {
/******/ 				__nccwpck_require__.m[moduleId] = modules[moduleId];
/******/ 			}
/******/ 		}
/******/ 		if(runtime) runtime(__nccwpck_require__);
/******/ 		for(;i < ids.length; i++) {
/******/ 			chunkId = ids[i];
/******/ 			if(__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
/******/ 				installedChunks[chunkId][0]();
/******/ 			}
/******/ 			installedChunks[ids[i]] = 0;
/******/ 		}
/******/ 	
/******/ 	}
/******/ 	
/******/ 	__nccwpck_require__.f.j = (chunkId, promises) => {
/******/ 			// import() chunk loading for javascript
/******/ 			var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
/******/ 			if(installedChunkData !== 0) { // 0 means "already installed".
/******/ 	
/******/ 				// a Promise means "currently loading".
/******/ 				if(installedChunkData) {
/******/ 					promises.push(installedChunkData[1]);
/******/ 				} else {
/******/ 					if(true) { // all chunks have JS
/******/ 						// setup Promise in chunk cache
/******/ 						var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e) => {
/******/ 							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
/******/ 							throw e;
/******/ 						});
/******/ 						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
/******/ 						promises.push(installedChunkData[1] = promise);
/******/ 					}
/******/ 				}
/******/ 			}
/******/ 	};
/******/ 	
/******/ 	// no prefetching
/******/ 	
/******/ 	// no preloaded
/******/ 	
/******/ 	// no external install chunk
/******/ 	
/******/ 	// no on chunks loaded
/******/ })();
/******/ 
/************************************************************************/
var __webpack_exports__ = {};

// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  n: () => (/* binding */ start)
});

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
;// CONCATENATED MODULE: external "node:os"
const external_node_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");
;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
// EXTERNAL MODULE: external "os"
var external_os_ = __nccwpck_require__(857);
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/utils.js
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Sanitizes an input into a string so it can be passed into issueCommand safely
 * @param input input to sanitize into a string
 */
function utils_toCommandValue(input) {
    if (input === null || input === undefined) {
        return '';
    }
    else if (typeof input === 'string' || input instanceof String) {
        return input;
    }
    return JSON.stringify(input);
}
/**
 *
 * @param annotationProperties
 * @returns The command properties to send with the actual annotation command
 * See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
 */
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
//# sourceMappingURL=utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/command.js


/**
 * Issues a command to the GitHub Actions runner
 *
 * @param command - The command name to issue
 * @param properties - Additional properties for the command (key-value pairs)
 * @param message - The message to include with the command
 * @remarks
 * This function outputs a specially formatted string to stdout that the Actions
 * runner interprets as a command. These commands can control workflow behavior,
 * set outputs, create annotations, mask values, and more.
 *
 * Command Format:
 *   ::name key=value,key=value::message
 *
 * @example
 * ```typescript
 * // Issue a warning annotation
 * issueCommand('warning', {}, 'This is a warning message');
 * // Output: ::warning::This is a warning message
 *
 * // Set an environment variable
 * issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
 * // Output: ::set-env name=MY_VAR::some value
 *
 * // Add a secret mask
 * issueCommand('add-mask', {}, 'secretValue123');
 * // Output: ::add-mask::secretValue123
 * ```
 *
 * @internal
 * This is an internal utility function that powers the public API functions
 * such as setSecret, warning, error, and exportVariable.
 */
function command_issueCommand(command, properties, message) {
    const cmd = new Command(command, properties, message);
    process.stdout.write(cmd.toString() + external_os_.EOL);
}
function command_issue(name, message = '') {
    command_issueCommand(name, {}, message);
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
//# sourceMappingURL=command.js.map
;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
// EXTERNAL MODULE: external "fs"
var external_fs_ = __nccwpck_require__(896);
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/file-command.js
// For internal use, subject to change.
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */




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
    // These should realistically never happen, but just in case someone finds a
    // way to exploit uuid generation let's not allow keys or values that contain
    // the delimiter.
    if (key.includes(delimiter)) {
        throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
    }
    if (convertedValue.includes(delimiter)) {
        throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
    }
    return `${key}<<${delimiter}${external_os_.EOL}${convertedValue}${external_os_.EOL}${delimiter}`;
}
//# sourceMappingURL=file-command.js.map
;// CONCATENATED MODULE: external "path"
const external_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("path");
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/oidc-utils.js
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};



class oidc_utils_OidcClient {
    static createHttpClient(allowRetry = true, maxRetry = 10) {
        const requestOptions = {
            allowRetries: allowRetry,
            maxRetries: maxRetry
        };
        return new HttpClient('actions/oidc-client', [new BearerCredentialHandler(oidc_utils_OidcClient.getRequestToken())], requestOptions);
    }
    static getRequestToken() {
        const token = process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
        if (!token) {
            throw new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN env variable');
        }
        return token;
    }
    static getIDTokenUrl() {
        const runtimeUrl = process.env['ACTIONS_ID_TOKEN_REQUEST_URL'];
        if (!runtimeUrl) {
            throw new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable');
        }
        return runtimeUrl;
    }
    static getCall(id_token_url) {
        return __awaiter(this, void 0, void 0, function* () {
            var _a;
            const httpclient = oidc_utils_OidcClient.createHttpClient();
            const res = yield httpclient
                .getJson(id_token_url)
                .catch(error => {
                throw new Error(`Failed to get ID Token. \n 
        Error Code : ${error.statusCode}\n 
        Error Message: ${error.message}`);
            });
            const id_token = (_a = res.result) === null || _a === void 0 ? void 0 : _a.value;
            if (!id_token) {
                throw new Error('Response json body do not have ID Token field');
            }
            return id_token;
        });
    }
    static getIDToken(audience) {
        return __awaiter(this, void 0, void 0, function* () {
            try {
                // New ID Token is requested from action service
                let id_token_url = oidc_utils_OidcClient.getIDTokenUrl();
                if (audience) {
                    const encodedAudience = encodeURIComponent(audience);
                    id_token_url = `${id_token_url}&audience=${encodedAudience}`;
                }
                debug(`ID token url is ${id_token_url}`);
                const id_token = yield oidc_utils_OidcClient.getCall(id_token_url);
                setSecret(id_token);
                return id_token;
            }
            catch (error) {
                throw new Error(`Error message: ${error.message}`);
            }
        });
    }
}
//# sourceMappingURL=oidc-utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/summary.js
var summary_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


const { access, appendFile, writeFile } = external_fs_.promises;
const SUMMARY_ENV_VAR = 'GITHUB_STEP_SUMMARY';
const SUMMARY_DOCS_URL = 'https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-job-summary';
class Summary {
    constructor() {
        this._buffer = '';
    }
    /**
     * Finds the summary file path from the environment, rejects if env var is not found or file does not exist
     * Also checks r/w permissions.
     *
     * @returns step summary file path
     */
    filePath() {
        return summary_awaiter(this, void 0, void 0, function* () {
            if (this._filePath) {
                return this._filePath;
            }
            const pathFromEnv = process.env[SUMMARY_ENV_VAR];
            if (!pathFromEnv) {
                throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
            }
            try {
                yield access(pathFromEnv, external_fs_.constants.R_OK | external_fs_.constants.W_OK);
            }
            catch (_a) {
                throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
            }
            this._filePath = pathFromEnv;
            return this._filePath;
        });
    }
    /**
     * Wraps content in an HTML tag, adding any HTML attributes
     *
     * @param {string} tag HTML tag to wrap
     * @param {string | null} content content within the tag
     * @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
     *
     * @returns {string} content wrapped in HTML element
     */
    wrap(tag, content, attrs = {}) {
        const htmlAttrs = Object.entries(attrs)
            .map(([key, value]) => ` ${key}="${value}"`)
            .join('');
        if (!content) {
            return `<${tag}${htmlAttrs}>`;
        }
        return `<${tag}${htmlAttrs}>${content}</${tag}>`;
    }
    /**
     * Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
     *
     * @param {SummaryWriteOptions} [options] (optional) options for write operation
     *
     * @returns {Promise<Summary>} summary instance
     */
    write(options) {
        return summary_awaiter(this, void 0, void 0, function* () {
            const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
            const filePath = yield this.filePath();
            const writeFunc = overwrite ? writeFile : appendFile;
            yield writeFunc(filePath, this._buffer, { encoding: 'utf8' });
            return this.emptyBuffer();
        });
    }
    /**
     * Clears the summary buffer and wipes the summary file
     *
     * @returns {Summary} summary instance
     */
    clear() {
        return summary_awaiter(this, void 0, void 0, function* () {
            return this.emptyBuffer().write({ overwrite: true });
        });
    }
    /**
     * Returns the current summary buffer as a string
     *
     * @returns {string} string of summary buffer
     */
    stringify() {
        return this._buffer;
    }
    /**
     * If the summary buffer is empty
     *
     * @returns {boolen} true if the buffer is empty
     */
    isEmptyBuffer() {
        return this._buffer.length === 0;
    }
    /**
     * Resets the summary buffer without writing to summary file
     *
     * @returns {Summary} summary instance
     */
    emptyBuffer() {
        this._buffer = '';
        return this;
    }
    /**
     * Adds raw text to the summary buffer
     *
     * @param {string} text content to add
     * @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
     *
     * @returns {Summary} summary instance
     */
    addRaw(text, addEOL = false) {
        this._buffer += text;
        return addEOL ? this.addEOL() : this;
    }
    /**
     * Adds the operating system-specific end-of-line marker to the buffer
     *
     * @returns {Summary} summary instance
     */
    addEOL() {
        return this.addRaw(external_os_.EOL);
    }
    /**
     * Adds an HTML codeblock to the summary buffer
     *
     * @param {string} code content to render within fenced code block
     * @param {string} lang (optional) language to syntax highlight code
     *
     * @returns {Summary} summary instance
     */
    addCodeBlock(code, lang) {
        const attrs = Object.assign({}, (lang && { lang }));
        const element = this.wrap('pre', this.wrap('code', code), attrs);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML list to the summary buffer
     *
     * @param {string[]} items list of items to render
     * @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
     *
     * @returns {Summary} summary instance
     */
    addList(items, ordered = false) {
        const tag = ordered ? 'ol' : 'ul';
        const listItems = items.map(item => this.wrap('li', item)).join('');
        const element = this.wrap(tag, listItems);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML table to the summary buffer
     *
     * @param {SummaryTableCell[]} rows table rows
     *
     * @returns {Summary} summary instance
     */
    addTable(rows) {
        const tableBody = rows
            .map(row => {
            const cells = row
                .map(cell => {
                if (typeof cell === 'string') {
                    return this.wrap('td', cell);
                }
                const { header, data, colspan, rowspan } = cell;
                const tag = header ? 'th' : 'td';
                const attrs = Object.assign(Object.assign({}, (colspan && { colspan })), (rowspan && { rowspan }));
                return this.wrap(tag, data, attrs);
            })
                .join('');
            return this.wrap('tr', cells);
        })
            .join('');
        const element = this.wrap('table', tableBody);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds a collapsable HTML details element to the summary buffer
     *
     * @param {string} label text for the closed state
     * @param {string} content collapsable content
     *
     * @returns {Summary} summary instance
     */
    addDetails(label, content) {
        const element = this.wrap('details', this.wrap('summary', label) + content);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML image tag to the summary buffer
     *
     * @param {string} src path to the image you to embed
     * @param {string} alt text description of the image
     * @param {SummaryImageOptions} options (optional) addition image attributes
     *
     * @returns {Summary} summary instance
     */
    addImage(src, alt, options) {
        const { width, height } = options || {};
        const attrs = Object.assign(Object.assign({}, (width && { width })), (height && { height }));
        const element = this.wrap('img', null, Object.assign({ src, alt }, attrs));
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML section heading element
     *
     * @param {string} text heading text
     * @param {number | string} [level=1] (optional) the heading level, default: 1
     *
     * @returns {Summary} summary instance
     */
    addHeading(text, level) {
        const tag = `h${level}`;
        const allowedTag = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].includes(tag)
            ? tag
            : 'h1';
        const element = this.wrap(allowedTag, text);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML thematic break (<hr>) to the summary buffer
     *
     * @returns {Summary} summary instance
     */
    addSeparator() {
        const element = this.wrap('hr', null);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML line break (<br>) to the summary buffer
     *
     * @returns {Summary} summary instance
     */
    addBreak() {
        const element = this.wrap('br', null);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML blockquote to the summary buffer
     *
     * @param {string} text quote text
     * @param {string} cite (optional) citation url
     *
     * @returns {Summary} summary instance
     */
    addQuote(text, cite) {
        const attrs = Object.assign({}, (cite && { cite }));
        const element = this.wrap('blockquote', text, attrs);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML anchor tag to the summary buffer
     *
     * @param {string} text link text/content
     * @param {string} href hyperlink
     *
     * @returns {Summary} summary instance
     */
    addLink(text, href) {
        const element = this.wrap('a', text, { href });
        return this.addRaw(element).addEOL();
    }
}
const _summary = new Summary();
/**
 * @deprecated use `core.summary`
 */
const markdownSummary = (/* unused pure expression or super */ null && (_summary));
const summary = (/* unused pure expression or super */ null && (_summary));
//# sourceMappingURL=summary.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/path-utils.js

/**
 * toPosixPath converts the given path to the posix form. On Windows, \\ will be
 * replaced with /.
 *
 * @param pth. Path to transform.
 * @return string Posix path.
 */
function toPosixPath(pth) {
    return pth.replace(/[\\]/g, '/');
}
/**
 * toWin32Path converts the given path to the win32 form. On Linux, / will be
 * replaced with \\.
 *
 * @param pth. Path to transform.
 * @return string Win32 path.
 */
function toWin32Path(pth) {
    return pth.replace(/[/]/g, '\\');
}
/**
 * toPlatformPath converts the given path to a platform-specific path. It does
 * this by replacing instances of / and \ with the platform-specific path
 * separator.
 *
 * @param pth The path to platformize.
 * @return string The platform-specific path.
 */
function toPlatformPath(pth) {
    return pth.replace(/[/\\]/g, path.sep);
}
//# sourceMappingURL=path-utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/platform.js
var platform_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


const getWindowsInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    const { stdout: version } = yield exec.getExecOutput('powershell -command "(Get-CimInstance -ClassName Win32_OperatingSystem).Version"', undefined, {
        silent: true
    });
    const { stdout: name } = yield exec.getExecOutput('powershell -command "(Get-CimInstance -ClassName Win32_OperatingSystem).Caption"', undefined, {
        silent: true
    });
    return {
        name: name.trim(),
        version: version.trim()
    };
});
const getMacOsInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    var _a, _b, _c, _d;
    const { stdout } = yield exec.getExecOutput('sw_vers', undefined, {
        silent: true
    });
    const version = (_b = (_a = stdout.match(/ProductVersion:\s*(.+)/)) === null || _a === void 0 ? void 0 : _a[1]) !== null && _b !== void 0 ? _b : '';
    const name = (_d = (_c = stdout.match(/ProductName:\s*(.+)/)) === null || _c === void 0 ? void 0 : _c[1]) !== null && _d !== void 0 ? _d : '';
    return {
        name,
        version
    };
});
const getLinuxInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    const { stdout } = yield exec.getExecOutput('lsb_release', ['-i', '-r', '-s'], {
        silent: true
    });
    const [name, version] = stdout.trim().split('\n');
    return {
        name,
        version
    };
});
const platform = external_os_.platform();
const arch = external_os_.arch();
const isWindows = platform === 'win32';
const isMacOS = platform === 'darwin';
const isLinux = platform === 'linux';
function getDetails() {
    return platform_awaiter(this, void 0, void 0, function* () {
        return Object.assign(Object.assign({}, (yield (isWindows
            ? getWindowsInfo()
            : isMacOS
                ? getMacOsInfo()
                : getLinuxInfo()))), { platform,
            arch,
            isWindows,
            isMacOS,
            isLinux });
    });
}
//# sourceMappingURL=platform.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/core.js
var core_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};






/**
 * The code to exit an action
 */
var ExitCode;
(function (ExitCode) {
    /**
     * A code indicating that the action was successful
     */
    ExitCode[ExitCode["Success"] = 0] = "Success";
    /**
     * A code indicating that the action was a failure
     */
    ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
//-----------------------------------------------------------------------
// Variables
//-----------------------------------------------------------------------
/**
 * Sets env variable for this action and future actions in the job
 * @param name the name of the variable to set
 * @param val the value of the variable. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function exportVariable(name, val) {
    const convertedVal = utils_toCommandValue(val);
    process.env[name] = convertedVal;
    const filePath = process.env['GITHUB_ENV'] || '';
    if (filePath) {
        return file_command_issueFileCommand('ENV', file_command_prepareKeyValueMessage(name, val));
    }
    command_issueCommand('set-env', { name }, convertedVal);
}
/**
 * Registers a secret which will get masked from logs
 *
 * @param secret - Value of the secret to be masked
 * @remarks
 * This function instructs the Actions runner to mask the specified value in any
 * logs produced during the workflow run. Once registered, the secret value will
 * be replaced with asterisks (***) whenever it appears in console output, logs,
 * or error messages.
 *
 * This is useful for protecting sensitive information such as:
 * - API keys
 * - Access tokens
 * - Authentication credentials
 * - URL parameters containing signatures (SAS tokens)
 *
 * Note that masking only affects future logs; any previous appearances of the
 * secret in logs before calling this function will remain unmasked.
 *
 * @example
 * ```typescript
 * // Register an API token as a secret
 * const apiToken = "abc123xyz456";
 * setSecret(apiToken);
 *
 * // Now any logs containing this value will show *** instead
 * console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
 * ```
 */
function core_setSecret(secret) {
    command_issueCommand('add-mask', {}, secret);
}
/**
 * Prepends inputPath to the PATH (for this action and future actions)
 * @param inputPath
 */
function addPath(inputPath) {
    const filePath = process.env['GITHUB_PATH'] || '';
    if (filePath) {
        issueFileCommand('PATH', inputPath);
    }
    else {
        issueCommand('add-path', {}, inputPath);
    }
    process.env['PATH'] = `${inputPath}${path.delimiter}${process.env['PATH']}`;
}
/**
 * Gets the value of an input.
 * Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
 * Returns an empty string if the value is not defined.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string
 */
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
/**
 * Gets the values of an multiline input.  Each value is also trimmed.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string[]
 *
 */
function getMultilineInput(name, options) {
    const inputs = getInput(name, options)
        .split('\n')
        .filter(x => x !== '');
    if (options && options.trimWhitespace === false) {
        return inputs;
    }
    return inputs.map(input => input.trim());
}
/**
 * Gets the input value of the boolean type in the YAML 1.2 "core schema" specification.
 * Support boolean input list: `true | True | TRUE | false | False | FALSE` .
 * The return value is also in boolean type.
 * ref: https://yaml.org/spec/1.2/spec.html#id2804923
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   boolean
 */
function getBooleanInput(name, options) {
    const trueValue = ['true', 'True', 'TRUE'];
    const falseValue = ['false', 'False', 'FALSE'];
    const val = getInput(name, options);
    if (trueValue.includes(val))
        return true;
    if (falseValue.includes(val))
        return false;
    throw new TypeError(`Input does not meet YAML 1.2 "Core Schema" specification: ${name}\n` +
        `Support boolean input list: \`true | True | TRUE | false | False | FALSE\``);
}
/**
 * Sets the value of an output.
 *
 * @param     name     name of the output to set
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function setOutput(name, value) {
    const filePath = process.env['GITHUB_OUTPUT'] || '';
    if (filePath) {
        return file_command_issueFileCommand('OUTPUT', file_command_prepareKeyValueMessage(name, value));
    }
    process.stdout.write(external_os_.EOL);
    command_issueCommand('set-output', { name }, utils_toCommandValue(value));
}
/**
 * Enables or disables the echoing of commands into stdout for the rest of the step.
 * Echoing is disabled by default if ACTIONS_STEP_DEBUG is not set.
 *
 */
function setCommandEcho(enabled) {
    issue('echo', enabled ? 'on' : 'off');
}
//-----------------------------------------------------------------------
// Results
//-----------------------------------------------------------------------
/**
 * Sets the action status to failed.
 * When the action exits it will be with an exit code of 1
 * @param message add error issue message
 */
function setFailed(message) {
    process.exitCode = ExitCode.Failure;
    error(message);
}
//-----------------------------------------------------------------------
// Logging Commands
//-----------------------------------------------------------------------
/**
 * Gets whether Actions Step Debug is on or not
 */
function isDebug() {
    return process.env['RUNNER_DEBUG'] === '1';
}
/**
 * Writes debug message to user log
 * @param message debug message
 */
function core_debug(message) {
    issueCommand('debug', {}, message);
}
/**
 * Adds an error issue
 * @param message error issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function error(message, properties = {}) {
    command_issueCommand('error', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a warning issue
 * @param message warning issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function warning(message, properties = {}) {
    command_issueCommand('warning', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a notice issue
 * @param message notice issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function notice(message, properties = {}) {
    issueCommand('notice', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Writes info to log with console.log.
 * @param message info message
 */
function info(message) {
    process.stdout.write(message + external_os_.EOL);
}
/**
 * Begin an output group.
 *
 * Output until the next `groupEnd` will be foldable in this group
 *
 * @param name The name of the output group
 */
function startGroup(name) {
    issue('group', name);
}
/**
 * End an output group.
 */
function endGroup() {
    issue('endgroup');
}
/**
 * Wrap an asynchronous function call in a group.
 *
 * Returns the same type as the function itself.
 *
 * @param name The name of the group
 * @param fn The function to wrap in the group
 */
function group(name, fn) {
    return core_awaiter(this, void 0, void 0, function* () {
        startGroup(name);
        let result;
        try {
            result = yield fn();
        }
        finally {
            endGroup();
        }
        return result;
    });
}
//-----------------------------------------------------------------------
// Wrapper action state
//-----------------------------------------------------------------------
/**
 * Saves state for current action, the state can only be retrieved by this action's post job execution.
 *
 * @param     name     name of the state to store
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function saveState(name, value) {
    const filePath = process.env['GITHUB_STATE'] || '';
    if (filePath) {
        return issueFileCommand('STATE', prepareKeyValueMessage(name, value));
    }
    issueCommand('save-state', { name }, toCommandValue(value));
}
/**
 * Gets the value of an state set by this action's main execution.
 *
 * @param     name     name of the state to get
 * @returns   string
 */
function getState(name) {
    return process.env[`STATE_${name}`] || '';
}
function getIDToken(aud) {
    return core_awaiter(this, void 0, void 0, function* () {
        return yield OidcClient.getIDToken(aud);
    });
}
/**
 * Summary exports
 */

/**
 * @deprecated use core.summary
 */

/**
 * Path exports
 */

/**
 * Platform utilities exports
 */

//# sourceMappingURL=core.js.map
// EXTERNAL MODULE: ./src/errors/action-error.ts + 9 modules
var action_error = __nccwpck_require__(481);
;// CONCATENATED MODULE: ./src/untrusted/json.ts
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

;// CONCATENATED MODULE: external "node:http"
const external_node_http_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");
;// CONCATENATED MODULE: external "node:net"
const external_node_net_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");
;// CONCATENATED MODULE: external "node:tls"
const external_node_tls_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");
var external_node_tls_default = /*#__PURE__*/__nccwpck_require__.n(external_node_tls_namespaceObject);
;// CONCATENATED MODULE: external "node:util/types"
const types_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util/types");
;// CONCATENATED MODULE: ./src/network/proxy.ts

function proxyFor(url, environment, nodeVersion) {
    const written = variable(environment, 'https_proxy');
    const forAll = variable(environment, 'all_proxy');
    if ((written === '' && forAll === '') || bypassed(url, variable(environment, 'no_proxy')))
        return undefined;
    if (written === '')
        return { fault: SOCKS.test(forAll) ? 'socks' : 'all-proxy', variable: 'ALL_PROXY' };
    if (SOCKS.test(written))
        return { fault: 'socks', variable: 'HTTPS_PROXY' };
    const proxy = URL.parse(written.includes('://') ? written : `http://${written}`);
    if (!proxy || !['http:', 'https:'].includes(proxy.protocol))
        return { fault: 'unusable-url' };
    if (credentials(proxy) === undefined)
        return { fault: 'unusable-url' };
    if (!usesProxies(nodeVersion))
        return { fault: 'unsupported-node', detail: `Node.js ${nodeVersion}` };
    return proxy;
}
const SOCKS = /^socks\w*:\/\//i;
function credentials(proxy) {
    const [user, password] = [proxy.username, proxy.password].map(part => decoded(part.replace(LONE_PERCENT, '%25')));
    if (user === undefined || password === undefined)
        return undefined;
    return user === '' && password === '' ? '' : `${user}:${password}`;
}
function proxyPasswords(environment) {
    const written = ['https_proxy', 'http_proxy', 'all_proxy']
        .flatMap(name => [name, name.toUpperCase()])
        .flatMap(name => {
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
        const match = /^\[?([^\]]*?)\]?(\/\d+)?(?::(\d+))?$/.exec(entry);
        if (!match)
            return false;
        const [, name = '', prefix = '', entryPort] = match;
        const suffix = isIpv6(entry) ? entry : `${name}${prefix}`.replace(/^\*?\./, '');
        if (entryPort !== undefined && !isIpv6(entry) && entryPort !== port)
            return false;
        return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`) || isWithin(host, suffix));
    });
}
function isWithin(host, range) {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
    if ((0,external_node_net_namespaceObject.isIP)(host) === 0 || (0,external_node_net_namespaceObject.isIP)(address) === 0)
        return false;
    const family = (0,external_node_net_namespaceObject.isIP)(address) === 6 ? 'ipv6' : 'ipv4';
    if (family === 'ipv6' && (0,external_node_net_namespaceObject.isIP)(host) === 4)
        return false;
    const longest = family === 'ipv6' ? 128 : 32;
    const length = prefix === undefined ? longest : Number(prefix);
    if (length > longest)
        return false;
    const list = new external_node_net_namespaceObject.BlockList();
    list.addSubnet(address, length, family);
    return list.check(host, (0,external_node_net_namespaceObject.isIP)(host) === 6 ? 'ipv6' : 'ipv4');
}
function bareHost(url) {
    return url.hostname.replace(/[[\]]/g, '');
}
function isIpv6(entry) {
    return !entry.startsWith('[') && entry.split(':').length > 2;
}

;// CONCATENATED MODULE: ./src/network/connection.ts





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
    const socket = (0,external_node_net_namespaceObject.connect)({ host: name, port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS });
    return arrival(follow(socket, name, progress), 'connect');
}
function openTls({ name, port }, progress, transport) {
    const socket = (0,external_node_tls_namespaceObject.connect)({
        ...(transport ? { socket: transport } : { port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS }),
        ...(progress.trusted && { secureContext: progress.trusted }),
        host: name,
        servername: (0,external_node_net_namespaceObject.isIP)(name) ? '' : name,
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: true
    });
    if (transport) {
        progress.phase = 'tls';
        socket.on('close', () => transport.destroy());
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
    progress.phase = (0,external_node_net_namespaceObject.isIP)(name) ? 'tcp' : 'name';
    progress.abandon = () => {
        socket.destroy();
    };
    return socket.on('lookup', (error) => {
        if (!error)
            progress.phase = 'tcp';
    });
}
async function openTunnel(host, proxy, progress) {
    const address = { name: bareHost(proxy), port: portOf(proxy) };
    const tcp = await openTcp(address, progress);
    const transport = proxy.protocol === 'https:' ? await openTls(address, progress, tcp) : tcp;
    progress.phase = 'tunnel';
    const authority = `${(0,external_node_net_namespaceObject.isIP)(host.name) === 6 ? `[${host.name}]` : host.name}:${host.port}`;
    const basic = credentials(proxy);
    return await new Promise((resolve, reject) => {
        const asking = (0,external_node_http_namespaceObject.request)({
            method: 'CONNECT',
            path: authority,
            headers: {
                ...(basic && { 'proxy-authorization': `Basic ${Buffer.from(basic).toString('base64')}` }),
                'proxy-connection': 'keep-alive',
                host: authority
            },
            createConnection: () => transport
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

;// CONCATENATED MODULE: ./src/network/failure.ts



function isUnknownIssuer({ error }) {
    return certificateFault(error) === 'unknown-issuer';
}
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
        error: ({ attempts, late }) => action_error/* ActionError */.lZ.of(named(service, 'unavailable'), {
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
        error: ({ attempts }) => action_error/* ActionError */.lZ.of(named(service, 'unexpected'), { surprise, asked: `${path}`, attempts, host, detail: nodeCode(error) }, error)
    };
}
function untrusted(fault, { progress, error }, request) {
    const { host, proxyHost, extraCa } = request;
    return {
        isRateLimit: false,
        error: ({ attempts }) => action_error/* ActionError */.lZ.of('tls-untrusted', {
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
    const status = error instanceof TunnelRefused ? error.status : undefined;
    const fault = status === undefined ? proxyFault(progress.phase, error) : refusalFault(status, request.hasCredentials);
    const isDeadline = outcome.broken === 'deadline';
    const detail = status !== undefined ? `HTTP ${status}` : isDeadline ? undefined : nodeCode(error);
    const mayRecover = status === undefined ? !PERMANENT_PROXY_FAULTS.has(fault) : status === 429 || isOutage(status);
    return {
        ...(mayRecover && { retryReason: reasonOf(outcome) }),
        isRateLimit: false,
        error: ({ attempts }) => action_error/* ActionError */.lZ.of('proxy-failed', { fault, proxyHost, host, attempts, detail }, error)
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
    return broken === 'deadline' ? 'no complete response in time' : nodeCode(error);
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
    if (known || !(error instanceof CertificateRejected))
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
    const reason = property(error, 'library') === 'SSL routines' ? property(error, 'reason') : undefined;
    return typeof reason === 'string' && isPlain(reason) ? reason : undefined;
}
function isPlain(text) {
    return /^[\w '/-]{1,80}$/.test(text ?? '');
}

;// CONCATENATED MODULE: ./src/network/answer.ts



function judge(outcome, request, now) {
    if ('broken' in outcome)
        return { failure: brokenOff(outcome, request) };
    if ('unreadable' in outcome)
        return { failure: unreadable(outcome, request, now) };
    const json = parseJson(outcome.body);
    const isOwn = isOwnRefusal(request.service, { ...outcome, json });
    const read = { ...outcome, host: request.host, json, isOwnRefusal: isOwn };
    const isRateLimit = limitsRate(read);
    if (isRateLimit || isOutage(outcome.status))
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
    return typeof property(json, 'message') === 'string';
}
function isVauntsRefusal(json, body) {
    const error = property(json, 'error');
    return body.trim() === '' || [json, error].some(hasMessage) || typeof property(error, 'code') === 'number';
}
function messageIn(json) {
    const error = property(json, 'error');
    const message = property(error, 'message') ?? property(json, 'message') ?? error;
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
        retryReason: `HTTP ${status}`,
        waitMs,
        isRateLimit,
        error: circumstances => {
            const until = dateAfter(circumstances.now, comeBackAt);
            const facts = { attempts: circumstances.attempts, ...evidence, until };
            if (isRateLimit) {
                const limit = LOGIN_LIMIT.test(messageIn(read.json)) ? 'logins' : undefined;
                return action_error/* ActionError */.lZ.of(named(request.service, 'rate-limited'), { ...facts, limit, isBeyond });
            }
            const { host, limits } = request;
            const outage = {
                outage: 'status',
                phase: 'http',
                host,
                detail: `HTTP ${status}`,
                limitMs: limits.actionMs
            };
            return action_error/* ActionError */.lZ.of(named(request.service, 'unavailable'), { ...facts, ...outage });
        }
    };
}
function evidenceIn({ headers, json }, quote) {
    const words = [messageIn(json), ...reasonsIn(json)].join(' ').trim();
    return { requestId: requestIdIn(headers, quote), words: words ? quote(words) : undefined };
}
function reasonsIn(json) {
    const errors = property(json, 'errors');
    const messages = Array.isArray(errors) ? errors.slice(0, 5).map(error => property(error, 'message')) : [];
    return messages.filter(message => typeof message === 'string');
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
    const parts = value?.split(',').map(part => part.trim());
    const length = [1, 2].find(each => parts?.every((part, index) => part === parts[index % each]));
    return length === undefined ? value : parts?.slice(0, length).join(', ');
}
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
    if (surprise === 'undecodable' && (status === 429 || isOutage(status))) {
        const read = { status, headers, body: '', host, json: undefined, isOwnRefusal: false };
        return refused(read, status === 429, request, now);
    }
    return {
        isRateLimit: false,
        error: ({ attempts }) => action_error/* ActionError */.lZ.of(named(service, 'unexpected'), {
            surprise,
            asked: `${path}`,
            attempts,
            status: surprise === 'too-large' ? undefined : status,
            limitBytes: limits.bodyBytes,
            requestId: requestIdIn(headers, quote)
        })
    };
}

;// CONCATENATED MODULE: ./src/github/octokit.ts



const API_VERSION = '2022-11-28';
async function createReader({ pat, githubApiUrl, client, log = silent }) {
    const { getOctokit } = await Promise.all(/* import() */[__nccwpck_require__.e(319), __nccwpck_require__.e(62)]).then(__nccwpck_require__.bind(__nccwpck_require__, 319));
    const octokit = getOctokit(pat, {
        baseUrl: githubApiUrl,
        userAgent: 'vaunt-token-action',
        log: { debug: log, info: log, warn: log, error: log }
    });
    const ask = async (route, parameters, options) => {
        let received;
        const seen = (answer) => {
            received = answer;
        };
        const { signal, once } = options;
        const request = { fetch: fetchOver(client, seen, once), ...(signal && { signal }) };
        const headers = { 'x-github-api-version': API_VERSION };
        const response = await settled(octokit.request(route, { ...parameters, headers, request }));
        if (!received)
            throw new TypeError('Octokit answered without having asked');
        return received.status < 400 ? { ...received, json: property(response, 'data') } : received;
    };
    return {
        read: (route, parameters, signal) => ask(route, parameters, { signal }),
        send: (route, parameters, once = false) => ask(route, parameters, { once })
    };
}
function fetchOver(client, seen, once = false) {
    return async (url, { method, headers, signal, body: sent }) => {
        if (!isMethod(method))
            throw new TypeError(`the client cannot ${method}`);
        const answer = await client.request('GitHub', url, { method, headers, body: sent, signal, once });
        seen(answer);
        const passed = new Map([['content-type', 'application/json; charset=utf-8']]);
        const body = answer.status < 400 ? answer.body : JSON.stringify({ message: messageIn(answer.json) });
        return { status: answer.status, url, headers: passed, text: () => Promise.resolve(body) };
    };
}
function isMethod(name) {
    return name === 'GET' || name === 'POST' || name === 'PATCH' || name === 'PUT';
}
async function settled(response) {
    try {
        return await response;
    }
    catch (thrown) {
        const cause = property(thrown, 'cause');
        if (cause instanceof action_error/* ActionError */.lZ)
            throw cause;
        const refused = property(thrown, 'response');
        if (refused === undefined)
            throw thrown;
        return refused;
    }
}
function silent() {
}

;// CONCATENATED MODULE: external "node:timers/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");
;// CONCATENATED MODULE: external "node:zlib"
const external_node_zlib_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");
;// CONCATENATED MODULE: external "node:https"
const external_node_https_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");
;// CONCATENATED MODULE: ./src/network/connection-pool.ts





class Connections {
    #proxy;
    #agent;
    #unconnected = new Map();
    #wanted;
    #early;
    constructor(proxy, trust, open = openConnection) {
        this.#proxy = proxy;
        this.#agent = createAgent(proxy, trust, open);
        this.#agent.on('free', (socket) => {
            if (proxy && (this.#unconnected.size > 0 || this.#wanted))
                socket.destroy();
        });
    }
    async prepare(url, headers, method = 'GET') {
        const early = await this.#takeEarly(url);
        if (!early) {
            if (this.#proxy)
                this.#closeOthers(url);
            return this.#make(url, headers, method);
        }
        early.outgoing.method = method;
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
    #make(url, headers, method) {
        const progress = startProgress();
        const options = { agent: this.#agent, headers, method, progress };
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
        const early = { ...this.#make(url, {}, 'GET'), origin: url.origin };
        const discard = () => {
            if (this.#early === early)
                this.#early = undefined;
        };
        early.outgoing.on('error', discard).on('close', discard);
        this.#early = early;
    }
    async #takeEarly(url) {
        if (this.#wanted?.origin === url.origin)
            this.#wanted = undefined;
        if (this.#early?.origin !== url.origin)
            return undefined;
        await (0,promises_namespaceObject.setImmediate)();
        const taken = this.#early;
        this.#early = undefined;
        return taken;
    }
    #closeOthers(url) {
        if (this.#early)
            drop(this.#early);
        this.#early = undefined;
        const own = `${bareHost(url)}:${portOf(url)}:`;
        for (const [name, sockets = []] of Object.entries(this.#agent.freeSockets)) {
            if (!name.startsWith(own))
                for (const socket of sockets)
                    socket.destroy();
        }
    }
}
function send({ outgoing }, body) {
    const ask = (socket) => {
        asked.add(socket);
    };
    if (outgoing.socket)
        ask(outgoing.socket);
    else
        outgoing.once('socket', ask);
    outgoing.end(body);
}
function drop({ outgoing, progress }) {
    outgoing.destroy();
    progress.abandon();
}
function createAgent(proxy, trust, open) {
    const agent = new external_node_https_namespaceObject.Agent({ keepAlive: true });
    agent.createConnection = (options, callback) => {
        const progress = options.progress ?? startProgress();
        progress.trusted = trust.context;
        const opening = open({ name: options.host ?? '', port: Number(options.port) }, proxy, progress);
        requireQuiet(opening, progress).then(socket => callback?.(null, socket), (error) => callback?.(isError(error) ? error : new Error('no connection'), new external_node_net_namespaceObject.Socket()));
        return undefined;
    };
    return agent;
}
async function requireQuiet(opening, progress) {
    const socket = await opening;
    socket.on('error', ignore);
    refuseUnasked(socket);
    await (0,promises_namespaceObject.setImmediate)();
    progress.abandon = ignore;
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

;// CONCATENATED MODULE: ./src/network/retry.ts
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

;// CONCATENATED MODULE: ./src/network/trust.ts

class Trust {
    #options;
    #isRead = false;
    #context;
    constructor(options) {
        this.#options = options;
    }
    get context() {
        return this.#context;
    }
    extend(used, host) {
        if (!this.#isRead) {
            this.#isRead = true;
            this.#context = contextWith(this.#options.readSystemStore ?? readSystemStore);
            if (this.#context)
                this.#options.onSystemStore?.(host);
        }
        return this.#context !== undefined && used === undefined;
    }
}
function readSystemStore() {
    return external_node_tls_default().getCACertificates('system');
}
function contextWith(readStore) {
    try {
        const known = new Set(external_node_tls_default().getCACertificates('default'));
        const all = new Set([...known, ...readStore()]);
        return all.size === known.size ? undefined : external_node_tls_default().createSecureContext({ ca: [...all] });
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/network/client.ts










function createClient(options) {
    const limits = options.limits ?? LIMITS;
    const random = options.random ?? Math.random;
    const endsAt = options.uptime() + limits.actionMs;
    const trust = new Trust(options);
    const pools = new Map();
    function connectionsThrough(proxy) {
        const connections = pools.get(proxy?.href) ?? new Connections(proxy, trust, options.open);
        pools.set(proxy?.href, connections);
        return connections;
    }
    async function request(service, address, message) {
        const { signal } = message;
        const url = new URL(address);
        const proxy = usableProxy(url, options);
        const connections = connectionsThrough(proxy);
        const described = describeRequest(service, url, proxy, options);
        const ask = async () => {
            const deadlineMs = Math.min(limits.attemptMs, endsAt - options.uptime());
            if (deadlineMs <= 0)
                return TOO_LATE;
            const prepared = await connections.prepare(url, headersOf(message), message.method);
            const outcome = await attemptOnce(prepared, message, { deadlineMs, bodyBytes: limits.bodyBytes });
            if ('body' in outcome)
                options.onAnswer?.(outcome, service);
            if (!('broken' in outcome && isUnknownIssuer(outcome)))
                return outcome;
            return trust.extend(prepared.progress.trusted, described.host) ? await ask() : outcome;
        };
        let limited;
        for (let attempt = 1;; attempt++) {
            signal?.throwIfAborted();
            const verdict = judge(await ask(), described, options.now());
            signal?.throwIfAborted();
            if ('answer' in verdict)
                return { ...verdict.answer, trail: { ...verdict.answer.trail, attempts: attempt } };
            const { failure } = verdict;
            const moment = { attempt, leftMs: endsAt - options.uptime(), limits, random };
            const waitMs = message.once && !failure.isRateLimit ? undefined : pauseAfter(failure, moment);
            if (failure.isRateLimit)
                limited = failure;
            if (waitMs === undefined) {
                const decisive = failure.retryReason === undefined ? failure : (limited ?? failure);
                throw decisive.error({ attempts: attempt, late: options.uptime() >= endsAt, now: options.now() });
            }
            const reason = failure.retryReason ?? '';
            options.onRetry({ service, path: described.path, reason, nextAttempt: attempt + 1, waitMs });
            await (0,promises_namespaceObject.setTimeout)(waitMs, undefined, signal && { signal });
        }
    }
    return {
        request,
        openEarly(address) {
            const url = URL.parse(address);
            const proxy = url && proxyFor(url, options.environment, options.nodeVersion);
            if (url && !(proxy && 'fault' in proxy))
                connectionsThrough(proxy ?? undefined).openEarly(url);
        },
        close() {
            for (const connections of pools.values())
                connections.close();
        }
    };
}
function headersOf({ headers, body }) {
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    return { 'accept-encoding': 'identity', ...headers, ...length };
}
function usableProxy(url, { environment, nodeVersion, quote }) {
    const proxy = proxyFor(url, environment, nodeVersion);
    if (!proxy || !('fault' in proxy))
        return proxy;
    throw action_error/* ActionError */.lZ.of('proxy-failed', { ...proxy, host: quote(url.host), attempts: 1 });
}
function describeRequest(service, url, proxy, options) {
    const { quote, limits = LIMITS, extraCa = () => 'unset' } = options;
    return {
        service,
        path: quote(url.pathname),
        host: quote(url.host),
        proxyHost: proxy && quote(proxy.host),
        hasCredentials: proxy !== undefined && credentials(proxy) !== '',
        limits,
        quote,
        extraCa
    };
}
const TOO_LATE = { broken: 'deadline', progress: { phase: 'http', atProxy: false } };
function attemptOnce(prepared, { body, signal }, { deadlineMs, bodyBytes }) {
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
            send(prepared, body);
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
            return { unreadable: property(error, 'code') === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'undecodable' };
        }
    }
    return bytes.toString('utf8').replace(/^\ufeff/, '');
}
function joined(headers) {
    return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]));
}

;// CONCATENATED MODULE: ./src/runner/environment.ts
function foldNames(environment, platform) {
    if (platform !== 'win32')
        return environment;
    return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]));
}
function faultOfExportName(name) {
    if (!/^[A-Za-z_]\w*$/.test(name))
        return 'not-a-name';
    const upper = name.toUpperCase();
    const isReserved = RESERVED_NAMES.has(upper) || RESERVED_PREFIXES.some(prefix => upper.startsWith(prefix));
    return isReserved ? 'reserved' : undefined;
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

;// CONCATENATED MODULE: ./src/runner/api-urls.ts

const PUBLIC_VAUNT_API_URL = 'https://api.vaunt.dev';
const PUBLIC_GITHUB_API_URL = 'https://api.github.com';
function parseApiUrl(text) {
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
function apiUrl(text) {
    const url = parseApiUrl(text);
    return url instanceof URL ? withoutTrailingSlashes(url) : '';
}
function sendsEnterprisePatToPublicVaunt(githubUrl, vauntUrl) {
    const isPublicVaunt = vauntUrl.hostname.replace(/\.$/, '') === PUBLIC_VAUNT_HOST;
    return isPublicVaunt && withoutTrailingSlashes(githubUrl) !== PUBLIC_GITHUB_API_URL;
}
const PUBLIC_VAUNT_HOST = new URL(PUBLIC_VAUNT_API_URL).host;
function serverOf(githubApiUrl) {
    const url = parseApiUrl(githubApiUrl);
    if (!(url instanceof URL) || url.host === new URL(PUBLIC_GITHUB_API_URL).host)
        return action_error/* PUBLIC_SERVER */.Ag;
    return `https://${url.host.replace(/^api\.(?=[^.]+\.ghe\.com$)/, '')}`;
}
function withoutTrailingSlashes(url) {
    return url.href.replace(/(?<!\/)\/+$/, '');
}

;// CONCATENATED MODULE: ./src/runner/check-inputs.ts



function checkInputs(raw, quote, absence) {
    const opens = raw['sealed-token'] !== '';
    const sealKey = checkSealKey(raw);
    (0,action_error/* requireNone */.EE)([
        ...(opens ? [] : [checkPat(raw, absence), checkEntity(raw, quote)]),
        checkExportEnv(raw, quote),
        sealKey instanceof action_error/* ActionError */.lZ ? problem('seal-key', sealKey) : undefined,
        ...(opens ? [] : [checkUrl(raw, 'vaunt-api-url'), checkUrl(raw, 'github-api-url'), checkHosts(raw, quote)])
    ]);
    const exportEnv = raw['export-env'];
    const key = sealKey instanceof action_error/* ActionError */.lZ ? undefined : sealKey;
    if (opens && key)
        return { mode: 'open', sealedToken: raw['sealed-token'], sealKey: key, exportEnv };
    return {
        mode: 'mint',
        pat: raw.pat,
        entity: raw.entity,
        exportEnv,
        sealKey: key,
        vauntApiUrl: apiUrl(raw['vaunt-api-url']),
        githubApiUrl: apiUrl(raw['github-api-url'])
    };
}
function problem(input, error) {
    return { input, error };
}
function checkPat(raw, absence) {
    if (raw.pat === '') {
        return raw['seal-key'] === ''
            ? problem('pat', action_error/* ActionError */.lZ.of('pat-missing', { reason: absence() }))
            : problem('sealed-token', action_error/* ActionError */.lZ.of('sealed-token-missing', { reason: absence() }));
    }
    const fault = faultOfPat(raw.pat);
    if (fault)
        return problem('pat', action_error/* ActionError */.lZ.of('pat-malformed', { fault }));
    const evidence = ['ghs_', 'ghr_'].find(prefix => raw.pat.startsWith(prefix));
    return evidence && problem('pat', action_error/* ActionError */.lZ.of('pat-unsupported', { evidence }));
}
function faultOfPat(pat) {
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
function checkEntity({ entity }, quote) {
    if (ENTITY.test(entity))
        return undefined;
    return problem('entity', action_error/* ActionError */.lZ.of('entity-invalid', { value: quote(entity), empty: entity === '' }));
}
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/;
function checkExportEnv(raw, quote) {
    const name = raw['export-env'];
    const fault = name === '' ? undefined : faultOfExportName(name);
    return fault && problem('export-env', action_error/* ActionError */.lZ.of('export-env-invalid', { value: quote(name), fault }));
}
function checkSealKey(raw) {
    const text = raw['seal-key'];
    if (text === '' && raw['sealed-token'] === '')
        return undefined;
    return decodeKey(text) ?? action_error/* ActionError */.lZ.of('seal-key-invalid', { empty: text === '' });
}
function decodeKey(text) {
    if (!/^[\w+/-]{43}=?$/.test(text))
        return undefined;
    const bytes = Buffer.from(text, 'base64');
    return bytes.length === 32 ? new Uint8Array(bytes) : undefined;
}
function checkUrl(raw, input) {
    const fault = parseApiUrl(raw[input]);
    return fault instanceof URL ? undefined : problem(input, action_error/* ActionError */.lZ.of('url-invalid', { input, fault }));
}
function checkHosts(raw, quote) {
    const [vauntUrl, githubUrl] = [parseApiUrl(raw['vaunt-api-url']), parseApiUrl(raw['github-api-url'])];
    if (!(vauntUrl instanceof URL && githubUrl instanceof URL))
        return undefined;
    if (!sendsEnterprisePatToPublicVaunt(githubUrl, vauntUrl))
        return undefined;
    return problem('github-api-url', action_error/* ActionError */.lZ.of('host-unsupported', { githubHost: quote(githubUrl.host) }));
}

;// CONCATENATED MODULE: ./src/runner/event.ts

function absenceReason(eventName, actor, readEvent) {
    if (eventName?.startsWith('pull_request') && eventName !== 'pull_request_target' && isFromFork(readEvent)) {
        return 'fork';
    }
    return actor === 'dependabot[bot]' ? 'dependabot' : 'unknown';
}
function isPublicRepository(environment, readFile) {
    const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''));
    return property(property(event, 'repository'), 'private') === false;
}
function defaultBranchIn(environment, readFile) {
    const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''));
    const branch = property(property(event, 'repository'), 'default_branch');
    return typeof branch === 'string' ? branch : undefined;
}
function isFromFork(readEvent) {
    const event = readJson(readEvent);
    const pullRequest = property(event, 'pull_request');
    const base = property(property(property(pullRequest, 'base'), 'repo'), 'full_name');
    const head = property(pullRequest, 'head');
    const headRepository = property(head, 'repo');
    if (typeof base !== 'string' || head === undefined)
        return false;
    return headRepository === null || property(headRepository, 'full_name') !== base;
}
function readJson(read) {
    try {
        return parseJson(read());
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/runner/inputs.ts

const INPUT_NAMES = (/* unused pure expression or super */ null && ([
    'pat',
    'entity',
    'export-env',
    'seal-key',
    'sealed-token',
    'vaunt-api-url',
    'github-api-url'
]));
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

;// CONCATENATED MODULE: ./src/runner/git-names.ts
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

;// CONCATENATED MODULE: ./src/errors/unforeseen.ts

function kindOf(thrown) {
    if (!(thrown instanceof Error))
        return `a thrown ${typeof thrown}`;
    const type = KNOWN_TYPES.find(known => thrown instanceof known)?.name ?? 'Error';
    const code = 'code' in thrown ? (0,action_error/* systemCode */.xU)(thrown.code) : undefined;
    return code === undefined ? type : `${type} ${code}`;
}
const KNOWN_TYPES = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError];
function placeOf(thrown) {
    if (!(thrown instanceof Error))
        return '';
    const message = thrown.message;
    const stack = thrown.stack;
    if (typeof message !== 'string' || typeof stack !== 'string' || !stack.includes(message))
        return '';
    const frames = stack.slice(stack.indexOf(message) + message.length).split('\n', MAX_LINES);
    const places = frames.map(frame => (frame.length > MAX_LENGTH ? null : FRAME.exec(frame)));
    return places
        .flatMap(match => (match ? [[match[1], `${match[2] ?? ''}:${match[3] ?? ''}`].filter(Boolean).join(', ')] : []))
        .slice(0, FRAMES)
        .join('; ');
}
const FRAMES = 3;
const MAX_LINES = 30;
const MAX_LENGTH = 500;
const FRAME = /^ {4}at (?:async )?(?:(?:new )?([\w.$#]{1,60}) \()?(?:file:\/\/)?\/(?!.*node_modules)(?:.*\/)?([\w.-]{1,60}\.[jt]s):(\d+):\d+\)?$/;

;// CONCATENATED MODULE: ./src/untrusted/quoted.ts
class Quoted {
    #raw;
    #secrets;
    constructor(raw, secrets) {
        this.#raw = raw.toWellFormed();
        this.#secrets = secrets;
    }
    toString() {
        return clip(neutralize(redact(this.#raw, this.#secrets)));
    }
}
const QUOTED_CHARACTERS = 200;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const TOKEN_LIKE = /(?<![\w-])(?:gh[a-z]_[\w.-]{10,}|github_pat_\w{10,}|eyJ[\w-]{5,}(?:\.[\w-]*){1,4})/gi;
const REDACTED = '***';
function neutralize(text) {
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
    if (known.some(secret => isRevealed(secret, redacted)))
        return REDACTED;
    return redacted.replace(TOKEN_LIKE, REDACTED);
}
function holdsSecret(text, secrets) {
    return secrets.some(secret => secret !== '' && (spellings(secret).some(each => text.includes(each)) || isRevealed(secret, text)));
}
function longestFirst(one, other) {
    return other.length - one.length;
}
function isRevealed(secret, text) {
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

;// CONCATENATED MODULE: ./src/runner/files.ts


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
                const file = found.find(each => each.variable === variable);
                throw file ? causeOf(error, file, files) : error;
            }
        }
    };
}
function find(variable, path, files) {
    if (path === '')
        throw action_error/* ActionError */.lZ.of('runner-files-unusable', { variable, detail: undefined });
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
function files_writeFile(disk, path, text) {
    try {
        disk.write(path, text);
    }
    catch (error) {
        throw unusable('RUNNER_TEMP', error) ?? error;
    }
}
function causeOf(error, file, files) {
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
    const detail = (0,action_error/* systemCode */.xU)(property(error, 'code'));
    return detail === undefined ? undefined : action_error/* ActionError */.lZ.of('runner-files-unusable', { variable, detail }, error);
}

;// CONCATENATED MODULE: ./src/actions/run.ts







async function runAction(world, action) {
    const session = startSession(world);
    try {
        await action(session);
    }
    catch (error) {
        fail(error, session);
    }
}
function startSession(world) {
    const { environment } = world;
    const secrets = [];
    const done = new Set();
    return {
        world,
        quote: raw => new Quoted(raw, secrets),
        redact: text => redact(text, secrets),
        mask(secret) {
            if (secret === '')
                return;
            secrets.push(secret);
            world.core.setSecret(secret);
        },
        holdsMasked: text => secrets.some(secret => text.includes(secret)),
        missingPatReason: () => absenceReason(environment['GITHUB_EVENT_NAME'], environment['GITHUB_ACTOR'], () => world.readFile(environment['GITHUB_EVENT_PATH'] ?? '')),
        once(name, act) {
            if (!done.has(name))
                act();
            done.add(name);
        },
        server: action_error/* PUBLIC_SERVER */.Ag
    };
}
function openFiles(session, variables) {
    const files = findFiles(variables, session.world.environment, session.world.files);
    session.files = files;
    return files;
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
    for (const password of proxyPasswords(world.environment))
        mask(password);
    session.server = serverOf(raw['github-api-url']);
}
function reportCrash(world, thrown) {
    fail(thrown, startSession(world));
}
function fail(thrown, failing) {
    const { core, environment } = failing.world;
    const failure = failureOf(thrown, failing);
    failing.files?.cutBack();
    core.setFailed((0,action_error/* describe */.q0)(failure, guide(environment), failing.server));
    outputCode((0,action_error/* codeOf */.$N)(failure), failing);
}
function outputCode(code, { world: { core, environment, files } }) {
    const output = () => {
        core.setOutput('error-code', code);
    };
    try {
        if (!environment['GITHUB_OUTPUT'])
            output();
        else
            findFiles(['GITHUB_OUTPUT'], environment, files).write('GITHUB_OUTPUT', output);
    }
    catch {
    }
}
function failureOf(thrown, { quote }) {
    try {
        if (thrown instanceof action_error/* ActionError */.lZ || thrown instanceof action_error/* InputErrors */.G)
            return thrown;
        return action_error/* ActionError */.lZ.of('internal', { kind: quote(kindOf(thrown)), place: quote(placeOf(thrown)) }, thrown);
    }
    catch {
        return action_error/* ActionError */.lZ.of('internal', { kind: quote('something unreadable'), place: quote('') });
    }
}
function guide(environment) {
    const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '', GITHUB_SERVER_URL: server = '' } = environment;
    const path = 'docs/troubleshooting.md';
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[\w.-][\w./-]*$/.test(ref))
        return path;
    return `${/^https:\/\/[\w.-]+$/.test(server) ? server : 'https://github.com'}/${repository}/blob/${ref}/${path}`;
}

;// CONCATENATED MODULE: ./src/github/api-version.ts
function announcedEnd({ headers }) {
    const deprecatedAt = earliestDate(headers['deprecation']);
    const endsAt = earliestDate(headers['sunset']);
    return deprecatedAt || endsAt ? { deprecatedAt, endsAt } : undefined;
}
function earliestDate(header = '') {
    const times = Array.from(header.matchAll(DATES), ([, seconds, httpDate]) => httpDate === undefined ? Number(seconds) * 1000 : api_version_timeOf(httpDate));
    const [earliest] = times.filter(time => time >= FIRST_TIME && time <= api_version_LAST_TIME).sort((one, other) => one - other);
    return earliest === undefined ? undefined : new Date(earliest);
}
const DATES = /(?:^|,) *(?:@(\d{1,12})|([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT))(?= *(?:[,;]|$))/g;
function api_version_timeOf(httpDate) {
    const date = new Date(httpDate);
    const isSame = !Number.isNaN(date.getTime()) && date.toUTCString().slice(5) === httpDate.slice(5);
    return isSame ? date.getTime() : NaN;
}
const FIRST_TIME = Date.UTC(2000);
const api_version_LAST_TIME = Date.UTC(9999, 11, 31);

;// CONCATENATED MODULE: ./src/runner/extra-certificates.ts
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
const PEM_CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\s[A-Za-z\d+/=\s]{64,}-----END (?:X509 |TRUSTED )?CERTIFICATE-----/m;

;// CONCATENATED MODULE: ./src/actions/log.ts

function logAttestation(log, { entity, attestedBy, excessScopes }) {
    const { core, quote } = log;
    const [user, name] = [quote(attestedBy.login), quote(entity.login)];
    core.info(`Verified as ${user} (ID ${attestedBy.id}).`);
    core.info(entity.type === 'user'
        ? `Requesting a Vaunt token for user ${name} (ID ${entity.id}).`
        : `Requesting a Vaunt token for organization ${name} (ID ${entity.id}), as an owner of it.`);
    warnOfScopes(log, entity.type, excessScopes);
}
function warnOfScopes({ core, quote, server }, type, excessScopes) {
    if (excessScopes.length === 0)
        return;
    const needed = type === 'user' ? 'no scopes' : 'only the read:org scope';
    core.warning(`The PAT has more access than this action needs. It needs ${needed}, but also has: ${quote(excessScopes.join(', '))}. ` +
        `Create a fine-grained PAT at ${server}/settings/personal-access-tokens/new, or a classic PAT with ${needed}.`);
}
const DAY_MS = 86_400_000;
const WARNING_DAYS = 7;
function logExpiration(log, { expiresAt, patExpiresAt }, now) {
    log.core.info(expiresAt ? `The Vaunt token is valid until ${expiresAt.toISOString()}.` : 'The Vaunt token has no expiration time.');
    warnOfExpiration(log, patExpiresAt, now);
}
function warnOfExpiration({ core, server }, patExpiresAt, now) {
    if (!patExpiresAt)
        return;
    const leftMs = patExpiresAt.getTime() - now;
    if (leftMs > WARNING_DAYS * DAY_MS)
        return;
    const days = Math.max(0, Math.floor(leftMs / DAY_MS));
    core.warning(`The PAT itself expires at ${patExpiresAt.toISOString()} (${days === 0 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`}). ` +
        `Regenerate it at ${server}/settings/personal-access-tokens and update the secret with the new value before runs start to fail.`);
}
function retryLine({ service, path, reason, nextAttempt, waitMs }) {
    return `${service} (${path}): ${reason}. Retrying in ${(waitMs / 1000).toFixed(1)} s (attempt ${nextAttempt}).`;
}
function systemStoreLine(host) {
    return `Node.js doesn't trust the CA that issued the certificate of ${host}: from here on, the action also trusts the CAs in this runner's system certificate store.`;
}
function endWarning(service, { deprecatedAt, endsAt }) {
    const api = service === 'GitHub' ? `version ${API_VERSION} of its API` : 'its API';
    const dates = [
        ...(deprecatedAt ? [`is deprecated as of ${deprecatedAt.toISOString()}`] : []),
        ...(endsAt ? [`stops working at ${endsAt.toISOString()}`] : [])
    ];
    return `${service} announces that ${api}, which this action uses, ${dates.join(' and ')}. Update this action to its latest release${endsAt ? ' before then' : ''}.`;
}

;// CONCATENATED MODULE: ./src/actions/client.ts



async function withClient(session, use, limits) {
    const client = client_createClient(session, limits);
    try {
        return await use(client);
    }
    finally {
        client.close();
    }
}
function client_createClient({ world, quote, once }, limits) {
    const { core, environment, nodeVersion, now, uptime } = world;
    const warnOfEnd = (answer, service) => {
        const end = announcedEnd(answer);
        if (!end)
            return;
        once('announced end', () => {
            core.warning(endWarning(service, end));
        });
    };
    return world.createClient({
        environment,
        nodeVersion,
        quote,
        now,
        uptime,
        onRetry: retry => {
            core.info(retryLine(retry));
        },
        onAnswer: warnOfEnd,
        onSystemStore: host => {
            once('system store', () => {
                core.info(systemStoreLine(host));
            });
        },
        extraCa: () => extraCaIn(environment, world.readFile),
        ...(limits && { limits })
    });
}

;// CONCATENATED MODULE: ./src/vaunt/request.ts


async function askVaunt(question) {
    const { client, vauntApiUrl, path, bearer, quote, asked } = question;
    const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const answer = await client.request('Vaunt', `${vauntApiUrl}${path}`, {
        headers: { accept: question.accept, ...authorization, 'user-agent': 'vaunt-token-action' }
    });
    const { status, headers, isOwnRefusal, host, trail } = answer;
    const facts = { ...trail, asked, status, host };
    if (status === 200)
        return answer;
    if ([401, 403, 404, 511].includes(status) && !isOwnRefusal) {
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...facts, surprise: 'foreign' });
    }
    if (status === 404 && question.mayBeMissing === true)
        return answer;
    if (status === 401 || status === 403 || status === 404)
        throw refusal(answer, question);
    if (status >= 300 && status < 400 && status !== 304) {
        const location = headers['location'];
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', {
            ...facts,
            surprise: 'redirect',
            location: location === undefined ? undefined : quote(location)
        });
    }
    const refused = status >= 400 && isOwnRefusal && trail.words !== undefined;
    throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...facts, surprise: refused ? 'refused' : 'status' });
}
function refusal({ status, trail }, question) {
    const { vauntApiUrl, quote, repository } = question;
    if (question.bearer === undefined) {
        const refused = { ...trail, repository: quote(`${question.entity}/${repository ?? ''}`), status };
        return action_error/* ActionError */.lZ.of('pat-missing', { reason: question.absence?.() ?? 'unknown', refused });
    }
    const asked = question.forToken === true ? undefined : question.asked;
    const entity = quote(question.entity);
    if (status !== 404)
        return action_error/* ActionError */.lZ.of('vaunt-refused', { ...trail, entity, status, asked });
    return action_error/* ActionError */.lZ.of('vaunt-entity-unknown', {
        ...trail,
        entity,
        repository: repository === undefined ? undefined : quote(repository),
        address: vauntApiUrl === PUBLIC_VAUNT_API_URL ? undefined : quote(vauntApiUrl)
    });
}

// EXTERNAL MODULE: ./src/vaunt/claims.ts + 2 modules
var vaunt_claims = __nccwpck_require__(51);
;// CONCATENATED MODULE: ./src/vaunt/exchange.ts



async function exchange({ client, vauntApiUrl, entity, pat, quote }) {
    const asked = `the token of ${quote(entity)}`;
    const answer = await askVaunt({
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
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...facts, surprise: 'not-json' });
    const token = property(property(json, 'data'), 'token');
    if (typeof token !== 'string' || token === '' || token === 'null') {
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...facts, surprise: 'no-token' });
    }
    if (!COMPACT_JWS.test(token))
        throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' });
    const { attempts, requestId } = trail;
    return { token, vauntTime: answer.serverTime, trail: { attempts, requestId } };
}
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

;// CONCATENATED MODULE: ./src/attestation/refusal.ts





function succeeded(answer, asked, context) {
    const { quote } = context;
    const { status, headers, isOwnRefusal, trail } = answer;
    if (status === 200)
        return answer;
    if (status >= 300 && status < 400 && status !== 304) {
        const location = headers['location'];
        throw unexpected(answer, asked, 'redirect', location === undefined ? {} : { location: quote(location) });
    }
    if (!isOwnRefusal || status < 400)
        throw unexpected(answer, asked, [401, 403, 404, 511].includes(status) ? 'foreign' : 'status');
    if (status === 401)
        throw action_error/* ActionError */.lZ.of('pat-rejected', trail);
    if (isEndOfVersion(answer))
        throw unexpected(answer, asked, 'api-version', { detail: API_VERSION });
    throw (status === 403 ? forbidden(answer, context) : undefined) ?? unexpected(answer, asked, 'refused');
}
function requireNotRenamed(answer, login) {
    const { status, headers, json, isOwnRefusal, trail } = answer;
    if (![301, 302, 307, 308].includes(status) || !isOwnRefusal)
        return;
    const url = property(json, 'url') ?? headers['location'];
    const path = typeof url === 'string' ? (URL.parse(url)?.pathname ?? '') : '';
    if (!/\/(?:users?|orgs|organizations)\//.test(path))
        return;
    const id = /\/(?:user|organizations)\/(\d{1,19})(?:\/|$)/.exec(path)?.[1];
    throw action_error/* ActionError */.lZ.of('entity-not-found', { ...trail, entity: login, renamed: { status, id } });
}
function isEndOfVersion(answer) {
    const message = messageOf(answer);
    if (answer.status === 410)
        return /version/i.test(message);
    return answer.status === 400 && /version/i.test(message) && /support|api.?version/i.test(message);
}
function forbidden({ headers, trail, ...answer }, context) {
    const message = messageOf(answer);
    const sso = headers['x-github-sso'] ?? '';
    if (SSO_REQUIRED.test(sso) || /SAML enforcement/i.test(message)) {
        return action_error/* ActionError */.lZ.of('sso-required', { ...trail, url: ssoUrl(sso, context) });
    }
    if (/not accessible by integration/i.test(message)) {
        return action_error/* ActionError */.lZ.of('pat-unsupported', { evidence: 'answer', ...trail });
    }
    if (LOGIN_LIMIT.test(message)) {
        return action_error/* ActionError */.lZ.of('github-rate-limited', { limit: 'logins', ...trail });
    }
    const policy = POLICIES.find(([pattern]) => pattern.test(message))?.[1];
    return policy && action_error/* ActionError */.lZ.of('policy-forbidden', { policy, ...trail });
}
const POLICIES = [
    [/token'?s? lifetime|lifetime is greater/i, 'lifetime'],
    [/access via[^.]{0,200}\(classic\)/i, 'classic'],
    [/access via[^.]{0,200}fine-grained/i, 'fine-grained'],
    [/IP\s+allow[\s-]*list/i, 'ip-allow-list'],
    [/OAuth App access restrictions|restricted (?:access )?(?:to )?OAuth app/i, 'oauth-app'],
    [/account\b[^.]{0,40}\bsuspended/i, 'suspended']
];
const SSO_REQUIRED = /(?:^|,\s*)required\b/i;
function ssoUrl(header, { quote, server }) {
    const urls = header.matchAll(/\burl=(https:\/\/[\w.:[\]-]{1,100}\/(?:orgs|enterprises)\/[\w.~/?&=%+-]{1,200})(?=$|[\s;,])/g);
    const servers = [server, action_error/* PUBLIC_SERVER */.Ag];
    const url = Array.from(urls, ([, found = '']) => found).find(each => each.length <= QUOTED_CHARACTERS && servers.some(known => each.startsWith(`${known}/`)));
    return url === undefined ? undefined : quote(url);
}
function messageOf(answer) {
    const message = property(answer.json, 'message');
    return typeof message === 'string' ? message : '';
}
function unexpected(answer, asked, surprise, details = {}) {
    return action_error/* ActionError */.lZ.of('github-unexpected', {
        ...answer.trail,
        surprise,
        asked,
        status: answer.status,
        host: answer.host,
        ...details
    });
}

;// CONCATENATED MODULE: ./src/attestation/account.ts


function account(answer, asked) {
    const login = property(answer.json, 'login');
    const id = idIn(answer.json);
    const type = property(answer.json, 'type');
    if (typeof login !== 'string' || !LOGIN.test(login) || id === undefined || typeof type !== 'string') {
        throw unexpected(answer, asked, 'not-described');
    }
    return { login, id, type };
}
const LOGIN = /^[A-Za-z\d][A-Za-z\d_-]{0,99}(?:\[bot\])?$/;
function isSameLogin(said, login) {
    return said === undefined || (typeof said === 'string' && said.toLowerCase() === login.toLowerCase());
}
function idIn(value) {
    const id = property(value, 'id');
    const whole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id));
    return whole && id > 0 && id < MAX_ID ? String(id) : undefined;
}
const MAX_ID = 2n ** 63n;

;// CONCATENATED MODULE: ./src/attestation/permissions.ts
const LEAST_SCOPE = 'read:org';
function patKindOf({ headers }) {
    return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic';
}
function scopesIn({ headers }) {
    return scopeList(headers['x-oauth-scopes']);
}
function requiredIn(answer) {
    const { headers } = answer;
    return patKindOf(answer) === 'classic'
        ? scopeList(headers['x-accepted-oauth-scopes'])
        : permissionList(headers['x-accepted-github-permissions']);
}
function covers(granted, required) {
    return granted.some(scope => scope === required || includedIn(scope).includes(required));
}
function scopeList(header = '') {
    const scopes = header.split(',').map(scope => scope.trim());
    return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, MOST_NAMES);
}
const MOST_NAMES = 40;
function permissionList(header = '') {
    const alternatives = header.split(';', MOST_NAMES).map(each => each.split(',', MOST_NAMES).map(name => name.trim()));
    if (alternatives.flat().some(name => name.startsWith('allows_permissionless_access=')))
        return [];
    return alternatives.filter(each => each.every(isPermission)).map(each => each.join(' and '));
}
function isPermission(name) {
    return /^[a-z][a-z_]{0,60}=(?:read|write|admin)$/.test(name);
}
function includedIn(scope) {
    const [, level, area] = /^(admin|write):(.+)$/.exec(scope) ?? [];
    if (level === 'admin')
        return [`write:${area}`, `read:${area}`];
    if (level === 'write')
        return [`read:${area}`];
    return INCLUDED[scope] ?? [];
}
const INCLUDED = {
    repo: ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events'],
    user: ['read:user', 'user:email', 'user:follow'],
    project: ['read:project']
};

;// CONCATENATED MODULE: ./src/attestation/membership.ts





const MEMBERSHIP = 'the membership';
function judgeMembership(answer, parties, context) {
    const { quote } = context;
    const { user, entity, patUser, name } = parties;
    const facts = { ...answer.trail, entity: name, patUser, pat: patKindOf(answer) };
    requireNotRenamed(answer, name);
    if (answer.status === 404 && answer.isOwnRefusal) {
        throw action_error/* ActionError */.lZ.of('not-a-member', { ...facts, ...scopesTold(answer, context) });
    }
    if (answer.status === 403 && answer.isOwnRefusal) {
        const reason = forbidden(answer, context);
        if (reason)
            throw reason;
        if (lacksPermission(answer)) {
            throw action_error/* ActionError */.lZ.of('members-permission-missing', {
                ...facts,
                ...scopesTold(answer, context),
                required: requirement(answer, context)
            });
        }
    }
    const membership = membershipIn(succeeded(answer, MEMBERSHIP, context));
    if (membership.organizationId !== entity.id || (membership.userId !== undefined && membership.userId !== user.id)) {
        throw unexpected(answer, MEMBERSHIP, 'ids-contradict');
    }
    if (!isSameLogin(membership.organizationLogin, entity.login))
        throw unexpected(answer, MEMBERSHIP, 'other-login');
    if (membership.state === 'pending')
        throw action_error/* ActionError */.lZ.of('membership-pending', facts);
    if (membership.role !== 'admin')
        throw action_error/* ActionError */.lZ.of('not-an-admin', { ...facts, role: quote(membership.role) });
}
function lacksPermission(answer) {
    const required = requiredIn(answer);
    const granted = scopesIn(answer);
    const isLacking = required.length > 0 && !required.some(each => covers(granted, each));
    return isLacking || NO_MEMBERS_PERMISSION.test(messageOf(answer));
}
const NO_MEMBERS_PERMISSION = /not accessible by personal access token|do not have access to this organization membership/i;
function requirement(answer, { quote }) {
    const required = requiredIn(answer);
    const isLeastEnough = required.includes(LEAST_SCOPE) || required.length === 0;
    if (patKindOf(answer) === 'classic' && isLeastEnough)
        return quote(LEAST_SCOPE);
    return required.length === 0 ? undefined : quote(required.join(' or '));
}
function scopesTold(answer, { quote }) {
    if (patKindOf(answer) !== 'classic')
        return {};
    const scopes = scopesIn(answer);
    return { scopes: quote(scopes.join(', ')), hasLeastScope: covers(scopes, LEAST_SCOPE) };
}
function membershipIn(answer) {
    const state = property(answer.json, 'state');
    const role = property(answer.json, 'role');
    const organization = property(answer.json, 'organization');
    const organizationId = idIn(organization);
    const user = property(answer.json, 'user') ?? null;
    const userId = idIn(user);
    const described = (state === 'active' || state === 'pending') && typeof role === 'string';
    if (!described || organizationId === undefined || (user !== null && userId === undefined)) {
        throw unexpected(answer, MEMBERSHIP, 'not-described');
    }
    return { state, role, organizationId, organizationLogin: property(organization, 'login'), userId };
}

;// CONCATENATED MODULE: ./src/attestation/pat-expiration.ts
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

;// CONCATENATED MODULE: ./src/attestation/attest.ts






async function attest(reader, entity, quote, server = action_error/* PUBLIC_SERVER */.Ag) {
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
        return await attest_judge(reads, entity, { quote, server });
    }
    finally {
        leftovers.abort();
    }
}
const USER = "the PAT's user";
const attest_ENTITY = 'the entity';
async function attest_judge(reads, asked, context) {
    const { quote } = context;
    const userAnswer = succeeded(await reads.user, USER, context);
    const user = account(userAnswer, USER);
    const patUser = quote(user.login);
    const patExpiresAt = expirationDate(userAnswer.headers['github-authentication-token-expiration']);
    const entityAnswer = await reads.entity;
    requireNotRenamed(entityAnswer, quote(asked));
    if (entityAnswer.status === 404 && entityAnswer.isOwnRefusal)
        throw action_error/* ActionError */.lZ.of('entity-not-found', { entity: quote(asked), ...entityAnswer.trail });
    const entity = account(succeeded(entityAnswer, attest_ENTITY, context), attest_ENTITY);
    const name = quote(entity.login);
    if (!isSameLogin(entity.login, asked))
        throw unexpected(entityAnswer, attest_ENTITY, 'other-login');
    if (entity.type === 'User') {
        if (entity.id !== user.id) {
            throw action_error/* ActionError */.lZ.of('entity-mismatch', {
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
        throw action_error/* ActionError */.lZ.of('entity-unsupported', { ...entityAnswer.trail, entity: name, type: quote(entity.type) });
    }
    judgeMembership(await reads.membership, { user, entity, patUser, name }, context);
    const excessScopes = scopesIn(userAnswer).filter(scope => scope !== LEAST_SCOPE);
    return { entity: { ...entity, type: 'organization' }, attestedBy: user, patExpiresAt, excessScopes };
}

;// CONCATENATED MODULE: ./src/actions/token-steps.ts





async function attestPat(session, client, { pat, entity, githubApiUrl, vauntApiUrl }) {
    const { world, quote, server } = session;
    const reader = await world.createReader({ pat, githubApiUrl, client });
    const attesting = attest(reader, entity, quote, server);
    client.openEarly(vauntApiUrl);
    const attestation = await attesting;
    logAttestation({ core: world.core, quote, server }, attestation);
    return attestation;
}
async function exchangePat({ world, quote, mask }, client, { pat, vauntApiUrl }, { entity, attestedBy, patExpiresAt }) {
    const { token, vauntTime, trail } = await exchange({ client, vauntApiUrl, entity: entity.login, pat, quote });
    mask(token);
    const claims = (0,vaunt_claims/* decodeClaims */.Yq)(token, trail);
    (0,vaunt_claims/* requireFresh */.i0)(claims, { vauntTime, now: world.now() }, trail);
    const about = { entity: entity.login, entityType: entity.type, attestedBy: attestedBy.login, patExpiresAt };
    return { token, ...about, ...claims, vauntTime };
}
async function sealToken(session, token, key) {
    const { world } = session;
    const { seal } = await world.loadSeal();
    const now = token.vauntTime ?? world.now();
    const options = { key, run: runId(world), now, expiresAt: token.expiresAt };
    let sealed = await seal(token, options);
    for (let turn = 0; turn < SEALING_TURNS && session.holdsMasked(sealed); turn++)
        sealed = await seal(token, options);
    if (session.holdsMasked(sealed))
        world.core.warning(UNSEALABLE);
    return sealed;
}
const SEALING_TURNS = 100;
const UNSEALABLE = 'The runner will not pass the sealed token to another job, because the token contains a masked value: one of the secrets of this run, such as a proxy password, is too short. Use a longer one.';
async function openSealedToken(session, { sealedToken, sealKey }) {
    const { world, quote, mask } = session;
    const { open } = await world.loadSeal();
    const contents = await open(sealedToken, { key: sealKey, run: runId(world), now: world.now() });
    mask(contents.token);
    const claims = claimsOf(contents.token);
    const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)];
    world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, verified as ${attestedBy}.`);
    return { ...contents, ...claims, sealedToken };
}
function claimsOf(token) {
    try {
        if (COMPACT_JWS.test(token))
            return (0,vaunt_claims/* decodeClaims */.Yq)(token, { attempts: 0 });
    }
    catch {
    }
    throw action_error/* ActionError */.lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
}
function requireRunId({ environment }) {
    for (const variable of ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID']) {
        if (!environment[variable])
            throw action_error/* ActionError */.lZ.of('runner-files-unusable', { variable, detail: undefined });
    }
}
function runId({ environment }) {
    const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = environment;
    return `${repository}/${id}`;
}
function requireFit(name, token, quote) {
    const bytes = Buffer.byteLength(`${name}=${token}`) + 1;
    if (bytes <= LONGEST_VARIABLE_BYTES)
        return;
    const facts = { value: quote(name), bytes, limitBytes: LONGEST_VARIABLE_BYTES };
    throw action_error/* ActionError */.lZ.of('export-env-invalid', { ...facts, fault: 'too-long' });
}
const LONGEST_VARIABLE_BYTES = 131_072;

;// CONCATENATED MODULE: ./src/actions/credentials.ts









const CREDENTIALS = ['pat', 'token', 'sealed-token'];
function readCredentials(session, isOptional = false) {
    const { core, environment } = session.world;
    const given = CREDENTIALS.filter(name => core.getInput(name).trim() !== '');
    const token = core.getInput('token').trim();
    const raw = readInputs(name => core.getInput(name), environment);
    const pat = given.includes('pat') ? core.getInput('pat').trim() : raw.pat;
    maskInputs(session, { ...raw, pat });
    maskLong(session, token);
    if (given.length > 1)
        throw new action_error/* InputErrors */.G([{ input: given.join(', '), error: action_error/* ActionError */.lZ.of('token-ambiguous', { given }) }]);
    const isNone = raw.pat === '' && given.length === 0 && raw['seal-key'] === '';
    if (isOptional && isNone)
        return { credential: { mode: 'none' }, ...checkQuestion(raw, raw.entity, session) };
    if (!given.includes('token')) {
        const credential = checkInputs(raw, session.quote, () => {
            const reason = session.missingPatReason();
            return reason === 'unknown' ? 'no-token' : reason;
        });
        if (credential.mode === 'mint') {
            if (credential.sealKey)
                core.info("Input 'seal-key' is set without 'sealed-token', so the action uses the PAT.");
            return {
                credential: { ...credential, sealKey: undefined },
                entity: credential.entity,
                vauntApiUrl: credential.vauntApiUrl
            };
        }
        return { credential, ...checkQuestion(raw, core.getInput('entity').trim(), session) };
    }
    const fault = faultOfToken(token);
    const problem = fault && { input: 'token', error: action_error/* ActionError */.lZ.of('token-malformed', { fault }) };
    return { credential: { mode: 'token', token }, ...checkQuestion(raw, raw.entity, session, problem) };
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
    return COMPACT_JWS.test(token) ? undefined : 'not-a-jwt';
}
function checkQuestion(raw, entity, { quote }, problem) {
    (0,action_error/* requireNone */.EE)([
        problem,
        entity === '' && raw['sealed-token'] !== '' ? undefined : checkEntity({ entity }, quote),
        checkUrl(raw, 'vaunt-api-url')
    ]);
    return { entity, vauntApiUrl: apiUrl(raw['vaunt-api-url']) };
}
async function getToken(session, { credential, entity }) {
    const owner = session.world.environment['GITHUB_REPOSITORY_OWNER'] ?? '';
    if (credential.mode === 'none')
        return { token: undefined, entity: spelled(entity, owner) };
    if (credential.mode === 'mint')
        return await newToken(session, credential);
    if (credential.mode === 'open') {
        requireRunId(session.world);
        const opened = await openSealedToken(session, credential);
        return { token: opened.token, entity: spelled(entity, opened.entity) };
    }
    try {
        (0,vaunt_claims/* decodeClaims */.Yq)(credential.token, { attempts: 0 });
    }
    catch (error) {
        throw action_error/* ActionError */.lZ.of('token-malformed', { fault: 'not-a-jwt' }, error);
    }
    return { token: credential.token, entity: spelled(entity, owner) };
}
async function newToken(session, inputs) {
    return await withClient(session, async (client) => exchangePat(session, client, inputs, await attestPat(session, client, inputs)));
}
function spelled(entity, known) {
    return entity === '' || entity.toLowerCase() === known.toLowerCase() ? known : entity;
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlNode.js
/**
 * Base interface for a node in an XML document.
 */
class XmlNode {
    constructor() {
        /**
         * Parent node of this node, or `null` if this node has no parent.
         */
        this.parent = null;
        /**
         * Starting byte offset of this node in the original XML string, or `-1` if
         * the offset is unknown.
         */
        this.start = -1;
        /**
         * Ending byte offset of this node in the original XML string, or `-1` if the
         * offset is unknown.
         */
        this.end = -1;
    }
    /**
     * Document that contains this node, or `null` if this node is not associated
     * with a document.
     */
    get document() {
        return this.parent?.document ?? null;
    }
    /**
     * Whether this node is the root node of the document (also known as the
     * document element).
     */
    get isRootNode() {
        return this.parent !== null
            && this.parent === this.document
            && this.type === XmlNode.TYPE_ELEMENT;
    }
    /**
     * Whether whitespace should be preserved in the content of this element and
     * its children.
     *
     * This is influenced by the value of the special `xml:space` attribute, and
     * will be `true` for any node whose `xml:space` attribute is set to
     * "preserve". If a node has no such attribute, it will inherit the value of
     * the nearest ancestor that does (if any).
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-white-space
     */
    get preserveWhitespace() {
        return !!this.parent?.preserveWhitespace;
    }
    /**
     * Type of this node.
     *
     * The value of this property is a string that matches one of the static
     * `TYPE_*` properties on the `XmlNode` class (e.g. `TYPE_ELEMENT`,
     * `TYPE_TEXT`, etc.).
     *
     * The `XmlNode` class itself is a base class and doesn't have its own type
     * name.
     */
    get type() {
        return '';
    }
    /**
     * Returns a JSON-serializable object representing this node, minus properties
     * that could result in circular references.
     */
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
/**
 * Type value for an `XmlCdata` node.
 */
XmlNode.TYPE_CDATA = 'cdata';
/**
 * Type value for an `XmlComment` node.
 */
XmlNode.TYPE_COMMENT = 'comment';
/**
 * Type value for an `XmlDocument` node.
 */
XmlNode.TYPE_DOCUMENT = 'document';
/**
 * Type value for an `XmlDocumentType` node.
 */
XmlNode.TYPE_DOCUMENT_TYPE = 'doctype';
/**
 * Type value for an `XmlElement` node.
 */
XmlNode.TYPE_ELEMENT = 'element';
/**
 * Type value for an `XmlProcessingInstruction` node.
 */
XmlNode.TYPE_PROCESSING_INSTRUCTION = 'pi';
/**
 * Type value for an `XmlText` node.
 */
XmlNode.TYPE_TEXT = 'text';
/**
 * Type value for an `XmlDeclaration` node.
 */
XmlNode.TYPE_XML_DECLARATION = 'xmldecl';

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlText.js

/**
 * Text content within an XML document.
 */
class XmlText extends XmlNode {
    constructor(text = '') {
        super();
        this.text = text;
    }
    get type() {
        return XmlNode.TYPE_TEXT;
    }
    toJSON() {
        return Object.assign(XmlNode.prototype.toJSON.call(this), {
            text: this.text,
        });
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlElement.js

/**
 * Element in an XML document.
 */
class XmlElement extends XmlNode {
    constructor(name, attributes = Object.create(null), children = []) {
        super();
        this.name = name;
        this.attributes = attributes;
        this.children = children;
    }
    /**
     * Whether this element is empty (meaning it has no children).
     */
    get isEmpty() {
        return this.children.length === 0;
    }
    get preserveWhitespace() {
        let node = this; // eslint-disable-line @typescript-eslint/no-this-alias
        while (node instanceof XmlElement) {
            if ('xml:space' in node.attributes) {
                return node.attributes['xml:space'] === 'preserve';
            }
            node = node.parent;
        }
        return false;
    }
    /**
     * Text content of this element and all its descendants.
     */
    get text() {
        return this.children
            .map(child => 'text' in child ? child.text : '')
            .join('');
    }
    get type() {
        return XmlNode.TYPE_ELEMENT;
    }
    toJSON() {
        return Object.assign(XmlNode.prototype.toJSON.call(this), {
            name: this.name,
            attributes: this.attributes,
            children: this.children.map(child => child.toJSON()),
        });
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/StringScanner.js
const emptyString = '';
const surrogatePair = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
/** @private */
class StringScanner {
    constructor(string) {
        this.charCount = this.charLength(string, true);
        this.charIndex = 0;
        this.length = string.length;
        this.multiByteMode = this.charCount !== this.length;
        this.string = string;
        if (this.multiByteMode) {
            let charsToBytes = [];
            // Create a mapping of character indexes to byte indexes. Since the string
            // contains multibyte characters, a byte index may not necessarily align
            // with a character index.
            for (let byteIndex = 0, charIndex = 0; charIndex < this.charCount; ++charIndex) {
                charsToBytes[charIndex] = byteIndex;
                byteIndex += string.codePointAt(byteIndex) > 65535 ? 2 : 1;
            }
            this.charsToBytes = charsToBytes;
        }
    }
    /**
     * Whether the current character index is at the end of the input string.
     */
    get isEnd() {
        return this.charIndex >= this.charCount;
    }
    // -- Protected Methods ------------------------------------------------------
    /**
     * Returns the number of characters in the given string, which may differ from
     * the byte length if the string contains multibyte characters.
     */
    charLength(string, multiByteSafe = this.multiByteMode) {
        // We could get the char length with `[ ...string ].length`, but that's
        // actually slower than replacing surrogate pairs with single-byte
        // characters and then counting the result.
        return multiByteSafe
            ? string.replace(surrogatePair, '_').length
            : string.length;
    }
    // -- Public Methods ---------------------------------------------------------
    /**
     * Advances the scanner by the given number of characters, stopping if the end
     * of the string is reached.
     */
    advance(count = 1) {
        this.charIndex = Math.min(this.charCount, this.charIndex + count);
    }
    /**
     * Returns the byte index of the given character index in the string. The two
     * may differ in strings that contain multibyte characters.
     */
    charIndexToByteIndex(charIndex = this.charIndex) {
        return this.multiByteMode
            ? this.charsToBytes[charIndex] ?? Infinity
            : charIndex;
    }
    /**
     * Consumes and returns the given number of characters if possible, advancing
     * the scanner and stopping if the end of the string is reached.
     *
     * If no characters could be consumed, an empty string will be returned.
     */
    consume(charCount = 1) {
        let chars = this.peek(charCount);
        this.advance(charCount);
        return chars;
    }
    /**
     * Consumes and returns the given number of bytes if possible, advancing the
     * scanner and stopping if the end of the string is reached.
     *
     * It's up to the caller to ensure that the given byte count doesn't split a
     * multibyte character.
     *
     * If no bytes could be consumed, an empty string will be returned.
     */
    consumeBytes(byteCount) {
        let byteIndex = this.charIndexToByteIndex();
        let result = this.string.slice(byteIndex, byteIndex + byteCount);
        this.advance(this.charLength(result));
        return result;
    }
    /**
     * Consumes and returns all characters for which the given function returns
     * `true`, stopping when `false` is returned or the end of the input is
     * reached.
     */
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
    /**
     * Consumes the given string if it exists at the current character index, and
     * advances the scanner.
     *
     * If the given string doesn't exist at the current character index, an empty
     * string will be returned and the scanner will not be advanced.
     */
    consumeString(stringToConsume) {
        let { length } = stringToConsume;
        let byteIndex = this.charIndexToByteIndex();
        if (stringToConsume === this.string.slice(byteIndex, byteIndex + length)) {
            this.advance(length === 1 ? 1 : this.charLength(stringToConsume));
            return stringToConsume;
        }
        return emptyString;
    }
    /**
     * Consumes characters until the given global regex is matched, advancing the
     * scanner up to (but not beyond) the beginning of the match. If the regex
     * doesn't match, nothing will be consumed.
     *
     * Returns the consumed string, or an empty string if nothing was consumed.
     */
    consumeUntilMatch(regex) {
        let matchByteIndex = this.string
            .slice(this.charIndexToByteIndex())
            .search(regex);
        return matchByteIndex > 0
            ? this.consumeBytes(matchByteIndex)
            : emptyString;
    }
    /**
     * Consumes characters until the given string is found, advancing the scanner
     * up to (but not beyond) that point. If the string is never found, nothing
     * will be consumed.
     *
     * Returns the consumed string, or an empty string if nothing was consumed.
     */
    consumeUntilString(searchString) {
        let byteIndex = this.charIndexToByteIndex();
        let matchByteIndex = this.string.indexOf(searchString, byteIndex);
        return matchByteIndex > 0
            ? this.consumeBytes(matchByteIndex - byteIndex)
            : emptyString;
    }
    /**
     * Returns the given number of characters starting at the current character
     * index, without advancing the scanner and without exceeding the end of the
     * input string.
     */
    peek(count = 1) {
        let { charIndex, string } = this;
        return this.multiByteMode
            ? string.slice(this.charIndexToByteIndex(charIndex), this.charIndexToByteIndex(charIndex + count))
            : string.slice(charIndex, charIndex + count);
    }
    /**
     * Resets the scanner position to the given character _index_, or to the start
     * of the input string if no index is given.
     *
     * If _index_ is negative, the scanner position will be moved backward by that
     * many characters, stopping if the beginning of the string is reached.
     */
    reset(index = 0) {
        this.charIndex = index >= 0
            ? Math.min(this.charCount, index)
            : Math.max(0, this.charIndex + index);
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/syntax.js
/**
 * Regular expression that matches one or more `AttValue` characters in a
 * double-quoted attribute value.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-AttValue
 */
const attValueCharDoubleQuote = /["&<]/;
/**
 * Regular expression that matches one or more `AttValue` characters in a
 * single-quoted attribute value.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-AttValue
 */
const attValueCharSingleQuote = /['&<]/;
/**
 * Regular expression that matches a whitespace character that should be
 * normalized to a space character in an attribute value.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#AVNormalize
 */
const attValueNormalizedWhitespace = /\r\n|[\n\r\t]/g;
/**
 * Regular expression that matches one or more characters that signal the end of
 * XML `CharData` content.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#dt-chardata
 */
const endCharData = /<|&|]]>/;
/**
 * Mapping of predefined entity names to their replacement values.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-predefined-ent
 */
const predefinedEntities = Object.freeze(Object.assign(Object.create(null), {
    amp: '&',
    apos: "'",
    gt: '>',
    lt: '<',
    quot: '"',
}));
/**
 * Returns `true` if _char_ is an XML `NameChar`, `false` if it isn't.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-NameChar
 */
function isNameChar(char) {
    let cp = char.codePointAt(0);
    // Including the most common NameStartChars here improves performance
    // slightly.
    return (cp >= 0x61 && cp <= 0x7A) // a-z
        || (cp >= 0x41 && cp <= 0x5A) // A-Z
        || (cp >= 0x30 && cp <= 0x39) // 0-9
        || cp === 0x2D // -
        || cp === 0x2E // .
        || cp === 0xB7
        || (cp >= 0x300 && cp <= 0x36F)
        || cp === 0x203F
        || cp === 0x2040
        || isNameStartChar(char, cp);
}
/**
 * Returns `true` if _char_ is an XML `NameStartChar`, `false` if it isn't.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-NameStartChar
 */
function isNameStartChar(char, cp = char.codePointAt(0)) {
    return (cp >= 0x61 && cp <= 0x7A) // a-z
        || (cp >= 0x41 && cp <= 0x5A) // A-Z
        || cp === 0x3A // :
        || cp === 0x5F // _
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
/**
 * Returns `true` if _char_ is a valid reference character (which may appear
 * between `&` and `;` in a reference), `false` otherwise.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-references
 */
function isReferenceChar(char) {
    return char === '#' || isNameChar(char);
}
/**
 * Returns `true` if _char_ is an XML whitespace character, `false` otherwise.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#white
 */
function isWhitespace(char) {
    let cp = char.codePointAt(0);
    return cp === 0x20
        || cp === 0x9
        || cp === 0xA
        || cp === 0xD;
}
/**
 * Returns `true` if _codepoint_ is a valid XML `Char` code point, `false`
 * otherwise.
 *
 * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Char
 */
function isXmlCodePoint(cp) {
    return (cp >= 0x20 && cp <= 0xD7FF)
        || cp === 0xA
        || cp === 0x9
        || cp === 0xD
        || (cp >= 0xE000 && cp <= 0xFFFD)
        || (cp >= 0x10000 && cp <= 0x10FFFF);
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlCdata.js


/**
 * A CDATA section within an XML document.
 */
class XmlCdata extends XmlText {
    get type() {
        return XmlNode.TYPE_CDATA;
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlComment.js

/**
 * A comment within an XML document.
 */
class XmlComment extends XmlNode {
    constructor(content = '') {
        super();
        this.content = content;
    }
    get type() {
        return XmlNode.TYPE_COMMENT;
    }
    toJSON() {
        return Object.assign(XmlNode.prototype.toJSON.call(this), {
            content: this.content,
        });
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlDeclaration.js

/**
 * An XML declaration within an XML document.
 *
 * @example
 *
 * ```xml
 * <?xml version="1.0" encoding="UTF-8"?>
 * ```
 */
class XmlDeclaration extends XmlNode {
    constructor(version, encoding, standalone) {
        super();
        this.version = version;
        this.encoding = encoding ?? null;
        this.standalone = standalone ?? null;
    }
    get type() {
        return XmlNode.TYPE_XML_DECLARATION;
    }
    toJSON() {
        let json = XmlNode.prototype.toJSON.call(this);
        json.version = this.version;
        for (let key of ['encoding', 'standalone']) {
            if (this[key] !== null) {
                json[key] = this[key];
            }
        }
        return json;
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlDocument.js


/**
 * Represents an XML document. All elements within the document are descendants
 * of this node.
 */
class XmlDocument extends XmlNode {
    constructor(children = []) {
        super();
        this.children = children;
    }
    get document() {
        return this;
    }
    /**
     * Root element of this document, or `null` if this document is empty.
     */
    get root() {
        for (let child of this.children) {
            if (child instanceof XmlElement) {
                return child;
            }
        }
        return null;
    }
    /**
     * Text content of this document and all its descendants.
     */
    get text() {
        return this.children
            .map(child => 'text' in child ? child.text : '')
            .join('');
    }
    get type() {
        return XmlNode.TYPE_DOCUMENT;
    }
    toJSON() {
        return Object.assign(XmlNode.prototype.toJSON.call(this), {
            children: this.children.map(child => child.toJSON()),
        });
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlDocumentType.js

/**
 * A document type declaration within an XML document.
 *
 * @example
 *
 * ```xml
 * <!DOCTYPE kittens [
 *   <!ELEMENT kittens (#PCDATA)>
 * ]>
 * ```
 */
class XmlDocumentType extends XmlNode {
    constructor(name, publicId, systemId, internalSubset) {
        super();
        this.name = name;
        this.publicId = publicId ?? null;
        this.systemId = systemId ?? null;
        this.internalSubset = internalSubset ?? null;
    }
    get type() {
        return XmlNode.TYPE_DOCUMENT_TYPE;
    }
    toJSON() {
        let json = XmlNode.prototype.toJSON.call(this);
        json.name = this.name;
        for (let key of ['publicId', 'systemId', 'internalSubset']) {
            if (this[key] !== null) {
                json[key] = this[key];
            }
        }
        return json;
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlError.js
/**
 * An error that occurred while parsing XML.
 */
class XmlError extends Error {
    constructor(message, charIndex, xml) {
        let column = 1;
        let excerpt = '';
        let line = 1;
        // Find the line and column where the error occurred.
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
        // Keep the excerpt below 50 chars, but always keep the error position in
        // view.
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

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/XmlProcessingInstruction.js

/**
 * A processing instruction within an XML document.
 */
class XmlProcessingInstruction extends XmlNode {
    constructor(name, content = '') {
        super();
        this.name = name;
        this.content = content;
    }
    get type() {
        return XmlNode.TYPE_PROCESSING_INSTRUCTION;
    }
    toJSON() {
        return Object.assign(XmlNode.prototype.toJSON.call(this), {
            name: this.name,
            content: this.content,
        });
    }
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/lib/Parser.js












const Parser_emptyString = '';
/**
 * Parses an XML string into an `XmlDocument`.
 *
 * @private
 */
class Parser {
    /**
     * @param xml XML string to parse.
     * @param options Parser options.
     */
    constructor(xml, options = {}) {
        let doc = this.document = new XmlDocument();
        this.currentNode = doc;
        this.options = options;
        this.scanner = new StringScanner(xml);
        if (this.options.includeOffsets) {
            doc.start = 0;
            doc.end = xml.length;
        }
        this.parse();
    }
    /**
     * Adds the given `XmlNode` as a child of `this.currentNode`.
     */
    addNode(node, charIndex) {
        node.parent = this.currentNode;
        if (this.options.includeOffsets) {
            node.start = this.scanner.charIndexToByteIndex(charIndex);
            node.end = this.scanner.charIndexToByteIndex();
        }
        // @ts-expect-error: XmlDocument has a more limited set of possible children
        // than XmlElement so TypeScript is unhappy, but we always do the right
        // thing.
        this.currentNode.children.push(node);
        return true;
    }
    /**
     * Adds the given _text_ to the document, either by appending it to a
     * preceding `XmlText` node (if possible) or by creating a new `XmlText` node.
     *
     * When _normalize_ is `true` (the default), line breaks in _text_ are
     * normalized per section 2.11 of the XML spec. This must be `false` for text
     * that comes from a character or entity reference, since references aren't
     * subject to line break normalization.
     */
    addText(text, charIndex, normalize = true) {
        let { children } = this.currentNode;
        let { length } = children;
        if (normalize) {
            text = normalizeLineBreaks(text);
        }
        if (length > 0) {
            let prevNode = children[length - 1];
            if (prevNode?.type === XmlNode.TYPE_TEXT) {
                let textNode = prevNode;
                // The previous node is a text node, so we can append to it and avoid
                // creating another node.
                textNode.text += text;
                if (this.options.includeOffsets) {
                    textNode.end = this.scanner.charIndexToByteIndex();
                }
                return true;
            }
        }
        return this.addNode(new XmlText(text), charIndex);
    }
    /**
     * Consumes element attributes.
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-starttags
     */
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
    /**
     * Consumes an `AttValue` (attribute value) if possible.
     *
     * @returns
     *   Contents of the `AttValue` minus quotes, or `false` if nothing was
     *   consumed. An empty string indicates that an `AttValue` was consumed but
     *   was empty.
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-AttValue
     */
    consumeAttributeValue() {
        let { scanner } = this;
        let quote = scanner.peek();
        if (quote !== '"' && quote !== "'") {
            return false;
        }
        scanner.advance();
        let chars;
        let isClosed = false;
        let value = Parser_emptyString;
        let regex = quote === '"'
            ? attValueCharDoubleQuote
            : attValueCharSingleQuote;
        matchLoop: while (!scanner.isEnd) {
            chars = scanner.consumeUntilMatch(regex);
            if (chars) {
                this.validateChars(chars);
                value += chars.replace(attValueNormalizedWhitespace, ' ');
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
    /**
     * Consumes a CDATA section if possible.
     *
     * @returns Whether a CDATA section was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-cdata-sect
     */
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
            ? this.addNode(new XmlCdata(normalizeLineBreaks(text)), startIndex)
            : this.addText(text, startIndex);
    }
    /**
     * Consumes character data if possible.
     *
     * @returns Whether character data was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#dt-chardata
     */
    consumeCharData() {
        let { scanner } = this;
        let startIndex = scanner.charIndex;
        let charData = scanner.consumeUntilMatch(endCharData);
        if (!charData) {
            return false;
        }
        this.validateChars(charData);
        if (scanner.peek(3) === ']]>') {
            throw this.error('Element content may not contain the CDATA section close delimiter `]]>`');
        }
        return this.addText(charData, startIndex);
    }
    /**
     * Consumes a comment if possible.
     *
     * @returns Whether a comment was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Comment
     */
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
            ? this.addNode(new XmlComment(normalizeLineBreaks(content)), startIndex)
            : true;
    }
    /**
     * Consumes a reference in a content context if possible.
     *
     * This differs from `consumeReference()` in that a consumed reference will be
     * added to the document as a text node instead of returned.
     *
     * @returns Whether a reference was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#entproc
     */
    consumeContentReference() {
        let startIndex = this.scanner.charIndex;
        let ref = this.consumeReference();
        return ref
            ? this.addText(ref, startIndex, false)
            : false;
    }
    /**
     * Consumes a doctype declaration if possible.
     *
     * This is a loose implementation since doctype declarations are currently
     * discarded without further parsing.
     *
     * @returns Whether a doctype declaration was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#dtd
     */
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
            // The internal subset may contain comments that contain `]` characters,
            // so we can't use `consumeUntilString()` here.
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
            ? this.addNode(new XmlDocumentType(name, publicId, systemId, internalSubset), startIndex)
            : true;
    }
    /**
     * Consumes an element if possible.
     *
     * @returns Whether an element was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-element
     */
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
        let element = new XmlElement(name, attributes);
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
    /**
     * Consumes an `Eq` production if possible.
     *
     * @returns Whether an `Eq` production was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Eq
     */
    consumeEqual() {
        this.consumeWhitespace();
        if (this.scanner.consumeString('=')) {
            this.consumeWhitespace();
            return true;
        }
        return false;
    }
    /**
     * Consumes `Misc` content if possible.
     *
     * @returns Whether anything was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Misc
     */
    consumeMisc() {
        return this.consumeComment()
            || this.consumeProcessingInstruction()
            || this.consumeWhitespace();
    }
    /**
     * Consumes one or more `Name` characters if possible.
     *
     * @returns `Name` characters, or an empty string if none were consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Name
     */
    consumeName() {
        return isNameStartChar(this.scanner.peek())
            ? this.scanner.consumeMatchFn(isNameChar)
            : Parser_emptyString;
    }
    /**
     * Consumes a processing instruction if possible.
     *
     * @returns Whether a processing instruction was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-pi
     */
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
                return this.addNode(new XmlProcessingInstruction(name), startIndex);
            }
            throw this.error('Whitespace is required after a processing instruction name');
        }
        let content = scanner.consumeUntilString('?>');
        this.validateChars(content);
        if (!scanner.consumeString('?>')) {
            throw this.error('Unterminated processing instruction');
        }
        return this.addNode(new XmlProcessingInstruction(name, normalizeLineBreaks(content)), startIndex);
    }
    /**
     * Consumes a prolog if possible.
     *
     * @returns Whether a prolog was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#sec-prolog-dtd
     */
    consumeProlog() {
        let { scanner } = this;
        let startIndex = scanner.charIndex;
        this.consumeXmlDeclaration();
        while (this.consumeMisc()) { } // eslint-disable-line no-empty
        if (this.consumeDoctypeDeclaration()) {
            while (this.consumeMisc()) { } // eslint-disable-line no-empty
        }
        return startIndex < scanner.charIndex;
    }
    /**
     * Consumes a public identifier literal if possible.
     *
     * @returns
     *   Value of the public identifier literal minus quotes, or `false` if
     *   nothing was consumed. An empty string indicates that a public id literal
     *   was consumed but was empty.
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-PubidLiteral
     */
    consumePubidLiteral() {
        let startIndex = this.scanner.charIndex;
        let value = this.consumeSystemLiteral();
        if (value !== false && !/^[-\x20\r\na-zA-Z0-9'()+,./:=?;!*#@$_%]*$/.test(value)) {
            this.scanner.reset(startIndex);
            throw this.error('Invalid character in public identifier');
        }
        return value;
    }
    /**
     * Consumes a reference if possible.
     *
     * This differs from `consumeContentReference()` in that a consumed reference
     * will be returned rather than added to the document.
     *
     * @returns
     *   Parsed reference value, or `false` if nothing was consumed (to
     *   distinguish from a reference that resolves to an empty string).
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-Reference
     */
    consumeReference() {
        let { scanner } = this;
        if (!scanner.consumeString('&')) {
            return false;
        }
        let ref = scanner.consumeMatchFn(isReferenceChar);
        if (scanner.consume() !== ';') {
            throw this.error('Unterminated reference (a reference must end with `;`)');
        }
        let parsedValue;
        if (ref[0] === '#') {
            // This is a character reference.
            let codePoint = ref[1] === 'x'
                ? parseInt(ref.slice(2), 16) // Hex codepoint.
                : parseInt(ref.slice(1), 10); // Decimal codepoint.
            if (isNaN(codePoint)
                || !/^#(?:x[0-9A-Fa-f]+|[0-9]+)$/.test(ref)) {
                throw this.error('Invalid character reference');
            }
            if (!isXmlCodePoint(codePoint)) {
                throw this.error('Character reference resolves to an invalid character');
            }
            parsedValue = String.fromCodePoint(codePoint);
        }
        else {
            // This is an entity reference.
            parsedValue = predefinedEntities[ref];
            if (parsedValue === undefined) {
                let { ignoreUndefinedEntities, resolveUndefinedEntity, } = this.options;
                let wrappedRef = `&${ref};`; // for backcompat with <= 2.x
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
    /**
     * Consumes a `SystemLiteral` if possible.
     *
     * A `SystemLiteral` is similar to an attribute value, but allows the
     * characters `<` and `&` and doesn't replace references.
     *
     * @returns
     *   Value of the `SystemLiteral` minus quotes, or `false` if nothing was
     *   consumed. An empty string indicates that a `SystemLiteral` was consumed
     *   but was empty.
     *
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-SystemLiteral
     */
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
    /**
     * Consumes one or more whitespace characters if possible.
     *
     * @returns Whether any whitespace characters were consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#white
     */
    consumeWhitespace() {
        return !!this.scanner.consumeMatchFn(isWhitespace);
    }
    /**
     * Consumes an XML declaration if possible.
     *
     * @returns Whether an XML declaration was consumed.
     * @see https://www.w3.org/TR/2008/REC-xml-20081126/#NT-XMLDecl
     */
    consumeXmlDeclaration() {
        let { scanner } = this;
        let startIndex = scanner.charIndex;
        if (!scanner.consumeString('<?xml')) {
            return false;
        }
        // `<?xml` begins an XML declaration only when it's immediately followed by
        // whitespace. If the next character is a name character, this is a
        // processing instruction whose target merely begins with "xml" (e.g.
        // `<?xml-stylesheet ... ?>`); rewind and let it be parsed as a PI.
        if (isNameChar(scanner.peek())) {
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
            ? this.addNode(new XmlDeclaration(version, encoding || undefined, standalone || undefined), startIndex)
            : true;
    }
    /**
     * Returns an `XmlError` for the current scanner position.
     */
    error(message) {
        let { scanner } = this;
        return new XmlError(message, scanner.charIndex, scanner.string);
    }
    /**
     * Parses the XML input.
     */
    parse() {
        this.scanner.consumeString('\uFEFF'); // byte order mark
        this.consumeProlog();
        if (!this.consumeElement()) {
            throw this.error('Root element is missing or invalid');
        }
        while (this.consumeMisc()) { } // eslint-disable-line no-empty
        if (!this.scanner.isEnd) {
            throw this.error('Extra content at the end of the document');
        }
    }
    /**
     * Throws an invalid character error if any character in the given _string_
     * isn't a valid XML character.
     */
    validateChars(string) {
        let { length } = string;
        for (let i = 0; i < length; ++i) {
            let cp = string.codePointAt(i);
            if (!isXmlCodePoint(cp)) {
                this.scanner.reset(-([...string].length - i));
                throw this.error('Invalid character');
            }
            if (cp > 65535) {
                i += 1;
            }
        }
    }
}
// -- Private Functions --------------------------------------------------------
/**
 * Normalizes line breaks in the given text by replacing CRLF sequences and lone
 * CR characters with LF characters.
 */
function normalizeLineBreaks(text) {
    let i = 0;
    while ((i = text.indexOf('\r', i)) !== -1) {
        text = text[i + 1] === '\n'
            ? text.slice(0, i) + text.slice(i + 1)
            : text.slice(0, i) + '\n' + text.slice(i + 1);
    }
    return text;
}

;// CONCATENATED MODULE: ./node_modules/@rgrove/parse-xml/dist/index.js












/**
 * Parses the given XML string and returns an `XmlDocument` instance
 * representing the document tree.
 *
 * @example
 *
 * import { parseXml } from '@rgrove/parse-xml';
 * let doc = parseXml('<kittens fuzzy="yes">I like fuzzy kittens.</kittens>');
 *
 * @param xml XML string to parse.
 * @param options Parser options.
 */
function parseXml(xml, options) {
    return (new Parser(xml, options)).document;
}

;// CONCATENATED MODULE: ./src/untrusted/xml.ts

function readXml(text, options = {}) {
    return parseXml(text.replace(/\r\n?/g, '\n'), options);
}

;// CONCATENATED MODULE: ./src/card/contents.ts


function readContents(card) {
    let root;
    try {
        root = readXml(card, { sortAttributes: true, includeOffsets: true }).root;
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
        if (node instanceof XmlText && node.text.trim() !== '')
            texts.push(node);
        if (node instanceof XmlElement && node.name === 'image')
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
    for (let within = image.parent; within instanceof XmlElement && !pictures.has(within); within = within.parent) {
        pictures.set(within, image);
    }
}
function countWithin(labels) {
    const counts = new Map();
    for (const label of labels) {
        for (let within = label.parent; within instanceof XmlElement; within = within.parent) {
            const count = counts.get(within) ?? 0;
            if (count > 1)
                break;
            counts.set(within, count + 1);
        }
    }
    return counts;
}
function pictureBeside(label, pictures, labelsWithin) {
    for (let group = label.parent; group instanceof XmlElement; group = group.parent) {
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
        if (!(node instanceof XmlElement))
            continue;
        waiting.push(undefined);
        for (const child of node.children.toReversed()) {
            if (child instanceof XmlElement || child instanceof XmlText)
                waiting.push(child);
        }
    }
}
function drawingOf(root) {
    const parts = [];
    for (const node of nodesOf(root)) {
        if (!node)
            parts.push('end');
        else if (node instanceof XmlText)
            parts.push(`text ${JSON.stringify(node.text)}`);
        else
            parts.push(`${node.name} ${JSON.stringify(node.attributes)}`);
    }
    return parts.join('\n');
}

;// CONCATENATED MODULE: ./src/card/comparison.ts

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
            ...(isNewPicture(then, now) ? [`${now.name} has a new picture.`] : [])
        ];
    });
}
function isNewPicture(then, now) {
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
    const parts = [];
    let at = 0;
    for (const { start, end, address } of lost.sort((one, other) => one.start - other.start)) {
        const element = card.slice(start, end).replace(HREF, (_, attribute) => `${attribute}="${address}"`);
        parts.push(card.slice(at, start), element);
        at = end;
    }
    return [...parts, card.slice(at)].join('');
}
const EMBEDDED = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z\d+/=]+$/;
const HREF = /(?<=\s)((?:xlink:)?href)\s*=\s*(?:"[^"]*"|'[^']*')/;

;// CONCATENATED MODULE: ./src/card/refusals.ts


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
        return action_error/* ActionError */.lZ.of('github-unexpected', { ...trail, asked: asked.what, status, host, surprise });
    }
    const words = [messageIn(answer.json), ...reasonsIn(answer.json)].join(' ');
    const { repository, branch } = asked;
    const fault = forbids(words, status);
    if (fault === 'setting')
        return action_error/* ActionError */.lZ.of('pull-request-forbidden', { ...trail, fault, repository });
    if (asked.request === 'pull-request' && fault && PULL_REQUEST_FAULTS[fault]) {
        return action_error/* ActionError */.lZ.of('pull-request-forbidden', { ...trail, fault: PULL_REQUEST_FAULTS[fault], repository });
    }
    if (fault)
        return action_error/* ActionError */.lZ.of('commit-forbidden', { ...trail, fault, repository });
    const rule = RULES.find(([pattern]) => pattern.test(words))?.[1];
    if (rule)
        return action_error/* ActionError */.lZ.of('commit-refused', { ...trail, fault: rule, branch });
    if (MOVED.test(words))
        return new BranchMoved(trail.attempts > 1);
    if (asked.request === 'branch')
        return action_error/* ActionError */.lZ.of('commit-refused', { ...trail, fault: 'unknown', branch });
    return action_error/* ActionError */.lZ.of('github-unexpected', { ...trail, asked: asked.what, status, surprise: 'refused' });
}
const PULL_REQUEST_FAULTS = {
    permission: 'permission',
    'not-found': 'permission',
    unknown: 'unknown'
};
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

;// CONCATENATED MODULE: ./src/card/repository.ts



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
        repository_succeeded(answer, asked);
        const isExact = repository_text(answer.json, 'ref') === `refs/heads/${branch}`;
        return described(answer, isExact ? sha(property(answer.json, 'object')) : undefined, asked);
    }
    async readCommit(commit) {
        const asked = this.#about('read', '', 'a commit');
        const answer = await this.#send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: commit }, asked);
        const tree = sha(property(answer.json, 'tree'));
        const parents = property(answer.json, 'parents');
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
        throw action_error/* ActionError */.lZ.of('commit-forbidden', { fault: 'not-found', repository: this.fullName, attempts: 1 });
    }
    async #findFolder(tree) {
        const asked = this.#about('read', '', 'a folder');
        const answer = await this.#ask('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { tree_sha: tree });
        if (isMissing(answer))
            return undefined;
        repository_succeeded(answer, asked);
        const listed = property(answer.json, 'tree');
        const isWhole = Array.isArray(listed) && property(answer.json, 'truncated') !== true;
        const entries = isWhole ? listed.map(entryOf).filter(entry => entry !== undefined) : undefined;
        return { sha: sha(answer.json) ?? tree, entries: described(answer, entries, asked) };
    }
    async readFile(commit, path) {
        const asked = this.#about('read', '', 'the card in this repository');
        const answer = await this.#ask('GET /repos/{owner}/{repo}/contents/{path}', { path, ref: commit });
        if (isMissing(answer))
            return undefined;
        repository_succeeded(answer, asked);
        if (repository_text(answer.json, 'type') !== 'file')
            return undefined;
        if (repository_text(answer.json, 'encoding') === 'base64')
            return repository_decoded(answer);
        const blob = described(answer, sha(answer.json), asked);
        return repository_decoded(await this.#send('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: blob }, asked));
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
        return described(answer, sha(property(answer.json, 'commit')), asked);
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
        return repository_succeeded(await this.#ask(route, parameters, once), asked);
    }
}
const EMPTY = 'empty';
const BOT = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };
function isMissing({ status, isOwnRefusal }) {
    return status === 404 && isOwnRefusal;
}
function repository_succeeded(answer, asked) {
    if (answer.status === 200 || answer.status === 201)
        return answer;
    throw refusalOf(answer, asked);
}
function described({ status, trail }, value, asked) {
    if (value !== undefined)
        return value;
    throw action_error/* ActionError */.lZ.of('github-unexpected', { ...trail, surprise: 'not-described', asked: asked.what, status });
}
function repository_text(value, name) {
    const found = property(value, name);
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
function repository_decoded({ json }) {
    return Buffer.from(repository_text(json, 'content') ?? '', 'base64').toString('utf8');
}
function isBetween(pull, head, base) {
    return repository_text(property(pull, 'head'), 'ref') === head && repository_text(property(pull, 'base'), 'ref') === base;
}
function pullRequestUrl(pull) {
    const url = repository_text(pull, 'html_url');
    return url !== undefined && /^https:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/pull\/\d+$/.test(url) ? url : undefined;
}

;// CONCATENATED MODULE: ./src/card/commit.ts





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
            const isOutage = error instanceof action_error/* ActionError */.lZ && error.code === 'github-unavailable';
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
                throw action_error/* ActionError */.lZ.of('branch-busy', { branch: repository.quote(branch), attempts: turn, seconds });
            }
            onPause(isOutage ? 'GitHub failed' : 'someone else changed the branch first', waitMs);
            await (0,promises_namespaceObject.setTimeout)(waitMs);
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
            const isUncertain = error instanceof BranchMoved ? error.mayHaveArrived : error instanceof action_error/* ActionError */.lZ;
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
            throw action_error/* ActionError */.lZ.of('card-path-unusable', { fault, ...quoted });
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

;// CONCATENATED MODULE: ./src/card/pull-request.ts




async function proposeCard(repository, proposal, patience) {
    const own = new OwnCommits(repository, proposal.file);
    return await untilSettled(repository, patience, async () => {
        const { file, base } = proposal;
        const tip = await repository.findTip(base);
        if (tip === undefined || tip === EMPTY) {
            const facts = { repository: repository.fullName, branch: repository.quote(base), attempts: 1 };
            throw action_error/* ActionError */.lZ.of('commit-forbidden', { ...facts, fault: 'no-branch' });
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

;// CONCATENATED MODULE: ./src/card/safety.ts



function requireSafeSvg(text, quote) {
    const fault = safety_faultOf(text);
    if (!fault)
        return;
    const { found } = fault;
    throw action_error/* ActionError */.lZ.of('card-unsafe', { fault: fault.fault, found: found === undefined ? undefined : quote(found) });
}
function safety_faultOf(text) {
    let document;
    try {
        document = readXml(text, { preserveCdata: true, preserveComments: true, preserveDocumentType: true });
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
        if (!(node instanceof XmlDocumentType))
            continue;
        const isKnown = /^(?:https?:\/\/www\.w3\.org\/|$)/.test(node.systemId ?? '');
        if (node.name !== 'svg' || node.internalSubset !== null || !isKnown) {
            return { fault: 'not-svg', found: `<!DOCTYPE ${node.name}` };
        }
    }
    return undefined;
}
function faultInMarkup(node) {
    if (node instanceof XmlProcessingInstruction)
        return active(`<?${node.name}`);
    if (node instanceof XmlComment && /^-?>|</.test(node.content))
        return active(`<!--${node.content}`);
    return node instanceof XmlCdata && node.text.includes('<') ? active(`<![CDATA[${node.text}`) : undefined;
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
            if (child instanceof XmlElement)
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
    const css = element.children.map(child => (child instanceof XmlText ? child.text : '')).join('');
    return /<[/!]/.test(css) ? active(css) : faultInStyle(css, name);
}
function faultInStyle(raw, element) {
    const css = raw.replace(/\r\n?|\f/g, '\n');
    const fault = faultInCss(css, element);
    return fault || !css.includes('/*') ? fault : faultInCss(css.replace(/\/\*[^]*?(?:\*\/|$)/g, ''), element);
}
function faultInCss(css, element) {
    const plain = css.replace(/\\(?:([\da-f]{1,6})[\t\n ]?|\n|([^]))/gi, (_, code, character) => code === undefined ? (character ?? '') : characterAt(Number.parseInt(code, 16)));
    const banned = /@import|(?:image-set|image|cross-fade|expression)\s*\(|-moz-binding|(?:^|[;{\s])behavior\s*:/i.exec(plain);
    if (banned)
        return active(banned[0]);
    for (const [found, , , target = ''] of plain.matchAll(/(?:\burl|\bsrc)\([\t\n ]*((["'])|)([^"')]*)/gi)) {
        if (!isLocal(target, element))
            return active(found);
    }
    return undefined;
}
function characterAt(code) {
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

;// CONCATENATED MODULE: ./src/card/secrets.ts




function requireNoSecret(card, secrets) {
    const texts = [card, ...textsIn(card)];
    const all = [...texts, ...texts.flatMap(embedded)].join('\n\n');
    if (!holdsSecret(all, secrets))
        return;
    throw action_error/* ActionError */.lZ.of('vaunt-unexpected', { surprise: 'secret', asked: 'the card', attempts: 1, status: 200 });
}
function textsIn(card) {
    const { root } = readXml(card);
    const waiting = root ? [root] : [];
    const texts = [];
    const values = [];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
        if (node instanceof XmlText || node instanceof XmlCdata)
            texts.push(node.text);
        if (!(node instanceof XmlElement))
            continue;
        for (const value of Object.values(node.attributes))
            values.push(value);
        for (const child of node.children.toReversed())
            waiting.push(child);
    }
    return [texts.join(''), ...texts, ...values];
}
function embedded(text) {
    const addresses = text.matchAll(/data:[^,"'()<>]{0,200},([^"'()<>]*)/gi);
    return Array.from(addresses, ([, data = '']) => Buffer.from(secrets_percentDecoded(data), 'base64').toString('latin1'));
}
function secrets_percentDecoded(text) {
    return text.replace(/%([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

;// CONCATENATED MODULE: ./src/actions/contributors-card.ts
















async function runCard(world, limits = COMMIT_LIMITS) {
    await runAction(world, async (session) => {
        const inputs = takeInputs(session);
        const files = openFiles(session, ['GITHUB_OUTPUT']);
        const place = findPlace(session);
        requireToken(session, inputs, place);
        const granted = await getToken(session, inputs.credentials);
        const subject = { ...granted, repository: inputs.repository === '' ? place.name : inputs.repository };
        const card = await fetchCard(session, inputs, subject);
        warnOfPublication(session, subject, `${place.owner}/${place.name}`);
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
    const credentials = (0,action_error/* collect */.Fo)(problems, () => readCredentials(session, true));
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
    const raw = readInputs(name => core.getInput(name), environment);
    const badUrl = checkUrl(raw, 'github-api-url');
    if (badUrl && problems.every(({ input }) => input !== badUrl.input))
        problems.push(badUrl);
    (0,action_error/* requireNone */.EE)(problems);
    if (!credentials)
        throw new TypeError('the inputs were read neither with nor without problems');
    const githubApiUrl = apiUrl(raw['github-api-url']);
    const to = { path, branch, opensPullRequest, pullRequestBranch, githubApiUrl, githubToken };
    return { credentials, repository, limit, ...to };
}
function invalid({ quote }, input, value) {
    return { input, error: action_error/* ActionError */.lZ.of('step-input-invalid', { input, value: quote(value) }) };
}
function findPlace(session) {
    const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '0', GITHUB_SERVER_URL: own = '' } = session.world.environment;
    const server = /^https:\/\/[\w.:-]+$/.test(own) ? own : session.server;
    const [owner = '', name = ''] = repository.split('/');
    if (name === '')
        throw action_error/* ActionError */.lZ.of('runner-files-unusable', { variable: 'GITHUB_REPOSITORY', detail: undefined });
    return { owner, name, runUrl: `${server}/${repository}/actions/runs/${run}` };
}
function requireToken({ quote }, { githubToken }, { owner, name }) {
    const fault = githubToken === '' ? 'no-token' : /^[\w.~+/-]+=*$/.test(githubToken) ? undefined : 'malformed';
    if (!fault)
        return;
    throw action_error/* ActionError */.lZ.of('commit-forbidden', { fault, repository: quote(`${owner}/${name}`), attempts: 1 });
}
async function fetchCard(session, inputs, subject) {
    const { credentials, limit, githubToken } = inputs;
    const { token, entity, repository } = subject;
    const { quote, world } = session;
    if (Number(limit) > LARGEST_CARD) {
        world.core.info(`Input 'limit' is ${limit}. Vaunt may cut off cards with more than ${LARGEST_CARD} contributors.`);
    }
    const limits = { ...LIMITS, bodyBytes: CARD_BYTES };
    return await withClient(session, async (client) => {
        const { body } = await askVaunt({
            client,
            vauntApiUrl: credentials.vauntApiUrl,
            path: `/v1/github/entities/${encodeURIComponent(entity)}/repositories/${encodeURIComponent(repository)}/contributors?format=svg&limit=${limit}`,
            bearer: token,
            absence: session.missingPatReason,
            accept: 'image/svg+xml',
            quote,
            asked: `the contributors card of ${quote(`${entity}/${repository}`)}`,
            entity,
            repository
        });
        requireSafeSvg(body, quote);
        requireNoSecret(body, [
            githubToken,
            token ?? '',
            credentials.credential.mode === 'mint' ? credentials.credential.pat : ''
        ]);
        return body.replace(/\r\n?/g, '\n');
    }, limits);
}
const LARGEST_CARD = 70;
function warnOfPublication({ world, quote }, { entity, repository }, here) {
    const isOwn = `${entity}/${repository}`.toLowerCase() === here.toLowerCase();
    if (isOwn || !isPublicRepository(world.environment, world.readFile))
        return;
    world.core.warning(`This repository is public, so anyone can see who contributes to ${quote(`${entity}/${repository}`)}. ` +
        'If that repository is private, commit its card to a private repository.');
}
async function publish(session, { inputs, place, subject, card, limits }) {
    const { world, quote } = session;
    const { githubToken, githubApiUrl } = inputs;
    const clientLimits = { ...LIMITS, bodyBytes: GITHUB_BYTES, actionMs: limits.totalMs };
    return await withClient(session, async (client) => {
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
    }, clientLimits);
}
async function findBranch(session, { branch: given, opensPullRequest, pullRequestBranch }, repository, { owner, name }) {
    const { environment, readFile } = session.world;
    const known = given || branchCheckedOut(session.world, `${owner}/${name}`) || defaultBranchIn(environment, readFile);
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
    setOutputs(session, files, [
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

;// CONCATENATED MODULE: ./src/actions/repositories-report.ts









async function runReport(world) {
    await runAction(world, async (session) => {
        const credentials = readCredentials(session);
        const files = openFiles(session, ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']);
        await inFolder(world.disk, 'vaunt-repositories-', async (folder) => {
            const { token, entity } = await getToken(session, credentials);
            const limits = { ...LIMITS, bodyBytes: PAGE_BYTES, actionMs: ALL_PAGES_MS };
            const source = { session, vauntApiUrl: credentials.vauntApiUrl, token, entity };
            const found = await withClient(session, client => fetchAll({ ...source, client }), limits);
            const repositories = found.filter(repository => property(repository, 'deleted') !== true);
            const deletedCount = found.length - repositories.length;
            repositories_report_report(session, files, `${folder}/repositories.json`, { entity, repositories, deletedCount });
        });
    });
}
const PAGE_LENGTH = 100;
const MAX_PAGES = 1000;
const MAX_CURSOR_LENGTH = 1024;
const PAGE_BYTES = 5 * 1_048_576;
const ALL_PAGES_BYTES = 50 * 1_048_576;
const ALL_PAGES_MS = 600_000;
const NO_DATA = 2;
async function fetchAll(source) {
    const repositories = new Map();
    const seen = new Set();
    let cursor = '';
    let bytes = 0;
    for (let number = 1; number <= MAX_PAGES; number++) {
        const page = await fetchPage(source, cursor, number);
        bytes += page.bytes;
        if (bytes > ALL_PAGES_BYTES)
            throw tooLarge(`all pages of the repositories of ${source.session.quote(source.entity)}`);
        const shown = withoutSecrets(page.repositories, source.session);
        for (const [index, { name }] of page.repositories.entries()) {
            const repository = shown[index];
            if (repository && !repositories.has(name.toLowerCase()))
                repositories.set(name.toLowerCase(), repository);
        }
        cursor = page.nextCursor;
        if (page.repositories.length === 0 || cursor === '')
            return [...repositories.values()];
        if (seen.has(cursor))
            throw repositories_report_unexpected(`page ${number} of the repositories, which leads back to an earlier page`);
        seen.add(cursor);
    }
    throw repositories_report_unexpected(`the repositories, of which there are more than ${MAX_PAGES} pages`);
}
function withoutSecrets(repositories, { redact }) {
    const texts = [];
    try {
        JSON.stringify(repositories, (name, value) => {
            texts.push(name);
            if (typeof value === 'string')
                texts.push(value);
            return value;
        });
    }
    catch {
        throw repositories_report_unexpected('the repositories, which are nested too deeply');
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
    const { status, json, body } = await askVaunt({
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
        return { repositories: [], nextCursor: '', bytes: 0 };
    if (json === undefined)
        throw repositories_report_unexpected(asked, 'not-json');
    const page = readPage(json);
    if (!page)
        throw repositories_report_unexpected(asked);
    return { ...page, bytes: Buffer.byteLength(body) };
}
function repositories_report_unexpected(asked, surprise = 'not-described') {
    return action_error/* ActionError */.lZ.of('vaunt-unexpected', { attempts: 1, asked, surprise, status: 200 });
}
function tooLarge(asked) {
    return action_error/* ActionError */.lZ.of('vaunt-unexpected', { attempts: 1, asked, surprise: 'too-large', limitBytes: ALL_PAGES_BYTES });
}
function readPage(json) {
    const data = property(json, 'data');
    if (data === undefined && property(property(json, 'error'), 'code') !== NO_DATA)
        return undefined;
    const repositories = data ?? [];
    const nextCursor = property(json, 'next_cursor') ?? property(property(json, 'meta_data'), 'next_cursor') ?? '';
    if (!Array.isArray(repositories) || !repositories.every(isRepository))
        return undefined;
    if (typeof nextCursor !== 'string' || nextCursor.length > MAX_CURSOR_LENGTH || !nextCursor.isWellFormed()) {
        return undefined;
    }
    return { repositories, nextCursor };
}
function isRepository(value) {
    return typeof property(value, 'name') === 'string';
}
function repositories_report_report(session, files, file, found) {
    const { entity, repositories, deletedCount } = found;
    const { core, disk, environment, readFile } = session.world;
    const count = repositories.length;
    const privateCount = repositories.filter(repository => property(repository, 'private') === true).length;
    files_writeFile(disk, file, renderJson(entity, repositories));
    const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_SERVER_URL: server = 'https://github.com' } = environment;
    files.write('GITHUB_STEP_SUMMARY', () => {
        disk.append(summary, render(found, server));
    });
    setOutputs(session, files, [
        ['count', String(count)],
        ['private-count', String(privateCount)],
        ['file', file]
    ]);
    core.info(`Vaunt lists ${counted(count)} of ${session.quote(entity)} (${privateCount} private).`);
    if (deletedCount > 0)
        core.info(leftOut(deletedCount));
    if (privateCount === 0 || !isPublicRepository(environment, readFile))
        return;
    core.warning(`This repository is public, so anyone can read the summary of this run, with the names of private repositories (${privateCount}). ` +
        'Create the report in a private repository.');
}
function leftOut(deletedCount) {
    const what = deletedCount === 1 ? '1 repository that Vaunt marks' : `${deletedCount} repositories that Vaunt marks`;
    return `The report leaves out ${what} as deleted.`;
}
function renderJson(entity, repositories) {
    const head = `"entity": ${JSON.stringify(entity)}, "count": ${repositories.length}`;
    const lines = repositories.map(repository => JSON.stringify(repository));
    return `{ ${head}, "repositories": [\n${lines.join(',\n')}\n] }\n`;
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
    const [isPrivate, language] = [property(repository, 'private'), property(repository, 'language')];
    return [
        repositories_report_link(server, entity, repository.name),
        isPrivate === true ? 'private' : isPrivate === false ? 'public' : '',
        typeof language === 'string' ? repositories_report_text(language) : '',
        ...['stars', 'forks', 'open_issues']
            .map(name => property(repository, name))
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
        .slice(0, 20 * MAX_CELL_LENGTH)
        .toWellFormed()
        .replace(/[\p{C}\p{Z}]+/gu, ' ')
        .trim();
    const characters = Array.from(visible);
    const clipped = characters.slice(0, MAX_CELL_LENGTH);
    if (clipped.length < characters.length)
        clipped.push('…');
    return clipped.map(sign => (/^[\p{L}\p{M}\p{N} …-]$/u.test(sign) ? sign : `&#${sign.codePointAt(0) ?? 0};`)).join('');
}

;// CONCATENATED MODULE: ./src/actions/token.ts






async function run(world) {
    await runAction(world, async (session) => {
        const inputs = readTokenInputs(session);
        const files = openOutputFiles(session, inputs);
        const token = inputs.mode === 'open' ? await openSealedToken(session, inputs) : await getNewToken(session, inputs);
        setTokenOutputs(session, files, token, inputs.exportEnv);
    });
}
function readTokenInputs(session) {
    const { core, environment } = session.world;
    const raw = readInputs(core.getInput, environment);
    maskInputs(session, raw);
    return checkInputs(raw, session.quote, session.missingPatReason);
}
function openOutputFiles(session, { exportEnv, sealKey }) {
    const files = openFiles(session, exportEnv === '' ? ['GITHUB_OUTPUT'] : ['GITHUB_OUTPUT', 'GITHUB_ENV']);
    if (sealKey)
        requireRunId(session.world);
    return files;
}
async function getNewToken(session, inputs) {
    return await withClient(session, async (client) => {
        const attestation = await attestPat(session, client, inputs);
        const token = await exchangePat(session, client, inputs, attestation);
        return { ...token, sealedToken: inputs.sealKey && (await sealToken(session, token, inputs.sealKey)) };
    });
}
function setTokenOutputs(session, files, token, exportEnv) {
    const { core, now } = session.world;
    if (exportEnv !== '')
        requireFit(exportEnv, token.token, session.quote);
    setOutputs(session, files, [
        ['token', token.token],
        ['expires-at', token.expiresAt?.toISOString()],
        ['entity', token.entity],
        ['entity-type', token.entityType],
        ['attested-by', token.attestedBy],
        ['pat-expires-at', token.patExpiresAt?.toISOString()],
        ['sealed-token', token.sealedToken]
    ]);
    if (exportEnv !== '') {
        files.write('GITHUB_ENV', () => {
            core.exportVariable(exportEnv, token.token);
        });
    }
    logExpiration({ ...session, core }, token, now());
}

;// CONCATENATED MODULE: ./src/start.ts











const ACTIONS = {
    'vaunt-token': run,
    'contributors-card': (world) => runCard(world),
    'repositories-report': (world) => runReport(world)
};
const environment = foldNames({ ...process.env }, process.platform);
const { RUNNER_TEMP: temporary = '' } = environment;
delete process.env['GITHUB_EVENT_PATH'];
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
const world = {
    core: { getInput: getInput, setSecret: core_setSecret, info: info, warning: warning, setFailed: setFailed, setOutput: setOutput, exportVariable: exportVariable },
    environment,
    nodeVersion: process.versions.node,
    now: Date.now,
    uptime: () => performance.now(),
    readFile: path => (0,external_node_fs_namespaceObject.readFileSync)(path, 'utf8'),
    files: { probe, cut: external_node_fs_namespaceObject.truncateSync },
    disk: {
        makeFolder: prefix => (0,external_node_fs_namespaceObject.mkdtempSync)((0,external_node_path_namespaceObject.join)(temporary === '' ? (0,external_node_os_namespaceObject.tmpdir)() : temporary, prefix)),
        write: external_node_fs_namespaceObject.writeFileSync,
        append: external_node_fs_namespaceObject.appendFileSync,
        remove: path => {
            (0,external_node_fs_namespaceObject.rmSync)(path, { recursive: true, force: true, maxRetries: 5 });
        }
    },
    createClient: createClient,
    createReader: createReader,
    loadSeal: () => Promise.all(/* import() */[__nccwpck_require__.e(473), __nccwpck_require__.e(429)]).then(__nccwpck_require__.bind(__nccwpck_require__, 429))
};
async function start(name) {
    await ACTIONS[name](world);
    process.stdout.write('', () => {
        end(Number(process.exitCode ?? 0));
    });
}
function probe(path) {
    const file = (0,external_node_fs_namespaceObject.openSync)(path, external_node_fs_namespaceObject.constants.O_WRONLY | external_node_fs_namespaceObject.constants.O_APPEND | external_node_fs_namespaceObject.constants.O_NONBLOCK);
    try {
        const status = (0,external_node_fs_namespaceObject.fstatSync)(file);
        if (status.isFIFO())
            throw Object.assign(new Error('a pipe'), { code: 'ESPIPE' });
        (0,external_node_fs_namespaceObject.writeSync)(file, '\n');
        if (status.isFile())
            (0,external_node_fs_namespaceObject.ftruncateSync)(file, status.size);
        return status.size;
    }
    finally {
        (0,external_node_fs_namespaceObject.closeSync)(file);
    }
}
process.on('uncaughtException', thrown => {
    if (process.exitCode === undefined)
        reportCrash(world, thrown);
    end(1);
});
function end(exitCode) {
    if (process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) {
        const { LD_LIBRARY_PATH } = process.env;
        const environment = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH };
        process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], environment);
    }
    process.exit(exitCode);
}

var __webpack_exports__start = __webpack_exports__.n;
export { __webpack_exports__start as start };
