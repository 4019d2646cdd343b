import { monitorEventLoopDelay } from 'node:perf_hooks'
import { connect, type Socket } from 'node:net'
import { atTheEnd } from './ending.ts'
import { eventually } from './eventually.ts'

const body = 'x'.repeat(100)
const answer = /^HTTP\/1\.1 (\d+) [^]*x{100}(\r\n0\r\n\r\n)?$/

/**
 * Clients that send one POST after the other over a kept-alive connection to an endpoint that echoes them. When an
 * answer says that the connection ends, the client opens a new one, until no connection is accepted any more. Life:
 * start() to ended(), or the test's end.
 */
export class PostLoops {
  answered = 0
  /** A description of each POST that was sent and got no answer. */
  readonly lost: string[] = []
  readonly #port: number
  readonly #target: string
  readonly #sockets = new Set<Socket>()
  readonly #delay = monitorEventLoopDelay({ resolution: 10 })
  #whenEnded: () => void = () => undefined
  readonly #ended = new Promise<void>((resolve) => {
    this.#whenEnded = resolve
  })

  static async start(port: number, target: string, clients: number): Promise<PostLoops> {
    const loops = new PostLoops(port, target)
    for (let client = 0; client < clients; client += 1) loops.#connect()
    await eventually('every client has had answers', () => loops.answered >= 3 * clients)
    loops.#delay.enable()
    return loops
  }

  private constructor(port: number, target: string) {
    this.#port = port
    this.#target = target
    atTheEnd(() => {
      this.#delay.disable()
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  /** Resolves when no client can connect any more, and every other connection has ended. */
  ended(): Promise<void> {
    return this.#ended
  }

  /** The longest delay of this process's own event loop since start(), in milliseconds. */
  get stoodStill(): number {
    return this.#delay.max / 1e6
  }

  #connect(): void {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#sockets.add(socket)
    let received = ''
    let waits = false
    const send = (): void => {
      waits = true
      received = ''
      socket.write(`POST ${this.#target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`)
    }
    const end = (how: string): void => {
      if (waits) this.lost.push(how)
      waits = false
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#whenEnded()
    }
    socket.on('connect', send)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (!answer.test(received)) return
      waits = false
      this.answered += 1
      if (!/\r\nConnection: close\r\n/i.test(received)) send()
      else {
        this.#connect()
        socket.end()
      }
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code ?? String(error))
    })
    socket.on('close', () => {
      end(`ended after ${JSON.stringify(received.slice(0, 50))}`)
    })
  }
}
