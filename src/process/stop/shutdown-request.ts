import { request } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import type { Target } from '../life/process-state.ts'

/** The status of the app's answer to the shutdown message, or why there is none. */
export type ShutdownAnswer =
  | { readonly answered: true; readonly status: number }
  | { readonly answered: false; readonly cause: string }

/**
 * ANCM SendShutdownHttpMessage: POST <application path>/iisintegration. The IIS integration answers 202 and stops the
 * app; any other status means that the app does not know the message. `limitMs`: time until the head of the answer, 1xx
 * responses not counted. Never rejects.
 */
export function requestShutdown(
  target: Target,
  applicationPath: string,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ShutdownAnswer> {
  return new Promise((resolve) => {
    let cancel: (() => void) | undefined
    const end = (answer: ShutdownAnswer): void => {
      cancel?.()
      resolve(answer)
    }
    const unanswered = (error: Error & { code?: string }): void => {
      end({ answered: false, cause: error.code ?? error.message })
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
      })
      cancel = clock.after(limitMs, () => outgoing.destroy(new Error(`no answer within ${String(limitMs)} ms`)))
      outgoing.on('error', unanswered)
      outgoing.on('response', (response) => {
        end({ answered: true, status: response.statusCode ?? 0 })
        response.destroy()
      })
      outgoing.end()
    } catch (error) {
      // The token that web.config fixes contains characters that a header may not contain.
      unanswered(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
