import { ExchangeView } from '../http/exchange-view.ts'
import type { Exchange, Reply } from '../http/exchange.ts'
import { prepareFields } from '../http/response-fields.ts'
import type { WebConfig } from '../config/model.ts'
import { settingsOf } from '../config/sections/section-reader.ts'
import type { ApplicationFacts, GateAnswer, Module, ModuleSteps } from './modules/module.ts'
import type { RequestHandler } from './pipeline.ts'

type Serve = RequestHandler['serve']
type End = NonNullable<ModuleEnds['end']>

/** Where an exchange goes behind the modules. */
export interface ModuleEnds {
  /** Every gate let it pass. */
  readonly pass: Serve
  /**
   * A gate ended it; the client is still there. undefined: whoever is behind answers everything itself, so no gate is asked and
   * nothing is rewritten, though what goes out passes the modules all the same.
   */
  readonly end: ((exchange: Exchange, answer: GateAnswer) => void) | undefined
}

/** What each module does under one configuration; without one, only those that need no section do anything. */
export function stepsOf(
  modules: readonly Module[],
  web: Pick<WebConfig, 'sections' | 'handlers'> | undefined,
  facts: Omit<ApplicationFacts, 'handlers'>,
): readonly ModuleSteps[] {
  const application = { ...facts, handlers: web?.handlers ?? [] }
  return modules.flatMap((module) => {
    if (module.section === undefined) return [module.create(undefined, application)]
    const settings = web === undefined ? undefined : settingsOf(web, module.section)
    return settings === undefined ? [] : [module.create(settings, application)]
  })
}

/**
 * The steps of a configuration's modules as one function, made once: what no module does is not in it, so that without gates,
 * views and fields an exchange goes straight to `pass`.
 */
export function composeModules(steps: readonly ModuleSteps[], { pass, end }: ModuleEnds): RequestHandler {
  let serve = end === undefined ? pass : throughRequestSteps(steps, pass, end)
  const wrappers = steps.flatMap(({ wrapReply }) => (wrapReply === undefined ? [] : [wrapReply]))
  if (wrappers.length > 0) serve = throughWrappers(wrappers, serve)
  const fields = prepareFields(steps.flatMap(({ responseFields }) => responseFields?.flat ?? []))
  if (fields !== undefined) {
    const next = serve
    serve = (exchange) => {
      exchange.reply.responseFields = fields
      return next(exchange)
    }
  }
  const finishers = steps.flatMap(({ finish }) => (finish === undefined ? [] : [finish]))
  return { serve, finish: inTurn(finishers) }
}

/** Made from the last module to the first; one that has both steps rewrites what its gate let pass. */
function throughRequestSteps(steps: readonly ModuleSteps[], pass: Serve, end: End): Serve {
  return steps.reduceRight<Serve>((next, { gate, rewrite }) => {
    const behindGate: Serve = rewrite === undefined ? next : (exchange) => next(rewrite(exchange))
    return gate === undefined ? behindGate : throughGate(gate, behindGate, end)
  }, pass)
}

function throughGate(gate: NonNullable<ModuleSteps['gate']>, next: Serve, end: End): Serve {
  const go = (exchange: Exchange, answer: GateAnswer | undefined): ReturnType<Serve> => {
    if (answer === undefined) return next(exchange)
    end(exchange, answer)
    return undefined
  }
  return (exchange) => {
    const answer = gate(exchange)
    if (!(answer instanceof Promise)) return go(exchange, answer)
    // A client that left while a gate made up its mind costs nothing.
    return answer.then((late) => (exchange.reply.gone ? undefined : go(exchange, late)))
  }
}

/** The first module's wrapper is the first that the response meets, so it is put on last. */
function throughWrappers(wrappers: readonly NonNullable<ModuleSteps['wrapReply']>[], next: Serve): Serve {
  return (exchange) => {
    const reply = wrappers.reduceRight<Reply>((inner, wrap) => wrap(exchange, inner), exchange.reply)
    return next(new ExchangeView(exchange, { reply }))
  }
}

/** One function for all of them; undefined for none. */
function inTurn(finishers: readonly ((exchange: Exchange) => void)[]): RequestHandler['finish'] {
  if (finishers.length <= 1) return finishers[0]
  return (exchange) => {
    for (const finish of finishers) finish(exchange)
  }
}
