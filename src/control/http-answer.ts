import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { ApiAnswer } from './protocol.ts'

/** No route reads a body; a larger one is no mistake of a client that means well. */
const maxBodyBytes = 64 * 1024

/** Reads the body, which means nothing in any route, so that the connection can be used again. */
export async function hasSmallBody(request: IncomingMessage): Promise<boolean> {
  let bytes = 0
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length
      if (bytes > maxBodyBytes) return false
    }
  } catch {
    // The client has gone; there is nobody to answer.
  }
  return true
}

/** Sends an answer of the API; resolves when the client has it, or has gone. */
export async function sendApiAnswer(response: ServerResponse, answer: ApiAnswer): Promise<void> {
  response.setHeader('Cache-Control', 'no-store')
  if ('json' in answer) {
    const body = Buffer.from(`${JSON.stringify(answer.json)}\n`)
    response.writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    response.end(body)
    return
  }
  response.writeHead(answer.status, { 'Content-Type': answer.contentType })
  response.flushHeaders()
  // Rejects when the client goes away, which is nothing to tell.
  await pipeline(answer.chunks, response).catch(() => undefined)
}
