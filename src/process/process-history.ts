import type { ProcessEnd } from './server-process.ts'
import type { StartFailure } from './life/start-report.ts'

/** What has happened to a pool's processes since the pool was made; shown by `status`. */
export interface PoolHistory {
  /** Starts that ended with a listening process. */
  readonly starts: number
  /** Starts that failed in all their attempts. */
  readonly failedStarts: number
  /** Ready processes that ended without being asked to. */
  readonly deaths: number
  readonly lastFailure: StartFailure | undefined
}

export const noHistory: PoolHistory = { starts: 0, failedStarts: 0, deaths: 0, lastFailure: undefined }

export function afterStart(history: PoolHistory): PoolHistory {
  return { ...history, starts: history.starts + 1 }
}

export function afterEnd(history: PoolHistory, end: ProcessEnd): PoolHistory {
  switch (end.how) {
    case 'start-failed':
      return { ...history, failedStarts: history.failedStarts + 1, lastFailure: end.report }
    case 'died':
      return { ...history, deaths: history.deaths + 1 }
    case 'stopped':
      return history
  }
}
