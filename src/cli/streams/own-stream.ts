import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'

/** How long to wait before writing to a full terminal again; doubled each time that the terminal has taken nothing. */
const retryMs = { first: 1, longest: 50 }

/**
 * Descriptor 1 or 2 as a stream whose writes never block. O_NONBLOCK belongs to the open file description, which other
 * programs share and may change, and for terminals Node itself asks for blocking writes. So pipes and terminals are
 * opened anew, for this process alone. Undefined where that cannot be done: off Linux, for files and sockets, and where
 * the pipe or terminal belongs to another user.
 */
export function ownStream(fd: 1 | 2): Writable | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const isTerminal = isatty(fd)
    if (!isTerminal && !fstatSync(fd).isFIFO()) return undefined
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    const fresh = openSync(`/proc/self/fd/${String(fd)}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
    return isTerminal ? new TerminalStream(fresh) : new Socket({ fd: fresh, readable: false, writable: true }).unref()
  } catch {
    // ENXIO: the pipe has no reader any more. EACCES: it belongs to another user. Node's own stream copes with both.
    return undefined
  }
}

/** Writes to a terminal; while it takes nothing, as after Ctrl-S, tries again and again. Life: that of the process. */
class TerminalStream extends Writable {
  readonly #fd: number

  constructor(fd: number) {
    super()
    this.#fd = fd
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let written = 0
    let waitMs = retryMs.first
    const proceed = (): void => {
      try {
        for (; written < chunk.length; waitMs = retryMs.first) written += writeSync(this.#fd, chunk, written)
        done()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return done(error as Error)
        setTimeout(proceed, waitMs).unref()
        waitMs = Math.min(waitMs * 2, retryMs.longest)
      }
    }
    proceed()
  }
}
