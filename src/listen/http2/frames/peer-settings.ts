import { DEFAULT_WINDOW, Http2Code, MAX_PAYLOAD_BYTES, MAX_WINDOW, Setting } from './frame-codes.ts'

/** The largest payload that SETTINGS_MAX_FRAME_SIZE may name. */
const LARGEST_FRAME = 2 ** 24 - 1

/** What the other side has set (RFC 9113 6.5.2), as far as it matters here. Owned by its session. */
export class PeerSettings {
  headerTableSize = 4_096
  initialWindow = DEFAULT_WINDOW

  /** Reads the payload of one SETTINGS frame; returns 0, or the code of a connection error. */
  read(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 6) {
      const value = bytes.readUInt32BE(at + 2)
      switch (bytes.readUInt16BE(at)) {
        case Setting.headerTableSize:
          this.headerTableSize = value
          break
        case Setting.enablePush:
          if (value > 1) return Http2Code.protocolError
          break
        case Setting.initialWindowSize:
          if (value > MAX_WINDOW) return Http2Code.flowControlError
          this.initialWindow = value
          break
        case Setting.maxFrameSize:
          // Larger frames than the smallest allowed maximum are never sent.
          if (value < MAX_PAYLOAD_BYTES || value > LARGEST_FRAME) return Http2Code.protocolError
          break
      }
    }
    return 0
  }
}

/** The payload of a SETTINGS frame with these pairs of identifier and value. */
export function settingsPayload(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6)
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6)
    payload.writeUInt32BE(value, i * 6 + 2)
  })
  return payload
}
