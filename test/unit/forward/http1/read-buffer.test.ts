import { expect, test } from 'vitest'
import { ReadBuffer } from '../../../../src/forward/http1/read-buffer.ts'

test('the same buffer is used for the next read, unless its bytes are lent', () => {
  const buffer = new ReadBuffer([])
  const first = buffer.next()
  expect(buffer.next()).toBe(first)
  buffer.stillLent()
  const second = buffer.next()
  expect(second).not.toBe(first)
  expect(buffer.next()).toBe(second)
})

test('a large body gets a large buffer, which is kept for the next one', () => {
  const spares: Buffer[] = []
  const buffer = new ReadBuffer(spares)
  const small = buffer.next()
  buffer.expects(262_144)
  const large = buffer.next()
  expect(large.length).toBeGreaterThan(small.length)
  buffer.shrinkNext()
  expect(buffer.next()).toBe(small)
  expect(spares).toEqual([large])
  buffer.expects(262_144)
  expect(buffer.next()).toBe(large)
})

test('a large buffer whose last bytes are lent is not kept', () => {
  const spares: Buffer[] = []
  const buffer = new ReadBuffer(spares)
  buffer.expects(262_144)
  const large = buffer.next()
  buffer.shrinkNext()
  buffer.stillLent()
  expect(buffer.next()).not.toBe(large)
  expect(spares).toEqual([])
})

test('eight large buffers at most are kept for the connections of one process', () => {
  const spares: Buffer[] = []
  const buffers = Array.from({ length: 12 }, () => new ReadBuffer(spares))
  for (const buffer of buffers) {
    buffer.expects(262_144)
    buffer.next()
  }
  for (const buffer of buffers) {
    buffer.shrinkNext()
    buffer.next()
  }
  expect(spares).toHaveLength(8)
})
