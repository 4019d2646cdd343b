import { readFile } from 'node:fs/promises'

/**
 * Whether a running .NET process has loaded the IIS integration, which checks the pairing token. This is read from the
 * list of files mapped into its memory. Undefined where that list does not tell: off Linux, for another user's process,
 * for a program that is not .NET, and for an app published as a single file.
 */
export async function checksPairing(pid: number): Promise<boolean | undefined> {
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'latin1').catch(() => '')
  if (!maps.includes('/libcoreclr.')) return undefined
  return maps.includes('/Microsoft.AspNetCore.Server.IISIntegration.dll')
}
