import type { Level, Log, LogEntry } from '../../log/entry.ts'

/** One event of the daemon, as the status page shows it. */
export interface RecordedEvent {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly level: Level
  readonly event: string
  /** The application's id; undefined for an event of the daemon itself. */
  readonly app: string | undefined
  readonly msg: string
}

/** The events of the lives of applications and of the daemon; not those of single requests. */
const kept: ReadonlySet<string> = new Set([
  'applicationAdded',
  'applicationOffline',
  'applicationOnline',
  'applicationRecycled',
  'applicationRemoved',
  'applicationStarted',
  'applicationStopped',
  'certificateRenewed',
  'configAccepted',
  'configRejected',
  'configReloaded',
  'listening',
  'listensElsewhere',
  'processExited',
  'processKilled',
  'processStartAttemptFailed',
  'processStartFailed',
  'processStarted',
  'processesLeft',
  'rapidFailTripped',
  'stopping',
])

const limit = 500

/** The ends of an application of which no process has ended. */
export const noExits = { asked: 0, crash: 0, 'start-failed': 0 }

/** Remembers the newest events, and counts the ends of processes. Life: that of the daemon; holds 500 events at most. */
export class EventHistory {
  readonly #events: RecordedEvent[] = []
  /** Ends of processes by application and cause: `asked`, `crash`, `start-failed`. */
  readonly exits = new Map<string, typeof noExits>()

  get events(): readonly RecordedEvent[] {
    return this.#events
  }

  /** A log that writes to `log`, and remembers. Events below the level of `log` are remembered too. */
  tee(log: Log): Log {
    return {
      isEnabled: (level) => (level !== 'trace' && level !== 'debug') || log.isEnabled(level),
      write: (level, entry) => {
        this.#remember(level, entry)
        if (log.isEnabled(level)) log.write(level, entry)
      },
    }
  }

  #remember(level: Level, entry: LogEntry): void {
    const { event, msg } = entry
    if (!kept.has(event)) return
    const app = typeof entry['app'] === 'string' ? entry['app'] : undefined
    this.#events.push({ time: new Date().toISOString(), level, event, app, msg })
    if (this.#events.length > limit) this.#events.shift()
    if (app === undefined) return
    if (event === 'processExited') this.#countExit(app, entry['expected'] === true ? 'asked' : 'crash')
    if (event === 'processStartFailed') this.#countExit(app, 'start-failed')
  }

  #countExit(app: string, cause: 'asked' | 'crash' | 'start-failed'): void {
    const counts = this.exits.get(app) ?? { ...noExits }
    counts[cause]++
    this.exits.set(app, counts)
  }
}
