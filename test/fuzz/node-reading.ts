import { createServer, type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { mayBeTrailer } from '../../src/wire/trailer-section.ts'

/** One request as a parser understood it; fields and trailers flat. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly fields: readonly string[]
  readonly body: string
  readonly trailers: readonly string[]
}

/** What a parser made of some bytes: the requests that were complete, and whether it refused what came then. */
export interface Reading {
  readonly requests: readonly ReadRequest[]
  readonly refused: boolean
}

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
        trailers: passing(req.rawTrailers),
      })
    })
    res.end()
  }
}

/**
 * How many of these requests node can be asked about. It knows a closed list of methods where HTTP has none, reads nothing
 * behind a request that ends the connection, and leaves HTTP at a CONNECT.
 */
export function comparable(requests: readonly ReadRequest[]): number {
  for (const [i, request] of requests.entries()) {
    if (!METHODS.includes(request.method) || request.method === 'CONNECT') return i
    if (endsConnection(request)) return i + 1
  }
  return requests.length
}

function endsConnection({ version, fields }: ReadRequest): boolean {
  // Node takes Proxy-Connection for another Connection, and an upgrade that it says for the end of HTTP.
  const options = fields.flatMap((name, i) =>
    i % 2 === 0 && /^(?:proxy-)?connection$/i.test(name) ? [(fields[i + 1] as string).toLowerCase()] : [],
  )
  if (options.some((value) => value.includes('close') || value.includes('upgrade'))) return true
  return version === '1.0' && !options.some((value) => value.includes('keep-alive'))
}

/** Those trailers that our reader keeps; it drops the others. */
function passing(trailers: readonly string[]): string[] {
  return trailers.filter((_, i) => mayBeTrailer((trailers[i & ~1] as string).toLowerCase()))
}
