import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Why this file could not be opened to append to it, as an errno name; undefined: nothing speaks against it. It is looked
 * at only: nothing is made, and a pipe is not opened, because its reader would take the close for the end.
 */
export async function logObstacle(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file).catch(absent)
    if (found === undefined) await examineFolder(dirname(file))
    else if (found.isDirectory()) return 'EISDIR'
    else if (found.isSocket()) return 'ENXIO'
    else await access(file, constants.W_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
  }
}

/** Throws if no file can be made in this folder, or if the folder itself cannot be made. */
async function examineFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(absent)
  if (found === undefined && dirname(folder) !== folder) await examineFolder(dirname(folder))
  else await access(folder, constants.W_OK | constants.X_OK)
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
