import { RawRequestHead } from '../../../src/http1/request-head.ts'
import { RawResponseHead } from '../../../src/http1/response-head.ts'

const limits = { headBytes: 16_384, headLines: 200 }

/** A request head from these field lines, each with its CRLF. */
export function requestHead(lines: string, requestLine = 'GET / HTTP/1.1'): RawRequestHead {
  const head = new RawRequestHead(limits)
  const bytes = Buffer.from(`${requestLine}\r\n${lines}\r\n`, 'latin1')
  head.begin(0)
  head.read(bytes, bytes.length)
  return head
}

/** A response head from these field lines, each with its CRLF. */
export function responseHead(lines: string, statusLine = 'HTTP/1.1 200 OK'): RawResponseHead {
  const head = new RawResponseHead(limits)
  const bytes = Buffer.from(`${statusLine}\r\n${lines}\r\n`, 'latin1')
  head.begin(0)
  head.read(bytes, bytes.length)
  return head
}
