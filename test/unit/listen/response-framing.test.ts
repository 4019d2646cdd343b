import { describe, expect, test } from 'vitest'
import { frameResponse } from '../../../src/listen/response-framing.ts'

const asked = { method: 'GET', httpVersion: '1.1', close: false }

function frame(headers: readonly string[], more: Partial<typeof asked> & { readonly status?: number } = {}): unknown {
  const { status = 200, ...rest } = more
  return frameResponse({ status, reason: '', headers }, { ...asked, ...rest })
}

describe('the framing of a response', () => {
  test('leaves a head with a length as it is', () => {
    const fields = ['content-LENGTH', '5', 'X', 'y', 'x', 'z']
    expect(frame(fields)).toEqual({ fields, hasBody: true, closes: false })
  })

  test('says when the connection ends', () => {
    expect(frame(['Content-Length', '5'], { close: true })).toEqual({
      fields: ['Content-Length', '5', 'Connection', 'close'],
      hasBody: true,
      closes: true,
    })
  })

  test('ends the connection after a body of unknown length for HTTP/1.0, and keeps it otherwise', () => {
    expect(frame([], { httpVersion: '1.0' })).toMatchObject({ fields: ['Connection', 'close'], closes: true })
    expect(frame([], { httpVersion: '1.0', method: 'HEAD' })).toMatchObject({ fields: ['Connection', 'keep-alive'] })
    expect(frame(['Content-Length', '5'], { httpVersion: '1.0' })).toMatchObject({ closes: false })
    expect(frame([])).toEqual({ fields: [], hasBody: true, closes: false })
  })

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('gives %s with %i no body', (method, status) => {
    expect(frame(['X', 'y'], { method, status })).toEqual({ fields: ['X', 'y'], hasBody: false, closes: false })
  })

  test('takes the length out of a 204, where it is forbidden, and leaves it in a 304', () => {
    expect(frame(['Content-Length', '5'], { status: 204 })).toMatchObject({ fields: [] })
    expect(frame(['Content-Length', '5'], { status: 304 })).toMatchObject({ fields: ['Content-Length', '5'] })
  })

  test('announces trailers only where there can be some', () => {
    expect(frame(['Trailer', 'X'])).toMatchObject({ fields: ['Trailer', 'X'] })
    expect(frame(['Trailer', 'X', 'trailer', 'Y'])).toMatchObject({ fields: ['Trailer', 'X', 'trailer', 'Y'] })
    expect(frame(['Trailer', 'X', 'Content-Length', '5'])).toMatchObject({ fields: ['Content-Length', '5'] })
    expect(frame(['Trailer', 'X'], { method: 'HEAD' })).toMatchObject({ fields: [] })
    expect(frame(['Trailer', 'X'], { httpVersion: '1.0' })).toMatchObject({ fields: ['Connection', 'close'] })
  })

  test('hears `close` in a Connection field that was let through, and nothing else', () => {
    const field = (value: string): unknown => frame(['Connection', value, 'Content-Length', '5'])
    expect(field('x, Close')).toEqual({
      fields: ['Content-Length', '5', 'Connection', 'close'],
      hasBody: true,
      closes: true,
    })
    expect(field('keep-alive')).toEqual({ fields: ['Content-Length', '5'], hasBody: true, closes: false })
    expect(field('closed')).toMatchObject({ closes: false })
  })
})
