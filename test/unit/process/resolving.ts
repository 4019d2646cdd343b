import { type Command, commandLine, resolveCommand } from '../../../src/process/command/command.ts'
import type { CommandFailure } from '../../../src/process/command/command-failure.ts'
import type { FolderView } from '../../../src/process/system/folder-view.ts'

export const places = { path: '/usr/local/bin:relative::/usr/bin', dotnetRoot: undefined, home: '/home/me' }
export const dotnet = { '/usr/bin/dotnet': 'executable' } as const

/** What an application in /srv/www comes to. */
function resolve(
  processPath: string,
  args: string,
  view: FolderView,
  where: Partial<typeof places> | { dotnetRoot: string } = {},
): ReturnType<typeof resolveCommand> {
  return resolveCommand(
    { processPath, arguments: args, physicalPath: '/srv/www', port: 12345, places: { ...places, ...where } },
    view,
  )
}

export function found(processPath: string, args: string, view: FolderView, where = {}): Command {
  const outcome = resolve(processPath, args, view, where)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
  return outcome.value
}

export function refused(processPath: string, args: string, view: FolderView): CommandFailure {
  const outcome = resolve(processPath, args, view)
  if (outcome.ok) throw new Error(`resolved to ${commandLine(outcome.value)}`)
  return outcome.failure
}
