/** One line of the daemon's log. */
export interface DaemonEvent {
  readonly event: string
  readonly eventId?: number
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

interface Waiter {
  readonly fits: (event: DaemonEvent) => boolean
  readonly resolve: (event: DaemonEvent) => void
  readonly reject: (error: Error) => void
}

/**
 * Reads the events from the daemon's stderr, where each one has a line of its own. The apps write to the same stream,
 * so lines that are not events are kept only as text.
 */
export class EventLog {
  readonly events: DaemonEvent[] = []
  text = ''
  #rest = ''
  #ended = false
  readonly #waiters = new Set<Waiter>()

  take(text: string): void {
    this.text += text
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  end(): void {
    this.#ended = true
    for (const waiter of this.#waiters) waiter.reject(this.#never('an event', 'because the daemon ended'))
  }

  event(name: string, fits: (event: DaemonEvent) => boolean): Promise<DaemonEvent> {
    const matches = (event: DaemonEvent): boolean => event.event === name && fits(event)
    const past = this.events.find(matches)
    if (past !== undefined) return Promise.resolve(past)
    if (this.#ended) return Promise.reject(this.#never(name, 'because the daemon has ended'))
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        settle()
        reject(this.#never(name, 'within 30 s'))
      }, 30_000)
      const settle = (): void => {
        clearTimeout(limit)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        fits: matches,
        resolve: (event) => {
          settle()
          resolve(event)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      this.#waiters.add(waiter)
    })
  }

  #line(line: string): void {
    if (!line.startsWith('{"level":')) return
    let event: DaemonEvent
    try {
      event = JSON.parse(line) as DaemonEvent
    } catch {
      return
    }
    this.events.push(event)
    for (const waiter of [...this.#waiters]) if (waiter.fits(event)) waiter.resolve(event)
  }

  #never(name: string, why: string): Error {
    return new Error(`${name} never came ${why}; the daemon said:\n${this.text.slice(-4_000)}`)
  }
}
