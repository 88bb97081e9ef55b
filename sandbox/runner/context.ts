// Builds the `github` context of a step, with its defaults.

/** The parts of the `github` context that are used here. */
export interface GithubContext {
  readonly repository: string
  readonly repository_owner: string
  readonly api_url: string
  readonly server_url: string
  readonly graphql_url: string
  readonly event_name: string
  /** Written to the event file: an object as JSON, and text or bytes unchanged. */
  readonly event: Readonly<Record<string, unknown>> | string | Uint8Array
  readonly run_id: string
  readonly run_number: string
  readonly run_attempt: string
  readonly actor: string
  readonly triggering_actor: string
  readonly workflow: string
  readonly job: string
  readonly ref: string
  readonly sha: string
}

/** A push to a made-up repository. */
export const DEFAULT_CONTEXT: GithubContext = {
  repository: 'octo/demo',
  repository_owner: 'octo',
  api_url: 'https://api.github.com',
  server_url: 'https://github.com',
  graphql_url: 'https://api.github.com/graphql',
  event_name: 'push',
  event: { repository: { full_name: 'octo/demo', owner: { login: 'octo' } } },
  run_id: '4711',
  run_number: '1',
  run_attempt: '1',
  actor: 'octo',
  triggering_actor: 'octo',
  workflow: 'Demo',
  job: 'demo',
  ref: 'refs/heads/main',
  sha: '0123456789abcdef0123456789abcdef01234567'
}
