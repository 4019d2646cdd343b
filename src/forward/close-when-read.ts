import { nextTurn } from '../platform/pause.ts'
import type { Upstream } from './forwarder.ts'

/**
 * Closes the connections to a process that has ended, of which a busy daemon may know before it has read how the
 * connections ended. That tells which requests the process had not read, so that the next one gets them. At the end of
 * this turn a request may still be sent over a connection that has just become free; in the next one its end is read,
 * and after it the request is sent again, in vain.
 */
export async function closeWhenRead(upstream: Upstream): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn()
  upstream.close()
}
