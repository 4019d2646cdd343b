/** Types of frames (RFC 9113 6). */
export const FrameKind = Object.freeze({
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
})

/** Flags of frames; `ack` is that of SETTINGS and PING. */
export const FrameFlag = Object.freeze({ ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 })

/** Error codes (RFC 9113 7). */
export const Http2Code = Object.freeze({
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
})

/** The settings that are read or written here (RFC 9113 6.5.2, RFC 8441 3). */
export const Setting = Object.freeze({
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enableConnectProtocol: 8,
})

export const FRAME_HEAD_BYTES = 9

/** The largest payload of a frame, in both directions: every endpoint takes it (RFC 9113 4.2). */
export const MAX_PAYLOAD_BYTES = 16_384

/** The window of a stream or connection before anything is said about it, and the largest one. */
export const DEFAULT_WINDOW = 65_535
export const MAX_WINDOW = 2 ** 31 - 1
