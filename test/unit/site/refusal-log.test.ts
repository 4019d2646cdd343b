import { describe, expect, it } from 'vitest'
import type { Level, LogEntry } from '../../../src/log/entry.ts'
import { RefusalLog, type RequestRefusal } from '../../../src/site/refusal-log.ts'
import { HandClock } from '../../support/hand-clock.ts'

const refusal: RequestRefusal = {
  status: 413,
  substatus: 1,
  reason: 'body-too-large',
  setting: 'maxAllowedContentLength="10"',
  method: 'POST',
  path: '/upload',
  remoteAddress: '192.0.2.1',
  app: 'shop',
}

function open() {
  const clock = new HandClock()
  const entries: [Level, LogEntry][] = []
  const log = { isEnabled: () => true, write: (level: Level, entry: LogEntry) => void entries.push([level, entry]) }
  const refusals = new RefusalLog(clock)
  const tell = (times: number, changes: Partial<RequestRefusal> = {}): void => {
    for (let time = 0; time < times; time += 1) refusals.write(log, { ...refusal, ...changes })
  }
  const lines = (): string[] => entries.splice(0).map(([level, entry]) => `${level} ${entry.msg}`)
  return { clock, entries, refusals, tell, lines }
}

const line = 'info a request was refused with 413.1: body-too-large (maxAllowedContentLength="10")'
const more = (count: number): string =>
  `info ${String(count)} more were refused with 413.1 within ten seconds: body-too-large`

describe('a request that is refused', () => {
  it('has a line at level info with reason and setting, and all facts as fields', () => {
    const { tell, entries } = open()
    tell(1)
    expect(entries).toEqual([['info', { event: 'requestRefused', msg: line.slice(5), ...refusal }]])
  })

  it('is counted by its reason, with or without a line, and a failed handshake by its code', () => {
    const { tell, refusals } = open()
    tell(20)
    tell(2, { reason: 'handshake-failed', why: 'ERR_SSL_NO_SHARED_CIPHER' })
    tell(1, { reason: 'handshake-failed', why: 'it does not begin with a TLS handshake' })
    expect(Object.fromEntries(refusals.counts)).toEqual({
      'body-too-large': 20,
      'handshake-failed ERR_SSL_NO_SHARED_CIPHER': 2,
      'handshake-failed': 1,
    })
  })

  it('is logged with more than its kind where more is known', () => {
    const { tell, lines } = open()
    tell(1, { status: 400, substatus: 0, reason: 'bad-request', why: 'it has no Host field', setting: undefined })
    expect(lines()).toEqual(['info a request was refused with 400: bad-request: it has no Host field'])
  })

  it('that was only a connection is logged as one', () => {
    const { tell, lines } = open()
    tell(1, { status: 0, substatus: 0, reason: 'too-many-connections', setting: '16 connections' })
    expect(lines()).toEqual(['info a connection was closed at once: too-many-connections (16 connections)'])
  })

  it('is logged with at most 256 characters of its path', () => {
    const { tell, entries } = open()
    tell(1, { path: `/${'x'.repeat(10_000)}` })
    expect(entries[0]?.[1]['path']).toBe(`/${'x'.repeat(255)}…`)
    tell(1, { path: `/${'x'.repeat(255)}` })
    expect(entries[1]?.[1]['path']).toBe(`/${'x'.repeat(255)}`)
  })
})

describe('many of them', () => {
  it('have five lines within ten seconds, and one with the number of the others', () => {
    const { clock, tell, lines } = open()
    tell(12)
    expect(lines()).toEqual([line, line, line, line, line])
    clock.advance(9_999)
    tell(1)
    expect(lines()).toEqual([])
    clock.advance(1)
    expect(lines()).toEqual([more(8)])
  })

  it('have lines again when the ten seconds are over', () => {
    const { clock, tell, lines } = open()
    tell(6)
    clock.advance(10_000)
    lines()
    tell(1)
    expect(lines()).toEqual([line])
    clock.advance(10_000)
    expect(lines()).toEqual([])
  })

  it('of one reason or application do not hide those of another', () => {
    const { tell, lines } = open()
    tell(6)
    lines()
    tell(1, { app: 'blog' })
    tell(1, { reason: 'not-handled', status: 404, substatus: 4, setting: '<handlers>' })
    expect(lines()).toEqual([line, 'info a request was refused with 404.4: not-handled (<handlers>)'])
  })

  it('are all counted in the log when it is closed, and nothing is logged afterwards', () => {
    const { clock, refusals, tell, lines } = open()
    tell(7)
    tell(6, { app: 'blog' })
    lines()
    refusals.close()
    expect(lines()).toEqual([more(2), more(1)])
    refusals.close()
    clock.advance(20_000)
    expect(lines()).toEqual([])
  })
})
