// A function that does nothing, for events that must be handled but don't matter.

/** Does nothing. A comment at each use says why. */
export function ignore(): void {
  // Nothing to do.
}
