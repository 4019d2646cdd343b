import type { Socket } from 'node:net'

export interface BufferedReads {
  /** What the next read goes into; asked at once and after each read. */
  readonly buffer: () => Buffer
  /** So many bytes have been read into the start of this buffer. False: read nothing more until the socket asks for more. */
  readonly callback: (length: number, buffer: Buffer) => boolean
}

/** Where a socket of node keeps the parts of its `onread` option. */
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
 * Has an accepted TCP socket read as one that was made with the `onread` option of net.connect(), which net.Server does not offer:
 * into buffers of ours, without a `data` event. False, and nothing is changed, where the socket is of another kind, has read
 * something already, or keeps that option otherwise than node 20 to 24 do.
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
  // An option that is there and unused is null.
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
