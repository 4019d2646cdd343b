import { connect, type Socket } from 'node:net'

/**
 * Sends bytes as they are over a connection of their own and resolves with all that came back when the connection has
 * ended, one way or the other. The request must ask for `Connection: close`, or be one after which the front closes.
 */
export function exchangeBytes(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const limit = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the connection stayed open after ${Buffer.concat(chunks).toString('latin1')}`))
    }, 20_000)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(limit)
      resolve(Buffer.concat(chunks).toString('latin1'))
    })
  })
}

/** A connection on which a test speaks piece by piece. */
export class Conversation {
  readonly socket: Socket
  #received = ''
  #changed: () => void = () => undefined
  closed = false

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#changed()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#changed()
    })
  }

  get received(): string {
    return this.#received
  }

  say(bytes: string): void {
    this.socket.write(bytes, 'latin1')
  }

  /** Resolves with all that came so far as soon as it fits; rejects when the connection has ended without. */
  async hear(expected: string | RegExp): Promise<string> {
    const fits = (): boolean =>
      typeof expected === 'string' ? this.#received.includes(expected) : expected.test(this.#received)
    while (!fits()) {
      if (this.closed) throw new Error(`the connection ended after ${JSON.stringify(this.#received)}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
    return this.#received
  }

  async end(): Promise<string> {
    while (!this.closed) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
    return this.#received
  }
}
