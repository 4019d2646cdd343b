import { describe, expect, test } from 'vitest'
import { ExchangeView, ReplyView, withTarget } from '../../../src/http/exchange-view.ts'
import { RawHeaders } from '../../../src/http/headers.ts'
import { prepareFields } from '../../../src/http/response-fields.ts'
import { exchangeOf } from '../site/support.ts'

describe('a view of an exchange', () => {
  test('without changes says what the exchange says, but for its bytes', () => {
    const native = { req: {}, res: {} } as never
    const exchange = { ...exchangeOf({ target: '/a?b', headers: ['X', '1'] }), raw: {}, native }
    const view = new ExchangeView(exchange, {})
    const { answers: _answers, raw: _raw, ...rest } = exchange
    for (const name of Object.keys(rest) as (keyof typeof rest)[]) expect(view[name], name).toBe(exchange[name])
    expect('raw' in view).toBe(false)
    expect('native' in new ExchangeView(exchangeOf(), {}) && new ExchangeView(exchangeOf(), {}).native).toBeFalsy()
  })

  test('says what was changed, and leaves the exchange as it is', () => {
    const exchange = exchangeOf({ target: '/a', headers: ['X', '1'] })
    const headers = new RawHeaders(['Y', '2'])
    const reply = new ReplyView(exchange.reply)
    const view = new ExchangeView(exchange, { headers, reply })
    expect([view.headers, view.reply, view.target, view.path]).toEqual([headers, reply, '/a', '/a'])
    expect(exchange.headers.get('x')).toBe('1')
    expect(new ExchangeView(view, { target: '/b', path: '/b' }).headers).toBe(headers)
  })

  test('with another target has the path that it decodes to', () => {
    const moved = withTarget(exchangeOf({ target: '/a' }), '/b%20c/../d%65?e%20')
    expect(moved).toMatchObject({ ok: true, value: { target: '/d%65?e%20', path: '/de' } })
  })

  test.each(['b', '/a b', '/%2', '/..', 'http://'])('has no target such as %j', (target) => {
    expect(withTarget(exchangeOf(), target).ok).toBe(false)
  })
})

test('a view of a reply gives everything on', () => {
  const calls: unknown[][] = []
  const told =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args])
      return name
    }
  const names = ['inform', 'begin', 'answer', 'abort', 'onGone'] as const
  const behind = { started: true, gone: true, status: 404, bytes: 7, responseFields: undefined }
  const reply = Object.assign(behind, Object.fromEntries(names.map((name) => [name, told(name)]))) as never
  const view = new ReplyView(reply)
  expect([view.started, view.gone, view.status, view.bytes]).toEqual([true, true, 404, 7])
  for (const name of names) (view[name] as (argument: unknown) => void)(name)
  expect(calls).toEqual(names.map((name) => [name, name]))
  expect(view.begin({} as never)).toBe('begin')
  view.responseFields = prepareFields(['A', '1'])
  expect(view.responseFields).toEqual({ flat: ['A', '1'], lines: 'A: 1\r\n' })
  expect(behind.responseFields).toBe(view.responseFields)
})

test('fields are prepared once; none are nothing', () => {
  expect(prepareFields([])).toBeUndefined()
  expect(prepareFields(['A', '', 'B', '\xe4'])).toEqual({ flat: ['A', '', 'B', '\xe4'], lines: 'A: \r\nB: \xe4\r\n' })
})
