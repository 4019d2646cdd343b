import { join } from 'node:path'
import type { LogFileConfig } from '../../../config/host-settings.ts'

/** Where lines are written. */
export interface LogPlace {
  /** The file for a line of this time (milliseconds since 1970), absolute. */
  fileAt(time: number): string
  /** Told of the size of the file in bytes, whenever something was written to it. */
  grew?(bytes: number): void
}

export function oneFile(path: string): LogPlace {
  return { fileAt: () => path }
}

const prefixes = { W3C: 'u_ex', NCSA: 'u_nc', JSON: 'u_js' }
const minuteMs = 60_000

/**
 * The files of one site, as IIS names them: `W3SVC<id>/u_ex<yyMMdd>.log`, by UTC unless localTimeRollover is set. Life:
 * that of its writer.
 */
export class SiteFolder implements LogPlace {
  readonly #folder: string
  readonly #config: LogFileConfig
  /** The number of the file, for the period MaxSize. */
  #number = 1
  #minute = -1
  #file = ''

  constructor(directory: string, site: number, config: LogFileConfig) {
    this.#folder = join(directory, `W3SVC${String(site)}`)
    this.#config = config
  }

  fileAt(time: number): string {
    // A new period begins with a minute, so that the name is made once for each.
    const minute = Math.floor(time / minuteMs)
    if (minute === this.#minute) return this.#file
    this.#minute = minute
    const { logFormat, period, localTimeRollover } = this.#config
    const name = period === 'MaxSize' ? `tend${String(this.#number)}` : stampOf(period, time, localTimeRollover)
    this.#file = join(this.#folder, `${prefixes[logFormat]}${name}.log`)
    return this.#file
  }

  grew(bytes: number): void {
    if (this.#config.period !== 'MaxSize' || bytes < this.#config.truncateSize) return
    this.#number += 1
    this.#minute = -1
  }
}

function stampOf(period: Exclude<LogFileConfig['period'], 'MaxSize'>, time: number, isLocal: boolean): string {
  const offset = isLocal ? new Date(time).getTimezoneOffset() * minuteMs : 0
  const text = new Date(time - offset).toISOString().replaceAll(/[-T:]/g, '')
  const month = text.slice(2, 6)
  switch (period) {
    case 'Hourly':
      return text.slice(2, 10)
    case 'Daily':
      return text.slice(2, 8)
    case 'Weekly':
      return `${month}${String(Math.ceil(Number(text.slice(6, 8)) / 7)).padStart(2, '0')}`
    case 'Monthly':
      return month
  }
}
