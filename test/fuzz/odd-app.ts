import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What an odd app does for one request: pieces one after the other, each after a turn of the event loop, then perhaps its end. */
export interface OddResponse {
  readonly pieces: readonly Buffer[]
  readonly then: 'stays' | 'ends' | 'resets'
}

/** An app that answers `/odd/N` as told, byte for byte, and `/sentinel/N` with its own number. */
export class OddApp {
  readonly #server = createServer({ noDelay: true }, (socket) => {
    this.#serve(socket)
  })
  readonly #odd: readonly OddResponse[]
  readonly #sockets = new Set<Socket>()
  /** Connections so far. */
  accepted = 0
  #onClosed: (() => void) | undefined
  /** Odd responses of which pieces are still to be written. */
  #underWay = 0

  constructor(odd: readonly OddResponse[]) {
    this.#odd = odd
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** Resolves when the front has ended every connection. */
  async allClosed(): Promise<void> {
    while (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onClosed = resolve
      })
    }
  }

  /** Is there nothing that it is about to write? */
  get isSilent(): boolean {
    return this.#underWay === 0
  }

  /** Says something that nobody has asked for, on every connection. */
  speak(bytes: string): void {
    for (const socket of this.#sockets) socket.write(bytes, 'latin1')
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Requests have no body here, so each ends with its head. */
  #serve(socket: Socket): void {
    let text = ''
    this.accepted++
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#onClosed?.()
    })
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        this.#answer(socket, text.slice(0, end))
        text = text.slice(end + 4)
      }
    })
  }

  #answer(socket: Socket, head: string): void {
    const asked = /^(?:GET|HEAD) \/(odd|sentinel)\/(\d+) /.exec(head)
    const number = asked?.[2] ?? ''
    if (asked?.[1] === 'odd') {
      this.#underWay++
      this.#misbehave(socket, this.#odd[Number(number)] as OddResponse, 0)
    } else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(number.length)}\r\n\r\n${number}`)
  }

  #misbehave(socket: Socket, odd: OddResponse, index: number): void {
    const piece = odd.pieces[index]
    if (piece !== undefined) {
      socket.write(piece)
      setImmediate(() => {
        this.#misbehave(socket, odd, index + 1)
      })
      return
    }
    this.#underWay--
    if (odd.then === 'ends') socket.end()
    else if (odd.then === 'resets') socket.resetAndDestroy()
  }
}
