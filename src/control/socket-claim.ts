import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { failed, ok, type Result } from '../platform/result.ts'
import { lockFolder } from './folder-lock.ts'
import {
  excessBytes,
  type FolderDemand,
  isSocketName,
  maxPathBytes,
  passingPath,
  type SocketPlace,
} from './socket-place.ts'

/** Why a control socket cannot be opened. */
export type SocketFailure =
  | { readonly why: 'path-too-long'; readonly path: string }
  | { readonly why: 'no-folder' | 'no-permission' | 'failed'; readonly path: string; readonly code: string }
  | { readonly why: 'unsafe-folder' | 'in-use' | 'no-socket'; readonly path: string }

/** A socket that this process listens on. */
export interface SocketClaim {
  readonly path: string
  /** The path that was asked for, where another daemon listens on it. */
  readonly takenPath: string | undefined
  /** Removes the socket file. Idempotent. */
  release(): void
}

/** How long a daemon may take to accept a connection. */
const probeMs = 2000

/** Says why a control socket cannot be opened, and what to do. */
export function socketFailureText(failure: SocketFailure): string {
  const { why, path } = failure
  switch (why) {
    case 'path-too-long':
      return `the path of the control socket is too long for the system (at most ${String(maxPathBytes)} bytes): ${path}. Name a shorter one with --control`
    case 'no-folder':
      return `the folder of the control socket ${path} is missing or cannot be made (${failure.code}). Make it, or name another path with --control`
    case 'no-permission':
      return `the control socket ${path} may not be opened by this user (${failure.code}). Name another path with --control`
    case 'failed':
      return `the control socket ${path} cannot be opened (${failure.code}). Name another path with --control`
    case 'unsafe-folder':
      return `the folder of the control socket ${path} belongs to another user, or others may write in it. Remove it, or name another path with --control`
    case 'in-use':
      return `another daemon listens on the control socket ${path}. Stop it, or name another path with --control`
    case 'no-socket':
      return `${path} is a file and no control socket, so it stays. Name another path with --control`
  }
}

/**
 * Makes `server` listen on the first of these places whose folder can be used. A socket file that a killed daemon has
 * left is replaced. Of two daemons that do this at the same time only one gets the path: on Linux a socket in the
 * abstract namespace, which ends with its process, is the lock.
 */
export async function claimSocket(
  places: readonly SocketPlace[],
  server: Server,
): Promise<Result<SocketClaim, SocketFailure>> {
  let failure: SocketFailure = { why: 'failed', path: '', code: 'no place' }
  for (const place of places) {
    const claimed = await claimPlace(place, server)
    if (claimed.ok) return claimed
    failure = claimed.failure
  }
  return failed(failure)
}

async function claimPlace(place: SocketPlace, server: Server): Promise<Result<SocketClaim, SocketFailure>> {
  if (process.platform === 'win32') return claimPipe(place, server)
  const { path, otherPath, folder } = place
  if (excessBytes(otherPath ?? path, process.pid) > 0) return failed({ why: 'path-too-long', path })
  const unusable = prepareFolder(path, folder)
  if (unusable !== undefined) return failed(unusable)
  const unlock = await lockFolder(dirname(path))
  try {
    if (otherPath !== undefined) await sweep(dirname(path))
    const found = await probe(path)
    if (found === 'free' || found === 'stale') return await listen(server, path, undefined)
    if (found === 'alive' && otherPath !== undefined) return await listen(server, otherPath, path)
    return failed(found === 'alive' ? { why: 'in-use', path } : found)
  } finally {
    unlock()
  }
}

