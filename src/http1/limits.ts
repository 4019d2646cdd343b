/**
 * Every cap of the engine that is not configured. The request head's two (bytes and lines) are the front's limits; the
 * rest bounds what a peer can make us hold or walk through.
 */
export const http1Limits = Object.freeze({
  /** Enough for every number that JavaScript counts exactly. */
  contentLengthDigits: 16,
  chunkSizeDigits: 8,
  /** One chunk's size line with its extensions. */
  chunkLineBytes: 256,
  /** All chunk extensions of one message together: they are thrown away, so a flood of them is only an attack. */
  chunkExtensionBytes: 16_384,
  trailerBytes: 16_384,
  trailerLines: 100,
  /** What a client may send ahead while its last request is being answered; above, its socket is not read. */
  pipelinedBytes: 16_384,
  /** What of a client's body may wait for whoever takes it, with what comes behind it; above, its socket is not read. */
  waitingBytes: 81_920,
  /** As ANCM: a longer answer head is an invalid answer. */
  responseHeadBytes: 65_536,
  responseHeadLines: 1_000,
  /** 1xx heads before the final one. */
  informationalHeads: 32,
})
