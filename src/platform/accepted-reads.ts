import type { Socket } from 'node:net'

export interface BufferedReads {
  /** Returns the buffer for the next read; called at once and after each read. */
  readonly buffer: () => Buffer
  /**
   * Called with the number of bytes that were read into the buffer. False: stop reading until the socket is resumed.
   */
  readonly callback: (length: number, buffer: Buffer) => boolean
}

/** The symbols under which a socket of Node keeps the three parts of its `onread` option. */
interface OnReadKeys {
  readonly buffer: symbol
  readonly next: symbol
  readonly callback: symbol
}

interface Handle {
  readonly useUserBuffer?: (buffer: Buffer) => void
}

type SocketInternals = Record<symbol, unknown> & { readonly _handle?: Handle | null }

/**
 * Makes an accepted socket read into the caller's buffers, without `data` events, as the `onread` option of
 * net.connect() and tls.connect() does; net.Server and tls.Server have no such option. Returns false and changes nothing
 * if the socket is neither TCP nor TLS above TCP, has read bytes already, or stores the option in another way than node
 * 20 to 24. A TLS socket may bring bytes after pause(): the rest of what it has received encrypted, about 64 KiB.
 */
export function readIntoBuffers(socket: Socket, reads: BufferedReads): boolean {
  const internals = socket as unknown as SocketInternals
  const handle = internals._handle
  if (typeof handle?.useUserBuffer !== 'function' || socket.bytesRead > 0) return false
  const keys = keysOf(internals)
  if (keys === undefined) return false
  const first = reads.buffer()
  internals[keys.callback] = reads.callback
  internals[keys.next] = reads.buffer
  internals[keys.buffer] = first
  handle.useUserBuffer(first)
  return true
}

const cache: { keys?: OnReadKeys | undefined } = {}

function keysOf(socket: SocketInternals): OnReadKeys | undefined {
  cache.keys ??= findKeys(socket)
  const { keys } = cache
  // All three parts are null as long as the socket does not use the option.
  if (keys === undefined || socket[keys.buffer] !== null) return undefined
  return socket[keys.next] === null && socket[keys.callback] === null ? keys : undefined
}

function findKeys(socket: SocketInternals): OnReadKeys | undefined {
  const named = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
  const buffer = named('kBuffer')
  const next = named('kBufferGen')
  const callback = named('kBufferCb')
  return buffer === undefined || next === undefined || callback === undefined ? undefined : { buffer, next, callback }
}
