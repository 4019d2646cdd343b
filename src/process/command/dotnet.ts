import { posix } from 'node:path'
import type { FolderView } from '../system/folder-view.ts'
import { readRuntimeConfig } from './runtime-config.ts'

/** Where installers put the runtime; `~` is the home folder. */
const usualFolders = ['/usr/share/dotnet', '/usr/lib/dotnet', '/usr/local/share/dotnet', '~/.dotnet']

export interface SearchPlaces {
  /** Colon-separated folders. */
  readonly path: string | undefined
  readonly dotnetRoot: string | undefined
  readonly home: string | undefined
}

/** Where a child with this environment would look for programs. */
export function searchPlaces(environment: Readonly<Record<string, string | undefined>>): SearchPlaces {
  return { path: environment['PATH'], dotnetRoot: environment['DOTNET_ROOT'], home: environment['HOME'] }
}

/** The absolute paths that PATH gives a bare program name; relative entries of PATH are left out. */
export function candidatesOnPath(name: string, places: SearchPlaces): readonly string[] {
  const folders = (places.path ?? '').split(':').filter((folder) => posix.isAbsolute(folder))
  return folders.map((folder) => posix.join(folder, name))
}

/** Where `dotnet` may be: on PATH first, as any program, then in DOTNET_ROOT, then where installers put it. */
export function candidatesForDotnet(places: SearchPlaces): readonly string[] {
  const folders = usualFolders.flatMap((folder) => {
    if (!folder.startsWith('~')) return [folder]
    return places.home === undefined ? [] : [places.home + folder.slice(1)]
  })
  if (places.dotnetRoot !== undefined && places.dotnetRoot !== '') folders.unshift(places.dotnetRoot)
  return [...new Set([...candidatesOnPath('dotnet', places), ...folders.map((folder) => posix.join(folder, 'dotnet'))])]
}

export function isDotnetName(name: string): boolean {
  return /^dotnet(?:\.exe)?$/i.test(name)
}

/**
 * The assembly that was published beside `program` (`/srv/App` or `/srv/App.exe`); undefined when there is none.
 * `dotnet` can run it if it is framework-dependent.
 */
export function publishedAssembly(
  program: string,
  view: FolderView,
): { readonly dll: string; readonly frameworkDependent: boolean } | undefined {
  const stem = program.replace(/\.exe$/i, '')
  const dll = `${stem}.dll`
  const found = view.probe(dll)
  if (found !== 'file' && found !== 'executable') return undefined
  const config = readRuntimeConfig(view.readHead(`${stem}.runtimeconfig.json`))
  return { dll, frameworkDependent: config?.isFrameworkDependent === true }
}

/** Whether a file is a program for Windows: it begins with `MZ`. */
export function isWindowsProgram(path: string, view: FolderView): boolean {
  return view.readHead(path).startsWith('MZ')
}
