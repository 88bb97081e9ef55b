/** Cannot be called: octokit.graphql does not compile. */
export type graphql = undefined

export declare function withCustomRequest(): { defaults(): undefined }
