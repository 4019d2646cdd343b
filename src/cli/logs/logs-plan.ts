import type { PrintedForm } from './output-printer.ts'

/** What a command line of `logs` asks for. */
export interface LogsPlan {
  /** A name of an application, or a folder. */
  readonly wanted: string | undefined
  readonly follows: boolean
  /** Undefined: all of --since. */
  readonly lines: number | undefined
  readonly sinceMs: number | undefined
  /** Undefined: it depends on the number of applications. */
  readonly form: PrintedForm | undefined
  readonly config: string | undefined
  readonly control: string | undefined
}

/** Where output goes. */
export interface Destination {
  /** Writes to stdout; false when its reader has gone. */
  write(bytes: Uint8Array): Promise<boolean>
  /** Writes a sentence to stderr. */
  say(text: string): void
  /** Aborts when the command is to end. */
  readonly ended: AbortSignal
}
