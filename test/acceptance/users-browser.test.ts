import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { intranetApp } from '../support/auth-app.ts'
import { openPageOfUser } from '../support/browser.ts'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folders.ts'
import { browserHost, hasKerberos, Kdc } from '../support/kdc.ts'
import { hasProgram } from '../support/programs.ts'

const hasAll = hasKerberos && hasDotnet && hasProgram('chromium')

/** Loads the page until it is there: to the first requests Chromium sends no ticket, while it still looks for its library. */
async function loggedIn(page: Page, url: string): Promise<string | null> {
  await eventually(`${url} is shown`, async () => (await page.goto(url))?.status() === 200)
  return page.textContent('body')
}

/** What the page gets from its own host. */
const fetched = (page: Page, target: string): Promise<string> =>
  page.evaluate(async (path) => (await fetch(path)).text(), target)

describe.skipIf(!hasAll)('Chromium', () => {
  let kdc: Kdc
  beforeAll(async () => {
    await buildStartupHooks()
    kdc = await Kdc.start(['alice', 'bob'])
  })

  async function start(args: readonly string[] = []): Promise<Daemon> {
    const folder = await intranetApp(kdc, {}, { anonymous: false, keytab: kdc.browserKeytab })
    return startDaemon(folder, { environment: kdc.daemonEnvironment, args })
  }

  test('authentication-negotiate: users of Chromium with a ticket are the users of the app, each under the own name', async () => {
    const daemon = await start()
    const url = `http://${browserHost}:${String(daemon.port)}/secret`
    const ofAlice = await openPageOfUser(kdc.environmentOf('alice'))
    expect(await loggedIn(ofAlice, url)).toBe('secret of alice@TEST.LOCAL')
    const ofBob = await openPageOfUser(kdc.environmentOf('bob'))
    expect(await loggedIn(ofBob, url)).toBe('secret of bob@TEST.LOCAL')
    expect(await fetched(ofAlice, '/')).toBe('hello alice@TEST.LOCAL')
    expect(await fetched(ofBob, '/')).toBe('hello bob@TEST.LOCAL')
    const hello = await ofAlice.evaluate(
      (to) =>
        new Promise<string>((resolve, reject) => {
          const socket = new WebSocket(to)
          socket.onmessage = ({ data }) => {
            resolve(String(data))
          }
          socket.onerror = () => {
            reject(new Error('the WebSocket has failed'))
          }
        }),
      `ws://${browserHost}:${String(daemon.port)}/socket`,
    )
    expect(hello).toBe('hello alice@TEST.LOCAL')
  })

  test('authentication-negotiate: Chromium without a ticket shows the page of 401.2', async () => {
    const daemon = await start()
    const page = await openPageOfUser({ ...kdc.environmentOf('alice'), KRB5CCNAME: '/nowhere' })
    const url = `http://${browserHost}:${String(daemon.port)}/secret`
    for (const _ of ['while it looks for its library', 'after that']) {
      expect((await page.goto(url))?.status()).toBe(401)
      expect(await page.title()).toContain('HTTP Error 401.')
    }
    expect(daemon.seen('processStarted')).toEqual([])
  })

  test('authentication-negotiate: Chromium goes back from HTTP/2 to HTTP/1.1 for a ticket, and its user is known', async () => {
    const folder = await temporaryFolder()
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    await writeFile(cert, testCertificate.cert)
    await writeFile(key, testCertificate.key, { mode: 0o600 })
    const accessLog = join(folder, 'access.log')
    const daemon = await start(['--https-port', '0', '--cert', cert, '--key', key, '--access-log', accessLog])
    const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
    const page = await openPageOfUser(kdc.environmentOf('alice'))
    expect(await loggedIn(page, `https://${browserHost}:${String(port)}/secret`)).toBe('secret of alice@TEST.LOCAL')
    expect(await fetched(page, '/')).toBe('hello alice@TEST.LOCAL')
    const written = await eventually('the page is in the access log', async () => {
      const log = await readFile(accessLog, 'utf8')
      return / GET \/secret .* alice@TEST\.LOCAL .* 200 .* HTTP\/1\.1 /.test(log) ? log : undefined
    })
    expect(written).toMatch(/ GET \/secret .* 401 2 .* HTTP\/2\.0 /)
  })
})
