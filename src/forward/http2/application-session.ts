import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { http1Limits } from '../../http1/limits.ts'
import { ApplicationPulse, type PulseOwner, type PulseTimes } from './application-pulse.ts'
import { sessionLimits } from './limits.ts'

/** The sessions of one child, which own this one. */
export interface SessionOwner {
  readonly port: number
  readonly clock: Clock
  readonly times: PulseTimes
  /** The application's settings have come: requests may be sent. */
  onReady(session: ApplicationSession): void
  /** A stream was given back. */
  onFree(session: ApplicationSession): void
  /** It takes no more requests. Called once. `cause`: why it ended. */
  onClosed(session: ApplicationSession, cause: Error): void
}

/**
 * One HTTP/2 connection to a child, in plain text, without negotiation (RFC 9113 3.3). Life: from connect() until the
 * application or the owner closes it; streams that are open then are ended by Node. Invariant: `streams` is the number
 * of streams that were reserved and not given back; none is opened before the application's settings are known.
 */
export class ApplicationSession implements PulseOwner {
  /** The streams that are reserved or open. */
  streams = 0
  /** Whether a response has come over this connection. */
  hasServed = false
  /** Why it ended. */
  cause: Error | undefined
  readonly #session: ClientHttp2Session
  readonly #socket: Socket
  readonly #pulse: ApplicationPulse
  #isReady = false
  #isDistrusted = false
  #opened = 0

  constructor(owner: SessionOwner) {
    const socket = connectSocket({ host: '127.0.0.1', port: owner.port, noDelay: true })
    const session = connect('http://127.0.0.1', {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: http1Limits.responseHeadBytes },
      maxHeaderListPairs: http1Limits.responseHeadLines,
      maxSessionMemory: sessionLimits.sessionMemory,
    })
    this.#session = session
    this.#socket = socket
    this.#pulse = new ApplicationPulse(this, owner.clock, owner.times)
    this.#pulse.start()
    session.once('connect', () => {
      session.setLocalWindowSize(sessionLimits.connectionWindow)
    })
    session.on('remoteSettings', () => {
      this.#isReady = true
      if (!this.hasEnded) owner.onReady(this)
    })
    session.on('error', (error) => {
      this.cause ??= error
    })
    session.on('close', () => {
      this.#pulse.stop()
      this.cause = this.#explained(this.cause)
      owner.onClosed(this, this.cause)
    })
  }

  /** Whether requests may be sent at all. */
  get isOpen(): boolean {
    return this.#isReady && !this.hasEnded && !this.#isDistrusted && this.#opened < sessionLimits.streamsInALife
  }

  get isConnecting(): boolean {
    return !this.#isReady && !this.hasEnded
  }

  get isAwaited(): boolean {
    return this.isConnecting || this.streams > 0
  }

  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  ping(onAnswer: () => void): void {
    if (this.#session.destroyed) return
    this.#session.ping((error) => {
      if (error === null) onAnswer()
    })
  }

  onSilent(): void {
    this.distrust()
    this.destroy(new Error('the application does not answer any more on its connection (no answer to a PING)'))
  }

  /** Reserves a stream, which is not opened yet. */
  reserve(): void {
    this.streams += 1
    this.#pulse.start()
  }

  /** Whether it takes no more streams: it is closed, or the application has said that it is going away. */
  get hasEnded(): boolean {
    return this.#session.closed || this.#session.destroyed
  }

  /** Whether one more stream may be opened, as far as this side knows the application's limit. */
  get hasRoom(): boolean {
    const allowed = this.#session.remoteSettings.maxConcurrentStreams ?? sessionLimits.streamsPerSession
    return this.isOpen && this.streams < Math.min(allowed, sessionLimits.streamsPerSession)
  }

  /** Whether the application's window has room for the body of one more request. */
  get hasWindow(): boolean {
    return (this.#session.state.remoteWindowSize ?? 0) >= sessionLimits.usefulWindow
  }

  /** Whether the application takes extended CONNECTs (RFC 8441). */
  get takesConnects(): boolean {
    return this.#session.remoteSettings.enableConnectProtocol === true
  }

  /** Opens a reserved stream. `follows`: what is sent after the head; trailers may follow a body. */
  open(fields: OutgoingHttpHeaders, follows: 'nothing' | 'body' | 'bytes'): ClientHttp2Stream {
    this.#opened += 1
    return this.#session.request(fields, { endStream: follows === 'nothing', waitForTrailers: follows === 'body' })
  }

  /** Takes no more requests: it may be that nobody reads them. */
  distrust(): void {
    this.#isDistrusted = true
  }

  get isDistrusted(): boolean {
    return this.#isDistrusted
  }

  /** Whether the application has ended it. One that has fallen silent may be at work on the requests that it got. */
  get isLost(): boolean {
    return this.hasEnded && !this.#isDistrusted
  }

  #explained(cause = new Error('the application ended the connection')): Error {
    const isOfSystem = (cause as NodeJS.ErrnoException).syscall !== undefined
    if (this.#isReady || isOfSystem) return cause
    return new Error(`the application does not speak HTTP/2 in plain text (${cause.message})`, { cause })
  }

  /** Closes it; its streams must have ended. */
  close(): void {
    if (this.#isReady) this.#session.close()
    else this.#session.destroy()
  }

  /** Closes it and its streams now. */
  destroy(cause: Error): void {
    this.cause ??= cause
    this.#session.destroy()
  }
}
