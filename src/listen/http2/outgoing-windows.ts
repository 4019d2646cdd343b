import { FrameFlag, Http2Code } from './frames/frame-codes.ts'
import { PeerSettings } from './frames/peer-settings.ts'
import type { SessionSender } from './session-sender.ts'
import type { StreamTable } from './stream-table.ts'

/** What the client of one session allows us to send: its settings, and the windows that it opens. Owned by the session. */
export class OutgoingWindows {
  readonly #sender: SessionSender
  readonly #streams: StreamTable
  readonly #peer = new PeerSettings()

  constructor(sender: SessionSender, streams: StreamTable) {
    this.#sender = sender
    this.#streams = streams
  }

  /** The window that a new stream has. */
  get initialWindow(): number {
    return this.#peer.initialWindow
  }

  /** A SETTINGS frame has come. Returns 0, or the code of a connection error. */
  settingsCame(flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    if (id !== 0) return Http2Code.protocolError
    if ((flags & FrameFlag.ack) !== 0) return to === from ? 0 : Http2Code.frameSizeError
    if ((to - from) % 6 !== 0) return Http2Code.frameSizeError
    const peer = this.#peer
    const before = peer.initialWindow
    const code = peer.read(bytes, from, to)
    if (code !== 0) return code
    this.#sender.encoder.resize(peer.headerTableSize)
    this.#sender.acknowledgeSettings()
    if (peer.initialWindow === before) return 0
    for (const stream of this.#streams.values()) {
      if (!stream.opened(peer.initialWindow - before)) return Http2Code.flowControlError
    }
    this.#sender.pump()
    return 0
  }

  /** A WINDOW_UPDATE has come. Returns 0, or the code of a connection error. */
  windowOpened(id: number, bytes: number): number {
    if (id === 0) return this.#sender.opened(bytes)
    if (!this.#streams.wasSeen(id)) return Http2Code.protocolError
    const stream = this.#streams.get(id)
    if (bytes === 0) stream?.reset(Http2Code.protocolError)
    else if (stream?.opened(bytes) === false) stream.reset(Http2Code.flowControlError)
    else this.#sender.pump()
    return 0
  }
}
