import type { Level, Log, LogEntry } from './entry.ts'

/** The event's own fields, besides its name, id and message. */
type Fields = Readonly<Record<string, unknown>>

/** Writes one event if its level is enabled; otherwise builds no entry. */
export function emit(log: Log, level: Level, event: string, msg: string, fields: Fields, eventId?: number): void {
  if (!log.isEnabled(level)) return
  const entry: LogEntry = eventId === undefined ? { event, msg, ...fields } : { event, eventId, msg, ...fields }
  log.write(level, entry)
}
