import { request } from 'node:http'
import type { Target } from './process-state.ts'

/** The app's answer to the shutdown message, or why there is none. */
export type ShutdownAnswer =
  | { readonly answered: true; readonly status: number }
  | { readonly answered: false; readonly cause: string }

/**
 * ANCM SendShutdownHttpMessage: POST <application path>/iisintegration. IIS integration answers 202 and stops the app;
 * anything else means that nobody understood. `limit` in milliseconds. Never rejects.
 */
export function requestShutdown(
  target: Target,
  applicationPath: string,
  limit: number,
  signal: AbortSignal,
): Promise<ShutdownAnswer> {
  return new Promise((resolve) => {
    const unanswered = (error: Error & { code?: string }): void => {
      resolve({ answered: false, cause: error.code ?? error.message })
    }
    try {
      const outgoing = request({
        host: '127.0.0.1',
        port: target.port,
        method: 'POST',
        path: `${applicationPath === '/' ? '' : applicationPath}/iisintegration`,
        headers: {
          Host: `127.0.0.1:${String(target.port)}`,
          'MS-ASPNETCORE-EVENT': 'shutdown',
          'MS-ASPNETCORE-TOKEN': target.token,
          'Content-Length': 0,
          Connection: 'close',
        },
        agent: false,
        signal,
        timeout: limit,
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${String(limit)} ms`)))
      outgoing.on('error', unanswered)
      outgoing.on('response', (response) => {
        resolve({ answered: true, status: response.statusCode ?? 0 })
        response.destroy()
      })
      outgoing.end()
    } catch (error) {
      // A token of web.config that no header can carry.
      unanswered(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
