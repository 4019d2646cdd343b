import type { Socket } from 'node:net'

/**
 * Ends a TCP connection by a reset, so that the other side does not take an incomplete message for a complete one.
 * Calling it again does nothing. Used instead of node's resetAndDestroy(), which leaks the descriptor when an end() is
 * under way: libuv refuses to reset during a shutdown (EINVAL), and by then node has let go of the handle.
 */
export function resetSocket(socket: Socket): void {
  // Over TLS a missing close_notify has the same effect; a socket that is not connected yet has no other side.
  if ('encrypted' in socket || socket.connecting) socket.destroy()
  else if (!isShuttingDown(socket)) socket.resetAndDestroy()
  else {
    // The system has accepted all bytes, so `finish` comes within a turn of the event loop.
    socket.once('finish', () => {
      socket.resetAndDestroy()
    })
  }
}

/**
 * Whether the shutdown has begun: node requests it when all written bytes have left, and emits `finish` when it is
 * done.
 */
function isShuttingDown(socket: Socket): boolean {
  return !socket.destroyed && socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
}
