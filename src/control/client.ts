import { request as httpRequest } from 'node:http'
import { failed, ok, type Result } from '../platform/result.ts'
import { type ErrorBody, protocolVersion } from './protocol.ts'

/** Why a daemon did not answer; `code`: an errno name. `closed`: it went away before it had answered. */
export type ControlFailure =
  | { readonly why: 'unreachable'; readonly code: string }
  | { readonly why: 'aborted' | 'closed' }
  | {
      readonly why: 'refused'
      readonly status: number
      readonly error: ErrorBody['error'] & Readonly<Record<string, unknown>>
    }

export interface ControlRequest {
  readonly method?: 'GET' | 'POST'
  /** The segments behind the version, not encoded. */
  readonly segments: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  /** Ends the request. */
  readonly signal?: AbortSignal
}

/** Sends a request to the daemon behind a control socket; resolves with the JSON of its answer. Never rejects. */
export async function callControl(socketPath: string, call: ControlRequest): Promise<Result<unknown, ControlFailure>> {
  const opened = await streamControl(socketPath, call)
  if (!opened.ok) return opened
  const chunks: Buffer[] = []
  try {
    for await (const chunk of opened.value) chunks.push(chunk as Buffer)
    return ok(JSON.parse(Buffer.concat(chunks).toString()))
  } catch {
    return failed({ why: call.signal?.aborted === true ? 'aborted' : 'closed' })
  }
}

/** As callControl(), but resolves with the bytes of the answer as they come. Reading them rejects when the daemon ends. */
export function streamControl(
  socketPath: string,
  { method = 'GET', segments, query = {}, signal }: ControlRequest,
): Promise<Result<NodeJS.ReadableStream, ControlFailure>> {
  return new Promise((resolve) => {
    const path = ['', protocolVersion, ...segments.map(encodeURIComponent)].join('/')
    const search = new URLSearchParams(query).toString()
    const options = { socketPath, method, path: search === '' ? path : `${path}?${search}`, agent: false, signal }
    const request = httpRequest(options, (response) => {
      const { statusCode: status = 0 } = response
      if (status < 400) {
        resolve(ok(response))
        return
      }
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('close', () => {
        resolve(failed({ why: 'refused', status, error: errorIn(text) }))
      })
      response.on('error', () => undefined)
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      const { code = 'failed' } = error
      const isReset = code === 'ECONNRESET' || code === 'EPIPE'
      if (signal?.aborted === true) resolve(failed({ why: 'aborted' }))
      else resolve(failed(isReset ? { why: 'closed' } : { why: 'unreachable', code }))
    })
    request.end()
  })
}

function errorIn(text: string): ErrorBody['error'] & Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as ErrorBody & { error: Readonly<Record<string, unknown>> }).error
  } catch {
    return { why: 'unknown', text: 'the answer is not that of an ancmd daemon.' }
  }
}
