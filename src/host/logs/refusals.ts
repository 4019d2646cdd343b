import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { FrontLimits } from '../../listen/limits.ts'
import type { ConnectionRefusal } from '../../listen/protocol.ts'
import type { RequestRefusal } from '../../site/refusal-log.ts'

type Kind = ConnectionRefusal['failure']['kind'] | 'offline'

/** The log entry of a request that never became an exchange, because its head was malformed, too large or too slow. */
export function refusedRequest(
  { status, failure, remoteAddress }: ConnectionRefusal,
  limits: FrontLimits,
): RequestRefusal {
  const why = 'why' in failure ? failure.why : undefined
  return { status, substatus: 0, reason: failure.kind, why, setting: builtInLimit(failure.kind, limits), remoteAddress }
}

/**
 * The log entry of an exchange that ancmd answered itself.
 *
 * @param setting the setting or limit that led to the refusal
 * @param app id of the application; undefined when no application is hosted at this path
 */
export function refusedExchange(
  { method, path, connection }: Exchange,
  failure: Failure | { readonly kind: 'offline' },
  setting: string | undefined,
  app: string | undefined,
): RequestRefusal {
  const { status, substatus } = failure.kind === 'offline' ? { status: 503, substatus: 0 } : answerFailure(failure)
  const why = 'why' in failure ? failure.why : undefined
  const { remoteAddress } = connection
  return { status, substatus, reason: failure.kind, why, setting, method, path, remoteAddress, ...(app && { app }) }
}

/** For a refusal by a limit that no application sets: the limit, worded as a setting. */
export function builtInLimit(kind: Kind, limits: FrontLimits): string | undefined {
  const words: Partial<Record<Kind, string>> = {
    'head-too-large': `maxRequestBytes="${String(limits.headBytes)}"; built in: ${String(limits.headLines)} field lines`,
    'head-too-slow': `built in: ${String(limits.headTimeoutMs / 1000)} s`,
    'body-too-slow': `built in: ${String(limits.minBodyRate)} bytes a second`,
    'too-many-connections-of-address': `maxConnectionsPerAddress="${String(limits.connectionsPerAddress)}"`,
    'too-many-connections': `${String(limits.connections)} connections, by the limit of open files`,
  }
  return words[kind]
}
