export const id = 62;
export const ids = [62];
export const modules = {

/***/ 697:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ HttpClient)
/* harmony export */ });
// Replaces @actions/http-client. @actions/core requests OIDC tokens with it, which nobody asks for.

class HttpClient {
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


/***/ }),

/***/ 822:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _: () => (/* binding */ restEndpointMethods)
/* harmony export */ });
// Replaces @octokit/plugin-rest-endpoint-methods, a table of some 900 endpoints: every request goes through octokit.request().

function restEndpointMethods() {
  return {}
}


/***/ }),

/***/ 627:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ fetch)
/* harmony export */ });
// Replaces undici. @actions/github takes its fetch for requests without a fetch of their own; ours always have one.

function fetch() {
  throw new Error('replaced in the bundle: undici.fetch() is never called')
}


/***/ })

};
