import { expect, test } from 'vitest'
import { renderOrdinaryHead } from '../../../../src/listen/node/upgrade-slot.ts'

function render(...rawHeaders: string[]): string {
  return renderOrdinaryHead({ method: 'POST', url: '/a?b', httpVersion: '1.1', rawHeaders })
}

test.each([
  [['Connection', 'Upgrade'], ''],
  [['Connection', 'upgrade , keep-alive'], 'Connection:  keep-alive\r\n'],
  [['connection', 'x,UPGRADE,close'], 'connection: x,close\r\n'],
  [['Connection', 'Upgrade', 'Connection', 'close'], 'Connection: close\r\n'],
  [['Connection', 'upgraded'], 'Connection: upgraded\r\n'],
  [['Upgrade', 'h2c', 'X', '\xe4'], 'Upgrade: h2c\r\nX: \xe4\r\n'],
])('%j is no upgrade any more', (fields, rest) => {
  expect(render('Host', 'a', ...fields)).toBe(`POST /a?b HTTP/1.1\r\nHost: a\r\n${rest}\r\n`)
})
