import { expect, test } from 'vitest'
import { LeaseCount } from '../../../src/process/lease.ts'

test('one lease object counts for all requests that hold it', () => {
  const lease = new LeaseCount('channel', 7)
  expect(lease.take()).toBe(lease.take())
  expect(lease.requests).toBe(2)
  lease.release()
  expect(lease.requests).toBe(1)
})

test('whenIdle() calls back once, when the last request is released', () => {
  const lease = new LeaseCount('channel', 7)
  let calls = 0
  lease.take()
  lease.take()
  lease.whenIdle(() => calls++)
  lease.release()
  expect(calls).toBe(0)
  lease.release()
  expect(calls).toBe(1)
  lease.take().release()
  expect(calls).toBe(1)
})

test('whenIdle() calls back at once when no request is in flight', () => {
  let calls = 0
  new LeaseCount('channel', 7).whenIdle(() => calls++)
  expect(calls).toBe(1)
})

test('whenIdle() does not wait for tunnels', () => {
  const lease = new LeaseCount('channel', 7)
  let calls = 0
  lease.take()
  lease.whenIdle(() => calls++)
  lease.becomeTunnel()
  expect([calls, lease.requests, lease.tunnels]).toEqual([1, 0, 1])
  lease.releaseTunnel()
  expect(lease.tunnels).toBe(0)
})

test('releasing too often throws', () => {
  const lease = new LeaseCount('channel', 7)
  expect(() => {
    lease.release()
  }).toThrow('more often')
  expect(() => {
    lease.releaseTunnel()
  }).toThrow('more often')
})
