import { spawn } from 'node:child_process'
import type { Clock } from '../clock.ts'

/** How often a stop that lasts asks for more time, and how much it asks for. */
const extension = { everyMs: 10_000, byMs: 30_000 } as const
/** systemd-notify waits up to five seconds until its message has been taken. */
const messageLimitMs = 10_000

export interface ServiceNotifierParts {
  /** A path, or `@` and a name of the abstract namespace. */
  readonly socket: string
  /** The longest time between two signs of life. */
  readonly watchdogMs: number | undefined
  readonly clock: Clock
  /** Monotonic microseconds of the system (CLOCK_MONOTONIC). */
  readonly monotonicMicroseconds: () => bigint
  /** Called once, with the reason, when a message cannot be sent. */
  readonly onFailure: (reason: string) => void
}

/**
 * Tells systemd how the service is (sd_notify). Node cannot send to a Unix datagram socket, so each message is sent by
 * systemd-notify, one after the other, in their order. Life: from the constructor to close(), which ends its timers;
 * owned by who runs the host. Signs of life come from a timer of the event loop: when that hangs, they stay away.
 */
export class ServiceNotifier {
  readonly #parts: ServiceNotifierParts
  #sent: Promise<void> = Promise.resolve()
  #hasFailed = false
  #cancelWatchdog: () => void = () => undefined
  #cancelExtension: () => void = () => undefined

  constructor(parts: ServiceNotifierParts) {
    this.#parts = parts
    if (parts.watchdogMs !== undefined) this.#signAfter(parts.watchdogMs / 2)
  }

  /** The service has started, or a reload is over. `status`: one line for people. */
  ready(status: string): void {
    this.#send('READY=1', `STATUS=${status}`)
  }

  reloading(): void {
    const now = String(this.#parts.monotonicMicroseconds())
    this.#send('RELOADING=1', `MONOTONIC_USEC=${now}`, 'STATUS=reading the host file again')
  }

  /** The service is being stopped; until close(), more time is asked for again and again. */
  stopping(status: string): void {
    this.#send('STOPPING=1', `STATUS=${status}`, extend)
    const again = (): void => {
      this.#cancelExtension = this.#parts.clock.after(extension.everyMs, () => {
        this.#send(extend)
        again()
      })
    }
    this.#cancelExtension()
    again()
  }

  /** Sends nothing any more; resolves when what was to be sent is sent, or has failed. */
  async close(): Promise<void> {
    this.#cancelWatchdog()
    this.#cancelExtension()
    await this.#sent
  }

  #signAfter(ms: number): void {
    this.#cancelWatchdog = this.#parts.clock.after(ms, () => {
      this.#send('WATCHDOG=1')
      this.#signAfter(ms)
    })
  }

  #send(...assignments: readonly string[]): void {
    this.#sent = this.#sent.then(async () => {
      const reason = await sendBySystemdNotify(this.#parts.socket, assignments)
      if (reason === undefined || this.#hasFailed) return
      this.#hasFailed = true
      this.#parts.onFailure(reason)
    })
  }
}

const extend = `EXTEND_TIMEOUT_USEC=${String(extension.byMs * 1000)}`

/** Resolves with undefined, or with the reason why the message was not sent. */
function sendBySystemdNotify(socket: string, assignments: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    // The message ends where a line ends.
    const lines = assignments.map((line) => line.replaceAll(/[\0-\x1f]/g, ' '))
    const child = spawn('systemd-notify', lines, {
      env: { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin:/usr/local/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: messageLimitMs,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 500)
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`systemd-notify cannot be started (${error.code ?? error.message})`)
    })
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(`systemd-notify ended with ${signal ?? `exit code ${String(code)}`}: ${said.trim()}`)
    })
  })
}
