import type { ProcessConfig } from '../../config/model.ts'
import type { Exchange } from '../../http/exchange.ts'
import { ExchangeView } from '../../http/exchange-view.ts'
import type { HookChoice } from '../../process/command/startup-hooks.ts'
import {
  type AuthenticatedApplication,
  type AuthenticationScheme,
  describeUserObstacle,
  isUserHook,
  type UserNotice,
  type UserObstacle,
} from '../../process/command/user-hook.ts'

/**
 * How the users that are authenticated here reach one application. Life: that of a configuration; owner: its Serving.
 * Invariant: no exchange of a user is given to an application of which it is known that it would take it for one of
 * nobody.
 */
export class UserForwarding {
  readonly #way: ProcessConfig['userForwarding']
  readonly #authentication: readonly AuthenticationScheme[]
  readonly #onObstacle: (notice: UserNotice) => void
  #obstacle: UserObstacle | undefined
  readonly #reported = new Set<UserObstacle['why']>()

  /** `onObstacle` is called once for each reason. */
  constructor({ process, authentication }: AuthenticatedApplication, onObstacle: (notice: UserNotice) => void) {
    this.#way = process.userForwarding
    this.#authentication = authentication
    this.#onObstacle = onObstacle
  }

  /** Whether each response to a user has to show that the application has taken the user. */
  get provesUser(): boolean {
    return this.#way === undefined
  }

  /**
   * Whether a process that was started under `other` takes users as one that is started under this configuration does:
   * a process is told at its start which kinds of authentication there are, and loads the hook then.
   */
  takesUsersAs(other: UserForwarding): boolean {
    return this.#way === other.#way && this.#authentication.join() === other.#authentication.join()
  }

  /** A process is being started with these hooks, or without them. */
  hooksChosen(choices: readonly HookChoice[]): void {
    for (const { hook, outcome } of choices) {
      if (!isUserHook(hook)) continue
      this.#obstacle = typeof outcome === 'object' ? outcome : undefined
      if (this.#obstacle !== undefined) this.#report(this.#obstacle)
    }
  }

  /** An exchange of a user as the application may get it; undefined: it would not take the user. */
  pass(exchange: Exchange): Exchange | undefined {
    if (this.#obstacle !== undefined) return undefined
    // Where nobody is authenticated any more, a user is one of the configuration before.
    const isForNobody = this.#way === 'none' || this.#authentication.every((scheme) => scheme === 'anonymous')
    return isForNobody ? new ExchangeView(exchange, { withoutUser: true }) : exchange
  }

  /** Reports an exchange that was refused; returns what its page may say. */
  refused(): { readonly cause: string; readonly details: readonly string[] } {
    const { text, cure } = this.#report(this.#obstacle ?? { why: 'unproved' })
    return { cause: text, details: [cure] }
  }

  #report(obstacle: UserObstacle): UserNotice {
    const notice = describeUserObstacle(obstacle)
    if (!this.#reported.has(obstacle.why)) {
      this.#reported.add(obstacle.why)
      this.#onObstacle(notice)
    }
    return notice
  }
}
