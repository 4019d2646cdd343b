import { readFileSync, realpathSync, statSync } from 'node:fs'
import { extname, join, sep } from 'node:path'

/** The bytes of a page and their type. */
export interface ErrorFile {
  readonly body: Uint8Array
  readonly contentType: string
}

/** Larger files are not sent. */
const maxBytes = 1_048_576

const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.xml': 'application/xml',
}

interface Known extends ErrorFile {
  readonly version: string
}

/**
 * Reads the pages below one folder. Life: that of the configuration. Each page is kept until its file changes; that is
 * looked at for every error, at once and not later, so that an error is answered before the next request is read.
 */
export class ErrorFiles {
  readonly #folder: string
  readonly #known = new Map<string, Known>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Undefined if there is no such file, if it cannot be read, or if a link leads out of the folder. */
  read(path: string): ErrorFile | undefined {
    try {
      const file = realpathSync(join(this.#folder, path))
      if (!file.startsWith(`${realpathSync(this.#folder)}${sep}`)) return undefined
      const about = statSync(file)
      if (!about.isFile() || about.size > maxBytes) return undefined
      const version = `${file} ${String(about.mtimeMs)} ${String(about.ctimeMs)} ${String(about.size)}`
      const known = this.#known.get(path)
      if (known?.version === version) return known
      const contentType = types[extname(file).toLowerCase()] ?? 'text/html'
      const read = { body: readFileSync(file), contentType, version }
      this.#known.set(path, read)
      return read
    } catch {
      // Without the file the client gets ancmd's own page, as with IIS its own.
      return undefined
    }
  }
}
