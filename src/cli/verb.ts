import type { ExitCode } from './exit-codes.ts'
import type { OptionSpec } from './options.ts'

/** What a verb may touch: the two streams and the environment, so that tests can watch. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isTerminal: boolean
}

export interface Verb {
  readonly usage: string
  readonly summary: string
  readonly options: readonly OptionSpec[]
  readonly act: (args: readonly string[], terminal: Terminal) => Promise<ExitCode>
}
