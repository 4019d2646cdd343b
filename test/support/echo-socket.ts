import { WebSocket } from 'ws'
import { atTheEnd } from './ending.ts'

/** How a WebSocket ended; `code` is 1006 if no close frame came. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A WebSocket to one of the echo endpoints. Life: from open() to its end, at the latest the end of the test. */
export class EchoSocket {
  readonly socket: WebSocket
  readonly closed: Promise<Closing>
  readonly messages: string[] = []
  readonly pongs: string[] = []
  #changed: () => void = () => undefined
  #isClosed = false

  /** Rejects when the handshake is answered with anything but 101. */
  static async open(port: number, path = '/websocket', protocols: string[] = []): Promise<EchoSocket> {
    const echo = new EchoSocket(new WebSocket(`ws://127.0.0.1:${String(port)}${path}`, protocols))
    atTheEnd(() => {
      echo.socket.terminate()
    })
    await new Promise<void>((resolve, reject) => {
      echo.socket.once('open', resolve)
      echo.socket.once('error', reject)
    })
    return echo
  }

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      this.messages.push(data.toString())
      this.#changed()
    })
    socket.on('pong', (data) => {
      this.pongs.push(data.toString())
      this.#changed()
    })
    // Ignored here, because every error is followed by the event `close`.
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#isClosed = true
        resolve({ code, reason: reason.toString() })
        this.#changed()
      })
    })
  }

  send(text: string): void {
    this.socket.send(text)
  }

  /** Sends a text and resolves when it has come back, after whatever came before it. */
  async echo(text: string): Promise<void> {
    const before = this.messages.length
    this.send(text)
    await this.until(() => this.messages.slice(before).includes(text))
  }

  /** Resolves when `fits` returns true; it is called again after each message. Rejects if the socket closes first. */
  async until(fits: () => boolean): Promise<void> {
    while (!fits()) {
      if (this.#isClosed) throw new Error(`the WebSocket closed after ${JSON.stringify(this.messages)}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }
}
