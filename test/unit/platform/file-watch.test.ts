import { readdirSync, readFileSync, readlinkSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { chmod, link, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sightings } from '../../../src/platform/file-sights.ts'
import { FolderWatch } from '../../../src/platform/file-watch.ts'

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

async function open(watched = folder): Promise<FolderWatch> {
  watch = await FolderWatch.open(watched, ['web.config', 'app_offline.htm'], (now, changed) => {
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

/** Resolves when this name has been told, maybe in more than one breath with others. */
async function told(name: string): Promise<void> {
  while (!(await change()).changed.includes(name));
}

describe('folder watch', () => {
  it('finds the files that exist at the start, whatever their letter case', async () => {
    await writeFile(join(folder, 'Web.Config'), 'x')
    const opened = await open()
    expect(opened.seen.get('web.config')?.path).toBe(join(folder, 'Web.Config'))
  })

  it('reports a file that appears, is touched, is replaced and is deleted', async () => {
    await open()
    const file = join(folder, 'App_Offline.HTM')
    // In one step: nobody looks between its creation and its bytes.
    writeFileSync(file, 'one')
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

  it('looks again for a change that comes while it reports another', async () => {
    const opened = await FolderWatch.open(folder, ['web.config', 'app_offline.htm'], (now, changed) => {
      seen.push({ changed: [...changed], now })
      if (!changed.has('web.config')) return
      writeFileSync(join(folder, 'app_offline.htm'), 'x')
      void opened.look()
    })
    watch = opened
    writeFileSync(join(folder, 'web.config'), 'x')
    await opened.look()
    expect(seen.map(({ changed }) => changed)).toEqual([['web.config'], ['app_offline.htm']])
  })

  it('does not report other files, nor anything after close()', async () => {
    const opened = await open()
    await writeFile(join(folder, 'other.txt'), 'x')
    await opened.look()
    expect(seen).toEqual([])
    opened.close()
    await writeFile(join(folder, 'web.config'), 'x')
    await opened.look()
    expect(seen).toEqual([])
  })

  it('finds a folder that is made later', async () => {
    const later = join(folder, 'later')
    watch = await FolderWatch.open(later, ['web.config'], (now, changed) => {
      seen.push({ changed: [...changed], now })
      wake?.()
    })
    await mkdir(later)
    await writeFile(join(later, 'web.config'), 'x')
    await told('web.config')
  })
})

describe('a change that leaves modification time and size as they were', () => {
  it('is reported: another mode', async () => {
    const file = join(folder, 'web.config')
    await writeFile(file, 'one', { mode: 0o600 })
    await open()
    await chmod(file, 0o644)
    expect((await change()).changed).toEqual(['web.config'])
  })

  it('is reported: other bytes, as cp -p, tar and unzip write them', async () => {
    const file = join(folder, 'web.config')
    await writeFile(file, 'one')
    const then = new Date('2024-01-01T00:00:00Z')
    await utimes(file, then, then)
    await open()
    // Nobody can look between the two.
    writeFileSync(file, 'two')
    utimesSync(file, then, then)
    expect((await change()).changed).toEqual(['web.config'])
  })

  it('is not reported if only the number of hard links has changed, as for a file in two releases', async () => {
    const file = join(folder, 'web.config')
    await writeFile(file, 'one')
    const opened = await open()
    await link(file, join(folder, 'linked'))
    await opened.look()
    await rm(join(folder, 'linked'))
    await opened.look()
    expect(seen).toEqual([])
  })

  it('is reported: a name in another letter case, within one second on a file system that counts seconds', async () => {
    const hidden = join(folder, 'hidden')
    await writeFile(hidden, 'offline')
    const opened = await open()
    await opened.look()
    const { atime, mtime } = statSync(folder)
    utimesSync(folder, atime, mtime)
    await opened.look()
    renameSync(hidden, join(folder, 'App_Offline.HTM'))
    utimesSync(folder, atime, mtime)
    expect((await change()).changed).toEqual(['app_offline.htm'])
  })
})

describe('a path that comes to lead to another folder', () => {
  /** Two folders with one and the same web.config in both, and a link to the first. */
  async function releases(): Promise<{ one: string; two: string; current: string }> {
    const [one, two, current] = [join(folder, 'one'), join(folder, 'two'), join(folder, 'current')]
    await mkdir(one)
    await mkdir(two)
    await writeFile(join(one, 'web.config'), 'the same')
    await link(join(one, 'web.config'), join(two, 'web.config'))
    await symlink('one', current)
    return { one, two, current }
  }

  it('is reported, also when every file in the folder is the same one', async () => {
    const { current } = await releases()
    await open(current)
    await symlink('two', join(folder, 'new'))
    await rename(join(folder, 'new'), current)
    expect((await change()).changed).toEqual(['.'])
  })

  it('is reported: folders that are renamed', async () => {
    const { one, two } = await releases()
    await open(one)
    renameSync(one, join(folder, 'old'))
    renameSync(two, one)
    expect((await change()).changed).toEqual(['.'])
  })

  it('is reported: a switched link further up', async () => {
    const { current } = await releases()
    await mkdir(join(folder, 'one/app'))
    await mkdir(join(folder, 'two/app'))
    await open(join(current, 'app'))
    await symlink('two', join(folder, 'new'))
    await rename(join(folder, 'new'), current)
    expect((await change()).changed).toEqual(['.'])
  })

  it('is reported: a folder that is removed and made again', async () => {
    const { one } = await releases()
    await open(one)
    await rename(one, join(folder, 'away'))
    await told('.')
    await rename(join(folder, 'away'), one)
    await told('.')
  })

  it.skipIf(process.platform !== 'linux')(
    "is watched by the kernel's events, and the folder of before is not",
    async () => {
      const { one, two, current } = await releases()
      await open(current)
      expect(watchedFolders()).toContain(inodeOf(one))
      expect(watchedFolders()).toContain(inodeOf(folder))
      await symlink('two', join(folder, 'new'))
      await rename(join(folder, 'new'), current)
      await told('.')
      expect(watchedFolders()).toContain(inodeOf(two))
      expect(watchedFolders()).not.toContain(inodeOf(one))
      await watch?.look()
      watch?.close()
      expect(watchedFolders()).toEqual([])
    },
  )
})

function inodeOf(path: string): string {
  return statSync(path).ino.toString(16)
}

/** Inodes, in hexadecimal, of what this process has an inotify watch on below the folder of this test. */
function watchedFolders(): string[] {
  const own = new Set([folder, ...readdirSync(folder).map((name) => join(folder, name))].map(inodeOf))
  return readdirSync('/proc/self/fd')
    .filter((descriptor) => targetOf(descriptor) === 'anon_inode:inotify')
    .flatMap((descriptor) => [...readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8').matchAll(/ ino:(\w+) /g)])
    .map(([, inode]) => inode ?? '')
    .filter((inode) => own.has(inode))
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}
