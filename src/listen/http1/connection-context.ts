import type { SendQueues } from '../../platform/send-queues.ts'
import type { ClientBuffers } from './client-buffers.ts'
import type { DateField } from '../date-field.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents } from '../protocol.ts'
import type { SharedHead } from './shared-head.ts'
import type { OpenConnection } from '../connections.ts'

/** What the connections of one HTTP/1.1 front share. */
export interface ConnectionContext {
  readonly limits: FrontLimits
  readonly events: FrontEvents
  readonly date: DateField
  readonly shared: SharedHead
  readonly buffers: ClientBuffers
  readonly queues: SendQueues
  /** The exact time in monotonic milliseconds. */
  readonly now: () => number
  /** The time to record for an event that happens now, in monotonic milliseconds; see Ticker. */
  readonly stamp: () => number
  readonly onClosed: (connection: OpenConnection) => void
}
