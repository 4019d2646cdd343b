import { describe, expect, test } from 'vitest'
import { IdleTimeouts } from '../../../src/listen/idle-timeouts.ts'

const limits = { headTimeoutMs: 30, idleTimeoutMs: 120 }

/** A connection that was accepted at 1,000; `at` says what is overdue. */
function connected(): { idle: IdleTimeouts; at: (now: number, headHasBegun?: boolean) => string | undefined } {
  const idle = new IdleTimeouts(1_000)
  return { idle, at: (now, headHasBegun = false) => idle.overdue(now, headHasBegun, limits) }
}

describe('a client that sends nothing', () => {
  test('from the start has the time of a head', () => {
    const { at } = connected()
    expect(at(1_030)).toBeUndefined()
    expect(at(1_031)).toBe('idle')
  })

  test('after a response has the time between requests', () => {
    const { idle, at } = connected()
    idle.awaitHead(2_000)
    expect(at(2_120)).toBeUndefined()
    expect(at(2_121)).toBe('idle')
  })
})

describe('a head that does not end', () => {
  test('is counted from the start of a new connection, however its bytes dribble', () => {
    const { idle, at } = connected()
    idle.headBegan(1_010)
    expect(at(1_020, true)).toBeUndefined()
    idle.headBegan(1_025)
    expect(at(1_030, true)).toBeUndefined()
    expect(at(1_031, true)).toBe('head')
  })

  test('is counted from its first byte on a kept connection', () => {
    const { idle, at } = connected()
    idle.awaitHead(2_000)
    expect(at(2_100)).toBeUndefined()
    idle.headBegan(2_105)
    idle.headBegan(2_120)
    expect(at(2_135, true)).toBeUndefined()
    expect(at(2_136, true)).toBe('head')
    idle.awaitHead(2_200)
    expect(at(2_320)).toBeUndefined()
  })

  test('is counted from the sweep that finds it begun, where nobody has said so before', () => {
    const { idle, at } = connected()
    idle.awaitHead(2_000)
    expect(at(2_100, true)).toBeUndefined()
    expect(at(2_130, true)).toBeUndefined()
    expect(at(2_131, true)).toBe('head')
    idle.awaitHead(2_200)
    expect(at(2_320)).toBeUndefined()
    idle.headBegan(2_310)
    expect(at(2_340, true)).toBeUndefined()
    expect(at(2_341, true)).toBe('head')
  })
})
