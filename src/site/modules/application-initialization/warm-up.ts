import type { Upstream } from '../../../forward/forwarder.ts'
import type { ByteSink, Connection, Exchange, Reply, ResponseHead } from '../../../http/exchange.ts'
import { RawHeaders } from '../../../http/headers.ts'
import { readTarget } from '../../../http/target.ts'
import type { Clock } from '../../../platform/clock.ts'
import { pause } from '../../../platform/pause.ts'

export interface InitializationPage {
  /** Begins with a slash; below the application's path. */
  readonly initializationPage: string
  /** '' for localhost. */
  readonly hostName: string
}

/** One initialization of a process. */
export interface WarmUp {
  readonly pages: readonly InitializationPage[]
  /** The application's path, `/` or `/sub`. */
  readonly applicationPath: string
  /** To the process; it belongs to the caller. */
  readonly upstream: Upstream
  /** How long all pages together may take, in milliseconds. */
  readonly limitMs: number
  readonly clock: Clock
  /** Aborts when the process is to end. */
  readonly signal: AbortSignal
  /** Called for each page that the process does not answer, or answers with 500 and above; `why` is a phrase. */
  readonly onFailed: (page: string, why: string) => void
}

/**
 * Asks a process for its initialization pages, one after the other. Settles when all have been answered, when `limitMs`
 * has passed, or when `signal` aborts; never rejects, because a process that cannot make a page may still serve others.
 */
export async function warmUp({
  pages,
  applicationPath,
  upstream,
  limitMs,
  clock,
  signal,
  onFailed,
}: WarmUp): Promise<void> {
  const over = new AbortController()
  const endsEarly = AbortSignal.any([signal, over.signal])
  let limitPassed = false
  const isLate = (): boolean => limitPassed
  const isEnded = (): boolean => signal.aborted
  let asked: DiscardingReply | undefined
  void pause(clock, limitMs, endsEarly).then(() => {
    if (over.signal.aborted) return
    limitPassed = !signal.aborted
    asked?.goAway()
  })
  const prefix = applicationPath === '/' ? '' : applicationPath
  for (const { initializationPage, hostName } of pages) {
    if (isEnded()) break
    if (isLate()) {
      onFailed(initializationPage, 'there was no time left for it')
      continue
    }
    const ask = (scheme: Connection['scheme']): ReturnType<Upstream['forward']> => {
      asked = new DiscardingReply()
      const connection = scheme === 'http' ? ownConnection : ownSecureConnection
      const exchange = requestFor(`${prefix}${initializationPage}`, hostName, { reply: asked, connection, clock })
      return upstream.forward(exchange, { requestTimeout: 0, forwardResponseConnectionHeader: false })
    }
    let delivery = await ask('http')
    if (isEnded()) break
    // Instead of making the page, UseHttpsRedirection sends to the same page over https.
    if (!isLate() && asked?.leadsToHttps(`${prefix}${initializationPage}`) === true) delivery = await ask('https')
    if (isEnded()) break
    if (isLate()) onFailed(initializationPage, 'it took too long')
    else if (delivery.outcome === 'failed') onFailed(initializationPage, messageOf(delivery.failure.cause))
    else if (asked !== undefined && asked.status >= 500) {
      onFailed(initializationPage, `its status is ${String(asked.status)}`)
    }
  }
  over.abort()
}

/** The connection of a request that the daemon itself makes. */
const ownConnection: Connection = Object.freeze({
  scheme: 'http',
  localAddress: '127.0.0.1',
  localPort: 80,
  remoteAddress: '127.0.0.1',
  remotePort: 0,
  clientCertificate: undefined,
  onEnd: () => undefined,
})

const ownSecureConnection: Connection = Object.freeze({ ...ownConnection, scheme: 'https', localPort: 443 })

function requestFor(
  written: string,
  hostName: string,
  { reply, connection, clock }: Pick<Exchange, 'reply' | 'connection'> & { readonly clock: Clock },
): Exchange {
  const read = readTarget('GET', written)
  if (!read.ok) throw new Error('an initialization page is no target, though it was checked')
  const host = hostName === '' ? 'localhost' : hostName
  return {
    id: 0,
    receivedAt: clock.now(),
    connection,
    httpVersion: '1.1',
    method: 'GET',
    target: read.value.target,
    path: read.value.path,
    host,
    headers: new RawHeaders(['Host', host, 'Accept', '*/*', 'User-Agent', 'ancmd-application-initialization']),
    body: undefined,
    upgrade: undefined,
    reply,
  }
}

/** Takes a response that nobody reads. Life: one request of an initialization. */
class DiscardingReply implements Reply {
  started = false
  gone = false
  status = 0
  bytes = 0
  responseFields: undefined
  #location: string | undefined
  #onGone: (() => void) | undefined

  /** Whether it is a redirect to the same page over https; `page` is the target that was asked for. */
  leadsToHttps(page: string): boolean {
    if (this.status < 300 || this.status > 399 || this.#location === undefined) return false
    return /^https:\/\/[^/?#]*(.*)$/i.exec(this.#location)?.[1] === page
  }

  inform(): void {
    // Nobody waits for it.
  }

  begin(head: ResponseHead): ByteSink {
    this.started = true
    this.status = head.status
    this.#location = new RawHeaders(head.headers).get('location')
    return discarding
  }

  answer(): void {
    this.started = true
  }

  abort(): void {
    this.started = true
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  /** Gives the request up, as a client does that disconnects. */
  goAway(): void {
    if (this.gone) return
    this.gone = true
    this.#onGone?.()
  }
}

const discarding: ByteSink = Object.freeze({
  write: () => true,
  end: () => undefined,
  fail: () => undefined,
  onDrain: () => undefined,
})

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
