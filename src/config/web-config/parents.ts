import { relative } from 'node:path'

/**
 * The path of an application as the web.config of a folder above it would name it in `<location path>`: `sub` or `a/b`, '' for
 * the folder's own application.
 *
 * @param index which of `parents` the file lies in; `parents.length` for the application's own
 */
export function pathBelow(
  index: number,
  application: { readonly physicalPath: string; readonly virtualPath: string; readonly parents: readonly string[] },
): string {
  const { physicalPath, virtualPath, parents } = application
  const folder = parents[index]
  if (folder === undefined) return ''
  if (index === 0) return virtualPath.slice(1)
  // Further in only the folder is known, and applications usually lie in one another as their paths do.
  const below = relative(folder, physicalPath)
  return below.startsWith('..') ? virtualPath.slice(virtualPath.lastIndexOf('/') + 1) : below
}
