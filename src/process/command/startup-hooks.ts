import { delimiter, join } from 'node:path'
import { packageFolder } from '../../platform/package-folder.ts'
import type { Command } from './command.ts'
import type { FolderView } from '../system/folder-view.ts'
import { runtimeConfigOf } from './app-runtime-config.ts'
import type { RuntimeConfig } from './runtime-config.ts'

/**
 * The .NET version that the hooks are built for. An app on an older runtime would fail at its start if it loaded one.
 */
const oldestMajor = 8
const hooksVariable = 'DOTNET_STARTUP_HOOKS'
const hostingVariable = 'ASPNETCORE_HOSTINGSTARTUPASSEMBLIES'

/** An assembly of ancmd that .NET runs before the Main of an unmodified app, to set something in that app. */
export interface StartupHook {
  /** Absolute path of the .dll. */
  readonly assembly: string
  /** The AppContext switch that the hook sets; an app that sets the switch itself needs no hook. */
  readonly setsSwitch?: string
  /** The name of the assembly, where ASP.NET Core shall find a hosting startup in it. */
  readonly hostingStartup?: string
  /** What the hook does, in words that `check` prints. */
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

/** Whether one hook will be loaded into an app. */
export interface HookChoice {
  readonly hook: StartupHook
  /** 'needless': the hook is not loaded because the app sets the switch itself. */
  readonly outcome: 'loaded' | 'needless' | HookObstacle
}

/** The hook whose assembly `npm run build` puts into dist/hooks as `<name>.dll`. */
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
  if (setsSwitch !== undefined && config.properties.has(setsSwitch)) return 'needless'
  if (config.major < oldestMajor) return { why: 'old-runtime' }
  if (isOff(config.properties.get('System.StartupHookProvider.IsSupported'))) return { why: 'switched-off' }
  if (assembly.includes(delimiter)) return { why: 'unusable-path', assembly }
  const found = view.probe(assembly)
  return found === 'file' || found === 'executable' ? 'loaded' : { why: 'not-built', assembly }
}

/** Whether a value in runtimeconfig.json switches something off: false, or the text "false" in any letter case. */
function isOff(value: unknown): boolean {
  return String(value).toLowerCase() === 'false'
}

/**
 * Adds the hooks that are to be loaded to DOTNET_STARTUP_HOOKS, and those with a hosting startup to
 * ASPNETCORE_HOSTINGSTARTUPASSEMBLIES, after what the user has set there.
 */
export function withStartupHooks(
  environment: Readonly<Record<string, string>>,
  choices: readonly HookChoice[],
): Readonly<Record<string, string>> {
  const added = choices.filter(({ outcome }) => outcome === 'loaded').map(({ hook }) => hook)
  if (added.length === 0) return environment
  const assemblies = added.map(({ assembly }) => assembly)
  const startups = added.flatMap(({ hostingStartup }) => hostingStartup ?? [])
  const hosting = spellingOf(environment, hostingVariable)
  return {
    ...environment,
    [hooksVariable]: joined(environment[hooksVariable], assemblies, delimiter),
    ...(startups.length > 0 && { [hosting]: joined(environment[hosting], startups, ';') }),
  }
}

/** .NET reads host settings without regard to case, and web.config may have set the variable in another one. */
function spellingOf(environment: Readonly<Record<string, string>>, name: string): string {
  return Object.keys(environment).find((spelling) => spelling.toUpperCase() === name) ?? name
}

function joined(existing = '', added: readonly string[], separator: string): string {
  return [...(existing === '' ? [] : [existing]), ...added].join(separator)
}

/** Why an app cannot load a hook: a clause for the end of a sentence, without its full stop. */
export function obstacleText(obstacle: HookObstacle): string {
  switch (obstacle.why) {
    case 'not-built':
      return `${obstacle.assembly} was not built (npm run build does, with a .NET SDK)`
    case 'unusable-path':
      return `${obstacle.assembly} lies in a folder with '${delimiter}' in its name`
    case 'switched-off':
      return 'its runtimeconfig.json switches startup hooks off, as in every trimmed app'
    case 'old-runtime':
      return `its runtimeconfig.json does not name .NET ${String(oldestMajor)} or newer, which the startup hook needs`
    case 'no-runtime-config':
      return `${obstacle.program} has no runtimeconfig.json, so it is not known whether it is .NET and loads startup hooks`
  }
}
