import { readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import type { ProcessConfig } from '../../config/model.ts'
import type { Check, Finding } from './finding.ts'
import { asRoot, type Machine } from './machine.ts'
import { obstacleTo, type User } from './user.ts'

/** How many unreadable files are named. */
const shownCount = 3

/** Whether the app's user can read what was published, and write where the app's output is to go. */
export function checkFiles(folder: string, config: ProcessConfig, user: User, machine: Machine): Check {
  const findings: Finding[] = []
  const blocked = obstacleTo(folder, 'read', user) ?? obstacleTo(folder, 'execute', user)
  if (blocked !== undefined) findings.push(denied(`${blocked}.`, folder, user, machine))
  const files = blocked === undefined ? namesIn(folder).map((name) => posix.join(folder, name)) : []
  const unreadable = files.flatMap((path) => obstacleTo(path, 'read', user) ?? [])
  if (unreadable.length > 0) {
    const more = unreadable.length > shownCount ? `, and ${String(unreadable.length - shownCount)} more` : ''
    findings.push(denied(`${unreadable.slice(0, shownCount).join('; ')}${more}.`, folder, user, machine))
  }
  findings.push(...checkStdoutLog(config, user, machine))
  return { subject: 'files', seen: `${user.name} can read ${String(files.length)} files of ${folder}`, findings }
}

function denied(text: string, folder: string, user: User, machine: Machine): Finding {
  return {
    level: 'error',
    text,
    cure: 'Give the right:',
    command: asRoot(machine, `setfacl -R -m u:${user.name}:rX ${folder}`),
  }
}

/** The nearest folder that exists has to be writable, since the missing ones below it are made. */
function checkStdoutLog(config: ProcessConfig, user: User, machine: Machine): readonly Finding[] {
  if (!config.stdoutLogEnabled) return []
  // stdoutLogFile is what the file's path begins with, and a name follows.
  const folder = posix.dirname(`${config.stdoutLogFile}_`)
  let at = folder
  while (!exists(at) && at !== '/') at = posix.dirname(at)
  const obstacle = obstacleTo(at, 'write', user)
  if (obstacle === undefined) return []
  const text = `stdoutLogFile cannot be written: ${obstacle}.`
  const command = asRoot(machine, `install -d -o ${user.name} ${folder}`)
  return [{ level: 'warning', text, cure: 'Make the folder for that user:', command }]
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
