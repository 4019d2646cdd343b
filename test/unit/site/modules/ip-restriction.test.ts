import { describe, expect, test } from 'vitest'
import { AddressActivity } from '../../../../src/site/modules/ip-restriction/address-activity.ts'
import { dynamicIpSecurity } from '../../../../src/site/modules/ip-restriction/dynamic-ip-security.ts'
import { ipSecurity } from '../../../../src/site/modules/ip-restriction/ip-security.ts'
import { networkOf } from '../../../../src/site/modules/ip-restriction/subnet-mask.ts'
import type { ApplicationFacts, ModuleSteps } from '../../../../src/site/modules/module.ts'
import { readSection, requestFor, stepsFor, verdict, verdictOf } from './section.ts'

const from = (steps: ModuleSteps, remoteAddress: string): string =>
  verdict(steps, '/', { connection: { remoteAddress } })

describe('ipSecurity', () => {
  const list = (inner: string, attributes = '') =>
    stepsFor(ipSecurity, [`<ipSecurity ${attributes}>${inner}</ipSecurity>`])
  const ten = '<add ipAddress="10.0.0.0" subnetMask="255.0.0.0" allowed="true" />'
  const alone = list(ten, 'allowUnlisted="false"')

  test.each([
    ['10.1.2.3', 'passes'],
    ['127.0.0.1', '403.503'],
    ['::ffff:10.1.2.3', 'passes'],
    ['::ffff:11.1.2.3', '403.503'],
    ['::1', '403.503'],
    ['', '403.503'],
  ])('that allows 10.0.0.0/255.0.0.0 alone answers %s by %s', (address, expected) => {
    expect(from(alone, address)).toBe(expected)
    // The second time the answer is known.
    expect(from(alone, address)).toBe(expected)
  })

  test('lets the earlier entry decide', () => {
    const denyFirst = list(`<add ipAddress="10.1.2.3" allowed="false" />${ten}`, 'allowUnlisted="false"')
    expect([from(denyFirst, '10.1.2.3'), from(denyFirst, '10.1.2.4')]).toEqual(['403.503', 'passes'])
    const allowFirst = list(`${ten}<add ipAddress="10.1.2.3" />`)
    expect([from(allowFirst, '10.1.2.3'), from(allowFirst, '192.0.2.1')]).toEqual(['passes', 'passes'])
  })

  test.each([
    ['NotFound', '404.503'],
    ['Unauthorized', '401.503'],
    ['Forbidden', '403.503'],
    ['AbortRequest', 'no bytes'],
  ])('with denyAction="%s" answers by %s', (action, expected) => {
    expect(from(list('<add ipAddress="192.0.2.1" />', `denyAction="${action}"`), '192.0.2.1')).toBe(expected)
  })

  test('has IPv6 networks, and IPv4 ones in either spelling', () => {
    const steps = list(
      '<add ipAddress="2001:db8::" subnetMask="ffff:ffff::" /><add ipAddress="fe80::1" /><add ipAddress="::ffff:192.0.2.0" subnetMask="24" />',
    )
    expect(['2001:db8:1::1', 'fe80::1%eth0', '192.0.2.77', '::ffff:192.0.2.7'].map((a) => from(steps, a))).toEqual(
      Array.from({ length: 4 }, () => '403.503'),
    )
    expect(['2001:db9::1', 'fe80::2', '192.0.3.1'].map((a) => from(steps, a))).toEqual(['passes', 'passes', 'passes'])
  })

  test('asks the client that a trusted proxy tells of, whatever enableProxyMode says', () => {
    const proxy = requestFor('/')?.connection
    const steps = list('<add ipAddress="192.0.2.1" />', 'enableProxyMode="true"')
    expect(verdict(steps, '/', { connection: { remoteAddress: '192.0.2.1', proxy } })).toBe('403.503')
    const headers = ['X-Forwarded-For', '192.0.2.1']
    expect(verdict(steps, '/', { connection: { remoteAddress: '198.51.100.1' }, headers })).toBe('passes')
  })

  test('inherits entries, and is off where it keeps nobody out', () => {
    const parent = `<ipSecurity allowUnlisted="false">${ten}</ipSecurity>`
    expect(
      from(
        stepsFor(ipSecurity, [parent, '<ipSecurity><add ipAddress="192.0.2.1" allowed="true" /></ipSecurity>']),
        '192.0.2.1',
      ),
    ).toBe('passes')
    expect(
      readSection(ipSecurity, parent, '<ipSecurity allowUnlisted="true"><clear /></ipSecurity>').settings,
    ).toBeUndefined()
    expect(readSection(ipSecurity, '<ipSecurity />').settings).toBeUndefined()
  })

  test.each([
    [
      '<add ipAddress="10.0.0.0" subnetMask="255.0.255.0" />',
      'subnetMask="255.0.255.0" is malformed. Write a mask such as',
    ],
    [
      '<add ipAddress="10.0.0.0" subnetMask="64" />',
      'subnetMask="64" is no mask of 10.0.0.0. Write the number of its bits.',
    ],
    ['<add ipAddress="10.0.0" />', 'ipAddress="10.0.0" is malformed. Write an IPv4 or IPv6 address.'],
    ['<add domainName="example.org" />', '<add> has no attribute "domainName".'],
    [
      '<add ipAddress="10.0.0.1" /><add ipAddress="10.0.0.1" subnetMask="255.255.255.255" />',
      'is added on line 1 already.',
    ],
  ])('with %s is refused', (inner, text) => {
    const { lines } = readSection(ipSecurity, `<ipSecurity>${inner}</ipSecurity>`)
    expect(lines.join('\n')).toMatch(/^0\.config:1:\d+: error: /)
    expect(lines.join('\n')).toContain(text)
  })

  test('reads masks of every kind', () => {
    expect(networkOf('10.0.0.0', '255.0.0.0')).toBe('10.0.0.0/8')
    expect(networkOf('10.0.0.0', '0.0.0.0')).toBe('10.0.0.0/0')
    expect(networkOf('2001:db8::', 'ffff:ffff:ffff:ff00::')).toBe('2001:db8::/56')
    expect(networkOf('2001:db8::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).toBe('2001:db8::/128')
    expect(networkOf('2001:db8::', '255.255.255.255')).toBe('2001:db8::/128')
    expect(networkOf('2001:db8::', '255.0.0.0')).toBeUndefined()
    expect(networkOf('10.0.0.0', 'ffff::')).toBeUndefined()
  })
})

describe('dynamicIpSecurity', () => {
  let now = 0
  const said: string[] = []
  const facts = {
    id: 'a',
    clock: { now: () => now },
    log: { isEnabled: () => true, write: (_level: string, entry: { msg: string }) => void said.push(entry.msg) },
  } as unknown as ApplicationFacts
  const open = (inner: string, attributes = '') =>
    stepsFor(dynamicIpSecurity, [`<dynamicIpSecurity ${attributes}>${inner}</dynamicIpSecurity>`], facts)
  const rate = '<denyByRequestRate enabled="true" />'
  let ids = 0
  const ask = (steps: ModuleSteps, remoteAddress: string) => {
    const asked = requestFor('/', { connection: { remoteAddress } })
    if (asked === undefined) throw new Error('no request')
    const exchange = { ...asked, id: (ids += 1) }
    return { said: verdictOf(steps.gate?.(exchange)), end: () => steps.finish?.(exchange) }
  }

  test('refuses the 21st request in 200 ms, of this address alone, and not the first one after them', () => {
    const steps = open(rate)
    const verdicts = Array.from({ length: 21 }, () => ask(steps, '192.0.2.1').said)
    expect(verdicts).toEqual([...Array.from({ length: 20 }, () => 'passes'), '403.502'])
    expect(ask(steps, '192.0.2.2').said).toBe('passes')
    now += 200
    expect(ask(steps, '192.0.2.1').said).toBe('passes')
  })

  test('refuses the sixth request at a time, until one of the others is over', () => {
    const steps = open('<denyByConcurrentRequests enabled="true" />', 'denyAction="NotFound"')
    const open5 = Array.from({ length: 5 }, () => ask(steps, '192.0.2.1'))
    expect(open5.map((one) => one.said)).toEqual(Array.from({ length: 5 }, () => 'passes'))
    const sixth = ask(steps, '192.0.2.1')
    expect(sixth.said).toBe('404.501')
    sixth.end()
    open5[0]?.end()
    expect(ask(steps, '192.0.2.1').said).toBe('passes')
    expect(ask(steps, '192.0.2.1').said).toBe('404.501')
  })

  test('does not count the end of a request that another module has ended', () => {
    const steps = open('<denyByConcurrentRequests enabled="true" maxConcurrentRequests="1" />')
    expect(ask(steps, '192.0.2.1').said).toBe('passes')
    steps.finish?.({ ...(requestFor('/') as never as object), id: 4711 } as never)
    expect(ask(steps, '192.0.2.1').said).toBe('403.501')
  })

  test('with enableLoggingOnlyMode refuses nobody, and says so in the log at most once in ten seconds', () => {
    said.length = 0
    const steps = open(rate, 'enableLoggingOnlyMode="true"')
    for (let i = 0; i < 30; i++) expect(ask(steps, '192.0.2.1').said).toBe('passes')
    expect(said).toEqual(['192.0.2.1 would be denied (maxRequests="20")'])
  })

  test('is off unless one of its limits is enabled', () => {
    const read = (inner: string) => readSection(dynamicIpSecurity, `<dynamicIpSecurity>${inner}</dynamicIpSecurity>`)
    expect(read('').settings).toBeUndefined()
    expect(read('<denyByRequestRate enabled="false" maxRequests="1" />').settings).toBeUndefined()
    expect(read('<denyByRequestRate enabled="true" maxRequests="0" />').lines.join()).toContain('is out of range')
  })

  test('remembers a bounded number of addresses, and never forgets who has requests under way', () => {
    const activity = new AddressActivity(1000, 100)
    activity.begin('busy', 0)
    for (let i = 0; i < 1000; i++) {
      activity.begin(String(i), 0)
      activity.end(String(i))
    }
    expect(activity.size).toBeLessThanOrEqual(101)
    expect(activity.begin('busy', 0)).toMatchObject({ concurrent: 2 })
  })
})
