import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderWatch, type Sightings } from '../../../src/platform/file-watch.ts'

let folder: string
let watch: FolderWatch | undefined
const seen: { changed: readonly string[]; now: Sightings }[] = []
let wake: (() => void) | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-watch-'))
  seen.length = 0
})

afterEach(async () => {
  watch?.close()
  await rm(folder, { recursive: true })
})

async function open(): Promise<FolderWatch> {
  watch = await FolderWatch.open(folder, ['web.config', 'app_offline.htm'], (now, changed) => {
    seen.push({ changed: [...changed], now })
    wake?.()
  })
  return watch
}

async function change(): Promise<{ changed: readonly string[]; now: Sightings }> {
  while (seen.length === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  return seen.shift() as { changed: readonly string[]; now: Sightings }
}

describe('folder watch', () => {
  it('knows what is there at the start, whatever its letter case', async () => {
    await writeFile(join(folder, 'Web.Config'), 'x')
    const opened = await open()
    expect(opened.seen.get('web.config')?.path).toBe(join(folder, 'Web.Config'))
  })

  it('tells of a file that appears, is touched, is renamed over and goes', async () => {
    await open()
    const file = join(folder, 'App_Offline.HTM')
    await writeFile(file, 'one')
    expect((await change()).changed).toEqual(['app_offline.htm'])
    await utimes(file, new Date(), new Date(Date.now() + 5000))
    expect((await change()).changed).toEqual(['app_offline.htm'])
    await writeFile(join(folder, 'new'), 'two!')
    await rename(join(folder, 'new'), file)
    expect((await change()).changed).toEqual(['app_offline.htm'])
    await rm(file)
    const gone = await change()
    expect(gone.changed).toEqual(['app_offline.htm'])
    expect(gone.now.has('app_offline.htm')).toBe(false)
  })

  it('says nothing of other files, nor after close', async () => {
    const opened = await open()
    await writeFile(join(folder, 'other.txt'), 'x')
    await opened.look()
    expect(seen).toEqual([])
    opened.close()
    await writeFile(join(folder, 'web.config'), 'x')
    await opened.look()
    expect(seen).toEqual([])
  })

  it('finds a folder that does not exist yet when it comes', async () => {
    const later = join(folder, 'later')
    watch = await FolderWatch.open(later, ['web.config'], (now, changed) => {
      seen.push({ changed: [...changed], now })
      wake?.()
    })
    await (await import('node:fs/promises')).mkdir(later)
    await writeFile(join(later, 'web.config'), 'x')
    expect((await change()).changed).toEqual(['web.config'])
  })
})
