import type { Failure } from '../../http/answer.ts'
import { readTarget } from '../../http/target.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { Refusal } from '../../http1/refusal.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { localAuthority } from '../connection-facts.ts'
import { readHost, targetFaults } from '../request-check.ts'
import type { Http1Client } from './client.ts'

/** The target and host of a request, determined from the text of its head. */
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

/** Whether resolveRequest() can be skipped: the target is plain, the Host is known as valid, the method is served. */
export function isPlainRequest(head: RawRequestHead, client: Http1Client): boolean {
  const { line, bytes, fields, hostLine } = head
  if (!line.isPlain || hostLine < 0) return false
  // The first letter excludes TRACE and CONNECT cheaply; resolveRequest() compares the whole method.
  const first = bytes[line.methodStart]
  if (first === T || first === C) return false
  return client.knowsHost(bytes, fields.valueStart(hostLine), fields.valueEnd(hostLine))
}

/** Makes the checks that need the text of a head, after RawRequestHead has made those on its bytes. */
export function resolveRequest(head: RawRequestHead, client: Http1Client): Result<ResolvedRequest, Failure> {
  const { line, bytes } = head
  const method = bytes.toString('latin1', line.methodStart, line.methodEnd)
  // The answer to TRACE would show the client the pairing token that the proxy adds; http.sys refuses TRACE too.
  if (method === 'TRACE' || method === 'CONNECT') return failed({ kind: 'method-not-served' })
  const written = hostOf(head)
  const host = readHost(written)
  if (!host.ok) return badRequest('its Host field is not a host name or address')
  // A Host that is changed before it is forwarded must be resolved for each request, so it is not remembered.
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

/** The failure to answer with when the reader refuses a head. */
export function failureOfRefusal({ kind, why }: Refusal): Failure {
  return kind === 'bad-request' ? { kind, why } : { kind }
}

function hostOf({ bytes, fields, hostLine }: RawRequestHead): string | undefined {
  return hostLine < 0 ? undefined : bytes.toString('latin1', fields.valueStart(hostLine), fields.valueEnd(hostLine))
}

function badRequest(why: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'bad-request', why })
}
