import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { errorAnswer, type JsonAnswer } from '../protocol.ts'
import { carriesToken } from './token.ts'

/** What is looked at before a request is carried out. */
export interface GuardedRequest {
  readonly method: string
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly contentType: string | undefined
  readonly authorization: string | undefined
}

export interface GuardSettings {
  readonly token: string
  /** The host of --admin, as it was written. */
  readonly host: string
}

/** Paths that load balancers and browsers ask for before they can have a token; the page itself tells no secret. */
const open = ['/healthz', '/readyz', '/']

/**
 * The answer to a request that is not carried out; undefined when it may be. A page of another site that a browser has
 * open can send requests to this address, or make a name of its own lead here, but it cannot set these fields as wanted.
 */
export function refusal(request: GuardedRequest, { token, host }: GuardSettings): JsonAnswer | undefined {
  const { path, origin, contentType } = request
  if (path === '/healthz' || path === '/readyz') return undefined
  const name = nameOf(request.host)
  if (name === undefined || !isKnownName(name, host)) {
    return errorAnswer(421, 'foreign-host', `Host has to be an address, localhost or this machine's name.`)
  }
  if (origin !== undefined && !isSameOrigin(origin, request.host)) {
    return errorAnswer(403, 'foreign-origin', 'the page of another site may not ask this.')
  }
  if (request.method === 'POST' && contentType !== undefined && !/^application\/json\s*(?:;|$)/i.test(contentType)) {
    return errorAnswer(415, 'content-type', 'a body has to be application/json, or there must be none.')
  }
  if (open.includes(path) || carriesToken(request.authorization, token)) return undefined
  return errorAnswer(401, 'no-token', 'this needs the token: Authorization: Bearer TOKEN.')
}

/** The host of a Host field, without its port; undefined when it is none. */
function nameOf(field: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]]+))(?::\d{1,5})?$/i.exec(field ?? '')
  return (found?.[1] ?? found?.[2])?.toLowerCase()
}

/** A name that somebody else controls could lead to this address; an address, or a name of this machine, cannot. */
function isKnownName(name: string, bound: string): boolean {
  const own = hostname().toLowerCase()
  return isIP(name) !== 0 || [own, own.split('.')[0], bound.toLowerCase(), 'localhost'].includes(name)
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return origin === `http://${host ?? ''}`
}
