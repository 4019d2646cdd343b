import { describe, expect, test } from 'vitest'
import { switchFault, switchHeaders, upgradeRequest } from '../../../../src/forward/http1/upgrade-request.ts'
import { acceptOf } from '../../../../src/forward/websocket-key.ts'
import type { Connection, Exchange } from '../../../../src/http/exchange.ts'
import { RawHeaders } from '../../../../src/http/headers.ts'
import { http1Limits } from '../../../../src/http1/limits.ts'
import { RawResponseHead } from '../../../../src/http1/response-head.ts'
import { valuesOf } from '../../../support/strict-reader.ts'
import { readRequests } from '../../../support/strict-reader.ts'

const connection: Connection = {
  scheme: 'https',
  localAddress: '192.0.2.1',
  localPort: 443,
  remoteAddress: '192.0.2.7',
  remotePort: 51_000,
  clientCertificate: undefined,
  onEnd: () => undefined,
}

/** A handshake as a front would hand it over. */
function handshake(httpVersion: Exchange['httpVersion'], fields: readonly string[]): Exchange {
  return {
    id: 1,
    receivedAt: 0,
    connection,
    httpVersion,
    method: httpVersion === '2' ? 'CONNECT' : 'GET',
    target: '/chat?x',
    path: '/chat',
    host: 'h',
    headers: new RawHeaders(fields),
    body: undefined,
    upgrade: { protocol: 'websocket', accept: () => expect.fail('nobody answers') },
    reply: undefined as unknown as Exchange['reply'],
  }
}

function headOf(...lines: string[]): RawResponseHead {
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const head = new RawResponseHead({ headBytes: http1Limits.responseHeadBytes, headLines: 100 })
  head.begin(0)
  expect(head.read(bytes, bytes.length)).toBe(bytes.length)
  return head
}

const SWITCH = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: WebSocket', 'Connection: Upgrade']

describe('the handshake for the application', () => {
  test('has the key of an HTTP/1.1 client', () => {
    const { text, key } = upgradeRequest(handshake('1.1', ['Host', 'h', 'Sec-WebSocket-Key', 'theirs']), 'T')
    expect(key).toBeUndefined()
    expect(valuesOf(readRequests(text).requests[0]?.fields ?? [], 'Sec-WebSocket-Key')).toEqual(['theirs'])
  })

  test('is a GET with a key of ours when an HTTP/2 client asked by CONNECT', () => {
    const fields = ['sec-websocket-version', '13', 'sec-websocket-key', 'stray', 'sec-websocket-protocol', 'chat']
    const made = [1, 2].map(() => upgradeRequest(handshake('2', fields), 'T'))
    const request = readRequests(made[0]?.text ?? '').requests[0]
    expect(request).toMatchObject({ method: 'GET', target: '/chat?x' })
    const key = valuesOf(request?.fields ?? [], 'Sec-WebSocket-Key')
    expect(key).toEqual([made[0]?.key])
    expect(Buffer.from(key[0] ?? '', 'base64')).toHaveLength(16)
    expect(made[1]?.key).not.toBe(made[0]?.key)
    expect(valuesOf(request?.fields ?? [], 'Connection')).toEqual(['Upgrade'])
    expect(valuesOf(request?.fields ?? [], 'Upgrade')).toEqual(['websocket'])
    expect(valuesOf(request?.fields ?? [], 'Host')).toEqual(['h'])
    expect(valuesOf(request?.fields ?? [], 'sec-websocket-protocol')).toEqual(['chat'])
    expect(valuesOf(request?.fields ?? [], 'X-Forwarded-Proto')).toEqual(['https'])
  })
})

describe('the answer to a key of ours', () => {
  // The example of RFC 6455 1.3.
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const answer = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='

  test('is checked, and not for the client', () => {
    expect(acceptOf(key)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    const head = headOf(...SWITCH, answer, 'Sec-WebSocket-Protocol: chat', 'X: 1')
    expect(switchFault(head, 'websocket', key)).toBeUndefined()
    expect(switchHeaders(head, key)).toEqual(['Sec-WebSocket-Protocol', 'chat', 'X', '1'])
    expect(switchHeaders(head, undefined)).toContain('Sec-WebSocket-Accept')
  })

  test.each([
    ['is missing', []],
    ['comes twice', [answer, answer]],
    ['answers another key', ['Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=']],
  ])('is refused when it %s', (_how, lines) => {
    const head = headOf(...SWITCH, ...lines)
    expect(switchFault(head, 'websocket', key)).toMatch(/Sec-WebSocket-Accept/)
    expect(switchFault(head, 'websocket', undefined)).toBeUndefined()
  })
})
