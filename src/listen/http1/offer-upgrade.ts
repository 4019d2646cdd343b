import type { Socket } from 'node:net'
import type { ResponseHead, Tunnel, Upgrade } from '../../http/exchange.ts'
import { SocketTunnel } from '../../http/socket-tunnel.ts'
import { valueOf } from '../../http1/head-fields.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import type { PendingInput } from './pending-input.ts'
import { renderHead } from '../raw-answer.ts'

/** Makes the Upgrade of a WebSocket handshake. When it is accepted, `leaveHttp` is called before the socket is used. */
export function offerUpgrade(
  head: RawRequestHead,
  socket: Socket,
  input: PendingInput,
  leaveHttp: () => void,
): Upgrade {
  const protocol = valueOf(head.bytes, head.fields, head.upgradeLine)
  const accept = (answer: ResponseHead): Tunnel => {
    leaveHttp()
    // Bytes that the client sent after the handshake are pending until now, and come first in the tunnel's source.
    const early = Buffer.from(input.bytes.subarray(input.start, input.end))
    input.clear()
    socket.pause()
    const fields = ['Connection', 'Upgrade', 'Upgrade', protocol, ...answer.headers]
    socket.write(renderHead(101, answer.reason, fields), 'latin1')
    return new SocketTunnel(socket, early)
  }
  return { protocol, accept }
}
