import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { binding, createReader, hostFile, site } from './read.ts'

const reader = createReader()
const www = site(binding('*:80:'))

describe('configSource', () => {
  const including = (source: string, more = ''): string =>
    `<configuration><system.applicationHost>\n<applicationPools configSource="${source}" ${more} /><sites>${www.replace('<application ', '<application applicationPool="shop" ')}</sites></system.applicationHost></configuration>`
  const pools = '<applicationPools>\n<add name="shop" queueLength="30" /></applicationPools>'

  test.each([
    'pools.config',
    'parts/pools.config',
    'parts\\pools.config',
    './parts/pools.config',
  ])('includes %s, which is to be watched like the file itself', async (source) => {
    const path = source.replace('\\', '/').replace('./', '')
    const { config, files } = await reader.load(including(source), { [path]: pools })
    expect(config.ok && config.value.sites[0]?.applications[0]?.pool?.limits?.queueLength).toBe(30)
    expect(files).toEqual([join(reader.folder(), 'ancmd.config'), join(reader.folder(), path)])
  })

  test('has the problems of an included file with their places in that file', async () => {
    const wrong = await reader.problems(including('pools.config'), { 'pools.config': pools.replace('30', '3') })
    expect(wrong).toEqual([
      '<folder>/pools.config:2:31: error: queueLength="3" is out of range. Write a whole number from 10 to 65535.',
    ])
  })

  test.each([
    ['none.config', '2:33: error: There is no file <folder>/none.config.'],
    [
      '../pools.config',
      'error: configSource="../pools.config" is no path below the folder of this file. Write a relative path without "..".',
    ],
    ['/etc/pools.config', 'is no path below the folder of this file.'],
    ['C:\\pools.config', 'is no path below the folder of this file.'],
    ['', 'is no path below the folder of this file.'],
    ['sites.config', '<folder>/sites.config:1:1: error: The file begins with <sites>, not with <applicationPools>.'],
    ['nested.config', '<folder>/nested.config:1:19: error: An included file may not include another one.'],
    ['broken.config', '<folder>/broken.config:1:'],
  ])('of "%s" is an error with its place and cure', async (source, expected) => {
    const files = {
      'sites.config': '<sites />',
      'nested.config': '<applicationPools configSource="pools.config" />',
      'pools.config': pools,
      'broken.config': '<applicationPools>',
    }
    const errors = (await reader.problems(including(source), files)).filter(
      (line) => !line.includes('no application pool'),
    )
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(expected)
    expect(errors[0]).toMatch(/[.?]$/)
  })

  test('beside other contents of the element is an error, and a file that is not there yet is watched', async () => {
    expect(await reader.problems(including('pools.config', 'x="1"'), { 'pools.config': pools })).toContainEqual(
      expect.stringContaining(
        'configSource="pools.config" stands beside other contents. Move all of <applicationPools> into that file.',
      ),
    )
    const { config, files } = await reader.load(including('later.config'))
    expect(config.ok).toBe(false)
    expect(files).toContain(join(reader.folder(), 'later.config'))
  })

  test('is possible for sections of system.webServer too, and childSource for none', async () => {
    const around = '<system.webServer><httpProtocol configSource="headers.config" /></system.webServer>'
    const headers = '<httpProtocol><customHeaders><add name="X-A" value="1" /></customHeaders></httpProtocol>'
    const { sites } = await reader.config(hostFile(www, around), { 'headers.config': headers })
    const webServer = sites[0]?.applications[0]?.hostSections?.webServers[0]
    expect(webServer?.children[0]?.children.map(({ name }) => name)).toEqual(['customHeaders'])
    expect(await reader.problems(hostFile(www).replace('<sites>', '<sites childSource="a.config">'))).toEqual([
      expect.stringContaining('error: <sites> has no attribute "childSource".'),
    ])
  })
})

describe('what only Windows can decrypt', () => {
  test('is refused by name, and never shown', async () => {
    const text = hostFile(
      www.replace(
        'physicalPath="/srv/www"',
        'physicalPath="/srv/www" userName="u" password="[enc:AesProvider:c2VjcmV0:enc]"',
      ),
    )
    const problems = await reader.problems(text)
    expect(problems.filter((line) => line.includes(': error: '))).toEqual([
      expect.stringMatching(
        /^1:\d+: error: The value of password of <virtualDirectory> is encrypted, and only Windows can decrypt it\. Remove/,
      ),
    ])
    expect(problems.join()).not.toContain('c2VjcmV0')
  })

  test('is refused as a whole section too', async () => {
    const around = '<system.webServer><httpProtocol configProtectionProvider="Aes" /></system.webServer>'
    expect(await reader.problems(hostFile(www, around))).toContainEqual(
      expect.stringContaining('<httpProtocol> is encrypted with Aes, which only Windows can decrypt.'),
    )
  })
})

