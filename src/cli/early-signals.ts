const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const

let earlySignals: NodeJS.Signals[] | undefined
let passOn: ((signal: NodeJS.Signals) => void) | undefined

function keep(signal: NodeJS.Signals): void {
  if (passOn !== undefined) passOn(signal)
  else earlySignals?.push(signal)
}

/**
 * As the init process of a container: keeps signals until takeEarlySignals() or passEarlySignals() is called, because
 * the kernel delivers to process 1 only signals that it listens for. Any other process is ended by them, as it should
 * be while nothing runs yet.
 */
export function keepEarlySignals(pid: number = process.pid): void {
  if (pid !== 1) return
  earlySignals = []
  for (const signal of signals) process.on(signal, keep)
}

/** The signals that have come so far. No more are kept, so the caller must be listening already. */
export function takeEarlySignals(): readonly NodeJS.Signals[] {
  const taken = earlySignals ?? []
  for (const signal of signals) process.off(signal, keep)
  earlySignals = undefined
  return taken
}

/**
 * Calls `to` with every signal that has come so far and every one that comes later. The returned function says whether
 * one of them asked for a stop.
 */
export function passEarlySignals(to: (signal: NodeJS.Signals) => void): () => boolean {
  let isStopped = false
  passOn = (signal) => {
    isStopped ||= signal === 'SIGTERM' || signal === 'SIGINT'
    to(signal)
  }
  for (const signal of earlySignals?.splice(0) ?? []) passOn(signal)
  return () => isStopped
}
