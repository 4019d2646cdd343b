const signals = ['SIGTERM', 'SIGINT'] as const

let kept: NodeJS.Signals[] | undefined

function keep(signal: NodeJS.Signals): void {
  kept?.push(signal)
}

/**
 * Keeps SIGTERM and SIGINT until somebody takes them over, where this is the init process of a container: to that one the
 * kernel delivers only what it listens for. Any other process just ends by them, as it should while nothing runs yet.
 */
export function keepEarlySignals(pid: number = process.pid): void {
  if (pid !== 1) return
  kept = []
  for (const signal of signals) process.on(signal, keep)
}

/** What came so far, and none is kept from now on: whoever asks listens by now. */
export function takeEarlySignals(): readonly NodeJS.Signals[] {
  const taken = kept ?? []
  for (const signal of signals) process.off(signal, keep)
  kept = undefined
  return taken
}
