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
  /** Arguments to put before those of web.config: App.dll, when `dotnet` runs that in place of App.exe. */
  readonly args: readonly string[]
  /** Whether web.config names `dotnet`, so that the arguments in web.config name an assembly. */
  readonly takesAssembly: boolean
  /** A sentence for each way in which `file` is not what web.config says. */
  readonly notes: readonly string[]
}

type Found = Result<Program, CommandFailure>

/**
 * Finds the program that processPath names, first in the application folder, then on PATH, as ANCM's SetupCommandLine
 * does. Windows paths are translated, and an App.exe that cannot run on this system becomes `dotnet App.dll`.
 */
export function findProgram(processPath: string, folder: string, places: SearchPlaces, view: FolderView): Found {
  const written = processPath.trim().replace(/^"(.*)"$/, '$1')
  if (/%LAUNCHER_PATH%/i.test(written)) return sourceFolder(written)
  // An absolute path that exists is not translated, because a backslash may be part of a name on this system.
  const isNativePath = written.startsWith('/') && view.probe(written) !== 'missing'
  const path = isNativePath ? written : fromWindowsPath(written)
  const name = posix.basename(path)
  if (isWindowsOnly(path)) {
    if (!isDotnetName(name)) return windowsPath(written)
    return findDotnet(written, [], places, view, (dotnet) => `'${written}' is a Windows path: ${dotnet} is used.`)
  }
  const wantedPath = posix.resolve(folder, path)
  const isBare = name === path
  if (isBare && isDotnetName(name)) {
    const local = posix.join(folder, 'dotnet')
    if (view.probe(local) === 'executable') return runsDirectly(local)
    return findDotnet(written, [local], places, view)
  }
  const inFolder = runnable(wantedPath, places, view)
  if (inFolder?.ok === true) return inFolder
  const candidates = isBare ? [name, ...withoutExe(name)].flatMap((fileName) => candidatesOnPath(fileName, places)) : []
  const file = candidates.find((candidate) => view.probe(candidate) === 'executable')
  if (file !== undefined) return runsDirectly(file)
  const lookedFor = [wantedPath, ...withoutExe(wantedPath), `${stemOf(wantedPath)}.dll`, ...candidates]
  const cure = 'Correct processPath, or publish the app again.'
  return inFolder ?? failed({ why: 'not-found', wanted: written, lookedFor, cure })
}

/** How the app at `/srv/App.exe` or `/srv/App` runs on this system; undefined when there is no file of that name. */
function runnable(path: string, places: SearchPlaces, view: FolderView): Found | undefined {
  for (const wanted of [path, ...withoutExe(path)]) {
    const file = findAnyCase(wanted, view)
    if (file === undefined || view.probe(file) === 'folder') continue
    if (isWindowsProgram(file, view)) {
      const native = withoutExe(file).find((stem) => view.probe(stem) === 'executable')
      if (native !== undefined) return runsDirectly(native)
      return throughDotnet(file, 'is a program for Windows', places, view) ?? notExecutable(file, windowsProgram)
    }
    if (view.probe(file) === 'executable') return runsDirectly(file, spellingNotes(wanted, file))
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

function runsDirectly(file: string, notes: readonly string[] = []): Found {
  return ok({ file, args: [], takesAssembly: isDotnetName(posix.basename(file)), notes })
}

/** Runs the .dll beside `program` with `dotnet`, and notes why; undefined unless that .dll is framework-dependent. */
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

/** Why a file that exists cannot be run, and what the operator can do about it. */
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
