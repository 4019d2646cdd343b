import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atTheEnd } from '../../support/ending.ts'
import { temporaryFolder } from '../../support/folders.ts'

/** A file system of one megabyte, or undefined where this user may not mount one. */
export async function smallDisk(): Promise<SmallDisk | undefined> {
  const folder = join(await temporaryFolder(), 'disk')
  await mkdir(folder)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0
  if (!mounted) return undefined
  atTheEnd(() => {
    spawnSync('umount', ['--lazy', folder])
  })
  return new SmallDisk(folder)
}

/** Whether smallDisk() will find one; for titles. */
export function mayMount(): boolean {
  return spawnSync('unshare', ['--mount', 'true']).status === 0
}

export class SmallDisk {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Not a byte is left. */
  async fill(): Promise<void> {
    await writeFile(join(this.folder, 'ballast'), Buffer.alloc(2 * 1024 * 1024)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    })
  }

  async free(): Promise<void> {
    await rm(join(this.folder, 'ballast'))
  }
}
