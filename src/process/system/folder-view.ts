import { accessSync, closeSync, constants, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'

export type FilePresence = 'file' | 'executable' | 'folder' | 'missing'

/**
 * The questions that the search for a program may ask about files on a disk. Nothing throws: a file that cannot be seen
 * counts as missing.
 */
export interface FolderView {
  probe(path: string): FilePresence
  /** Names in a folder; none when it cannot be read. */
  list(folder: string): readonly string[]
  /** The first 64 KiB as text; '' when it cannot be read. */
  readHead(path: string): string
  /** The path with all links resolved; the path itself when they cannot be. */
  realPath(path: string): string
}

/** The real disk. Synchronous, because a start asks only a handful of questions. */
export const diskView: FolderView = {
  probe(path) {
    try {
      const found = statSync(path, { throwIfNoEntry: false })
      if (found === undefined) return 'missing'
      if (found.isDirectory()) return 'folder'
      // A pipe or a device is no program, and opening one could wait for ever.
      if (!found.isFile()) return 'missing'
    } catch {
      return 'missing'
    }
    try {
      accessSync(path, constants.X_OK)
      return 'executable'
    } catch {
      return 'file'
    }
  },
  list(folder) {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  readHead(path) {
    let file: number | undefined
    try {
      file = openSync(path, 'r')
      const bytes = Buffer.alloc(65_536)
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0))
    } catch {
      return ''
    } finally {
      if (file !== undefined) closeSync(file)
    }
  },
  realPath(path) {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  },
}
