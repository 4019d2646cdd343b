import type { ExitCode } from './exit-codes.ts'
import type { OptionSpec } from './options.ts'

/**
 * The only parts of the process that a verb uses: its output streams and its environment. Tests pass an object of their
 * own.
 */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /**
   * Writes to stdout all of it, however slow its reader is. Resolves when he has taken it; with false when he has gone.
   * Undefined: `out` does.
   */
  deliver?(bytes: Uint8Array): Promise<boolean>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether stderr is a terminal. */
  readonly isTerminal: boolean
  /** Whether stdout is one; undefined: it is none. */
  readonly isOutputTerminal?: boolean
  /** Characters that fit into a line of it, and lines, as they are now; undefined where stdout is no terminal. */
  readonly size?: () => { readonly columns: number; readonly rows: number } | undefined
}

/** What `ancmd --help` says about a verb, and how its code is loaded, which happens only when the verb is used. */
export interface VerbEntry {
  /** The verb's name and its arguments, as shown in the help. */
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<Verb>
}

/** One command of `ancmd`; `act` resolves with the exit code. */
export interface Verb {
  readonly options: readonly OptionSpec[]
  readonly act: (args: readonly string[], terminal: Terminal) => Promise<ExitCode>
}
