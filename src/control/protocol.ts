/** The version of the protocol; the first segment of every path. Fields and routes are added, never renamed. */
export const protocolVersion = 'v1'

/** An answer that is one JSON document. */
export interface JsonAnswer {
  readonly status: number
  readonly json: unknown
}

/** An answer whose bytes come as they arise. Ends when the chunks do, or when the client goes away. */
export interface StreamAnswer {
  readonly status: number
  readonly contentType: string
  /** Each chunk is asked for when the client has taken the one before. They have to end when the request's `gone` aborts. */
  readonly chunks: AsyncIterable<Uint8Array>
}

export type ApiAnswer = JsonAnswer | StreamAnswer

/** One request, whatever it came over. */
export interface ApiRequest {
  readonly method: string
  /** The decoded segments of the path behind the version: `['applications', '/LM/W3SVC/1/ROOT', 'recycle']`. */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal
}

/** Every answer that is no success has this as its JSON. `text` is a sentence for a person. */
export interface ErrorBody {
  readonly error: { readonly why: string; readonly text: string }
}

export function errorAnswer(status: number, why: string, text: string, more: object = {}): JsonAnswer {
  return { status, json: { error: { why, text, ...more } } satisfies ErrorBody }
}

/** The decoded segments of a path below /v1; undefined when it is not below it, or cannot be decoded. */
export function routeSegments(path: string): readonly string[] | undefined {
  const [empty, version, ...rest] = path.split('/')
  if (empty !== '' || version !== protocolVersion) return undefined
  return decodedSegments(rest.join('/'))
}

/** The decoded segments of a path; undefined when it cannot be decoded. */
export function decodedSegments(path: string): readonly string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}
