import { posix } from 'node:path'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import type { CommandFailure } from './command-failure.ts'
import {
  candidatesForDotnet,
  candidatesOnPath,
  isDotnetName,
  isWindowsProgram,
  publishedAssembly,
  type SearchPlaces,
} from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'
import { findAnyCase, fromWindowsPath, isWindowsOnly } from '../system/paths.ts'

export interface Program {
  readonly file: string
  /** Arguments that stand before those of web.config: the App.dll when `dotnet` runs what App.exe was meant to. */
  readonly args: readonly string[]
  /** It is `dotnet` as web.config names it: its first plain argument is an assembly. */
  readonly takesAssembly: boolean
  readonly notes: readonly string[]
}

type Found = Result<Program, CommandFailure>

/** ANCM (SetupCommandLine): a name without `:` and `%` is first a file of the application folder, then Windows' search. */
export function findProgram(processPath: string, folder: string, places: SearchPlaces, view: FolderView): Found {
  const written = processPath.trim().replace(/^"(.*)"$/, '$1')
  if (/%LAUNCHER_PATH%/i.test(written)) return sourceFolder(written)
  // A full path of this system may have a backslash in a folder's name.
  const isOwnPath = written.startsWith('/') && view.probe(written) !== 'missing'
  const path = isOwnPath ? written : fromWindowsPath(written)
  const name = posix.basename(path)
  if (isWindowsOnly(path)) {
    if (!isDotnetName(name)) return windowsPath(written)
    return findDotnet(written, [], places, view, (dotnet) => `'${written}' is a Windows path: ${dotnet} is used.`)
  }
  const here = posix.resolve(folder, path)
  const isBare = name === path
  if (isBare && isDotnetName(name)) {
    const local = posix.join(folder, 'dotnet')
    if (view.probe(local) === 'executable') return runs(local)
    return findDotnet(written, [local], places, view)
  }
  const own = runnable(here, places, view)
  if (own?.ok === true) return own
  const candidates = isBare ? [name, ...withoutExe(name)].flatMap((word) => candidatesOnPath(word, places)) : []
  const file = candidates.find((candidate) => view.probe(candidate) === 'executable')
  if (file !== undefined) return runs(file)
  const lookedFor = [here, ...withoutExe(here), `${stemOf(here)}.dll`, ...candidates]
  const cure = 'Correct processPath, or publish the app again.'
  return own ?? failed({ why: 'not-found', wanted: written, lookedFor, cure })
}

/** `/srv/App.exe` or `/srv/App` → how that app runs here; undefined when nothing of that name is there. */
function runnable(path: string, places: SearchPlaces, view: FolderView): Found | undefined {
  for (const wanted of [path, ...withoutExe(path)]) {
    const file = findAnyCase(wanted, view)
    if (file === undefined || view.probe(file) === 'folder') continue
    if (isWindowsProgram(file, view)) {
      const native = withoutExe(file).find((stem) => view.probe(stem) === 'executable')
      if (native !== undefined) return runs(native)
      return throughDotnet(file, 'is a program for Windows', places, view) ?? notExecutable(file, windowsProgram)
    }
    if (view.probe(file) === 'executable') return runs(file, spellingNotes(wanted, file))
    return throughDotnet(file, 'has no execute permission', places, view) ?? notExecutable(file, noPermission(file))
  }
  return throughDotnet(path, 'is not there', places, view)
}

function stemOf(path: string): string {
  return path.replace(/\.exe$/i, '')
}

function withoutExe(path: string): readonly string[] {
  return stemOf(path) === path ? [] : [stemOf(path)]
}

function runs(file: string, notes: readonly string[] = []): Found {
  return ok({ file, args: [], takesAssembly: isDotnetName(posix.basename(file)), notes })
}

/** Better a site that runs, with a notice, than one that does not: archives and uploads lose permission bits. */
function throughDotnet(program: string, reason: string, places: SearchPlaces, view: FolderView): Found | undefined {
  const assembly = publishedAssembly(program, view)
  if (assembly?.frameworkDependent !== true) return undefined
  const dll = posix.basename(assembly.dll)
  const note = (dotnet: string): string => `'${posix.basename(program)}' ${reason}: ${dll} is run by ${dotnet}.`
  const found = findDotnet('dotnet', [], places, view, note)
  return found.ok ? ok({ ...found.value, args: [assembly.dll], takesAssembly: false }) : found
}

function findDotnet(
  wanted: string,
  lookedBefore: readonly string[],
  places: SearchPlaces,
  view: FolderView,
  note?: (dotnet: string) => string,
): Found {
  const candidates = candidatesForDotnet(places)
  const file = candidates.find((candidate) => view.probe(candidate) === 'executable')
  if (file !== undefined)
    return ok({ file, args: [], takesAssembly: true, notes: note === undefined ? [] : [note(file)] })
  const cure = 'Install the ASP.NET Core runtime, or set DOTNET_ROOT or PATH to where it is.'
  return failed({ why: 'not-found', wanted, lookedFor: [...lookedBefore, ...candidates], cure })
}

function spellingNotes(wanted: string, file: string): readonly string[] {
  return file === wanted ? [] : [`'${posix.basename(wanted)}' is spelled '${posix.basename(file)}' on this disk.`]
}

function sourceFolder(wanted: string): Found {
  const cure = 'This is a source folder: run `dotnet publish` and host the folder that it makes.'
  return failed({ why: 'not-found', wanted, lookedFor: [], cure })
}

function windowsPath(wanted: string): Found {
  const cure = 'It is a Windows path: name a program of this system, or a path inside the application folder.'
  return failed({ why: 'not-found', wanted, lookedFor: [], cure })
}

interface Obstacle {
  readonly reason: string
  readonly cure: string
}

const windowsProgram: Obstacle = {
  reason: 'it is a program for Windows',
  cure: 'Publish for this system (`dotnet publish -r linux-x64`), or framework-dependent, which runs anywhere.',
}

function noPermission(file: string): Obstacle {
  return { reason: 'it has no execute permission', cure: `Give it the permission: chmod +x '${file}'.` }
}

function notExecutable(file: string, obstacle: Obstacle): Found {
  if (!file.toLowerCase().endsWith('.dll')) return failed({ why: 'not-executable', file, ...obstacle })
  const cure = `Set processPath="dotnet" and arguments=".\\${posix.basename(file)}".`
  return failed({ why: 'not-executable', file, reason: 'it is an assembly, not a program', cure })
}
