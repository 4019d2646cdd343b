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
}

const redacted = ['token', 'headers["ms-aspnetcore-token"]', 'env.ASPNETCORE_TOKEN']

/** The daemon's own log: one JSON object a line, or one readable line. */
export function createLog(options: LogOptions): Log {
  const write =
    options.format === 'json'
      ? options.out
      : (line: string) => {
          options.out(prettyLine(JSON.parse(line) as LogEntry & { level: Level; time: string }, options.colour))
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
