import type { Lease } from '../../../src/process/lease.ts'
import { launchOf, leased, openPool, type TestChannel, type TestPool } from './support.ts'

/** Three processes, all ready. */
export async function openThree(): Promise<TestPool> {
  const made = openPool(launchOf(['serve'], { config: { processesPerApplication: 3 } }))
  const leases = await Promise.all([leased(made), leased(made), leased(made)])
  for (const lease of leases) lease.release()
  return made
}

/** A lease on the process that is chosen; one must be ready. */
export function take({ pool }: TestPool): Lease<TestChannel> {
  const lease = pool.take()
  if (lease === undefined) throw new Error('none is ready')
  return lease
}
