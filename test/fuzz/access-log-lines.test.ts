import { expect, test } from 'vitest'
import type { AccessEntry } from '../../src/site/modules/access-log/access-entry.ts'
import { accessFormats } from '../../src/site/modules/access-log/formats.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed, timeout } = fuzzPlan(20_000, 1)

/** What a client might send to end a field or a line, or to make a terminal act. */
const pieces = [
  ...[
    '\n',
    '\r',
    '\r\n',
    '\t',
    ' ',
    '"',
    '\\',
    '\\"',
    '#Fields: x',
    '+',
    '%',
    '%0A',
    '-',
    ',',
    '{',
    '}',
    '[',
    ']',
    '\0',
  ],
  ...[
    '\x1b[2J',
    '\x7f',
    '\x85',
    '\xa0',
    '\u1680',
    '\u2028',
    '\u2029',
    '\u3000',
    '\ufeff',
    '\u202e',
    '\u200b',
    '\ud800',
  ],
  ...['\udc00', '😀', 'é', 'Ã©', 'a', 'GET / HTTP/1.1" 200 1 "-" "-"', '2026-11-21 00:00:00 1.1.1.1 GET / - 80'],
]

function text(random: Random): string {
  return Array.from({ length: random.below(6) }, () =>
    random.chance(0.3) ? String.fromCharCode(random.below(0x10000)) : random.pick(pieces),
  ).join('')
}

function entry(random: Random): AccessEntry {
  const [method, path, host, userName, userAgent, referer] = [
    text(random),
    text(random),
    text(random),
    text(random),
    text(random),
    text(random),
  ]
  const target = random.chance(0.5) ? `${path}?${text(random)}` : path
  return {
    ...{ time: 1e12, ms: 1, site: 1, app: '/LM/W3SVC/1/ROOT', pid: 7, upstreamMs: 1, traceId: '' },
    ...{ localAddress: '192.0.2.1', localPort: 80, remoteAddress: '192.0.2.2', remotePort: 5, scheme: 'http' },
    ...{ httpVersion: '1.1', status: 200, substatus: 0, win32Status: 0, sentBytes: 1, receivedBytes: 0 },
    ...{ method, target, path, host, userName, userAgent, referer },
  }
}

/** Every character at which some reader of lines begins another one, and those that a terminal acts on. */
const breaking = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

test('no value forges a line or a field, in any format', { timeout }, () => {
  const random = new Random(seed)
  const { W3C, NCSA, JSON: ecs } = accessFormats
  const fields = W3C.head(0).split('#Fields: ')[1]?.trim().split(' ').length
  for (let i = 0; i < cases; i++) {
    const asked = entry(random)
    const w3c = W3C.line(asked)
    expect(w3c.endsWith('\r\n')).toBe(true)
    expect(w3c.slice(0, -2)).not.toMatch(breaking)
    expect(w3c.slice(0, -2).split(/\s/u)).toHaveLength(fields ?? 0)
    const combined = NCSA.line(asked)
    expect(combined.endsWith('\n')).toBe(true)
    expect(combined.slice(0, -1)).toMatch(/^[ -~]*$/)
    expect(combined.match(/"/g)).toHaveLength(6)
    expect(combined).not.toMatch(/\\(?!x[0-9A-F]{2})/)
    const json = ecs.line(asked)
    expect(json.endsWith('\n')).toBe(true)
    expect(json.slice(0, -1)).not.toMatch(breaking)
    const read = JSON.parse(json) as { http: { request: { method: string } }; url: { path: string } }
    expect(read.http.request.method).toBe(asked.method)
    expect(read.url.path).toBe(asked.path)
  }
})
