import { posix, win32 } from 'node:path'
import { type Place, type Problems, shown } from './problems.ts'

/** A path that the daemon itself opens, read from a file that was written for Windows. */
export interface OwnPath {
  /** Absolute, in this system's spelling; a separator at the end stays, because log names are built behind it. */
  readonly path: string
  /** Why the written path could not be used and the one above took its place; undefined when it was used. */
  readonly unusableBecause: string | undefined
}

/**
 * `stdoutLogFile`, `debugFile`: relative to the application's folder, `\` and `/` alike, `\\?\` taken off. Where a path cannot
 * exist off Windows (drive, share) or still holds a `%NAME%`, its last part goes to the folder `logs` of the application.
 */
export function ownPath(written: string, folder: string, isWindows = process.platform === 'win32'): OwnPath {
  const plain = written.replace(/^\\\\\?\\(?:UNC\\)?/i, (prefix) => (prefix.length > 4 ? '\\\\' : ''))
  const unknown = /%[A-Za-z_][A-Za-z0-9_().]*%/.exec(plain)?.[0]
  const { resolve, sep } = isWindows ? win32 : posix
  const spelled = isWindows ? plain : plain.replaceAll(/\\/g, '/')
  const unusableBecause =
    unknown !== undefined ? `${unknown} has no value here` : isWindows ? undefined : foreignRoot(spelled)
  const usable = unusableBecause === undefined ? spelled : ['logs', lastPart(spelled)].join(sep)
  const path = resolve(folder, usable)
  return { path: /[\\/]$/.test(usable) && !path.endsWith(sep) ? path + sep : path, unusableBecause }
}

/** Warns where a written path could not be used. */
export function reportUnusablePath(
  name: string,
  written: { readonly text: string; readonly at: Place } | undefined,
  { path, unusableBecause }: OwnPath,
  problems: Problems,
): void {
  if (written === undefined || unusableBecause === undefined) return
  problems.warning(
    written.at,
    `${name}="${shown(written.text)}" cannot be used: ${unusableBecause}. ${path} is used instead.`,
    'Write a path that starts at the application\'s folder, such as ".\\logs\\stdout".',
  )
}

function foreignRoot(spelled: string): string | undefined {
  if (/^[A-Za-z]:/.test(spelled)) return 'this system has no drives'
  return spelled.startsWith('//') ? 'this system has no network shares of that form' : undefined
}

/** `stdout` of `C:\logs\stdout`; with a separator at the end there is no last part, only a folder. */
function lastPart(spelled: string): string {
  return spelled.slice(Math.max(spelled.lastIndexOf('/'), spelled.lastIndexOf('\\'), spelled.indexOf(':')) + 1)
}
