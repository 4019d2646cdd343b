import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { startWithHostFile } from '../support/host-file.ts'

const trustsUs = '<ancmd><trustedProxies><add ipAddress="127.0.0.1" /></trustedProxies></ancmd>'
const byHttps = { headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' } }

describe('<access sslFlags>', () => {
  test('keeps http out with 403.4, says so in the log, and believes a trusted proxy', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { webServer: '<security><access sslFlags="Ssl" /></security>' })
    const daemon = await startDaemon(folder, { args: ['--trusted-proxy', '127.0.0.1'] })
    const refused = await daemon.send('/HelloWorld')
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('<title>HTTP Error 403.4 - Forbidden</title>')
    expect(await daemon.event('requestRefused')).toMatchObject({
      status: 403,
      substatus: 4,
      reason: 'ssl-required',
      setting: 'sslFlags="Ssl"',
    })
    expect((await daemon.send('/HelloWorld', byHttps)).text).toBe('Hello World')
  })

  test('demands a certificate, of which a proxy cannot tell', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { webServer: '<security><access sslFlags="Ssl, SslRequireCert" /></security>' })
    const daemon = await startWithHostFile({ folder, configuration: trustsUs })
    expect((await daemon.send('/HelloWorld')).text).toContain('HTTP Error 403.4')
    expect((await daemon.send('/HelloWorld', byHttps)).text).toContain('HTTP Error 403.7')
  })
})

describe('<hsts>', () => {
  test('is told over https alone', async () => {
    const folder = await copyApp('node-twin')
    const site = '<hsts enabled="true" max-age="31536000" includeSubDomains="true" />'
    const daemon = await startWithHostFile({ folder, site, configuration: trustsUs })
    const field = 'Strict-Transport-Security'
    expect((await daemon.send('/HelloWorld', byHttps)).field(field)).toEqual(['max-age=31536000; includeSubDomains'])
    expect((await daemon.send('/HelloWorld')).field(field)).toEqual([])
  })

  test('sends http to https, without a port', async () => {
    const folder = await copyApp('node-twin')
    const site = '<hsts enabled="true" max-age="0" redirectHttpToHttps="true" />'
    const daemon = await startWithHostFile({ folder, site, configuration: trustsUs })
    const sent = await daemon.send('/a%2Fb?c=d', { headers: { Host: 'www.example.org:8080' } })
    expect([sent.status, sent.field('Location')]).toEqual([301, ['https://www.example.org/a%2Fb?c=d']])
    expect((await daemon.send('/HelloWorld', byHttps)).status).toBe(200)
  })
})