describe('the section <ancmd>', () => {
  const own = (inside: string): string => hostFile(www, `<ancmd>\n${inside}</ancmd>`)

  test('names the proxies that are trusted, each once', async () => {
    const list = ['10.0.0.0/8', '192.168.1.7', '::1', 'fd00::/8', '10.0.0.0/8']
    const adds = list.map((address) => `<add ipAddress="${address}" />`)
    const { trustedProxies } = await reader.config(own(`<trustedProxies>${adds.join('')}</trustedProxies>`))
    expect(trustedProxies).toEqual(list.slice(0, 4))
    expect((await reader.config(hostFile(www))).trustedProxies).toEqual([])
  })

  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    'proxy.example',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0.1:80',
    '10.0.0.0/-1',
    '/8',
  ])('refuses %s as a proxy', async (address) => {
    expect(await reader.problems(own(`<trustedProxies><add ipAddress="${address}" /></trustedProxies>`))).toEqual([
      expect.stringMatching(/^2:\d+: error: ipAddress=".*" is no address and no network\. Write an address such as/),
    ])
  })

  test('says where the status page is to be', async () => {
    const text = own('<admin address="[::1]:8081" tokenFile="admin.token" />')
    expect((await reader.config(text)).admin).toEqual({
      address: '::1',
      port: 8081,
      tokenFile: join(reader.folder(), 'admin.token'),
    })
    expect(await reader.problems(text)).toEqual([])
    for (const address of ['8081', '*:8081', 'localhost:8081', '127.0.0.1:'])
      expect(await reader.problems(own(`<admin address="${address}" />`))).toContainEqual(
        expect.stringContaining('is no address and port. Write both, such as 127.0.0.1:8081 or [::1]:8081.'),
      )
  })
})

describe('the root of the file', () => {
  test('may have sections of others, which are named once', async () => {
    const around =
      '<configProtectedData /><system.ftpServer />\n<webFarms /><system.net /><location path="www"><system.web /><system.web /></location>'
    expect(await reader.problems(hostFile(www, around))).toEqual([
      '1:16: notice: These mean nothing here: <configProtectedData> (line 1), <system.ftpServer> (line 1), <webFarms> (line 2), <system.net> (line 2), <system.web> (line 2).',
    ])
  })

  test.each([
    [
      '<system.applicationhost />',
      '<configuration> may not hold <system.applicationhost>. Did you mean <system.applicationHost>?',
    ],
    ['<system.webserver />', 'Did you mean <system.webServer>?'],
    ['<locaton />', 'Did you mean <location>?'],
    ['<amcmd />', 'Did you mean <ancmd>?'],
  ])('with %s is told what was meant', async (around, expected) => {
    const problems = await reader.problems(hostFile(www, around))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(expected)
  })

  test.each([
    ['', 'The file holds no element.'],
    ['<web />', 'The file begins with <web>, not with <configuration>.'],
    ['<configuration>', ''],
    ['<configuration />', 'The file has no site.'],
    ['<!DOCTYPE x><configuration />', 'The file has a DOCTYPE'],
  ])('%s is refused', async (text, expected) => {
    const problems = await reader.problems(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^\d+:\d+: error: /)
    expect(problems[0]).toContain(expected)
  })

  test('has limits of all connections', async () => {
    const text = hostFile(www).replace(
      '<sites>',
      '<webLimits headerWaitTimeout="00:00:10" minBytesPerSecond="100" dynamicIdleThreshold="5" /><sites>',
    )
    expect((await reader.config(text)).webLimits).toEqual({ headerWaitTimeoutMs: 10_000, minBytesPerSecond: 100 })
    expect((await reader.config(hostFile(www))).webLimits).toBeUndefined()
    expect((await reader.problems(text)).join()).toContain('These mean nothing here: dynamicIdleThreshold (line 1).')
  })

  test('is frozen at every depth, without cycles', async () => {
    const { config } = await reader.load(hostFile(www, '<system.webServer><asp /></system.webServer>'))
    const walk = (value: unknown, above: readonly unknown[]): void => {
      if (typeof value !== 'object' || value === null || value instanceof Map) return
      expect(above).not.toContain(value)
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) walk(inner, [...above, value])
    }
    walk(config.ok ? config.value : undefined, [])
    expect(config.ok).toBe(true)
  })
})
