// Owns the function that does nothing, for events and answers that must be taken and mean nothing here. Does nothing else.

/** Does nothing. Whoever passes it on says why nothing is to be done. */
export function ignore(): void {
  // Nothing is to be done.
}
