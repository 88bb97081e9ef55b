// Owns the reading of JSON that nobody has checked yet: one parse, one property. Knows no service and no shape.

/**
 * What a text spells in JSON.
 *
 * @returns undefined when it is no JSON (JSON itself cannot spell undefined)
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A property that an object itself has, never an inherited one.
 *
 * @returns undefined when there is none, or when the value is no object
 */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}
