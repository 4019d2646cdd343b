import { posix } from 'node:path'
import type { FolderView } from './folder-view.ts'

/** A path as web.config files spell it, in this system's spelling: `.\bin\App.exe` → `./bin/App.exe`, `\\?\` taken off. */
export function fromWindowsPath(written: string): string {
  return written.replace(/^\\\\\?\\/, '').replaceAll('\\', '/')
}

/** `C:/…`, or a folder variable that only Windows fills in: a place that cannot exist here. */
export function isWindowsOnly(path: string): boolean {
  return /^[a-z]:/i.test(path) || /^%[^%]+%/.test(path)
}

/** The path itself, or the one entry of its folder that differs in letter case only. Undefined when neither is there. */
export function findAnyCase(path: string, view: FolderView): string | undefined {
  if (view.probe(path) !== 'missing') return path
  const folder = posix.dirname(path)
  const wanted = posix.basename(path).toLowerCase()
  const alike = view.list(folder).filter((name) => name.toLowerCase() === wanted)
  return alike.length === 1 ? posix.join(folder, alike[0] as string) : undefined
}
