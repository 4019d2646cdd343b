import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'

/** Milliseconds until a terminal that is full is tried again; twice as long each time that it took nothing, up to a bound. */
const retry = { first: 1, longest: 50 }

/**
 * Descriptor 1 or 2 as a stream that never makes the daemon wait. Whether a write may wait belongs to the open file, which
 * other programs share with us and may change; and for terminals Node itself asks for writes that wait. So pipes and terminals
 * are opened anew, for us alone. Undefined where that cannot be done: off Linux, for files and sockets, and where the pipe
 * or terminal is another user's.
 */
export function ownStream(fd: 1 | 2): Writable | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const isTerminal = isatty(fd)
    if (!isTerminal && !fstatSync(fd).isFIFO()) return undefined
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    const own = openSync(`/proc/self/fd/${String(fd)}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
    return isTerminal ? new TerminalStream(own) : new Socket({ fd: own, readable: false, writable: true }).unref()
  } catch {
    // ENXIO: nobody reads the pipe any more. EACCES: it is another user's. Node's own stream deals with both.
    return undefined
  }
}

/** Writes what the terminal takes at once, and tries the rest again while it is stopped. Life: that of the process. */
class TerminalStream extends Writable {
  readonly #fd: number

  constructor(fd: number) {
    super()
    this.#fd = fd
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let from = 0
    let wait = retry.first
    const proceed = (): void => {
      try {
        for (; from < chunk.length; wait = retry.first) from += writeSync(this.#fd, chunk, from)
        done()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return done(error as Error)
        setTimeout(proceed, wait).unref()
        wait = Math.min(wait * 2, retry.longest)
      }
    }
    proceed()
  }
}
