import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventLog, type DaemonEvent } from './event-log.ts'
import { atTheEnd } from './ending.ts'
import { eventually } from './eventually.ts'
import { top } from './folders.ts'
import { processesWith } from './processes.ts'
import { type Received, type Sending, send } from './send.ts'

export interface DaemonOptions {
  readonly args?: readonly string[]
  /** Added to the environment of the tests; undefined removes a name. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Default: any free port. */
  readonly port?: number
  /** Listens on every address, as when no --host is given, not on the loopback alone. */
  readonly everyAddress?: boolean
  /** A program and its arguments that end by running what follows them, such as `prlimit --nofile=64`. */
  readonly through?: readonly string[]
  /** Arguments of node itself, such as `--import file`. */
  readonly nodeArguments?: readonly string[]
  /** True: `type()` writes to the daemon's stdin. False, the default: its stdin is empty. */
  readonly typing?: boolean
  /** The JavaScript file to run. Default: the built `dist/main.js`. */
  readonly program?: string
  /** True: the daemon's stdout is not read. */
  readonly unread?: boolean
}

// Does not begin with ANCMD_, because the daemon withholds variables with such names from its children.
const mark = 'ANCM_TEST_RUN'

/**
 * The engine to test instead of the default one; each suite runs once with the default engine and once with this one.
 */
const { ANCM_TEST_ENGINE: otherEngine } = process.env
const engine = otherEngine === undefined ? [] : ['--engine', otherEngine]

/**
 * Starts `ancmd run FOLDER` on a free port of the loopback and waits until it listens. The daemon is ended after the
 * test that started it, or after the test file if a hook started it. A process that it leaves behind fails the test.
 */
export async function startDaemon(folder: string, options: DaemonOptions = {}): Promise<Daemon> {
  const place = ['--port', String(options.port ?? 0), ...(options.everyAddress ? [] : ['--host', '127.0.0.1'])]
  const own = options.args ?? []
  const chosen = own.includes('--engine') ? [] : engine
  const args = ['run', folder, ...place, ...chosen, '--log-format', 'json', ...own]
  const daemon = new Daemon(args, options)
  atTheEnd(() => daemon.end())
  const { port } = await daemon.event('listening')
  daemon.port = Number(port)
  return daemon
}

/** Starts `ancmd run --config FILE` and waits until the first of its bindings listens, whose port is the daemon's. */
export async function startSites(file: string, options: DaemonOptions = {}): Promise<Daemon> {
  const own = options.args ?? []
  const chosen = own.includes('--engine') ? [] : engine
  const daemon = new Daemon(['run', '--config', file, ...chosen, '--log-format', 'json', ...own], options)
  atTheEnd(() => daemon.end())
  const { port } = await daemon.event('listening')
  daemon.port = Number(port)
  return daemon
}

/** Runs any command line of ancmd to its end. */
export async function ancmd(args: readonly string[], options: DaemonOptions = {}): Promise<Finished> {
  const daemon = new Daemon(args, options)
  atTheEnd(() => daemon.end())
  const code = await daemon.exited
  return { code, stdout: daemon.stdout, stderr: daemon.stderr }
}

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * One `ancmd` process, a child of the tests. Life: from the constructor to its exit, which end() enforces; end() may be
 * called twice. Every process that it starts inherits a mark in its environment, by which end() finds the ones that
 * were left behind.
 */
export class Daemon {
  port = 0
  readonly #child: ChildProcess
  readonly #run = randomUUID()
  readonly #log = new EventLog()
  #stdout = ''
  readonly exited: Promise<number>
  /** Where its control socket is. */
  readonly runtimeFolder = mkdtempSync(join(tmpdir(), 'ancmd-run-'))

  constructor(args: readonly string[], options: DaemonOptions) {
    const { through = [], nodeArguments = [], program = `${top}/dist/main.js` } = options
    const commandLine = [...through, process.execPath, ...nodeArguments, program, ...args]
    this.#child = spawn(commandLine[0] ?? '', commandLine.slice(1), {
      env: { ...process.env, RUNTIME_DIRECTORY: this.runtimeFolder, ...options.environment, [mark]: this.#run },
      stdio: [options.typing === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    if (options.unread !== true) {
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.#stdout += text
      })
    }
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log.take(text)
    })
    // Node emits `close` only after all output has been read, so output that a test left unread is read here.
    this.#child.once('exit', () => {
      this.#child.stdout?.resume()
      this.readOn()
    })
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => {
        this.#log.end()
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`
  }

  /** Everything written to stdout so far: the daemon's own output and that of the apps. */
  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#log.text
  }

  /** The first event of this name that fits, past or to come. */
  event(name: string, fits: (event: DaemonEvent) => boolean = () => true): Promise<DaemonEvent> {
    return this.#log.event(name, fits)
  }

  /** Every event so far. */
  get events(): readonly DaemonEvent[] {
    return this.#log.events
  }

  /** The events of this name so far. */
  seen(name: string): DaemonEvent[] {
    return this.#log.events.filter((event) => event.event === name)
  }

  send(target: string, sending: Sending = {}): Promise<Received> {
    return send(this.url, target, sending)
  }

  /** The body of a GET that must succeed. */
  async text(target: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, text } = await this.send(target, { headers })
    if (status !== 200) throw new Error(`GET ${target} was answered with ${String(status)}: ${text}`)
    return text
  }

  /** The id of the app's process that answers requests. */
  async processId(): Promise<number> {
    return Number(await this.text('/ProcessId'))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Closes the reading end of the log's pipe, as when the reader of the log has ended. */
  closeStderr(): void {
    this.#child.stderr?.destroy()
  }

  /** Stops reading the stream until readOn(). When the pipe is full, output waits in the daemon or is dropped there. */
  stopReading(stream: 'stdout' | 'stderr' = 'stderr'): void {
    this.#child[stream]?.pause()
  }

  readOn(stream: 'stdout' | 'stderr' = 'stderr'): void {
    this.#child[stream]?.resume()
  }

  /** Writes to the daemon's stdin; needs the option `typing`. */
  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Sends SIGTERM; resolves with the exit code. */
  stop(): Promise<number> {
    this.signal('SIGTERM')
    return this.exited
  }

  /** Processes that this daemon started, directly or not, and that are alive. */
  get descendants(): { pid: number; commandLine: string }[] {
    return processesWith(`${mark}=${this.#run}`).filter(({ pid }) => pid !== this.pid)
  }

  async end(): Promise<void> {
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 15_000)
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM')
    await this.exited
    clearTimeout(limit)
    rmSync(this.runtimeFolder, { recursive: true, force: true })
    try {
      await eventually('no process is left behind', () => this.descendants.length === 0, 3_000)
    } catch {
      const left = this.descendants
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has just ended.
        }
      }
      if (left.length > 0) {
        throw new Error(`left behind: ${left.map((entry) => `${String(entry.pid)} ${entry.commandLine}`).join('; ')}`)
      }
    }
  }
}
