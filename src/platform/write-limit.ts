import type { Socket } from 'node:net'

/**
 * Sets how many bytes may wait in a socket before write() returns false (its highWaterMark). Node has an option for it
 * on net.Server alone: the sockets of a tls.Server take 16 KiB. Does nothing where Node keeps the value elsewhere.
 */
export function setWriteLimit(socket: Socket, bytes: number): void {
  const { _writableState: state } = socket as unknown as { readonly _writableState?: { highWaterMark?: number } }
  if (typeof state?.highWaterMark === 'number') state.highWaterMark = bytes
}
