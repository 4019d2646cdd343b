import type { Host } from '../host/host.ts'
import { applicationOperations, operationFailureText } from '../site/operations/operation.ts'
import { readLogs } from './logs.ts'
import { type ApiAnswer, type ApiRequest, errorAnswer } from './protocol.ts'

/** What the routes work on. */
export interface ApiParts {
  readonly host: Pick<Host, 'status' | 'operate' | 'followOutput'>
  /** Further documents to GET, by the name of their route; only the admin address has some. */
  readonly documents?: Readonly<Record<string, () => unknown>>
}

/** One route: `:name` in the pattern stands for any one segment, which `act` gets under this name. */
interface Route {
  readonly method: 'GET' | 'POST'
  readonly pattern: readonly string[]
  readonly act: (
    request: ApiRequest,
    parameters: Readonly<Record<string, string>>,
    parts: ApiParts,
  ) => ApiAnswer | Promise<ApiAnswer>
}

/** Every route. A new one is a line here; what it does may have a file of its own. */
const routes: readonly Route[] = [
  {
    method: 'GET',
    pattern: ['status'],
    act: (_request, _parameters, { host }) => ({ status: 200, json: host.status }),
  },
  { method: 'GET', pattern: ['logs'], act: (request, _parameters, { host }) => readLogs(request, host) },
  { method: 'POST', pattern: ['applications', ':id', ':operation'], act: operate },
]

/**
 * The API of a running daemon, for whatever carries requests to it: the control socket, the admin address. It checks no
 * rights: whoever may send it a request may do everything.
 */
export function createApi(parts: ApiParts): (request: ApiRequest) => Promise<ApiAnswer> {
  const all = [...routes, ...documentRoutes(parts.documents ?? {})]
  return async (request) => {
    const fitting = all.flatMap((route) => {
      const parameters = match(route.pattern, request.segments)
      return parameters === undefined ? [] : [{ route, parameters }]
    })
    if (fitting.length === 0) return errorAnswer(404, 'unknown-route', 'there is nothing at this path.')
    const found = fitting.find(({ route }) => route.method === request.method)
    if (found === undefined) {
      const methods = fitting.map(({ route }) => route.method).join(', ')
      return errorAnswer(405, 'unknown-method', `this path takes ${methods} only.`)
    }
    return found.route.act(request, found.parameters, parts)
  }
}

function documentRoutes(documents: NonNullable<ApiParts['documents']>): readonly Route[] {
  return Object.entries(documents).map(([name, read]) => ({
    method: 'GET',
    pattern: [name],
    act: () => ({ status: 200, json: read() }),
  }))
}

function match(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [at, name] of pattern.entries()) {
    const segment = segments[at] as string
    if (name.startsWith(':')) parameters[name.slice(1)] = segment
    else if (name !== segment) return undefined
  }
  return parameters
}

async function operate(
  { query }: ApiRequest,
  { id = '', operation: asked = '' }: Readonly<Record<string, string>>,
  { host }: ApiParts,
): Promise<ApiAnswer> {
  const operation = applicationOperations.find((name) => name === asked)
  if (operation === undefined) return errorAnswer(404, 'unknown-route', 'there is nothing at this path.')
  const reason = query.get('reason')
  const done = host.operate(operation, id, {
    reason: reason === null || reason === '' ? `ancmd ${operation}` : reason.slice(0, 200),
    startsIdle: query.get('idle') !== 'leave',
  })
  if (!query.has('wait')) {
    // What is wrong from the beginning is said at once; the rest goes on after the answer.
    const early = await Promise.race([done, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))])
    if (early === undefined) return { status: 202, json: { id, operation, done: false } }
  }
  const outcome = await done
  if (outcome.ok) return { status: 200, json: { id, operation, done: true, ...outcome.value } }
  const { failure } = outcome
  const status = failure.why === 'unknown-application' ? 404 : failure.why === 'not-running' ? 503 : 409
  return errorAnswer(status, failure.why, operationFailureText(failure), { id, operation, ...failure })
}
