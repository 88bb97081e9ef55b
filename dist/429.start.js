export const id = 429;
export const ids = [429];
export const modules = {

/***/ 429:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   open: () => (/* binding */ open),
/* harmony export */   seal: () => (/* binding */ seal)
/* harmony export */ });
/* harmony import */ var jose_errors__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(674);
/* harmony import */ var jose_jwt_decrypt__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(525);
/* harmony import */ var jose_jwt_encrypt__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(693);
/* harmony import */ var _claims_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51);
/* harmony import */ var _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(481);





const DEFAULT_LIFETIME_MS = 6 * 60 * 60 * 1000;
async function seal(contents, { key, run, expiresAt, now }) {
    return await new jose_jwt_encrypt__WEBPACK_IMPORTED_MODULE_2__/* .EncryptJWT */ .L({
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
async function open(sealed, context) {
    if (!COMPACT_JWE.test(sealed))
        throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
    const payload = await decrypt(sealed, context);
    const { token, entity, 'entity-type': entityType, 'attested-by': attestedBy } = payload;
    const whole = typeof token === 'string' && typeof entity === 'string' && typeof attestedBy === 'string';
    if (!whole || (entityType !== 'user' && entityType !== 'organization')) {
        throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ.of('sealed-token-invalid', { fault: 'not-sealed' });
    }
    return { token, entity, entityType, attestedBy, patExpiresAt: (0,_claims_js__WEBPACK_IMPORTED_MODULE_0__/* .dateAt */ .iM)(String(payload['pat-expires-at'])) };
}
const HEADER = { alg: 'dir', enc: 'A256GCM' };
const COMPACT_JWE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/;
async function decrypt(sealed, { key, run, now }) {
    try {
        const { payload } = await (0,jose_jwt_decrypt__WEBPACK_IMPORTED_MODULE_3__/* .jwtDecrypt */ .B)(sealed, key, {
            audience: run,
            currentDate: new Date(now),
            clockTolerance: _claims_js__WEBPACK_IMPORTED_MODULE_0__/* .TOLERANCE_MS */ .Z4 / 1000,
            requiredClaims: ['exp'],
            keyManagementAlgorithms: [HEADER.alg],
            contentEncryptionAlgorithms: [HEADER.enc]
        });
        return payload;
    }
    catch (error) {
        const expiredAt = error instanceof jose_errors__WEBPACK_IMPORTED_MODULE_4__/* .JWTExpired */ .n ? (0,_claims_js__WEBPACK_IMPORTED_MODULE_0__/* .dateAt */ .iM)(Number(error.payload.exp) * 1000) : undefined;
        if (expiredAt) {
            throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ.of('sealed-token-expired', { expiredAt, now: new Date(now) }, error);
        }
        if (error instanceof jose_errors__WEBPACK_IMPORTED_MODULE_4__/* .JWTClaimValidationFailed */ .ie && error.claim === 'aud') {
            throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ.of('sealed-token-invalid', { fault: 'elsewhere' }, error);
        }
        if (error instanceof jose_errors__WEBPACK_IMPORTED_MODULE_4__/* .JOSEError */ .i4) {
            throw _errors_action_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ.of('sealed-token-invalid', { fault: 'undecryptable' }, error);
        }
        throw error;
    }
}


/***/ })

};
