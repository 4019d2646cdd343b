import { expect, test } from 'vitest'
import { RawRequestHead } from '../../../src/http1/request-head.ts'
import { RawResponseHead } from '../../../src/http1/response-head.ts'

const limits = { headBytes: 16_384, headLines: 200 }

function read(head: RawRequestHead | RawResponseHead, text: string): void {
  const bytes = Buffer.from(text, 'latin1')
  head.begin(0)
  expect(head.read(bytes, bytes.length)).toBe(bytes.length)
}

test.each([
  ['request', new RawRequestHead(limits), 'POST / HTTP/1.1\r\nHost: h\r\n', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['response', new RawResponseHead(limits), 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
])('a reader keeps nothing of a %s when it reads the next one', (_what, head, start, plain) => {
  const said =
    'Connection: close, keep-alive, upgrade, X-Hop\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n' +
    'WWW-Authenticate: NTLM\r\nExpect: 100-continue\r\nUpgrade: websocket\r\n'
  for (const framing of ['Content-Length: 5\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n']) {
    read(head, start + said + framing)
    expect(head.options).toMatchObject({ close: true, keepAlive: true, upgrade: true, namesFields: true })
    read(head, plain)
    expect(head.options).toMatchObject({ close: false, keepAlive: false, upgrade: false, namesFields: false })
    expect(head.framing).toMatchObject({ length: -1, chunked: false })
    expect(head.keepsAlive).toBe(true)
    if (head instanceof RawRequestHead)
      expect([head.hasBody, head.expectsContinue, head.asksWebSocket]).not.toContain(true)
    else expect([head.dateLine, head.authenticatesConnection]).toEqual([-1, false])
  }
})
