import { type ChildProcess, spawn } from 'node:child_process'
import { atTheEnd } from '../../support/ending.ts'

/** What each client of a crowd does. */
export interface CrowdOptions {
  readonly port: number
  readonly count: number
  /** The protocol that is negotiated in a TLS handshake; undefined: no TLS. */
  readonly alpn?: 'http/1.1' | 'h2' | undefined
  /** What each sends first. */
  readonly first: Buffer
  /** What each sends four times a second. */
  readonly drip?: Buffer | undefined
  /** Default: true. */
  readonly reads?: boolean | undefined
}

/**
 * Many slow clients in a process of their own (attackers.py), so that their work is in none of the test's times. Life:
 * from start(), which resolves when all have connected, to leave(), or to the end of the test.
 */
export class Crowd {
  /** How many could connect. */
  opened = 0
  /** How many the server has ended. */
  over = 0
  readonly #child: ChildProcess
  #waiting: (() => void)[] = []
  #gone: Error | undefined

  private constructor({ port, count, alpn, first, drip, reads = true }: CrowdOptions) {
    const spec = {
      port,
      count,
      alpn: alpn ?? null,
      first: first.toString('base64'),
      drip: drip?.toString('base64') ?? null,
      reads,
    }
    const program = new URL('attackers.py', import.meta.url).pathname
    const child = spawn('python3', [program, JSON.stringify(spec)], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child = child
    let pending = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) this.#told(line)
    })
    child.stdin.on('error', () => undefined)
    child.on('error', () => {
      this.#end(new Error('the attackers need python3: install it (Debian: apt-get install python3)'))
    })
    child.on('exit', (code) => {
      this.#end(new Error(`the attackers ended with ${String(code)}`))
    })
  }

  static async start(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options)
    atTheEnd(() => crowd.leave())
    await crowd.#until(() => crowd.opened > 0)
    return crowd
  }

  /** Resolves when the server has ended so many. */
  async untilOver(count: number): Promise<void> {
    await this.#until(() => this.over >= count)
  }

  /** Closes those that are still there. */
  async leave(): Promise<void> {
    this.#child.stdin?.end()
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return
    await new Promise((resolve) => this.#child.once('exit', resolve))
  }

  #told(line: string): void {
    const [what, number] = line.split(' ')
    if (what === 'open') this.opened = Number(number)
    else this.over = Number(number)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #end(why: Error): void {
    this.#gone ??= why
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#gone !== undefined) throw this.#gone
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}
