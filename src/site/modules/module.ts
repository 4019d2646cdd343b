import type { HandlerConfig } from '../../config/model.ts'
import type { SectionReader } from '../../config/sections/section-reader.ts'
import type { Answer, Failure } from '../../http/answer.ts'
import type { Exchange, Reply } from '../../http/exchange.ts'
import type { ResponseFields } from '../../http/response-fields.ts'
import type { Log } from '../../log/entry.ts'
import type { Clock } from '../../platform/clock.ts'

/**
 * One IIS module: the section that it reads, what `check` shows of it, and what it does to an exchange. It holds nothing itself;
 * what create() makes lives as long as the configuration that it was made from.
 */
export interface Module<Settings = unknown> {
  /** undefined: no section of a web.config is its own, and it is always there. */
  readonly section: SectionReader<Settings> | undefined
  /** Called once for each configuration; not at all where the section's reader found nothing to do. */
  create(settings: Settings, application: ApplicationFacts): ModuleSteps
}

/** What a module may know of the application that it works for. */
export interface ApplicationFacts {
  /** Virtual path: `/`, or `/sub` without a trailing slash. */
  readonly path: string
  /** Absolute folder. */
  readonly physicalPath: string
  /** In their order; config reads them itself, because the first of ours decides how the application is run. */
  readonly handlers: readonly HandlerConfig[]
  readonly log: Log
  readonly clock: Clock
}

/** What a module does, each step only if it is there: a step that is absent costs nothing. */
export interface ModuleSteps {
  /**
   * May end the exchange; undefined lets it pass. Modules are asked in their order, each exchange by the configuration in force
   * when it came. Only where the application serves: its app_offline.htm and its configuration's problems ask nobody.
   */
  readonly gate?: (exchange: Exchange) => GateAnswer | undefined | Promise<GateAnswer | undefined>
  /** What the modules below and the application see instead, as a view (http/exchange-view.ts): another target, other headers. */
  readonly rewrite?: (exchange: Exchange) => Exchange
  /** Go out with every final response of the application, ours included, behind its own fields. */
  readonly responseFields?: ResponseFields | undefined
  /**
   * Sees every response but for the 101 of an upgrade and the fields above: the application's by begin() and its sink, ours whole
   * by answer(). The response passes the modules in their order, so the last one of them is next to the client.
   */
  readonly wrapReply?: (exchange: Exchange, reply: Reply) => Reply
  /** Once for each exchange, when it is over, also after a bug. The exchange is the one that came, not a view of it. */
  readonly finish?: (exchange: Exchange) => void
}

/** How a gate ends an exchange: with a failure, which has its page and its line in the log, or with an answer of its own. */
export type GateAnswer =
  | {
      readonly failure: Failure
      /** What decides it, as it is written in the web.config. */
      readonly setting: string
    }
  | { readonly answer: Answer }