function prepareFolder(path: string, demand: FolderDemand | undefined): SocketFailure | undefined {
  const folder = dirname(path)
  try {
    if (demand === undefined)
      return statSync(folder).isDirectory() ? undefined : { why: 'no-folder', path, code: 'ENOTDIR' }
    try {
      mkdirSync(folder, { mode: demand.mode })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const found = lstatSync(folder)
    const isSafe = found.isDirectory() && demand.owners.includes(found.uid)
    if (!isSafe) return { why: 'unsafe-folder', path }
    const excess = found.mode & 0o777 & ~demand.mode & 0o022
    if (excess !== 0) chmodSync(folder, demand.mode)
    return undefined
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    const isForbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
    return { why: isForbidden ? 'no-permission' : 'no-folder', path, code }
  }
}

/** What is at a path: nothing, what a killed daemon left, a daemon, or something that is to be left alone. */
async function probe(path: string): Promise<'free' | 'stale' | 'alive' | SocketFailure> {
  try {
    if (!lstatSync(path).isSocket()) return { why: 'no-socket', path }
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'free' : { why: 'no-permission', path, code }
  }
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (found: 'free' | 'stale' | 'alive' | SocketFailure): void => {
      socket.destroy()
      resolve(found)
    }
    socket.setTimeout(probeMs, () => {
      end('alive')
    })
    socket.once('connect', () => {
      end('alive')
    })
    socket.once('error', ({ code = 'failed' }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') end('stale')
      else if (code === 'ENOENT') end('free')
      // Its queue is full.
      else if (code === 'EAGAIN') end('alive')
      else end({ why: 'no-permission', path, code })
    })
  })
}

/** The socket is made beside its place with its final rights, and then moved there in one step. */
async function listen(
  server: Server,
  path: string,
  takenPath: string | undefined,
): Promise<Result<SocketClaim, SocketFailure>> {
  const passing = passingPath(path, process.pid)
  try {
    // Only this process can have a file of this name.
    rmSync(passing, { force: true })
    await listenOwn(server, passing)
    if (isForGroup(dirname(path))) chmodSync(passing, 0o660)
    renameSync(passing, path)
    const { ino } = lstatSync(path)
    return ok({
      path,
      takenPath,
      release: () => {
        removeOwn(path, ino)
      },
    })
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    server.close()
    rmSync(passing, { force: true })
    return failed({
      why: code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'no-permission' : 'failed',
      path,
      code,
    })
  }
}

/** With rights for its owner alone. */
function listenOwn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // The file is made before listen() returns.
    const mask = process.umask(0o177)
    try {
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    } finally {
      process.umask(mask)
    }
  })
}

/** Whether the folder lets in its group, and nobody beyond it. */
function isForGroup(folder: string): boolean {
  const { mode } = statSync(folder)
  return (mode & 0o010) !== 0 && (mode & 0o007) === 0
}

function removeOwn(path: string, ino: number): void {
  try {
    if (lstatSync(path).ino === ino) rmSync(path)
  } catch {
    // Somebody has removed it already.
  }
}

/**
 * Removes what killed daemons have left in a default place, but for `control.sock` itself; nothing where this user may not
 * look or remove, because the socket can be made nevertheless, or its failure tells more.
 */
async function sweep(folder: string): Promise<void> {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (isSocketName(name) && name.includes('-') && (await probe(path)) === 'stale') rmSync(path, { force: true })
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error
  }
}

function claimPipe({ path, otherPath }: SocketPlace, server: Server): Promise<Result<SocketClaim, SocketFailure>> {
  return new Promise((resolve) => {
    const release = (): void => undefined
    const attempt = (name: string, takenPath: string | undefined): void => {
      server.once('error', ({ code = 'failed' }: NodeJS.ErrnoException) => {
        if (code === 'EADDRINUSE' && takenPath === undefined && otherPath !== undefined) attempt(otherPath, path)
        else resolve(failed(code === 'EADDRINUSE' ? { why: 'in-use', path } : { why: 'failed', path, code }))
      })
      server.listen(name, () => {
        server.removeAllListeners('error')
        resolve(ok({ path: name, takenPath, release }))
      })
    }
    attempt(path, undefined)
  })
}
