import type * as SignalR from '@microsoft/signalr'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { openPage } from '../support/browser.ts'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type DotnetApp, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder, top } from '../support/folders.ts'
import { hasProgram } from '../support/programs.ts'

const signalr = join(top, 'node_modules/@microsoft/signalr/dist/browser/signalr.js')

/** Hosts an app on http and https; returns the daemon and the address on https. */
async function overHttps(app: DotnetApp): Promise<{ readonly daemon: Daemon; readonly url: string }> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'site.pem'), `${testCertificate.cert}\n${testCertificate.key}\n`, { mode: 0o600 })
  const port = String(await freePort())
  const args = ['--https-port', port, '--cert', join(folder, 'site.pem')]
  const daemon = await startDaemon(await dotnetApp(app), { args })
  await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
  return { daemon, url: `https://localhost:${port}` }
}

/** The protocol of every resource that the page has loaded, as the browser names it. */
function protocolsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const entries = performance.getEntries().filter(({ entryType }) => ['navigation', 'resource'].includes(entryType))
    return [
      ...new Set(entries.map((entry) => (entry as unknown as { readonly nextHopProtocol: string }).nextHopProtocol)),
    ]
  })
}

/** Connects to the hub of the page's origin and returns what it echoes. */
function echoOver(page: Page, transport: number): Promise<string> {
  return page.evaluate(async (transportType) => {
    // The script of Microsoft's client, added to the page, has set this global.
    const { signalR } = globalThis as unknown as { signalR: typeof SignalR }
    const hub = new signalR.HubConnectionBuilder().withUrl('/hub', { transport: transportType }).build()
    await hub.start()
    const echoed: string = await hub.invoke('Echo', 'hello')
    await hub.stop()
    return echoed
  }, transport)
}

describe.skipIf(!hasDotnet || !hasProgram('chromium'))('Chromium', () => {
  test('shows the pages of an MVC app over https and HTTP/2, with styles and scripts', async () => {
    const { url } = await overHttps('mvc')
    const page = await openPage()
    const failed: string[] = []
    page.on('requestfailed', (request) => failed.push(request.url()))
    page.on('response', (response) => {
      if (response.status() >= 400) failed.push(`${String(response.status())} ${response.url()}`)
    })
    const answer = await page.goto(url, { waitUntil: 'networkidle' })
    expect(answer?.status()).toBe(200)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome')
    await page.getByRole('link', { name: 'Privacy' }).first().click()
    await page.waitForURL(`${url}/Home/Privacy`)
    expect(failed).toEqual([])
    expect(await protocolsOf(page)).toEqual(['h2'])
  })

  test('is led from http to https by the redirection of ASP.NET Core', async () => {
    const { daemon, url } = await overHttps('mvc')
    const page = await openPage()
    await page.goto(`http://localhost:${String(daemon.port)}/Home/Privacy`)
    expect(page.url()).toBe(`${url}/Home/Privacy`)
  })

  test.each([
    ['WebSockets', 1],
    ['server-sent events', 2],
    ['long polling', 4],
  ])('speaks to a SignalR hub over https by %s', async (_name, transport) => {
    const { url } = await overHttps('test-app')
    const page = await openPage()
    await page.goto(`${url}/HelloWorld`)
    await page.addScriptTag({ path: signalr })
    expect(await echoOver(page, transport)).toBe('hello')
  })
})
