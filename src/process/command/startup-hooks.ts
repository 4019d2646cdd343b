import { delimiter, join } from 'node:path'
import { packageFolder } from '../../platform/package-folder.ts'
import type { Command } from './command.ts'
import type { FolderView } from '../system/folder-view.ts'
import { runtimeConfigOf } from './app-runtime-config.ts'
import type { RuntimeConfig } from './runtime-config.ts'

/** The .NET version that the hooks are built for; an app on an older runtime would end at its start. */
const oldestMajor = 8
const variable = 'DOTNET_STARTUP_HOOKS'

/** An assembly of ours that changes something in an unmodified .NET app, before its Main. */
export interface StartupHook {
  /** Absolute path of the .dll. */
  readonly assembly: string
  /** The AppContext switch that the hook sets; an app that sets the switch itself needs no hook. */
  readonly setsSwitch: string
  /** What the hook does, for the plan of `check`. */
  readonly purpose: string
}

/** Why an app cannot load a hook. */
export type HookObstacle =
  | { readonly why: 'not-built'; readonly assembly: string }
  /** The path contains the character that separates the paths in DOTNET_STARTUP_HOOKS. */
  | { readonly why: 'unusable-path'; readonly assembly: string }
  /** The app's runtimeconfig.json switches startup hooks off, as in every trimmed app. */
  | { readonly why: 'switched-off' }
  | { readonly why: 'old-runtime' }
  /** A native program (.NET compiled ahead of time, or no .NET), or a launcher that starts another program. */
  | { readonly why: 'no-runtime-config'; readonly program: string }

export interface HookChoice {
  readonly hook: StartupHook
  /** 'needless': the app sets the switch itself. */
  readonly outcome: 'loaded' | 'needless' | HookObstacle
}

export function startupHook(name: string, about: Omit<StartupHook, 'assembly'>): StartupHook {
  return { assembly: join(packageFolder(), 'dist/hooks', `${name}.dll`), ...about }
}

/** Decides which of the hooks the app of a command will load. */
export async function chooseHooks(
  hooks: readonly StartupHook[],
  command: Command,
  view: FolderView,
): Promise<readonly HookChoice[]> {
  if (hooks.length === 0) return []
  const config = await runtimeConfigOf(command, view)
  return hooks.map((hook) => ({ hook, outcome: outcomeOf(hook, config, command, view) }))
}

function outcomeOf(
  { assembly, setsSwitch }: StartupHook,
  config: RuntimeConfig | undefined,
  command: Command,
  view: FolderView,
): HookChoice['outcome'] {
  if (config === undefined) return { why: 'no-runtime-config', program: command.file }
  if (config.properties.has(setsSwitch)) return 'needless'
  if (config.major < oldestMajor) return { why: 'old-runtime' }
  if (isOff(config.properties.get('System.StartupHookProvider.IsSupported'))) return { why: 'switched-off' }
  if (assembly.includes(delimiter)) return { why: 'unusable-path', assembly }
  const found = view.probe(assembly)
  return found === 'file' || found === 'executable' ? 'loaded' : { why: 'not-built', assembly }
}

/** AppContext also takes the value of a switch as text. */
function isOff(value: unknown): boolean {
  return String(value).toLowerCase() === 'false'
}

/** The environment with the hooks that are loaded added behind those of the user. */
export function withStartupHooks(
  environment: Readonly<Record<string, string>>,
  choices: readonly HookChoice[],
): Readonly<Record<string, string>> {
  const ours = choices.filter(({ outcome }) => outcome === 'loaded').map(({ hook }) => hook.assembly)
  if (ours.length === 0) return environment
  const theirs = environment[variable] ?? ''
  return { ...environment, [variable]: [...(theirs === '' ? [] : [theirs]), ...ours].join(delimiter) }
}

/** Why an app cannot load a hook: a clause for the end of a sentence, without its full stop. */
export function obstacleText(obstacle: HookObstacle): string {
  switch (obstacle.why) {
    case 'not-built':
      return `${obstacle.assembly}, which would lift that, was not built (npm run build does, with a .NET SDK)`
    case 'unusable-path':
      return `${obstacle.assembly}, which would lift that, lies in a folder with '${delimiter}' in its name`
    case 'switched-off':
      return 'its runtimeconfig.json switches startup hooks off, as in every trimmed app'
    case 'old-runtime':
      return `its runtimeconfig.json does not name .NET ${String(oldestMajor)} or newer, which the startup hook needs`
    case 'no-runtime-config':
      return `${obstacle.program} has no runtimeconfig.json, so it is not known whether it is .NET and loads startup hooks`
  }
}
