import { connect } from 'node:http2'
import type { requestShutdown, ShutdownAnswer } from './shutdown-request.ts'

/** The shutdown message to an app that speaks HTTP/2 only; otherwise like requestShutdown(). */
export const requestShutdownOverHttp2: typeof requestShutdown = (target, applicationPath, limitMs, clock, signal) =>
  new Promise((resolve) => {
    const authority = `127.0.0.1:${String(target.port)}`
    const session = connect(`http://${authority}`)
    let isOver = false
    const end = (answer: ShutdownAnswer): void => {
      if (isOver) return
      isOver = true
      cancel()
      signal.removeEventListener('abort', abort)
      session.destroy()
      resolve(answer)
    }
    const unanswered = (error: Error & { code?: string }): void => {
      end({ answered: false, cause: error.code ?? error.message })
    }
    const abort = (): void => {
      unanswered(new Error('the process has ended'))
    }
    const cancel = clock.after(limitMs, () => {
      unanswered(new Error(`no answer within ${String(limitMs)} ms`))
    })
    session.on('error', unanswered)
    session.on('close', () => {
      unanswered(new Error('the application ended the connection'))
    })
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort)
    try {
      const stream = session.request(
        {
          ':method': 'POST',
          ':scheme': 'http',
          ':authority': authority,
          ':path': `${applicationPath === '/' ? '' : applicationPath}/iisintegration`,
          'ms-aspnetcore-event': 'shutdown',
          'ms-aspnetcore-token': target.token,
          'content-length': 0,
        },
        { endStream: true },
      )
      stream.on('error', unanswered)
      stream.on('close', () => {
        unanswered(new Error('the application reset the stream'))
      })
      stream.on('response', (head) => {
        end({ answered: true, status: head[':status'] ?? 0 })
      })
    } catch (error) {
      // The token that web.config fixes contains characters that a field may not contain.
      unanswered(error instanceof Error ? error : new Error(String(error)))
    }
  })
