import { expect, test } from 'vitest'
import { EventHistory } from '../../../../src/control/admin/event-history.ts'
import { Metrics } from '../../../../src/control/admin/metrics.ts'
import type { HostStatus } from '../../../../src/host/host.ts'
import { RequestMeters } from '../../../../src/site/metering/request-meters.ts'

test('an event loop that has nothing to do has no delay, whatever the distance at which it is looked at', async () => {
  const metrics = new Metrics({
    status: () => ({ version: '1', engine: 'wire', sites: [] }) as unknown as HostStatus,
    listeners: () => [],
    meters: new RequestMeters(),
    history: new EventHistory(),
    startedAt: 0,
  })
  // On a busy machine every timer is late: one quiet half second is enough. Each read begins the next one.
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 20 && least >= 0.01; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const text = await metrics.read()
    const median = Number(/^ancmd_event_loop_delay_seconds\{quantile="0.5"\} (\S+)$/m.exec(text)?.[1])
    expect(median).toBeGreaterThanOrEqual(0)
    least = Math.min(least, median)
  }
  metrics.close()
  expect(least).toBeLessThan(0.01)
})
