export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/**
 * One event. `event` is a stable name that scripts may wait for; `eventId` is the number that ANCM gives to the same
 * event, if ANCM has one.
 */
export interface LogEntry {
  readonly event: string
  readonly eventId?: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** Writes entries; never throws, and never blocks on a full disk. */
export interface Log {
  write(level: Level, entry: LogEntry): void
  isEnabled(level: Level): boolean
}
