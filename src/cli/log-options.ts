import { resolve } from 'node:path'
import { failed, ok, type Result } from '../platform/result.ts'
import type { AccessLogOption } from '../site/modules/access-log/access-logs.ts'
import { oneOf, type OptionSpec, type ParsedOptions, type UsageError } from './options.ts'

/** What `run` is told about logs other than the daemon's own, as createHost() takes it. */
export interface RunLogOptions {
  readonly accessLog?: AccessLogOption
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
]

const formats = { w3c: 'W3C', combined: 'NCSA', json: 'JSON' } as const

/** @param output the daemon's stdout */
export function readLogOptions(
  given: ParsedOptions,
  output: { writeLine(text: string): void },
): Result<RunLogOptions, UsageError> {
  const file = given.value('access-log')
  const format = oneOf('access-log-format', given.value('access-log-format') ?? 'w3c', ['w3c', 'combined', 'json'])
  if (!format.ok) return format
  if (file === undefined) {
    if (!given.has('access-log-format')) return ok({})
    return failed({ message: 'option --access-log-format needs --access-log FILE, or --access-log - for stdout' })
  }
  return ok({ accessLog: { format: formats[format.value], target: file === '-' ? output : resolve(file) } })
}
