import type { Clock } from '../../platform/clock.ts'
import { pause } from '../../platform/pause.ts'
import type { ProcessEvents } from '../life/process-events.ts'
import type { Target } from '../life/process-state.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import { requestShutdown } from './shutdown-request.ts'

/**
 * How long requests in flight may be answered before the shutdown message is sent: an app that is told to stop closes
 * connections whose request it has not read yet, and those requests would get no answer.
 */
const inFlightGraceMs = 250

export interface Stop {
  readonly tree: ProcessTree
  readonly target: Target
  readonly applicationPath: string
  /** False for httpPlatform, whose programs know no shutdown message. */
  readonly sendsMessage: boolean
  /** Whether the app speaks HTTP/2 only. */
  readonly speaksHttp2: boolean
  /** shutdownTimeLimit, counted from the shutdown message; 0 kills at once. */
  readonly limitMs: number
  /** Calls back when no request is in flight, tunnels not counted; if none is in flight now, before it returns. */
  readonly whenIdle: (listener: () => void) => void
  /** Whether an app that does not drain itself keeps its requests for half of the limit before it gets SIGTERM. */
  readonly sparesRequests: boolean
  readonly clock: Clock
  readonly events: Pick<ProcessEvents, 'shutdownRequested' | 'processKilled'>
  /** Aborts when the process has ended. */
  readonly ended: AbortSignal
  readonly onSignal: (signal: NodeJS.Signals) => void
}

/** ANCM SendSignal: shutdown message, SIGTERM, SIGKILL. Resolves when the process has ended or could not be killed. */
export async function shutDown(stop: Stop): Promise<void> {
  const { tree, target, clock, ended, events } = stop
  const isOver = (): boolean => ended.aborted
  if (stop.limitMs > 0) {
    await requestsDone(stop, Math.min(inFlightGraceMs, stop.limitMs))
    const deadline = clock.now() + stop.limitMs
    const left = (): number => Math.max(0, deadline - clock.now())
    if (!(await drainsItself(stop))) {
      // Many programs end at SIGTERM at once, whatever they are doing. Only half of the limit is for their requests, as
      // some never end; a program that drains at SIGTERM has the other half for that.
      if (stop.sparesRequests) await requestsDone(stop, left() - stop.limitMs / 2)
      if (!isOver()) {
        stop.onSignal('SIGTERM')
        await tree.signal('SIGTERM')
      }
    }
    await pause(clock, left(), ended)
  }
  if (isOver()) return
  stop.onSignal('SIGKILL')
  // Reported only if nothing is left of the tree, because the daemon may be unable to kill a process of another user.
  if ((await tree.kill(clock)).length === 0) events.processKilled(target.pid)
}

/** Sends the shutdown message. True for an answer of 202: then the app finishes its requests and ends by itself. */
async function drainsItself(stop: Stop): Promise<boolean> {
  const { target, ended } = stop
  if (!stop.sendsMessage || ended.aborted) return false
  // The answer may take half of the time limit, so that an app too busy to answer has the other half to end after
  // SIGTERM.
  const request = stop.speaksHttp2
    ? (await import('./http2-shutdown-request.ts')).requestShutdownOverHttp2
    : requestShutdown
  const answer = await request(target, stop.applicationPath, stop.limitMs / 2, stop.clock, ended)
  if (answer.answered) stop.events.shutdownRequested(target.pid, answer.status, undefined)
  else stop.events.shutdownRequested(target.pid, undefined, answer.cause)
  return answer.answered && answer.status === 202
}

/** Resolves when no request is in flight any more, when `ms` have passed, or when the process has ended. */
async function requestsDone(stop: Stop, ms: number): Promise<void> {
  if (ms <= 0) return
  const waiting = new AbortController()
  const end = (): void => {
    waiting.abort()
  }
  stop.ended.addEventListener('abort', end)
  stop.whenIdle(end)
  await pause(stop.clock, stop.ended.aborted ? 0 : ms, waiting.signal)
  stop.ended.removeEventListener('abort', end)
}
