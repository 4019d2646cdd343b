import { readlink, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, parse, sep } from 'node:path'

/** How many symbolic links Linux follows on one path. */
const maxLinks = 40

/** Identifies the folder that a path leads to, by device and inode; undefined when it leads to none. */
export async function placeOf(folder: string): Promise<string | undefined> {
  try {
    const found = await stat(folder, { bigint: true })
    return found.isDirectory() ? `${String(found.dev)}-${String(found.ino)}` : undefined
  } catch {
    return undefined
  }
}

/**
 * The places where a change could make `path` lead to another folder: folder → names in it, for each symbolic link on
 * the way and for the folder at its end. Plain folders on the way are left out, as nobody deploys by renaming them.
 */
export async function turningsOf(path: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const turnings = new Map<string, Set<string>>()
  const note = (folder: string, name: string): void => {
    const names = turnings.get(folder) ?? new Set()
    turnings.set(folder, names.add(name))
  }
  let { root: at } = parse(path)
  let rest = partsOf(path)
  for (let links = 0; rest.length > 0 && links <= maxLinks; ) {
    const [name = '', ...behind] = rest
    const here = name === '..' ? dirname(at) : join(at, name)
    const target = name === '..' ? undefined : await targetOf(here)
    if (target === undefined) {
      if (behind.length === 0) note(at, name)
      at = here
      rest = behind
    } else {
      note(at, name)
      links += 1
      if (isAbsolute(target)) at = parse(target).root
      rest = [...partsOf(target), ...behind]
    }
  }
  return turnings
}

/** What a symbolic link contains; undefined when the path is no link. */
function targetOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '' && part !== '.')
}
