type Request = (options: object) => unknown

export interface HookCollection {
  (name: string, request: Request, options: object): Promise<unknown>
  wrap(name: string, around: (request: Request, options: object) => unknown): void
}

declare const hooks: { readonly Collection: new () => HookCollection }
export default hooks
