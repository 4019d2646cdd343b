import type { Log } from './entry.ts'
import * as events from './events.ts'

/** Logs an error that should not have been possible. `where`: what the daemon was doing. */
export function reportBug(log: Log, where: string, error: unknown): void {
  events.bug(log, { where, error: String(error), stack: error instanceof Error ? error.stack : undefined })
}
