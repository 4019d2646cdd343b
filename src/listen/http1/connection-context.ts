import type { SendQueues } from '../../platform/send-queues.ts'
import type { ClientBuffers } from './client-buffers.ts'
import type { DateField } from './date-field.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents } from '../protocol.ts'
import type { SharedHead } from './shared-head.ts'
import type { Http1Connection } from './connection.ts'

/** What the connections of an HTTP/1.1 front share. */
export interface ConnectionContext {
  readonly limits: FrontLimits
  readonly events: FrontEvents
  readonly date: DateField
  readonly shared: SharedHead
  readonly buffers: ClientBuffers
  readonly queues: SendQueues
  /** Monotonic milliseconds, exact. */
  readonly now: () => number
  /** The time to note for what happens now; see Ticker. */
  readonly stamp: () => number
  readonly onClosed: (connection: Http1Connection) => void
}
