import type { Module } from './module.ts'

/** Counts each request for the admin address; without one it does nothing and costs nothing. It has no section. */
export const metering: Module<undefined> = {
  section: undefined,
  create: (_settings, { id, meters, clock }) => {
    const meter = meters?.of(id)
    if (meter === undefined) return {}
    return {
      finish: ({ reply, receivedAt, upgrade, isMoved }) => {
        if (isMoved === true) return
        // A WebSocket lasts as long as its users like, so its duration says nothing about the application.
        if (upgrade === undefined || reply.status !== 101) meter.count(reply.status, clock.now() - receivedAt)
      },
    }
  },
}
