import { describe, expect, test } from 'vitest'
import type { AccessEntry } from '../../../../../src/site/modules/access-log/access-entry.ts'
import { accessFormats } from '../../../../../src/site/modules/access-log/formats.ts'

const plain: AccessEntry = {
  time: Date.UTC(2026, 10, 21, 23, 59, 59, 999),
  ms: 12.6,
  site: 1,
  app: '/LM/W3SVC/1/ROOT',
  pid: 4711,
  upstreamMs: 11.2,
  localAddress: '192.0.2.1',
  localPort: 443,
  remoteAddress: '2001:db8::7',
  remotePort: 5000,
  scheme: 'https',
  httpVersion: '2',
  method: 'GET',
  target: '/a%20b?q=1%20+2',
  path: '/a b',
  host: 'www.example.org',
  userName: '',
  userAgent: 'Mozilla/5.0 (X11; "quoted")',
  referer: '',
  traceId: '0123456789abcdef0123456789abcdef',
  status: 404,
  substatus: 4,
  win32Status: 0,
  sentBytes: 1200,
  receivedBytes: 3,
}
const unread: AccessEntry = {
  ...plain,
  ...{ app: undefined, site: undefined, pid: 0, upstreamMs: undefined, localAddress: '', method: '', target: '' },
  ...{ path: '', host: '', userAgent: '', traceId: '', status: 400, substatus: 0, sentBytes: 0, receivedBytes: 0 },
}

describe('W3C', () => {
  const { W3C } = accessFormats

  test('begins with the four lines of IIS, in UTC', () => {
    expect(W3C.head(plain.time)).toBe(
      '#Software: ancmd\r\n#Version: 1.0\r\n#Date: 2026-11-21 23:59:59\r\n' +
        '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) ' +
        'sc-status sc-substatus sc-win32-status time-taken cs-version cs-host sc-bytes cs-bytes ' +
        'x-app x-pid x-upstream-time x-trace-id\r\n',
    )
  })

  test("has IIS's own fields first, then ours", () => {
    expect(W3C.line(plain)).toBe(
      '2026-11-21 23:59:59 192.0.2.1 GET /a+b q=1%20+2 443 - 2001:db8::7 Mozilla/5.0+(X11;+"quoted") - 404 4 0 13 ' +
        'HTTP/2.0 www.example.org 1200 3 /LM/W3SVC/1/ROOT 4711 11 0123456789abcdef0123456789abcdef\r\n',
    )
  })

  test('has a dash for everything that is not known of a request that could not be read', () => {
    expect(W3C.line(unread)).toBe('2026-11-21 23:59:59 - - - - 443 - 2001:db8::7 - - 400 0 0 13 - - 0 0 - - - -\r\n')
  })
})

describe('combined', () => {
  const { NCSA } = accessFormats

  test('has no head, and is escaped so that quotes stay quotes', () => {
    expect(NCSA.head(plain.time)).toBe('')
    expect(NCSA.line(plain)).toBe(
      '2001:db8::7 - - [21/Nov/2026:23:59:59 +0000] "GET /a%20b?q=1%20+2 HTTP/2.0" 404 1200 "-" ' +
        '"Mozilla/5.0 (X11; \\x22quoted\\x22)"\n',
    )
    expect(NCSA.line(unread)).toContain('] "-" 400 0 "-" "-"\n')
  })
})

describe('JSON', () => {
  const { JSON: ecs } = accessFormats

  test('has the names of the Elastic Common Schema, and ours below ancmd', () => {
    expect(JSON.parse(ecs.line(plain))).toEqual({
      '@timestamp': '2026-11-21T23:59:59.999Z',
      ecs: { version: '8.11' },
      event: { duration: 12_600_000, category: ['web'], kind: 'event' },
      client: { ip: '2001:db8::7', port: 5000 },
      server: { ip: '192.0.2.1', port: 443 },
      http: {
        version: '2',
        request: { method: 'GET', body: { bytes: 3 } },
        response: { status_code: 404, body: { bytes: 1200 } },
      },
      url: { path: '/a b', query: 'q=1%20+2', domain: 'www.example.org', scheme: 'https' },
      user_agent: { original: 'Mozilla/5.0 (X11; "quoted")' },
      trace: { id: '0123456789abcdef0123456789abcdef' },
      ancmd: { substatus: 4, win32_status: 0, app: '/LM/W3SVC/1/ROOT', pid: 4711, upstream_ms: 11 },
    })
  })

  test('reads header fields as UTF-8 where they are', () => {
    const userAgent = Buffer.from('Bär').toString('latin1')
    expect(JSON.parse(ecs.line({ ...plain, userAgent }))).toMatchObject({ user_agent: { original: 'Bär' } })
    expect(JSON.parse(ecs.line({ ...plain, userAgent: 'B\xe4r' }))).toMatchObject({ user_agent: { original: 'Bär' } })
  })
})
