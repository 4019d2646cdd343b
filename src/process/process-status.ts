import { processUsage } from './system/process-usage.ts'
import type { Slot } from './slot.ts'

/** A process as `status` shows it. */
export interface ProcessStatus {
  readonly state: 'starting' | 'running' | 'draining' | 'exited'
  /** Undefined before the process listens. */
  readonly pid: number | undefined
  readonly port: number | undefined
  /** Milliseconds since the process began to listen; 0 before. */
  readonly uptimeMs: number
  /** Requests under way. */
  readonly requests: number
  /** Open WebSockets. */
  readonly tunnels: number
  /** Memory of the process itself, without its children; undefined where the system does not tell. */
  readonly rssBytes?: number
  /** Processor time of the process itself since its start, in seconds; undefined where the system does not tell. */
  readonly cpuSeconds?: number
}

/** Undefined when the slot has no process. */
export function processStatusOf({ process, lent }: Slot<unknown>): ProcessStatus | undefined {
  if (process === undefined) return undefined
  const { state, uptimeMs } = process
  const target = state.name === 'running' || state.name === 'draining' ? state.target : undefined
  const { requests = 0, tunnels = 0 } = lent ?? {}
  const usage = target === undefined ? {} : processUsage(target.pid)
  return { state: state.name, pid: target?.pid, port: target?.port, uptimeMs, requests, tunnels, ...usage }
}
