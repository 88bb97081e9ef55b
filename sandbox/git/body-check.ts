// Checks request bodies against GitHub's OpenAPI description, because GitHub refuses what doesn't match it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'

const DESCRIPTION = join(import.meta.dirname, '..', 'github', 'github-openapi.json')

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: unknown }>>>>
}

/** Loaded only when something is written, because most runs only read. */
let loaded: { readonly ajv: Ajv; readonly paths: Description['paths'] } | undefined
const validators = new Map<string, ValidateFunction>()

/**
 * Says what is wrong with a body.
 *
 * @param path such as `/repos/octo/demo/git/refs/heads/main`, decoded
 * @returns undefined if the body is as described, or if there is no description of it
 */
export function faultInBody(method: string, path: string, body: unknown): string | undefined {
  const validate = validatorOf(method.toLowerCase(), path)
  if (!validate || validate(body)) return undefined
  const [error] = validate.errors ?? []
  return `For '${error?.instancePath.slice(1) ?? ''}', ${error?.message ?? 'it is not as described'}.`
}

function validatorOf(method: string, path: string): ValidateFunction | undefined {
  loaded ??= load()
  const { ajv, paths } = loaded
  const template = Object.keys(paths).find(each => paths[each]?.[method]?.requestBody && matches(each, path))
  if (template === undefined) return undefined
  const pointer = `/paths/${template.replaceAll('/', '~1')}/${method}/requestBody/content/application~1json/schema`
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `github#${encodeURI(pointer)}` })
  validators.set(pointer, validate)
  return validate
}

function load(): NonNullable<typeof loaded> {
  const description = JSON.parse(readFileSync(DESCRIPTION, 'utf8')) as Description
  // OpenAPI's `nullable` is known to Ajv; its other additions say nothing about what is valid.
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema(description, 'github')
  return { ajv, paths: description.paths }
}

/** Names of branches and paths of files contain slashes. */
function matches(template: string, path: string): boolean {
  const pattern = template.replace(/\{(\w+)\}/g, (_, name) => (name === 'ref' || name === 'path' ? '.+' : '[^/]+'))
  return new RegExp(`^${pattern}$`).test(path)
}
