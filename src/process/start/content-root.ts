import { realpath } from 'node:fs/promises'

/**
 * The content root for an app whose folder is reached by a symbolic link: the path with the link. The app's working
 * directory is the folder to which the link leads, and ASP.NET Core's data protection takes an app in another folder
 * for another app; without this content root, all cookies would become invalid when the link is switched. Undefined
 * when the path has no link.
 */
export async function contentRootOf(physicalPath: string): Promise<string | undefined> {
  // On Windows the working directory of a process keeps the path with the link, so the app needs no content root.
  if (process.platform === 'win32') return undefined
  const real = await realpath(physicalPath).catch(() => physicalPath)
  return real === physicalPath ? undefined : physicalPath
}
