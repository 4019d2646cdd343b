/** What the daemon does on each signal. */
export interface SignalActions {
  /** The first SIGTERM or SIGINT. */
  stop(signal: string): void
  /** Each further SIGTERM or SIGINT. */
  stopNow(signal: string): void
  /** SIGHUP. */
  reload(): void
  /** SIGUSR2. */
  recycle(): void
}

/** Calls an action for each signal that `source` (Node's `process`) emits, until the returned function is called. */
export function listenForSignals(source: NodeJS.EventEmitter, actions: SignalActions): () => void {
  let isStopping = false
  const stop = (signal: string): void => {
    if (isStopping) actions.stopNow(signal)
    else actions.stop(signal)
    isStopping = true
  }
  const handlers: Readonly<Record<string, (signal: string) => void>> = {
    SIGTERM: stop,
    SIGINT: stop,
    SIGHUP: () => {
      actions.reload()
    },
    SIGUSR2: () => {
      actions.recycle()
    },
  }
  for (const [signal, handler] of Object.entries(handlers)) source.on(signal, handler)
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) source.off(signal, handler)
  }
}
