import { type FrontLimits, frontLimits } from '../listen/limits.ts'

/** Descriptors for all that is no connection: node's own, log files, watches, the pipes of children. */
const setApart = 64
const fewest = 16

/**
 * As many connections as there are descriptors for: one for the client and one to the application each, and a fifth to
 * spare. So clients alone, however many and however idle, never keep a process from being started.
 */
export function limitsFor(openFiles: number | undefined): FrontLimits {
  if (openFiles === undefined) return frontLimits
  const affordable = Math.floor(((openFiles - setApart) / 2) * 0.8)
  return { ...frontLimits, connections: Math.min(frontLimits.connections, Math.max(fewest, affordable)) }
}
