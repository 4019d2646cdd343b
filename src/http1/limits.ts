/**
 * All limits of this engine that cannot be configured: they bound the memory and the time that a client or an
 * application can cost. The limits of a request head (bytes and lines) are in listen/limits.ts.
 */
export const http1Limits = Object.freeze({
  /** Enough for every integer that JavaScript can represent exactly. */
  contentLengthDigits: 16,
  chunkSizeDigits: 8,
  /** The most bytes of the extensions of one chunk. */
  chunkLineBytes: 256,
  /** The most bytes of all chunk extensions of one message; they are dropped, so more can only be an attack. */
  chunkExtensionBytes: 16_384,
  trailerBytes: 16_384,
  trailerLines: 100,
  /** How many bytes a client may send while its request is being answered; beyond them its socket is not read. */
  pipelinedBytes: 16_384,
  /** How many bytes from a client may wait while its body is forwarded; beyond them its socket is not read. */
  waitingBytes: 81_920,
  /** As in ANCM, which treats a response with a longer head as invalid. */
  responseHeadBytes: 65_536,
  responseHeadLines: 1_000,
  /** How many 1xx heads may come before the final one. */
  informationalHeads: 32,
})
