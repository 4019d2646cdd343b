import type { Socket } from 'node:net'

/** Whether an error is a reset; a system sends one if a socket is closed before all bytes that came on it are read. */
export function isReset({ code, syscall }: NodeJS.ErrnoException): boolean {
  // Node also reports ECONNRESET, but without a system call, for an orderly end that comes too early.
  return (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined
}

/**
 * Finds out whether the application had closed a connection before it read the request; if so, calls `onUnread` in this
 * turn of the event loop. Called when the end of the connection is read, before other listeners. Loopback answers within the
 * call that writes: bytes that arrive on a closed socket are answered with a reset, and a write after a reset fails. An
 * application that has read the request takes these bytes as an empty line after it, which is ignored (RFC 9112 2.2).
 */
export function probeAfterEnd(socket: Socket, onUnread: () => void): void {
  if (!socket.writable) return
  socket.write('\r\n', (error) => {
    if (error !== undefined && error !== null && isReset(error)) onUnread()
  })
}
