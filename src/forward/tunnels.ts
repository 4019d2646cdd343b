import type { ByteSink, Connection, Reply, Tunnel } from '../http/exchange.ts'
import { Wait } from './wait.ts'

/** How long the other direction of a half-closed tunnel may carry no bytes. */
const HALF_CLOSED_LIMIT_MS = 30_000

export interface BrokenTunnel {
  readonly side: 'client' | 'application'
  readonly cause: unknown
}

/**
 * Joins two tunnels, byte for byte and with back-pressure. An end is forwarded as an end, so that bytes sent before it
 * (a close frame) still arrive; a broken connection is forwarded as a reset. Calls `onOver` once, when both directions
 * have ended or one side broke. There is no time limit until one side has ended. Of the exchange, `connection`
 * is the client's, whose tunnels are closed when the TLS settings that let it in are withdrawn; the record of the reply
 * gets the numbers of bytes.
 */
export function joinTunnels(
  exchange: { readonly connection: Pick<Connection, 'tls'>; readonly reply: Pick<Reply, 'record'> },
  client: Tunnel,
  application: Tunnel,
  onOver: (broken?: BrokenTunnel) => void,
): void {
  const {
    connection,
    reply: { record },
  } = exchange
  let over = false
  let ended = 0
  let clientLeft = false
  let wait: Wait | undefined

  const finish = (broken?: BrokenTunnel): void => {
    if (over) return
    over = true
    wait?.stop()
    forgetWithdrawal?.()
    onOver(broken)
  }
  const forgetWithdrawal = connection.tls?.settings.onWithdrawn?.(() => {
    client.destroy()
    application.destroy()
    finish({ side: 'client', cause: new Error('the TLS settings that let the client in are not in force any more') })
  })
  const direction = (side: BrokenTunnel['side'], to: ByteSink): ByteSink => ({
    write(chunk) {
      wait?.touch()
      if (record !== undefined) {
        if (side === 'client') record.tunnelReceivedBytes += chunk.length
        else record.tunnelSentBytes += chunk.length
      }
      return to.write(chunk)
    },
    end() {
      to.end()
      ended += 1
      if (side === 'client') clientLeft = true
      if (ended === 2) {
        finish()
        return
      }
      wait = new Wait(
        HALF_CLOSED_LIMIT_MS,
        () => false,
        () => {
          client.destroy()
          application.destroy()
          finish()
        },
      )
    },
    fail(cause) {
      to.fail(cause)
      // Once the client has ended its direction, a broken application connection is a consequence of that end.
      finish({ side: clientLeft ? 'client' : side, cause })
    },
    onDrain(listener) {
      to.onDrain(listener)
    },
  })

  client.source.into(direction('client', application.sink))
  application.source.into(direction('application', client.sink))
}
