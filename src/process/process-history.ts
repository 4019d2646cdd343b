import type { ProcessEnd } from './server-process.ts'
import type { StartFailure } from './life/start-report.ts'

/** What has been since the pool was made; for `status`. */
export interface PoolHistory {
  /** Processes that came to listen. */
  readonly starts: number
  /** Starts that came to nothing, after all attempts. */
  readonly failedStarts: number
  /** Ready processes that ended unasked. */
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
