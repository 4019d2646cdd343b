import { ExchangeView } from '../http/exchange-view.ts'
import type { Exchange, Reply } from '../http/exchange.ts'
import { prepareFields, type ResponseFields } from '../http/response-fields.ts'
import type { WebConfig } from '../config/model.ts'
import { settingsOf } from '../config/sections/section-reader.ts'
import type {
  ApplicationFacts,
  EndingAnswer,
  Execute,
  GateAnswer,
  Hold,
  Module,
  ModuleSteps,
  Routed,
} from './modules/module.ts'
import { isRemoved } from './modules/module-list.ts'
import type { RequestHandler } from './pipeline.ts'

type Serve = RequestHandler['serve']
type End = ModuleExits['end']

/** Where an exchange goes after the modules. */
export interface ModuleExits {
  /** Called for an exchange that no gate has ended. */
  readonly pass: Serve
  /** Called for an exchange that a gate has ended while its client is still connected. */
  readonly end: (exchange: Exchange, answer: EndingAnswer) => void
  /**
   * True: every exchange gets an answer of ancmd's own, such as app_offline.htm; then the gates and rewrites of the
   * application are left out, but those of its site are not, and responses still pass all modules. Default: false.
   */
  readonly ofSiteAlone?: boolean
  /**
   * Where an exchange goes on that a module may have given another path: in another application, or at the steps from
   * the module `next` on that hold for that path. Undefined, or absent: those of the same configuration.
   */
  readonly moved?: (exchange: Exchange, next: number) => Serve | undefined
}

/**
 * The steps of each module under one configuration, in the order of the modules; without a configuration, only the
 * steps of modules that need no section.
 */
export function stepsOf(
  modules: readonly Module[],
  web: Pick<WebConfig, 'sections' | 'handlers'> | undefined,
  facts: Omit<ApplicationFacts, 'handlers' | 'sections'>,
): readonly ModuleSteps[] {
  const application = { ...facts, handlers: web?.handlers ?? [], sections: web?.sections ?? {} }
  return modules.map((module) => {
    if (isRemoved(web, module.nativeName)) return none
    const section = module.section ?? module.sectionOf?.section
    if (section === undefined) return module.create(undefined, application)
    const settings = web === undefined ? undefined : settingsOf(web, section)
    return settings === undefined ? none : module.create(settings, application)
  })
}

/** The steps of a module that is not wanted. */
const none: ModuleSteps = {}

/**
 * Composes the modules' steps into one handler, once for each configuration. A kind of step that no module has costs
 * nothing: without gates, views and fields an exchange goes straight to `pass`.
 */
export function composeModules(
  steps: readonly ModuleSteps[],
  exits: ModuleExits,
  [first]: readonly Serve[] = composeRequestSteps(steps, exits),
): RequestHandler {
  const { pass } = exits
  let serve = first ?? pass
  const wrappers = steps.flatMap(({ wrapReply }) => (wrapReply === undefined ? [] : [wrapReply]))
  if (wrappers.length > 0) serve = throughWrappers(wrappers, serve, pass)
  serve = withFields(steps, serve)
  const finishers = steps.flatMap(({ finish }) => (finish === undefined ? [] : [finish]))
  return { serve, finish: oneFinisher(finishers) }
}

/**
 * What an exchange passes before it is handed on: for each module the steps from it on, and behind the last one `pass`.
 * Where a module has several steps, its gate comes before its rewrite, and that before its route.
 */
export function composeRequestSteps(
  steps: readonly ModuleSteps[],
  { pass, end, ofSiteAlone = false, moved }: ModuleExits,
): readonly Serve[] {
  const entries: Serve[] = [pass]
  for (const [i, { gate, rewrite, route, isOfSite }] of [...steps.entries()].toReversed()) {
    const behind = entries[0] as Serve
    if (ofSiteAlone && isOfSite !== true) entries.unshift(behind)
    else {
      const next = moved === undefined ? behind : throughMove(moved, i + 1, behind)
      const routed = route === undefined ? behind : throughRoute(route, next, end)
      const behindGate: Serve = rewrite === undefined ? routed : (exchange) => routed(rewrite(exchange))
      entries.unshift(gate === undefined ? behindGate : throughGate(gate, behindGate, end))
    }
  }
  return entries
}

