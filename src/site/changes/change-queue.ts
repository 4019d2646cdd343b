/** Tells a change that takes a long time that a newer change is waiting for its end. */
export interface Supersession {
  /** Resolves when a newer change is added. */
  readonly superseded: Promise<'superseded'>
  readonly isSuperseded: () => boolean
}

/**
 * Carries out the changes of one application, one after the other. Life: that of its Application, until end(); after
 * that no change is begun.
 */
export class ChangeQueue {
  readonly #onBug: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #deferred: (() => Promise<void>) | undefined
  #supersede: (() => void) | undefined
  #ended = false

  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug
  }

  /** Queues a change, and tells the one that is being carried out that it is superseded. */
  add(act: () => Promise<void>): void {
    this.#supersede?.()
    this.#waiting++
    this.#last = this.#last.then(() => this.#act(act)).catch(this.#onBug)
  }

  /** Sets a change that is carried out when the queue is empty, unless dropDeferred() is called before. */
  defer(act: () => Promise<void>): void {
    this.#deferred = act
  }

  /** Forgets the deferred change. */
  dropDeferred(): void {
    this.#deferred = undefined
  }

  /** Carries out a part of a change that can be cut short by a newer one. */
  async runSupersedable<T>(act: (supersession: Supersession) => Promise<T>): Promise<T> {
    let isSuperseded = this.#ended || this.#waiting > 0
    const superseded = new Promise<'superseded'>((resolve) => {
      this.#supersede = () => {
        isSuperseded = true
        resolve('superseded')
      }
      if (isSuperseded) resolve('superseded')
    })
    try {
      return await act({ superseded, isSuperseded: () => isSuperseded })
    } finally {
      this.#supersede = undefined
    }
  }

  /** Resolves when no change is waiting or being carried out. */
  async idle(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#last; await last) last = this.#last
  }

  /** Begins no further change, and cuts the present one short. */
  end(): void {
    this.#ended = true
    this.#supersede?.()
  }

  async #act(act: () => Promise<void>): Promise<void> {
    this.#waiting--
    if (!this.#ended) await act()
    while (this.#deferred !== undefined && this.#waiting === 0 && !this.#hasEnded()) {
      const deferred = this.#deferred
      this.#deferred = undefined
      await deferred()
    }
  }

  #hasEnded(): boolean {
    return this.#ended
  }
}
