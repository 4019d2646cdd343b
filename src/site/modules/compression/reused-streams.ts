import { constants, type Deflate } from 'node:zlib'
import type { Encoder, MakeEncoder } from './encoder.ts'

/** Every compressing stream of zlib has these functions, although the types of Node name them for Deflate alone. */
export type ZlibStream = Deflate

/** How many streams of one kind wait for a response, each with 268 KB of memory. */
const maxIdle = 32

/**
 * The streams of zlib for the responses of one application, which are used again: to make one costs as much as to
 * compress a page, because its memory is new and has to be cleared. A stream is reset between two responses, so nothing
 * of one is left when the next one comes. A stream whose response was given up is not used again.
 * Life: that of the application's configuration. Owner: its compression module.
 */
export class ReusedStreams {
  readonly #make: (flush: number) => ZlibStream
  /** They flush after every write. */
  readonly #forPieces: ZlibStream[] = []
  /** They end the coded body after every write. */
  readonly #forWhole: ZlibStream[] = []

  /** `make` makes a stream that flushes like this after every write. */
  constructor(make: (flush: number) => ZlibStream) {
    this.#make = make
  }

  take(body: Parameters<MakeEncoder>[0]): Encoder {
    const isWhole = body === 'whole'
    const idle = isWhole ? this.#forWhole : this.#forPieces
    const stream = idle.pop() ?? this.#make(isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH)
    return {
      stream,
      end: (last, done) => {
        const written = (): void => {
          whenRead(stream, done)
        }
        if (isWhole && last !== undefined && last.length > 0) stream.write(last, written)
        else {
          if (last !== undefined) stream.write(last)
          stream.flush(constants.Z_FINISH, written)
        }
      },
      release: (isComplete) => {
        giveBack(stream, isComplete, idle)
      },
    }
  }
}

function giveBack(stream: ZlibStream, isComplete: boolean, idle: ZlibStream[]): void {
  for (const event of ['data', 'drain', 'error']) stream.removeAllListeners(event)
  if (!isComplete || idle.length >= maxIdle) stream.destroy()
  else {
    stream.reset()
    // It may have been paused by a client that had not read everything yet.
    stream.resume()
    idle.push(stream)
  }
}

/** Calls `done` when everything that the stream has made has been read; at once if it has been already. */
function whenRead(stream: ZlibStream, done: () => void): void {
  if (stream.destroyed) return
  if (stream.readableLength === 0) {
    done()
    return
  }
  const read = (): void => {
    if (stream.readableLength > 0) return
    stream.off('data', read)
    done()
  }
  stream.on('data', read)
}
