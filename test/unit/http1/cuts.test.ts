import { expect, test } from 'vitest'
import { Cuts } from '../../../src/http1/cuts.ts'

const bytes = Buffer.from('0123456789')

test('the text lacks every cut, wherever it is', () => {
  const cuts = new Cuts()
  expect(cuts.text(bytes, 0, 10)).toBe('0123456789')
  cuts.add(0, 2)
  cuts.add(4, 5)
  cuts.add(5, 6)
  cuts.add(9, 10)
  expect([cuts.text(bytes, 0, 10), cuts.count]).toEqual(['23678', 3])
  cuts.clear()
  cuts.add(3, 4)
  expect([cuts.text(bytes, 2, 6), cuts.count]).toEqual(['245', 1])
})

test('the table of cuts grows', () => {
  const cuts = new Cuts()
  const long = Buffer.from('ab'.repeat(100))
  for (let i = 0; i < 200; i += 2) cuts.add(i, i + 1)
  expect(cuts.text(long, 0, 200)).toBe('b'.repeat(100))
})
