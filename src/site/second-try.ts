import type { ForwardFailure } from '../forward/forward-failure.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lease } from '../process/lease.ts'

/** Milliseconds in which a process that takes no connections any more is seen to have ended, if it has. */
const noticing = 500

/**
 * Whether another process may have an exchange that failed: nothing of it has reached this one, which is dead or dies now. Its
 * sockets close before its end is told, so requests of that moment find nobody. A process that lives on is waited for no
 * longer: such an exchange is 502.3, as in ANCM.
 */
export function isForNextProcess(
  failure: ForwardFailure,
  lease: Pick<Lease<unknown>, 'onEnded'>,
  clock: Clock,
): Promise<boolean> {
  if (failure.kind !== 'connect' || failure.side !== 'application') return Promise.resolve(false)
  return new Promise((resolve) => {
    const forget = lease.onEnded(() => {
      cancel()
      resolve(true)
    })
    const cancel = clock.after(noticing, () => {
      forget()
      resolve(false)
    })
  })
}
