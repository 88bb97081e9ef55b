// Owns the way from eslint.config.js to the packages that are installed here.

export { default as js } from '@eslint/js'
export { default as tseslint } from 'typescript-eslint'
