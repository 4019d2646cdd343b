import { posix } from 'node:path'
import type { FolderView } from '../system/folder-view.ts'

/** Where installers put the runtime when it is on no PATH; `~` is the home folder. */
const usualFolders = ['/usr/share/dotnet', '/usr/lib/dotnet', '/usr/local/share/dotnet', '~/.dotnet']

export interface SearchPlaces {
  /** Colon-separated folders. */
  readonly path: string | undefined
  readonly dotnetRoot: string | undefined
  readonly home: string | undefined
}

/** Where a child with this environment looks for programs. */
export function searchPlaces(environment: Readonly<Record<string, string | undefined>>): SearchPlaces {
  return { path: environment['PATH'], dotnetRoot: environment['DOTNET_ROOT'], home: environment['HOME'] }
}

/** Absolute paths at which a bare program name may be; relative PATH entries are left out, as they would mean anything. */
export function candidatesOnPath(name: string, places: SearchPlaces): readonly string[] {
  const folders = (places.path ?? '').split(':').filter((folder) => posix.isAbsolute(folder))
  return folders.map((folder) => posix.join(folder, name))
}

/** Where `dotnet` may be: PATH first, as for any program, then what DOTNET_ROOT says, then where installers put it. */
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
 * How an app published beside `program` (`/srv/App` or `/srv/App.exe`) can run: its App.dll through `dotnet`, if the
 * runtimeconfig.json says that it uses a shared framework; a self-contained one carries a runtime for its own system.
 */
export function publishedAssembly(
  program: string,
  view: FolderView,
): { readonly dll: string; readonly frameworkDependent: boolean } | undefined {
  const stem = program.replace(/\.exe$/i, '')
  const dll = `${stem}.dll`
  const found = view.probe(dll)
  if (found !== 'file' && found !== 'executable') return undefined
  return { dll, frameworkDependent: usesSharedFramework(view.readHead(`${stem}.runtimeconfig.json`)) }
}

function usesSharedFramework(json: string): boolean {
  try {
    const config = JSON.parse(json.replace(/^\uFEFF/, '')) as {
      runtimeOptions?: { framework?: unknown; frameworks?: unknown; includedFrameworks?: unknown }
    } | null
    const options = config?.runtimeOptions
    if (options === undefined || options.includedFrameworks !== undefined) return false
    return options.framework !== undefined || options.frameworks !== undefined
  } catch {
    return false
  }
}

/** A program for Windows begins with `MZ`, whatever its permission bits say. */
export function isWindowsProgram(path: string, view: FolderView): boolean {
  return view.readHead(path).startsWith('MZ')
}
