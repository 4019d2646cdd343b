import { posix, win32 } from 'node:path'
import { type Place, type Problems, shown } from './problems.ts'

/** A path that the daemon itself opens, read from a file that was written for Windows. */
export interface OwnPath {
  /**
   * Absolute, in this system's spelling; a separator at the end is kept, because names of log files are appended to it.
   */
  readonly path: string
  /** Why the written path cannot be used, so that `path` is another one; undefined when the written path is used. */
  readonly unusableBecause: string | undefined
}

/**
 * Resolves `stdoutLogFile` or `debugFile` against the application's folder; `\` and `/` mean the same, `\\?\` is
 * removed. A path that cannot exist off Windows (with a drive or a share) or still contains a `%NAME%` is replaced by a
 * path in the folder `logs` of the application, with the same last part.
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

/** Adds a warning if the written path could not be used. */
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

/** The name after the last separator: `stdout` in `C:\logs\stdout`, empty in `C:\logs\`. */
function lastPart(spelled: string): string {
  return spelled.slice(Math.max(spelled.lastIndexOf('/'), spelled.lastIndexOf('\\'), spelled.indexOf(':')) + 1)
}
