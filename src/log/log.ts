import { pino } from 'pino'
import type { Level, Log, LogEntry } from './entry.ts'
import { prettyLine } from './pretty.ts'

export interface LogOptions {
  readonly format: 'json' | 'pretty'
  readonly level: Level
  /** Writes one line with its line end; synchronous, so that the last line before an exit is not lost. */
  readonly out: (line: string) => void
  /** Whether the pretty form has colours. */
  readonly colour: boolean
  /**
   * Whether the lines go to the systemd journal: each then begins with its priority, `<6>`, and the readable form has no
   * time, which the journal adds itself.
   */
  readonly journal?: boolean
}

/** The priorities of syslog. */
const priorities: Record<Level, number> = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 }

const redacted = ['token', 'headers["ms-aspnetcore-token"]', 'env.ASPNETCORE_TOKEN']

/** The daemon's own log: one JSON object a line, or one readable line. */
export function createLog(options: LogOptions): Log {
  const { journal = false } = options
  const write =
    options.format === 'json' && !journal
      ? options.out
      : (line: string) => {
          const entry = JSON.parse(line) as LogEntry & { level: Level; time: string }
          const text = options.format === 'json' ? line : prettyLine(entry, options.colour, !journal)
          options.out(journal ? text.replaceAll(/^(?=.)/gm, `<${String(priorities[entry.level])}>`) : text)
        }
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
    },
    { write },
  )
  return {
    write(level, entry) {
      logger[level](entry)
    },
    isEnabled: (level) => logger.isLevelEnabled(level),
  }
}
