import { execPath } from 'node:process'
import { expect, test } from 'vitest'
import { type Machine, firstBytesOf, thisMachine } from '../../../../src/process/diagnosis/machine.ts'
import { checkProgram, mountWithoutExec } from '../../../../src/process/diagnosis/program.ts'
import { ownUser, type User } from '../../../../src/process/diagnosis/user.ts'
import { readProgramFile } from '../../../../src/process/diagnosis/program-file.ts'
import { diskView } from '../../../../src/process/system/folder-view.ts'
import { createFolders } from '../../config/folders.ts'
import { elf } from '../../../support/elf.ts'

const folderOf = createFolders()
const machine: Machine = { ...thisMachine(), architecture: 'x64', platform: 'linux', distributions: ['debian'] }

async function findingsOf(head: Buffer): Promise<readonly string[]> {
  const { writeFile } = await import('node:fs/promises')
  const file = `${folderOf({})}/App`
  await writeFile(file, head, { mode: 0o755 })
  const { findings } = checkProgram({ file, args: [], cwd: '/', notes: [] }, ownUser({}), machine, diskView)
  return findings.map(({ text, cure, command }) => `${text} ${cure} ${command ?? ''}`)
}

test('the program that runs this test is one for this machine', () => {
  const found = readProgramFile(firstBytesOf(execPath))
  expect(found).toMatchObject({ system: 'Linux', architecture: process.arch })
  expect(diskView.probe(found?.interpreter ?? '')).not.toBe('missing')
})

test('a program for another processor is named with both', async () => {
  const [finding] = await findingsOf(elf({ machine: 0xb7, interpreter: '/lib/ld-linux-aarch64.so.1' }))
  expect(finding).toMatch(/is built for arm64, but this machine is x64\. .*dotnet publish -r linux-x64/)
})

test('a program for Alpine says so where musl is missing', async () => {
  const [finding] = await findingsOf(elf({ machine: 0x3e, interpreter: '/lib/ld-musl-nowhere.so.1' }))
  expect(finding).toContain('needs the loader /lib/ld-musl-nowhere.so.1')
  expect(finding).toContain('built for Alpine (linux-musl); publish it for this system: dotnet publish -r linux-x64')
})

test('a program that another user may not reach, be it through a link, says so and names the folder', async () => {
  const { chmod, mkdir, symlink, writeFile } = await import('node:fs/promises')
  const folder = folderOf({})
  await mkdir(`${folder}/closed`)
  await writeFile(`${folder}/closed/dotnet`, '#!/bin/sh\n', { mode: 0o755 })
  await symlink('closed/dotnet', `${folder}/dotnet`)
  await chmod(folder, 0o755)
  await chmod(`${folder}/closed`, 0o700)
  const stranger: User = { name: 'shop', uid: 54_321, gids: [54_321], home: undefined, isOurs: false }
  for (const name of ['closed/dotnet', 'dotnet']) {
    const command = { file: `${folder}/${name}`, args: [], cwd: '/', notes: [] }
    const [finding] = checkProgram(command, stranger, machine, diskView).findings
    expect(finding).toMatchObject({ level: 'error' })
    expect(finding?.text).toContain(`cannot be run by shop: shop may not enter ${diskView.realPath(folder)}/closed`)
    expect(checkProgram(command, ownUser({}), machine, diskView).findings).toEqual([])
  }
})

test.each([
  ['Windows', Buffer.from('MZ\u0090\0\u0003\0', 'latin1')],
  ['macOS', Buffer.from([0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1])],
])('a program for %s says so', async (system, head) => {
  expect((await findingsOf(head))[0]).toContain(`is a program for ${system}.`)
})

test('a script, an empty file and a cut header are left to the system', async () => {
  expect(await findingsOf(Buffer.from('#!/bin/sh\n'))).toEqual([])
  expect(await findingsOf(Buffer.alloc(0))).toEqual([])
  expect(await findingsOf(elf({ machine: 0x3e, interpreter: '/lib64/x' }).subarray(0, 40))).toEqual([])
})

test('the innermost mount decides whether a file may be executed', () => {
  const mounts = [
    'overlay / overlay rw 0 0',
    'tmpfs /srv tmpfs rw,nosuid,noexec 0 0',
    '/dev/sdb1 /srv/apps ext4 rw 0 0',
    'tmpfs /srvother tmpfs rw,noexec 0 0',
  ].join('\n')
  expect(mountWithoutExec('/srv/www/App', mounts)).toBe('/srv')
  expect(mountWithoutExec('/srv/apps/App', mounts)).toBeUndefined()
  expect(mountWithoutExec('/srvo', mounts)).toBeUndefined()
})
