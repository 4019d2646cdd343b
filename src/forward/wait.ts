import { ClientGone, type Exchange } from '../http/exchange.ts'
import type { ForwardFailure } from './forward-failure.ts'

/**
 * The timer of requestTimeout: how long the proxy waits for the application. Every byte in either direction restarts
 * it, and it does not expire while the proxy waits for the client. Owner and life: one delivery, which stops it.
 */
export class Wait {
  readonly #timer: NodeJS.Timeout | undefined

  /** `ms`: the limit in milliseconds; 0 for none. `isForClient`: whether the proxy now waits for the client. */
  constructor(ms: number, isForClient: () => boolean, onExpired: () => void) {
    if (ms === 0) return
    // The longest delay of setTimeout(), 24 days; node would fire a timer with a longer one at once.
    const timer = setTimeout(
      () => {
        if (isForClient()) timer.refresh()
        else onExpired()
      },
      Math.min(ms, 2_147_483_647),
    )
    this.#timer = timer
  }

  /** Restarts the timer. */
  touch(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** What waits for the response to an exchange. */
export interface ResponseWaiter {
  /** Whether the application cannot go on until the client has taken what it was given. */
  waitsForClient(): boolean
  /** Called when the client has gone, and when the application has let requestTimeout pass. */
  fail(side: ForwardFailure['side'], cause: Error): void
}

/** Begins to wait for a response. `requestTimeout` is in milliseconds. Undefined if the client had gone already. */
export function waitForResponse(
  { reply }: Exchange,
  requestTimeout: number,
  waiting: ResponseWaiter,
): Wait | undefined {
  const onGone = (): void => {
    waiting.fail('client', new ClientGone())
  }
  if (reply.gone) {
    onGone()
    return undefined
  }
  reply.onGone(onGone)
  return new Wait(
    requestTimeout,
    () => waiting.waitsForClient(),
    () => {
      waiting.fail('timeout', new Error('the application let requestTimeout pass'))
    },
  )
}
