import { expect, test } from 'vitest'
import { ancmd } from '../support/daemon.ts'
import { copyApp } from '../support/folders.ts'
import { informationIn } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

const trusted = ['--trusted-proxy', '127.0.0.1', '--trusted-proxy', '10.0.0.0/8', '--log-level', 'debug']

withEachTwin('the request behind a trusted proxy', { args: trusted }, (daemon) => {
  const ask = async (headers: Readonly<Record<string, string | string[]>>) =>
    informationIn((await daemon().send('/RequestInformation', { headers })).text)

  test('has the address and the scheme of the client that the proxy tells of', async () => {
    const seen = await ask({ 'X-Forwarded-For': '203.0.113.9:5678', 'X-Forwarded-Proto': 'https', Host: 'public' })
    expect(seen).toMatchObject({ Scheme: 'https', Remote: '203.0.113.9 5678', Host: 'public' })
  })

  test("keeps the proxy's own lists", async () => {
    const seen = await ask({ 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' })
    expect(seen.Remote).toBe('203.0.113.9 0')
    expect(seen.field('X-Forwarded-For')).toEqual(['203.0.113.9'])
    expect(seen.field('X-Forwarded-Proto')).toEqual(['https'])
  })

  test.each([
    ['6.6.6.6, 203.0.113.9, 10.0.0.3, 10.0.0.2', '203.0.113.9'],
    ['10.0.0.9, 10.0.0.3', '10.0.0.9'],
    ['[2001:db8::1]:5678, 10.0.0.2', '2001:db8::1'],
    ['203.0.113.9, unknown', '127.0.0.1'],
  ])('has of the chain %s the address %s', async (chain, address) => {
    const seen = await ask({ 'X-Forwarded-For': chain })
    expect(seen.Remote.split(' ')[0]).toBe(address)
    expect(seen.Scheme).toBe('http')
  })

  test('stands in the log with the address of the client', async () => {
    await ask({ 'X-Forwarded-For': '203.0.113.44' })
    await daemon().event('request', ({ remoteAddress }) => remoteAddress === '203.0.113.44')
  })
})

test('a network that is none, or PROXY headers from nobody, are refused at the start', async () => {
  const folder = await copyApp('node-twin')
  const wrong = await ancmd(['run', folder, '--trusted-proxy', '10.0.0.0/64'])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("not '10.0.0.0/64'") as string])
  const nobody = await ancmd(['run', folder, '--proxy-protocol'])
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('needs --trusted-proxy') as string])
})
