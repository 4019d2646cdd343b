import { expect, test } from 'vitest'
import { environmentMark, pairingToken } from '../../../../src/process/start/pairing-token.ts'

test('a token is a lower-case UUID, and another one each time', () => {
  const tokens = [pairingToken([]), pairingToken([{ name: 'ASPNETCORE_TOKEN', value: '' }])]
  for (const token of tokens) expect(token.value).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(tokens[0]?.value).not.toBe(tokens[1]?.value)
})

test('ASPNETCORE_TOKEN of web.config is the token', () => {
  expect(pairingToken([{ name: 'aspnetcore_token', value: 'Mine' }])).toMatchObject({ value: 'Mine' })
})

test('each start has a mark of its own, also with a fixed token', () => {
  const fixed = [{ name: 'ASPNETCORE_TOKEN', value: 'Mine' }]
  const marks = [[], [], fixed, fixed].map((variables) => environmentMark(pairingToken(variables)))
  for (const mark of marks) expect(mark).toMatch(/^ANCMD_START=[0-9a-f-]{36}$/)
  expect(new Set(marks).size).toBe(4)
})
