import type { HstsConfig, SiteLimits } from '../../config/host-settings.ts'
import type { HandlerConfig } from '../../config/model.ts'
import type { SectionReader } from '../../config/sections/section-reader.ts'
import type { Answer, Failure } from '../../http/answer.ts'
import type { Exchange, Reply } from '../../http/exchange.ts'
import type { ResponseFields } from '../../http/response-fields.ts'
import type { SiteConnections } from '../../http/site-connections.ts'
import type { Log } from '../../log/entry.ts'
import type { RequestMeters } from '../metering/request-meters.ts'
import type { Clock } from '../../platform/clock.ts'

/**
 * One IIS module: the section that it reads, what `check` shows of it, and what it does to an exchange. It has no
 * state; what create() returns lives as long as the configuration that it was made from.
 */
export interface Module<Settings = unknown> {
  /** The section that switches the module on; undefined: it has no section of its own and is always on. */
  readonly section: SectionReader<Settings> | undefined
  /** Another module whose section this one acts on too, at another place in the order. */
  readonly sectionOf?: Pick<Module<Settings>, 'section'>
  /** IIS's name of the module, by which `<modules>` may switch it off; undefined: it cannot be switched off. */
  readonly nativeName?: string
  /** Called once for each configuration, unless the section's reader has returned undefined. */
  create(settings: Settings, application: ApplicationFacts): ModuleSteps
}

/** Takes each exchange that is over. */
export interface RequestLog {
  write(exchange: Exchange, site: number | undefined, app: string | undefined): void
}

/** Shared by the applications of a site. A reload may change the limits at any time, and no application is told. */
export interface SiteLimitsInForce {
  /** Undefined: the site has none of its own. */
  limits: SiteLimits | undefined
  readonly connections: SiteConnections
}

/** What a module may know about its application. */
export interface ApplicationFacts {
  /** IIS's application id, and the id of its site. */
  readonly id: string
  readonly siteId?: number
  /** Undefined: there are none. */
  readonly accessLogs?: RequestLog | undefined
  /** Counts requests; undefined: nobody wants to know. */
  readonly meters?: RequestMeters | undefined
  /** Virtual path: `/`, or `/sub` without a trailing slash. */
  readonly path: string
  /** Absolute folder. */
  readonly physicalPath: string
  /** `<handlers>` in their order. config reads this section itself, because it decides how the application is run. */
  readonly handlers: readonly HandlerConfig[]
  /** The settings of every section by its path, for a module that has several; absent: there are none. */
  readonly sections?: Readonly<Record<string, unknown>>
  /** `<hsts>` of the application's site; undefined: it is not enabled. */
  readonly hsts?: HstsConfig | undefined
  /** `<limits>` of the application's site, and its connections; absent: it has none. */
  readonly siteLimits?: SiteLimitsInForce
  /** Whether the exchange with this path would be for another application of the site; absent: there is none. */
  readonly leadsOn?: (exchange: Exchange, path: string) => boolean
  readonly log: Log
  readonly clock: Clock
}

/** What a module does to exchanges. A step that is absent costs nothing. */
export interface ModuleSteps {
  /** True: what it does is a setting of the site, whatever state the application is in. Default: false. */
  readonly isOfSite?: boolean
  /**
   * May end the exchange; undefined lets it pass. Gates are called in the order of the modules, under the configuration
   * that was in force when the exchange came. While the application is offline or its configuration cannot be used, only
   * those of its site are called.
   */
  readonly gate?: (exchange: Exchange) => GateAnswer | undefined | Promise<GateAnswer | undefined>
  /**
   * Returns a view of the exchange (http/exchange-view.ts) with another target or other headers, which the later
   * modules and the application see instead.
   */
  readonly rewrite?: (exchange: Exchange) => Exchange
  /** Does either, where both come out of one decision: returns the exchange, perhaps as a view, or how it ends. */
  readonly route?: (exchange: Exchange) => Routed | Promise<Routed>
  /** Added to every final response, also to answers of ancmd's own, after the response's own fields. */
  readonly responseFields?: ResponseFields | undefined
  /** The same, but on https only. */
  readonly httpsResponseFields?: ResponseFields | undefined
  /**
   * Wraps the Reply, so that the module sees every response except the 101 of an upgrade, without the `responseFields`
   * of modules. An application's response comes through begin() and its sink, an answer of ancmd's own through
   * answer(). The response passes the modules in their order, so the last module is the closest to the client.
   * `execute` gives another exchange to the application, without any module; the reply that it is called by is complete
   * when that exchange is over. Called at most once for an exchange, while it is being handled. `hold` makes the exchange
   * last until a promise has settled, where the reply goes on after the application has given all of its response.
   */
  readonly wrapReply?: (exchange: Exchange, reply: Reply, execute: Execute, hold: Hold) => Reply
  /** Called once for each exchange when it is over, also after a bug, with the exchange itself and not with a view. */
  readonly finish?: (exchange: Exchange) => void
}

/** What a route step has decided. */
export type Routed = { readonly passes: Exchange } | { readonly ends: GateAnswer }

/** Hands an exchange to the application, as the last module does. */
export type Execute = (exchange: Exchange) => void

/** Makes an exchange last until this promise has settled, which must not reject. Called while it is being handled. */
export type Hold = (until: Promise<void>) => void

/**
 * How a gate ends an exchange: with a failure, which has an error page and a log entry, with an answer or a response of
 * its own, or with no answer at all.
 */
export type GateAnswer =
  | {
      readonly failure: Failure
      /** The setting that led to it, as written in web.config. */
      readonly setting: string
      /** Fields for its page, a flat list name, value, …; default: none. */
      readonly headers?: readonly string[]
    }
  | { readonly answer: Answer }
  /** The connection ends without an answer; the failure is what the log says. */
  | { readonly abort: Failure; readonly setting: string }
  /** The module sends a response by itself; the promise settles when that is complete or aborted. */
  | { readonly serves: (exchange: Exchange) => Promise<void> }

/** A GateAnswer that the pipeline carries out. */
export type EndingAnswer = Exclude<GateAnswer, { readonly serves: unknown }>
