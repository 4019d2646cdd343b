/**
 * What follows a folder in a path, without the slash before it; `''` is the folder of all paths. Undefined: the path
 * does not lie in the folder. Letter case is ignored, and a run of slashes up to there counts as one, as where
 * applications are found.
 */
export function restBelow(path: string, folder: string): string | undefined {
  let at = 0
  for (const segment of folder.split('/').slice(1)) {
    while (path.charAt(at) === '/') at += 1
    const end = at + segment.length
    if (path.slice(at, end).toLowerCase() !== segment.toLowerCase()) return undefined
    if (end < path.length && path.charAt(end) !== '/') return undefined
    at = end
  }
  return path.slice(at + 1)
}
