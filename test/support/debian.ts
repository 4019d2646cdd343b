import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder, top } from './folders.ts'
import { program } from './programs.ts'

const execute = promisify(execFile)

/** Makes the Debian package in a folder of its own; resolves with its file. */
export async function makePackage(): Promise<string> {
  const args = ['config/scripts/package-deb.mjs', await temporaryFolder()]
  const environment = { ...process.env, SOURCE_DATE_EPOCH: '1780000000' }
  return (await execute(process.execPath, args, { cwd: top, env: environment })).stdout.trim()
}

/** A folder that stands for a system which has nothing but an empty database of packages. */
export async function emptySystem(): Promise<string> {
  const root = await temporaryFolder()
  await chmod(root, 0o755)
  for (const folder of ['info', 'updates', 'triggers']) {
    await mkdir(join(root, 'var/lib/dpkg', folder), { recursive: true })
  }
  await mkdir(join(root, 'etc'))
  for (const file of ['var/lib/dpkg/status', 'var/lib/dpkg/available']) await writeFile(join(root, file), '')
  return root
}

/** dpkg on that system; the scripts of packages are run, too. */
export async function dpkg(root: string, ...args: readonly string[]): Promise<void> {
  const force = ['--force-script-chrootless', '--force-depends', '--force-confold']
  await execute(program('dpkg-deb').replace(/-deb$/, ''), [`--root=${root}`, ...force, ...args], {
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** The user that the package has made there. */
export async function serviceUser(root: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const users = await readFile(join(root, 'etc/passwd'), 'utf8')
  const [, uid = '', gid = ''] = /^ancmd:x:(\d+):(\d+):/m.exec(users) ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/** What the unit starts, without the program, for files that lie below `root`. */
export async function unitArguments(root: string): Promise<readonly string[]> {
  const unit = await readFile(join(root, 'usr/lib/systemd/system/ancmd.service'), 'utf8')
  const [, command = ''] = /^ExecStart=\/usr\/bin\/ancmd (.*)$/m.exec(unit) ?? []
  return command.replace('/etc/ancmd', join(root, 'etc/ancmd')).replace('pretty', 'json').split(' ')
}
