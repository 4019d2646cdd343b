import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { deferred } from '../platform/deferred.ts'
import type { FolderView } from './system/folder-view.ts'
import type { Launch } from './life/launch.ts'
import { pairingToken } from './start/pairing-token.ts'
import { awaitEnd } from './stop/process-end.ts'
import type { ProcessEvents } from './life/process-events.ts'
import { describeRemaining } from './system/process-table.ts'
import { nextState, type ProcessState, type StopReason, type Target } from './life/process-state.ts'
import { pause } from '../platform/pause.ts'
import { killTree, type ProcessTree } from './system/process-tree.ts'
import { shutDown } from './stop/shutdown.ts'
import type { ChildOutput, ExitStatus } from './system/spawn.ts'
import { withoutSecret } from '../log/secret.ts'
import { adviceFor } from './diagnosis/diagnose.ts'
import { reportLines, type StartFailure } from './life/start-report.ts'
import { type Started, startProcess } from './start/startup.ts'

/**
 * Exit codes of an app that ended because it was asked to: 0, or 128 + the number of SIGINT or SIGTERM; null when no
 * process existed yet.
 */
const cleanCodes: readonly (number | null)[] = [0, 130, 143, null]
const noExit: ExitStatus = { code: null, signal: null }
/** How long the daemon waits for the end of a process after SIGKILL before it gives the process up. */
const exitWaitLimitMs = 1000

/** `died`: a ready process ended without being asked to. `stopped`: it ended because it was asked to. */
export type ProcessEnd =
  | { readonly how: 'start-failed'; readonly report: StartFailure }
  | { readonly how: 'died' }
  | { readonly how: 'stopped' }

/** Does what has to be done between the start of a process and its first request. */
export type Prepare = (target: Target, signal: AbortSignal) => Promise<void>

export interface ServerProcessOptions {
  readonly launch: Launch
  /** Takes the output of this process alone; closed at its end. */
  readonly output: ChildOutput
  readonly view: FolderView
  readonly clock: Clock
  readonly events: ProcessEvents
  /** Called with a sentence for each part of the command that was understood in another way than it is written. */
  readonly onNote: (text: string) => void
  /** Resolves when every process that could still hold the port has ended. */
  readonly cleared: Promise<unknown>
  /** Requests should not wait for this start any more, though the process may still begin to listen on its port. */
  readonly onWaitAbandoned: (report: StartFailure) => void
  /** As in PoolOptions. */
  readonly prepare?: Prepare | undefined
  /** The process listens. Called once, before any other event of a running process. */
  readonly onListening: (target: Target) => void
  /** The process takes no more requests. Called once, at the instant of its end. */
  readonly onEnd: (end: ProcessEnd) => void
}

/**
 * One process of a slot, from its start (all attempts) to its end; a restart is a new object. Owner: the slot, which
 * waits for `gone`. Life: see process-state.ts. Ends gently by stop(), at once by destroy(), or by itself. Invariants:
 * one AbortController, aborted at the latest when the state becomes `exited`, cancels every timer and listener of this
 * process; when `cleared` resolves, no process of the tree is left that can be killed; a stop always ends, even when a
 * process cannot be killed.
 */
export class ServerProcess {
  readonly #options: ServerProcessOptions
  readonly #ended = new AbortController()
  /**
   * Whether the failure was reported before the start ended, because the app listens on other addresses than it was
   * given.
   */
  #isFailureReported = false
  readonly #cleared = deferred<undefined>()
  readonly #gone = deferred<undefined>()
  readonly #sentSignals = new Set<string>()
  /** Aborts when the daemon stops waiting for the end of the process. */
  readonly #givenUp = new AbortController()
  #isGivenUp = false
  #stopping: Promise<void> = Promise.resolve()
  #state: ProcessState = { name: 'starting', step: 'choose-port' }
  #tree: ProcessTree | undefined
  #runningSince: number | undefined

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  get state(): ProcessState {
    return this.#state
  }

  /** Milliseconds since the process began to listen; 0 before. */
  get uptimeMs(): number {
    return this.#runningSince === undefined ? 0 : this.#options.clock.now() - this.#runningSince
  }

  /** Resolves when no process of its tree is left. */
  get cleared(): Promise<void> {
    return this.#cleared.promise
  }

