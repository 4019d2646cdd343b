import type { Failure } from '../../http/answer.ts'
import { readTarget } from '../../http/target.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { Refusal } from '../../http1/refusal.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { localAuthority } from '../connection-facts.ts'
import { readHost, targetFaults } from '../request-check.ts'
import type { Http1Client } from './client.ts'

/** What a request asks for and which host it names, worked out from the text of its head. */
export interface ResolvedRequest {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly isTargetAsWritten: boolean
  readonly isHostAsWritten: boolean
}

const C = 0x43
const T = 0x54

/** Nothing of this request need be worked out: a plain target, a Host that was found valid before, a method that is served. */
export function isPlainRequest(head: RawRequestHead, client: Http1Client): boolean {
  const { line, bytes, fields, hostLine } = head
  if (!line.isPlain || hostLine < 0) return false
  // Methods that begin as TRACE and CONNECT do are looked at more closely.
  const first = bytes[line.methodStart]
  if (first === T || first === C) return false
  return client.knowsHost(bytes, fields.valueStart(hostLine), fields.valueEnd(hostLine))
}

/** The checks that look at a head's text, after those that look at its bytes. */
export function resolveRequest(head: RawRequestHead, client: Http1Client): Result<ResolvedRequest, Failure> {
  const { line, bytes } = head
  const method = bytes.toString('latin1', line.methodStart, line.methodEnd)
  // TRACE sends the request back to the client, and with it the pairing token that we add (http.sys refuses it too).
  if (method === 'TRACE' || method === 'CONNECT') return failed({ kind: 'method-not-served' })
  const written = hostOf(head)
  const host = readHost(written)
  if (!host.ok) return badRequest('its Host field is not a host name or address')
  // A Host that is forwarded otherwise than it was written has to be worked out each time.
  if (host.value !== undefined && host.value === written) client.learnHost(written)
  const target = bytes.toString('latin1', line.targetStart, line.targetEnd)
  const resolved = readTarget(method, target)
  if (!resolved.ok) return badRequest(targetFaults[resolved.failure])
  const { authority } = resolved.value
  return ok({
    method,
    target: resolved.value.target,
    path: resolved.value.path,
    host: authority ?? host.value ?? localAuthority(client.facts),
    isTargetAsWritten: resolved.value.target === target,
    isHostAsWritten: written !== undefined && written === (authority ?? host.value),
  })
}

/** What to answer when a head could not even be read. */
export function failureOfRefusal({ kind, why }: Refusal): Failure {
  return kind === 'bad-request' ? { kind, why } : { kind }
}

function hostOf({ bytes, fields, hostLine }: RawRequestHead): string | undefined {
  return hostLine < 0 ? undefined : bytes.toString('latin1', fields.valueStart(hostLine), fields.valueEnd(hostLine))
}

function badRequest(why: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'bad-request', why })
}
