import { pino } from 'pino'
import { prettyLine } from './pretty.ts'

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One thing that happened. `event` is a stable name that scripts may wait for; `eventId` is ANCM's number where it has one. */
export interface LogEntry {
  readonly event: string
  readonly eventId?: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** Takes entries; never throws and never blocks on a full disk. */
export interface Log {
  write(level: Level, entry: LogEntry): void
  isEnabled(level: Level): boolean
}

export interface LogOptions {
  readonly format: 'json' | 'pretty'
  readonly level: Level
  /** Takes one finished line with its line end; synchronous, so that the last line before an exit is not lost. */
  readonly out: (line: string) => void
  /** Colours in the pretty form. */
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
