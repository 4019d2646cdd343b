import { posix } from 'node:path'
import type { Command } from './command.ts'
import { isDotnetName } from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Wanted {
  readonly name: string
  readonly version: string
  readonly rollForward: string
}

/** Where an app's own executable looks for the runtime when no variable tells it. */
const usualRoots = ['/usr/share/dotnet', '/usr/lib/dotnet']

/**
 * The sentence that says which shared framework a framework-dependent app lacks on this machine, and the cure; undefined when
 * it lacks none, or when that cannot be known from here. The rules are those of .NET's host: its roll-forward settings, from
 * the environment before App.runtimeconfig.json.
 */
export function missingFramework(command: Command, environment: Environment, view: FolderView): string | undefined {
  const app = appOf(command, environment, view)
  if (app === undefined) return undefined
  for (const { name, version, rollForward } of wantedBy(app.runtimeConfig, environment, view)) {
    const installed = view.list(posix.join(app.root, 'shared', name)).filter((entry) => versionOf(entry) !== undefined)
    if (installed.some((have) => serves(have, version, rollForward))) continue
    const there = installed.length === 0 ? 'has none' : `has ${installed.toSorted().join(', ')}`
    return (
      `${posix.basename(app.runtimeConfig)} asks for ${name} ${version} (rollForward ${rollForward}), but ${app.root} ${there}. ` +
      `Install that runtime, or let the app run on a newer one: DOTNET_ROLL_FORWARD=Major in <environmentVariables>.`
    )
  }
  return undefined
}

/** Whose frameworks are looked for where; undefined when it is no framework-dependent app, or nobody can tell. */
function appOf(
  { file, args, cwd }: Command,
  environment: Environment,
  view: FolderView,
): { readonly runtimeConfig: string; readonly root: string } | undefined {
  const [first] = args
  if (isDotnetName(posix.basename(file))) {
    // With options of the host before the assembly everything may be otherwise.
    if (first?.toLowerCase().endsWith('.dll') !== true) return undefined
    const runtimeConfig = posix.resolve(cwd, `${first.slice(0, -'.dll'.length)}.runtimeconfig.json`)
    const root = posix.dirname(view.realPath(file))
    return isRuntime(root, view) ? { runtimeConfig, root } : undefined
  }
  const runtimeConfig = `${file}.runtimeconfig.json`
  const told = environment['DOTNET_ROOT'] ?? ''
  const root = (told === '' ? usualRoots : [told]).find((folder) => isRuntime(folder, view))
  // An executable may know another place, so without a runtime at the usual ones nothing is said.
  return root === undefined ? undefined : { runtimeConfig, root }
}

/** A `dotnet` that is a script of somebody else's has no such folder beside it. */
function isRuntime(root: string, view: FolderView): boolean {
  return view.probe(posix.join(root, 'host', 'fxr')) === 'folder'
}

interface FrameworkEntry {
  readonly name?: unknown
  readonly version?: unknown
  readonly rollForward?: unknown
}

interface RuntimeConfig {
  readonly runtimeOptions?: {
    readonly framework?: FrameworkEntry
    readonly frameworks?: readonly FrameworkEntry[]
    readonly rollForward?: unknown
    readonly rollForwardOnNoCandidateFx?: unknown
  }
}

function wantedBy(runtimeConfig: string, environment: Environment, view: FolderView): readonly Wanted[] {
  let options: RuntimeConfig['runtimeOptions']
  try {
    const json = JSON.parse(view.readHead(runtimeConfig).replace(/^\uFEFF/, '')) as RuntimeConfig | null
    options = json?.runtimeOptions
  } catch {
    return []
  }
  if (options === undefined) return []
  const listed = Array.isArray(options.frameworks) ? (options.frameworks as readonly FrameworkEntry[]) : []
  const older = ['LatestPatch', 'Minor', 'Major'][Number(options.rollForwardOnNoCandidateFx ?? 1)] ?? 'Minor'
  return [options.framework, ...listed].flatMap((entry) => {
    if (typeof entry?.name !== 'string' || typeof entry.version !== 'string') return []
    const written = [environment['DOTNET_ROLL_FORWARD'], entry.rollForward, options.rollForward]
    const rollForward = written.find((word): word is string => typeof word === 'string' && word !== '') ?? older
    return [{ name: entry.name, version: entry.version, rollForward }]
  })
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

function serves(have: string, want: string, rollForward: string): boolean {
  const installed = versionOf(have)
  const wanted = versionOf(want)
  // A version in a form that is not known here is left to .NET.
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
