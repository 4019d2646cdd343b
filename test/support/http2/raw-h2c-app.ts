import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { ACK, END_HEADERS, frame, FrameType, integer, PREFACE } from './frames.ts'

/** One frame that the app received. */
export interface ReceivedFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** One connection to the app. */
export class RawAppConnection {
  readonly frames: ReceivedFrame[] = []
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  #isBegun = false

  constructor(socket: Socket, settings: Uint8Array, onHeaders: (connection: RawAppConnection, stream: number) => void) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      if (!this.#isBegun) {
        if (this.#bytes.length < PREFACE.length) return
        this.#isBegun = true
        this.#bytes = this.#bytes.subarray(PREFACE.length)
        socket.write(frame(FrameType.settings, 0, 0, settings))
      }
      this.#read(onHeaders)
    })
  }

  send(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): void {
    this.socket.write(frame(type, flags, stream, payload))
  }

  /** The head of a 200, and the beginning of its body. */
  begin(stream: number, part: string): void {
    // The index of `:status: 200` in the static table (RFC 7541).
    this.send(FrameType.headers, END_HEADERS, stream, integer(8, 7, 128))
    this.send(FrameType.data, 0, stream, part)
  }

  reset(stream: number, code: number): void {
    this.send(FrameType.rst, 0, stream, Buffer.of(0, 0, 0, code))
  }

  goAway(lastStream: number, code: number): void {
    this.send(FrameType.goaway, 0, 0, Buffer.of(0, 0, 0, lastStream, 0, 0, 0, code))
  }

  #read(onHeaders: (connection: RawAppConnection, stream: number) => void): void {
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUIntBE(0, 3)
      if (this.#bytes.length < 9 + length) return
      const [type, flags] = [this.#bytes.readUInt8(3), this.#bytes.readUInt8(4)]
      const stream = this.#bytes.readUInt32BE(5)
      this.frames.push({ type, flags, stream, payload: Buffer.from(this.#bytes.subarray(9, 9 + length)) })
      this.#bytes = this.#bytes.subarray(9 + length)
      if (type === FrameType.settings && (flags & ACK) === 0) this.send(FrameType.settings, ACK, 0)
      if (type === FrameType.headers) onHeaders(this, stream)
    }
  }
}

/** An app that answers HTTP/2 frame by frame, also in ways that no server library would. It ends with the test. */
export async function openRawH2cApp(
  onHeaders: (connection: RawAppConnection, stream: number, index: number) => void,
  settings: Uint8Array = Buffer.alloc(0),
): Promise<{ readonly port: number; readonly connections: readonly RawAppConnection[] }> {
  const connections: RawAppConnection[] = []
  let requests = 0
  const server = createServer((socket) => {
    connections.push(
      new RawAppConnection(socket, settings, (connection, stream) => {
        onHeaders(connection, stream, requests++)
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const { socket } of connections) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, connections }
}
