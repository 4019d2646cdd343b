import type { ExitCode } from './exit-codes.ts'
import type { OptionSpec } from './options.ts'

/** What a verb may touch: the two streams and the environment, so that tests can watch. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isTerminal: boolean
}

/** What `ancmd --help` tells of a verb, and where its code is: loaded only when it is asked for. */
export interface VerbEntry {
  /** The name, and what may follow it. */
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<Verb>
}

export interface Verb {
  readonly options: readonly OptionSpec[]
  readonly act: (args: readonly string[], terminal: Terminal) => Promise<ExitCode>
}
