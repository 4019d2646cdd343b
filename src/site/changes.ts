/** For a change that takes long, and must not make the next one wait. */
export interface Haste {
  /** Resolves when the next change is there. */
  readonly overtaken: Promise<'overtaken'>
  readonly isOvertaken: () => boolean
}

/**
 * What is to happen to one application, one after the other. Life: that of its Application, from the first add() until end(),
 * after which nothing begins any more.
 */
export class Changes {
  readonly #onBug: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #owed: (() => Promise<void>) | undefined
  #hurry: (() => void) | undefined
  #ended = false

  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug
  }

  /** To be done when its turn comes; what is under way is told to hurry. */
  add(act: () => Promise<void>): void {
    this.#hurry?.()
    this.#waiting++
    this.#last = this.#last.then(() => this.#act(act)).catch(this.#onBug)
  }

  /** To be done when no change waits any more, unless one of them settles it. */
  owe(act: () => Promise<void>): void {
    this.#owed = act
  }

  /** Nothing is owed any more. */
  settle(): void {
    this.#owed = undefined
  }

  async inHaste<T>(act: (haste: Haste) => Promise<T>): Promise<T> {
    let isOvertaken = this.#ended || this.#waiting > 0
    const overtaken = new Promise<'overtaken'>((resolve) => {
      this.#hurry = () => {
        isOvertaken = true
        resolve('overtaken')
      }
      if (isOvertaken) resolve('overtaken')
    })
    try {
      return await act({ overtaken, isOvertaken: () => isOvertaken })
    } finally {
      this.#hurry = undefined
    }
  }

  end(): void {
    this.#ended = true
    this.#hurry?.()
  }

  async #act(act: () => Promise<void>): Promise<void> {
    this.#waiting--
    if (!this.#ended) await act()
    while (this.#owed !== undefined && this.#waiting === 0 && !this.#hasEnded()) {
      const owed = this.#owed
      this.#owed = undefined
      await owed()
    }
  }

  #hasEnded(): boolean {
    return this.#ended
  }
}
