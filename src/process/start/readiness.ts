import type { Clock } from '../../platform/clock.ts'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { OtherListeners } from './listens-elsewhere.ts'
import type { ListenRow } from '../system/listen-table.ts'
import { ListenWatch } from '../system/listen-watch.ts'
import { addressesOf, describeOwner, ownerOf, reachOf, takesConnections } from '../system/listener.ts'
import { pause } from '../../platform/pause.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import type { StartCause } from '../life/start-report.ts'

/** How often the tables of sockets are polled, so that an app that listens is noticed within 10 ms. */
const portPollIntervalMs = 5
/** How often the daemon tries to connect where the system has no tables of sockets. */
const connectProbeIntervalMs = 20
/**
 * How often the daemon looks for descendants of a child that has ended: less often, because it takes a walk through
 * /proc.
 */
const descendantsCheckIntervalMs = 100
/**
 * After this time a listener outside of the tree is checked again, because its socket may have been passed on to a
 * member of the tree meanwhile.
 */
const foreignListenerRecheckMs = 50

export type NotListening = Extract<
  StartCause,
  { why: 'exited' | 'never-listened' | 'listens-elsewhere' | 'port-taken' }
>

/** What is reported while the wait goes on. `addresses`: such as `127.0.0.1:5000`, `[::1]:12345`. */
export interface ReadinessObserver {
  /** The tree listens, but not on the port; it may still begin to listen there. */
  onElsewhere(addresses: readonly string[]): void
  /**
   * The tree has listened only on other addresses for listensElsewhereLimitMs: requests should not wait for it any
   * more.
   */
  onWaitAbandoned(addresses: readonly string[]): void
}

/**
 * Waits until a member of the tree listens where connections to 127.0.0.1:port arrive (ANCM PostStartCheck), and
 * returns its pid. No request is sent, and no connection made to an IPv4 listener. 'aborted' when the signal ended the
 * wait.
 */
export async function awaitListening(
  tree: ProcessTree,
  port: number,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
  observer: ReadinessObserver,
): Promise<Result<number, NotListening | 'aborted'>> {
  const watch = new ListenWatch(port, () => clock.now())
  try {
    return await new Wait(tree, port, limitMs, clock, signal, watch, observer).run()
  } finally {
    watch.close()
  }
}

type Verdict = Result<number, NotListening> | undefined

class Wait {
  readonly #tree: ProcessTree
  readonly #port: number
  readonly #limitMs: number
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #watch: ListenWatch
  readonly #observer: ReadinessObserver
  readonly #otherListeners: OtherListeners
  readonly #startedAt: number
  #descendantsCheckedAt = -Infinity

  constructor(
    tree: ProcessTree,
    port: number,
    limitMs: number,
    clock: Clock,
    signal: AbortSignal,
    watch: ListenWatch,
    observer: ReadinessObserver,
  ) {
    this.#tree = tree
    this.#port = port
    this.#limitMs = limitMs
    this.#clock = clock
    this.#signal = signal
    this.#watch = watch
    this.#observer = observer
    this.#otherListeners = new OtherListeners(tree)
    this.#startedAt = clock.now()
  }

  async run(): Promise<Result<number, NotListening | 'aborted'>> {
    while (!this.#signal.aborted) {
      // The time is read before the check, so that a daemon that was held up checks once more before it gives up.
      const late = this.#isLate
      const verdict = (await this.#look()) ?? (await this.#ending()) ?? (late ? await this.#giveUp() : undefined)
      if (verdict !== undefined) return verdict
      await this.#lookElsewhere()
      await pause(this.#clock, this.#watch.works ? portPollIntervalMs : connectProbeIntervalMs, this.#signal)
    }
    return failed('aborted')
  }

  get #isLate(): boolean {
    return this.#clock.now() - this.#startedAt >= this.#limitMs
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

  /**
   * Polls until there is something to decide; it makes no promise for each poll, because there are 200 polls a second.
   */
  #rows(): Promise<readonly ListenRow[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const rows = this.#watch.look()
        const isOver = this.#tree.child.exit !== undefined || this.#signal.aborted || this.#isLate
        const isDue = this.#otherListeners.isDue(this.#watch.seen, this.#clock.now())
        if (rows.length > 0 || isOver || isDue) resolve(rows)
        else this.#clock.after(portPollIntervalMs, look)
      }
      look()
    })
  }

  async #lookElsewhere(): Promise<void> {
    if (!this.#otherListeners.isDue(this.#watch.seen, this.#clock.now())) return
    const found = await this.#otherListeners.look(this.#clock.now())
    if (found?.event === 'found') this.#observer.onElsewhere(found.addresses)
    if (found?.event === 'limit-reached') this.#observer.onWaitAbandoned(found.addresses)
  }

  async #judge(row: ListenRow): Promise<Verdict> {
    const reach = reachOf(row)
    if (reach === 'no') return undefined
    const owner = await ownerOf(row, this.#tree)
    if (reach === 'perhaps') {
      return owner !== undefined && (await takesConnections(this.#port)) ? ok(owner) : undefined
    }
    if (owner !== undefined) return ok(owner)
    await pause(this.#clock, foreignListenerRecheckMs, this.#signal)
    const still = this.#watch.all().find((other) => other.inode === row.inode)
    if (still === undefined) return undefined
    const later = await ownerOf(still, this.#tree)
    return later === undefined ? failed({ why: 'port-taken', owner: await describeOwner(row) }) : ok(later)
  }

  /**
   * The failure if the child has ended. If it ended with code 0 and descendants live, it was a launcher: then the
   * descendants have the rest of the time limit to begin to listen.
   */
  async #ending(): Promise<Verdict> {
    const { exit } = this.#tree.child
    if (exit === undefined) return undefined
    const now = this.#clock.now()
    if (exit.code === 0) {
      if (now - this.#descendantsCheckedAt < descendantsCheckIntervalMs) return undefined
      this.#descendantsCheckedAt = now
      if ((await this.#tree.members()).length > 0) return undefined
    }
    const taken = await this.#takenBy()
    return failed(taken ?? { why: 'exited', ...exit, afterMs: now - this.#startedAt })
  }

  async #giveUp(): Promise<Verdict> {
    const taken = await this.#takenBy()
    if (taken !== undefined) return failed(taken)
    const addresses = await addressesOf(this.#tree, this.#watch.all())
    if (addresses.length === 0) return failed({ why: 'never-listened', limitMs: this.#limitMs })
    return failed({ why: 'listens-elsewhere', limitMs: this.#limitMs, addresses })
  }

  /** The failure if a process outside of the tree listens on the port, so that the child could not listen there. */
  async #takenBy(): Promise<NotListening | undefined> {
    const rows = this.#watch.all().filter((row) => row.port === this.#port && reachOf(row) !== 'no')
    for (const row of rows) {
      if ((await ownerOf(row, this.#tree)) === undefined) return { why: 'port-taken', owner: await describeOwner(row) }
    }
    return undefined
  }
}
