import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FolderEvents } from '../../../src/platform/folder-events.ts'
import { FolderWatch } from '../../../src/platform/file-watch.ts'

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ancmd-events-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** Writes to files that nobody watches, until told to stop. Two by turns, because the kernel makes one of equal events. */
function startStorm(folder: string): () => void {
  let writes = 0
  const storm = setInterval(() => {
    for (let i = 0; i < 20; i++) writeFileSync(join(folder, `log${String(writes++ % 2)}`), String(writes))
  }, 2)
  const stop = (): void => {
    clearInterval(storm)
  }
  onTestFinished(stop)
  return stop
}

test('while other files are written without end the kernel is not asked, and afterwards it is again', async () => {
  const folder = await openFolder()
  let lost = 0
  let told = 0
  const events = new FolderEvents(folder, new Set(['web.config']), { onEvent: () => told++, onLost: () => lost++ })
  onTestFinished(() => {
    events.close()
  })
  await events.open()
  const stop = startStorm(folder)
  await expect.poll(() => lost, { timeout: 10_000 }).toBe(1)
  expect([events.arrive, events.stale, told]).toEqual([false, false, 0])
  stop()
  let looks = 0
  for (; !events.stale; looks++) events.looking()
  expect(looks).toBe(20)
  await events.open()
  expect([events.arrive, events.stale]).toEqual([true, false])
  writeFileSync(join(folder, 'Web.config'), 'x')
  await expect.poll(() => told).toBeGreaterThan(0)
})

test('a few writes to other files between two looks change nothing', async () => {
  const folder = await openFolder()
  let lost = 0
  const events = new FolderEvents(folder, new Set(['web.config']), { onEvent: () => undefined, onLost: () => lost++ })
  onTestFinished(() => {
    events.close()
  })
  await events.open()
  for (let looks = 0; looks < 10; looks++) {
    for (let i = 0; i < 40; i++) writeFileSync(join(folder, `log${String(i % 2)}`), String(i))
    await new Promise((resolve) => setTimeout(resolve, 20))
    events.looking()
  }
  expect([lost, events.arrive]).toEqual([0, true])
})

test('a change is told soon while other files are written without end, and after that', async () => {
  const folder = await openFolder()
  const changed: string[] = []
  const watch = await FolderWatch.open(folder, ['web.config', 'app_offline.htm'], (_seen, names) => {
    changed.push(...names)
  })
  onTestFinished(() => {
    watch.close()
  })
  const stop = startStorm(folder)
  await new Promise((resolve) => setTimeout(resolve, 300))
  writeFileSync(join(folder, 'web.config'), 'x')
  await expect.poll(() => changed, { timeout: 2_000 }).toEqual(['web.config'])
  stop()
  writeFileSync(join(folder, 'App_Offline.htm'), 'x')
  await expect.poll(() => changed, { timeout: 2_000 }).toEqual(['web.config', 'app_offline.htm'])
})
