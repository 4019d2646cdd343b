import type { Transform } from 'node:stream'

/** Compresses the body of one response. Its owner reads and writes `stream`, but ends it only by these functions. */
export interface Encoder {
  readonly stream: Transform
  /** Ends the coded body after this chunk, if there is one; `done` is called when all has been read from the stream. */
  readonly end: (last: Uint8Array | undefined, done: () => void) => void
  /** Called once, when the owner uses the stream no more. `isComplete`: after `done`. */
  readonly release: (isComplete: boolean) => void
}

/**
 * Gives the encoder for one response. What is written to its stream comes out without waiting for more. `whole`: all of
 * the body, at most one chunk, is given to end().
 */
export type MakeEncoder = (body: 'whole' | 'in pieces') => Encoder

/** An encoder whose stream is used for one response only. */
export class FreshEncoder implements Encoder {
  readonly stream: Transform

  constructor(stream: Transform) {
    this.stream = stream
  }

  end(last: Uint8Array | undefined, done: () => void): void {
    this.stream.once('end', done)
    this.stream.end(last)
  }

  release(): void {
    this.stream.destroy()
  }
}
