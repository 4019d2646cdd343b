import { posix } from 'node:path'
import type { Command } from './command.ts'
import { isDotnetName } from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'
import { readRuntimeConfig } from './runtime-config.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where an app's own executable looks for the runtime when DOTNET_ROOT is not set. */
const usualRoots = ['/usr/share/dotnet', '/usr/lib/dotnet']

/** A shared framework that an app needs and this machine lacks. */
export interface MissingFramework {
  readonly name: string
  readonly version: string
  /** What is missing; a sentence. */
  readonly text: string
  /** What to do about it; a sentence. */
  readonly cure: string
}

/**
 * The shared framework that an app needs and this machine lacks; undefined when no framework is missing, or when that cannot be known. The rules are those of .NET's host: a roll-forward setting of the
 * environment takes precedence over those of App.runtimeconfig.json.
 */
export function missingFramework(
  command: Command,
  environment: Environment,
  view: FolderView,
): MissingFramework | undefined {
  const app = locateApp(command, environment, view)
  if (app === undefined) return undefined
  const fromEnvironment = environment['DOTNET_ROLL_FORWARD'] ?? ''
  const config = readRuntimeConfig(view.readHead(app.runtimeConfig))
  for (const { name, version, rollForward: fromFile } of config?.frameworks ?? []) {
    const rollForward = fromEnvironment === '' ? fromFile : fromEnvironment
    const installed = view.list(posix.join(app.root, 'shared', name)).filter((entry) => versionOf(entry) !== undefined)
    if (installed.some((have) => satisfies(have, version, rollForward))) continue
    const there = installed.length === 0 ? 'has none' : `has ${installed.toSorted().join(', ')}`
    const file = posix.basename(app.runtimeConfig)
    return {
      name,
      version,
      text: `${file} asks for ${name} ${version} (rollForward ${rollForward}), but ${app.root} ${there}.`,
      cure: 'Install that runtime, or let the app run on a newer one: DOTNET_ROLL_FORWARD=Major in <environmentVariables>.',
    }
  }
  return undefined
}

/**
 * An app's runtimeconfig.json and the folder of the .NET installation that will run it; undefined when that cannot be
 * known.
 */
function locateApp(
  { file, args, cwd }: Command,
  environment: Environment,
  view: FolderView,
): { readonly runtimeConfig: string; readonly root: string } | undefined {
  const [first] = args
  if (isDotnetName(posix.basename(file))) {
    // Options of the host before the assembly may change where .NET looks for frameworks, so nothing is reported.
    if (first?.toLowerCase().endsWith('.dll') !== true) return undefined
    const runtimeConfig = posix.resolve(cwd, `${first.slice(0, -'.dll'.length)}.runtimeconfig.json`)
    const root = posix.dirname(view.realPath(file))
    return isRuntime(root, view) ? { runtimeConfig, root } : undefined
  }
  const runtimeConfig = `${file}.runtimeconfig.json`
  const named = environment['DOTNET_ROOT'] ?? ''
  const root = (named === '' ? usualRoots : [named]).find((folder) => isRuntime(folder, view))
  // An executable may find its runtime elsewhere, so without one in these folders nothing is reported.
  return root === undefined ? undefined : { runtimeConfig, root }
}

/** Whether a folder is an installed .NET; a `dotnet` that is only a script has no such folder beside it. */
function isRuntime(root: string, view: FolderView): boolean {
  return view.probe(posix.join(root, 'host', 'fxr')) === 'folder'
}

interface Version {
  readonly numbers: readonly [number, number, number]
  readonly isPreview: boolean
}

function versionOf(text: string): Version | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)(-.+)?$/.exec(text)
  if (found === null) return undefined
  return { numbers: [Number(found[1]), Number(found[2]), Number(found[3])], isPreview: found[4] !== undefined }
}

/** Whether an app that asks for version `want` may run on the installed version `have`. */
function satisfies(have: string, want: string, rollForward: string): boolean {
  const installed = versionOf(have)
  const wanted = versionOf(want)
  // A version whose form this function does not know is not reported as missing.
  if (installed === undefined || wanted === undefined) return true
  const [major, minor, patch] = installed.numbers
  const [wantedMajor, wantedMinor, wantedPatch] = wanted.numbers
  const order = major - wantedMajor || minor - wantedMinor || patch - wantedPatch
  if (order < 0 || (order === 0 && installed.isPreview && !wanted.isPreview)) return false
  switch (rollForward.toLowerCase()) {
    case 'disable':
      return order === 0
    case 'latestpatch':
      return major === wantedMajor && minor === wantedMinor
    case 'major':
    case 'latestmajor':
      return true
    default:
      return major === wantedMajor
  }
}
