import { Agent } from 'node:http'
import type { Daemon } from '../../support/daemon.ts'
import { type Received, send } from '../../support/send.ts'

/** A status, or `broken` when the connection ended without a whole response. */
export type Outcome = number | 'broken'

/** How one request ended; never rejects. */
export async function outcomeOf(request: Promise<Received>): Promise<Outcome> {
  return request.then(
    ({ status }) => status,
    () => 'broken' as const,
  )
}

/** How often each outcome came. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

export interface TrafficOptions {
  /** Milliseconds between two requests of one client: this is traffic, not a load test. Default: 2. */
  readonly breath?: number
}

/**
 * Clients that send one GET after the other, each over a connection that it keeps, until stop(). Life: from the constructor
 * to stop(), which resolves with every outcome.
 */
export class Traffic {
  readonly outcomes: Outcome[] = []
  /** Milliseconds that each took. */
  readonly times: number[] = []
  readonly #clients: readonly Promise<void>[]
  /** Every connection gets its turn, so that none rests until the daemon closes it. */
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'fifo' })
  #stopped = false
  #waiting: (() => void)[] = []

  constructor(daemon: Pick<Daemon, 'url'>, target: string, clients: number, options: TrafficOptions = {}) {
    const { breath = 2 } = options
    this.#clients = Array.from({ length: clients }, async () => {
      while (!this.#stopped) {
        const from = performance.now()
        this.outcomes.push(await outcomeOf(send(daemon.url, target, { agent: this.#agent })))
        this.times.push(performance.now() - from)
        for (const resolve of this.#waiting.splice(0)) resolve()
        await new Promise((resolve) => setTimeout(resolve, breath))
      }
    })
  }

  /** Resolves when this many more requests have got this answer. */
  async more(count: number, outcome: Outcome = 200): Promise<void> {
    const reached = (): number => this.outcomes.filter((each) => each === outcome).length
    const goal = reached() + count
    while (reached() < goal) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async stop(): Promise<Record<string, number>> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#agent.destroy()
    return tally(this.outcomes)
  }
}
