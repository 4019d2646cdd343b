import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A client's connection in the hands of a test. */
export interface FrontPipe {
  /** What the front gets. */
  readonly socket: Socket
  /** Sends bytes to the front. */
  push(bytes: Buffer): void
  /** What the front has answered, as Latin-1. */
  readonly answered: string
  /** Whether the front has ended the connection. */
  readonly ends: boolean
  /** The client leaves; resolves when the front's socket is closed. */
  close(): Promise<void>
}

/** A client's connection without a network: takes bytes from the test, and keeps what is answered (Latin-1). */
export class ClientPipe extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  readonly localAddress = '127.0.0.1'
  readonly localPort = 80
  answered = ''

  override _read(): void {
    // Bytes are pushed by the test.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.answered += chunk.toString('latin1')
    done()
  }

  resetAndDestroy(): void {
    this.destroy()
  }
}

/** A client's connection in plain text. */
export function openClientPipe(): FrontPipe {
  const pipe = new ClientPipe()
  const closed = once(pipe, 'close')
  return {
    socket: pipe as unknown as Socket,
    push: (bytes) => void pipe.push(bytes),
    get answered() {
      return pipe.answered
    },
    get ends() {
      return pipe.writableEnded || pipe.destroyed
    },
    close: async () => {
      pipe.destroy()
      await closed
    },
  }
}
