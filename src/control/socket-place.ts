import { lstatSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** What decides where the control socket is. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Undefined on Windows. */
  readonly userId: number | undefined
  readonly temporaryFolder: string
  readonly pid: number
}

/** Where a daemon opens its control socket. */
export interface SocketPlace {
  /** A socket file; on Windows the name of a pipe. */
  readonly path: string
  /** Taken where another daemon listens on `path`; undefined: that is a failure. */
  readonly otherPath: string | undefined
  /** Folders other than one that was named by a person have to fulfil this. */
  readonly folder: FolderDemand | undefined
}

export interface FolderDemand {
  /** With these rights the folder is made if it is missing. */
  readonly mode: number
  /** It must belong to one of these users, and only they may write in it. */
  readonly owners: readonly number[]
}

const socketName = 'control.sock'
const systemFolder = '/run/ancmd'
const pipe = '\\\\.\\pipe\\'

/** The place that a person has named. */
export function namedPlace(path: string, platform: NodeJS.Platform): SocketPlace {
  const isPipe = platform === 'win32'
  const name = isPipe && !path.startsWith(pipe) ? pipe + path.replaceAll(/[\\/:]/g, '-') : path
  return { path: isPipe ? name : resolve(path), otherPath: undefined, folder: undefined }
}

/**
 * The places in the order of preference: the folder that the service manager gives, the system's for root, the user's
 * own for others. The first one whose folder can be used is taken.
 */
export function defaultPlaces(surroundings: Surroundings): readonly SocketPlace[] {
  const { platform, environment, userId = 0, temporaryFolder, pid } = surroundings
  if (platform === 'win32') {
    return [{ path: `${pipe}ancmd-control`, otherPath: `${pipe}ancmd-control-${String(pid)}`, folder: undefined }]
  }
  const given = runtimeDirectory(environment)
  const inFolder = (folder: string, demand: FolderDemand | undefined): SocketPlace => ({
    path: join(folder, socketName),
    otherPath: join(folder, `control-${String(pid)}.sock`),
    folder: demand,
  })
  if (given !== undefined) return [inFolder(given, undefined)]
  const own = { mode: 0o700, owners: [userId] }
  const { XDG_RUNTIME_DIR: xdg } = environment
  return [
    ...(userId === 0 ? [inFolder(systemFolder, { mode: 0o750, owners: [0] })] : []),
    ...(userId !== 0 && isOwn(xdg, userId) ? [inFolder(join(xdg, 'ancmd'), own)] : []),
    inFolder(temporaryPlace(temporaryFolder, userId), own),
  ]
}

/** The folders where daemons that this user may control have their sockets. */
export function searchedFolders({ environment, userId = 0, temporaryFolder }: Surroundings): readonly string[] {
  const given = runtimeDirectory(environment)
  if (given !== undefined) return [given]
  const { XDG_RUNTIME_DIR: xdg } = environment
  const own = [
    xdg === undefined || xdg === '' ? undefined : join(xdg, 'ancmd'),
    temporaryPlace(temporaryFolder, userId),
  ]
  // A folder of another user in a place where everybody may make folders could hold a socket that feigns to be ours.
  return [systemFolder, ...own.filter((folder) => isOwn(folder, userId))]
}

/** Whether a file of this name is a control socket of a daemon in a default place. */
export function isSocketName(name: string): boolean {
  return /^control(-\d+)?\.sock$/.test(name)
}

/** The most bytes that the path of a Unix socket may have, on Linux; Node cuts longer ones without a word. */
export const maxPathBytes = 107

/** A name beside `path` under which the socket is made before it is given its own. */
export function passingPath(path: string, pid: number): string {
  return join(dirname(path), `.${pid.toString(36)}`)
}

/** How many bytes too long a path is; 0 or less if it fits. */
export function excessBytes(path: string, pid: number): number {
  const passing = passingPath(path, pid)
  const longer = basename(passing).length > basename(path).length ? passing : path
  return Buffer.byteLength(longer) - maxPathBytes
}

function runtimeDirectory({ RUNTIME_DIRECTORY: given }: Surroundings['environment']): string | undefined {
  // systemd separates several ones by colons.
  const [first = ''] = (given ?? '').split(':')
  return first === '' ? undefined : first
}

function temporaryPlace(folder: string, userId: number): string {
  return join(folder, `ancmd-${String(userId)}`)
}

function isOwn(folder: string | undefined, userId: number): folder is string {
  if (folder === undefined || folder === '') return false
  try {
    const found = lstatSync(folder)
    return found.isDirectory() && found.uid === userId
  } catch {
    return false
  }
}
