import type { ForwardFailure } from '../forward/forward-failure.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lease } from '../process/lease.ts'

/** How long to wait for the report that a process which accepts no connections has ended. */
const endNoticeMs = 500

/**
 * Whether a failed exchange may be given to another process: nothing of it has reached this process, and the process
 * has ended. The sockets of a process close shortly before its end is reported, so its end is waited for. If the
 * process does not end, the exchange is answered with 502.3, as in ANCM.
 */
export function isForNextProcess(
  failure: ForwardFailure,
  lease: Pick<Lease<unknown>, 'onEnded'>,
  clock: Clock,
): Promise<boolean> {
  if (failure.kind !== 'connect' || failure.side !== 'application') return Promise.resolve(false)
  return new Promise((resolve) => {
    const stopWaiting = lease.onEnded(() => {
      cancel()
      resolve(true)
    })
    const cancel = clock.after(endNoticeMs, () => {
      stopWaiting()
      resolve(false)
    })
  })
}
