import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { logFileName } from './log-file-name.ts'
import { makeFolder } from '../platform/files/make-folder.ts'

/** How many names are tried. A name contains the second of the start, so more starts within one second get none. */
const maxNames = 100

export interface LogFile {
  readonly path: string
  readonly file: FileHandle
}

/** Why there is no file: the path that could not be made, and the errno name. */
export interface LogFileFailure {
  readonly path: string
  readonly code: string
}

/**
 * Makes a new log file and the folders above it. Never opens an existing file or follows a link. The file is readable
 * by owner and group only, since an app may print private data.
 */
export async function createLogFile(
  prefix: string,
  startedAt: Date,
  pid: number,
): Promise<{ readonly made: LogFile } | { readonly failed: LogFileFailure }> {
  let path = dirname(prefix)
  try {
    await makeFolder(path)
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_APPEND, O_WRONLY } = constants
    for (let taken = 0; taken < maxNames; taken++) {
      path = logFileName(prefix, startedAt, pid, taken)
      const file = await openNew(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND)
      if (file !== undefined) return { made: { path, file } }
    }
    return { failed: { path, code: 'EEXIST' } }
  } catch (error) {
    const { code, path: failedPath } = error as NodeJS.ErrnoException
    return { failed: { path: failedPath ?? path, code: code ?? 'UNKNOWN' } }
  }
}

/** Creates and opens the file; undefined when a file of this name exists already. */
async function openNew(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags, 0o640)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}
