import type { SectionReader } from '../../../config/sections/section-reader.ts'
import type { Answer } from '../../../http/answer.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer, Module, ModuleSteps } from '../module.ts'
import { CorsReply } from './cors-reply.ts'
import { createOrigins } from './origins.ts'
import { corsShape, type CorsOrigin, type CorsSettings, readCors } from './read-cors.ts'

const section: SectionReader<CorsSettings> = {
  section: 'cors',
  shape: corsShape,
  read: (elements, { problems }) => readCors(elements, problems),
  describe: ({ origins, failUnlistedOrigins }) => [
    ...origins.map(
      ({ origin, allowed }) => ['cross-origin requests', `${allowed ? '' : 'not '}from ${origin}`] as const,
    ),
    ...(failUnlistedOrigins ? [['from every other origin', '403'] as const] : []),
  ],
}

const denied: GateAnswer = { failure: { kind: 'origin-denied' }, setting: '<cors failUnlistedOrigins="true">' }

/**
 * `<cors>`: tells browsers from which other origins scripts may use this application. Preflights from these origins are
 * answered here. The application's own fields of the same names are replaced, because two of them would mean neither.
 */
export const cors: Module<CorsSettings> = { section, nativeName: 'CorsModule', create: createSteps }

function createSteps({ origins, failUnlistedOrigins }: CorsSettings): ModuleSteps {
  const find = createOrigins(origins)
  // Where every origin gets the same response, caches need not tell them apart.
  const varies = origins.length !== 1 || origins[0]?.origin !== '*'
  const policyOf = (exchange: Exchange): CorsOrigin | undefined => {
    const origin = exchange.headers.get('origin')
    const found = origin === undefined ? undefined : find(origin)
    return found?.allowed === true ? found : undefined
  }
  return {
    gate: (exchange) => {
      const { method, headers } = exchange
      const origin = headers.get('origin')
      if (origin === undefined) return undefined
      const policy = policyOf(exchange)
      if (policy === undefined) return failUnlistedOrigins ? denied : undefined
      const isPreflight = method === 'OPTIONS' && headers.get('access-control-request-method') !== undefined
      return isPreflight ? { answer: preflightAnswer(policy, exchange) } : undefined
    },
    wrapReply: (exchange, reply) => {
      const policy = policyOf(exchange)
      const fields = policy === undefined ? [] : responseFields(policy, exchange.headers.get('origin') ?? '')
      return policy === undefined && !varies ? reply : new CorsReply(reply, fields, varies)
    },
  }
}

/** The fields that every response to an allowed origin has. */
function responseFields({ origin, allowCredentials, exposeHeaders }: CorsOrigin, asked: string): readonly string[] {
  const fields = ['Access-Control-Allow-Origin', origin === '*' ? '*' : asked]
  if (allowCredentials) fields.push('Access-Control-Allow-Credentials', 'true')
  if (exposeHeaders.length > 0) fields.push('Access-Control-Expose-Headers', exposeHeaders.join(','))
  return fields
}

/** Its Access-Control-Allow-Origin is added by the reply, as to every response. */
function preflightAnswer(policy: CorsOrigin, { headers }: Exchange): Answer {
  const { allowMethods, allowHeaders, allowAllRequestedHeaders, maxAge } = policy
  const asked = headers.get('access-control-request-headers')
  const fields: string[] = []
  if (allowMethods.length > 0) fields.push('Access-Control-Allow-Methods', allowMethods.join(','))
  const allowed = allowAllRequestedHeaders ? asked : allowHeaders.length > 0 ? allowHeaders.join(',') : undefined
  if (allowed !== undefined) fields.push('Access-Control-Allow-Headers', allowed)
  if (maxAge >= 0) fields.push('Access-Control-Max-Age', String(maxAge))
  if (allowAllRequestedHeaders) fields.push('Vary', 'Access-Control-Request-Headers')
  return { status: 204, substatus: 0, reason: 'No Content', headers: fields, body: '', close: false }
}
