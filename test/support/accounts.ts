import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './folders.ts'

const library = 'libnss_wrapper.so'

/** Whether programs can be shown accounts that the system does not have; in CI they have to be. */
export const canShowAccounts =
  process.env['CI'] === 'true' ||
  (process.platform === 'linux' && spawnSync('true', { env: { LD_PRELOAD: library }, encoding: 'utf8' }).stderr === '')

/** An environment in which the system has these accounts and no others, each of them in a group of its own beside `all`. */
export async function withAccounts(
  groups: ReadonlyMap<string, string>,
): Promise<Readonly<Record<'LD_PRELOAD' | 'NSS_WRAPPER_PASSWD' | 'NSS_WRAPPER_GROUP', string>>> {
  const folder = await temporaryFolder()
  const [passwd, group] = [join(folder, 'passwd'), join(folder, 'group')]
  const named = [...groups].map(([account, name], i) => ({ account, name, id: String(20_000 + i) }))
  const lines = named.map(({ account, id }) => `${account}:x:${id}:10000::/:/bin/false\n`)
  await writeFile(passwd, lines.join(''))
  const ofGroups = named.map(({ account, name, id }) => `${name}:x:${id}:${account}\n`)
  await writeFile(group, `all:x:10000:\n${ofGroups.join('')}`)
  return { LD_PRELOAD: library, NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: group }
}
