import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How the other side ended a connection: with FIN (`end`) or with RST (`reset`). */
export type Ending = 'end' | 'reset'

/** Milliseconds after which a wait fails. Ends broken runs; no test may depend on it. */
const LIMIT = 15_000

/**
 * The test's end of a TCP connection: sends bytes, keeps the received bytes, and tells how the connection ended. Text
 * is Latin-1.
 */
export class RawSocket {
  readonly socket: Socket
  /** Settles when the other side has ended the connection (or reset it). */
  readonly ended: Promise<Ending>
  readonly #transport: Socket
  #received = ''
  #ending: Ending | undefined
  #changed: (() => void)[] = []

  /** `transport`: the TCP socket below a TLS socket. */
  constructor(socket: Socket, transport: Socket = socket) {
    this.socket = socket
    this.#transport = transport
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

  /** Everything received so far. */
  get received(): string {
    return this.#received
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Ends the test's direction of the connection with FIN. */
  end(): void {
    this.socket.end()
  }

  reset(): void {
    this.#transport.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /**
   * Resolves with everything received as soon as that contains or matches `what`; rejects if the connection ends first.
   */
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
        // The socket is not destroyed, because that would look like a reset by the other side.
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

/**
 * Connects to a port of this machine. When the other side ends its direction, the client's direction stays open until
 * the test ends it.
 */
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

/** As connectRaw(), over TLS; the certificate is not checked. */
export async function connectRawTls(port: number): Promise<RawSocket> {
  const plain = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: plain, servername: 'localhost', rejectUnauthorized: false })
    socket.allowHalfOpen = true
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      resolve(new RawSocket(socket, plain))
    })
  })
}

/** Sends `bytes` over a new connection. When the other side has ended it, resolves with everything received. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<{ received: string; ending: Ending }> {
  const client = await connectRaw(port)
  client.send(bytes)
  const received = await client.untilEnded()
  client.destroy()
  return { received, ending: client.ending ?? 'end' }
}
