import type { Exchange } from '../../../../../src/http/exchange.ts'
import type { ApplicationFacts, ModuleSteps, Routed } from '../../../../../src/site/modules/module.ts'
import { globalRewrite, rewrite } from '../../../../../src/site/modules/rewrite/rewrite.ts'
import { type Request, readSection, requestFor, stepsFor } from '../section.ts'

/** `<rewrite>` with these rules. */
export function rules(...written: readonly string[]): string {
  return `<rewrite><rules>${written.join('')}</rules></rewrite>`
}

/** One rule of requests; `url` is its pattern, `action` its action's attributes. */
export function rule(url: string, action: string, { inside = '', attributes = '', match = '' } = {}): string {
  const name = `rule ${url} ${action}`.replaceAll(/["<&]/g, ' ')
  return `<rule name="${name}" ${attributes}><match url="${url}" ${match} />${inside}<action ${action} /></rule>`
}

/** `<conditions>`; each condition is an input and the rest of its attributes. */
export function conditions(list: readonly (readonly [input: string, rest: string])[], attributes = ''): string {
  const added = list.map(([input, rest]) => `<add input="${input}" ${rest} />`)
  return `<conditions ${attributes}>${added.join('')}</conditions>`
}

/** What the rules make of requests; `problems` are the lines of check. */
export function rewriting(file: string | readonly string[], facts: Partial<ApplicationFacts> = {}) {
  const files = typeof file === 'string' ? [file] : file
  const steps = [
    stepsFor({ ...globalRewrite, section: rewrite.section }, files, facts),
    stepsFor(rewrite, files, facts),
  ]
  return async (target: string, request: Request = {}): Promise<string> => {
    const exchange = requestFor(target, request)
    return exchange === undefined ? '400' : described(steps, exchange)
  }
}

/** The lines that `check` shows for these rules. */
export function problemsOf(file: string): readonly string[] {
  return readSection(rewrite, file).lines
}

async function described([global, own]: readonly ModuleSteps[], exchange: Exchange): Promise<string> {
  if (global?.route === undefined && own?.route === undefined) throw new Error('there are no rules')
  const first: Routed = (await global?.route?.(exchange)) ?? { passes: exchange }
  const routed = 'passes' in first ? ((await own?.route?.(first.passes)) ?? first) : first
  if ('passes' in routed) {
    const { target, headers } = routed.passes
    const fields: string[] = []
    headers.each((name, value) => fields.push(`${name}: ${value}`))
    return [target, ...fields].join(' | ')
  }
  const { ends } = routed
  if ('abort' in ends) return 'no bytes'
  if ('serves' in ends) return 'served'
  if ('failure' in ends) return `${ends.failure.kind}: ${ends.setting}`
  const { status, substatus, reason, headers, body } = ends.answer
  const location = headers[headers.indexOf('Location') + 1]
  if (headers.includes('Location')) return `${String(status)} ${location ?? ''}`
  return `${String(status)}.${String(substatus)} ${reason} ${String(body)}`
}
