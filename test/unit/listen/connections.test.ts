import { expect, test } from 'vitest'
import { Connections, type OpenConnection } from '../../../src/listen/connections.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { HandClock } from '../../support/hand-clock.ts'

const quiet: OpenConnection = {
  idle: true,
  drain: () => undefined,
  destroy: () => undefined,
  sweep: () => undefined,
}

test('a front is empty when its last client has gone, and not at the first that goes', async () => {
  const connections = new Connections(new HandClock(), frontLimits)
  const [first, last] = [{ ...quiet }, { ...quiet }]
  connections.add(first)
  connections.add(last)
  let isEmpty = false
  const empty = connections.empty().then(() => {
    isEmpty = true
  })
  connections.remove(first)
  await Promise.resolve()
  expect(isEmpty).toBe(false)
  connections.remove(last)
  await empty
  await connections.empty()
})
