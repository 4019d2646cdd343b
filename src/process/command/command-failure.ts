/** Why there is no program to execute. */
export type CommandFailure =
  | {
      readonly why: 'not-found'
      /** The program or assembly, as web.config names it. */
      readonly wanted: string
      readonly lookedFor: readonly string[]
      readonly cure: string
    }
  | { readonly why: 'not-executable'; readonly file: string; readonly reason: string; readonly cure: string }
