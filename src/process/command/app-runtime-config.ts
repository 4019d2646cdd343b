import { posix } from 'node:path'
import { bundledRuntimeConfig } from './bundle.ts'
import type { Command } from './command.ts'
import { isDotnetName } from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'
import { readRuntimeConfig, type RuntimeConfig } from './runtime-config.ts'

/**
 * The runtimeconfig.json of the app that a command runs; undefined for an app that is not .NET, or is a native program.
 */
export async function runtimeConfigOf(command: Command, view: FolderView): Promise<RuntimeConfig | undefined> {
  if (isDotnetName(posix.basename(command.file))) {
    const file = configOfAssembly(command)
    return file === undefined ? undefined : readRuntimeConfig(view.readHead(file))
  }
  // As in .NET's host, the file inside a single-file app takes precedence over a file beside it.
  const bundled = await bundledRuntimeConfig(command.file)
  return readRuntimeConfig(bundled ?? view.readHead(`${command.file.replace(/\.exe$/i, '')}.runtimeconfig.json`))
}

/** The path for `dotnet [exec] [--option value …] App.dll`; undefined for a command of the SDK such as `dotnet run`. */
function configOfAssembly({ args, cwd }: Command): string | undefined {
  let at = args[0] === 'exec' ? 1 : 0
  let named: string | undefined
  while (args[at]?.startsWith('--') === true) {
    if (args[at] === '--runtimeconfig') named = args[at + 1]
    at += 2
  }
  const assembly = args[at]
  if (assembly?.toLowerCase().endsWith('.dll') !== true) return undefined
  return posix.resolve(cwd, named ?? `${assembly.slice(0, -'.dll'.length)}.runtimeconfig.json`)
}
