import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startSites } from '../support/daemon.ts'
import { dropOfflineFile, renameOver, touch } from '../support/deployment.ts'
import { pause } from '../support/eventually.ts'
import { misbehavingApp, temporaryFolder, top } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { send } from '../support/send.ts'

interface Hosted {
  readonly daemon: Daemon
  readonly folder: string
  readonly file: string
  readonly port: number
}

/** Writes the host file with one site for each folder, the first on `port`. */
function sitesOf(folders: readonly string[], port: number, attributes = ''): string {
  const sites = folders.map((folder, index) => {
    const id = String(index + 1)
    return `<site name="site${id}" id="${id}">
      <application path="/" ${attributes}><virtualDirectory path="/" physicalPath="${folder}" /></application>
      <bindings><binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:${index === 0 ? '' : 'other'}" />
      </bindings></site>`
  })
  return `<configuration><system.applicationHost><sites>${sites.join('')}</sites></system.applicationHost></configuration>`
}

/** A program that knows no shutdown message, and that SIGTERM ends in the middle of an answer. */
async function program(kind: 'aspNetCore' | 'httpPlatform'): Promise<string> {
  const folder = await misbehavingApp('ends-in-mid-answer')
  if (kind === 'httpPlatform') {
    const text = await readFile(join(top, 'test/apps/plain/web.config'), 'utf8')
    const own = text.replace('.\\server.mjs %HTTP_PLATFORM_PORT%', '.\\misbehave.mjs ends-in-mid-answer')
    await writeFile(join(folder, 'web.config'), own)
  }
  return folder
}

const endings: readonly (readonly [string, (hosted: Hosted) => Promise<unknown>])[] = [
  ['its web.config is touched', ({ folder }) => touch(join(folder, 'web.config'))],
  ['app_offline.htm appears', ({ folder }) => dropOfflineFile(folder)],
  [
    'a setting of its application changes in the host file',
    ({ file, folder, port }) => renameOver(file, sitesOf([folder], port, 'preloadEnabled="true"')),
  ],
  [
    'its site is taken out of the host file',
    async ({ file, port }) => {
      const text = sitesOf(['/', await program('aspNetCore')], port)
      await renameOver(file, text.replace(/<site name="site1"[\s\S]*?<\/site>/, ''))
    },
  ],
]

describe.each(['aspNetCore', 'httpPlatform'] as const)('a program of <%s> that ends at SIGTERM', (kind) => {
  test.each(endings)('answers what is under way when %s', async (_what, end) => {
    const [folder, port] = [await program(kind), await freePort()]
    const file = join(await temporaryFolder(), 'ancmd.config')
    await writeFile(file, sitesOf([folder], port))
    const daemon = await startSites(file)
    const pid = Number((await send(`http://127.0.0.1:${String(port)}`, '/')).text)
    const held = await HeldRequest.open(port)
    await end({ daemon, folder, file, port })
    // Nothing says that the process is not told to end: longer than the change is waited out for.
    await pause(1500)
    expect(daemon.seen('processExited')).toEqual([])
    expect(await held.finish()).toMatch(wholeAnswer)
    expect(await daemon.event('processExited', (event) => event['pid'] === pid)).toMatchObject({ expected: true })
    expect(daemon.seen('processKilled')).toEqual([])
  })
})
