import { expect, test } from 'vitest'
import type { ForwardFailure } from '../../../src/forward/forward-failure.ts'
import type { Clock } from '../../../src/platform/clock.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { LeaseCount } from '../../../src/process/lease.ts'
import { isForNextProcess } from '../../../src/site/second-try.ts'

/** A clock whose one timer is called by hand. */
class OneTimer implements Clock {
  readonly now = systemClock.now
  readonly wallTime = systemClock.wallTime
  callback: (() => void) | undefined

  after(_ms: number, callback: () => void): () => void {
    this.callback = callback
    return () => {
      this.callback = undefined
    }
  }
}

const refused: ForwardFailure = { kind: 'connect', side: 'application', started: false, cause: new Error('refused') }

test('an exchange that did not reach its process goes to the next one as soon as its own has ended', async () => {
  const clock = new OneTimer()
  const lease = new LeaseCount('channel', 7)
  const answer = isForNextProcess(refused, lease, clock)
  lease.end()
  expect(await answer).toBe(true)
  expect(clock.callback).toBeUndefined()
})

test('the same when its process has ended already', async () => {
  const clock = new OneTimer()
  const lease = new LeaseCount('channel', 7)
  lease.end()
  expect(await isForNextProcess(refused, lease, clock)).toBe(true)
  expect(clock.callback).toBeUndefined()
})

test('an exchange is not given away when its process goes on running', async () => {
  const clock = new OneTimer()
  const lease = new LeaseCount('channel', 7)
  const answer = isForNextProcess(refused, lease, clock)
  clock.callback?.()
  expect(await answer).toBe(false)
  lease.end()
})

test.each([
  'send-request',
  'await-response',
  'read-response',
  'upgrade',
] as const)('an exchange that may have reached the application is never given to another process: %s', async (kind) => {
  const lease = new LeaseCount('channel', 7)
  lease.end()
  expect(await isForNextProcess({ ...refused, kind }, lease, new OneTimer())).toBe(false)
})

test.each(['client', 'timeout'] as const)('nor one that failed on the side of the %s', async (side) => {
  const lease = new LeaseCount('channel', 7)
  lease.end()
  expect(await isForNextProcess({ ...refused, side }, lease, new OneTimer())).toBe(false)
})
