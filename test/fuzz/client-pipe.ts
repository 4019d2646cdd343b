import { Duplex } from 'node:stream'

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
