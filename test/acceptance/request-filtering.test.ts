import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

const filtering = (attributes: string, inner: string): string =>
  `<security><requestFiltering ${attributes}>${inner}</requestFiltering></security>`
const webServer = filtering(
  'allowDoubleEscaping="true" removeServerHeader="true"',
  '<hiddenSegments><add segment="bin" /></hiddenSegments>' +
    '<verbs><add verb="DELETE" allowed="false" /></verbs>' +
    '<denyQueryStringSequences><add sequence="&lt;" /></denyQueryStringSequences>',
)

withEachTwin('request filtering by default', {}, (daemon) => {
  test.each([
    ['/a%252Fb', 404, 11],
    ['/a+b', 404, 11],
    ['/x/WEB%2Econfig', 404, 8],
    [`/${'a'.repeat(4096)}`, 404, 14],
    [`/?${'a'.repeat(2049)}`, 404, 15],
  ])('module-request-filtering: refuses %s', async (target, status, substatus) => {
    const answer = await daemon().send(target)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(`<title>HTTP Error ${String(status)}.${String(substatus)} - `)
  })

  test('module-request-filtering: lets a query have anything', async () => {
    expect((await daemon().send('/HelloWorld?q=a+b%252B/web.config')).status).toBe(200)
  })
})

withEachTwin('request filtering', { edit: { webServer } }, (daemon) => {
  test('module-request-filtering: refuses a hidden segment, a verb and a query', async () => {
    const answers = [
      await daemon().send('/api/BIN/x'),
      await daemon().send('/HelloWorld', { method: 'DELETE' }),
      await daemon().send('/HelloWorld?q=%3C'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
    expect(answers.map(({ text }) => /<title>HTTP Error (\S+)/.exec(text)?.[1])).toEqual(['404.8', '404.6', '404.18'])
    const event = await daemon().event('requestRefused')
    expect(event).toMatchObject({ reason: 'hidden-segment', substatus: 8, setting: '<hiddenSegments> "bin"' })
  })

  test('module-request-filtering: takes the Server field away, and passes a plus on', async () => {
    const answer = await daemon().send('/HelloWorld')
    expect([answer.status, answer.field('Server')]).toEqual([200, []])
    expect(await daemon().text('/RequestPath/a+b')).toBe('/a+b')
  })
})

test('module-request-filtering: stands in the access log with its substatus', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'ancmd-filtering-')), 'access.log')
  const daemon = await startDaemon(await copyApp('node-twin'), { args: ['--access-log', file] })
  await daemon.send('/web.config')
  const line = await eventually('the line of the request', async () => {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    return lines.find((text) => text.includes('/web.config'))
  })
  expect(line).toContain(' 404 8 0 ')
})

test('module-request-filtering: what is wrong is 500.19, and check names line, column and cure', async () => {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { webServer: filtering('', '<verbs><add verb="GET" /></verbs>') })
  const checked = await ancmd(['check', folder])
  expect(checked.stdout + checked.stderr).toMatch(
    /web\.config:\d+:\d+: error: <add> has no allowed\. Add allowed="…"\./,
  )
  const daemon = await startDaemon(folder)
  expect((await daemon.send('/')).text).toContain('<title>HTTP Error 500.19 - ')
})
