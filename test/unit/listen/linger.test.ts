import { expect, test } from 'vitest'
import { Linger } from '../../../src/listen/linger.ts'

test('a client that sends while its last answer still goes out has half a minute from the end of that answer', () => {
  const linger = new Linger(0, 0)
  let received = 0
  for (let now = 1000; now <= 60_000; now += 1000) expect(linger.isOver(now, 10, (received += 1))).toBe(false)
  for (let now = 61_000; now <= 90_000; now += 1000) expect(linger.isOver(now, 0, (received += 1))).toBe(false)
  expect(linger.isOver(90_001, 0, received + 1)).toBe(true)
})

test('a client that says nothing more has two seconds from its last byte', () => {
  const linger = new Linger(0, 100)
  expect(linger.isOver(1500, 0, 101)).toBe(false)
  expect(linger.isOver(3500, 0, 101)).toBe(false)
  expect(linger.isOver(3501, 0, 101)).toBe(true)
})
