/** Cannot be called: octokit.graphql does not compile. */
export type graphql = undefined

export declare function withCustomRequest(): { defaults(): undefined }

/** Cannot be called: octokit.paginate does not compile. */
export type PaginateInterface = undefined

export declare function paginateRest(): object

/** No methods: octokit.rest.… does not compile, octokit.request() does. */
export type Api = object

export declare function restEndpointMethods(): Api

type Request = (options: object) => unknown

export interface HookCollection {
  (name: string, request: Request, options: object): Promise<unknown>
  wrap(name: string, around: (request: Request, options: object) => unknown): void
}

declare const hooks: { readonly Collection: new () => HookCollection }
export default hooks
