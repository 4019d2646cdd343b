const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const

let kept: NodeJS.Signals[] | undefined
let pass: ((signal: NodeJS.Signals) => void) | undefined

function keep(signal: NodeJS.Signals): void {
  if (pass !== undefined) pass(signal)
  else kept?.push(signal)
}

/**
 * Keeps signals until somebody takes them over, where this is the init process of a container: to that one the
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

/** What came so far and whatever comes goes to `to`. The returned function tells whether one of them asked to stop. */
export function passEarlySignals(to: (signal: NodeJS.Signals) => void): () => boolean {
  let isStopped = false
  pass = (signal) => {
    isStopped ||= signal === 'SIGTERM' || signal === 'SIGINT'
    to(signal)
  }
  for (const signal of kept?.splice(0) ?? []) pass(signal)
  return () => isStopped
}
