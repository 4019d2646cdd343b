/** What an operator's signal asks for. */
export interface Intents {
  /** SIGTERM, SIGINT: the first time. */
  stop(signal: string): void
  /** The second time. */
  stopNow(signal: string): void
  /** SIGHUP. */
  reload(): void
  /** SIGUSR2. */
  recycle(): void
}

/** Signals → intents, until the returned function is called. */
export function listenForSignals(source: NodeJS.EventEmitter, intents: Intents): () => void {
  let asked = false
  const stop = (signal: string): void => {
    if (asked) intents.stopNow(signal)
    else intents.stop(signal)
    asked = true
  }
  const handlers: Readonly<Record<string, (signal: string) => void>> = {
    SIGTERM: stop,
    SIGINT: stop,
    SIGHUP: () => {
      intents.reload()
    },
    SIGUSR2: () => {
      intents.recycle()
    },
  }
  for (const [signal, handler] of Object.entries(handlers)) source.on(signal, handler)
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) source.off(signal, handler)
  }
}
