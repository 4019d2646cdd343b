import { posix } from 'node:path'
import type { FolderView } from './folder-view.ts'

/**
 * Converts a path of web.config to this system's spelling: `.\bin\App.exe` → `./bin/App.exe`; a leading `\\?\` is
 * removed.
 */
export function fromWindowsPath(written: string): string {
  return written.replace(/^\\\\\?\\/, '').replaceAll('\\', '/')
}

/** Whether a path begins with a drive, `C:/…`, or with a variable such as `%ProgramFiles%`, which only Windows has. */
export function isWindowsOnly(path: string): boolean {
  return /^[a-z]:/i.test(path) || /^%[^%]+%/.test(path)
}

/**
 * The path itself if it exists, else the one entry of its folder that differs in letter case only; undefined when there
 * is no such entry, or more than one.
 */
export function findAnyCase(path: string, view: FolderView): string | undefined {
  if (view.probe(path) !== 'missing') return path
  const folder = posix.dirname(path)
  const wanted = posix.basename(path).toLowerCase()
  const alike = view.list(folder).filter((name) => name.toLowerCase() === wanted)
  return alike.length === 1 ? posix.join(folder, alike[0] as string) : undefined
}
