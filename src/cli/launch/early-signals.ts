const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const

let earlySignals: NodeJS.Signals[] | undefined
let passOn: ((signal: NodeJS.Signals) => void) | undefined

function keep(signal: NodeJS.Signals): void {
  if (passOn !== undefined) passOn(signal)
  else earlySignals?.push(signal)
}

/**
 * In process 1, the init process of a container: keeps signals until takeEarlySignals() or passEarlySignals() is
 * called, because the kernel drops every signal that process 1 does not listen for. Any other process is ended by such
 * a signal, which is right because nothing has been started yet.
 */
export function keepEarlySignals(pid: number = process.pid): void {
  if (pid !== 1) return
  earlySignals = []
  for (const signal of signals) process.on(signal, keep)
}

/** Returns the signals that were kept and keeps no further ones, so the caller must listen for signals already. */
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
