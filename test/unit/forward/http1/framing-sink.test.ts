import { expect, test } from 'vitest'
import { FramingSink } from '../../../../src/forward/http1/framing-sink.ts'

function framed(chunked: boolean): { readonly sink: FramingSink; readonly sent: string[] } {
  const sent: string[] = []
  const to = {
    write: (chunk: Uint8Array) => {
      sent.push(Buffer.from(chunk).toString('latin1'))
      return false
    },
    end: () => void sent.push('END'),
    fail: () => void sent.push('FAIL'),
  }
  return { sink: new FramingSink(to, chunked, () => undefined), sent }
}

test('an empty piece does not end a chunked request', () => {
  const { sink, sent } = framed(true)
  sink.write(Buffer.from('hello'))
  expect(sink.write(Buffer.alloc(0))).toBe(true)
  sink.write(Buffer.from('x'.repeat(16)))
  sink.end(['X-Sum', '7', 'Host', 'evil'])
  expect(sent).toEqual(['5\r\nhello\r\n', `10\r\n${'x'.repeat(16)}\r\n`, '0\r\nX-Sum: 7\r\n\r\n', 'END'])
})

test('a body with a Content-Length is written unchanged, with back-pressure', () => {
  const { sink, sent } = framed(false)
  expect(sink.write(Buffer.from('hello'))).toBe(false)
  sink.end(['X-Sum', '7'])
  sink.fail(new Error('too late'))
  expect(sent).toEqual(['hello', 'END', 'FAIL'])
})
