import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

const webServer =
  '<security><ipSecurity denyAction="NotFound"><add ipAddress="192.0.2.0" subnetMask="255.255.255.0" /></ipSecurity>' +
  '<authorization><add accessType="Deny" users="?" verbs="DELETE" /></authorization></security>' +
  '<httpProtocol allowKeepAlive="false"><redirectHeaders><add name="X-Moved" value="1" /></redirectHeaders></httpProtocol>' +
  '<httpErrors errorMode="Custom"><error statusCode="404" responseMode="ExecuteURL" path="/HelloWorld" /></httpErrors>' +
  '<httpRedirect enabled="true" exactDestination="true"><add wildcard="*.php" destination="/new$V$Q" /></httpRedirect>'

withEachTwin('modules of IIS', { edit: { webServer }, args: ['--trusted-proxy', '127.0.0.1'] }, (daemon) => {
  test('module-guards: an address is refused that a trusted proxy tells of, and no other', async () => {
    const from = async (address: string) => {
      return (await daemon().send('/HelloWorld', { headers: { 'X-Forwarded-For': address } })).status
    }
    expect([await from('192.0.2.7'), await from('198.51.100.7')]).toEqual([404, 200])
    expect(await daemon().event('requestRefused')).toMatchObject({ substatus: 503, remoteAddress: '192.0.2.7' })
  })

  test('module-guards: a method is refused to users that are not known, by 401.2', async () => {
    const answer = await daemon().send('/HelloWorld', { method: 'DELETE' })
    expect([answer.status, answer.text.includes('HTTP Error 401.2')]).toEqual([401, true])
  })

  test('module-errors: the app makes the page of an error of ours, which keeps its status', async () => {
    const answer = await daemon().send('/web.config')
    expect([answer.status, answer.text]).toEqual([404, 'Hello World'])
  })

  test('module-redirect: a wildcard redirects, with the headers of redirects, and the connection ends', async () => {
    const answer = await daemon().send('/a.php?b')
    expect([answer.status, answer.field('Location'), answer.field('X-Moved')]).toEqual([302, ['/new/a.php?b'], ['1']])
    expect(answer.field('Connection')).toEqual(['close'])
    expect((await daemon().send('/HelloWorld')).field('X-Moved')).toEqual([])
  })
})

test('module-errors: a file is sent instead of 502.3', async () => {
  const folder = await misbehavingApp('exit 3 0', {
    attributes: { disableStartUpErrorPage: 'true' },
    webServer:
      '<httpErrors errorMode="Custom"><error statusCode="502" subStatusCode="3" path="away.html" /></httpErrors>',
  })
  await writeFile(join(folder, 'away.html'), '<p>we are away</p>')
  const answer = await (await startDaemon(folder)).send('/')
  expect([answer.status, answer.text]).toEqual([502, '<p>we are away</p>'])
})

test('module-errors: errorMode="Detailed" shows every client why the app could not start', async () => {
  const folder = await misbehavingApp('exit 3 0', { webServer: '<httpErrors errorMode="Detailed" />' })
  const daemon = await startDaemon(folder)
  const answer = await daemon.send('/', { headers: { 'X-Forwarded-For': '192.0.2.1' } })
  expect(answer.text).toContain('<h2>Details</h2>')
})

test('module-guards: what keeps clients out cannot be removed', async () => {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { webServer: '<modules><remove name="RequestFilteringModule" /></modules>' })
  expect((await (await startDaemon(folder)).send('/')).text).toContain('HTTP Error 500.19')
})

const fileHandler =
  '<handlers><add name="Files" path="wwwroot/*" verb="*" modules="StaticFileModule" resourceType="File" />' +
  '<add name="app" path="*" verb="*" modules="AspNetCoreModuleV2" /></handlers>'
const toRoot =
  '<rewrite><rules><rule name="files"><match url="^(.+\\..+)$" /><action type="Rewrite" url="wwwroot/{R:1}" /></rule></rules></rewrite>'

test('module-static-content: files of wwwroot are served without the app, and everything else by it', async () => {
  const folder = await copyApp('node-twin')
  await mkdir(join(folder, 'wwwroot'))
  await writeFile(join(folder, 'wwwroot/site.css'), 'body { color: red }')
  await writeFile(join(folder, 'wwwroot/appsettings.json'), '{}')
  await replaceHandlers(folder, fileHandler + toRoot)
  const daemon = await startDaemon(folder)
  const file = await daemon.send('/site.css')
  expect([file.status, file.text, file.field('Content-Type')]).toEqual([200, 'body { color: red }', ['text/css']])
  expect(daemon.events.map(({ event }) => event)).not.toContain('processStarted')
  expect((await daemon.send('/HelloWorld')).text).toBe('Hello World')
  expect((await daemon.send('/appsettings.json')).text).not.toBe('{}')
  const again = await daemon.send('/site.css', { headers: { 'If-None-Match': file.field('ETag') } })
  expect(again.status).toBe(304)
})

const pages = '<applicationInitialization><add initializationPage="/Abort" /></applicationInitialization>'

withEachTwin('initialization', { edit: { webServer: pages } }, (daemon) => {
  test('module-initialization: a new process is asked for its page first, and a page that fails keeps nobody away', async () => {
    expect((await daemon().send('/HelloWorld')).text).toBe('Hello World')
    const failed = await daemon().event('initializationFailed')
    expect(failed).toMatchObject({ page: '/Abort' })
    const names = daemon().events.map(({ event }) => event)
    expect(names.indexOf('initializationFailed')).toBeLessThan(names.indexOf('processStarted'))
  })
})

async function replaceHandlers(folder: string, xml: string): Promise<void> {
  const file = join(folder, 'web.config')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/<handlers>[\s\S]*<\/handlers>/, xml))
}
