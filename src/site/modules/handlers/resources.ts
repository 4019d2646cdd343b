import { realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { isPrivate } from './private-names.ts'

/** What is at a path of an application's folder. */
export interface Resource {
  readonly kind: 'file' | 'directory'
  /** Absolute, without symbolic links. */
  readonly path: string
}

/** `private`: there may be something, which is never served. */
export type Found = Resource | 'private' | 'none'

/**
 * Looks for a file or a folder below `root`. What only a symbolic link out of `root` leads to is private, and so are the
 * application's own files, also under the name that a link gives them.
 *
 * @param path decoded, below `root`, with `/`
 */
export async function findResource(root: string, path: string): Promise<Found> {
  const segments = path.split('/').filter((segment) => segment !== '')
  if (path.includes('\0') || segments.some((segment) => segment === '.' || segment === '..')) return 'private'
  if (isPrivate(segments)) return 'private'
  try {
    const [found, folder] = await Promise.all([realpath(join(root, ...segments)), realpath(root)])
    const below = relative(folder, found)
    const real = below === '' ? [] : below.split(sep)
    if (real[0] === '..' || isPrivate(real)) return 'private'
    const about = await stat(found)
    if (about.isDirectory()) return { kind: 'directory', path: found }
    // A path with a slash at its end names a folder.
    return about.isFile() && !path.endsWith('/') ? { kind: 'file', path: found } : 'none'
  } catch {
    return 'none'
  }
}
