import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ // The require scope
/******/ var __nccwpck_require__ = {};
/******/ 
/************************************************************************/
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
/************************************************************************/
var __webpack_exports__ = {};

// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  n: () => (/* binding */ start)
});

// NAMESPACE OBJECT: ./src/vaunt/seal.ts
var seal_namespaceObject = {};
__nccwpck_require__.r(seal_namespaceObject);
__nccwpck_require__.d(seal_namespaceObject, {
  open: () => (seal_open),
  seal: () => (seal)
});

;// CONCATENATED MODULE: ./src/process-environment.ts
const processEnvironment = { ...process.env };
delete process.env['GITHUB_EVENT_PATH'];
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
;// CONCATENATED MODULE: external "node:os"
const external_node_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");
;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
;// CONCATENATED MODULE: external "os"
const external_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");
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
    process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
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
;// CONCATENATED MODULE: external "fs"
const external_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/file-command.js
// For internal use, subject to change.
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */




function file_command_issueFileCommand(command, message) {
    const filePath = process.env[`GITHUB_${command}`];
    if (!filePath) {
        throw new Error(`Unable to find environment variable for file command ${command}`);
    }
    if (!external_fs_namespaceObject.existsSync(filePath)) {
        throw new Error(`Missing file at path: ${filePath}`);
    }
    external_fs_namespaceObject.appendFileSync(filePath, `${utils_toCommandValue(message)}${external_os_namespaceObject.EOL}`, {
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
    return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
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


const { access, appendFile, writeFile } = external_fs_namespaceObject.promises;
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
                yield access(pathFromEnv, external_fs_namespaceObject.constants.R_OK | external_fs_namespaceObject.constants.W_OK);
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
        return this.addRaw(external_os_namespaceObject.EOL);
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
const platform = external_os_namespaceObject.platform();
const arch = external_os_namespaceObject.arch();
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
    process.stdout.write(external_os_namespaceObject.EOL);
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
    process.stdout.write(message + external_os_namespaceObject.EOL);
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
;// CONCATENATED MODULE: ./node_modules/@actions/github/lib/context.js


class Context {
    /**
     * Hydrate the context from the environment
     */
    constructor() {
        var _a, _b, _c;
        this.payload = {};
        if (process.env.GITHUB_EVENT_PATH) {
            if ((0,external_fs_namespaceObject.existsSync)(process.env.GITHUB_EVENT_PATH)) {
                this.payload = JSON.parse((0,external_fs_namespaceObject.readFileSync)(process.env.GITHUB_EVENT_PATH, { encoding: 'utf8' }));
            }
            else {
                const path = process.env.GITHUB_EVENT_PATH;
                process.stdout.write(`GITHUB_EVENT_PATH ${path} does not exist${external_os_namespaceObject.EOL}`);
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
//# sourceMappingURL=context.js.map
;// CONCATENATED MODULE: ./build/unused-modules/actions-http-client.js
// Replaces @actions/http-client. @actions/core requests OIDC tokens with it, which nobody asks for.

class actions_http_client_HttpClient {
  // @actions/github calls both once, while it loads, to build defaults that every client of ours overrides.
  getAgent() {
    return undefined
  }

  getAgentDispatcher() {
    return undefined
  }

  getJson() {
    throw new Error('replaced in the bundle: HttpClient.getJson() is never called')
  }
}

;// CONCATENATED MODULE: ./build/unused-modules/undici.js
// Replaces undici. @actions/github takes its fetch for requests without a fetch of their own; ours always have one.

function fetch() {
  throw new Error('replaced in the bundle: undici.fetch() is never called')
}

;// CONCATENATED MODULE: ./node_modules/@actions/github/lib/internal/utils.js
var utils_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
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
    const hc = new actions_http_client_HttpClient();
    return hc.getAgent(destinationUrl);
}
function getProxyAgentDispatcher(destinationUrl) {
    const hc = new actions_http_client_HttpClient();
    return hc.getAgentDispatcher(destinationUrl);
}
function getProxyFetch(destinationUrl) {
    const httpDispatcher = getProxyAgentDispatcher(destinationUrl);
    const proxyFetch = (url, opts) => utils_awaiter(this, void 0, void 0, function* () {
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
//# sourceMappingURL=utils.js.map
;// CONCATENATED MODULE: ./node_modules/universal-user-agent/index.js
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

;// CONCATENATED MODULE: ./node_modules/before-after-hook/lib/register.js
// @ts-check

function register(state, name, method, options) {
  if (typeof method !== "function") {
    throw new Error("method for before hook must be a function");
  }

  if (!options) {
    options = {};
  }

  if (Array.isArray(name)) {
    return name.reverse().reduce((callback, name) => {
      return register.bind(null, state, name, callback, options);
    }, method)();
  }

  return Promise.resolve().then(() => {
    if (!state.registry[name]) {
      return method(options);
    }

    return state.registry[name].reduce((method, registered) => {
      return registered.hook.bind(null, method, options);
    }, method)();
  });
}

;// CONCATENATED MODULE: ./node_modules/before-after-hook/lib/add.js
// @ts-check

function addHook(state, kind, name, hook) {
  const orig = hook;
  if (!state.registry[name]) {
    state.registry[name] = [];
  }

  if (kind === "before") {
    hook = (method, options) => {
      return Promise.resolve()
        .then(orig.bind(null, options))
        .then(method.bind(null, options));
    };
  }

  if (kind === "after") {
    hook = (method, options) => {
      let result;
      return Promise.resolve()
        .then(method.bind(null, options))
        .then((result_) => {
          result = result_;
          return orig(result, options);
        })
        .then(() => {
          return result;
        });
    };
  }

  if (kind === "error") {
    hook = (method, options) => {
      return Promise.resolve()
        .then(method.bind(null, options))
        .catch((error) => {
          return orig(error, options);
        });
    };
  }

  state.registry[name].push({
    hook: hook,
    orig: orig,
  });
}

;// CONCATENATED MODULE: ./node_modules/before-after-hook/lib/remove.js
// @ts-check

function removeHook(state, name, method) {
  if (!state.registry[name]) {
    return;
  }

  const index = state.registry[name]
    .map((registered) => {
      return registered.orig;
    })
    .indexOf(method);

  if (index === -1) {
    return;
  }

  state.registry[name].splice(index, 1);
}

;// CONCATENATED MODULE: ./node_modules/before-after-hook/index.js
// @ts-check





// bind with array of arguments: https://stackoverflow.com/a/21792913
const bind = Function.bind;
const bindable = bind.bind(bind);

function bindApi(hook, state, name) {
  const removeHookRef = bindable(removeHook, null).apply(
    null,
    name ? [state, name] : [state]
  );
  hook.api = { remove: removeHookRef };
  hook.remove = removeHookRef;
  ["before", "error", "after", "wrap"].forEach((kind) => {
    const args = name ? [state, kind, name] : [state, kind];
    hook[kind] = hook.api[kind] = bindable(addHook, null).apply(null, args);
  });
}

function Singular() {
  const singularHookName = Symbol("Singular");
  const singularHookState = {
    registry: {},
  };
  const singularHook = register.bind(null, singularHookState, singularHookName);
  bindApi(singularHook, singularHookState, singularHookName);
  return singularHook;
}

function Collection() {
  const state = {
    registry: {},
  };

  const hook = register.bind(null, state);
  bindApi(hook, state);

  return hook;
}

/* harmony default export */ const before_after_hook = ({ Singular, Collection });

;// CONCATENATED MODULE: ./node_modules/@octokit/endpoint/dist-bundle/index.js
// pkg/dist-src/defaults.js


// pkg/dist-src/version.js
var VERSION = "0.0.0-development";

// pkg/dist-src/defaults.js
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

// pkg/dist-src/util/lowercase-keys.js
function lowercaseKeys(object) {
  if (!object) {
    return {};
  }
  return Object.keys(object).reduce((newObj, key) => {
    newObj[key.toLowerCase()] = object[key];
    return newObj;
  }, {});
}

// pkg/dist-src/util/is-plain-object.js
function isPlainObject(value) {
  if (typeof value !== "object" || value === null) return false;
  if (Object.prototype.toString.call(value) !== "[object Object]") return false;
  const proto = Object.getPrototypeOf(value);
  if (proto === null) return true;
  const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
  return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}

// pkg/dist-src/util/merge-deep.js
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

// pkg/dist-src/util/remove-undefined-properties.js
function removeUndefinedProperties(obj) {
  for (const key in obj) {
    if (obj[key] === void 0) {
      delete obj[key];
    }
  }
  return obj;
}

// pkg/dist-src/merge.js
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

// pkg/dist-src/util/add-query-parameters.js
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

// pkg/dist-src/util/extract-url-variable-names.js
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

// pkg/dist-src/util/omit.js
function omit(object, keysToOmit) {
  const result = { __proto__: null };
  for (const key of Object.keys(object)) {
    if (keysToOmit.indexOf(key) === -1) {
      result[key] = object[key];
    }
  }
  return result;
}

// pkg/dist-src/util/url-template.js
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

// pkg/dist-src/parse.js
function parse(options) {
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

// pkg/dist-src/endpoint-with-defaults.js
function endpointWithDefaults(defaults, route, options) {
  return parse(merge(defaults, route, options));
}

// pkg/dist-src/with-defaults.js
function withDefaults(oldDefaults, newDefaults) {
  const DEFAULTS2 = merge(oldDefaults, newDefaults);
  const endpoint2 = endpointWithDefaults.bind(null, DEFAULTS2);
  return Object.assign(endpoint2, {
    DEFAULTS: DEFAULTS2,
    defaults: withDefaults.bind(null, DEFAULTS2),
    merge: merge.bind(null, DEFAULTS2),
    parse
  });
}

// pkg/dist-src/index.js
var endpoint = withDefaults(null, DEFAULTS);


;// CONCATENATED MODULE: ./node_modules/content-type/dist/index.js
/*!
 * content-type
 * Copyright(c) 2015 Douglas Christopher Wilson
 * MIT Licensed
 */
const SP = 32; // " "
const HTAB = 9; // "\t"
const SEMI = 59; // ";"
const EQ = 61; // "="
const DQUOTE = 34; // '"'
const BSLASH = 92; // "\\"
const COMMA = 44; // ","
const LOWER_CASE = 1;
const OWS = 2;
const SEMI_FLAG = 4;
const COMMA_FLAG = 8;
const TOKEN_FLAG = 16;
const NON_ASCII = 0xff00;
const CASE_FLAGS = LOWER_CASE | NON_ASCII;
/**
 * Character flags used to normalize HTTP field values while scanning.
 * Out-of-range reads intentionally coerce to zero in bitwise expressions.
 */
const CHAR_MAP = new Uint8Array(0x100);
CHAR_MAP[HTAB] |= OWS;
CHAR_MAP[SP] |= OWS;
CHAR_MAP[SEMI] |= SEMI_FLAG;
CHAR_MAP[COMMA] |= COMMA_FLAG;
for (let code = 0x80 /* non-ASCII */; code <= 0xff; code++) {
    CHAR_MAP[code] |= LOWER_CASE;
}
for (const char of "!#$%&'*+-.^_`|~") {
    CHAR_MAP[char.charCodeAt(0)] |= TOKEN_FLAG;
}
for (let code = 0x30 /* 0 */; code <= 0x39 /* 9 */; code++) {
    CHAR_MAP[code] |= TOKEN_FLAG;
}
for (let code = 0x41 /* A */; code <= 0x5a /* Z */; code++) {
    CHAR_MAP[code] |= LOWER_CASE | TOKEN_FLAG;
}
for (let code = 0x61 /* a */; code <= 0x7a /* z */; code++) {
    CHAR_MAP[code] |= TOKEN_FLAG;
}
/**
 * Null object perf optimization. Faster than `Object.create(null)` and `{ __proto__: null }`.
 */
const NullObject = /* @__PURE__ */ (() => {
    const C = function () { };
    C.prototype = Object.create(null);
    return C;
})();
/**
 * Validate a type string against RFC 9110.
 */
function isTypeValid(type, start = 0, end = type.length) {
    let hasSlash = false;
    for (let index = start; index < end; index++) {
        const code = type.charCodeAt(index);
        if (code === 47 /* / */) {
            if (hasSlash || index === start || index >= end - 1)
                return false;
            hasSlash = true;
        }
        else if (!isTokenCode(code)) {
            return false;
        }
    }
    return hasSlash;
}
/**
 * Validate a token against RFC 9110.
 */
function isTokenValid(token, start = 0, end = token.length) {
    if (start >= end)
        return false;
    for (let index = start; index < end; index++) {
        if (!isTokenCode(token.charCodeAt(index)))
            return false;
    }
    return true;
}
/**
 * Check whether a character code belongs to the token production in RFC 9110.
 */
function isTokenCode(code) {
    return (CHAR_MAP[code] & TOKEN_FLAG) !== 0;
}
/**
 * Serialize a parameter value.
 */
function parameterValue(str) {
    const len = str.length;
    if (len === 0)
        return '""';
    let index = 0;
    while (index < len && isTokenCode(str.charCodeAt(index)))
        index++;
    if (index === len)
        return str;
    let result = '"';
    let start = 0;
    while (index < len) {
        const code = str.charCodeAt(index);
        if (code !== HTAB && (code < SP || code === 127 || code > 255)) {
            throw new TypeError(`Invalid parameter value: ${str}`);
        }
        if (code === 34 /* " */ || code === 92 /* \\ */) {
            result += `${str.slice(start, index)}\\`;
            start = index;
        }
        index++;
    }
    return `${result}${str.slice(start)}"`;
}
/**
 * Format an object into a `Content-Type` header.
 */
function format(obj) {
    const { type, parameters } = obj;
    if (!type || !isTypeValid(type)) {
        throw new TypeError(`Invalid type: ${type}`);
    }
    let result = type;
    if (parameters) {
        for (const param of Object.keys(parameters)) {
            if (!isTokenValid(param)) {
                throw new TypeError(`Invalid parameter name: ${param}`);
            }
            result += `; ${param}=${parameterValue(parameters[param])}`;
        }
    }
    return result;
}
/**
 * Parse a `Content-Type` header.
 */
function dist_parse(header, options) {
    const stopFlags = SEMI_FLAG | (options?.comma === true ? COMMA_FLAG : 0);
    const len = header.length;
    let valueStart = options?.start ?? 0;
    while ((CHAR_MAP[header.charCodeAt(valueStart)] & OWS) !== 0) {
        valueStart++;
    }
    let index = valueStart;
    let typeFlags = 0;
    let whitespace = -1;
    let stop = options?.parameters === false ? COMMA_FLAG : 0;
    while (index < len) {
        const code = header.charCodeAt(index);
        const flags = CHAR_MAP[code];
        if ((flags & stopFlags) !== 0) {
            stop |= flags & COMMA_FLAG;
            break;
        }
        if ((flags & OWS) !== 0) {
            if (whitespace === -1)
                whitespace = index;
        }
        else {
            whitespace = -1;
        }
        typeFlags |= (code & NON_ASCII) | flags;
        index++;
    }
    const valueEnd = whitespace === -1 ? index : whitespace;
    const value = header.slice(valueStart, valueEnd);
    const type = (typeFlags & CASE_FLAGS) === 0 ? value : value.toLowerCase();
    if (index === len || stop !== 0) {
        return { type, index, parameters: new NullObject() };
    }
    return parseParameters(header, type, index, len, stopFlags);
}
/**
 * Parses the parameters of a `Content-Type` header starting at the given index.
 */
function parseParameters(header, type, index, len, stopFlags) {
    const parameters = new NullObject();
    parameter: while (index < len) {
        index++; // Skip over ;
        while ((CHAR_MAP[header.charCodeAt(index)] & OWS) !== 0) {
            index++;
        }
        const keyStart = index;
        let keyFlags = 0;
        let keyWhitespace = -1;
        while (index < len) {
            const code = header.charCodeAt(index);
            const flags = CHAR_MAP[code];
            if ((flags & stopFlags) !== 0) {
                if ((flags & COMMA_FLAG) !== 0)
                    break parameter;
                continue parameter;
            }
            if (code === EQ) {
                const keyEnd = keyWhitespace === -1 ? index : keyWhitespace;
                const value = header.slice(keyStart, keyEnd);
                const key = (keyFlags & CASE_FLAGS) === 0 ? value : value.toLowerCase();
                index++;
                while ((CHAR_MAP[header.charCodeAt(index)] & OWS) !== 0) {
                    index++;
                }
                if (index < len && header.charCodeAt(index) === DQUOTE) {
                    const quotedStart = ++index;
                    let escaped = false;
                    while (index < len) {
                        const code = header.charCodeAt(index);
                        if (code === DQUOTE) {
                            if (parameters[key] === undefined) {
                                parameters[key] = escaped
                                    ? unescapeQuotedPairs(header, quotedStart, index)
                                    : header.slice(quotedStart, index);
                            }
                            index++;
                            let stop = 0;
                            // Discard characters between quote and delimiter.
                            while (index < len) {
                                const code = header.charCodeAt(index);
                                const flags = CHAR_MAP[code];
                                if ((flags & stopFlags) !== 0) {
                                    stop = flags & COMMA_FLAG;
                                    break;
                                }
                                index++;
                            }
                            if (stop !== 0)
                                break parameter;
                            continue parameter;
                        }
                        if (code === BSLASH && index + 1 < len) {
                            escaped = true;
                            index += 2;
                            continue;
                        }
                        index++;
                    }
                    continue parameter;
                }
                const valueStart = index;
                let stop = 0;
                let valueWhitespace = -1;
                while (index < len) {
                    const code = header.charCodeAt(index);
                    const flags = CHAR_MAP[code];
                    if ((flags & stopFlags) !== 0) {
                        stop = flags & COMMA_FLAG;
                        break;
                    }
                    if ((flags & OWS) !== 0) {
                        if (valueWhitespace === -1)
                            valueWhitespace = index;
                    }
                    else {
                        valueWhitespace = -1;
                    }
                    index++;
                }
                if (parameters[key] === undefined) {
                    const valueEnd = valueWhitespace === -1 ? index : valueWhitespace;
                    parameters[key] = header.slice(valueStart, valueEnd);
                }
                if (stop !== 0)
                    break parameter;
                continue parameter;
            }
            if ((flags & OWS) !== 0) {
                if (keyWhitespace === -1)
                    keyWhitespace = index;
            }
            else {
                keyWhitespace = -1;
            }
            keyFlags |= (code & NON_ASCII) | flags;
            index++;
        }
    }
    return { type, index, parameters };
}
/**
 * Remove backslashes from quoted pairs in a known-terminated quoted string body.
 */
function unescapeQuotedPairs(str, start, end) {
    let result = "";
    for (let index = start; index < end; index++) {
        if (str.charCodeAt(index) === BSLASH) {
            result += str.slice(start, index);
            start = ++index;
        }
    }
    return result + str.slice(start, end);
}
//# sourceMappingURL=index.js.map
;// CONCATENATED MODULE: ./node_modules/json-with-bigint/json-with-bigint.js
const intRegex = /^-?\d+$/;
const noiseValue = /^-?\d+n+$/; // Noise - strings that match the custom format before being converted to it
const originalStringify = JSON.stringify;
const originalParse = JSON.parse;
const customFormat = /^-?\d+n$/;

const bigIntsStringify = /([\[:])?"(-?\d+)n"($|\s*[,\}\]])/g;
const noiseStringify = /([\[:])?("-?\d+n+)n("$|"\s*[,\}\]])/g;

/**
 * @typedef {(this: any, key: string | number | undefined, value: any) => any} Replacer
 * @typedef {(key: string | number | undefined, value: any, context?: { source: string }) => any} Reviver
 */

/**
 * Checks if a value is unstringifiable according to native JSON.stringify rules.
 *
 * @param {any} val The value to check.
 * @returns {boolean} True if the value is undefined, a function, or a symbol.
 */
const isUnstringifiable = (val) =>
  val === undefined || typeof val === "function" || typeof val === "symbol";

/**
 * Checks if a value is a native JSON.rawJSON object (Node.js 22+).
 *
 * @param {any} val The value to check.
 * @returns {boolean} True if the value is a RawJSON instance.
 */
const isRawJSON = (val) =>
  val !== null &&
  typeof val === "object" &&
  val.constructor &&
  val.constructor.name === "RawJSON";

/**
 * Iteratively converts a JS value to a JSON string.
 * Used as a fallback when the native JSON.stringify hits the Maximum Call Stack size.
 * Fully compliant with JSON formatting (space), replacers, and toJSON behaviors.
 *
 * @param {any} rootValue The value to stringify.
 * @param {Replacer | Array<string | number> | null} [replacer] User's custom replacer function.
 * @param {string | number} [spaceParam] Indentation for pretty-printing.
 * @returns {string | undefined} The generated JSON string.
 */
const stringifyIteratively = (rootValue, replacer, spaceParam) => {
  let space = "";

  if (typeof spaceParam === "number") {
    space = " ".repeat(Math.min(10, Math.max(0, Math.floor(spaceParam))));
  } else if (typeof spaceParam === "string") {
    space = spaceParam.slice(0, 10);
  }

  const isFunctionReplacer = typeof replacer === "function";
  const propertyList = Array.isArray(replacer)
    ? new Set(replacer.map(String))
    : null;

  /**
   * Prepares a value for stringification by resolving toJSON, handling BigInts,
   * applying custom replacers, and unwrapping primitive objects.
   *
   * @param {object|Array} parent The parent object or array holding the value.
   * @param {string} key The key associated with the value.
   * @param {any} val The raw value to process.
   * @returns {any} The processed value ready for stringification.
   */
  const prepareVal = (parent, key, val) => {
    const isObject = val !== null && typeof val === "object";
    const hasToJSON = isObject && typeof val.toJSON === "function";

    if (hasToJSON) {
      val = val.toJSON(key);
    }

    const isNoise = typeof val === "string" && noiseValue.test(val);

    if (isNoise) return val + "n";

    const isBigInt = typeof val === "bigint";

    if (isBigInt) {
      const supportsRawJSON = "rawJSON" in JSON;

      if (supportsRawJSON) return JSON.rawJSON(val.toString());

      return val.toString() + "n";
    }

    if (isFunctionReplacer) {
      val = replacer.call(parent, key, val);
    }

    const isPostReplacerObject = val !== null && typeof val === "object";

    if (isPostReplacerObject) {
      const isPrimitiveWrapper =
        val instanceof Number ||
        val instanceof String ||
        val instanceof Boolean;

      if (isPrimitiveWrapper) {
        val = val.valueOf();
      }
    }

    return val;
  };

  const rootProcessed = prepareVal({ "": rootValue }, "", rootValue);

  if (isUnstringifiable(rootProcessed)) {
    return undefined;
  }

  const isRootPrimitive =
    rootProcessed === null || typeof rootProcessed !== "object";
  const isRootNativeRawJSON = isRawJSON(rootProcessed);

  if (isRootPrimitive || isRootNativeRawJSON) {
    return originalStringify(rootProcessed);
  }

  const chunks = [];
  let level = 0;

  const stack = [
    {
      parent: { "": rootProcessed },
      key: "",
      val: rootProcessed,
      isArray: Array.isArray(rootProcessed),
      keys: Array.isArray(rootProcessed) ? null : Object.keys(rootProcessed),
      index: 0,
      first: true,
    },
  ];

  const visited = new WeakSet([rootProcessed]);

  while (stack.length > 0) {
    const node = stack[stack.length - 1];

    if (node.index === 0) {
      chunks.push(node.isArray ? "[" : "{");
      level++;
    }

    let isDone = false;

    if (node.isArray) {
      if (node.index < node.val.length) {
        if (!node.first) chunks.push(",");

        if (space) chunks.push("\n" + space.repeat(level));

        const childRaw = node.val[node.index];
        const childVal = prepareVal(node.val, String(node.index), childRaw);

        if (isUnstringifiable(childVal)) {
          chunks.push("null");
          node.first = false;
          node.index++;
        } else {
          const isComplexObject =
            childVal !== null && typeof childVal === "object";
          const isNativeRaw = isRawJSON(childVal);

          if (isComplexObject && !isNativeRaw) {
            if (visited.has(childVal)) {
              throw new TypeError("Converting circular structure to JSON");
            }

            visited.add(childVal);

            stack.push({
              parent: node.val,
              key: String(node.index),
              val: childVal,
              isArray: Array.isArray(childVal),
              keys: Array.isArray(childVal) ? null : Object.keys(childVal),
              index: 0,
              first: true,
            });

            node.first = false;
            node.index++;
          } else {
            chunks.push(originalStringify(childVal));
            node.first = false;
            node.index++;
          }
        }
      } else {
        isDone = true;
      }
    } else {
      while (node.index < node.keys.length) {
        const k = node.keys[node.index++];

        const isFilteredOutByArray = propertyList && !propertyList.has(k);

        if (isFilteredOutByArray) continue;

        const childRaw = node.val[k];
        const childVal = prepareVal(node.val, k, childRaw);

        if (isUnstringifiable(childVal)) continue;

        if (!node.first) chunks.push(",");

        if (space) {
          chunks.push("\n" + space.repeat(level) + originalStringify(k) + ": ");
        } else {
          chunks.push(originalStringify(k) + ":");
        }

        const isComplexObject =
          childVal !== null && typeof childVal === "object";
        const isNativeRaw = isRawJSON(childVal);

        if (isComplexObject && !isNativeRaw) {
          if (visited.has(childVal)) {
            throw new TypeError("Converting circular structure to JSON");
          }

          visited.add(childVal);

          stack.push({
            parent: node.val,
            key: k,
            val: childVal,
            isArray: Array.isArray(childVal),
            keys: Array.isArray(childVal) ? null : Object.keys(childVal),
            index: 0,
            first: true,
          });

          node.first = false;

          break; // Stop current loop level to process the newly pushed stack node
        } else {
          chunks.push(originalStringify(childVal));
          node.first = false;
        }
      }

      const isNodeFullyProcessed =
        node.index >= node.keys.length && stack[stack.length - 1] === node;

      if (isNodeFullyProcessed) {
        isDone = true;
      }
    }

    if (isDone) {
      level--;

      if (!node.first && space) chunks.push("\n" + space.repeat(level));

      chunks.push(node.isArray ? "]" : "}");
      visited.delete(node.val);
      stack.pop();
    }
  }

  return chunks.join("");
};

/**
 * Converts a JavaScript value to a JSON string.
 *
 * Supports serialization of BigInt values using two strategies:
 * 1. Custom format "123n" → "123" (universal fallback)
 * 2. Native JSON.rawJSON() (Node.js 22+, fastest) when available
 *
 * All other values are serialized exactly like native JSON.stringify().
 *
 * @param {*} value The value to convert to a JSON string.
 * @param {Replacer | Array<string | number> | null} [replacer]
 * A function that alters the behavior of the stringification process,
 * or an array of strings/numbers to indicate properties to exclude.
 * @param {string | number} [space]
 * A string or number to specify indentation or pretty-printing.
 * @returns {string} The JSON string representation.
 */
const JSONStringify = (value, replacer, space) => {
  try {
    const supportsRawJSON = "rawJSON" in JSON;

    if (supportsRawJSON) {
      return originalStringify(
        value,
        (key, val) => {
          if (typeof val === "bigint") return JSON.rawJSON(val.toString());

          const hasFunctionReplacer = typeof replacer === "function";

          if (hasFunctionReplacer) return replacer(key, val);

          const isKeyInArrayReplacer =
            Array.isArray(replacer) && replacer.includes(key);

          if (isKeyInArrayReplacer) return val;

          return val;
        },
        space,
      );
    }

    if (!value) return originalStringify(value, replacer, space);

    const convertedToCustomJSON = originalStringify(
      value,
      (key, val) => {
        const isNoise = typeof val === "string" && noiseValue.test(val);

        if (isNoise) return val.toString() + "n"; // Mark noise values with additional "n" to offset the deletion of one "n" during the processing

        if (typeof val === "bigint") return val.toString() + "n";

        const hasFunctionReplacer = typeof replacer === "function";

        if (hasFunctionReplacer) return replacer(key, val);

        const isKeyInArrayReplacer =
          Array.isArray(replacer) && replacer.includes(key);

        if (isKeyInArrayReplacer) return val;

        return val;
      },
      space,
    );

    const processedJSON = convertedToCustomJSON.replace(
      bigIntsStringify,
      "$1$2$3",
    ); // Delete one "n" off the end of every BigInt value

    const denoisedJSON = processedJSON.replace(noiseStringify, "$1$2$3"); // Remove one "n" off the end of every noisy string

    return denoisedJSON;
  } catch (error) {
    if (error instanceof RangeError) {
      const convertedJSON = stringifyIteratively(value, replacer, space);

      if (convertedJSON === undefined) return undefined;

      const supportsRawJSON = "rawJSON" in JSON;

      if (supportsRawJSON) return convertedJSON;

      const processedJSON = convertedJSON.replace(bigIntsStringify, "$1$2$3");

      return processedJSON.replace(noiseStringify, "$1$2$3");
    }

    throw error;
  }
};

const featureCache = new Map();

/**
 * Detects if the current JSON.parse implementation supports the context.source feature.
 *
 * Uses toString() fingerprinting to cache results and automatically detect runtime
 * replacements of JSON.parse (polyfills, mocks, etc.).
 *
 * @returns {boolean} true if context.source is supported, false otherwise.
 */
const isContextSourceSupported = () => {
  const parseFingerprint = JSON.parse.toString();

  if (featureCache.has(parseFingerprint)) {
    return featureCache.get(parseFingerprint);
  }

  try {
    const result = JSON.parse(
      "1",
      (_, __, context) => !!context?.source && context.source === "1",
    );
    featureCache.set(parseFingerprint, result);

    return result;
  } catch {
    featureCache.set(parseFingerprint, false);

    return false;
  }
};

/**
 * Reviver function that converts custom-format BigInt strings back to BigInt values.
 * Also handles "noise" strings that accidentally match the BigInt format.
 *
 * @param {string | number | undefined} key The object key.
 * @param {*} value The value being parsed.
 * @param {object} [context] Parse context (if supported by JSON.parse).
 * @param {Reviver} [userReviver] User's custom reviver function.
 * @returns {any} The transformed value.
 */
const convertMarkedBigIntsReviver = (key, value, context, userReviver) => {
  const isCustomFormatBigInt =
    typeof value === "string" && customFormat.test(value);

  if (isCustomFormatBigInt) return BigInt(value.slice(0, -1));

  const isNoiseValue = typeof value === "string" && noiseValue.test(value);
  if (isNoiseValue) return value.slice(0, -1);

  const hasUserReviver = typeof userReviver === "function";

  if (!hasUserReviver) return value;

  return userReviver(key, value, context);
};

/**
 * Fast JSON.parse implementation (~2x faster than classic fallback).
 * Uses JSON.parse's context.source feature to detect integers and convert
 * large numbers directly to BigInt without string manipulation.
 *
 * Does not support legacy custom format from v1 of this library.
 *
 * @param {string} text JSON string to parse.
 * @param {Reviver} [reviver] Transform function to apply to each value.
 * @returns {any} Parsed JavaScript value.
 */
const JSONParseV2 = (text, reviver) => {
  return JSON.parse(text, (key, value, context) => {
    const isNumber = typeof value === "number";
    const isOutOfBounds =
      value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
    const isBigNumber = isNumber && isOutOfBounds;
    const isInt = context && intRegex.test(context.source);
    const isBigInt = isBigNumber && isInt;

    if (isBigInt) return BigInt(context.source);

    const hasCustomReviver = typeof reviver === "function";

    if (!hasCustomReviver) return value;

    return reviver(key, value, context);
  });
};

const MAX_INT = Number.MAX_SAFE_INTEGER.toString();
const MAX_DIGITS = MAX_INT.length;
const stringsOrLargeNumbers =
  /"(?:[^"\\]|\\.)*"|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/g;
const noiseValueWithQuotes = /^"-?\d+n+"$/; // Noise - strings that match the custom format before being converted to it

/**
 * Iteratively traverses the parsed object bottom-up (post-order),
 * emulating the native JSON.parse reviver behavior.
 * This avoids Call Stack overflows (RangeError) on deeply nested structures.
 *
 * @param {any} parsed The natively parsed JSON object.
 * @param {Reviver} [userReviver] User's custom reviver function.
 * @returns {any} The fully processed object.
 */
const applyReviverIteratively = (parsed, userReviver) => {
  const rootHolder = { "": parsed };
  const stack = [{ parent: rootHolder, key: "", visited: false }];

  while (stack.length > 0) {
    const node = stack[stack.length - 1];

    if (!node.visited) {
      node.visited = true;

      const value = node.parent[node.key];
      const isComplexObject = value !== null && typeof value === "object";

      if (isComplexObject) {
        const keys = Object.keys(value);

        for (let i = keys.length - 1; i >= 0; i--) {
          stack.push({ parent: value, key: keys[i], visited: false });
        }
      }
    } else {
      const { parent, key } = node;
      let value = parent[key];

      if (typeof value === "string") {
        const isCustomFormatBigInt = customFormat.test(value);

        if (isCustomFormatBigInt) {
          value = BigInt(value.slice(0, -1));
        } else {
          const isNoise = noiseValue.test(value);

          if (isNoise) value = value.slice(0, -1);
        }
      }

      const hasUserReviver = typeof userReviver === "function";

      if (hasUserReviver) {
        value = userReviver.call(parent, key, value);
      }

      const isDeleted = value === undefined;

      if (isDeleted) {
        delete parent[key];
      } else {
        parent[key] = value;
      }

      stack.pop();
    }
  }

  return rootHolder[""];
};

/**
 * Pre-processes the JSON string to mark large numbers with an 'n' suffix.
 *
 * @param {string} text The raw JSON string.
 * @returns {string} The serialized string with marked BigInts.
 */
const serializeBigInts = (text) => {
  return text.replace(
    stringsOrLargeNumbers,
    (match, digits, fractional, exponential) => {
      const isString = match[0] === '"';
      const isNoise = isString && noiseValueWithQuotes.test(match);

      if (isNoise) return match.substring(0, match.length - 1) + 'n"'; // Mark noise values with additional "n" to offset the deletion of one "n" during the processing

      const hasFractionalOrExponential = fractional || exponential;

      // With a fixed number of digits, we can correctly use lexicographical comparison to do a numeric comparison
      const isLessThanMaxSafeInt =
        digits &&
        (digits.length < MAX_DIGITS ||
          (digits.length === MAX_DIGITS && digits <= MAX_INT));

      const isStandardValue =
        isString || hasFractionalOrExponential || isLessThanMaxSafeInt;

      if (isStandardValue) return match;

      return '"' + match + 'n"';
    },
  );
};

/**
 * Converts a JSON string into a JavaScript value.
 *
 * Supports parsing of large integers using two strategies:
 * 1. Classic fallback: Marks large numbers with "123n" format, then converts to BigInt
 * 2. Fast path (JSONParseV2): Uses context.source feature (~2x faster) when available
 *
 * All other JSON values are parsed exactly like native JSON.parse().
 *
 * @param {string} text A valid JSON string.
 * @param {Reviver} [reviver]
 * A function that transforms the results. This function is called for each member
 * of the object. If a member contains nested objects, the nested objects are
 * transformed before the parent object is.
 * @returns {any} The parsed JavaScript value.
 * @throws {SyntaxError} If text is not valid JSON.
 */
const JSONParse = (text, reviver) => {
  if (!text) return originalParse(text, reviver);

  try {
    if (isContextSourceSupported()) return JSONParseV2(text, reviver); // Shortcut to a faster (2x) and simpler version

    // Find and mark big numbers with "n"
    const serializedData = serializeBigInts(text);

    return originalParse(serializedData, (key, value, context) =>
      convertMarkedBigIntsReviver(key, value, context, reviver),
    );
  } catch (error) {
    if (error instanceof RangeError) {
      const serializedData = serializeBigInts(text);
      const parsed = originalParse(serializedData);

      return applyReviverIteratively(parsed, reviver);
    }

    throw error;
  }
};



;// CONCATENATED MODULE: ./node_modules/@octokit/request-error/dist-src/index.js
class RequestError extends Error {
  name;
  /**
   * http status code
   */
  status;
  /**
   * Request options that lead to the error.
   */
  request;
  /**
   * Response object if a response was received
   */
  response;
  constructor(message, statusCode, options) {
    super(message, { cause: options.cause });
    this.name = "HttpError";
    this.status = Number.parseInt(statusCode);
    if (Number.isNaN(this.status)) {
      this.status = 0;
    }
    /* v8 ignore else -- @preserve -- Bug with vitest coverage where it sees an else branch that doesn't exist */
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


;// CONCATENATED MODULE: ./node_modules/@octokit/request/dist-bundle/index.js
// pkg/dist-src/index.js


// pkg/dist-src/defaults.js


// pkg/dist-src/version.js
var dist_bundle_VERSION = "10.0.16";

// pkg/dist-src/defaults.js
var defaults_default = {
  headers: {
    "user-agent": `octokit-request.js/${dist_bundle_VERSION} ${getUserAgent()}`
  }
};

// pkg/dist-src/fetch-wrapper.js



// pkg/dist-src/is-plain-object.js
function dist_bundle_isPlainObject(value) {
  if (typeof value !== "object" || value === null) return false;
  if (Object.prototype.toString.call(value) !== "[object Object]") return false;
  const proto = Object.getPrototypeOf(value);
  if (proto === null) return true;
  const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
  return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}

// pkg/dist-src/fetch-wrapper.js

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
      // duplex must be set if request.body is ReadableStream or Async Iterables.
      // See https://fetch.spec.whatwg.org/#dom-requestinit-duplex.
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
  const mimetype = dist_parse(contentType);
  if (isJSONResponse(mimetype)) {
    let text = "";
    try {
      text = await response.text();
      return JSONParse(text);
    } catch (err) {
      return text;
    }
  } else if (mimetype.type.startsWith("text/") || // `application/octet-stream` is the canonical "arbitrary binary" type
  // (RFC 2046) and must never be decoded as text, even when the response
  // carries a (misleading) `charset=utf-8` parameter — see #751.
  mimetype.parameters.charset?.toLowerCase() === "utf-8" && mimetype.type !== "application/octet-stream") {
    return response.text().catch(noop);
  } else {
    return response.arrayBuffer().catch(
      /* v8 ignore next -- @preserve */
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

// pkg/dist-src/with-defaults.js
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

// pkg/dist-src/index.js
var request = dist_bundle_withDefaults(endpoint, defaults_default);

/* v8 ignore next -- @preserve */
/* v8 ignore else -- @preserve */

;// CONCATENATED MODULE: ./node_modules/@octokit/graphql/dist-bundle/index.js
// pkg/dist-src/index.js



// pkg/dist-src/version.js
var graphql_dist_bundle_VERSION = "0.0.0-development";

// pkg/dist-src/with-defaults.js


// pkg/dist-src/graphql.js


// pkg/dist-src/error.js
function _buildMessageForResponseErrors(data) {
  return `Request failed due to following response errors:
` + data.errors.map((e) => ` - ${e.message}`).join("\n");
}
var GraphqlResponseError = class extends Error {
  constructor(request2, headers, response) {
    super(_buildMessageForResponseErrors(response));
    this.request = request2;
    this.headers = headers;
    this.response = response;
    this.errors = response.errors;
    this.data = response.data;
    if (Error.captureStackTrace) {
      Error.captureStackTrace(this, this.constructor);
    }
  }
  request;
  headers;
  response;
  name = "GraphqlResponseError";
  errors;
  data;
};

// pkg/dist-src/graphql.js
var NON_VARIABLE_OPTIONS = [
  "method",
  "baseUrl",
  "url",
  "headers",
  "request",
  "query",
  "mediaType",
  "operationName"
];
var FORBIDDEN_VARIABLE_OPTIONS = ["query", "method", "url"];
var GHES_V3_SUFFIX_REGEX = /\/api\/v3\/?$/;
function graphql(request2, query, options) {
  if (options) {
    if (typeof query === "string" && "query" in options) {
      return Promise.reject(
        new Error(`[@octokit/graphql] "query" cannot be used as variable name`)
      );
    }
    for (const key in options) {
      if (!FORBIDDEN_VARIABLE_OPTIONS.includes(key)) continue;
      return Promise.reject(
        new Error(
          `[@octokit/graphql] "${key}" cannot be used as variable name`
        )
      );
    }
  }
  const parsedOptions = typeof query === "string" ? Object.assign({ query }, options) : query;
  const requestOptions = Object.keys(
    parsedOptions
  ).reduce((result, key) => {
    if (NON_VARIABLE_OPTIONS.includes(key)) {
      result[key] = parsedOptions[key];
      return result;
    }
    if (!result.variables) {
      result.variables = {};
    }
    result.variables[key] = parsedOptions[key];
    return result;
  }, {});
  const baseUrl = parsedOptions.baseUrl || request2.endpoint.DEFAULTS.baseUrl;
  if (GHES_V3_SUFFIX_REGEX.test(baseUrl)) {
    requestOptions.url = baseUrl.replace(GHES_V3_SUFFIX_REGEX, "/api/graphql");
  }
  return request2(requestOptions).then((response) => {
    if (response.data.errors) {
      const headers = {};
      for (const key of Object.keys(response.headers)) {
        headers[key] = response.headers[key];
      }
      throw new GraphqlResponseError(
        requestOptions,
        headers,
        response.data
      );
    }
    return response.data.data;
  });
}

// pkg/dist-src/with-defaults.js
function graphql_dist_bundle_withDefaults(request2, newDefaults) {
  const newRequest = request2.defaults(newDefaults);
  const newApi = (query, options) => {
    return graphql(newRequest, query, options);
  };
  return Object.assign(newApi, {
    defaults: graphql_dist_bundle_withDefaults.bind(null, newRequest),
    endpoint: newRequest.endpoint
  });
}

// pkg/dist-src/index.js
var graphql2 = graphql_dist_bundle_withDefaults(request, {
  headers: {
    "user-agent": `octokit-graphql.js/${graphql_dist_bundle_VERSION} ${getUserAgent()}`
  },
  method: "POST",
  url: "/graphql"
});
function withCustomRequest(customRequest) {
  return graphql_dist_bundle_withDefaults(customRequest, {
    method: "POST",
    url: "/graphql"
  });
}

/* v8 ignore if -- @preserve */

;// CONCATENATED MODULE: ./node_modules/@octokit/auth-token/dist-bundle/index.js
// pkg/dist-src/is-jwt.js
var b64url = "(?:[a-zA-Z0-9_-]+)";
var sep = "\\.";
var jwtRE = new RegExp(`^${b64url}${sep}${b64url}${sep}${b64url}$`);
var isJWT = jwtRE.test.bind(jwtRE);

// pkg/dist-src/auth.js
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

// pkg/dist-src/with-authorization-prefix.js
function withAuthorizationPrefix(token) {
  if (token.split(/\./).length === 3) {
    return `bearer ${token}`;
  }
  return `token ${token}`;
}

// pkg/dist-src/hook.js
async function hook(token, request, route, parameters) {
  const endpoint = request.endpoint.merge(
    route,
    parameters
  );
  endpoint.headers.authorization = withAuthorizationPrefix(token);
  return request(endpoint);
}

// pkg/dist-src/index.js
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


;// CONCATENATED MODULE: ./node_modules/@octokit/core/dist-src/version.js
const version_VERSION = "7.0.8";


;// CONCATENATED MODULE: ./node_modules/@octokit/core/dist-src/index.js






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
  /**
   * Attach a plugin (or many) to your Octokit instance.
   *
   * @example
   * const API = Octokit.plugin(plugin1, plugin2, plugin3, ...)
   */
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
    const hook = new before_after_hook.Collection();
    const requestDefaults = {
      baseUrl: request.endpoint.DEFAULTS.baseUrl,
      headers: {},
      request: Object.assign({}, options.request, {
        // @ts-ignore internal usage only, no need to type
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
            // we pass the current octokit instance as well as its constructor options
            // to allow for authentication strategies that return a new octokit instance
            // that shares the same internal state as the current one. The original
            // requirement for this was the "event-octokit" authentication strategy
            // of https://github.com/probot/octokit-auth-probot.
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
  // assigned during constructor
  request;
  graphql;
  log;
  hook;
  // TODO: type `octokit.auth` based on passed options.authStrategy
  auth;
}


;// CONCATENATED MODULE: ./build/unused-modules/octokit-plugin-rest-endpoint-methods.js
// Replaces @octokit/plugin-rest-endpoint-methods, a table of some 900 endpoints: every request goes through octokit.request().

function restEndpointMethods() {
  return {}
}

;// CONCATENATED MODULE: ./node_modules/@octokit/plugin-paginate-rest/dist-bundle/index.js
// pkg/dist-src/version.js
var plugin_paginate_rest_dist_bundle_VERSION = "0.0.0-development";

// pkg/dist-src/normalize-paginated-list-response.js
function normalizePaginatedListResponse(response) {
  if (!response.data) {
    return {
      ...response,
      data: []
    };
  }
  const responseNeedsNormalization = ("total_count" in response.data || "total_commits" in response.data) && !("url" in response.data);
  if (!responseNeedsNormalization) return response;
  const incompleteResults = response.data.incomplete_results;
  const repositorySelection = response.data.repository_selection;
  const totalCount = response.data.total_count;
  const totalCommits = response.data.total_commits;
  delete response.data.incomplete_results;
  delete response.data.repository_selection;
  delete response.data.total_count;
  delete response.data.total_commits;
  const namespaceKey = Object.keys(response.data)[0];
  const data = response.data[namespaceKey];
  response.data = data;
  if (typeof incompleteResults !== "undefined") {
    response.data.incomplete_results = incompleteResults;
  }
  if (typeof repositorySelection !== "undefined") {
    response.data.repository_selection = repositorySelection;
  }
  response.data.total_count = totalCount;
  response.data.total_commits = totalCommits;
  return response;
}

// pkg/dist-src/iterator.js
function iterator(octokit, route, parameters) {
  const options = typeof route === "function" ? route.endpoint(parameters) : octokit.request.endpoint(route, parameters);
  const requestMethod = typeof route === "function" ? route : octokit.request;
  const method = options.method;
  const headers = options.headers;
  let url = options.url;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (!url) return { done: true };
        try {
          const response = await requestMethod({ method, url, headers });
          const normalizedResponse = normalizePaginatedListResponse(response);
          url = ((normalizedResponse.headers.link || "").match(
            /<([^<>]+)>;\s*rel="next"/
          ) || [])[1];
          if (!url && "total_commits" in normalizedResponse.data) {
            const parsedUrl = new URL(normalizedResponse.url);
            const params = parsedUrl.searchParams;
            const page = parseInt(params.get("page") || "1", 10);
            const per_page = parseInt(params.get("per_page") || "250", 10);
            if (page * per_page < normalizedResponse.data.total_commits) {
              params.set("page", String(page + 1));
              url = parsedUrl.toString();
            }
          }
          return { value: normalizedResponse };
        } catch (error) {
          if (error.status !== 409) throw error;
          url = "";
          return {
            value: {
              status: 200,
              headers: {},
              data: []
            }
          };
        }
      }
    })
  };
}

// pkg/dist-src/paginate.js
function paginate(octokit, route, parameters, mapFn) {
  if (typeof parameters === "function") {
    mapFn = parameters;
    parameters = void 0;
  }
  return gather(
    octokit,
    [],
    iterator(octokit, route, parameters)[Symbol.asyncIterator](),
    mapFn
  );
}
function gather(octokit, results, iterator2, mapFn) {
  return iterator2.next().then((result) => {
    if (result.done) {
      return results;
    }
    let earlyExit = false;
    function done() {
      earlyExit = true;
    }
    results = results.concat(
      mapFn ? mapFn(result.value, done) : result.value.data
    );
    if (earlyExit) {
      return results;
    }
    return gather(octokit, results, iterator2, mapFn);
  });
}

// pkg/dist-src/compose-paginate.js
var composePaginateRest = Object.assign(paginate, {
  iterator
});

// pkg/dist-src/generated/paginating-endpoints.js
var paginatingEndpoints = (/* unused pure expression or super */ null && ([
  "GET /advisories",
  "GET /app/hook/deliveries",
  "GET /app/installation-requests",
  "GET /app/installations",
  "GET /assignments/{assignment_id}/accepted_assignments",
  "GET /classrooms",
  "GET /classrooms/{classroom_id}/assignments",
  "GET /enterprises/{enterprise}/code-security/configurations",
  "GET /enterprises/{enterprise}/code-security/configurations/{configuration_id}/repositories",
  "GET /enterprises/{enterprise}/dependabot/alerts",
  "GET /enterprises/{enterprise}/teams",
  "GET /enterprises/{enterprise}/teams/{enterprise-team}/memberships",
  "GET /enterprises/{enterprise}/teams/{enterprise-team}/organizations",
  "GET /events",
  "GET /gists",
  "GET /gists/public",
  "GET /gists/starred",
  "GET /gists/{gist_id}/comments",
  "GET /gists/{gist_id}/commits",
  "GET /gists/{gist_id}/forks",
  "GET /installation/repositories",
  "GET /issues",
  "GET /licenses",
  "GET /marketplace_listing/plans",
  "GET /marketplace_listing/plans/{plan_id}/accounts",
  "GET /marketplace_listing/stubbed/plans",
  "GET /marketplace_listing/stubbed/plans/{plan_id}/accounts",
  "GET /networks/{owner}/{repo}/events",
  "GET /notifications",
  "GET /organizations",
  "GET /organizations/{org}/dependabot/repository-access",
  "GET /orgs/{org}/actions/cache/usage-by-repository",
  "GET /orgs/{org}/actions/hosted-runners",
  "GET /orgs/{org}/actions/permissions/repositories",
  "GET /orgs/{org}/actions/permissions/self-hosted-runners/repositories",
  "GET /orgs/{org}/actions/runner-groups",
  "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/hosted-runners",
  "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/repositories",
  "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners",
  "GET /orgs/{org}/actions/runners",
  "GET /orgs/{org}/actions/secrets",
  "GET /orgs/{org}/actions/secrets/{secret_name}/repositories",
  "GET /orgs/{org}/actions/variables",
  "GET /orgs/{org}/actions/variables/{name}/repositories",
  "GET /orgs/{org}/attestations/repositories",
  "GET /orgs/{org}/attestations/{subject_digest}",
  "GET /orgs/{org}/blocks",
  "GET /orgs/{org}/campaigns",
  "GET /orgs/{org}/code-scanning/alerts",
  "GET /orgs/{org}/code-security/configurations",
  "GET /orgs/{org}/code-security/configurations/{configuration_id}/repositories",
  "GET /orgs/{org}/codespaces",
  "GET /orgs/{org}/codespaces/secrets",
  "GET /orgs/{org}/codespaces/secrets/{secret_name}/repositories",
  "GET /orgs/{org}/copilot/billing/seats",
  "GET /orgs/{org}/copilot/metrics",
  "GET /orgs/{org}/dependabot/alerts",
  "GET /orgs/{org}/dependabot/secrets",
  "GET /orgs/{org}/dependabot/secrets/{secret_name}/repositories",
  "GET /orgs/{org}/events",
  "GET /orgs/{org}/failed_invitations",
  "GET /orgs/{org}/hooks",
  "GET /orgs/{org}/hooks/{hook_id}/deliveries",
  "GET /orgs/{org}/insights/api/route-stats/{actor_type}/{actor_id}",
  "GET /orgs/{org}/insights/api/subject-stats",
  "GET /orgs/{org}/insights/api/user-stats/{user_id}",
  "GET /orgs/{org}/installations",
  "GET /orgs/{org}/invitations",
  "GET /orgs/{org}/invitations/{invitation_id}/teams",
  "GET /orgs/{org}/issues",
  "GET /orgs/{org}/members",
  "GET /orgs/{org}/members/{username}/codespaces",
  "GET /orgs/{org}/migrations",
  "GET /orgs/{org}/migrations/{migration_id}/repositories",
  "GET /orgs/{org}/organization-roles/{role_id}/teams",
  "GET /orgs/{org}/organization-roles/{role_id}/users",
  "GET /orgs/{org}/outside_collaborators",
  "GET /orgs/{org}/packages",
  "GET /orgs/{org}/packages/{package_type}/{package_name}/versions",
  "GET /orgs/{org}/personal-access-token-requests",
  "GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories",
  "GET /orgs/{org}/personal-access-tokens",
  "GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories",
  "GET /orgs/{org}/private-registries",
  "GET /orgs/{org}/projects",
  "GET /orgs/{org}/projectsV2",
  "GET /orgs/{org}/projectsV2/{project_number}/fields",
  "GET /orgs/{org}/projectsV2/{project_number}/items",
  "GET /orgs/{org}/properties/values",
  "GET /orgs/{org}/public_members",
  "GET /orgs/{org}/repos",
  "GET /orgs/{org}/rulesets",
  "GET /orgs/{org}/rulesets/rule-suites",
  "GET /orgs/{org}/rulesets/{ruleset_id}/history",
  "GET /orgs/{org}/secret-scanning/alerts",
  "GET /orgs/{org}/security-advisories",
  "GET /orgs/{org}/settings/immutable-releases/repositories",
  "GET /orgs/{org}/settings/network-configurations",
  "GET /orgs/{org}/team/{team_slug}/copilot/metrics",
  "GET /orgs/{org}/teams",
  "GET /orgs/{org}/teams/{team_slug}/discussions",
  "GET /orgs/{org}/teams/{team_slug}/discussions/{discussion_number}/comments",
  "GET /orgs/{org}/teams/{team_slug}/discussions/{discussion_number}/comments/{comment_number}/reactions",
  "GET /orgs/{org}/teams/{team_slug}/discussions/{discussion_number}/reactions",
  "GET /orgs/{org}/teams/{team_slug}/invitations",
  "GET /orgs/{org}/teams/{team_slug}/members",
  "GET /orgs/{org}/teams/{team_slug}/projects",
  "GET /orgs/{org}/teams/{team_slug}/repos",
  "GET /orgs/{org}/teams/{team_slug}/teams",
  "GET /projects/{project_id}/collaborators",
  "GET /repos/{owner}/{repo}/actions/artifacts",
  "GET /repos/{owner}/{repo}/actions/caches",
  "GET /repos/{owner}/{repo}/actions/organization-secrets",
  "GET /repos/{owner}/{repo}/actions/organization-variables",
  "GET /repos/{owner}/{repo}/actions/runners",
  "GET /repos/{owner}/{repo}/actions/runs",
  "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
  "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs",
  "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
  "GET /repos/{owner}/{repo}/actions/secrets",
  "GET /repos/{owner}/{repo}/actions/variables",
  "GET /repos/{owner}/{repo}/actions/workflows",
  "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
  "GET /repos/{owner}/{repo}/activity",
  "GET /repos/{owner}/{repo}/assignees",
  "GET /repos/{owner}/{repo}/attestations/{subject_digest}",
  "GET /repos/{owner}/{repo}/branches",
  "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
  "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs",
  "GET /repos/{owner}/{repo}/code-scanning/alerts",
  "GET /repos/{owner}/{repo}/code-scanning/alerts/{alert_number}/instances",
  "GET /repos/{owner}/{repo}/code-scanning/analyses",
  "GET /repos/{owner}/{repo}/codespaces",
  "GET /repos/{owner}/{repo}/codespaces/devcontainers",
  "GET /repos/{owner}/{repo}/codespaces/secrets",
  "GET /repos/{owner}/{repo}/collaborators",
  "GET /repos/{owner}/{repo}/comments",
  "GET /repos/{owner}/{repo}/comments/{comment_id}/reactions",
  "GET /repos/{owner}/{repo}/commits",
  "GET /repos/{owner}/{repo}/commits/{commit_sha}/comments",
  "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
  "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
  "GET /repos/{owner}/{repo}/commits/{ref}/check-suites",
  "GET /repos/{owner}/{repo}/commits/{ref}/status",
  "GET /repos/{owner}/{repo}/commits/{ref}/statuses",
  "GET /repos/{owner}/{repo}/compare/{basehead}",
  "GET /repos/{owner}/{repo}/compare/{base}...{head}",
  "GET /repos/{owner}/{repo}/contributors",
  "GET /repos/{owner}/{repo}/dependabot/alerts",
  "GET /repos/{owner}/{repo}/dependabot/secrets",
  "GET /repos/{owner}/{repo}/deployments",
  "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
  "GET /repos/{owner}/{repo}/environments",
  "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies",
  "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules/apps",
  "GET /repos/{owner}/{repo}/environments/{environment_name}/secrets",
  "GET /repos/{owner}/{repo}/environments/{environment_name}/variables",
  "GET /repos/{owner}/{repo}/events",
  "GET /repos/{owner}/{repo}/forks",
  "GET /repos/{owner}/{repo}/hooks",
  "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
  "GET /repos/{owner}/{repo}/invitations",
  "GET /repos/{owner}/{repo}/issues",
  "GET /repos/{owner}/{repo}/issues/comments",
  "GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
  "GET /repos/{owner}/{repo}/issues/events",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/events",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/labels",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/reactions",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues",
  "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline",
  "GET /repos/{owner}/{repo}/keys",
  "GET /repos/{owner}/{repo}/labels",
  "GET /repos/{owner}/{repo}/milestones",
  "GET /repos/{owner}/{repo}/milestones/{milestone_number}/labels",
  "GET /repos/{owner}/{repo}/notifications",
  "GET /repos/{owner}/{repo}/pages/builds",
  "GET /repos/{owner}/{repo}/projects",
  "GET /repos/{owner}/{repo}/pulls",
  "GET /repos/{owner}/{repo}/pulls/comments",
  "GET /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/comments",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments",
  "GET /repos/{owner}/{repo}/releases",
  "GET /repos/{owner}/{repo}/releases/{release_id}/assets",
  "GET /repos/{owner}/{repo}/releases/{release_id}/reactions",
  "GET /repos/{owner}/{repo}/rules/branches/{branch}",
  "GET /repos/{owner}/{repo}/rulesets",
  "GET /repos/{owner}/{repo}/rulesets/rule-suites",
  "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}/history",
  "GET /repos/{owner}/{repo}/secret-scanning/alerts",
  "GET /repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}/locations",
  "GET /repos/{owner}/{repo}/security-advisories",
  "GET /repos/{owner}/{repo}/stargazers",
  "GET /repos/{owner}/{repo}/subscribers",
  "GET /repos/{owner}/{repo}/tags",
  "GET /repos/{owner}/{repo}/teams",
  "GET /repos/{owner}/{repo}/topics",
  "GET /repositories",
  "GET /search/code",
  "GET /search/commits",
  "GET /search/issues",
  "GET /search/labels",
  "GET /search/repositories",
  "GET /search/topics",
  "GET /search/users",
  "GET /teams/{team_id}/discussions",
  "GET /teams/{team_id}/discussions/{discussion_number}/comments",
  "GET /teams/{team_id}/discussions/{discussion_number}/comments/{comment_number}/reactions",
  "GET /teams/{team_id}/discussions/{discussion_number}/reactions",
  "GET /teams/{team_id}/invitations",
  "GET /teams/{team_id}/members",
  "GET /teams/{team_id}/projects",
  "GET /teams/{team_id}/repos",
  "GET /teams/{team_id}/teams",
  "GET /user/blocks",
  "GET /user/codespaces",
  "GET /user/codespaces/secrets",
  "GET /user/emails",
  "GET /user/followers",
  "GET /user/following",
  "GET /user/gpg_keys",
  "GET /user/installations",
  "GET /user/installations/{installation_id}/repositories",
  "GET /user/issues",
  "GET /user/keys",
  "GET /user/marketplace_purchases",
  "GET /user/marketplace_purchases/stubbed",
  "GET /user/memberships/orgs",
  "GET /user/migrations",
  "GET /user/migrations/{migration_id}/repositories",
  "GET /user/orgs",
  "GET /user/packages",
  "GET /user/packages/{package_type}/{package_name}/versions",
  "GET /user/public_emails",
  "GET /user/repos",
  "GET /user/repository_invitations",
  "GET /user/social_accounts",
  "GET /user/ssh_signing_keys",
  "GET /user/starred",
  "GET /user/subscriptions",
  "GET /user/teams",
  "GET /users",
  "GET /users/{username}/attestations/{subject_digest}",
  "GET /users/{username}/events",
  "GET /users/{username}/events/orgs/{org}",
  "GET /users/{username}/events/public",
  "GET /users/{username}/followers",
  "GET /users/{username}/following",
  "GET /users/{username}/gists",
  "GET /users/{username}/gpg_keys",
  "GET /users/{username}/keys",
  "GET /users/{username}/orgs",
  "GET /users/{username}/packages",
  "GET /users/{username}/projects",
  "GET /users/{username}/projectsV2",
  "GET /users/{username}/projectsV2/{project_number}/fields",
  "GET /users/{username}/projectsV2/{project_number}/items",
  "GET /users/{username}/received_events",
  "GET /users/{username}/received_events/public",
  "GET /users/{username}/repos",
  "GET /users/{username}/social_accounts",
  "GET /users/{username}/ssh_signing_keys",
  "GET /users/{username}/starred",
  "GET /users/{username}/subscriptions"
]));

// pkg/dist-src/paginating-endpoints.js
function isPaginatingEndpoint(arg) {
  if (typeof arg === "string") {
    return paginatingEndpoints.includes(arg);
  } else {
    return false;
  }
}

// pkg/dist-src/index.js
function paginateRest(octokit) {
  return {
    paginate: Object.assign(paginate.bind(null, octokit), {
      iterator: iterator.bind(null, octokit)
    })
  };
}
paginateRest.VERSION = plugin_paginate_rest_dist_bundle_VERSION;


;// CONCATENATED MODULE: ./node_modules/@actions/github/lib/utils.js


// octokit + plugins



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

/**
 * Convience function to correctly format Octokit Options to pass into the constructor.
 *
 * @param     token    the repo PAT or GITHUB_TOKEN
 * @param     options  other options to set
 */
function getOctokitOptions(token, options) {
    const opts = Object.assign({}, options || {}); // Shallow clone - don't mutate the object provided by the caller
    // Auth
    const auth = getAuthString(token, opts);
    if (auth) {
        opts.auth = auth;
    }
    // Orchestration ID
    const userAgent = getUserAgentWithOrchestrationId(opts.userAgent);
    if (userAgent) {
        opts.userAgent = userAgent;
    }
    return opts;
}
//# sourceMappingURL=utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/github/lib/github.js


const github_context = new Context();
/**
 * Returns a hydrated octokit ready to use for GitHub Actions
 *
 * @param     token    the repo PAT or GITHUB_TOKEN
 * @param     options  other options to set
 */
function getOctokit(token, options, ...additionalPlugins) {
    const GitHubWithPlugins = GitHub.plugin(...additionalPlugins);
    return new GitHubWithPlugins(getOctokitOptions(token, options));
}
//# sourceMappingURL=github.js.map
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
        message: `GitHub found no membership of ${facts.patUser} in ${facts.entity} (HTTP 404). ${missingMembershipCause(facts)}`,
        remedy: missingMembershipRemedy(facts),
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
function missingMembershipCause({ pat, entity, patUser, scopes, hasLeastScope }) {
    if (pat === 'fine-grained') {
        return `Either ${patUser} isn't a member, or this fine-grained PAT's resource owner isn't ${entity}.`;
    }
    return hasLeastScope === false
        ? `Either ${patUser} isn't a member, or this classic PAT lacks the read:org scope (it has ${listed(scopes)}).`
        : `${patUser} isn't a member.`;
}
function missingMembershipRemedy({ pat, entity, patUser, hasLeastScope }) {
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
            ? `${missingPatCause(reason)}Vaunt requires a PAT for ${refused.repository} (HTTP ${refused.status}): the repository is private, or unknown to Vaunt.`
            : reason === 'no-token'
                ? "No credential was provided: inputs 'token', 'sealed-token', and 'pat' and the environment variable VAUNT_PAT are empty."
                : `${missingPatCause(reason)}No GitHub personal access token (PAT) was provided: input 'pat' and the environment variable VAUNT_PAT are empty.`,
        ...(refused && { details: details('Vaunt', refused) }),
        remedy: missingPatRemedy(reason)
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
function missingPatCause(reason) {
    if (reason === 'fork') {
        return "This run comes from a pull request from a fork, and GitHub doesn't pass secrets to such runs. ";
    }
    if (reason === 'dependabot')
        return 'This run was started by Dependabot, so it can access only Dependabot secrets. ';
    return '';
}
function missingPatRemedy(reason) {
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
        message: `${missingPatCause(reason)}Input 'seal-key' is set, but there is no 'sealed-token' to open and no PAT to get a token with.`,
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
function textIn(value, name) {
    const found = property(value, name);
    return typeof found === 'string' ? found : undefined;
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
        error: ({ attempts, late }) => ActionError.of(named(service, 'unavailable'), {
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
        error: ({ attempts }) => ActionError.of(named(service, 'unexpected'), { surprise, asked: `${path}`, attempts, host, detail: nodeCode(error) }, error)
    };
}
function untrusted(fault, { progress, error }, request) {
    const { host, proxyHost, extraCa } = request;
    return {
        isRateLimit: false,
        error: ({ attempts }) => ActionError.of('tls-untrusted', {
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
        error: ({ attempts }) => ActionError.of('proxy-failed', { fault, proxyHost, host, attempts, detail }, error)
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
        return { failure: answer_refused(read, isRateLimit, request, now) };
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
    return textIn(json, 'message') !== undefined;
}
function isVauntsRefusal(json, body) {
    const error = property(json, 'error');
    return body.trim() === '' || [json, error].some(hasMessage) || typeof property(error, 'code') === 'number';
}
function surpriseOf(status) {
    if (status >= 300 && status < 400 && status !== 304)
        return 'redirect';
    return [401, 403, 404, 511].includes(status) ? 'foreign' : 'status';
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
function answer_refused(read, isRateLimit, request, now) {
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
                return ActionError.of(named(request.service, 'rate-limited'), { ...facts, limit, isBeyond });
            }
            const { host, limits } = request;
            const outage = {
                outage: 'status',
                phase: 'http',
                host,
                detail: `HTTP ${status}`,
                limitMs: limits.actionMs
            };
            return ActionError.of(named(request.service, 'unavailable'), { ...facts, ...outage });
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
        return answer_refused(read, status === 429, request, now);
    }
    return {
        isRateLimit: false,
        error: ({ attempts }) => ActionError.of(named(service, 'unexpected'), {
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
function createReader({ pat, githubApiUrl, client, log = silent }) {
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
        if (cause instanceof ActionError)
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
    #usual;
    #extended;
    constructor(options) {
        this.#options = options;
    }
    get context() {
        return this.#extended ?? (this.#usual ??= external_node_tls_default().createSecureContext());
    }
    extend(used, host) {
        if (!this.#isRead) {
            this.#isRead = true;
            this.#extended = contextWith(this.#options.readSystemStore ?? readSystemStore);
            if (this.#extended)
                this.#options.onSystemStore?.(host);
        }
        return this.#extended !== undefined && used !== this.#extended;
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
    throw ActionError.of('proxy-failed', { ...proxy, host: quote(url.host), attempts: 1 });
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
            client_collect(response, head, bodyBytes, settle);
        });
        if (signal?.aborted)
            hangUp();
        else
            send(prepared, body);
    });
}
function client_collect(response, { status, headers }, bodyBytes, done) {
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

;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/util/errors.js
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
class errors_JWEInvalid extends JOSEError {
  static code = "ERR_JWE_INVALID";
  code = "ERR_JWE_INVALID";
}
class errors_JWSInvalid extends (/* unused pure expression or super */ null && (JOSEError)) {
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


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/buffer_utils.js
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
const buffer_utils_NON_ASCII = /[^\x00-\x7f]/;
function encode(string) {
  if (typeof string == "string" && string.length >= 128) {
    if (buffer_utils_NON_ASCII.test(string))
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


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/util/base64url.js

const invalid = "The input to be decoded is not correctly encoded.";
function decode(input) {
  try {
    return decodeBase64(typeof input == "string" ? input : decoder.decode(input), !0);
  } catch (cause) {
    throw new TypeError(invalid, { cause });
  }
}
function base64url_encode(input) {
  return encodeBase64(typeof input == "string" ? encoder.encode(input) : input, !0);
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/validate.js



function assertUint8Array(input, label) {
  if (!(input instanceof Uint8Array))
    throw new TypeError(`${label} must be an instance of Uint8Array`);
}
function validate_isObject(input) {
  if (typeof input != "object" || input === null || Object.prototype.toString.call(input) !== "[object Object]")
    return !1;
  const prototype = Object.getPrototypeOf(input);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
function isJwkSet(input) {
  return validate_isObject(input) && Array.isArray(input.keys) && Array.from(input.keys).every(validate_isObject);
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
    return decode(value);
  } catch (cause) {
    throw new ErrorClass(`Failed to base64url decode the ${label}`, { cause });
  }
}
function encodeAsciiMember(value, label, ErrorClass) {
  try {
    return encode(value);
  } catch (cause) {
    throw new ErrorClass(`The ${label} is not a valid base64url string`, { cause });
  }
}
function parseJoseHeader(encodedProtectedHeader, ErrorClass, message) {
  let parsed;
  try {
    parsed = JSON.parse(strictDecoder.decode(decode(encodedProtectedHeader)));
  } catch (cause) {
    throw new ErrorClass(message, { cause });
  }
  if (!validate_isObject(parsed))
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
      throw new JOSENotSupported(`Extension Header Parameter "${parameter}" is not recognized`);
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
  if (!validate_isObject(parsed))
    throw new Err("JOSE Header is not a JSON object");
  return [parsed, serialized];
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/key.js



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
  if (validate_isObject(key)) {
    if (normalized = normalizeJwk(key), typeof normalized.kty != "string")
      throw invalidKeyType(alg, key, secret);
    if (!(secret ? normalized.kty === "oct" && typeof normalized.k == "string" : normalized.kty !== "oct" && (requiresPrivateKey ? normalized.kty === "AKP" && typeof normalized.priv == "string" || typeof normalized.d == "string" : normalized.d === void 0 && normalized.priv === void 0)))
      throw new TypeError(secret ? 'JSON Web Key for symmetric algorithms must have JWK "kty" (Key Type) equal to "oct" and the JWK "k" (Key Value) present' : `JSON Web Key for this operation must be a ${requiresPrivateKey ? "private" : "public"} JWK`);
    if (jwkMatchesOp(entry, normalized, usage), normalized.kty === "oct")
      return decode(normalized.k);
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
  cache ||= /* @__PURE__ */ new WeakMap();
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
function validateExtractableOption(extractable) {
  if (extractable !== void 0 && typeof extractable != "boolean")
    throw new TypeError('"extractable" option must be a boolean');
  return extractable;
}
async function jwkToKey(entry, jwk, extractable) {
  if (!entry.kty.includes(jwk.kty))
    throw new JOSENotSupported('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
  const algorithm = entry.resolve?.({ kty: jwk.kty, crv: jwk.crv }) ?? entry.subtle, isPrivate = !!(jwk.d || jwk.priv), keyData = { ...jwk, ext: extractable ?? jwk.ext };
  return keyData.kty !== "AKP" && delete keyData.alg, delete keyData.use, crypto.subtle.importKey("jwk", keyData, algorithm, keyData.ext ?? !isPrivate, jwk.key_ops ?? entry.usages[isPrivate ? 1 : 0]);
}
async function rawKey(key, expected, usage, extractable = !1) {
  return key instanceof Uint8Array && (key = await crypto.subtle.importKey("raw", key, expected, extractable, [usage])), checkCryptoKey(key, expected, usage), key;
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/content_encryption.js



const generateCek = (enc) => crypto.getRandomValues(new Uint8Array(enc.cekBits >> 3));
function checkCekLength(cek, expected) {
  const actual = cek.byteLength << 3;
  if (actual !== expected)
    throw new errors_JWEInvalid(`Invalid Content Encryption Key length. Expected ${expected} bits, got ${actual} bits`);
}
const generateIv = (enc) => crypto.getRandomValues(new Uint8Array(enc.ivBits >> 3));
function checkIvLength(enc, iv) {
  if (iv.length << 3 !== enc.ivBits)
    throw new errors_JWEInvalid("Invalid Initialization Vector length");
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
  }, encKey, plaintext)), al = uint64be(aad.length * 8), macData = concat(aad, iv, ciphertext, al), tag = await cbcHmacTag(macKey, macData, keyLengthBits);
  return { ciphertext, tag, iv };
}
async function timingSafeEqual(a, b) {
  const algorithm = { name: "HMAC", hash: "SHA-256" }, key = await crypto.subtle.generateKey(algorithm, !1, ["sign", "verify"]), aHmac = await crypto.subtle.sign(algorithm, key, a);
  return crypto.subtle.verify(algorithm, key, aHmac, b);
}
async function cbcDecrypt(enc, cek, ciphertext, iv, tag, aad) {
  const [encKey, macKey, keyLengthBits] = await cbcKeySetup(enc, cek, "decrypt"), al = uint64be(aad.length * 8), macData = concat(aad, iv, ciphertext, al), expectedTag = await cbcHmacTag(macKey, macData, keyLengthBits);
  try {
    if (await timingSafeEqual(tag, expectedTag))
      return new Uint8Array(await crypto.subtle.decrypt({ iv, name: "AES-CBC" }, encKey, ciphertext));
  } catch {
  }
  throw new JWEDecryptionFailed();
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
    throw new errors_JWEInvalid("JWE Initialization Vector missing");
  if (!tag)
    throw new errors_JWEInvalid("JWE Authentication Tag missing");
  if (!enc.cbc && tag.length !== 16)
    throw new errors_JWEInvalid("Invalid Authentication Tag length");
  if (checkIvLength(enc, iv), cek instanceof Uint8Array && checkCekLength(cek, enc.cekBits), enc.cbc)
    return cbcDecrypt(enc, cek, ciphertext, iv, tag, aad);
  const encKey = await rawKey(cek, enc.subtle, "decrypt");
  try {
    return new Uint8Array(await crypto.subtle.decrypt({
      additionalData: aad,
      iv,
      name: "AES-GCM",
      tagLength: 128
    }, encKey, concat(ciphertext, tag)));
  } catch {
    throw new JWEDecryptionFailed();
  }
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/key_descriptor.js
function table(entries) {
  const out = { __proto__: null };
  for (const alg in entries)
    out[alg] = { ...entries[alg], alg };
  return out;
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/jwe_algorithms.js


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
        throw new JOSENotSupported('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
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
  throw new JOSENotSupported(`Invalid or unsupported "${parameter}" (JWE ${name}) header value`);
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


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/key_management.js







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
    throw new errors_JWEInvalid("PBES2 Salt Input must be 8 or more octets");
  if (!Number.isSafeInteger(p2c) || Math.sign(p2c) !== 1)
    throw new errors_JWEInvalid("PBES2 Count Input must be a positive integer");
  const salt = concat(encode(alg), Uint8Array.of(0), p2s), keyLengthBits = parseInt(alg.slice(13, 16), 10), subtleAlg = {
    hash: `SHA-${alg.slice(8, 11)}`,
    iterations: p2c,
    name: "PBKDF2",
    salt
  }, cryptoKey = await rawKey(key, jweAlgorithm(alg).subtle, "deriveBits");
  return new Uint8Array(await crypto.subtle.deriveBits(subtleAlg, cryptoKey, keyLengthBits));
}
function lengthAndInput(input) {
  return concat(uint32be(input.length), input);
}
async function concatKdf(Z, keyDataLength, OtherInfo) {
  const dkLen = keyDataLength >> 3, hashLen = 32, reps = Math.ceil(dkLen / hashLen), dk = new Uint8Array(reps * hashLen);
  for (let i = 1; i <= reps; i++) {
    const hashResult = await digest("sha256", concat(uint32be(i), Z, OtherInfo));
    dk.set(hashResult, (i - 1) * hashLen);
  }
  return dk.slice(0, dkLen);
}
async function ecdhesDeriveKey(publicKey, privateKey, algorithmId, keyDataLength, apu = new Uint8Array(), apv = new Uint8Array()) {
  checkEcdhCryptoKey(publicKey), checkEcdhCryptoKey(privateKey, "deriveBits");
  const otherInfo = concat(lengthAndInput(encode(algorithmId)), lengthAndInput(apu), lengthAndInput(apv), uint32be(keyDataLength)), Z = new Uint8Array(await crypto.subtle.deriveBits({
    name: publicKey.algorithm.name,
    public: publicKey
  }, privateKey, publicKey.algorithm.name === "X25519" ? 256 : Math.ceil(parseInt(publicKey.algorithm.namedCurve.slice(-3), 10) / 8) << 3));
  return concatKdf(Z, keyDataLength, otherInfo);
}
function assertEcdhKey(key) {
  assertCryptoKey(key);
  const curve = key.algorithm.namedCurve;
  if (curve !== "P-256" && curve !== "P-384" && curve !== "P-521" && key.algorithm.name !== "X25519")
    throw new JOSENotSupported("ECDH with the provided key is not allowed or not supported by your javascript runtime");
}
function partyInfo(joseHeader, name) {
  const value = joseHeader[name];
  if (value !== void 0) {
    if (typeof value != "string")
      throw new errors_JWEInvalid(`JOSE Header "${name}" (Agreement Party${name === "apu" ? "U" : "V"}Info) invalid`);
    return decodeBase64url(value, name, errors_JWEInvalid);
  }
}
function checkPartyInfo(apu, apv) {
  if (!(apu === void 0 || apv === void 0 || apu.byteLength !== apv.byteLength)) {
    for (let i = 0; i < apu.byteLength; i++)
      if (apu[i] !== apv[i])
        return;
    throw new errors_JWEInvalid('JOSE Header "apu" and "apv" values must be distinct');
  }
}
function assertEncryptedKey(encryptedKey) {
  if (encryptedKey === void 0)
    throw new errors_JWEInvalid("JWE Encrypted Key missing");
}
function assertNoEncryptedKey(encryptedKey) {
  if (encryptedKey !== void 0)
    throw new errors_JWEInvalid("Encountered unexpected JWE Encrypted Key");
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
      if (!validate_isObject(epk) || ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"].some((parameter) => Object.hasOwn(epk, parameter)))
        throw new errors_JWEInvalid('JOSE Header "epk" (Ephemeral Public Key) missing or invalid');
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
        throw new errors_JWEInvalid('JOSE Header "p2c" (PBES2 Count) missing or invalid');
      const p2cLimit = maxPBES2Count ?? 1e4;
      if (joseHeader.p2c > p2cLimit)
        throw new errors_JWEInvalid('JOSE Header "p2c" (PBES2 Count) out is of acceptable bounds');
      if (typeof joseHeader.p2s != "string")
        throw new errors_JWEInvalid('JOSE Header "p2s" (PBES2 Salt) missing or invalid');
      const p2s = decodeBase64url(joseHeader.p2s, "p2s", errors_JWEInvalid);
      key = await deriveKey(p2s, alg, joseHeader.p2c, key);
      break;
    }
    case "AES-GCM": {
      if (typeof joseHeader.iv != "string")
        throw new errors_JWEInvalid('JOSE Header "iv" (Initialization Vector) missing or invalid');
      if (typeof joseHeader.tag != "string")
        throw new errors_JWEInvalid('JOSE Header "tag" (Authentication Tag) missing or invalid');
      const iv = decodeBase64url(joseHeader.iv, "iv", errors_JWEInvalid), tag = decodeBase64url(joseHeader.tag, "tag", errors_JWEInvalid);
      if (iv.byteLength !== 12)
        throw new errors_JWEInvalid("Invalid Initialization Vector length");
      if (tag.byteLength !== 16)
        throw new errors_JWEInvalid("Invalid Authentication Tag length");
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
      providedApu !== void 0 && assertUint8Array(providedApu, '"apu"'), providedApv !== void 0 && assertUint8Array(providedApv, '"apv"');
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
      if (kty === "EC" && (epk.y = y), parameters = { epk }, providedApu !== void 0 && (parameters.apu = base64url_encode(providedApu)), providedApv !== void 0 && (parameters.apv = base64url_encode(providedApv)), direct)
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
      key = await deriveKey(p2s, alg, p2c, key), parameters = { p2c, p2s: base64url_encode(p2s) };
      break;
    }
    case "AES-GCM": {
      const iv = providedParameters.iv === void 0 ? crypto.getRandomValues(new Uint8Array(12)) : providedParameters.iv;
      if (!(iv instanceof Uint8Array))
        throw new TypeError('"iv" must be an instance of Uint8Array');
      const wrapped = await encrypt(jweEncryption(alg.slice(0, -2)), cek, key, iv, new Uint8Array());
      encryptedKey = wrapped.ciphertext, parameters = { iv: base64url_encode(wrapped.iv), tag: base64url_encode(wrapped.tag) };
    }
  }
  if (encryptedKey ??= await aeskwWrap(alg.slice(-6), key, cek), !(encryptedKey instanceof Uint8Array) || !encryptedKey.byteLength)
    throw new TypeError("JWE key management algorithm did not produce an Encrypted Key");
  return [cek, encryptedKey, parameters];
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/deflate.js


function validateZip(joseHeader, protectedHeader) {
  if (joseHeader.zip !== void 0 && joseHeader.zip !== "DEF")
    throw new JOSENotSupported('Unsupported JWE "zip" (Compression Algorithm) Header Parameter value.');
  if (joseHeader.zip !== void 0 && !protectedHeader?.zip)
    throw new errors_JWEInvalid('JWE "zip" (Compression Algorithm) Header Parameter MUST be in a protected header.');
}
function supported(name) {
  if (typeof globalThis[name] > "u")
    throw new JOSENotSupported(`JWE "zip" (Compression Algorithm) Header Parameter requires the ${name} API.`);
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
      }), new errors_JWEInvalid("Decompressed plaintext exceeded the configured limit");
  }
  return concat(...chunks);
}
async function compress(input) {
  return supported("CompressionStream"), transform(new CompressionStream("deflate-raw"), input);
}
async function decompress(input, maxLength) {
  return supported("DecompressionStream"), transform(new DecompressionStream("deflate-raw"), input, maxLength);
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/jwe_decrypt.js








function snapshotSharedJWE(jwe) {
  const { aad, ciphertext, iv, protected: encodedProtected, tag, unprotected } = jwe;
  if (iv !== void 0 && (typeof iv != "string" || !iv))
    throw new JWEInvalid("JWE Initialization Vector incorrect type");
  if (typeof ciphertext != "string")
    throw new JWEInvalid("JWE Ciphertext missing or incorrect type");
  if (tag !== void 0 && (typeof tag != "string" || !tag))
    throw new JWEInvalid("JWE Authentication Tag incorrect type");
  if (encodedProtected !== void 0 && typeof encodedProtected != "string")
    throw new JWEInvalid("JWE Protected Header incorrect type");
  if (aad !== void 0 && (typeof aad != "string" || !aad))
    throw new JWEInvalid("JWE AAD incorrect type");
  if (unprotected !== void 0 && !isObject(unprotected))
    throw new JWEInvalid("JWE Shared Unprotected Header incorrect type");
  return {
    aad,
    ciphertext,
    iv,
    protected: encodedProtected,
    tag,
    unprotected: unprotected === void 0 ? void 0 : { ...unprotected }
  };
}
function snapshotRecipientJWE(recipient) {
  let header, headerAlg;
  try {
    const { header: inputHeader } = recipient;
    if (isObject(inputHeader)) {
      headerAlg = inputHeader.alg;
      const parameters = Object.keys(inputHeader);
      parameters.includes("alg") || (headerAlg = void 0), header = Object.fromEntries(parameters.map((parameter) => [
        parameter,
        parameter === "alg" ? headerAlg : inputHeader[parameter]
      ]));
    } else
      header = inputHeader;
    const { encrypted_key: encryptedKey } = recipient;
    return [{ encrypted_key: encryptedKey, header }, headerAlg];
  } catch (error) {
    return [void 0, headerAlg, error];
  }
}
function checkRecipient(jwe) {
  const { encrypted_key: encryptedKey, header } = jwe;
  if (encryptedKey !== void 0 && typeof encryptedKey != "string")
    throw new JWEInvalid("JWE Encrypted Key incorrect type");
  if (header !== void 0 && !isObject(header))
    throw new JWEInvalid("JWE Per-Recipient Unprotected Header incorrect type");
  if (jwe.protected === void 0 && header === void 0 && jwe.unprotected === void 0)
    throw new JWEInvalid("JOSE Header missing");
}
function shareJWE(jwe) {
  const { protected: encodedProtected, ciphertext, iv, tag, aad } = jwe;
  let protectedHeader;
  return encodedProtected !== void 0 && (protectedHeader = parseJoseHeader(encodedProtected, errors_JWEInvalid, "JWE Protected Header is invalid")), [
    protectedHeader,
    decodeBase64url(ciphertext, "ciphertext", errors_JWEInvalid),
    iv !== void 0 ? decodeBase64url(iv, "iv", errors_JWEInvalid) : void 0,
    tag !== void 0 ? decodeBase64url(tag, "tag", errors_JWEInvalid) : void 0,
    encodeAsciiMember((encodedProtected ?? "") + (aad !== void 0 ? `.${aad}` : ""), "aad", errors_JWEInvalid)
  ];
}
function prepareDecrypt(options) {
  const keyManagementAlgorithms = options && validateAlgorithms("keyManagementAlgorithms", options.keyManagementAlgorithms), contentEncryptionAlgorithms = options && validateAlgorithms("contentEncryptionAlgorithms", options.contentEncryptionAlgorithms), { crit, maxPBES2Count, maxDecompressedLength } = options ?? {};
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
    if (!isDisjoint(protectedHeader, header, unprotected))
      throw new errors_JWEInvalid("JWE Protected, JWE Unprotected Header, and JWE Per-Recipient Unprotected Header Parameter names must be disjoint");
    joseHeader = { ...protectedHeader, ...header, ...unprotected };
  } else
    joseHeader = protectedHeader ?? {};
  const [keyManagementAlgorithms, contentEncryptionAlgorithms, crit, maxPBES2Count, maxDecompressedLength] = shared, { encrypted_key: encodedKey } = jwe;
  validateCrit(errors_JWEInvalid, JWE_RECOGNIZED, crit, protectedHeader, joseHeader), validateZip(joseHeader, protectedHeader);
  const { alg, enc } = joseHeader;
  if (typeof alg != "string" || !alg)
    throw new errors_JWEInvalid("missing JWE Algorithm (alg) in JWE Header");
  const selected = JWE[alg];
  if (encodedKey === "" && (!selected || !isJWECEKTransport(selected)))
    throw new errors_JWEInvalid("JWE Encrypted Key incorrect type");
  const integrated = selected?.mode === "integrated-encryption";
  if (!integrated && (typeof enc != "string" || !enc))
    throw new errors_JWEInvalid("missing JWE Encryption Algorithm (enc) in JWE Header");
  if (keyManagementAlgorithms && !keyManagementAlgorithms.has(alg) || !keyManagementAlgorithms && alg.startsWith("PBES2"))
    throw new JOSEAlgNotAllowed('"alg" (Algorithm) Header Parameter value not allowed');
  let encEntry;
  if (integrated) {
    if (enc !== void 0)
      throw new errors_JWEInvalid('JWE "enc" (Encryption Algorithm) Header Parameter must not be present for integrated encryption');
    if (iv?.byteLength)
      throw new errors_JWEInvalid("JWE Initialization Vector must be empty for integrated encryption");
    if (tag?.byteLength)
      throw new errors_JWEInvalid("JWE Authentication Tag must be empty for integrated encryption");
  } else {
    if (contentEncryptionAlgorithms && !contentEncryptionAlgorithms.has(enc))
      throw new JOSEAlgNotAllowed('"enc" (Encryption Algorithm) Header Parameter value not allowed');
    encEntry = jweEncryption(enc);
  }
  let encryptedKey;
  if (encodedKey !== void 0)
    try {
      encryptedKey = decodeBase64url(encodedKey, "encrypted_key", errors_JWEInvalid);
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
      if (err instanceof TypeError || err instanceof errors_JWEInvalid || err instanceof JOSENotSupported)
        throw err;
      cek = generateCek(encryption);
    }
    plaintext = await decrypt(encryption, cek, ciphertext, iv, tag, additionalAuthenticatedData);
  }
  if (joseHeader.zip === "DEF") {
    const decompressionLimit = maxDecompressedLength ?? 25e4;
    if (decompressionLimit === 0)
      throw new JOSENotSupported('JWE "zip" (Compression Algorithm) Header Parameter is not supported.');
    plaintext = await decompress(plaintext, decompressionLimit).catch((cause) => {
      throw cause instanceof errors_JWEInvalid ? cause : new errors_JWEInvalid("Failed to decompress plaintext", { cause });
    });
  }
  return {
    plaintext,
    ...protectedHeader && { protectedHeader },
    ...aad !== void 0 && {
      additionalAuthenticatedData: decodeBase64url(aad, "aad", errors_JWEInvalid)
    },
    ...unprotected && { sharedUnprotectedHeader: unprotected },
    ...header && { unprotectedHeader: header },
    ...resolvedKey && { key: k }
  };
}
async function decryptCompact(jwe, shared, key) {
  if (jwe instanceof Uint8Array && (jwe = decoder.decode(jwe)), typeof jwe != "string")
    throw new errors_JWEInvalid("Compact JWE must be a string or Uint8Array");
  const { 0: protectedHeader, 1: encryptedKey, 2: iv, 3: ciphertext, 4: tag, length } = jwe.split(".");
  if (length !== 5)
    throw new errors_JWEInvalid("Invalid Compact JWE");
  return decryptJWE({
    ciphertext,
    iv: iv || void 0,
    protected: protectedHeader,
    tag: tag || void 0,
    encrypted_key: encryptedKey || void 0
  }, shared, key);
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/jwt_claims_set.js



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
  return typeof value == "number" ? validateInput(label, value) : value instanceof Date ? validateInput(label, epoch(value)) : epoch(/* @__PURE__ */ new Date()) + secs(value);
}
const normalizeTyp = (value) => {
  const normalized = value.toLowerCase();
  return value.includes("/") ? normalized : `application/${normalized}`;
}, checkAudiencePresence = (audPayload, audOption) => typeof audPayload == "string" ? audOption.includes(audPayload) : Array.isArray(audPayload) ? audOption.some((aud) => audPayload.includes(aud)) : !1;
function validateNumericDate(claimsSet, claim, required = !1) {
  const value = claimsSet[claim];
  if (!(value === void 0 && !required)) {
    if (typeof value != "number")
      throw new JWTClaimValidationFailed(`"${claim}" claim must be a number`, claimsSet, claim, "invalid");
    return value;
  }
}
function unexpectedClaim(claimsSet, claim) {
  throw new JWTClaimValidationFailed(`unexpected "${claim}" claim value`, claimsSet, claim, checkFailed);
}
function validateClaimsSet(protectedHeader, claimsSetBytes, options = {}) {
  let claimsSet;
  try {
    claimsSet = JSON.parse(strictDecoder.decode(claimsSetBytes));
  } catch (cause) {
    throw new JWTInvalid("JWT Claims Set must be a top-level JSON object", { cause });
  }
  if (!validate_isObject(claimsSet))
    throw new JWTInvalid("JWT Claims Set must be a top-level JSON object");
  const { typ } = options;
  if (typ !== void 0 && (typeof protectedHeader.typ != "string" || normalizeTyp(protectedHeader.typ) !== normalizeTyp(typ)))
    throw new JWTClaimValidationFailed('unexpected "typ" JWT header value', claimsSet, "typ", checkFailed);
  const { requiredClaims = [], issuer, subject, audience, maxTokenAge } = options, presenceCheck = [...requiredClaims];
  maxTokenAge !== void 0 && presenceCheck.push("iat"), audience !== void 0 && presenceCheck.push("aud"), subject !== void 0 && presenceCheck.push("sub"), issuer !== void 0 && presenceCheck.push("iss");
  for (const claim of new Set(presenceCheck.reverse()))
    if (!Object.hasOwn(claimsSet, claim))
      throw new JWTClaimValidationFailed(`missing required "${claim}" claim`, claimsSet, claim, "missing");
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
  const { currentDate } = options, now = validateInput("currentDate option", epoch(currentDate === void 0 ? /* @__PURE__ */ new Date() : currentDate)), iat = validateNumericDate(claimsSet, "iat", maxTokenAge !== void 0), nbf = validateNumericDate(claimsSet, "nbf");
  if (nbf !== void 0 && nbf > now + tolerance)
    throw new JWTClaimValidationFailed('"nbf" claim timestamp check failed', claimsSet, "nbf", checkFailed);
  const exp = validateNumericDate(claimsSet, "exp");
  if (exp !== void 0 && exp <= now - tolerance)
    throw new JWTExpired('"exp" claim timestamp check failed', claimsSet, "exp", checkFailed);
  if (maxTokenAge !== void 0) {
    const age = now - iat, max = validateInput("maxTokenAge option", typeof maxTokenAge == "number" ? maxTokenAge : secs(maxTokenAge));
    if (max < 0)
      throw new TypeError("Invalid maxTokenAge option input");
    if (age - tolerance > max)
      throw new JWTExpired('"iat" claim timestamp check failed (too far in the past)', claimsSet, "iat", checkFailed);
    if (age < -tolerance)
      throw new JWTClaimValidationFailed('"iat" claim timestamp check failed (it should be in the past)', claimsSet, "iat", checkFailed);
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
  return encoder.encode(JSON.stringify(claimsSet));
}
function jwtClaim(producer, claim) {
  return producerClaimsSet(producer)[claim];
}
class JWTClaimsBuilder {
  constructor(claimsSet = {}) {
    if (!validate_isObject(claimsSet))
      throw new TypeError("JWT Claims Set MUST be an object");
    (producerClaimsSets ||= /* @__PURE__ */ new WeakMap()).set(this, structuredClone(claimsSet));
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
    return value === void 0 ? claimsSet.iat = epoch(/* @__PURE__ */ new Date()) : typeof value == "string" ? claimsSet.iat = validateInput("setIssuedAt", epoch(/* @__PURE__ */ new Date()) + secs(value)) : claimsSet.iat = numericDate(value, "setIssuedAt"), this;
  }
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/jwt/decrypt.js



async function jwtDecrypt(jwt, key, options) {
  const { plaintext, ...result } = await decryptCompact(jwt, prepareDecrypt(options), key), { protectedHeader } = result, payload = validateClaimsSet(protectedHeader, plaintext, options);
  for (const claim of ["iss", "sub", "aud"])
    if (protectedHeader[claim] !== void 0 && (claim === "aud" ? JSON.stringify(protectedHeader.aud) !== JSON.stringify(payload.aud) : protectedHeader[claim] !== payload[claim]))
      throw new JWTClaimValidationFailed(`replicated "${claim}" claim header parameter mismatch`, payload, claim, "mismatch");
  return { payload, ...result };
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/lib/jwe_encrypt.js









function checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader) {
  if (!isDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader))
    throw new errors_JWEInvalid("JWE Protected, JWE Shared Unprotected and JWE Per-Recipient Header Parameter names must be disjoint");
}
function checkEncryptHeaders(input, options, sharedHeadersNormalized = !1) {
  if (!input[1] && !input[2] && !input[3])
    throw new errors_JWEInvalid("either setProtectedHeader, setUnprotectedHeader, or sharedUnprotectedHeader must be called before #encrypt()");
  options !== void 0 && (input[8] = options?.crit);
  let [, protectedHeader, unprotectedHeader, sharedUnprotectedHeader, aad, cek, iv, keyManagementParameters, crit] = input;
  if (aad !== void 0 && assertUint8Array(aad, "JWE Additional Authenticated Data"), cek !== void 0 && assertUint8Array(cek, "JWE Content Encryption Key"), iv !== void 0 && assertUint8Array(iv, "JWE Initialization Vector"), !sharedHeadersNormalized && protectedHeader !== void 0 && (protectedHeader = serializeJoseHeader(errors_JWEInvalid, protectedHeader)[0], input[1] = protectedHeader), unprotectedHeader !== void 0 && (unprotectedHeader = serializeJoseHeader(errors_JWEInvalid, unprotectedHeader)[0], input[2] = unprotectedHeader), !sharedHeadersNormalized && sharedUnprotectedHeader !== void 0 && (sharedUnprotectedHeader = serializeJoseHeader(errors_JWEInvalid, sharedUnprotectedHeader)[0], input[3] = sharedUnprotectedHeader), keyManagementParameters !== void 0 && !validate_isObject(keyManagementParameters))
    throw new TypeError("JWE Key Management Parameters must be an object");
  checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader);
  const joseHeader = {
    ...protectedHeader,
    ...unprotectedHeader,
    ...sharedUnprotectedHeader
  };
  validateCritDuplicates(errors_JWEInvalid, protectedHeader), validateCrit(errors_JWEInvalid, JWE_RECOGNIZED, crit, protectedHeader, joseHeader), validateZip(joseHeader, protectedHeader);
  const { alg, enc } = joseHeader;
  if (typeof alg != "string" || !alg)
    throw new errors_JWEInvalid('JWE "alg" (Algorithm) Header Parameter missing or invalid');
  const algEntry = JWE[alg];
  if (algEntry?.mode === "integrated-encryption") {
    if (enc !== void 0)
      throw new errors_JWEInvalid('JWE "enc" (Encryption Algorithm) Header Parameter must not be present for integrated encryption');
    if (cek !== void 0)
      throw new TypeError(`setContentEncryptionKey cannot be called with JWE "alg" (Algorithm) Header ${alg}`);
    if (iv !== void 0)
      throw new TypeError(`setInitializationVector cannot be called with JWE "alg" (Algorithm) Header ${alg}`);
    return [joseHeader, void 0, algEntry];
  }
  if (typeof enc != "string" || !enc)
    throw new errors_JWEInvalid('JWE "enc" (Encryption Algorithm) Header Parameter missing or invalid');
  return [joseHeader, jweEncryption(enc), algEntry];
}
async function encryptJWE(input, checked, key) {
  const [joseHeader, encEntry, selected] = checked, [inputPlaintext, inputProtectedHeader, inputUnprotectedHeader, sharedUnprotectedHeader, aad, providedCek, inputIv, keyManagementParameters, , unprotectedParameters] = input;
  let protectedHeader = inputProtectedHeader, unprotectedHeader = inputUnprotectedHeader;
  const algEntry = selected ?? jweAlgorithm(joseHeader.alg);
  let encryptedKey, parameters, cek;
  algEntry.mode === "integrated-encryption" ? cek = await prepareKey(algEntry, key, "encrypt") : [cek, encryptedKey, parameters] = await encryptKeyManagement(algEntry, encEntry, key, joseHeader, providedCek, keyManagementParameters), parameters && (unprotectedParameters ? unprotectedHeader = unprotectedHeader ? { ...unprotectedHeader, ...parameters } : parameters : protectedHeader = protectedHeader ? { ...protectedHeader, ...parameters } : parameters, checkDisjoint(protectedHeader, unprotectedHeader, sharedUnprotectedHeader));
  const encodedProtectedHeader = protectedHeader ? base64url_encode(JSON.stringify(protectedHeader)) : "", encodedAad = aad?.byteLength ? base64url_encode(aad) : void 0, additionalAuthenticatedData = encode(encodedAad ? `${encodedProtectedHeader}.${encodedAad}` : encodedProtectedHeader);
  let plaintext = inputPlaintext;
  joseHeader.zip === "DEF" && (plaintext = await compress(plaintext).catch((cause) => {
    throw new errors_JWEInvalid("Failed to compress plaintext", { cause });
  }));
  let ciphertext, tag, iv;
  algEntry.mode === "integrated-encryption" ? [encryptedKey, ciphertext] = await algEntry.encrypt(cek, plaintext, additionalAuthenticatedData, protectedHeader, joseHeader, keyManagementParameters) : { ciphertext, tag, iv } = await encrypt(encEntry, plaintext, cek, inputIv, additionalAuthenticatedData);
  const jwe = {
    ciphertext: base64url_encode(ciphertext)
  };
  return iv && (jwe.iv = base64url_encode(iv)), tag && (jwe.tag = base64url_encode(tag)), encryptedKey?.byteLength && (jwe.encrypted_key = base64url_encode(encryptedKey)), encodedAad && (jwe.aad = encodedAad), protectedHeader && (jwe.protected = encodedProtectedHeader), sharedUnprotectedHeader && (jwe.unprotected = sharedUnprotectedHeader), unprotectedHeader && (jwe.header = unprotectedHeader), jwe;
}
async function createJWE(input, key, options) {
  return encryptJWE(input, checkEncryptHeaders(input, options), key);
}
function compactJWE(jwe) {
  return [jwe.protected, jwe.encrypted_key, jwe.iv, jwe.ciphertext, jwe.tag].join(".");
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/jwt/encrypt.js



const EncryptJWT_base = JWTClaimsBuilder;
class EncryptJWT extends EncryptJWT_base {
  #input = [void 0];
  #replicateIssuerAsHeader;
  #replicateSubjectAsHeader;
  #replicateAudienceAsHeader;
  setProtectedHeader(protectedHeader) {
    return assertNotSet(this.#input[1], "setProtectedHeader"), this.#input[1] = protectedHeader, this;
  }
  setKeyManagementParameters(parameters) {
    return assertNotSet(this.#input[7], "setKeyManagementParameters"), this.#input[7] = parameters, this;
  }
  setContentEncryptionKey(cek) {
    return assertNotSet(this.#input[5], "setContentEncryptionKey"), this.#input[5] = cek, this;
  }
  setInitializationVector(iv) {
    return assertNotSet(this.#input[6], "setInitializationVector"), this.#input[6] = iv, this;
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
  return parseJoseHeader(encodedProtectedHeader, TypeError, invalid);
}


;// CONCATENATED MODULE: ./node_modules/jose/dist/webapi/util/decode_jwt.js




function decodeJwt(jwt) {
  if (typeof jwt != "string")
    throw new JWTInvalid("JWTs must use Compact JWS serialization, JWT must be a string");
  const { 1: encodedPayload, length } = jwt.split(".");
  if (length === 5)
    throw new JWTInvalid("Only JWTs using Compact JWS serialization can be decoded");
  if (length !== 3)
    throw new JWTInvalid("Invalid JWT");
  if (!encodedPayload)
    throw new JWTInvalid("JWTs must contain a payload");
  let claimsSetBytes;
  try {
    claimsSetBytes = decode(encodedPayload);
  } catch (cause) {
    throw new JWTInvalid("Failed to base64url decode the payload", { cause });
  }
  let claimsSet;
  try {
    claimsSet = JSON.parse(strictDecoder.decode(claimsSetBytes));
  } catch (cause) {
    throw new JWTInvalid("Failed to parse the decoded payload as JSON", { cause });
  }
  if (!validate_isObject(claimsSet))
    throw new JWTInvalid("Invalid JWT Claims Set");
  return claimsSet;
}


;// CONCATENATED MODULE: ./src/vaunt/claims.ts



function decodeClaims(token, trail) {
    const { algorithm, exp } = claims_decode(token, trail);
    const isNone = algorithm.toLowerCase() === 'none';
    if (isNone || token.endsWith('.')) {
        const detail = isNone ? 'alg none' : undefined;
        throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'unsigned', detail });
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
    throw ActionError.of('token-expired', { ...trail, expiredAt: expiresAt, time: new Date(time), isVaunts });
}
const TOLERANCE_MS = 60_000;
const ASKED = 'a token';
function claims_decode(token, trail) {
    try {
        const algorithm = decodeProtectedHeader(token).alg;
        const exp = decodeJwt(token).exp;
        if (typeof algorithm === 'string')
            return { algorithm, exp };
    }
    catch {
    }
    throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'not-a-jwt' });
}

;// CONCATENATED MODULE: ./src/vaunt/seal.ts





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
        throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' });
    const payload = await seal_decrypt(sealed, context);
    const { token, entity, 'entity-type': entityType, 'attested-by': attestedBy } = payload;
    const whole = typeof token === 'string' && typeof entity === 'string' && typeof attestedBy === 'string';
    if (!whole || (entityType !== 'user' && entityType !== 'organization')) {
        throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' });
    }
    return { token, entity, entityType, attestedBy, patExpiresAt: dateAt(String(payload['pat-expires-at'])) };
}
const HEADER = { alg: 'dir', enc: 'A256GCM' };
const COMPACT_JWE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/;
async function seal_decrypt(sealed, { key, run, now }) {
    try {
        const { payload } = await jwtDecrypt(sealed, key, {
            audience: run,
            currentDate: new Date(now),
            clockTolerance: TOLERANCE_MS / 1000,
            requiredClaims: ['exp'],
            keyManagementAlgorithms: [HEADER.alg],
            contentEncryptionAlgorithms: [HEADER.enc]
        });
        return payload;
    }
    catch (error) {
        const expiredAt = error instanceof JWTExpired ? dateAt(Number(error.payload.exp) * 1000) : undefined;
        if (expiredAt) {
            throw ActionError.of('sealed-token-expired', { expiredAt, now: new Date(now) }, error);
        }
        if (error instanceof JWTClaimValidationFailed && error.claim === 'aud') {
            throw ActionError.of('sealed-token-invalid', { fault: 'elsewhere' }, error);
        }
        if (error instanceof JOSEError) {
            throw ActionError.of('sealed-token-invalid', { fault: 'undecryptable' }, error);
        }
        throw error;
    }
}

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
        return PUBLIC_SERVER;
    return `https://${url.host.replace(/^api\.(?=[^.]+\.ghe\.com$)/, '')}`;
}
function isServerUrl(text) {
    return /^https:\/\/[\w.:-]+$/.test(text);
}
function withoutTrailingSlashes(url) {
    return url.href.replace(/(?<!\/)\/+$/, '');
}

;// CONCATENATED MODULE: ./src/runner/check-inputs.ts



function checkInputs(raw, quote, missingPatReason) {
    const opens = raw['sealed-token'] !== '';
    const sealKey = checkSealKey(raw);
    requireNone([
        ...(opens ? [] : [checkPat(raw, missingPatReason), checkEntity(raw, quote)]),
        checkExportEnv(raw, quote),
        sealKey instanceof ActionError ? problem('seal-key', sealKey) : undefined,
        ...(opens ? [] : [checkUrl(raw, 'vaunt-api-url'), checkUrl(raw, 'github-api-url'), checkHosts(raw, quote)])
    ]);
    const exportEnv = raw['export-env'];
    const key = sealKey instanceof ActionError ? undefined : sealKey;
    if (opens && key)
        return { mode: 'open', sealedToken: raw['sealed-token'], sealKey: key, exportEnv };
    return {
        mode: 'exchange',
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
function checkPat(raw, missingPatReason) {
    if (raw.pat === '') {
        return raw['seal-key'] === ''
            ? problem('pat', ActionError.of('pat-missing', { reason: missingPatReason() }))
            : problem('sealed-token', ActionError.of('sealed-token-missing', { reason: missingPatReason() }));
    }
    const fault = faultOfPat(raw.pat);
    if (fault)
        return problem('pat', ActionError.of('pat-malformed', { fault }));
    const evidence = ['ghs_', 'ghr_'].find(prefix => raw.pat.startsWith(prefix));
    return evidence && problem('pat', ActionError.of('pat-unsupported', { evidence }));
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
    return problem('entity', ActionError.of('entity-invalid', { value: quote(entity), empty: entity === '' }));
}
const ENTITY = /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/;
function checkExportEnv(raw, quote) {
    const name = raw['export-env'];
    const fault = name === '' ? undefined : faultOfExportName(name);
    return fault && problem('export-env', ActionError.of('export-env-invalid', { value: quote(name), fault }));
}
function checkSealKey(raw) {
    const text = raw['seal-key'];
    if (text === '' && raw['sealed-token'] === '')
        return undefined;
    return decodeKey(text) ?? ActionError.of('seal-key-invalid', { empty: text === '' });
}
function decodeKey(text) {
    if (!/^[\w+/-]{43}=?$/.test(text))
        return undefined;
    const bytes = Buffer.from(text, 'base64');
    return bytes.length === 32 ? new Uint8Array(bytes) : undefined;
}
function checkUrl(raw, input) {
    const fault = parseApiUrl(raw[input]);
    return fault instanceof URL ? undefined : problem(input, ActionError.of('url-invalid', { input, fault }));
}
function checkHosts(raw, quote) {
    const [vauntUrl, githubUrl] = [parseApiUrl(raw['vaunt-api-url']), parseApiUrl(raw['github-api-url'])];
    if (!(vauntUrl instanceof URL && githubUrl instanceof URL))
        return undefined;
    if (!sendsEnterprisePatToPublicVaunt(githubUrl, vauntUrl))
        return undefined;
    return problem('github-api-url', ActionError.of('host-unsupported', { githubHost: quote(githubUrl.host) }));
}

;// CONCATENATED MODULE: ./src/runner/event.ts

function findMissingPatReason(eventName, actor, readEvent) {
    if (eventName?.startsWith('pull_request') && eventName !== 'pull_request_target' && isFromFork(readEvent)) {
        return 'fork';
    }
    return actor === 'dependabot[bot]' ? 'dependabot' : 'unknown';
}
function isPublicRepository(environment, readFile) {
    return property(repositoryIn(environment, readFile), 'private') === false;
}
function defaultBranchIn(environment, readFile) {
    return textIn(repositoryIn(environment, readFile), 'default_branch');
}
function repositoryIn(environment, readFile) {
    const event = readJson(() => readFile(environment['GITHUB_EVENT_PATH'] ?? ''));
    return property(event, 'repository');
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
    const code = 'code' in thrown ? systemCode(thrown.code) : undefined;
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
        throw ActionError.of('runner-files-unusable', { variable, detail: undefined });
    try {
        return { variable, path, length: files.probe(path) };
    }
    catch (error) {
        throw files_unusable(variable, error) ?? error;
    }
}
async function inFolder(disk, prefix, use) {
    let folder;
    try {
        folder = disk.makeFolder(prefix);
    }
    catch (error) {
        throw files_unusable('RUNNER_TEMP', error) ?? error;
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
        throw files_unusable('RUNNER_TEMP', error) ?? error;
    }
}
function causeOf(error, file, files) {
    try {
        const failure = files_unusable(file.variable, error);
        if (failure)
            return failure;
        files.probe(file.path);
        return error;
    }
    catch (again) {
        return files_unusable(file.variable, again) ?? error;
    }
}
function files_unusable(variable, error) {
    const detail = systemCode(property(error, 'code'));
    return detail === undefined ? undefined : ActionError.of('runner-files-unusable', { variable, detail }, error);
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
        missingPatReason: () => findMissingPatReason(environment['GITHUB_EVENT_NAME'], environment['GITHUB_ACTOR'], () => world.readFile(environment['GITHUB_EVENT_PATH'] ?? '')),
        once(name, act) {
            if (!done.has(name))
                act();
            done.add(name);
        },
        server: PUBLIC_SERVER
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
    core.setFailed(describe(failure, guide(environment), failing.server));
    outputCode(codeOf(failure), failing);
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
        if (thrown instanceof ActionError || thrown instanceof InputErrors)
            return thrown;
        return ActionError.of('internal', { kind: quote(kindOf(thrown)), place: quote(placeOf(thrown)) }, thrown);
    }
    catch {
        return ActionError.of('internal', { kind: quote('something unreadable'), place: quote('') });
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
    if (status < 400 || !isOwnRefusal) {
        const surprise = surpriseOf(status);
        const location = surprise === 'redirect' ? headers['location'] : undefined;
        throw ActionError.of('vaunt-unexpected', {
            ...facts,
            surprise,
            location: location === undefined ? undefined : quote(location)
        });
    }
    if (status === 404 && question.mayBeMissing === true)
        return answer;
    if (status === 401 || status === 403 || status === 404)
        throw refusal(answer, question);
    throw ActionError.of('vaunt-unexpected', { ...facts, surprise: trail.words === undefined ? 'status' : 'refused' });
}
function refusal({ status, trail }, question) {
    const { vauntApiUrl, quote, repository } = question;
    if (question.bearer === undefined) {
        const refused = { ...trail, repository: quote(`${question.entity}/${repository ?? ''}`), status };
        return ActionError.of('pat-missing', { reason: question.missingPatReason?.() ?? 'unknown', refused });
    }
    const asked = question.forToken === true ? undefined : question.asked;
    const entity = quote(question.entity);
    if (status !== 404)
        return ActionError.of('vaunt-refused', { ...trail, entity, status, asked });
    return ActionError.of('vaunt-entity-unknown', {
        ...trail,
        entity,
        repository: repository === undefined ? undefined : quote(repository),
        address: vauntApiUrl === PUBLIC_VAUNT_API_URL ? undefined : quote(vauntApiUrl)
    });
}

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
        throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-json' });
    const token = property(property(json, 'data'), 'token');
    if (typeof token !== 'string' || token === '' || token === 'null') {
        throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'no-token' });
    }
    if (!COMPACT_JWS.test(token))
        throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' });
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
    if (!isOwnRefusal || status < 400) {
        const surprise = surpriseOf(status);
        const location = surprise === 'redirect' ? headers['location'] : undefined;
        throw refusal_unexpected(answer, asked, surprise, { location: location === undefined ? undefined : quote(location) });
    }
    if (status === 401)
        throw ActionError.of('pat-rejected', trail);
    if (isEndOfVersion(answer))
        throw refusal_unexpected(answer, asked, 'api-version', { detail: API_VERSION });
    throw (status === 403 ? forbidden(answer, context) : undefined) ?? refusal_unexpected(answer, asked, 'refused');
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
    throw ActionError.of('entity-not-found', { ...trail, entity: login, renamed: { status, id } });
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
        return ActionError.of('sso-required', { ...trail, url: ssoUrl(sso, context) });
    }
    if (/not accessible by integration/i.test(message)) {
        return ActionError.of('pat-unsupported', { evidence: 'answer', ...trail });
    }
    if (LOGIN_LIMIT.test(message)) {
        return ActionError.of('github-rate-limited', { limit: 'logins', ...trail });
    }
    const policy = POLICIES.find(([pattern]) => pattern.test(message))?.[1];
    return policy && ActionError.of('policy-forbidden', { policy, ...trail });
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
    const servers = [server, PUBLIC_SERVER];
    const url = Array.from(urls, ([, found = '']) => found).find(each => each.length <= QUOTED_CHARACTERS && servers.some(known => each.startsWith(`${known}/`)));
    return url === undefined ? undefined : quote(url);
}
function messageOf(answer) {
    return textIn(answer.json, 'message') ?? '';
}
function refusal_unexpected(answer, asked, surprise, details = {}) {
    return ActionError.of('github-unexpected', {
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
        throw refusal_unexpected(answer, asked, 'not-described');
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
        throw ActionError.of('not-a-member', { ...facts, ...scopesTold(answer, context) });
    }
    if (answer.status === 403 && answer.isOwnRefusal) {
        const reason = forbidden(answer, context);
        if (reason)
            throw reason;
        if (lacksPermission(answer)) {
            throw ActionError.of('members-permission-missing', {
                ...facts,
                ...scopesTold(answer, context),
                required: membership_requirement(answer, context)
            });
        }
    }
    const membership = membershipIn(succeeded(answer, MEMBERSHIP, context));
    if (membership.organizationId !== entity.id || (membership.userId !== undefined && membership.userId !== user.id)) {
        throw refusal_unexpected(answer, MEMBERSHIP, 'ids-contradict');
    }
    if (!isSameLogin(membership.organizationLogin, entity.login))
        throw refusal_unexpected(answer, MEMBERSHIP, 'other-login');
    if (membership.state === 'pending')
        throw ActionError.of('membership-pending', facts);
    if (membership.role !== 'admin')
        throw ActionError.of('not-an-admin', { ...facts, role: quote(membership.role) });
}
function lacksPermission(answer) {
    const required = requiredIn(answer);
    const granted = scopesIn(answer);
    const isLacking = required.length > 0 && !required.some(each => covers(granted, each));
    return isLacking || NO_MEMBERS_PERMISSION.test(messageOf(answer));
}
const NO_MEMBERS_PERMISSION = /not accessible by personal access token|do not have access to this organization membership/i;
function membership_requirement(answer, { quote }) {
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
        throw refusal_unexpected(answer, MEMBERSHIP, 'not-described');
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






async function attest(reader, entity, quote, server = PUBLIC_SERVER) {
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
        throw ActionError.of('entity-not-found', { entity: quote(asked), ...entityAnswer.trail });
    const entity = account(succeeded(entityAnswer, attest_ENTITY, context), attest_ENTITY);
    const name = quote(entity.login);
    if (!isSameLogin(entity.login, asked))
        throw refusal_unexpected(entityAnswer, attest_ENTITY, 'other-login');
    if (entity.type === 'User') {
        if (entity.id !== user.id) {
            throw ActionError.of('entity-mismatch', {
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
        throw ActionError.of('entity-unsupported', { ...entityAnswer.trail, entity: name, type: quote(entity.type) });
    }
    judgeMembership(await reads.membership, { user, entity, patUser, name }, context);
    const excessScopes = scopesIn(userAnswer).filter(scope => scope !== LEAST_SCOPE);
    return { entity: { ...entity, type: 'organization' }, attestedBy: user, patExpiresAt, excessScopes };
}

;// CONCATENATED MODULE: ./src/actions/token-steps.ts





async function attestPat(session, client, { pat, entity, githubApiUrl, vauntApiUrl }) {
    const { world, quote, server } = session;
    const reader = world.createReader({ pat, githubApiUrl, client });
    const attesting = attest(reader, entity, quote, server);
    client.openEarly(vauntApiUrl);
    const attestation = await attesting;
    logAttestation({ core: world.core, quote, server }, attestation);
    return attestation;
}
async function exchangePat({ world, quote, mask }, client, { pat, vauntApiUrl }, { entity, attestedBy, patExpiresAt }) {
    const { token, vauntTime, trail } = await exchange({ client, vauntApiUrl, entity: entity.login, pat, quote });
    mask(token);
    const claims = decodeClaims(token, trail);
    requireFresh(claims, { vauntTime, now: world.now() }, trail);
    const about = { entity: entity.login, entityType: entity.type, attestedBy: attestedBy.login, patExpiresAt };
    return { token, ...about, ...claims, vauntTime };
}
async function sealToken(session, token, key) {
    const { world } = session;
    const { seal } = world.sealing;
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
    const contents = await world.sealing.open(sealedToken, { key: sealKey, run: runId(world), now: world.now() });
    mask(contents.token);
    const claims = claimsOf(contents.token);
    const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)];
    world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, verified as ${attestedBy}.`);
    return { ...contents, ...claims, sealedToken };
}
function claimsOf(token) {
    try {
        if (COMPACT_JWS.test(token))
            return decodeClaims(token, { attempts: 0 });
    }
    catch {
    }
    throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' });
}
function requireRunId({ environment }) {
    for (const variable of ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID']) {
        if (!environment[variable])
            throw ActionError.of('runner-files-unusable', { variable, detail: undefined });
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
    throw ActionError.of('export-env-invalid', { ...facts, fault: 'too-long' });
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
        throw new InputErrors([{ input: given.join(', '), error: ActionError.of('token-ambiguous', { given }) }]);
    const isNone = raw.pat === '' && given.length === 0 && raw['seal-key'] === '';
    if (isOptional && isNone)
        return { credential: { mode: 'none' }, ...checkQuestion(raw, raw.entity, session) };
    if (!given.includes('token')) {
        const credential = checkInputs(raw, session.quote, () => {
            const reason = session.missingPatReason();
            return reason === 'unknown' ? 'no-token' : reason;
        });
        if (credential.mode === 'exchange') {
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
    const problem = fault && { input: 'token', error: ActionError.of('token-malformed', { fault }) };
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
    requireNone([
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
    if (credential.mode === 'exchange')
        return await newToken(session, credential);
    if (credential.mode === 'open') {
        requireRunId(session.world);
        const opened = await openSealedToken(session, credential);
        return { token: opened.token, entity: spelled(entity, opened.entity) };
    }
    try {
        decodeClaims(credential.token, { attempts: 0 });
    }
    catch (error) {
        throw ActionError.of('token-malformed', { fault: 'not-a-jwt' }, error);
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
        const facts = { ...trail, asked: asked.what, status, host };
        return ActionError.of('github-unexpected', { ...facts, surprise: surpriseOf(status) });
    }
    const words = [messageIn(answer.json), ...reasonsIn(answer.json)].join(' ');
    const { repository, branch } = asked;
    const fault = forbids(words, status);
    if (fault === 'setting')
        return ActionError.of('pull-request-forbidden', { ...trail, fault, repository });
    if (asked.request === 'pull-request' && fault && PULL_REQUEST_FAULTS[fault]) {
        return ActionError.of('pull-request-forbidden', { ...trail, fault: PULL_REQUEST_FAULTS[fault], repository });
    }
    if (fault)
        return ActionError.of('commit-forbidden', { ...trail, fault, repository });
    const rule = RULES.find(([pattern]) => pattern.test(words))?.[1];
    if (rule)
        return ActionError.of('commit-refused', { ...trail, fault: rule, branch });
    if (MOVED.test(words))
        return new BranchMoved(trail.attempts > 1);
    if (asked.request === 'branch')
        return ActionError.of('commit-refused', { ...trail, fault: 'unknown', branch });
    return ActionError.of('github-unexpected', { ...trail, asked: asked.what, status, surprise: 'refused' });
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
        return described(answer, textIn(answer.json, 'default_branch'), asked);
    }
    async findTip(branch) {
        const asked = this.#about('read', branch, `the branch ${this.quote(branch)}`);
        const answer = await this.#ask('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` });
        if (isMissing(answer))
            return undefined;
        if (answer.status === 409 && answer.isOwnRefusal)
            return EMPTY;
        repository_succeeded(answer, asked);
        const isExact = textIn(answer.json, 'ref') === `refs/heads/${branch}`;
        return described(answer, isExact ? sha(property(answer.json, 'object')) : undefined, asked);
    }
    async readCommit(commit) {
        const asked = this.#about('read', '', 'a commit');
        const answer = await this.#send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: commit }, asked);
        const tree = sha(property(answer.json, 'tree'));
        const parents = property(answer.json, 'parents');
        const shas = Array.isArray(parents) ? parents.map(sha).filter(parent => parent !== undefined) : [];
        return { tree: described(answer, tree, asked), parents: shas, message: textIn(answer.json, 'message') ?? '' };
    }
    async readRoot(commit) {
        return (await this.#findFolder(commit)) ?? (await this.readFolder((await this.readCommit(commit)).tree));
    }
    async readFolder(tree) {
        const folder = await this.#findFolder(tree);
        if (folder)
            return folder;
        throw ActionError.of('commit-forbidden', { fault: 'not-found', repository: this.fullName, attempts: 1 });
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
        if (textIn(answer.json, 'type') !== 'file')
            return undefined;
        if (textIn(answer.json, 'encoding') === 'base64')
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
    throw ActionError.of('github-unexpected', { ...trail, surprise: 'not-described', asked: asked.what, status });
}
function sha(value) {
    const found = textIn(value, 'sha');
    return found !== undefined && /^[\da-f]{40,64}$/.test(found) ? found : undefined;
}
function entryOf(value) {
    const [name, mode, object] = [textIn(value, 'path'), textIn(value, 'mode'), sha(value)];
    return name === undefined || mode === undefined || object === undefined ? undefined : { name, mode, sha: object };
}
function repository_decoded({ json }) {
    return Buffer.from(textIn(json, 'content') ?? '', 'base64').toString('utf8');
}
function isBetween(pull, head, base) {
    return textIn(property(pull, 'head'), 'ref') === head && textIn(property(pull, 'base'), 'ref') === base;
}
function pullRequestUrl(pull) {
    const url = textIn(pull, 'html_url');
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
        return await own.addTo(branch, tip);
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
            const isOutage = error instanceof ActionError && error.code === 'github-unavailable';
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
                throw ActionError.of('branch-busy', { branch: repository.quote(branch), attempts: turn, seconds });
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
    async addTo(branch, tip) {
        const repository = this.#repository;
        const { path, text } = this.#file;
        const arrived = await this.findIn(tip);
        if (arrived !== undefined)
            return arrived;
        const news = newsIn(tip && (await repository.readFile(tip, path)), text);
        if (!news)
            return undefined;
        const commit = await this.create(tip, news.card, branch);
        return await this.place(commit, async () => {
            await (tip === undefined ? repository.createBranch(branch, commit) : repository.moveBranch(branch, commit, false));
            return commit;
        });
    }
    async place(known, put) {
        try {
            return await put();
        }
        catch (error) {
            const isUncertain = error instanceof BranchMoved ? error.mayHaveArrived : error instanceof ActionError;
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
            throw ActionError.of('card-path-unusable', { fault, ...quoted });
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
            throw ActionError.of('commit-forbidden', { ...facts, fault: 'no-branch' });
        }
        const news = newsIn(await repository.readFile(tip, file.path), file.text);
        const open = await repository.findPullRequest(patience.branch, base);
        if (!news)
            return { commit: undefined, url: open?.url };
        const head = { name: patience.branch, tip: await repository.findTip(patience.branch) };
        if (open)
            return { commit: head.tip && (await own.addTo(head.name, head.tip)), url: open.url };
        const commit = await startBranch(repository, own, { head, base: { name: base, tip }, card: news.card });
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
async function startBranch(repository, own, { head, base, card }) {
    const arrived = await own.findIn(head.tip);
    if (arrived !== undefined)
        return arrived;
    const commit = await own.create(base.tip, card, base.name);
    await own.place(commit, () => head.tip === undefined ? repository.createBranch(head.name, commit) : repository.moveBranch(head.name, commit, true));
    own.remember(commit);
    return commit;
}

;// CONCATENATED MODULE: ./src/card/safety.ts



function requireSafeSvg(text, quote) {
    const fault = safety_faultOf(text);
    if (!fault)
        return;
    const { found } = fault;
    throw ActionError.of('card-unsafe', { fault: fault.fault, found: found === undefined ? undefined : quote(found) });
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
    throw ActionError.of('vaunt-unexpected', { surprise: 'secret', asked: 'the card', attempts: 1, status: 200 });
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
        const inputs = readCardInputs(session);
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
function readCardInputs(session) {
    const { core, environment } = session.world;
    const read = (name) => core.getInput(name).trim();
    const readBranch = (name) => read(name).replace(/^refs\/heads\/(?=.)/, '');
    const githubToken = core.getInput('github-token').trim();
    maskLong(session, githubToken);
    const problems = [];
    const credentials = collect(problems, () => readCredentials(session, true));
    const [repository, limit] = [read('repository'), read('limit') || '10'];
    const path = read('path') || '.vaunt/cards/contributors.svg';
    const branch = readBranch('branch');
    const pullRequest = read('pull-request').toLowerCase() || 'false';
    const pullRequestBranch = readBranch('pull-request-branch') || 'vaunt/contributors-card';
    const check = (input, isGood, value) => {
        if (!isGood)
            problems.push(contributors_card_invalid(session, input, value));
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
    requireNone(problems);
    if (!credentials)
        throw new TypeError('the inputs were read neither with nor without problems');
    const githubApiUrl = apiUrl(raw['github-api-url']);
    const to = { path, branch, opensPullRequest, pullRequestBranch, githubApiUrl, githubToken };
    return { credentials, repository, limit, ...to };
}
function contributors_card_invalid({ quote }, input, value) {
    return { input, error: ActionError.of('step-input-invalid', { input, value: quote(value) }) };
}
function findPlace(session) {
    const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '0', GITHUB_SERVER_URL: own = '' } = session.world.environment;
    const server = isServerUrl(own) ? own : session.server;
    const [owner = '', name = ''] = repository.split('/');
    if (name === '')
        throw ActionError.of('runner-files-unusable', { variable: 'GITHUB_REPOSITORY', detail: undefined });
    return { owner, name, runUrl: `${server}/${repository}/actions/runs/${run}` };
}
function requireToken({ quote }, { githubToken }, { owner, name }) {
    const fault = githubToken === '' ? 'no-token' : /^[\w.~+/-]+=*$/.test(githubToken) ? undefined : 'malformed';
    if (!fault)
        return;
    throw ActionError.of('commit-forbidden', { fault, repository: quote(`${owner}/${name}`), attempts: 1 });
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
            missingPatReason: session.missingPatReason,
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
            credentials.credential.mode === 'exchange' ? credentials.credential.pat : ''
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
        const github = world.createReader({ pat: githubToken, githubApiUrl, client });
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
    throw contributors_card_invalid(session, 'pull-request-branch', pullRequestBranch).error;
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
    return ActionError.of('vaunt-unexpected', { attempts: 1, asked, surprise, status: 200 });
}
function tooLarge(asked) {
    return ActionError.of('vaunt-unexpected', { attempts: 1, asked, surprise: 'too-large', limitBytes: ALL_PAGES_BYTES });
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
    return textIn(value, 'name') !== undefined;
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
    return isRepositoryName(name) && isServerUrl(server) ? `<a href="${server}/${entity}/${name}">${label}</a>` : label;
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






async function runToken(world) {
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
    'vaunt-token': runToken,
    'contributors-card': runCard,
    'repositories-report': runReport
};
const environment = foldNames(processEnvironment, process.platform);
const { RUNNER_TEMP: temporary = '' } = environment;
const world = {
    core: { getInput: getInput, setSecret: core_setSecret, info: info, warning: warning, setFailed: setFailed, setOutput: setOutput, exportVariable: exportVariable },
    environment,
    nodeVersion: process.versions.node,
    now: Date.now,
    uptime: () => process.uptime() * 1000,
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
    sealing: seal_namespaceObject
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
