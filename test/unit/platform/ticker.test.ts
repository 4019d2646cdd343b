import { expect, test } from 'vitest'
import { Ticker } from '../../../src/platform/ticker.ts'
import { HandClock } from '../../support/hand-clock.ts'

test('ticks while it is started, and only then', () => {
  const clock = new HandClock()
  const ticks: number[] = []
  const ticker = new Ticker(clock, 100, (now) => ticks.push(now))
  clock.advance(250)
  ticker.start()
  ticker.start()
  clock.advance(250)
  ticker.stop()
  ticker.stop()
  clock.advance(250)
  expect(ticks).toEqual([350, 450])
})

test('a stamp is never before the moment it was taken, so that no time limit ends too early', () => {
  const clock = new HandClock()
  const ticker = new Ticker(clock, 100, () => undefined)
  ticker.start()
  for (let i = 0; i < 50; i++) {
    clock.advance(7)
    expect(ticker.stamp).toBeGreaterThanOrEqual(clock.now())
    expect(ticker.stamp).toBeLessThanOrEqual(clock.now() + 100)
  }
  ticker.stop()
})

test('may be stopped from within a tick', () => {
  const clock = new HandClock()
  let ticks = 0
  const ticker = new Ticker(clock, 100, () => {
    ticks++
    ticker.stop()
  })
  ticker.start()
  clock.advance(1_000)
  expect(ticks).toBe(1)
})
