import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** One attempt to send a request by http-proxy: the body to send, and listeners for its events. */
export interface Attempt {
  readonly body: Readable
  onRequest(request: ClientRequest): void
  onResponse(response: IncomingMessage): void
  onError(error: Error): void
}

/** Starts an attempt by http-proxy; `fresh`: on a new connection. */
export type StartAttempt = (attempt: Attempt, fresh: boolean) => void
