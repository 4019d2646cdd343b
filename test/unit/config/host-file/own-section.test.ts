import { describe, expect, test } from 'vitest'
import { createReader, hostFile, site } from './read.ts'

const reader = createReader()
const binding = '<binding protocol="http" bindingInformation="*:80:" />'
const withOwn = (own: string): string => hostFile(site(binding), `<ancmd>${own}</ancmd>`)

describe('<ancmd>', () => {
  test('says how many connections an address may have', async () => {
    const { webLimits } = await reader.config(withOwn('<limits maxConnectionsPerAddress="100" />'))
    expect(webLimits).toEqual({ maxConnectionsPerAddress: 100 })
    expect((await reader.config(withOwn('<limits />'))).webLimits).toBeUndefined()
  })

  test('says how large the head of a request may be', async () => {
    const { webLimits } = await reader.config(withOwn('<limits maxRequestBytes="65536" />'))
    expect(webLimits).toEqual({ maxRequestBytes: 65_536 })
    for (const value of ['1023', '65537', '64k']) {
      const [problem] = await reader.problems(withOwn(`<limits maxRequestBytes="${value}" />`))
      expect(problem).toMatch(/^1:\d+: error: maxRequestBytes=.* Write a whole number from 1024 to 65536/)
    }
  })

  test.each(['-1', 'many', ''])('refuses maxConnectionsPerAddress="%s"', async (value) => {
    const [problem] = await reader.problems(withOwn(`<limits maxConnectionsPerAddress="${value}" />`))
    expect(problem).toMatch(/^1:\d+: error: maxConnectionsPerAddress=.* Write a whole number from 0 to 1000000/)
  })

  test('names the proxies that are trusted, each once', async () => {
    const proxies = ['10.0.0.0/8', '::1', '10.0.0.0/8'].map((address) => `<add ipAddress="${address}" />`)
    const { trustedProxies } = await reader.config(withOwn(`<trustedProxies>${proxies.join('')}</trustedProxies>`))
    expect(trustedProxies).toEqual(['10.0.0.0/8', '::1'])
  })

  test('has to name a proxy where a binding expects PROXY headers, or nobody reaches it', async () => {
    const proxied = site('<binding protocol="http" bindingInformation="*:80:" proxyProtocol="true" />')
    const named = '<ancmd><trustedProxies><add ipAddress="10.0.0.5" /></trustedProxies></ancmd>'
    expect(await reader.problems(hostFile(proxied, named))).toEqual([])
    const problems = await reader.problems(hostFile(proxied))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^1:\d+: warning: .* none is named, so nobody reaches it\. Write <ancmd><trustedProxies>/,
    )
  })

  test.each([
    ['*:8081:', '127.0.0.1:8081'],
    ['127.0.0.1:8081:example.org', '127.0.0.1:8081'],
    ['0.0.0.0:8081:', '127.0.0.1:8081'],
    ['[::]:8081:', '127.0.0.1:8081'],
    ['127.0.0.1:8081:', '[::]:8081'],
  ])('has no admin address that needs the port of the binding %s: %s', async (information, address) => {
    const clashing = site(`<binding protocol="http" bindingInformation="${information}" />`)
    const own = `<ancmd><admin address="${address}" tokenFile="token" /></ancmd>`
    const problems = await reader.problems(hostFile(clashing, own))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /is taken by the binding in <folder>\/ancmd\.config:1\. Give one of the two another port/,
    )
  })

  test.each([
    ['127.0.0.2:8081:', '127.0.0.1:8081'],
    ['[::1]:8081:', '127.0.0.1:8081'],
    ['0.0.0.0:8081:', '[::1]:8081'],
    ['*:8082:', '127.0.0.1:8081'],
  ])('has an admin address beside the binding %s: %s', async (information, address) => {
    const beside = site(`<binding protocol="http" bindingInformation="${information}" />`)
    expect(await reader.problems(hostFile(beside, `<ancmd><admin address="${address}" /></ancmd>`))).toEqual([])
  })
})
