import { describe, expect, test } from 'vitest'
import { createDetailsRule } from '../../../src/site/page-details.ts'
import { Faulted } from '../../../src/site/faulted.ts'
import { exchangeOf } from './support.ts'
import { processConfig } from './web-config.ts'

function shows(remoteAddress: string, environment: Record<string, string>, own: Record<string, string> = {}): boolean {
  const environmentVariables = Object.entries(own).map(([name, value]) => ({ name, value }))
  return createDetailsRule({ ...processConfig, environmentVariables }, environment)(exchangeOf({ remoteAddress }))
}

describe('details of a failure', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1'])('are shown to %s with ASPNETCORE_DETAILEDERRORS', (address) => {
    for (const value of ['1', 'true', 'TRUE']) expect(shows(address, { ASPNETCORE_DETAILEDERRORS: value })).toBe(true)
    for (const value of ['0', 'false', '']) expect(shows(address, { ASPNETCORE_DETAILEDERRORS: value })).toBe(false)
    expect(shows(address, {})).toBe(false)
  })

  test.each(['192.0.2.7', '10.0.0.1', '12.7.0.1', '2001:db8::1', '::2'])('are not shown to %s', (address) => {
    expect(shows(address, { ASPNETCORE_DETAILEDERRORS: 'true' })).toBe(false)
    expect(shows(address, { ASPNETCORE_ENVIRONMENT: 'Production' })).toBe(false)
  })

  test.each([
    'X-Forwarded-For',
    'Forwarded',
  ])('are not shown to a client that a proxy on this machine forwards: %s', (name) => {
    const rule = createDetailsRule(processConfig, { ASPNETCORE_DETAILEDERRORS: 'true' })
    const { connection } = exchangeOf()
    expect(rule(exchangeOf({ headers: [name, '127.0.0.1'] }))).toBe(false)
    expect(rule({ ...exchangeOf(), connection: { ...connection, proxy: connection } })).toBe(false)
    expect(rule(exchangeOf())).toBe(true)
  })

  test('are shown to every client in Development', () => {
    expect(shows('192.0.2.7', { ASPNETCORE_ENVIRONMENT: 'Development' })).toBe(true)
    expect(shows('192.0.2.7', { DOTNET_ENVIRONMENT: 'development' })).toBe(true)
    expect(shows('192.0.2.7', {}, { aspnetcore_environment: 'Development' })).toBe(true)
  })

  test('follow the environment before web.config', () => {
    expect(shows('::1', { ASPNETCORE_DETAILEDERRORS: 'false' }, { ASPNETCORE_DETAILEDERRORS: 'true' })).toBe(false)
    const hidden = shows(
      '192.0.2.7',
      { ASPNETCORE_ENVIRONMENT: 'Production' },
      { ASPNETCORE_ENVIRONMENT: 'Development' },
    )
    expect(hidden).toBe(false)
  })

  test('of a broken configuration are not shown to other clients', () => {
    const problem = {
      severity: 'error',
      level: 'error',
      file: '/srv/www/web.config',
      line: 3,
      column: 5,
      text: 'wrong',
      cure: 'mend it',
    } as const
    for (const [address, shown] of [
      ['192.0.2.7', false],
      ['127.0.0.1', true],
    ] as const) {
      const exchange = exchangeOf({ remoteAddress: address })
      const rule = createDetailsRule(undefined, { ASPNETCORE_DETAILEDERRORS: '1' })
      const refusals: unknown[] = []
      const problems = [problem, { ...problem, file: '/srv/other/web.config' }]
      new Faulted(problems, rule, (_exchange, { kind }, setting) => void refusals.push([kind, setting])).serve(exchange)
      expect(refusals).toEqual([['configuration-invalid', '/srv/www/web.config']])
      expect(exchange.answers).toMatchObject([{ status: 500, substatus: 19 }])
      expect(String(exchange.answers[0]?.body).includes('/srv/www')).toBe(shown)
    }
  })
})
