import { accessSync, closeSync, constants, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'

export type FilePresence = 'file' | 'executable' | 'folder' | 'missing'

/** What command.ts may ask of a disk. Nothing throws: what cannot be seen is missing. */
export interface FolderView {
  probe(path: string): FilePresence
  /** Names in a folder; none when it cannot be read. */
  list(folder: string): readonly string[]
  /** The first 64 KiB as text; '' when it cannot be read. */
  readHead(path: string): string
  /** Where links lead to; the path itself when that cannot be told. */
  realPath(path: string): string
}

/** The disk itself. Synchronous: a start asks a handful of questions, once. */
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
