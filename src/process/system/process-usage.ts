import { consumptionOf } from './process-table.ts'

/** Clock ticks a second in /proc: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

/** Memory and processor time of one process; empty where the system does not tell, as off Linux. */
export function processUsage(pid: number): { readonly rssBytes?: number; readonly cpuSeconds?: number } {
  const used = consumptionOf(pid)
  return used === undefined ? {} : { rssBytes: used.rssBytes, cpuSeconds: used.ticks / ticksPerSecond }
}
