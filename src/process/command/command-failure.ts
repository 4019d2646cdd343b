/** Why there is nothing to execute. */
export type CommandFailure =
  | {
      readonly why: 'not-found'
      /** The word of web.config that named it. */
      readonly wanted: string
      readonly lookedFor: readonly string[]
      readonly cure: string
    }
  | { readonly why: 'not-executable'; readonly file: string; readonly reason: string; readonly cure: string }
