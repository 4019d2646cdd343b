/**
 * All limits of this engine that cannot be configured: they bound the memory and the time that a peer can make us
 * spend. The limits of a request head (bytes and lines) are the front's.
 */
export const http1Limits = Object.freeze({
  /** Enough for every integer that JavaScript can represent exactly. */
  contentLengthDigits: 16,
  chunkSizeDigits: 8,
  /** Of one chunk's extensions. */
  chunkLineBytes: 256,
  /** Of all chunk extensions of one message: they are dropped, so many of them can only be an attack. */
  chunkExtensionBytes: 16_384,
  trailerBytes: 16_384,
  trailerLines: 100,
  /** How much a client may send ahead while its request is being answered; beyond it the socket is not read. */
  pipelinedBytes: 16_384,
  /** How much of a client's body, and of what follows it, may wait to be forwarded; beyond it the socket is not read. */
  waitingBytes: 81_920,
  /** As in ANCM, which takes a longer head for an invalid response. */
  responseHeadBytes: 65_536,
  responseHeadLines: 1_000,
  /** How many 1xx heads may come before the final one. */
  informationalHeads: 32,
})
