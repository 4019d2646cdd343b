import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HostStatus } from '../host/host.ts'
import { callControl } from './client.ts'
import { isSocketName, searchedFolders, type Surroundings } from './socket-place.ts'

/** A daemon that answers on a control socket. */
export interface FoundDaemon {
  readonly path: string
  readonly status: HostStatus
}

export interface Search {
  readonly daemons: readonly FoundDaemon[]
  /** Sockets that this user may not connect to. */
  readonly denied: readonly string[]
  /** Where was looked, for a message. */
  readonly folders: readonly string[]
}

/** How long a daemon that hangs is waited for. */
const limitMs = 5000

/** Asks every daemon whose control socket is in a default place. */
export async function findDaemons(surroundings: Surroundings): Promise<Search> {
  const folders = surroundings.platform === 'win32' ? ['\\\\.\\pipe\\'] : searchedFolders(surroundings)
  const paths = folders.flatMap((folder) => {
    const isSocket =
      surroundings.platform === 'win32' ? (name: string) => /^ancmd-control(-\d+)?$/.test(name) : isSocketName
    return names(folder)
      .filter(isSocket)
      .map((name) => join(folder, name))
  })
  const denied = folders.filter((folder) => names(folder) === noRight)
  const daemons: FoundDaemon[] = []
  await Promise.all(
    paths.map(async (path) => {
      const answer = await callControl(path, { segments: ['status'], signal: AbortSignal.timeout(limitMs) })
      if (answer.ok) daemons.push({ path, status: answer.value as HostStatus })
      else if (answer.failure.why === 'unreachable' && isDenied(answer.failure.code)) denied.push(path)
    }),
  )
  daemons.sort((one, other) => (one.path < other.path ? -1 : 1))
  return { daemons, denied, folders }
}

export function isDenied(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM'
}

const none: readonly string[] = []
const noRight: readonly string[] = []

/** What is in a folder: `none` if it is missing, `noRight` if it may not be read. */
function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    return isDenied((error as NodeJS.ErrnoException).code ?? '') ? noRight : none
  }
}
