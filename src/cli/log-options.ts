import { resolve } from 'node:path'
import { failed, ok, type Result } from '../platform/result.ts'
import type { AccessLogOption } from '../site/modules/access-log/access-logs.ts'
import type { StdoutLogLimits } from '../stdout/log-files.ts'
import { oneOf, type OptionSpec, type ParsedOptions, type UsageError, wholeNumber } from './options.ts'

/** What `run` is told about logs other than the daemon's own, as createHost() takes it. */
export interface RunLogOptions {
  readonly accessLog?: AccessLogOption
  readonly stdoutLogLimits: StdoutLogLimits
}

export const logOptions: readonly OptionSpec[] = [
  {
    name: 'access-log',
    value: 'FILE|-',
    summary: 'write a line for each request to a file, or to stdout; default off',
  },
  {
    name: 'access-log-format',
    value: 'w3c|combined|json',
    summary: "format of the access log: IIS's W3C (default), combined, or JSON (ECS)",
  },
  {
    name: 'stdout-log-max-size',
    value: 'SIZE',
    summary: 'begin a new stdout log from this size on, such as 10MB; default never',
  },
  {
    name: 'stdout-log-max-files',
    value: 'N',
    summary: 'keep this number of stdout logs of each stdoutLogFile; default all',
  },
  {
    name: 'stdout-log-max-age',
    value: 'TIME',
    summary: 'delete stdout logs that were not written for so long, such as 7d or 12h; default never',
  },
]

const formats = { w3c: 'W3C', combined: 'NCSA', json: 'JSON' } as const

/** @param output the daemon's stdout */
export function readLogOptions(
  given: ParsedOptions,
  output: { writeLine(text: string): void },
): Result<RunLogOptions, UsageError> {
  const limits = readLimits(given)
  if (!limits.ok) return limits
  const stdoutLogLimits = limits.value
  const file = given.value('access-log')
  const format = oneOf('access-log-format', given.value('access-log-format') ?? 'w3c', ['w3c', 'combined', 'json'])
  if (!format.ok) return format
  if (file === undefined) {
    if (!given.has('access-log-format')) return ok({ stdoutLogLimits })
    return failed({ message: 'option --access-log-format needs --access-log FILE, or --access-log - for stdout' })
  }
  const target = file === '-' ? output : resolve(file)
  return ok({ stdoutLogLimits, accessLog: { format: formats[format.value], target } })
}

function readLimits(given: ParsedOptions): Result<StdoutLogLimits, UsageError> {
  const size = withUnit(given, 'stdout-log-max-size', { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }, '10MB')
  if (!size.ok) return size
  const age = withUnit(given, 'stdout-log-max-age', { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }, '7d')
  if (!age.ok) return age
  const written = given.value('stdout-log-max-files')
  const files = written === undefined ? ok(undefined) : wholeNumber('stdout-log-max-files', written, 1, 100_000)
  if (!files.ok) return files
  return ok({
    ...(size.value !== undefined && { maxBytes: size.value }),
    ...(files.value !== undefined && { maxFiles: files.value }),
    ...(age.value !== undefined && { maxAgeMs: age.value }),
  })
}

/** Reads a whole number above 0 with one of these units, in any letter case. */
function withUnit(
  given: ParsedOptions,
  name: string,
  units: Readonly<Record<string, number>>,
  example: string,
): Result<number | undefined, UsageError> {
  const text = given.value(name)
  if (text === undefined) return ok(undefined)
  const [, digits, letters = ''] = /^([1-9]\d{0,8})([a-z]*)$/i.exec(text) ?? []
  const unit = Object.entries(units).find(([each]) => each.toLowerCase() === letters.toLowerCase())?.[1]
  if (digits === undefined || unit === undefined) {
    const known = Object.keys(units).filter((each) => each !== '')
    return failed({
      message: `option --${name} takes a number with ${known.join(', ')}, such as ${example}, not '${text}'`,
    })
  }
  return ok(Number(digits) * unit)
}
