// A function that does nothing, for events that must be handled but don't matter.

/** Does nothing. Whoever passes it on says why nothing is to be done. */
export function ignore(): void {
  // Nothing is to be done.
}
