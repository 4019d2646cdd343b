import { readdirSync, readlinkSync } from 'node:fs'
import { openFileLimit } from '../../platform/open-files.ts'
import { nextTurn } from '../../platform/pause.ts'
import { readProcesses, userOf } from '../system/process-table.ts'
import type { Check, Finding } from './finding.ts'
import { asRoot, kernelNumber, type Machine } from './machine.ts'
import type { User } from './user.ts'

/** An app of ASP.NET Core has 200 to 275 files open at rest, and one more for each connection. */
const openFilesWanted = 1024
/** How many further apps there should be room for. */
const instancesWanted = 8

/** The limits of files and of inotify instances, of which each .NET app takes one and aborts without it. */
export async function checkLimits(user: User, machine: Machine): Promise<Check> {
  const findings: Finding[] = []
  const seen: string[] = []
  const openFiles = openFileLimit()
  if (openFiles !== undefined) {
    seen.push(`${openFiles.toString()} open files`)
    if (openFiles < openFilesWanted) findings.push(tooFewFiles(openFiles))
  }
  const instances = kernelNumber('fs/inotify/max_user_instances')
  if (instances !== undefined) {
    const used = await inotifyInstancesOf(user.uid)
    seen.push(`${String(used)} of ${String(instances)} inotify instances used by ${user.name}`)
    const left = instances - used
    if (left < instancesWanted) findings.push(tooFewInstances(instances, used, user.name, machine))
  }
  return { subject: 'limits', seen: seen.join(', '), findings }
}

function tooFewFiles(limit: number): Finding {
  return {
    level: 'warning',
    text: `A process may have only ${String(limit)} files open; an app has 200 to 275 at rest, and one for each connection.`,
    cure: 'Raise the limit, in the unit by LimitNOFILE=65536, in a shell by:',
    command: 'ulimit -n 65536',
  }
}

/** What to do when there are no inotify instances left; also for an app that has said so. */
export function tooFewInstances(limit: number, used: number, user: string, machine: Machine): Finding {
  const wanted = Math.max(1024, limit * 4)
  return {
    level: used >= limit ? 'error' : 'warning',
    text: `${user} uses ${String(used)} of ${String(limit)} inotify instances; each .NET app takes one, and aborts at its start when there is none.`,
    cure: 'Allow more (or set DOTNET_hostBuilder__reloadConfigOnChange=false for the app):',
    command: asRoot(machine, `sysctl -w fs.inotify.max_user_instances=${String(wanted)}`),
  }
}

/** Counts the instances that a user's processes have open, as far as this process may see them. */
async function inotifyInstancesOf(uid: number): Promise<number> {
  let count = 0
  for (const { pid } of await readProcesses()) {
    if (userOf(pid) !== uid) continue
    const folder = `/proc/${String(pid)}/fd`
    for (const name of namesIn(folder)) if (targetOf(`${folder}/${name}`) === 'anon_inode:inotify') count++
    await nextTurn()
  }
  return count
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
