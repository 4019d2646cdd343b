import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface H2cRequest {
  readonly headers: IncomingHttpHeaders
  /** As they came: a flat list name, value, … */
  readonly raw: readonly string[]
  readonly stream: ServerHttp2Stream
  body: string
  trailers: IncomingHttpHeaders | undefined
  /** Set when the stream is closed. */
  code: number | undefined
}

/** An app that speaks HTTP/2 in plain text, on Node's own server. It ends with the test. */
export interface H2cApp {
  readonly port: number
  readonly requests: readonly H2cRequest[]
  readonly sessions: readonly ServerHttp2Session[]
  close(): Promise<void>
}

export async function openH2cApp(
  answer: (request: H2cRequest) => void = () => undefined,
  options: ServerOptions = {},
): Promise<H2cApp> {
  const requests: H2cRequest[] = []
  const sessions: ServerHttp2Session[] = []
  const server = createServer({ ...options, settings: { enableConnectProtocol: true, ...options.settings } })
  server.on('session', (session) => {
    sessions.push(session)
    session.on('error', () => undefined)
  })
  server.on('stream', (stream, headers, ...[, raw]: unknown[]) => {
    const request: H2cRequest = {
      headers,
      raw: raw as string[],
      stream,
      body: '',
      trailers: undefined,
      code: undefined,
    }
    requests.push(request)
    stream.on('error', () => undefined)
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      request.trailers = trailers
    })
    stream.on('close', () => {
      request.code = stream.rstCode
    })
    answer(request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    for (const session of sessions) session.destroy()
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  }
  onTestFinished(close)
  return { port: (server.address() as AddressInfo).port, requests, sessions, close }
}

/** Collects the body of a request, then calls back. */
export function whenRead(request: H2cRequest, then: () => void): void {
  request.stream.setEncoding('latin1')
  request.stream.on('data', (text: string) => {
    request.body += text
  })
  request.stream.on('end', then)
}
