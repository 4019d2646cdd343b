import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { connect, createSecureContext, TLSSocket } from 'node:tls'
import { testCertificate } from '../support/certificate.ts'
import type { FrontPipe } from './client-pipe.ts'

/** One end of a connection without a network. */
class End extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  readonly localAddress = '127.0.0.1'
  readonly localPort = 443
  peer: End | undefined

  override _read(): void {
    // The peer pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.peer?.push(chunk)
    done()
  }

  override _final(done: () => void): void {
    this.peer?.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.peer?.push(null)
    done(error)
  }
}

const secureContext = createSecureContext(testCertificate)

/**
 * A client's connection whose bytes are encrypted and decrypted on their way, without a network; resolves when the
 * handshake is complete. Each push() is a TLS record.
 */
export async function openTlsPipe(): Promise<FrontPipe> {
  const [near, far] = [new End({ allowHalfOpen: true }), new End({ allowHalfOpen: true })]
  near.peer = far
  far.peer = near
  const socket = new TLSSocket(far, { isServer: true, secureContext, allowHalfOpen: true } as never)
  const client = connect({ socket: near, rejectUnauthorized: false, allowHalfOpen: true } as never)
  client.on('error', () => undefined)
  await Promise.all([once(socket, 'secure'), once(client, 'secureConnect')])
  let answered = ''
  let ends = false
  client.setEncoding('latin1').on('data', (text: string) => (answered += text))
  client.on('end', () => (ends = true)).on('close', () => (ends = true))
  return {
    socket,
    push: (bytes) => void client.write(bytes),
    get answered() {
      return answered
    },
    get ends() {
      return ends
    },
    close: async () => {
      const closed = socket.closed ? undefined : once(socket, 'close')
      client.destroy()
      near.destroy()
      far.destroy()
      socket.destroy()
      await closed
    },
  }
}
