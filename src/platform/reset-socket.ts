import type { Socket } from 'node:net'

/**
 * Ends a TCP connection by a reset, so that the other side cannot take what it has for the whole of anything. Idempotent.
 * In place of node's resetAndDestroy(), which keeps the descriptor for good where an end() is on its way: libuv refuses to
 * reset during a shutdown (EINVAL), and node has let go of the handle by then.
 */
export function resetSocket(socket: Socket): void {
  // Over TLS a missing close_notify says the same; and where nothing is connected there is nobody to tell.
  if ('encrypted' in socket || socket.connecting) socket.destroy()
  else if (!isShuttingDown(socket)) socket.resetAndDestroy()
  else {
    // All bytes are with the system, so this takes no longer than a turn of the event loop.
    socket.once('finish', () => {
      socket.resetAndDestroy()
    })
  }
}

/** Node asks for the shutdown once all that was written before end() has left, and says `finish` when it is done. */
function isShuttingDown(socket: Socket): boolean {
  return !socket.destroyed && socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
}
