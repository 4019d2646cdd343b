import type { ResponseHead } from '../../../http/exchange.ts'
import { RawHeaders } from '../../../http/headers.ts'
import type { CompressedType, CodingName } from './settings.ts'

/** Which media types are compressed; the most specific entry decides. */
export class TypeTable {
  readonly #types: ReadonlyMap<string, boolean>

  constructor(types: readonly CompressedType[]) {
    this.#types = new Map(types.map(({ mimeType, enabled }) => [mimeType, enabled]))
  }

  /** `contentType`: the value of a Content-Type field. */
  has(contentType: string | undefined): boolean {
    const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
    if (type === '' || neverCoded.test(type)) return false
    const group = `${type.split('/', 1)[0] ?? ''}/*`
    return this.#types.get(type) ?? this.#types.get(group) ?? this.#types.get('*') ?? false
  }
}

/** Events reach some clients only when nothing stands between; gRPC has compression of its own. */
const neverCoded = /^(?:text\/event-stream|application\/grpc.*)$/

/**
 * Whether a response could be compressed: `now`; `another`: a request of another kind to the same address might get a
 * compressed one, as this one has no body, or a part of it, or too little of it; or `never`.
 */
export function couldBeCoded(head: ResponseHead, types: TypeTable, minBytes: number): 'now' | 'another' | 'never' {
  const headers = new RawHeaders(head.headers)
  if (head.status < 200 || head.status === 204) return 'never'
  if (headers.get('content-encoding') !== undefined) return 'never'
  if (/(?:^|[,\s])no-transform(?:$|[,\s])/i.test(headers.get('cache-control') ?? '')) return 'never'
  if (!types.has(headers.get('content-type'))) return 'never'
  if (head.status === 304 || head.status === 206) return 'another'
  if (headers.get('content-range') !== undefined) return 'never'
  const length = headers.get('content-length')
  return length !== undefined && Number(length) < Math.max(minBytes, 1) ? 'another' : 'now'
}

/** Fields that are true of the plain body only. */
const ofPlainBody = /^(?:content-length|accept-ranges|content-md5|digest|content-digest|repr-digest)$/

/**
 * The head of the response with this coding; undefined: the response stays plain, and says that another request may get
 * it compressed.
 */
export function codedHead(head: ResponseHead, coding: CodingName | undefined): ResponseHead {
  const headers: string[] = []
  let varies = false
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i] as string
    const value = head.headers[i + 1] as string
    const lower = name.toLowerCase()
    if (lower === 'vary') varies ||= /(?:^|[,\s])(?:accept-encoding|\*)(?:$|[,\s])/i.test(value)
    if (coding !== undefined && ofPlainBody.test(lower)) continue
    const isStrong = lower === 'etag' && value.startsWith('"')
    headers.push(name, coding !== undefined && isStrong ? `W/${value}` : value)
  }
  if (coding !== undefined) headers.push('Content-Encoding', coding)
  if (!varies) headers.push('Vary', 'Accept-Encoding')
  return { ...head, headers }
}
