import { relative } from 'node:path'

/**
 * The path by which the web.config of a parent's folder names an application in `<location path>`, such as `sub` or
 * `a/b`; '' for the application's own web.config.
 *
 * @param index index in `parents` of the folder that holds the file; `parents.length` for the application's own folder
 */
export function pathBelow(
  index: number,
  application: { readonly physicalPath: string; readonly virtualPath: string; readonly parents: readonly string[] },
): string {
  const { physicalPath, virtualPath, parents } = application
  const folder = parents[index]
  if (folder === undefined) return ''
  if (index === 0) return virtualPath.slice(1)
  // Of the other parents only the folder is known, not the virtual path. Folders are usually nested in the same way as
  // virtual paths, so the path is taken from the folders.
  const below = relative(folder, physicalPath)
  return below.startsWith('..') ? virtualPath.slice(virtualPath.lastIndexOf('/') + 1) : below
}
