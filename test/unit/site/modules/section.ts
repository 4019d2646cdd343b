import { problemLine, Problems } from '../../../../src/config/problems.ts'
import { SourceText } from '../../../../src/config/source-text.ts'
import { parseXml } from '../../../../src/config/xml/xml.ts'
import { answerFailure } from '../../../../src/http/answer.ts'
import type { Connection, Exchange } from '../../../../src/http/exchange.ts'
import { RawHeaders } from '../../../../src/http/headers.ts'
import { readTarget } from '../../../../src/http/target.ts'
import type { ApplicationFacts, GateAnswer, Module, ModuleSteps } from '../../../../src/site/modules/module.ts'
import { exchangeOf } from '../support.ts'

/** What the files come to, outermost first; each is the module's element. */
export function readSection<Settings>(module: Module<Settings>, ...files: readonly string[]) {
  const problems = new Problems()
  const elements = files.map((text, i) => {
    const parsed = parseXml(new SourceText(`${String(i)}.config`, text))
    if (!parsed.ok) throw new Error(problemLine(parsed.failure))
    return parsed.value
  })
  const settings = module.section?.read(elements, { physicalPath: '/srv', environment: {}, problems })
  return { settings, lines: problems.list.map(problemLine) }
}

/** The steps of a module under these files, which have to be without problems. */
export function stepsFor<Settings>(
  module: Module<Settings>,
  files: readonly string[],
  facts: Partial<ApplicationFacts> = {},
): ModuleSteps {
  const { settings, lines } = readSection(module, ...files)
  if (lines.length > 0) throw new Error(lines.join('\n'))
  if (settings === undefined) return {}
  return module.create(settings, { path: '/', physicalPath: '/srv', handlers: [], ...facts } as ApplicationFacts)
}

export interface Request {
  readonly method?: string
  readonly headers?: readonly string[]
  readonly body?: Exchange['body']
  readonly upgrade?: Exchange['upgrade']
  readonly connection?: Partial<Connection>
  readonly host?: string
}

/** A request as a front would give it to the modules; undefined where the front itself refuses it. */
export function requestFor(written: string, request: Request = {}): Exchange | undefined {
  const { method = 'GET', headers = [], body, upgrade, connection, host } = request
  const read = readTarget(method, written)
  if (!read.ok) return undefined
  const { target, path } = read.value
  const exchange = exchangeOf()
  return {
    ...exchange,
    method,
    target,
    path,
    headers: new RawHeaders(headers),
    body,
    upgrade,
    connection: { ...exchange.connection, ...connection },
    host: host ?? exchange.host,
  }
}

/** `404.8` for a request that the steps refuse, `passes`, or `400` for one that no front lets in. */
export function verdict(steps: ModuleSteps, target: string, request: Request = {}): string {
  const exchange = requestFor(target, request)
  if (exchange === undefined) return '400'
  return verdictOf(steps.gate?.(exchange))
}

export function verdictOf(said: GateAnswer | undefined | Promise<GateAnswer | undefined>): string {
  if (said instanceof Promise) throw new Error('the gate waits')
  if (said === undefined) return 'passes'
  if ('abort' in said) return 'no bytes'
  if ('serves' in said) return 'served'
  const { status, substatus } = 'answer' in said ? said.answer : answerFailure(said.failure)
  return `${String(status)}.${String(substatus)}`
}
