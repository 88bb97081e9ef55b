// Reads JSON that nobody has checked yet: parses a text, and gets one property of a value.

/**
 * Parses JSON.
 *
 * @returns undefined if the text isn't JSON (no JSON text stands for undefined)
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Gets an object's own property, never an inherited one.
 *
 * @returns undefined if there is none, or if the value isn't an object
 */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/** Gets an object's own property if it is a text; undefined otherwise. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = property(value, name)
  return typeof found === 'string' ? found : undefined
}
