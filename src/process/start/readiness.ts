import type { Clock } from '../../platform/clock.ts'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { Elsewhere } from './elsewhere.ts'
import type { ListenRow } from '../system/listen-table.ts'
import { ListenWatch } from '../system/listen-watch.ts'
import { addressesOf, describeOwner, ownerOf, reachOf, takesConnections } from '../system/listener.ts'
import { pause } from '../../platform/pause.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import type { StartCause } from '../life/start-report.ts'

/** Milliseconds between looks; with a look's own length below the 10 ms within which an app that is up is to be noticed. */
const interval = 5
/** The same where only a connection can tell. */
const probeInterval = 20
/** A process group whose leader has left is asked for less often: each time costs a walk through /proc. */
const survivorsInterval = 100
/** A listener that is not ours is looked at twice: it may have been handed over as we looked. */
const secondThought = 50

export type NotListening = Extract<
  StartCause,
  { why: 'exited' | 'never-listened' | 'listens-elsewhere' | 'port-taken' }
>

/** What is told while the wait goes on: an app that listens elsewhere may still come. `127.0.0.1:5000`, `[::1]:12345`. */
export interface Doubts {
  /** The tree listens, but not on the port. */
  onElsewhere(addresses: readonly string[]): void
  /** It has done so for seconds: nobody should be made to wait for it. */
  onHopeless(addresses: readonly string[]): void
}

/**
 * Waits until somebody in the tree listens where requests to 127.0.0.1:port arrive (ANCM PostStartCheck), and says who.
 * Nothing is sent, and to an IPv4 listener not even a connection is made. `limit` in milliseconds. 'aborted' when the
 * signal ended the wait.
 */
export async function awaitListening(
  tree: ProcessTree,
  port: number,
  limit: number,
  clock: Clock,
  signal: AbortSignal,
  doubts: Doubts,
): Promise<Result<number, NotListening | 'aborted'>> {
  const watch = new ListenWatch(port, () => clock.now())
  try {
    return await new Wait(tree, port, limit, clock, signal, watch, doubts).run()
  } finally {
    watch.close()
  }
}

type Verdict = Result<number, NotListening> | undefined

class Wait {
  readonly #tree: ProcessTree
  readonly #port: number
  readonly #limit: number
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #watch: ListenWatch
  readonly #doubts: Doubts
  readonly #elsewhere: Elsewhere
  readonly #from: number
  #survivorsSeenAt = -Infinity

  constructor(
    tree: ProcessTree,
    port: number,
    limit: number,
    clock: Clock,
    signal: AbortSignal,
    watch: ListenWatch,
    doubts: Doubts,
  ) {
    this.#tree = tree
    this.#port = port
    this.#limit = limit
    this.#clock = clock
    this.#signal = signal
    this.#watch = watch
    this.#doubts = doubts
    this.#elsewhere = new Elsewhere(tree)
    this.#from = clock.now()
  }

  async run(): Promise<Result<number, NotListening | 'aborted'>> {
    while (!this.#signal.aborted) {
      // The time is taken before the look, so that a daemon that was held up looks once more before it gives up.
      const late = this.#isLate
      const verdict = (await this.#look()) ?? (await this.#ending()) ?? (late ? await this.#giveUp() : undefined)
      if (verdict !== undefined) return verdict
      await this.#lookElsewhere()
      await pause(this.#clock, this.#watch.works ? interval : probeInterval, this.#signal)
    }
    return failed('aborted')
  }

  get #isLate(): boolean {
    return this.#clock.now() - this.#from >= this.#limit
  }

  async #look(): Promise<Verdict> {
    if (!this.#watch.works) {
      const up = this.#tree.child.exit === undefined && (await takesConnections(this.#port))
      return up ? ok(this.#tree.child.pid) : undefined
    }
    for (const row of await this.#rows()) {
      const verdict = await this.#judge(row)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  /** Looks until there is something to judge: hundreds of times a second, so without promises in between. */
  #rows(): Promise<readonly ListenRow[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const rows = this.#watch.look()
        const isOver = this.#tree.child.exit !== undefined || this.#signal.aborted || this.#isLate
        const isDue = this.#elsewhere.isDue(this.#watch.seen, this.#clock.now())
        if (rows.length > 0 || isOver || isDue) resolve(rows)
        else this.#clock.after(interval, look)
      }
      look()
    })
  }

  async #lookElsewhere(): Promise<void> {
    if (!this.#elsewhere.isDue(this.#watch.seen, this.#clock.now())) return
    const doubt = await this.#elsewhere.look(this.#clock.now())
    if (doubt?.say === 'found') this.#doubts.onElsewhere(doubt.addresses)
    if (doubt?.say === 'hopeless') this.#doubts.onHopeless(doubt.addresses)
  }

  async #judge(row: ListenRow): Promise<Verdict> {
    const reach = reachOf(row)
    if (reach === 'no') return undefined
    const owner = await ownerOf(row, this.#tree)
    if (reach === 'perhaps') {
      return owner !== undefined && (await takesConnections(this.#port)) ? ok(owner) : undefined
    }
    if (owner !== undefined) return ok(owner)
    await pause(this.#clock, secondThought, this.#signal)
    const still = this.#watch.all().find((other) => other.inode === row.inode)
    if (still === undefined) return undefined
    const later = await ownerOf(still, this.#tree)
    return later === undefined ? failed({ why: 'port-taken', owner: await describeOwner(row) }) : ok(later)
  }

  /** The child is gone. A launcher that ended well may have left the app behind, which then has the rest of the time. */
  async #ending(): Promise<Verdict> {
    const { exit } = this.#tree.child
    if (exit === undefined) return undefined
    const now = this.#clock.now()
    if (exit.code === 0) {
      if (now - this.#survivorsSeenAt < survivorsInterval) return undefined
      this.#survivorsSeenAt = now
      if ((await this.#tree.members()).length > 0) return undefined
    }
    const taken = await this.#takenBy()
    return failed(taken ?? { why: 'exited', ...exit, after: now - this.#from })
  }

  async #giveUp(): Promise<Verdict> {
    const taken = await this.#takenBy()
    if (taken !== undefined) return failed(taken)
    const addresses = await addressesOf(this.#tree, this.#watch.all())
    if (addresses.length === 0) return failed({ why: 'never-listened', limit: this.#limit })
    return failed({ why: 'listens-elsewhere', limit: this.#limit, addresses })
  }

  /** Somebody else who listens on the port is why our child could not. */
  async #takenBy(): Promise<NotListening | undefined> {
    const rows = this.#watch.all().filter((row) => row.port === this.#port && reachOf(row) !== 'no')
    for (const row of rows) {
      if ((await ownerOf(row, this.#tree)) === undefined) return { why: 'port-taken', owner: await describeOwner(row) }
    }
    return undefined
  }
}
