import { expect, test } from 'vitest'
import { PendingInput } from '../../../../src/listen/http1/pending-input.ts'

const textOf = (input: PendingInput): string => input.bytes.toString('latin1', input.start, input.end)

test('a chunk that comes alone is not copied', () => {
  const input = new PendingInput()
  const chunk = Buffer.from('abc')
  expect([input.append(chunk), input.bytes === chunk, input.length]).toEqual([true, true, 3])
})

test('what was given away stays as it was when more comes', () => {
  const input = new PendingInput()
  input.append(Buffer.from('abc'))
  input.use(1)
  input.append(Buffer.from('def'))
  const given = input.bytes.subarray(input.start, input.start + 2)
  input.use(input.start + 2)
  for (let i = 0; i < 1_000; i++) input.append(Buffer.from('xyz'))
  expect([given.toString(), textOf(input)]).toEqual(['bc', `def${'xyz'.repeat(1_000)}`])
})

test('single bytes are copied rarely', () => {
  const input = new PendingInput()
  let moves = 0
  for (let i = 0; i < 16_384; i++) if (input.append(Buffer.of(97))) moves++
  expect(textOf(input)).toBe('a'.repeat(16_384))
  expect(moves).toBeLessThan(20)
})

test('no buffer is kept when all of it has been used', () => {
  const input = new PendingInput()
  input.append(Buffer.from('abc'))
  input.use(3)
  expect([input.length, input.bytes.length]).toEqual([0, 0])
})
