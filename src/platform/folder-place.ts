import { readlink, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, parse, sep } from 'node:path'

/** As many links as Linux follows on one path. */
const mostLinks = 40

/** Which folder a path leads to; undefined when to none. Another value means another folder, whatever is in it. */
export async function placeOf(folder: string): Promise<string | undefined> {
  try {
    const found = await stat(folder, { bigint: true })
    return found.isDirectory() ? `${String(found.dev)}-${String(found.ino)}` : undefined
  } catch {
    return undefined
  }
}

/**
 * Where a change could make `path` lead elsewhere: the folder and the name of every symbolic link on its way, and of the folder
 * at its end. What is above of that is left out: nobody deploys by renaming it.
 */
export async function turningsOf(path: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const turnings = new Map<string, Set<string>>()
  const note = (folder: string, name: string): void => {
    const names = turnings.get(folder) ?? new Set()
    turnings.set(folder, names.add(name))
  }
  let { root: at } = parse(path)
  let rest = partsOf(path)
  for (let links = 0; rest.length > 0 && links <= mostLinks; ) {
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

/** Undefined when it is no link. */
function targetOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '' && part !== '.')
}
