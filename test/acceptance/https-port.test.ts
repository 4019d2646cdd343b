import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { makeCertificate } from '../support/openssl.ts'

/** A daemon with an http and an https binding, and the port of the latter. */
async function startWithHttps(folder: string, ports = 1) {
  const { cert, key } = await makeCertificate()
  const https = Array.from({ length: ports }, () => ['--https-port', '0', '--cert', cert, '--key', key]).flat()
  const daemon = await startDaemon(folder, { args: https })
  const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
  return { daemon, httpsPort: String(port) }
}

describe('the https port of the site', () => {
  test('tls-https-port-env: an app is told the one https port', async () => {
    const { daemon, httpsPort } = await startWithHttps(await copyApp('node-twin'))
    expect(await daemon.text('/ANCM_HTTPS_PORT')).toBe(httpsPort)
  })

  test('an app is told none of several https ports', async () => {
    const { daemon } = await startWithHttps(await copyApp('node-twin'), 2)
    expect(await daemon.text('/ANCM_HTTPS_PORT')).toBe('NOVALUE')
  })

  test('tls-https-port-override: web.config replaces it, and plain HTTPS_PORT is not set', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { environment: { ASPNETCORE_ANCM_HTTPS_PORT: '123' } })
    const { daemon } = await startWithHttps(folder)
    expect([await daemon.text('/ANCM_HTTPS_PORT'), await daemon.text('/HTTPS_PORT')]).toEqual(['123', 'NOVALUE'])
  })

  test.skipIf(!hasDotnet)('tls-redirect: UseHttpsRedirection redirects to it without any setting', async () => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { environment: { ENABLE_HTTPS_REDIRECTION: 'true' } })
    const { daemon, httpsPort } = await startWithHttps(folder)
    const { status, field } = await daemon.send('/ANCM_HTTPS_PORT')
    expect(status).toBe(307)
    expect(field('location')).toEqual([`https://127.0.0.1:${httpsPort}/ANCM_HTTPS_PORT`])
  })
})
