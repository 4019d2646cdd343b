import { realpath } from 'node:fs/promises'

/**
 * The content root for an app whose folder is reached by a symbolic link: the path with the link. The app's working
 * directory is where the link leads, and ASP.NET Core's data protection takes another folder for another app; so
 * without this all cookies would become invalid when the link is switched. Undefined when the path has no link.
 */
export async function contentRootOf(physicalPath: string): Promise<string | undefined> {
  // On Windows the working directory keeps the path that it was given.
  if (process.platform === 'win32') return undefined
  const real = await realpath(physicalPath).catch(() => physicalPath)
  return real === physicalPath ? undefined : physicalPath
}
