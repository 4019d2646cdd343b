import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { deferred } from '../platform/deferred.ts'
import type { FolderView } from './system/folder-view.ts'
import type { Launch } from './life/launch.ts'
import { pairingToken } from './start/pairing-token.ts'
import { awaitEnd } from './stop/process-end.ts'
import type { ProcessEvents } from './life/process-events.ts'
import { describeSurvivor } from './system/process-table.ts'
import { nextState, type ProcessState, type StopReason, type Target } from './life/process-state.ts'
import { pause } from '../platform/pause.ts'
import { endTree, type ProcessTree } from './system/process-tree.ts'
import { shutDown } from './stop/shutdown.ts'
import type { ChildOutput, ExitStatus } from './system/spawn.ts'
import { reportLines, type StartFailure, withoutToken } from './life/start-report.ts'
import { type Started, startProcess } from './start/startup.ts'

/** How an app ends that was asked to: by itself, or as shells number SIGINT and SIGTERM; null: before there was one. */
const cleanCodes: readonly (number | null)[] = [0, 130, 143, null]
const noExit: ExitStatus = { code: null, signal: null }
/** Milliseconds from the last SIGKILL to the news of the end; who has not ended by then is given up. */
const newsLimit = 1000

/** `died`: it was ready, and ended unasked. `stopped`: we wanted it so. */
export type ProcessEnd =
  | { readonly how: 'start-failed'; readonly report: StartFailure }
  | { readonly how: 'died' }
  | { readonly how: 'stopped' }

export interface Life {
  readonly launch: Launch
  /** Of this life alone; closed at its end. */
  readonly output: ChildOutput
  readonly view: FolderView
  readonly clock: Clock
  readonly events: ProcessEvents
  /** Something in the command was read otherwise than written. */
  readonly onNote: (text: string) => void
  /** What predecessors left behind is gone: two never hold one port. */
  readonly cleared: Promise<unknown>
  /** Nobody should wait for it any more, though it may still come. */
  readonly onHopeless: (report: StartFailure) => void
  /** It listens. Called once, before anything that may follow. */
  readonly onListening: (target: Target) => void
  /** It is of no more use to anybody. Called once, at the instant. */
  readonly onEnd: (end: ProcessEnd) => void
}

/**
 * One life of a slot's process: start (all attempts), running, end; a restart is a new object. Owner: the slot, then
 * the pool, which waits for `gone`. Life: see process-state.ts. Ends by stop() gently, destroy() now, or by itself.
 * Invariants: one AbortController, aborted at the latest when `exited` is entered, carries every timer and listener of
 * this life; nobody of the tree who can be killed is left when `cleared` resolves; a stop has an end, even of what cannot.
 */
export class ServerProcess {
  readonly #life: Life
  readonly #ended = new AbortController()
  /** That the start is hopeless was said before its end. */
  #isFailureTold = false
  readonly #cleared = deferred<undefined>()
  readonly #gone = deferred<undefined>()
  readonly #sent = new Set<string>()
  /** Aborts when an end is not waited for any more. */
  readonly #givenUp = new AbortController()
  #isGivenUp = false
  #stopping: Promise<void> = Promise.resolve()
  #state: ProcessState = { name: 'starting', step: 'choose-port' }
  #tree: ProcessTree | undefined
  #runningSince: number | undefined

  constructor(life: Life) {
    this.#life = life
  }

  get state(): ProcessState {
    return this.#state
  }

  /** Milliseconds since it listens; 0 before. */
  get uptimeMs(): number {
    return this.#runningSince === undefined ? 0 : this.#life.clock.now() - this.#runningSince
  }

  /** Nobody of its tree is left. */
  get cleared(): Promise<void> {
    return this.#cleared.promise
  }

