import type { Clock } from './clock.ts'

/**
 * Resolves after `ms` milliseconds or when the signal aborts; never rejects, and leaves no timer or listener behind.
 */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}

/** Resolves when `settled` does, at the latest after `ms` milliseconds, and leaves no timer behind. */
export async function atMost(clock: Clock, ms: number, settled: Promise<unknown>): Promise<void> {
  let cancel = (): void => undefined
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve)
  })
  await Promise.race([settled, limit])
  cancel()
}

/** Resolves after `ms` milliseconds; with 0 at once. */
export function delay(clock: Clock, ms: number): Promise<void> {
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}

/** Resolves at the end of this turn of the event loop, or of the next one if this turn's reads are over. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
