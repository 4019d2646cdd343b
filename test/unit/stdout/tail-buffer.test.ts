import { expect, test } from 'vitest'
import { TailBuffer } from '../../../src/stdout/tail-buffer.ts'

function tailOf(chunks: readonly (readonly ['stdout' | 'stderr', string | Uint8Array])[], lines = 100, bytes = 10_000) {
  const tail = new TailBuffer(lines, bytes)
  for (const [stream, chunk] of chunks) tail.write(stream, Buffer.from(chunk))
  return tail.lines()
}

test('lines of both streams come in the order in which they ended', () => {
  const lines = tailOf([
    ['stdout', 'one\ntw'],
    ['stderr', 'error\n'],
    ['stdout', 'o\r\nthree\n'],
  ])
  expect(lines).toEqual(['one', 'error', 'two', 'three'])
})

test('a line without an end is kept', () => {
  const chunks = [
    ['stdout', 'one\nlast words'],
    ['stderr', 'and others'],
  ] as const
  expect(tailOf(chunks)).toEqual(['one', 'last words', 'and others'])
})

test('empty lines are lines', () => {
  expect(tailOf([['stdout', '\n\na\n']])).toEqual(['', '', 'a'])
})

test('only the last lines are returned', () => {
  const text = Array.from({ length: 50 }, (_, at) => `line ${String(at)}\n`).join('')
  expect(tailOf([['stdout', text]], 3)).toEqual(['line 47', 'line 48', 'line 49'])
})

test('only the last bytes are kept, of one chunk or of many', () => {
  const text = 'x'.repeat(5000)
  expect(tailOf([['stdout', text]], 10, 100)).toEqual(['x'.repeat(100)])
  const many = Array.from({ length: 50 }, (_, at) => ['stdout', `${String(at).padStart(99, '.')}\n`] as const)
  expect(tailOf(many, 100, 250).at(-1)?.endsWith('49')).toBe(true)
  expect(tailOf(many, 100, 250).join('\n').length).toBeLessThan(250)
})

test('a character that a chunk cuts in two is whole again', () => {
  const bytes = Buffer.from('naïve 😀 π\n')
  const bytewise = Array.from(bytes, (byte) => ['stdout', Uint8Array.of(byte)] as const)
  expect(tailOf(bytewise)).toEqual(['naïve 😀 π'])
})

test('a character that the limit of bytes cuts in two is left out', () => {
  for (let bound = 1; bound <= 8; bound++) {
    const [line = ''] = tailOf([['stdout', '😀😀']], 10, bound)
    expect(line).toBe('😀'.repeat(Math.floor(bound / 4)))
  }
})

test('bytes that are no UTF-8 do no harm', () => {
  expect(tailOf([['stdout', Uint8Array.of(0xff, 0xfe, 0x41, 10)]])).toEqual(['\ufffd\ufffdA'])
})

test('a flood of tiny writes of both streams stays within the limit of bytes', () => {
  const tail = new TailBuffer(1_000_000, 10_000)
  for (let at = 0; at < 100_000; at++) tail.write(at % 2 === 0 ? 'stdout' : 'stderr', Buffer.from(`${String(at)}\n`))
  const lines = tail.lines()
  expect(lines.at(-1)).toBe('99999')
  expect(lines.length).toBeLessThanOrEqual(1000)
})
