import type { Failure } from '../http/answer.ts'
import { isAuthority } from '../http/authority.ts'
import { readTarget } from '../http/target.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { ascii } from '../wire/bytes.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { localAuthority } from './connection-facts.ts'
import { targetFaults } from './request-check.ts'
import type { WireClient } from './wire-client.ts'

/** What a request head asks for, and of whom. */
export interface ResolvedRequest {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly isTargetAsWritten: boolean
  readonly isHostAsWritten: boolean
}

/** The checks that look at a head's text, after those that look at its bytes. */
export function resolveRequest(head: RequestHead, client: WireClient): Result<ResolvedRequest, Failure> {
  const { line, bytes } = head
  const method = methodOf(bytes, line.methodStart, line.methodEnd)
  // TRACE sends the request back to the client, and with it the pairing token that we add (http.sys refuses it too).
  if (method === 'TRACE' || method === 'CONNECT') return failed({ kind: 'method-not-served' })
  const written = hostOf(head)
  if (written !== undefined && written !== client.lastHost) {
    if (!isAuthority(written)) return badRequest('its Host field is not a host name or address')
    client.lastHost = written
  }
  const host = written ?? localAuthority(client)
  const isHostAsWritten = written !== undefined
  const target = bytes.toString('latin1', line.targetStart, line.targetEnd)
  if (line.isPlain) {
    const query = target.indexOf('?')
    const path = query < 0 ? target : target.slice(0, query)
    return ok({ method, target, path, host, isTargetAsWritten: true, isHostAsWritten })
  }
  const resolved = readTarget(method, target)
  if (!resolved.ok) return badRequest(targetFaults[resolved.failure])
  const { authority } = resolved.value
  return ok({
    method,
    target: resolved.value.target,
    path: resolved.value.path,
    host: authority ?? host,
    isTargetAsWritten: resolved.value.target === target,
    isHostAsWritten: isHostAsWritten && (authority === undefined || authority === written),
  })
}

function hostOf(head: RequestHead): string | undefined {
  const { bytes, fields, hostLine } = head
  return hostLine < 0 ? undefined : bytes.toString('latin1', fields.valueStart(hostLine), fields.valueEnd(hostLine))
}

const GET = ascii('GET')

/** The text of a method; the most common one is not made anew. */
function methodOf(bytes: Buffer, from: number, to: number): string {
  const isGet = to - from === 3 && bytes[from] === GET[0] && bytes[from + 1] === GET[1] && bytes[from + 2] === GET[2]
  return isGet ? 'GET' : bytes.toString('latin1', from, to)
}

function badRequest(why: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'bad-request', why })
}
