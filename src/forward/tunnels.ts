import type { ByteSink, Tunnel } from '../http/exchange.ts'
import { Wait } from './wait.ts'

/** Milliseconds that a tunnel with one end closed may be silent in its other direction. */
const HALF_CLOSED = 30_000

export interface BrokenTunnel {
  readonly side: 'client' | 'application'
  readonly cause: unknown
}

/**
 * Joins two tunnels, byte for byte and with back-pressure. An end passes on as an end, so that what was sent before it (a
 * close frame) still arrives; a break passes on as a reset. Calls `onOver` once, when both directions have ended or one broke.
 * There is no limit of time until one side has ended.
 */
export function joinTunnels(client: Tunnel, application: Tunnel, onOver: (broken?: BrokenTunnel) => void): void {
  let over = false
  let ended = 0
  let clientLeft = false
  let wait: Wait | undefined

  const finish = (broken?: BrokenTunnel): void => {
    if (over) return
    over = true
    wait?.stop()
    onOver(broken)
  }
  const direction = (side: BrokenTunnel['side'], to: ByteSink): ByteSink => ({
    write(chunk) {
      wait?.touch()
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
        HALF_CLOSED,
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
      // An application whose client has left without a word may well end without one.
      finish({ side: clientLeft ? 'client' : side, cause })
    },
    onDrain(listener) {
      to.onDrain(listener)
    },
  })

  client.source.into(direction('client', application.sink))
  application.source.into(direction('application', client.sink))
}
