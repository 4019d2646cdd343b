import { expect, test } from 'vitest'
import { PendingInput } from '../../../../src/listen/http1/pending-input.ts'

const textOf = (held: PendingInput): string => held.bytes.toString('latin1', held.start, held.end)

test('a chunk that comes alone is not copied', () => {
  const held = new PendingInput()
  const chunk = Buffer.from('abc')
  expect([held.append(chunk), held.bytes === chunk, held.length]).toEqual([true, true, 3])
})

test('what was given away stays as it was when more comes', () => {
  const held = new PendingInput()
  held.append(Buffer.from('abc'))
  held.use(1)
  held.append(Buffer.from('def'))
  const given = held.bytes.subarray(held.start, held.start + 2)
  held.use(held.start + 2)
  for (let i = 0; i < 1_000; i++) held.append(Buffer.from('xyz'))
  expect([given.toString(), textOf(held)]).toEqual(['bc', `def${'xyz'.repeat(1_000)}`])
})

test('single bytes are copied rarely', () => {
  const held = new PendingInput()
  let moves = 0
  for (let i = 0; i < 16_384; i++) if (held.append(Buffer.of(97))) moves++
  expect(textOf(held)).toBe('a'.repeat(16_384))
  expect(moves).toBeLessThan(20)
})

test('nothing is held on to when all of it has been used', () => {
  const held = new PendingInput()
  held.append(Buffer.from('abc'))
  held.use(3)
  expect([held.length, held.bytes.length]).toEqual([0, 0])
})