  /** Resolves when no process of its tree is left and its output is on disk. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** Starts the process; called once. 'aborted': stop() or destroy() was called before it listened. */
  async start(): Promise<Result<Target, StartFailure | 'aborted'>> {
    const { clock, events, output } = this.#options
    const from = clock.now()
    const token = pairingToken(this.#options.launch.config.environmentVariables)
    if (typeof output !== 'string') output.conceal(token.value)
    await this.#options.cleared
    const outcome = await startProcess({
      ...this.#options,
      onWaitAbandoned: (report) => {
        this.#isFailureReported = true
        events.processStartFailed(report)
        this.#options.onWaitAbandoned(report)
      },
      token,
      signal: this.#ended.signal,
      onStep: (step) => {
        this.#state = nextState(this.#state, { on: 'step', step })
      },
      onTree: (tree) => {
        this.#tree = tree
      },
    })
    if (!outcome.ok && outcome.failure !== 'aborted') {
      const { launch, view } = this.#options
      const advice = this.#isFailureReported ? [] : await adviceFor(outcome.failure, launch, view)
      const report = { ...outcome.failure, advice }
      if (!this.#isFailureReported) events.processStartFailed(report)
      this.#end(noExit, { how: 'start-failed', report })
      return failed(report)
    }
    if (outcome.ok) await this.#options.prepare?.(targetOf(outcome.value, token.value), this.#ended.signal)
    if (!outcome.ok || this.#ended.signal.aborted) {
      this.#end(noExit, { how: 'stopped' })
      return failed('aborted')
    }
    const { port, listeningPid, attempt } = outcome.value
    const target = targetOf(outcome.value, token.value)
    this.#state = nextState(this.#state, { on: 'listening', target })
    this.#runningSince = clock.now()
    this.#options.onListening(target)
    events.processStarted({ pid: target.pid, listeningPid, port, ms: this.#runningSince - from, attempt })
    void this.#watchUntilEnd(outcome.value)
    return ok(target)
  }

  /**
   * Stops the process gently, as shutdown.ts describes; a start under way is ended at once. Resolves when it is gone.
   * `whenIdle` calls its listener when no request is in flight; tunnels do not count.
   */
  stop(reason: StopReason, whenIdle: (listener: () => void) => void): Promise<void> {
    if (this.#state.name === 'starting') this.#ended.abort()
    if (this.#state.name === 'running' && this.#tree !== undefined) {
      const { target } = this.#state
      const { config, applicationPath } = this.#options.launch
      this.#state = nextState(this.#state, { on: 'stop', reason })
      this.#stopping = shutDown({
        ...this.#options,
        tree: this.#tree,
        target,
        applicationPath,
        sendsMessage: config.kind === 'aspNetCore',
        speaksHttp2: config.upstreamProtocol === 'h2c',
        limitMs: config.shutdownTimeLimit,
        whenIdle,
        // The stop of the daemon is not held up: its service manager may wait no longer than for one limit.
        sparesRequests: reason !== 'host-stopping',
        ended: this.#ended.signal,
        onSignal: (signal) => this.#sentSignals.add(signal),
      }).then(() => this.#giveUp())
    }
    return this.gone
  }

  /** Kills the process and its tree now. Calling it again does nothing new. */
  destroy(): void {
    if (this.#state.name === 'exited') return
    if (this.#state.name === 'starting') this.#ended.abort()
    this.#state = nextState(this.#state, { on: 'stop', reason: 'host-stopping' })
    this.#sentSignals.add('SIGKILL')
    this.#tree?.killNow()
    void this.#tree?.kill(this.#options.clock).then(() => this.#giveUp())
  }

  /** Stops waiting for the end of a process that SIGKILL did not end in time. */
  async #giveUp(): Promise<void> {
    await pause(this.#options.clock, exitWaitLimitMs, this.#ended.signal)
    this.#givenUp.abort()
  }

  async #watchUntilEnd({ tree, port, listeningPid }: Started): Promise<void> {
    const isDraining = (): boolean => this.#state.name === 'draining'
    const exit = await awaitEnd(tree, port, listeningPid, isDraining, this.#options.clock, this.#givenUp.signal)
    this.#isGivenUp = this.#givenUp.signal.aborted
    this.#end(exit, { how: isDraining() ? 'stopped' : 'died' })
  }

  #end(exit: ExitStatus, end: ProcessEnd): void {
    const before = this.#state
    const wasAsked = end.how === 'stopped'
    const expected =
      wasAsked && (exit.signal === null ? cleanCodes.includes(exit.code) : this.#sentSignals.has(exit.signal))
    this.#state = nextState(before, { on: 'exit', ...exit, expected })
    this.#ended.abort()
    this.#options.onEnd(end)
    void this.#cleanUp(before, exit, expected)
  }

  /** After the end: kills what is left of the tree, reads its output to the end, and reports. */
  async #cleanUp(before: ProcessState, exit: ExitStatus, expected: boolean): Promise<void> {
    const { output, clock, events } = this.#options
    const uptimeMs = this.uptimeMs
    await this.#stopping
    const left = this.#tree === undefined ? [] : await killTree(this.#tree, clock)
    this.#cleared.resolve(undefined)
    if (left.length > 0) events.processesLeft(this.#tree?.child.pid ?? 0, left.map(describeRemaining))
    const hasEnded = left.length === 0 || !this.#isGivenUp
    if (hasEnded && (before.name === 'running' || before.name === 'draining')) {
      const { pid, port } = before.target
      const lastLines =
        typeof output === 'string' ? [] : withoutSecret(reportLines(output.lastLines()), before.target.token)
      events.processExited({ pid, port, ...exit, expected, uptimeMs, lastLines })
    }
    if (typeof output !== 'string') await output.close()
    this.#gone.resolve(undefined)
  }
}

function targetOf({ tree, port }: Started, token: string): Target {
  return { pid: tree.child.pid, port, token }
}
