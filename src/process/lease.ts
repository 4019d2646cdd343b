import { randomBytes } from 'node:crypto'

/**
 * One running process, lent out. There is one per process, shared by all who hold it, so that taking and giving back on
 * the hot path are an addition and a subtraction. Give back exactly once per take: by `release`, or after
 * `becomeTunnel` by `releaseTunnel`.
 */
export interface Lease<Channel> {
  readonly channel: Channel
  readonly pid: number
  /** Names this process to a client that wants it again; random, and good for nothing else. */
  readonly id: string
  /** The exchange is over. */
  release(): void
  /** The exchange became a WebSocket: from now it does not hold up a stop. */
  becomeTunnel(): void
  releaseTunnel(): void
  /** Calls back when the process is of no more use; later, also if it is so already. The returned function takes that back. */
  onEnded(listener: () => void): () => void
}

/** Counts what is lent, and says when the last request is back. Invariants: neither count falls below 0. */
export class LeaseCount<Channel> implements Lease<Channel> {
  readonly channel: Channel
  readonly pid: number
  readonly id = randomBytes(12).toString('base64url')
  #requests = 0
  #tunnels = 0
  #onIdle: (() => void)[] = []
  readonly #onEnded = new Set<() => void>()
  #ended = false

  constructor(channel: Channel, pid: number) {
    this.channel = channel
    this.pid = pid
  }

  get requests(): number {
    return this.#requests
  }

  get tunnels(): number {
    return this.#tunnels
  }

  get inFlight(): number {
    return this.#requests + this.#tunnels
  }

  take(): this {
    this.#requests++
    return this
  }

  release(): void {
    if (--this.#requests < 0) throw new Error('a lease was given back more often than it was taken')
    if (this.#requests === 0 && this.#onIdle.length > 0) for (const listener of this.#onIdle.splice(0)) listener()
  }

  becomeTunnel(): void {
    this.#tunnels++
    this.release()
  }

  releaseTunnel(): void {
    if (--this.#tunnels < 0) throw new Error('a tunnel was given back more often than it was made')
  }

  onEnded(listener: () => void): () => void {
    if (this.#ended) queueMicrotask(listener)
    else this.#onEnded.add(listener)
    return () => this.#onEnded.delete(listener)
  }

  /** The process is of no more use. */
  end(): void {
    this.#ended = true
    for (const listener of this.#onEnded) listener()
    this.#onEnded.clear()
  }

  /** Calls back once no request is out; at once when none is. */
  whenIdle(listener: () => void): void {
    if (this.#requests === 0) listener()
    else this.#onIdle.push(listener)
  }
}
