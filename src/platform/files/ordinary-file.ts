import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Otherwise opening a named pipe would wait for somebody who writes to it. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Opens a file for reading. Rejects with the error of the system, with EISDIR for a folder, or with EFTYPE for a pipe or
 * a device, which could keep a reader waiting for ever. The file that is read is the one that was checked.
 */
export async function openOrdinaryFile(file: string): Promise<FileHandle> {
  const opened = await open(file, flags)
  const about = await opened.stat()
  if (about.isFile()) return opened
  await opened.close()
  if (about.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  throw Object.assign(new Error('it is no ordinary file'), { code: 'EFTYPE' })
}

/** The bytes of a file; rejects as openOrdinaryFile() does. */
export async function readOrdinaryFile(file: string): Promise<Buffer> {
  const opened = await openOrdinaryFile(file)
  try {
    return await opened.readFile()
  } finally {
    await opened.close()
  }
}
