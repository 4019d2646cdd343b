import { type FrontLimits, frontLimits } from '../listen/limits.ts'

/** File descriptors kept for everything but connections: Node's own, log files, watches, pipes of child processes. */
const reservedDescriptors = 64
const minConnections = 16

/**
 * Limits of a front where the process may open `openFiles` files; undefined: the system has no such limit. A client
 * takes up two descriptors, its own connection and one to the application; a fifth of the descriptors is kept free. So
 * clients alone, however many and however idle, never keep an application from being started.
 */
export function frontLimitsFor(openFiles: number | undefined): FrontLimits {
  if (openFiles === undefined) return frontLimits
  const affordable = Math.floor(((openFiles - reservedDescriptors) / 2) * 0.8)
  return { ...frontLimits, connections: Math.min(frontLimits.connections, Math.max(minConnections, affordable)) }
}
