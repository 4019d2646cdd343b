import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { basicAuthentication, by } from '../support/auth-app.ts'
import { type Daemon, startDaemon, startSites } from '../support/daemon.ts'
import { renameOver } from '../support/deployment.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'

const processes = 3
const attributes = { processesPerApplication: String(processes) }

/** The ids of the processes that run. */
function running(daemon: Daemon): readonly unknown[] {
  const ended = new Set(daemon.seen('processExited').map(({ pid }) => pid))
  return daemon
    .seen('processStarted')
    .map(({ pid }) => pid)
    .filter((pid) => !ended.has(pid))
}

/** What alice gets, from `change` on until every process that ran before it has ended: each answer once. */
async function answersDuring(daemon: Daemon, change: () => Promise<void>): Promise<Set<string>> {
  await eventually('three processes run', async () => {
    await daemon.send('/')
    return running(daemon).length === processes
  })
  const before = running(daemon)
  // The cookie leads to one of them, for as long as it takes requests.
  const [cookie = ''] = (await daemon.send('/')).field('Set-Cookie')
  const Cookie = cookie.split(';')[0] ?? ''
  const answers = new Set<string>()
  await change()
  await eventually('the processes from before have ended', async () => {
    for (const headers of [by('alice'), { ...by('alice'), Cookie }]) {
      const { status, text } = await daemon.send('/', { headers })
      answers.add(status === 200 ? text : String(status))
    }
    return !running(daemon).some((pid) => before.includes(pid))
  })
  return answers
}

beforeAll(async () => {
  if (hasDotnet) await buildStartupHooks()
})

describe.skipIf(!hasDotnet)('users of an app with three processes', () => {
  test('are known from the moment on in which web.config asks who they are, and nobody gets 500', async () => {
    const folder = await dotnetApp('auth')
    await editWebConfig(folder, { attributes })
    const file = join(folder, 'web.config')
    const [before, section] = [await readFile(file, 'utf8'), await basicAuthentication()]
    const daemon = await startDaemon(folder)
    const answers = await answersDuring(daemon, () =>
      renameOver(file, before.replace('</system.webServer>', `${section}</system.webServer>`)),
    )
    expect([...answers].sort()).toEqual(['hello alice', 'hello nobody'])
    const off = await answersDuring(daemon, () => renameOver(file, before))
    expect([...off].sort()).toEqual(['hello alice', 'hello nobody'])
    expect(daemon.seen('userNotTaken')).toEqual([])
  })

  test('are known from the moment on in which the host file asks who they are, and nobody gets 500', async () => {
    const folder = await dotnetApp('auth')
    await editWebConfig(folder, { attributes })
    const file = join(await temporaryFolder(), 'ancmd.config')
    const port = String(await freePort())
    const written = (locations = '') =>
      `<configuration><system.applicationHost><sites><site name="one" id="1">` +
      `<application path="/"><virtualDirectory path="/" physicalPath="${folder}" /></application>` +
      `<bindings><binding protocol="http" bindingInformation="127.0.0.1:${port}:" /></bindings>` +
      `</site></sites></system.applicationHost>${locations}</configuration>`
    await writeFile(file, written())
    const daemon = await startSites(file)
    const section = await basicAuthentication()
    const answers = await answersDuring(daemon, () =>
      renameOver(file, written(`<location path="one"><system.webServer>${section}</system.webServer></location>`)),
    )
    expect([...answers].sort()).toEqual(['hello alice', 'hello nobody'])
    expect(daemon.seen('userNotTaken')).toEqual([])
  })
})
