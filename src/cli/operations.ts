import { callControl, type ControlFailure } from '../control/client.ts'
import type { ApplicationOperation, OperationReport } from '../site/operations/operation.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { type OptionSpec, readOptions } from './options.ts'
import { type ChosenApplication, chooseApplications } from './remote/choose-applications.ts'
import { controlOption } from './remote/control-option.ts'
import { readDuration, shortSpan } from './remote/duration.ts'
import { reachDaemon, unreached } from './remote/reach-daemon.ts'
import type { Terminal, Verb } from './verb.ts'

const options: readonly OptionSpec[] = [
  { name: 'wait', value: undefined, summary: 'return when it has happened, or has failed' },
  { name: 'timeout', value: 'TIME', summary: 'how long --wait waits, as 500ms, 60s, 10m; default 60s' },
  { name: 'json', value: undefined, summary: 'what came of it as one JSON document' },
  controlOption('control socket of the daemon; default: the one that is running'),
]

/** What came of an operation on one application. */
interface Outcome {
  readonly id: string
  readonly name: string
  /** `begun`: nobody waited for the end. `skipped`: it concerns no application in this state. */
  readonly result: 'done' | 'begun' | 'skipped' | 'failed' | 'timeout'
  /** A word of OperationFailure, or why the daemon did not answer. */
  readonly why?: string
  readonly text: string
  readonly code: ExitCode
}

interface Asking {
  readonly operation: ApplicationOperation
  readonly path: string
  readonly isWaiting: boolean
  readonly timeoutMs: number
  /** Every application is meant, because none was named. */
  readonly isForAll: boolean
}

export const recycleVerb = verbFor('recycle')
export const stopVerb = verbFor('stop')
export const startVerb = verbFor('start')
export const offlineVerb = verbFor('offline')
export const onlineVerb = verbFor('online')

/** `ancmd recycle|stop|start|offline|online [app]`. */
function verbFor(operation: ApplicationOperation): Verb {
  return {
    options,
    act: async (args, terminal) => {
      const say = (text: string, code: ExitCode): ExitCode => {
        terminal.err(`ancmd ${operation}: ${text}\n`)
        return code
      }
      const given = readOptions(args, options, 1)
      if (!given.ok) return say(`${given.failure.message}\nancmd ${operation} --help lists the options`, exitCode.usage)
      const timeout = readDuration('timeout', given.value.value('timeout') ?? '60s')
      if (!timeout.ok) return say(timeout.failure.message, exitCode.usage)
      const reached = await reachDaemon(given.value.value('control'), terminal.environment)
      if (!reached.ok) return say(reached.failure.text, exitCode[reached.failure.code])
      const [wanted] = given.value.positionals
      const chosen = chooseApplications(reached.value.status, wanted)
      if (!chosen.ok) return say(chosen.failure, exitCode.usage)
      const asking: Asking = {
        operation,
        path: reached.value.path,
        isWaiting: given.value.has('wait'),
        timeoutMs: timeout.value,
        isForAll: wanted === undefined,
      }
      const outcomes = await Promise.all(chosen.value.map((application) => ask(application, asking)))
      tell(outcomes, asking, given.value.has('json'), terminal)
      return outcomes.find(({ code }) => code !== exitCode.ok)?.code ?? exitCode.ok
    },
  }
}

async function ask({ name, status }: ChosenApplication, asking: Asking): Promise<Outcome> {
  const { operation, path, isWaiting, timeoutMs, isForAll } = asking
  const { id } = status
  // Behind a stop there may be an app_offline.htm that nobody has looked for: the daemon says what is in the way.
  if (isForAll && operation === 'online' && status.presence !== 'offline' && status.presence !== 'stopped')
    return { id, name, result: 'skipped', text: 'it is not offline.', code: exitCode.ok }
  const answer = await callControl(path, {
    method: 'POST',
    segments: ['applications', id, operation],
    query: { ...(isWaiting && { wait: '' }), ...(isForAll && { idle: 'leave' }) },
    // Without --wait the daemon answers at once.
    signal: AbortSignal.timeout(isWaiting ? timeoutMs : 10_000),
  })
  if (!answer.ok) return failureOf(id, name, answer.failure, asking)
  const { done, text } = answer.value as Partial<OperationReport> & { readonly done: boolean }
  return done
    ? { id, name, result: 'done', text: text ?? 'done.', code: exitCode.ok }
    : { id, name, result: 'begun', text: `${operation} has begun.`, code: exitCode.ok }
}

function failureOf(id: string, name: string, failure: ControlFailure, asking: Asking): Outcome {
  const { path, isForAll, isWaiting, timeoutMs, operation } = asking
  if (failure.why === 'refused') {
    const { why, text } = failure.error
    const isSkipped = isForAll && (why === 'stopped' || why === 'site-stopped' || why === 'offline')
    return {
      id,
      name,
      result: isSkipped ? 'skipped' : 'failed',
      why,
      text,
      code: isSkipped ? exitCode.ok : exitCode.failure,
    }
  }
  if (failure.why === 'aborted' && isWaiting) {
    const limit = timeoutMs < 1000 ? `${String(timeoutMs)} ms` : shortSpan(timeoutMs)
    const text = `not done within ${limit} (--timeout); ${operation} goes on, and 'ancmd status' shows how far it is.`
    return { id, name, result: 'timeout', why: 'timeout', text, code: exitCode.failure }
  }
  const { text, code } = unreached(path, failure)
  return { id, name, result: 'failed', why: failure.why, text: `${text}.`, code: exitCode[code] }
}

function tell(outcomes: readonly Outcome[], { operation }: Asking, isJson: boolean, terminal: Terminal): void {
  if (isJson) {
    const applications = outcomes.map(({ code, ...told }) => ({ ok: code === exitCode.ok, ...told }))
    terminal.out(`${JSON.stringify({ version: 1, operation, applications }, null, 2)}\n`)
    return
  }
  for (const { name, text, code } of outcomes) {
    if (code === exitCode.ok) terminal.out(`${name}: ${text}\n`)
    else terminal.err(`ancmd ${operation}: ${name}: ${text}\n`)
  }
}
