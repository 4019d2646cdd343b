import type { Socket } from 'node:net'

export interface BufferedReads {
  /** Returns the buffer for the next read; called at once and after each read. */
  readonly buffer: () => Buffer
  /**
   * Called with the number of bytes that were read into the buffer. False: stop reading until the socket is resumed.
   */
  readonly callback: (length: number, buffer: Buffer) => boolean
}

/** The symbols under which a socket of node keeps the parts of its `onread` option. */
interface Places {
  readonly buffer: symbol
  readonly next: symbol
  readonly callback: symbol
}

interface Handle {
  readonly useUserBuffer?: (buffer: Buffer) => void
}

type Inside = Record<symbol, unknown> & { readonly _handle?: Handle | null }

/**
 * Makes an accepted TCP socket read into our own buffers, without `data` events, as the `onread` option of
 * net.connect() does; net.Server has no such option. Returns false and changes nothing if the socket is not plain TCP,
 * has read bytes already, or stores the option in another way than node 20 to 24.
 */
export function readIntoBuffers(socket: Socket, reads: BufferedReads): boolean {
  const inside = socket as unknown as Inside
  const handle = inside._handle
  if (typeof handle?.useUserBuffer !== 'function' || 'encrypted' in socket || socket.bytesRead > 0) return false
  const places = placesIn(inside)
  if (places === undefined) return false
  const first = reads.buffer()
  inside[places.callback] = reads.callback
  inside[places.next] = reads.buffer
  inside[places.buffer] = first
  handle.useUserBuffer(first)
  return true
}

const known: { places?: Places | undefined } = {}

function placesIn(socket: Inside): Places | undefined {
  known.places ??= findPlaces(socket)
  const { places } = known
  // The parts of an unused option are null.
  if (places === undefined || socket[places.buffer] !== null) return undefined
  return socket[places.next] === null && socket[places.callback] === null ? places : undefined
}

function findPlaces(socket: Inside): Places | undefined {
  const named = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
  const buffer = named('kBuffer')
  const next = named('kBufferGen')
  const callback = named('kBufferCb')
  return buffer === undefined || next === undefined || callback === undefined ? undefined : { buffer, next, callback }
}
