import { expect, test } from 'vitest'
import { environmentMark, pairingToken } from '../../../src/process/pairing-token.ts'

test('a token is a lower-case UUID, and another one each time', () => {
  const tokens = [pairingToken([]), pairingToken([{ name: 'ASPNETCORE_TOKEN', value: '' }])]
  for (const token of tokens) expect(token.value).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(tokens[0]?.value).not.toBe(tokens[1]?.value)
})

test('ASPNETCORE_TOKEN of web.config is the token', () => {
  expect(pairingToken([{ name: 'aspnetcore_token', value: 'Mine' }])).toEqual({ value: 'Mine', fixed: true })
})

test('only a token that is new for each start tells the processes of that start from others', () => {
  expect(environmentMark({ value: 'x', fixed: false }, 'aspNetCore')).toBe('ASPNETCORE_TOKEN=x')
  expect(environmentMark({ value: 'x', fixed: true }, 'aspNetCore')).toBeUndefined()
  expect(environmentMark({ value: 'x', fixed: false }, 'httpPlatform')).toBeUndefined()
})
