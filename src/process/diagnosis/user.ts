import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { posix } from 'node:path'

/** A user of this machine, whose rights are asked for. */
export interface User {
  readonly name: string
  readonly uid: number
  /** The user's groups, the own one first. */
  readonly gids: readonly number[]
  readonly home: string | undefined
  /** Whether it is the user of this process, so that the system itself can be asked. */
  readonly isOurs: boolean
}

export type Right = 'read' | 'write' | 'execute'

/** The user of this process; HOME is taken from `environment`. */
export function ownUser(environment: Readonly<Record<string, string | undefined>>): User {
  const uid = process.geteuid?.() ?? -1
  const gids = [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])]
  return { name: ownName(uid), uid, gids, home: environment['HOME'], isOurs: true }
}

/** A user by name or number, from /etc/passwd and /etc/group; undefined when there is none. */
export function findUser(wanted: string): User | undefined {
  const row = rowsOf('/etc/passwd').find(([name, , uid]) => name === wanted || uid === wanted)
  if (row === undefined) return undefined
  const [name = '', , uid, gid, , home] = row
  const others = rowsOf('/etc/group').flatMap(([, , id, members]) => {
    return members?.split(',').includes(name) === true ? [Number(id)] : []
  })
  return { name, uid: Number(uid), gids: [Number(gid), ...others], home, isOurs: Number(uid) === process.geteuid?.() }
}

/**
 * What denies a user a right to a path: a sentence that names the file or the folder on the way to it; undefined when
 * nothing does. For another user than our own, only owner, group and mode count, no access lists.
 */
export function obstacleTo(path: string, right: Right, user: User): string | undefined {
  if (user.isOurs && isPermitted(path, right)) return undefined
  for (const folder of foldersAbove(path)) {
    const stats = statOf(folder)
    if (stats === undefined) return `${folder} does not exist`
    if (!permits(stats, 'execute', user)) return `${user.name} may not enter ${described(folder, stats)}`
  }
  const stats = statOf(path)
  if (stats === undefined) return `${path} does not exist`
  if (!permits(stats, right, user)) return `${user.name} may not ${right} ${described(path, stats)}`
  return user.isOurs
    ? `the system does not let ${user.name} ${right} ${path} (a read-only mount or a security module)`
    : undefined
}

function isPermitted(path: string, right: Right): boolean {
  try {
    accessSync(path, { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK }[right])
    return true
  } catch {
    return false
  }
}

/** Whether owner, group and mode give the right. */
function permits(stats: Stats, right: Right, { uid, gids }: User): boolean {
  const bit = { read: 4, write: 2, execute: 1 }[right]
  if (uid === 0) return right !== 'execute' || stats.isDirectory() || (stats.mode & 0o111) !== 0
  if (stats.uid === uid) return (stats.mode & (bit << 6)) !== 0
  if (gids.includes(stats.gid)) return (stats.mode & (bit << 3)) !== 0
  return (stats.mode & bit) !== 0
}

function described(path: string, { mode, uid, gid }: Stats): string {
  const owner = rowsOf('/etc/passwd').find((row) => row[2] === String(uid))?.[0] ?? String(uid)
  const group = rowsOf('/etc/group').find((row) => row[2] === String(gid))?.[0] ?? String(gid)
  return `${path} (${owner}:${group}, ${(mode & 0o7777).toString(8).padStart(4, '0')})`
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = []
  for (let at = posix.dirname(path); ; at = posix.dirname(at)) {
    folders.unshift(at)
    if (at === '/' || at === '.') return folders
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function rowsOf(file: string): readonly (readonly string[])[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}

/** userInfo() throws for a user without an entry, as in many containers. */
function ownName(uid: number): string {
  try {
    return userInfo().username
  } catch {
    return `user ${String(uid)}`
  }
}
