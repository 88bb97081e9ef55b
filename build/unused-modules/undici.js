// Replaces undici. @actions/github takes its fetch for requests without a fetch of their own; ours always have one.

export function fetch() {
  throw new Error('replaced in the bundle: undici.fetch() is never called')
}
