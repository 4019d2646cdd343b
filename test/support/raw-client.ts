import { connect, type Socket } from 'node:net'

/** How the other side ended a connection: in order, or by a reset. */
export type Ending = 'end' | 'reset'

/** Only for broken runs: no test may depend on it. */
const LIMIT = 15_000

/** One end of a TCP connection as a test speaks over it: bytes out, bytes in, and how it ended. Text is Latin-1. */
export class RawSocket {
  readonly socket: Socket
  /** Settles when the other side has ended the connection (or reset it). */
  readonly ended: Promise<Ending>
  #received = ''
  #ending: Ending | undefined
  #changed: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    this.ended = new Promise((resolve) => {
      const finish = (ending: Ending): void => {
        this.#ending ??= ending
        this.#notify()
        resolve(this.#ending)
      }
      socket.on('end', () => {
        finish('end')
      })
      socket.on('error', () => {
        finish('reset')
      })
      socket.on('close', () => {
        finish('end')
      })
    })
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#notify()
    })
  }

  /** Everything that came so far. */
  get received(): string {
    return this.#received
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Our end of the connection, in order. */
  end(): void {
    this.socket.end()
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Resolves with everything received as soon as it fits; rejects if the connection ends before. */
  async until(what: string | RegExp | ((received: string) => boolean)): Promise<string> {
    const fits = (): boolean => {
      if (typeof what === 'string') return this.#received.includes(what)
      return what instanceof RegExp ? what.test(this.#received) : what(this.#received)
    }
    const end = performance.now() + LIMIT
    while (!fits()) {
      const late = performance.now() >= end
      if (late || this.#ending !== undefined) {
        throw new Error(
          `${String(what)} did not come (${late ? 'in time' : String(this.#ending)}) in ${this.#quoted()}`,
        )
      }
      await this.#change()
    }
    return this.#received
  }

  /** Resolves with everything received once the other side has ended the connection. */
  async untilEnded(): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const never = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        // Not by destroying it: that would look like a reset by the other side.
        reject(new Error(`the connection was never ended behind ${this.#quoted()}`))
      }, LIMIT)
    })
    await Promise.race([this.ended, never])
    clearTimeout(timer)
    return this.#received
  }

  #quoted(): string {
    return JSON.stringify(this.#received.length > 2_000 ? `${this.#received.slice(0, 2_000)}…` : this.#received)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000)
      this.#changed.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #notify(): void {
    const changed = this.#changed
    this.#changed = []
    for (const resolve of changed) resolve()
  }
}

/** Connects to a port of this machine. The client's half stays open after the other side's end until the test closes it. */
export function connectRaw(port: number, host = '127.0.0.1'): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new RawSocket(socket))
    })
  })
}

/** Sends `bytes` over a connection of its own and resolves with all that came back when the other side has ended it. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<{ received: string; ending: Ending }> {
  const client = await connectRaw(port)
  client.send(bytes)
  const received = await client.untilEnded()
  client.destroy()
  return { received, ending: client.ending ?? 'end' }
}
