import { Agent } from 'node:http'
import { WebSocket } from 'ws'
import type { Daemon } from './daemon.ts'
import { offlinePage } from './deployment.ts'
import { pause } from './eventually.ts'
import { type Received, send } from './send.ts'

export type LoadKind = 'GET' | 'POST' | 'stream' | 'WebSocket'

/**
 * One request, or one WebSocket message, that was sent to the daemon under load, and its outcome. Times are values of
 * performance.now().
 */
export interface Asked {
  readonly kind: LoadKind
  readonly begun: number
  readonly ended: number
  /**
   * `ok`; `page` = 503 with exactly the bytes of app_offline.htm; `closed` = the app closed a WebSocket with a close
   * frame; `reset` = the connection broke; `wrong` = 200 with another body; otherwise the status, with the substatus
   * where the answer is an error page of ancmd.
   */
  readonly outcome: string
}

const posted = 'x'.repeat(10_000)
const streamed = Array.from({ length: 5 }, (_, i) => `data: ${String(i)}\n\n`).join('')

/**
 * How many workers of each kind run in parallel, and the milliseconds between two requests of one worker: about 350
 * requests and 80 echoes a second in all.
 */
const crews = [
  { kind: 'GET', workers: 24, every: 100 },
  { kind: 'POST', workers: 8, every: 100 },
  { kind: 'stream', workers: 6, every: 200 },
  { kind: 'WebSocket', workers: 8, every: 100 },
] as const

/**
 * Steady mixed load on a daemon: small answers, bodies, streams and WebSockets, half of them over kept-alive
 * connections. Life: from start() to stop(), which waits for the requests in flight.
 */
export class Load {
  readonly asked: Asked[] = []
  readonly #daemon: Daemon
  readonly #workers: Promise<void>[] = []
  readonly #agent = new Agent({ keepAlive: true })
  #running = true
  #changed: (() => void)[] = []

  static start(daemon: Daemon): Load {
    return new Load(daemon)
  }

  private constructor(daemon: Daemon) {
    this.#daemon = daemon
    for (const { kind, workers, every } of crews) {
      for (let worker = 0; worker < workers; worker += 1) this.#workers.push(this.#work(kind, worker, every))
    }
  }

  async stop(): Promise<void> {
    this.#running = false
    await Promise.all(this.#workers)
    this.#agent.destroy()
  }

  /** Resolves when `count` more requests have had this outcome. */
  async more(count: number, outcome: string): Promise<void> {
    const counted = (): number => this.asked.filter((asked) => asked.outcome === outcome).length
    const wanted = counted() + count
    while (counted() < wanted) {
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve)
      })
    }
  }

  /** The requests that had none of these outcomes. */
  except(...outcomes: readonly string[]): Asked[] {
    return this.asked.filter(({ outcome }) => !outcomes.includes(outcome))
  }

  /** A text to print: the number of requests with each outcome, and the time of the slowest good answer. */
  get figures(): string {
    const counts = new Map<string, number>()
    for (const { outcome } of this.asked) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    const longest = Math.max(...this.asked.filter(({ outcome }) => outcome === 'ok').map((a) => a.ended - a.begun))
    const times = this.asked.map(({ ended }) => ended)
    const seconds = (Math.max(...times) - Math.min(...times)) / 1000
    const shown = [...counts].map(([outcome, count]) => `${String(count)} ${outcome}`).join(', ')
    const total = `${String(this.asked.length)} in ${seconds.toFixed(1)} s`
    return `${total}: ${shown}; longest wait ${longest.toFixed(0)} ms`
  }

  async #work(kind: LoadKind, worker: number, every: number): Promise<void> {
    await pause((every * worker) / 8)
    if (kind === 'WebSocket') return this.#echo(every)
    const agent = worker % 2 === 0 ? this.#agent : undefined
    while (this.#running) {
      const begun = performance.now()
      const outcome = await this.#send(kind, agent).then(
        (answer) => outcomeOf(answer, kind),
        () => 'reset',
      )
      this.#note({ kind, begun, ended: performance.now(), outcome })
      await pause(Math.max(1, every - (performance.now() - begun)))
    }
  }

  #send(kind: LoadKind, agent: Agent | undefined): Promise<Received> {
    const { url } = this.#daemon
    const connection = agent === undefined ? {} : { agent }
    if (kind === 'POST') return send(url, '/EchoPostData', { method: 'POST', body: posted, ...connection })
    return send(url, kind === 'stream' ? '/SlowDrip?count=5&interval=10' : '/HelloWorld', connection)
  }

  async #echo(every: number): Promise<void> {
    while (this.#running) {
      const begun = performance.now()
      const socket = new WebSocket(`ws://127.0.0.1:${String(this.#daemon.port)}/websocket`)
      const outcome = await this.#talk(socket, every)
      socket.terminate()
      this.#note({ kind: 'WebSocket', begun, ended: performance.now(), outcome })
      if (outcome !== 'ok') await pause(every)
    }
  }

  /** Sends messages over the WebSocket until the load stops or the WebSocket ends; resolves with the outcome. */
  #talk(socket: WebSocket, every: number): Promise<string> {
    return new Promise((resolve) => {
      let sentAt = 0
      const say = (): void => {
        if (!this.#running) resolve('ok')
        else {
          sentAt = performance.now()
          socket.send('hello')
        }
      }
      socket.on('open', say)
      socket.on('message', (data: Buffer) => {
        const outcome = data.toString() === 'hello' ? 'ok' : 'wrong'
        this.#note({ kind: 'WebSocket', begun: sentAt, ended: performance.now(), outcome })
        setTimeout(say, every)
      })
      socket.on('error', () => undefined)
      socket.on('close', (code) => {
        resolve(code === 1000 ? 'closed' : 'reset')
      })
      socket.on('unexpected-response', (_request, response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('close', () => {
          const text = Buffer.concat(chunks).toString()
          resolve(response.complete ? outcomeOf({ status: response.statusCode ?? 0, text }, 'WebSocket') : 'reset')
        })
      })
    })
  }

  #note(asked: Asked): void {
    this.asked.push(asked)
    const changed = this.#changed
    this.#changed = []
    for (const resolve of changed) resolve()
  }
}

function outcomeOf({ status, text }: Pick<Received, 'status' | 'text'>, kind: LoadKind): string {
  const expected = kind === 'POST' ? posted : kind === 'stream' ? streamed : 'Hello World'
  if (status === 200) return text === expected ? 'ok' : 'wrong'
  if (status === 503 && text === offlinePage) return 'page'
  return /HTTP Error (\d{3}\.\d+)/.exec(text)?.[1] ?? String(status)
}