  /** And its output is on disk. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** Once. 'aborted': stop() or destroy() came first. */
  async start(): Promise<Result<Target, StartFailure | 'aborted'>> {
    const { clock, events, output } = this.#life
    const from = clock.now()
    const token = pairingToken(this.#life.launch.config.environmentVariables)
    if (typeof output !== 'string') output.conceal(token.value)
    await this.#life.cleared
    const outcome = await startProcess({
      ...this.#life,
      onHopeless: (report) => {
        this.#isFailureTold = true
        events.processStartFailed(report)
        this.#life.onHopeless(report)
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
      if (!this.#isFailureTold) events.processStartFailed(outcome.failure)
      this.#end(noExit, { how: 'start-failed', report: outcome.failure })
      return outcome
    }
    if (!outcome.ok || this.#ended.signal.aborted) {
      this.#end(noExit, { how: 'stopped' })
      return failed('aborted')
    }
    const { port, listeningPid, attempt } = outcome.value
    const target: Target = { pid: outcome.value.tree.child.pid, port, token: token.value }
    this.#state = nextState(this.#state, { on: 'listening', target })
    this.#runningSince = clock.now()
    this.#life.onListening(target)
    events.processStarted({ pid: target.pid, listeningPid, port, ms: this.#runningSince - from, attempt })
    void this.#attend(outcome.value)
    return ok(target)
  }

  /**
   * Gently, as shutdown.ts says; a start under way is ended at once. Resolves when it is gone. `whenIdle` calls back
   * when no request is out that is not a tunnel.
   */
  stop(reason: StopReason, whenIdle: (listener: () => void) => void): Promise<void> {
    if (this.#state.name === 'starting') this.#ended.abort()
    if (this.#state.name === 'running' && this.#tree !== undefined) {
      const { target } = this.#state
      const { config, applicationPath } = this.#life.launch
      this.#state = nextState(this.#state, { on: 'stop', reason })
      this.#stopping = shutDown({
        ...this.#life,
        tree: this.#tree,
        target,
        applicationPath,
        sendsMessage: config.kind === 'aspNetCore',
        limit: config.shutdownTimeLimit,
        whenIdle,
        ended: this.#ended.signal,
        onSignal: (signal) => this.#sent.add(signal),
      }).then(() => this.#giveUp())
    }
    return this.gone
  }

  /** Now. */
  destroy(): void {
    if (this.#state.name === 'exited') return
    if (this.#state.name === 'starting') this.#ended.abort()
    this.#state = nextState(this.#state, { on: 'stop', reason: 'host-stopping' })
    this.#sent.add('SIGKILL')
    this.#tree?.killNow()
    void this.#tree?.kill(this.#life.clock).then(() => this.#giveUp())
  }

  async #giveUp(): Promise<void> {
    await pause(this.#life.clock, newsLimit, this.#ended.signal)
    this.#givenUp.abort()
  }

  async #attend({ tree, port, listeningPid }: Started): Promise<void> {
    const isDraining = (): boolean => this.#state.name === 'draining'
    const exit = await awaitEnd(tree, port, listeningPid, isDraining, this.#life.clock, this.#givenUp.signal)
    this.#isGivenUp = this.#givenUp.signal.aborted
    this.#end(exit, { how: isDraining() ? 'stopped' : 'died' })
  }

  #end(exit: ExitStatus, end: ProcessEnd): void {
    const before = this.#state
    const asked = end.how === 'stopped'
    const expected = asked && (exit.signal === null ? cleanCodes.includes(exit.code) : this.#sent.has(exit.signal))
    this.#state = nextState(before, { on: 'exit', ...exit, expected })
    this.#ended.abort()
    this.#life.onEnd(end)
    void this.#bury(before, exit, expected)
  }

  async #bury(before: ProcessState, exit: ExitStatus, expected: boolean): Promise<void> {
    const { output, clock, events } = this.#life
    const uptimeMs = this.uptimeMs
    await this.#stopping
    const left = this.#tree === undefined ? [] : await endTree(this.#tree, clock)
    this.#cleared.resolve(undefined)
    if (left.length > 0) events.processesLeft(this.#tree?.child.pid ?? 0, left.map(describeSurvivor))
    const hasEnded = left.length === 0 || !this.#isGivenUp
    if (hasEnded && (before.name === 'running' || before.name === 'draining')) {
      const { pid, port } = before.target
      const lastLines =
        typeof output === 'string' ? [] : withoutToken(reportLines(output.lastLines()), before.target.token)
      events.processExited({ pid, port, ...exit, expected, uptimeMs, lastLines })
    }
    if (typeof output !== 'string') await output.close()
    this.#gone.resolve(undefined)
  }
}
