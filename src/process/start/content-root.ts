import { realpath } from 'node:fs/promises'

/**
 * The name under which an app reached by a symbolic link should know its folder: the link's. Its working directory says only where
 * the link leads, and ASP.NET Core's data protection takes another folder for another app: no cookie would outlive a switch.
 * Undefined where the working directory says the same.
 */
export async function contentRootOf(physicalPath: string): Promise<string | undefined> {
  // There a working directory stays as it was given.
  if (process.platform === 'win32') return undefined
  const real = await realpath(physicalPath).catch(() => physicalPath)
  return real === physicalPath ? undefined : physicalPath
}
