import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOrdinaryFile } from '../../../../src/platform/files/ordinary-file.ts'
import { openPaths } from '../../../support/open-paths.ts'
import { temporaryFolder } from '../../../support/folders.ts'

describe('a file that is read', () => {
  test('has its bytes', async () => {
    const file = join(await temporaryFolder(), 'users')
    await writeFile(file, 'a:b\n')
    expect((await readOrdinaryFile(file)).toString()).toBe('a:b\n')
  })

  test('that is a pipe, a folder, a device or nothing keeps nobody waiting, and leaves nothing open', async () => {
    const folder = await temporaryFolder()
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, '/dev/zero']) {
      await expect(readOrdinaryFile(path)).rejects.toMatchObject({ code: 'EFTYPE' })
    }
    await expect(readOrdinaryFile(folder)).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(readOrdinaryFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(openPaths(process.pid).filter((path) => path.startsWith(folder))).toEqual([])
  })
})
