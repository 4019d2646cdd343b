import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/** The file of an access log cannot be opened or written; it is tried again and again. `code`: an errno name. */
export function accessLogFailed(log: Log, f: { file: string; code: string }): void {
  const msg = `the access log ${f.file} cannot be written (${f.code}); requests go on, and lines wait as long as there is room`
  emit(log, 'warn', 'accessLogFailed', msg, f)
}

/** Lines of an access log are missing, because its disk or its reader did not take them. */
export function accessLogIncomplete(log: Log, f: { file: string; lines: number }): void {
  const msg = `${String(f.lines)} lines are missing in the access log ${f.file}: nothing took them in time`
  emit(log, 'warn', 'accessLogIncomplete', msg, f)
}
