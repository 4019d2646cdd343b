import type { Socket } from 'node:net'

/** Whether an error is a reset; a system sends one if a socket is closed before all bytes that came on it are read. */
export function isReset({ code, syscall }: NodeJS.ErrnoException): boolean {
  // Node also reports ECONNRESET, but without a system call, for an orderly end that comes too early.
  return (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined
}

/**
 * Finds out, when the end of a connection is read while a request `isWaiting` for its response, whether the application
 * had closed the connection before it read the request; if so, calls `onUnread` in the same turn of the event loop.
 * Returns a function that ends this. Loopback answers within the
 * call that writes: bytes that arrive on a closed socket are answered with a reset, and a write after a reset fails. An
 * application that has read the request takes these bytes as an empty line after it, which is ignored (RFC 9112 2.2).
 */
export function probeAtEnd(socket: Socket, isWaiting: () => boolean, onUnread: () => void): () => void {
  const probe = (): void => {
    if (!socket.writable || !isWaiting()) return
    socket.write('\r\n', (error) => {
      if (error !== undefined && error !== null && isReset(error)) onUnread()
    })
  }
  // The first of the listeners, because those of the socket itself let nothing more be written.
  socket.prependListener('end', probe)
  return () => void socket.off('end', probe)
}
