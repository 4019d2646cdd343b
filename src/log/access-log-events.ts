import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/**
 * The file of an access log cannot be opened or written. With `fatal` the daemon ends, else it goes on and tries again
 * and again. `code`: an errno name.
 */
export function accessLogFailed(log: Log, f: { file: string; code: string; fatal: boolean }): void {
  const effect = f.fatal ? '' : '; requests go on, and lines wait as long as there is room'
  const msg = `the access log ${f.file} cannot be written (${f.code})${effect}. ${cureOf(f.code)}`
  emit(log, f.fatal ? 'error' : 'warn', 'accessLogFailed', msg, f)
}

function cureOf(code: string): string {
  switch (code) {
    case 'EISDIR':
      return 'It is a folder: name a file in it'
    case 'ENXIO':
      return 'It is a socket, or a pipe without a reader: name a file, or - for stdout'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Make room on its disk'
    default:
      return "Name a place that the daemon's user may write to, or give it the right"
  }
}

/** Lines of an access log are missing, because its disk or its reader did not take them. */
export function accessLogIncomplete(log: Log, f: { file: string; lines: number }): void {
  const msg = `${String(f.lines)} lines are missing in the access log ${f.file}: nothing took them in time`
  emit(log, 'warn', 'accessLogIncomplete', msg, f)
}
