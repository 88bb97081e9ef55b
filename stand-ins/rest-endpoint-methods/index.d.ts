/** No methods: octokit.rest.… does not compile, octokit.request() does. */
export type Api = object

export declare function restEndpointMethods(): Api
