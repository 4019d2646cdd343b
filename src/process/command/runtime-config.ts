import { posix } from 'node:path'
import { bundledRuntimeConfig } from './bundle.ts'
import type { Command } from './command.ts'
import { isDotnetName } from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'

/** What an app's runtimeconfig.json says of its runtime. */
export interface RuntimeConfig {
  /** Major number of the newest framework that it names; 0 when it names none. */
  readonly major: number
  /** What AppContext holds from the start. */
  readonly properties: ReadonlyMap<string, unknown>
}

/** The runtime that a command's app asks for; undefined when it is no .NET app, or one that was compiled to a native program. */
export async function runtimeConfigOf(command: Command, view: FolderView): Promise<RuntimeConfig | undefined> {
  if (isDotnetName(posix.basename(command.file))) {
    const file = configOfAssembly(command)
    return file === undefined ? undefined : readRuntimeConfig(view.readHead(file))
  }
  // As .NET's host does: what is inside comes before what lies beside.
  const bundled = await bundledRuntimeConfig(command.file)
  return readRuntimeConfig(bundled ?? view.readHead(`${command.file.replace(/\.exe$/i, '')}.runtimeconfig.json`))
}

/** `dotnet [exec] [--option value …] App.dll`; undefined for a command of the SDK such as `dotnet run`. */
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

/** Undefined for what is no runtimeconfig.json. */
export function readRuntimeConfig(text: string): RuntimeConfig | undefined {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
  const options = member(json, 'runtimeOptions')
  if (options === undefined) return undefined
  const frameworks = ['framework', 'frameworks', 'includedFrameworks'].flatMap((name) => member(options, name) ?? [])
  const majors = frameworks.map((framework) => Number.parseInt(String(member(framework, 'version')), 10))
  const properties = member(options, 'configProperties')
  return {
    major: Math.max(0, ...majors.filter((major) => !Number.isNaN(major))),
    properties: new Map(Object.entries(properties ?? {})),
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
