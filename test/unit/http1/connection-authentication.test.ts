import { expect, test } from 'vitest'
import { authenticatesConnection } from '../../../src/http1/connection-authentication.ts'
import { responseHead } from './heads.ts'

test.each([
  'NTLM',
  'ntlm TlRM',
  'Negotiate',
  'nEGOTIATE oRQ=',
  'Basic realm="x", NTLM',
  'Digest a=b,\tNegotiate,Basic',
])('%j authenticates a connection', (value) => {
  expect(authenticatesConnection(value)).toBe(true)
})

test.each([
  '',
  'Basic realm=NTLM',
  'Basic Negotiate',
  'NTLMv2',
  'Negotiated x',
  'XNTLM',
  'Bearer NTLM',
])('%j authenticates single requests', (value) => {
  expect(authenticatesConnection(value)).toBe(false)
})

test('a head has it for its own fields only, wherever the field stands', () => {
  const says = (lines: string): boolean => responseHead(lines).authenticatesConnection
  expect(says('WWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=x\r\nA: b\r\n')).toBe(true)
  expect(says('A: b\r\nProxy-Authenticate: Negotiate x\r\nDate: y\r\n')).toBe(true)
  expect(says('Authorization: NTLM\r\nX-WWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=x\r\n')).toBe(false)
})
