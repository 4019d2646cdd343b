// Programs of this machine: whether they are there, and which version.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const found = new Map()

export function isInstalled(program) {
  if (!found.has(program))
    found.set(
      program,
      process.env.PATH.split(delimiter).some((folder) => canRun(folder, program)),
    )
  return found.get(program)
}

function canRun(folder, program) {
  try {
    accessSync(join(folder, program), constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What a program says of its version, on either stream; only the number, if there is one. */
export function versionOf(program, ...args) {
  if (!isInstalled(program)) return undefined
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  const said = `${stdout}${stderr}`.trim()
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? said.split('\n')[0]
}
