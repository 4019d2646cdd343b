import { portVariable } from '../../config/fixed-port.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { commandLine, resolveCommand, writtenCommandLine } from '../command/command.ts'
import { contentRootOf } from './content-root.ts'
import { childEnvironment } from './environment.ts'
import { searchPlaces } from '../command/dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'
import type { Launch } from '../life/launch.ts'
import { environmentMark, type PairingToken } from './pairing-token.ts'
import { choosePort } from './ports.ts'
import type { ProcessEvents } from '../life/process-events.ts'
import { killTree, ProcessTree } from '../system/process-tree.ts'
import { listensElsewhereLimitMs } from './listens-elsewhere.ts'
import { awaitListening, type ReadinessObserver } from './readiness.ts'
import { type ChildOutput, spawnChild } from '../system/spawn.ts'
import { chooseHooks, withStartupHooks } from '../command/startup-hooks.ts'
import {
  isWorthRetrying,
  linesSince,
  reportLines,
  type StartCause,
  type StartFailure,
  type StartStep,
  type StepRecord,
} from '../life/start-report.ts'
import { withoutSecret } from '../../log/secret.ts'

/** A process tree of which one member listens. */
export interface Started {
  readonly tree: ProcessTree
  readonly port: number
  readonly listeningPid: number
  readonly attempt: number
}

export interface Start {
  readonly launch: Launch
  /** The same for all attempts. */
  readonly token: PairingToken
  readonly output: ChildOutput
  readonly view: FolderView
  readonly clock: Clock
  readonly events: Pick<ProcessEvents, 'startAttemptFailed' | 'hooksChosen' | 'listensElsewhere'>
  /** When it aborts, the start ends and every process that it launched is killed. */
  readonly signal: AbortSignal
  readonly onNote: (text: string) => void
  readonly onStep: (step: StartStep) => void
  /**
   * Requests should not wait for this start any more; the child keeps the rest of its time limit, and the start may
   * still succeed.
   */
  readonly onWaitAbandoned: (report: StartFailure) => void
  /** A child has been launched, and may have to be killed. */
  readonly onTree: (tree: ProcessTree) => void
}

/** ANCM StartProcess: up to `startAttempts` attempts, each with a new random port, without a pause between them. */
export async function startProcess(start: Start): Promise<Result<Started, StartFailure | 'aborted'>> {
  const attempts = Math.max(1, start.launch.config.startAttempts)
  for (let attempt = 1; ; attempt++) {
    const outcome = await new Attempt(start, attempt).run()
    if (outcome.ok || outcome.failure === 'aborted') return outcome
    const report = outcome.failure
    const left = isWorthRetrying(report.cause) ? attempts - attempt : 0
    start.events.startAttemptFailed(report, left)
    if (left === 0) return failed(report)
  }
}

/** One attempt: its steps in order, each timed. The comment beside each step gives ANCM's names of its stages. */
class Attempt {
  readonly #start: Start
  readonly #number: number
  readonly #steps: StepRecord[] = []
  #stepFrom = 0
  #step: StartStep | undefined
  #port = 0
  #pid: number | undefined
  #commandLine: string
  /** The last lines of output when this attempt began. */
  readonly #linesBefore: readonly string[]

  constructor(start: Start, number: number) {
    this.#start = start
    this.#number = number
    this.#linesBefore = number === 1 || typeof start.output === 'string' ? [] : start.output.lastLines()
    this.#commandLine = writtenCommandLine(start.launch.config)
  }

  async run(): Promise<Result<Started, StartFailure | 'aborted'>> {
    const { launch, token, view, output, events, onNote, signal, clock } = this.#start
    const { config } = launch

    this.#begin('choose-port') // SetupListenPort
    const port = await choosePort(config.environmentVariables, portVariable(config.kind))
    if (!port.ok) return this.#fail(port.failure)
    this.#port = port.value

    this.#begin('set-environment') // InitEnvironmentVariablesTable … OutputEnvironmentVariables
    const environment = childEnvironment(launch, port.value, token, await contentRootOf(launch.physicalPath))

    this.#begin('resolve-command') // SetupCommandLine
    const places = searchPlaces(environment)
    const command = resolveCommand({ ...config, physicalPath: launch.physicalPath, port: port.value, places }, view)
    if (!command.ok) return this.#fail(command.failure)
    this.#commandLine = commandLine(command.value)
    for (const note of command.value.notes) onNote(note)
    const hooks = await chooseHooks(launch.startupHooks ?? [], command.value, view)
    if (hooks.length > 0) events.hooksChosen(hooks)

    if (signal.aborted) return failed('aborted')
    this.#begin('create-process') // CreateProcessW, SetupJobObject, AssignProcessToJobObject, ResumeThread
    const child = await spawnChild(command.value, withStartupHooks(environment, hooks), output)
    if (!child.ok) return this.#fail({ why: 'spawn-failed', code: child.failure.code, file: command.value.file })
    const tree = new ProcessTree(child.value, environmentMark(token), launch.guard)
    this.#pid = child.value.pid
    this.#start.onTree(tree)

    this.#begin('await-listening') // PostStartCheck
    const listening = await awaitListening(
      tree,
      port.value,
      config.startupTimeLimit,
      clock,
      signal,
      this.#readinessObserver(child.value.pid),
    )
    if (listening.ok) tree.guardListener(listening.value)
    if (listening.ok) return ok({ tree, port: port.value, listeningPid: listening.value, attempt: this.#number })
    await killTree(tree, clock)
    return listening.failure === 'aborted' ? failed('aborted') : this.#fail(listening.failure)
  }

  #readinessObserver(pid: number): ReadinessObserver {
    const { events, launch, onWaitAbandoned } = this.#start
    return {
      onElsewhere: (addresses) => {
        events.listensElsewhere({ pid, port: this.#port, addresses, waitLimitMs: listensElsewhereLimitMs })
      },
      onWaitAbandoned: (addresses) => {
        onWaitAbandoned(this.#report({ why: 'listens-elsewhere', limitMs: launch.config.startupTimeLimit, addresses }))
      },
    }
  }

  #begin(step: StartStep): void {
    this.#endStep()
    this.#step = step
    this.#stepFrom = this.#start.clock.now()
    this.#start.onStep(step)
  }

  #endStep(): void {
    if (this.#step !== undefined) this.#steps.push({ step: this.#step, ms: this.#start.clock.now() - this.#stepFrom })
    this.#step = undefined
  }

  #fail(cause: StartCause): Result<never, StartFailure> {
    const report = this.#report(cause)
    this.#endStep()
    return failed(report)
  }

  #report(cause: StartCause): StartFailure {
    const { output, launch, token, clock } = this.#start
    const current = this.#step === undefined ? [] : [{ step: this.#step, ms: clock.now() - this.#stepFrom }]
    return {
      cause,
      commandLine: this.#commandLine,
      cwd: launch.physicalPath,
      port: this.#port,
      pid: this.#pid,
      attempt: this.#number,
      steps: [...this.#steps, ...current],
      lastLines:
        typeof output === 'string'
          ? []
          : withoutSecret(reportLines(linesSince(this.#linesBefore, output.lastLines())), token.value),
      advice: [],
    }
  }
}
