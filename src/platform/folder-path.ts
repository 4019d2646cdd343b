import { readlink, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, parse, sep } from 'node:path'

/** How many symbolic links Linux follows on one path. */
const maxLinks = 40

/** Device and inode of the folder that a path leads to, which identify it; undefined when there is no such folder. */
export async function folderIdentity(folder: string): Promise<string | undefined> {
  try {
    const found = await stat(folder, { bigint: true })
    return found.isDirectory() ? `${String(found.dev)}-${String(found.ino)}` : undefined
  } catch {
    return undefined
  }
}

/**
 * The directory entries whose replacement makes `path` lead to another folder: each symbolic link on the way, and the
 * folder at the end. The result maps a folder to the names of such entries in it. Plain folders on the way are left
 * out, as nobody deploys by renaming them.
 */
export async function entriesLeadingTo(path: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const entries = new Map<string, Set<string>>()
  const add = (folder: string, name: string): void => {
    const names = entries.get(folder) ?? new Set()
    entries.set(folder, names.add(name))
  }
  let { root: at } = parse(path)
  let rest = partsOf(path)
  for (let links = 0; rest.length > 0 && links <= maxLinks; ) {
    const [name = '', ...behind] = rest
    const here = name === '..' ? dirname(at) : join(at, name)
    const target = name === '..' ? undefined : await targetOf(here)
    if (target === undefined) {
      if (behind.length === 0) add(at, name)
      at = here
      rest = behind
    } else {
      add(at, name)
      links += 1
      if (isAbsolute(target)) at = parse(target).root
      rest = [...partsOf(target), ...behind]
    }
  }
  return entries
}

/** The target of a symbolic link; undefined when the path is not a link. */
function targetOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '' && part !== '.')
}
