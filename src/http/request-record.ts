import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'

/**
 * What the access log tells of one exchange beyond what the Exchange and its Reply know. Whoever handles the exchange
 * writes into it. It exists only while an access log is on. Life: that of the exchange.
 */
export class RequestRecord {
  // Read when the request comes, while its head is at hand; later it would have to be parsed a second time.
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly userAgent: string
  readonly referer: string
  readonly traceparent: string
  /** Who sent it, as a module for authentication has found out; empty: nobody that is known. */
  userName = ''
  /** IIS's substatus of an answer of ancmd's own. */
  substatus = 0
  /** IIS's sc-win32-status: 0, or why the exchange failed. */
  win32Status = 0
  /** The process that the request was forwarded to; 0: none. */
  pid = 0
  /** How long that process took, up to the end of the response; undefined: the request was not forwarded. */
  upstreamMs: number | undefined
  /** The bytes of a tunnel in each direction. */
  tunnelSentBytes = 0
  tunnelReceivedBytes = 0

  constructor({ method, target, path, host, headers }: Exchange) {
    this.method = method
    this.target = target
    this.path = path
    this.host = host
    this.userAgent = headers.get('user-agent') ?? ''
    this.referer = headers.get('referer') ?? ''
    this.traceparent = headers.get('traceparent') ?? ''
  }
}

/** Values of sc-win32-status: Windows' and WinHTTP's error numbers, as they stand in the logs of IIS and ANCM. */
export const win32 = Object.freeze({ clientGone: 64, timeOut: 121, cannotConnect: 12_029, connectionLost: 12_030 })

/** Sends an answer of ancmd's own, and notes its substatus for the access log. */
export function sendAnswer({ reply }: Pick<Exchange, 'reply'>, answer: Answer): void {
  if (reply.record !== undefined) reply.record.substatus = answer.substatus
  reply.answer(answer)
}

/** Gives every exchange a record before it is handled. */
export function withRecord(handle: (exchange: Exchange) => void): (exchange: Exchange) => void {
  return (exchange) => {
    exchange.reply.record = new RequestRecord(exchange)
    handle(exchange)
  }
}
