import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Daemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { informationIn } from '../support/send.ts'

const rewriteTo = (pattern: string, url: string): string =>
  `<rule name="${pattern}"><match url="${pattern}" /><action type="Rewrite" url="${url}" /></rule>`
const rules = (...all: readonly string[]): string => `<rewrite><rules>${all.join('')}</rules></rewrite>`
const field = (value: string): string =>
  `<httpProtocol><customHeaders><add name="X-App" value="${value}" /></customHeaders></httpProtocol>`

const root = rules(
  rewriteTo('^sold/(.*)$', '/shop/{R:1}'),
  rewriteTo('^round$', '/shop/round'),
  rewriteTo('^away$', '/closed/x'),
)
const shop =
  rules(rewriteTo('^home$', '/HelloWorld'), rewriteTo('^round$', '/sold/x')) +
  field('shop') +
  '<security><requestFiltering><hiddenSegments><add segment="till" /></hiddenSegments></requestFiltering></security>'

describe('rules that lead to another application of the site', () => {
  let daemon: Daemon
  let accessLog = ''

  beforeAll(async () => {
    const [first, second] = [await copyApp('node-twin'), await copyApp('node-twin')]
    await editWebConfig(first, { webServer: root + field('root') })
    await editWebConfig(second, { webServer: shop })
    accessLog = join(await temporaryFolder(), 'access.log')
    const application = (path: string, more = ''): string =>
      `<application path="${path}" ${more}><virtualDirectory path="/" physicalPath="${second}" /></application>`
    const globalRules = rewriteTo('^everywhere/(.*)$', '/shop/{R:1}')
    daemon = await startWithHostFile(
      {
        folder: first,
        site: application('/shop') + application('/closed', 'applicationPool="closed"'),
        applicationHost: '<applicationPools><add name="closed" autoStart="false" /></applicationPools>',
        configuration: `<system.webServer><rewrite><globalRules>${globalRules}</globalRules></rewrite></system.webServer>`,
      },
      { args: ['--access-log', accessLog, '--access-log-format', 'combined'] },
    )
  })

  test('module-rewrite: are answered by that one, under its path, with its headers alone', async () => {
    for (const path of ['/sold/RequestInformation', '/everywhere/RequestInformation']) {
      const answer = await daemon.send(path)
      expect([path, answer.status, answer.field('X-App')]).toEqual([path, 200, ['shop']])
      expect(informationIn(answer.text)).toMatchObject({ PathBase: '/shop', Path: '/RequestInformation' })
      const asked = path.replace('RequestInformation', 'GetRequestHeaderValueX-Original-URL')
      expect(await daemon.text(asked)).toBe(asked)
    }
    expect((await daemon.send('/HelloWorld')).field('X-App')).toEqual(['root'])
  })

  test('module-rewrite: pass what guards that one', async () => {
    expect((await daemon.send('/everywhere/till/x')).status).toBe(404)
    expect((await daemon.send('/sold/till/x')).status).toBe(404)
    expect((await daemon.send('/till/x')).status).not.toBe(404)
  })

  test('module-rewrite: lead from an application below back to the one above', async () => {
    const answer = await daemon.send('/shop/home')
    expect([answer.text, answer.field('X-App')]).toEqual(['Hello World', ['root']])
  })

  test('module-rewrite: that lead round in a circle are 500.50, and to a stopped application 503', async () => {
    expect((await daemon.send('/round')).status).toBe(500)
    const refused = await daemon.event('requestRefused', ({ reason }) => reason === 'rule-fault')
    expect(refused['setting']).toContain('leads out of its application')
    expect((await daemon.send('/away')).status).toBe(503)
  })

  test('module-rewrite: are one line in the access log, with the address that was asked for', async () => {
    const marked = '/sold/HelloWorld?line=once'
    expect(await daemon.text(marked)).toBe('Hello World')
    const lines = async (): Promise<readonly string[]> => (await readFile(accessLog, 'utf8')).split('\n')
    await expect.poll(async () => (await lines()).filter((line) => line.includes('line=once')).length).toBe(1)
    await daemon.text('/HelloWorld?line=last')
    await expect.poll(async () => (await lines()).some((line) => line.includes('line=last'))).toBe(true)
    expect((await lines()).filter((line) => line.includes(marked))).toHaveLength(1)
  })
})

describe('an application of rules alone, before another one', () => {
  let daemon: Daemon
  let root = ''
  let child = ''
  const viaRules = '//URLRewriteApp/Rewrite2//AspNetCoreApp/ProcessId'

  beforeAll(async () => {
    ;[root, child] = [await copyApp('node-twin'), await copyApp('node-twin')]
    const rewriting = await copyApp('node-twin')
    await editWebConfig(rewriting, { webServer: rules(rewriteTo('^rewrite2/+([^/]+)/(.*)$', '/{R:1}/{R:2}')) })
    const application = (path: string, folder: string): string =>
      `<application path="${path}"><virtualDirectory path="/" physicalPath="${folder}" /></application>`
    const site = application('/URLRewriteApp', rewriting) + application('/AspNetCoreApp', child)
    daemon = await startWithHostFile({ folder: root, site })
  })

  /** The id of the process that answers through the rules, once it is another one than before. */
  const nextProcess = (before: string): Promise<string> =>
    eventually('another process answers through the rules', async () => {
      const answer = await daemon.send(viaRules)
      return answer.status === 200 && answer.text !== before ? answer.text : undefined
    })

  test('glob-rewrite-child: its web.config away and back, three times, is a new process through the rules each time', async () => {
    let pid = await daemon.text(viaRules)
    expect(pid).toBe(await daemon.text('/AspNetCoreApp/ProcessId'))
    for (let round = 0; round < 3; round += 1) {
      await rename(join(child, 'web.config'), join(child, '_web.config'))
      await eventually(
        'there is no configuration',
        async () => (await daemon.send(viaRules)).status === 500 || undefined,
      )
      await rename(join(child, '_web.config'), join(child, 'web.config'))
      pid = await nextProcess(pid)
    }
  })

  test('glob-rewrite-parent: the web.config of the root away and back is a new process through the rules', async () => {
    const pid = await daemon.text(viaRules)
    await rename(join(root, 'web.config'), join(root, '_web.config'))
    const next = await nextProcess(pid)
    await rename(join(root, '_web.config'), join(root, 'web.config'))
    await nextProcess(next)
  })

  test('off-urlrewrite-delete: app_offline.htm is shown through the rules until it is deleted', async () => {
    const page = join(child, 'app_offline.htm')
    for (let round = 0; round < 3; round += 1) {
      const pid = await nextProcess('')
      await writeFile(page, 'closed for today')
      await eventually(
        'it is offline',
        async () => (await daemon.send(viaRules)).text === 'closed for today' || undefined,
      )
      await rm(page)
      await nextProcess(pid)
    }
  })
})
