import type { WebConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'
import { composeModules, composeRequestSteps, type ModuleExits, stepsOf } from './compose-modules.ts'
import type { ApplicationFacts, Module, ModuleSteps } from './modules/module.ts'
import type { RequestHandler } from './pipeline.ts'
import { PathTable } from './routing/path-table.ts'

/** What the modules do in an application: one entry for each module, in their order. */
export interface ApplicationSteps {
  readonly steps: readonly ModuleSteps[]
  /** The same for each part of the application that has settings of its own, by its virtual path. */
  readonly parts: readonly { readonly path: string; readonly steps: readonly ModuleSteps[] }[]
}

/** What is done before any configuration is known. */
export const noSteps: ApplicationSteps = { steps: [], parts: [] }

/**
 * The steps of each module under one configuration; without a configuration, only those of modules that need no section.
 */
export function applicationSteps(
  modules: readonly Module[],
  web: WebConfig | undefined,
  facts: Omit<ApplicationFacts, 'handlers' | 'sections'>,
): ApplicationSteps {
  return {
    steps: stepsOf(modules, web, facts),
    parts: (web?.parts ?? []).map((part) => ({ path: part.path, steps: stepsOf(modules, part, facts) })),
  }
}

/** One part as a handler, and as the chains of steps that begin at each module. */
interface ComposedPart {
  readonly handler: RequestHandler
  readonly entries: readonly RequestHandler['serve'][]
}

/**
 * Composes the modules of an application and of its parts into one handler. The path that was asked for decides which
 * settings hold. Where a module gives the exchange another path, the modules behind it are those of that path, so that
 * no rewriting leads round the guards of a part; what is done to the response stays with the path that was asked for. An
 * application without parts has the handler of its modules itself.
 */
export function composeParts({ steps, parts }: ApplicationSteps, exits: ModuleExits): RequestHandler {
  if (parts.length === 0) return composeModules(steps, exits)
  const find = ({ path }: Exchange): ComposedPart => table.find(path) ?? whole
  const moved: ModuleExits['moved'] = (exchange, next) => exits.moved?.(exchange, next) ?? find(exchange).entries[next]
  const compose = (own: readonly ModuleSteps[]): ComposedPart => {
    const entries = composeRequestSteps(own, { ...exits, moved })
    return { entries, handler: composeModules(own, exits, entries) }
  }
  const whole = compose(steps)
  const table = new PathTable(parts.map(({ path, steps: own }) => ({ path, application: compose(own) })))
  return {
    serve: (exchange) => find(exchange).handler.serve(exchange),
    finish: (exchange) => find(exchange).handler.finish?.(exchange),
  }
}
