/** Cannot be called: octokit.paginate does not compile. */
export type PaginateInterface = undefined

export declare function paginateRest(): object
