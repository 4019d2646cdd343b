import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { writeOfflineFile } from '../../../src/site/operations/offline-file.ts'
import { operationFailureText } from '../../../src/site/operations/operation.ts'
import { createFolders } from '../config/folders.ts'

const folderOf = createFolders()

test('offline says at once that a folder, or a link that leads nowhere, has the name of its file', async () => {
  const folder = folderOf({})
  await mkdir(`${folder}/folder`)
  await symlink('/nowhere/page.htm', `${folder}/link`)
  for (const name of ['folder', 'link']) expect(await writeOfflineFile(`${folder}/${name}`)).toBe('EEXIST')
  expect(operationFailureText({ why: 'file-failed', file: '/srv/app_offline.htm', code: 'EEXIST' })).toBe(
    '/srv/app_offline.htm cannot be written, because a folder, or a link that leads nowhere, has that name (EEXIST). Remove it.',
  )
})

test('offline leaves a page alone that is there, also by a link', async () => {
  const folder = folderOf({})
  await writeFile(`${folder}/page`, 'back soon')
  await symlink('page', `${folder}/link`)
  for (const name of ['page', 'link']) expect(await writeOfflineFile(`${folder}/${name}`)).toBeUndefined()
})
