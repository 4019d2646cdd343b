import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../../../src/http/exchange.ts'
import type { Level, LogEntry } from '../../../../../src/log/entry.ts'
import { createDebugAccessLog } from '../../../../../src/site/modules/access-log/access-log.ts'
import { HandClock } from '../../../../support/hand-clock.ts'

function open(isEnabled: boolean) {
  const entries: [Level, LogEntry][] = []
  const log = {
    isEnabled: () => isEnabled,
    write: (level: Level, entry: LogEntry) => void entries.push([level, entry]),
  }
  const clock = new HandClock()
  clock.advance(1012.34)
  return { entries, finish: createDebugAccessLog(log, clock) }
}

const exchange = {
  method: 'GET',
  target: '/a%20b?token=secret',
  path: '/a b',
  receivedAt: 1000,
  connection: { remoteAddress: '192.0.2.1' },
  reply: { status: 200, bytes: 17, gone: false },
} as unknown as Exchange

describe('the access log', () => {
  it('has each exchange at level debug, without its query', () => {
    const { entries, finish } = open(true)
    finish(exchange)
    const fields = { method: 'GET', path: '/a b', status: 200, bytes: 17, ms: 12.3, remoteAddress: '192.0.2.1' }
    expect(entries).toEqual([['debug', { event: 'request', msg: 'GET /a b 200', ...fields, aborted: false }]])
    expect(JSON.stringify(entries)).not.toContain('secret')
  })

  it('marks an exchange whose client disconnected', () => {
    const { entries, finish } = open(true)
    finish({ ...exchange, reply: { ...exchange.reply, gone: true } })
    expect(entries[0]?.[1]['aborted']).toBe(true)
  })

  it('writes nothing at other levels', () => {
    const { entries, finish } = open(false)
    finish({
      ...exchange,
      get reply(): never {
        throw new Error('looked at')
      },
    })
    expect(entries).toEqual([])
  })
})
