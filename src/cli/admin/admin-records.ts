import { EventHistory } from '../../control/admin/event-history.ts'
import { RequestMeters } from '../../site/metering/request-meters.ts'
import type { AdminPlan } from './admin-plan.ts'

/** What is recorded for the admin address from the start of the daemon on, before the address is open. */
export interface AdminRecords {
  readonly plan: AdminPlan
  readonly meters: RequestMeters
  readonly history: EventHistory
}

export function recordsFor(plan: AdminPlan): AdminRecords {
  return { plan, meters: new RequestMeters(), history: new EventHistory() }
}
