import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Otherwise opening a named pipe would wait for somebody who writes to it. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Opens a file for reading. Rejects with the error of the system, or with the code EFTYPE where it is no file but a
 * folder, a pipe or a device, which could keep a reader waiting for ever.
 */
export async function openOrdinaryFile(file: string): Promise<FileHandle> {
  const opened = await open(file, flags)
  const about = await opened.stat()
  if (about.isFile()) return opened
  await opened.close()
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
