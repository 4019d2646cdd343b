import { randomBytes } from 'node:crypto'

/**
 * The right to send one request to a running process, as a reference count. There is one object per process, shared by
 * all requests, so that taking and releasing on the hot path are an addition and a subtraction. Each lease that is
 * taken is released exactly once: by `release`, or after `becomeTunnel` by `releaseTunnel`.
 */
export interface Lease<Channel> {
  readonly channel: Channel
  readonly pid: number
  /**
   * Identifies this process to a client whose requests should go to the same process again (affinity). It is random,
   * and knowing it gives no rights.
   */
  readonly id: string
  /** To be called when the request and its response are over. */
  release(): void
  /** To be called when the request became a WebSocket: from now on a stop of the process does not wait for it. */
  becomeTunnel(): void
  releaseTunnel(): void
  /**
   * Calls back when the process has ended; if it has ended already, in a later microtask. The returned function removes
   * the listener.
   */
  onEnded(listener: () => void): () => void
}

/**
 * Counts the requests and tunnels of one process, and calls back when no request is in flight any more. Owner and life:
 * those of the slot's process. Invariant: neither count falls below 0.
 */
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

  /** To be called when the process has ended; calls the listeners of onEnded(). */
  end(): void {
    this.#ended = true
    for (const listener of this.#onEnded) listener()
    this.#onEnded.clear()
  }

  /** Calls back when no request is in flight; if none is in flight now, before this method returns. */
  whenIdle(listener: () => void): void {
    if (this.#requests === 0) listener()
    else this.#onIdle.push(listener)
  }
}
