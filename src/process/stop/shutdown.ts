import type { Clock } from '../../platform/clock.ts'
import { pause } from '../../platform/pause.ts'
import type { ProcessEvents } from '../life/process-events.ts'
import type { Target } from '../life/process-state.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import { requestShutdown } from './shutdown-request.ts'

/**
 * Milliseconds before the shutdown message in which requests that were just handed out may be answered: an app that is
 * told to stop closes connections whose request it has not read yet, and nobody would get an answer.
 */
const settling = 250

export interface Stop {
  readonly tree: ProcessTree
  readonly target: Target
  readonly applicationPath: string
  /** False for httpPlatform: such an app knows no shutdown message. */
  readonly sendsMessage: boolean
  /** shutdownTimeLimit, in milliseconds; runs from the message on. 0 kills at once. */
  readonly limit: number
  /** Calls back when no request is out that is not a tunnel; at once if so. */
  readonly whenIdle: (listener: () => void) => void
  readonly clock: Clock
  readonly events: Pick<ProcessEvents, 'shutdownRequested' | 'processKilled'>
  /** Aborts when the process has ended. */
  readonly ended: AbortSignal
  readonly onSignal: (signal: NodeJS.Signals) => void
}

/** ANCM SendSignal: message, then signal, then kill. Resolves when the process has ended, has been killed, or cannot be. */
export async function shutDown(stop: Stop): Promise<void> {
  const { tree, target, clock, ended, events } = stop
  const isOver = (): boolean => ended.aborted
  if (stop.limit > 0) {
    await idle(stop, Math.min(settling, stop.limit))
    const deadline = clock.now() + stop.limit
    const left = (): number => Math.max(0, deadline - clock.now())
    // At once, whatever is still open: the app is told of its end once, and the rest of the limit is for its own clean-up.
    if (!(await drainsItself(stop)) && !isOver()) {
      stop.onSignal('SIGTERM')
      await tree.signal('SIGTERM')
    }
    await pause(clock, left(), ended)
  }
  if (isOver()) return
  stop.onSignal('SIGKILL')
  // Said when it is so: what runs as another user cannot be killed by us.
  if ((await tree.kill(clock)).length === 0) events.processKilled(target.pid)
}

/** 202: the app finishes its requests by itself and ends. */
async function drainsItself(stop: Stop): Promise<boolean> {
  const { target, ended } = stop
  if (!stop.sendsMessage || ended.aborted) return false
  // An app too busy to answer still has half of the time to heed the signal.
  const answer = await requestShutdown(target, stop.applicationPath, stop.limit / 2, stop.clock, ended)
  if (answer.answered) stop.events.shutdownRequested(target.pid, answer.status, undefined)
  else stop.events.shutdownRequested(target.pid, undefined, answer.cause)
  return answer.answered && answer.status === 202
}

/** No request is out any more, or `ms` have passed, or the process has ended. */
async function idle(stop: Stop, ms: number): Promise<void> {
  const waiting = new AbortController()
  const end = (): void => {
    waiting.abort()
  }
  stop.ended.addEventListener('abort', end)
  stop.whenIdle(end)
  await pause(stop.clock, stop.ended.aborted ? 0 : ms, waiting.signal)
  stop.ended.removeEventListener('abort', end)
}
