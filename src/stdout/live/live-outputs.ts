import type { Clock } from '../../platform/clock.ts'
import { OutputFollower } from './output-follower.ts'
import { OutputHistory } from './output-history.ts'
import type { OutputEntry, OutputRecord } from './output-record.ts'
import { WholeLines } from './whole-lines.ts'

/** Which output somebody wants to read. */
export interface WantedOutput {
  /** The id of an application, letter case means nothing; undefined: of every application. */
  readonly app: string | undefined
  /** How many of the last lines of each application are given first. */
  readonly lines: number
  /** None of these is older; milliseconds since 1970. */
  readonly since: number
  /** Whether what comes later is given too. */
  readonly follows: boolean
}

/** Takes the output of one process for those who follow it. */
export interface LiveSource {
  write(stream: OutputRecord['stream'], chunk: Uint8Array): void
  /** Both streams have ended. */
  end(): void
}

/** How many may follow at the same time, and how much may wait for all of them together. */
const maxFollowers = 32
const maxWaitingBytes = 64 * 1024 * 1024

/**
 * The latest output of every application, and those who follow it. Life: that of the host, which owns it; the output of
 * an application goes on over its processes and its configurations. Invariants: nobody who reads slowly, or not at all,
 * holds up an application, the daemon or another reader; memory is bounded for each application and each follower.
 */
export class LiveOutputs {
  readonly #clock: Clock
  /** By the application's id in lower case. */
  readonly #histories = new Map<string, OutputHistory>()
  /** Where the output ended of applications that were forgotten: positions go on when such a one comes back. */
  readonly #ends = new Map<string, number>()
  /** How many processes of an application write. */
  readonly #open = new Map<string, number>()
  readonly #followers = new Set<OutputFollower>()
  #hosted: ReadonlySet<string> | undefined
  #sources = 0
  #isEnded = false
  #onAllClosed: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** For one process of the application. */
  open(app: string): LiveSource {
    const key = app.toLowerCase()
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1)
    const linesOf = (stream: OutputRecord['stream']): WholeLines => {
      const source = this.#sources++
      return new WholeLines(this.#clock, (bytes) => {
        this.#take(key, app, stream, source, bytes)
      })
    }
    const lines = { stdout: linesOf('stdout'), stderr: linesOf('stderr') }
    let isOpen = true
    return {
      write: (stream, chunk) => {
        lines[stream].write(chunk)
      },
      end: () => {
        if (!isOpen) return
        isOpen = false
        lines.stdout.end()
        lines.stderr.end()
        this.#open.set(key, (this.#open.get(key) ?? 1) - 1)
        this.#forget()
      },
    }
  }

  /** Forgets the output of applications that are not among these, as soon as their processes have ended. */
  retain(apps: readonly string[]): void {
    this.#hosted = new Set(apps.map((app) => app.toLowerCase()))
    this.#forget()
  }

  /**
   * The output that is wanted, in batches as they are asked for. Undefined: too many follow already.
   *
   * @param gone aborts when nobody reads any more
   */
  follow(wanted: WantedOutput, gone: AbortSignal): AsyncIterable<readonly OutputEntry[]> | undefined {
    const { app, lines, since, follows } = wanted
    if (follows && this.#followers.size >= maxFollowers) return undefined
    const key = app?.toLowerCase()
    const histories = [...this.#histories].filter(([each]) => key === undefined || each === key)
    const first = histories.flatMap(([, history]) => history.last(lines, since)).toSorted((a, b) => a.time - b.time)
    const wants = key === undefined ? () => true : (each: string): boolean => each.toLowerCase() === key
    const hasRoom = (bytes: number): boolean => this.#waitingBytes + bytes <= maxWaitingBytes
    const follower = new OutputFollower(wants, first, hasRoom, (closed) => {
      this.#followers.delete(closed)
      if (this.#followers.size === 0) this.#onAllClosed()
    })
    if (follows && !this.#isEnded) this.#followers.add(follower)
    else follower.end()
    const close = (): void => {
      follower.close()
    }
    if (gone.aborted) close()
    else gone.addEventListener('abort', close, { once: true })
    return follower.batches()
  }

  /** No more output comes. Resolves when every follower has taken what there is. */
  end(): Promise<void> {
    this.#isEnded = true
    const closed = new Promise<void>((resolve) => {
      this.#onAllClosed = resolve
      if (this.#followers.size === 0) resolve()
    })
    for (const follower of this.#followers) follower.end()
    return closed
  }

  get #waitingBytes(): number {
    let sum = 0
    for (const { waitingBytes } of this.#followers) sum += waitingBytes
    return sum
  }

  #take(key: string, app: string, stream: OutputRecord['stream'], source: number, bytes: Uint8Array): void {
    const history = this.#histories.get(key) ?? new OutputHistory(this.#ends.get(key))
    this.#histories.set(key, history)
    const record = { app, stream, source, time: this.#clock.wallTime().getTime(), at: history.end, bytes }
    history.add(record)
    for (const follower of this.#followers) follower.offer(record)
  }

  #forget(): void {
    for (const [key, count] of this.#open) if (count === 0) this.#open.delete(key)
    if (this.#hosted === undefined) return
    for (const [key, history] of this.#histories) {
      if (this.#hosted.has(key) || this.#open.has(key)) continue
      this.#ends.set(key, history.end)
      this.#histories.delete(key)
    }
  }
}
