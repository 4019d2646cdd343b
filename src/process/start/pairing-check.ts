import { readFile } from 'node:fs/promises'

/**
 * Whether a running .NET process has loaded the IIS integration, which checks the pairing token: its assembly is mapped into
 * the process's memory. Nothing is sent to the app. Undefined where that cannot be seen: another system than Linux, another
 * user's process, a program that is not .NET, or one that was compiled into a single file.
 */
export async function checksPairing(pid: number): Promise<boolean | undefined> {
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'latin1').catch(() => '')
  if (!maps.includes('/libcoreclr.')) return undefined
  return maps.includes('/Microsoft.AspNetCore.Server.IISIntegration.dll')
}
