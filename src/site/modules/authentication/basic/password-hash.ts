import { compare } from 'bcryptjs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/**
 * Whether a password is the one that a bcrypt hash was made of. It takes as long as the hash's cost says. Undefined: it
 * could not be compared.
 */
export type ComparePassword = (password: string, hash: string) => Promise<boolean | undefined>

interface Question {
  readonly id: number
  readonly password: string
  readonly hash: string
}

interface Answer {
  readonly id: number
  readonly isRight: boolean
}

const role = 'ancmd: compares passwords'

/** The thread ends when it has had nothing to do for this time. */
const idleMs = 30_000

// A check takes tens of milliseconds of a processor, during which the daemon's own thread has to serve everybody else.
if (!isMainThread && workerData === role) {
  parentPort?.on('message', ({ id, password, hash }: Question) => {
    compare(password, hash).then(
      (isRight) => parentPort?.postMessage({ id, isRight } satisfies Answer),
      () => parentPort?.postMessage({ id, isRight: false } satisfies Answer),
    )
  })
}

/**
 * Compares passwords in a thread of its own, one after the other. Life: that of the configuration that it was made for;
 * the thread begins with a comparison and ends by itself. Invariant: each comparison is answered once; those of a thread
 * that has failed with undefined, and the next one begins another thread.
 */
export class PasswordThread {
  readonly #file: URL
  #worker: Worker | undefined
  #nextId = 0
  #idle: NodeJS.Timeout | undefined
  readonly #waiting = new Map<number, (isRight: boolean | undefined) => void>()

  constructor(file: URL) {
    this.#file = file
  }

  compare(password: string, hash: string): Promise<boolean | undefined> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#waiting.set(id, resolve)
      worker.postMessage({ id, password, hash } satisfies Question)
    })
  }

  #start(): Worker {
    const worker = new Worker(this.#file, { workerData: role })
    // An answer that nobody waits for keeps no daemon from ending.
    worker.unref()
    worker.on('message', ({ id, isRight }: Answer) => {
      this.#waiting.get(id)?.(isRight)
      this.#waiting.delete(id)
      if (this.#waiting.size > 0) return
      this.#idle = setTimeout(() => {
        this.#end(worker)
      }, idleMs).unref()
    })
    for (const event of ['error', 'exit']) {
      worker.on(event, () => {
        this.#end(worker)
      })
    }
    return worker
  }

  #end(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#idle)
    void worker.terminate()
    for (const answer of this.#waiting.values()) answer(undefined)
    this.#waiting.clear()
  }
}

/** In a thread of its own where this file is one that Node can run by itself: in the built daemon. */
export function createComparison(file = import.meta.url): ComparePassword {
  if (!file.endsWith('.js')) return compare
  const thread = new PasswordThread(new URL(file))
  return (password, hash) => thread.compare(password, hash)
}
