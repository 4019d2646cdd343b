import { chmod, mkdir, open, rename, rm, symlink } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import {
  answerOf,
  dropOfflineFile,
  expectPage,
  nextProcessId,
  offlinePage,
  removeOfflineFile,
  touch,
} from '../support/deployment.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'

describe('app_offline.htm', () => {
  test('off-locked: a file that cannot be read gives an empty page', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    // Root may read everything but this.
    if (process.getuid?.() === 0) await symlink('/proc/self/mem', join(folder, 'app_offline.htm'))
    else {
      await dropOfflineFile(`${folder}/..`)
      await chmod(join(folder, '../app_offline.htm'), 0)
      await rename(join(folder, '../app_offline.htm'), join(folder, 'app_offline.htm'))
    }
    expectPage(await answerOf(daemon, 503), '')
    await removeOfflineFile(folder)
    await answerOf(daemon, 200)
  })

  test('that is empty gives an empty page', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await dropOfflineFile(folder, '')
    expectPage(await answerOf(daemon, 503), '')
  })

  test.each(['App_Offline.htm', 'APP_OFFLINE.HTM', 'app_offline.HTM'])('counts as %s as well', async (name) => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await dropOfflineFile(folder, offlinePage, name)
    expectPage(await answerOf(daemon, 503))
    await removeOfflineFile(folder, name)
    await answerOf(daemon, 200)
  })

  test.each(['app_offline.html', 'app_offline.ht', 'app', 'my_app_offline.htm'])('is not meant by %s', async (name) => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    await dropOfflineFile(folder, offlinePage, name)
    // The real one, seen after it, tells that the other had been seen.
    expect(await daemon.processId()).toBe(pid)
    await dropOfflineFile(folder)
    await answerOf(daemon, 503)
    await removeOfflineFile(folder)
    await answerOf(daemon, 200)
    expect(daemon.seen('applicationOffline')).toHaveLength(1)
  })

  test('a folder of that name does not count', async () => {
    const folder = await copyApp('node-twin')
    await mkdir(join(folder, 'app_offline.htm'))
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    await rm(join(folder, 'app_offline.htm'), { recursive: true })
    await dropOfflineFile(folder)
    await answerOf(daemon, 503)
  })

  test('is shown with every byte as it is, also when it is large and no text', async () => {
    const folder = await copyApp('node-twin')
    const page = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
    const daemon = await startDaemon(folder)
    await dropOfflineFile(`${folder}/..`, page)
    await rename(join(folder, '../app_offline.htm'), join(folder, 'app_offline.htm'))
    expectPage(await answerOf(daemon, 503), page)
  })

  test('that changes is shown as it is now; emptied for a moment, as it was', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    await dropOfflineFile(folder, 'Back at noon.')
    await eventually('the new page is shown', async () => (await daemon.send('/')).text === 'Back at noon.')
    await dropOfflineFile(folder, '')
    // Long enough to be noticed; nothing says that nothing changes.
    for (let asked = 0; asked < 20; asked += 1, await pause(20)) expectPage(await daemon.send('/'), 'Back at noon.')
    await dropOfflineFile(folder, 'Back at one.')
    await eventually('the newest page is shown', async () => (await daemon.send('/')).text === 'Back at one.')
    expect(daemon.seen('applicationOffline')).toHaveLength(1)
  })

  test('that is written a moment after it was made is not shown empty', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const file = await open(join(folder, 'app_offline.htm'), 'w')
    await daemon.event('applicationOffline')
    const asked = daemon.send('/HelloWorld')
    // Longer than a deployment takes between making a file and writing it.
    await pause(300)
    await file.write(offlinePage)
    await file.close()
    expectPage(await asked)
  })

  test('that goes away while it is still empty: requests that waited for it are answered by the app', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await dropOfflineFile(folder, '')
    await daemon.event('applicationOffline')
    const asked = daemon.send('/HelloWorld')
    await removeOfflineFile(folder)
    expect(await asked).toMatchObject({ status: 200, text: 'Hello World' })
  })

  // Windows has no pipes in folders.
  test.skipIf(process.platform === 'win32')('a pipe of that name does not count, and holds up nothing', async () => {
    const folder = await copyApp('node-twin')
    expect(spawnSync('mkfifo', [join(folder, 'app_offline.htm')]).status).toBe(0)
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await touch(join(folder, 'web.config'))
    await nextProcessId(daemon, first)
    expect(daemon.seen('applicationOffline')).toEqual([])
  })
})
