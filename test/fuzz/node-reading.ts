import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { passingTrailers } from './passing-trailers.ts'
import type { Reading, ReadRequest } from './reading.ts'

/** A connection without a network: takes bytes from the test, throws answers away. */
class Pipe extends Duplex {
  override _read(): void {
    // Bytes are pushed by the test.
  }
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

/** What node's strict parser makes of the same bytes. It never sees a network, so a run of thousands is quick. */
export class NodeReader {
  readonly #server: Server
  #requests: ReadRequest[] = []
  #refused = false

  constructor(maxHeaderSize = 16_384) {
    const server = createServer({ insecureHTTPParser: false, requireHostHeader: true, maxHeaderSize })
    server.maxHeadersCount = 0
    const take = (req: IncomingMessage, res: ServerResponse): void => {
      this.#take(req, res)
    }
    server.on('request', take)
    server.on('checkContinue', take)
    server.on('checkExpectation', take)
    server.on('connect', (_req, socket: Duplex) => socket.destroy())
    server.on('clientError', (_error, socket: Duplex) => {
      this.#refused = true
      // Requests before the broken one are still on their way to their listeners.
      setImmediate(() => setImmediate(() => socket.destroy()))
    })
    this.#server = server
  }

  async read(pieces: readonly Buffer[]): Promise<Reading> {
    this.#requests = []
    this.#refused = false
    const pipe = new Pipe()
    const closed = new Promise<void>((resolve) => {
      pipe.once('close', resolve)
      pipe.once('error', () => undefined)
    })
    this.#server.emit('connection', pipe)
    for (const piece of pieces) pipe.push(piece)
    pipe.push(null)
    await closed
    return { requests: this.#requests, refused: this.#refused }
  }

  #take(req: IncomingMessage, res: ServerResponse): void {
    const pieces: Buffer[] = []
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.on('end', () => {
      if (!req.complete) return
      this.#requests.push({
        method: req.method ?? '',
        target: req.url ?? '',
        version: req.httpVersion,
        fields: req.rawHeaders,
        body: Buffer.concat(pieces).toString('latin1'),
        trailers: passingTrailers(req.rawTrailers),
      })
    })
    res.end()
  }
}
