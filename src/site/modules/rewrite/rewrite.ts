import { stat } from 'node:fs/promises'
import type { PlanDetail, SectionReader } from '../../../config/sections/section-reader.ts'
import { readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed, readShaped } from '../../../config/xml/element.ts'
import type { Answer } from '../../../http/answer.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ApplicationFacts, Module, ModuleSteps, Routed } from '../module.ts'
import { compileRules } from './compile.ts'
import type { Asking, FileQuestion } from './conditions.ts'
import { RewriteMaps } from './fill-template.ts'
import { OutboundReply } from './outbound.ts'
import { readOutboundRules } from './read-outbound-rules.ts'
import { readMaps } from './read-parts.ts'
import { readRules } from './read-rules.ts'
import { movedAnswer, textAnswer } from './rule-answers.ts'
import { rewrittenRequest } from './rewritten-request.ts'
import { type RewriteOutcome, RuleRun } from './rules.ts'
import type { RewriteSettings, RuleSettings } from './settings.ts'
import { allowedVariableTable, rewriteShape } from './rewrite-shape.ts'
import { isVariable, type VariableFacts } from './variables.ts'

const section: SectionReader<RewriteSettings> = {
  section: 'rewrite',
  shape: rewriteShape,
  read(elements, { problems, partOf }) {
    for (const element of elements) {
      readShaped(element, rewriteShape, problems)
      for (const { at } of childrenNamed([element], 'providers'))
        problems.error(
          at,
          'Rewrite providers are libraries of .NET Framework, which cannot be loaded here.',
          'Write a <rewriteMap>, or let the application do it.',
        )
    }
    const maps = readMaps(elements, problems)
    const names = maps.map(({ name }) => name)
    const variables = readCollection(childrenNamed(elements, 'allowedServerVariables'), allowedVariableTable, problems)
    const allowed = new Set(variables.map(({ values }) => (values.name ?? '').toUpperCase()))
    const context = { problems, maps: names, isVariable, partOf }
    const rules = [
      ...readRules(childrenNamed(elements, 'globalRules'), true, allowed, context),
      ...readRules(childrenNamed(elements, 'rules'), false, allowed, context),
    ]
    const ofResponse = {
      ...context,
      isVariable: (name: string) => isVariable(name) || /^RESPONSE_[A-Z0-9_]+$/.test(name),
    }
    const outboundRules = readOutboundRules(elements, ofResponse)
    return rules.length === 0 && outboundRules.length === 0 ? undefined : { rules, outboundRules, maps }
  },
  describe: ({ rules, outboundRules }) => [
    ...rules.map((rule): PlanDetail => ['rewrite rule', `${rule.name}: ${describeAction(rule)}`]),
    ...outboundRules.map(({ name, field }): PlanDetail => ['outbound rule', `${name}: ${field}`]),
  ],
}

/**
 * `<rewrite>` (URL Rewrite): rules that give a request another address, redirect it, answer it or end its connection.
 * The application gets the new address, and the one that was asked for in X-Original-URL. Outbound rules change header
 * fields of responses.
 */
export const rewrite: Module<RewriteSettings> = {
  section,
  nativeName: 'RewriteModule',
  create: (settings, application) => createSteps(settings, application, false),
}

/**
 * The global rules of `<rewrite>`, which the host file has. They come before request filtering, which sees the address
 * that they make; what other rules make it does not see.
 */
export const globalRewrite: Module<RewriteSettings> = {
  section: undefined,
  sectionOf: rewrite,
  nativeName: 'RewriteModule',
  create: (settings, application) => createSteps(settings, application, true),
}

function createSteps(settings: RewriteSettings, application: ApplicationFacts, isGlobal: boolean): ModuleSteps {
  const compiled = compileRules(settings)
  const rules = compiled.rules.filter((rule) => rule.isGlobal === isGlobal)
  const outboundRules = isGlobal ? [] : compiled.outboundRules
  // Global rules have removed what a client sent, so that it is theirs if it is there.
  const isRewrittenBefore = !isGlobal && rules.length < compiled.rules.length
  const maps = new RewriteMaps(settings.maps)
  const facts: VariableFacts = {
    applicationId: application.id,
    siteId: application.siteId,
    applicationPath: application.path,
    physicalPath: application.physicalPath,
    leadsOn: application.leadsOn,
  }
  const route = (exchange: Exchange): Routed | Promise<Routed> => {
    // The global rules have led it here.
    if (isGlobal && exchange.isMoved === true) return { passes: exchange }
    const isKnown = isRewrittenBefore || exchange.isMoved === true
    const run = new RuleRun(exchange, facts, maps).run(rules)
    const first = run.next()
    if (first.done === true) return routed(exchange, first.value, isKnown)
    return answered(run, first.value).then((outcome) => routed(exchange, outcome, isKnown))
  }
  return {
    ...(rules.length > 0 && { route }),
    ...(outboundRules.length > 0 && {
      wrapReply: (exchange, reply) => new OutboundReply(reply, exchange, { rules: outboundRules, maps, facts }),
    }),
  }
}

/** Asks the file system what the rules want to know, until they have decided. */
async function answered(run: Asking<RewriteOutcome>, question: FileQuestion): Promise<RewriteOutcome> {
  let next = run.next(await isThere(question))
  while (next.done !== true) next = run.next(await isThere(next.value))
  return next.value
}

async function isThere({ path, kind }: FileQuestion): Promise<boolean> {
  try {
    const found = await stat(path)
    return kind === 'IsFile' ? found.isFile() : found.isDirectory()
  } catch {
    return false
  }
}

function routed(exchange: Exchange, outcome: RewriteOutcome, isRewrittenBefore: boolean): Routed {
  switch (outcome.kind) {
    case 'passes':
      return { passes: rewrittenRequest(exchange, outcome.target, outcome.fields, isRewrittenBefore) }
    case 'redirect':
      return { ends: { answer: movedAnswer(outcome.status, outcome.location) } }
    case 'respond':
      return { ends: { answer: customAnswer(outcome.action) } }
    case 'abort':
      return { ends: { abort: { kind: 'rule-aborted' }, setting: `the rule "${outcome.rule}"` } }
    case 'fault':
      return { ends: { failure: { kind: 'rule-fault' }, setting: `the rule "${outcome.rule}", which ${outcome.why}` } }
  }
}

function customAnswer(action: Extract<RuleSettings['action'], { type: 'CustomResponse' }>): Answer {
  const { status, substatus, reason, description } = action
  return { ...textAnswer(status, reason, description), substatus }
}

function describeAction({ action, url }: RuleSettings): string {
  const what = `${url.negate ? 'not ' : ''}${url.text}`
  switch (action.type) {
    case 'Rewrite':
      return `${what} → ${action.url}`
    case 'Redirect':
      return `${what} → ${String(action.status)} ${action.url}`
    case 'CustomResponse':
      return `${what} → ${String(action.status)}`
    case 'AbortRequest':
      return `${what} → the connection ends`
    case 'None':
      return `${what} → nothing`
  }
}