function throughMove(moved: NonNullable<ModuleExits['moved']>, next: number, behind: Serve): Serve {
  return (exchange) => (moved(exchange, next) ?? behind)(exchange)
}

function throughGate(gate: NonNullable<ModuleSteps['gate']>, next: Serve, end: End): Serve {
  const proceed = (exchange: Exchange, answer: GateAnswer | undefined): ReturnType<Serve> => {
    return answer === undefined ? next(exchange) : ended(exchange, answer, end)
  }
  return (exchange) => {
    const answer = gate(exchange)
    if (!(answer instanceof Promise)) return proceed(exchange, answer)
    // The client may have disconnected while the gate was waiting.
    return answer.then((late) => (exchange.reply.gone ? undefined : proceed(exchange, late)))
  }
}

function throughRoute(route: NonNullable<ModuleSteps['route']>, next: Serve, end: End): Serve {
  const proceed = (exchange: Exchange, routed: Routed): ReturnType<Serve> => {
    return 'passes' in routed ? next(routed.passes) : ended(exchange, routed.ends, end)
  }
  return (exchange) => {
    const routed = route(exchange)
    if (!(routed instanceof Promise)) return proceed(exchange, routed)
    return routed.then((late) => (exchange.reply.gone ? undefined : proceed(exchange, late)))
  }
}

function ended(exchange: Exchange, answer: GateAnswer, end: End): ReturnType<Serve> {
  if ('serves' in answer) return answer.serves(exchange)
  end(exchange, answer)
  return undefined
}

function withFields(steps: readonly ModuleSteps[], next: Serve): Serve {
  const onHttp = steps.map(({ responseFields }) => responseFields)
  const fields = joinFields(onHttp)
  const onHttpsOnly = steps.map(({ httpsResponseFields }) => httpsResponseFields)
  const hasHttpsFields = onHttpsOnly.some((added) => added !== undefined)
  const httpsFields = hasHttpsFields ? joinFields([...onHttp, ...onHttpsOnly]) : fields
  if (httpsFields === undefined) return next
  return (exchange) => {
    const isHttps = httpsFields !== fields && exchange.connection.scheme === 'https'
    exchange.reply.responseFields = isHttps ? httpsFields : fields
    return next(exchange)
  }
}

function joinFields(all: readonly (ResponseFields | undefined)[]): ResponseFields | undefined {
  const flat = all.flatMap((fields) => fields?.flat ?? [])
  const whereAbsent = all.flatMap((fields) => fields?.whereAbsent?.flatMap((field) => field.flat) ?? [])
  return prepareFields(flat, whereAbsent)
}

/** A response passes the first module's wrapper first, so that wrapper is applied last, around the others. */
function throughWrappers(wrappers: readonly NonNullable<ModuleSteps['wrapReply']>[], next: Serve, pass: Serve): Serve {
  return (exchange) => {
    let executed: Promise<void> | undefined
    const execute: Execute = (inner) => {
      executed = pass(inner)
    }
    let held: Promise<unknown> | undefined
    const hold: Hold = (until) => {
      held = held === undefined ? until : Promise.all([held, until])
    }
    const reply = wrappers.reduceRight<Reply>((inner, wrap) => wrap(exchange, inner, execute, hold), exchange.reply)
    const served = next(new ExchangeView(exchange, { reply }))
    if (served === undefined && executed === undefined && held === undefined) return undefined
    return lasting(
      served,
      () => executed,
      () => held,
    )
  }
}

/** Waits for each of these, the later ones being looked up when the earlier ones have settled. */
async function lasting(
  served: Promise<void> | undefined,
  ...later: readonly (() => Promise<unknown> | undefined)[]
): Promise<void> {
  await served
  for (const next of later) await next()
}

/** Combines the finishers into one function; undefined when there is none. */
function oneFinisher(finishers: readonly ((exchange: Exchange) => void)[]): RequestHandler['finish'] {
  if (finishers.length <= 1) return finishers[0]
  return (exchange) => {
    for (const finish of finishers) finish(exchange)
  }
}
