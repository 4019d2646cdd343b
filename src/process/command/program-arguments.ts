import { posix } from 'node:path'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import type { CommandFailure } from './command-failure.ts'
import type { FolderView } from '../system/folder-view.ts'
import { findAnyCase, fromWindowsPath } from '../system/paths.ts'
import type { Argument } from './split-arguments.ts'

interface TranslatedArguments {
  readonly args: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Translates arguments to this system's spelling of paths. The first argument is a path if it looks like one; for
 * `dotnet` the first argument that is not an option is the assembly. Any other argument is a path only if it begins
 * with `.\` or `..\` and the file exists. All other arguments keep their backslashes. Fails when the assembly does not
 * exist.
 */
export function translateArguments(
  written: readonly Argument[],
  takesAssembly: boolean,
  folder: string,
  view: FolderView,
): Result<TranslatedArguments, CommandFailure> {
  const args = written.map((argument) => argument.text)
  const rest = (from: number): string[] => args.slice(from).map((arg) => translateIfPresent(arg, folder, view))
  if (!takesAssembly) {
    const [first] = args
    return ok({ args: first === undefined ? [] : [translateFirst(first, folder, view), ...rest(1)], notes: [] })
  }
  const index = assemblyIndex(args)
  const assembly = assemblyAt(written, index, folder, view)
  if (assembly === undefined) return ok({ args: rest(0), notes: [] })
  const path = nativePath(assembly.text, view)
  const wanted = posix.resolve(folder, path)
  const file = findAnyCase(wanted, view)
  if (file === undefined) {
    const cure = 'Correct arguments, or publish the app again.'
    return failed({ why: 'not-found', wanted: assembly.text, lookedFor: [wanted], cure })
  }
  const name = posix.basename(file)
  const options = args.slice(0, index).map((arg) => translateIfPresent(arg, folder, view))
  const spelled = path.slice(0, path.length - name.length) + name
  return ok({
    args: [...options, spelled, ...rest(index + assembly.words)],
    notes: file === wanted ? [] : [`'${posix.basename(wanted)}' is spelled '${name}' on this disk.`],
  })
}

/** The index of App.dll in `[exec] [--option value …] App.dll`: every option of the host takes a value. */
function assemblyIndex(args: readonly string[]): number {
  let index = args[0] === 'exec' ? 1 : 0
  while (args[index]?.startsWith('--') === true) index += 2
  return index
}

/**
 * The assembly's name, joined again where blanks split it, because the SDK writes even names with blanks without quotes
 * (`.\API X.dll`).
 */
function assemblyAt(
  written: readonly Argument[],
  index: number,
  folder: string,
  view: FolderView,
): { readonly text: string; readonly words: number } | undefined {
  let text = ''
  for (const [at, word] of written.slice(index).entries()) {
    text = at === 0 ? word.text : `${text} ${word.text}`
    const whole = text.toLowerCase().endsWith('.dll')
    if (whole && (at === 0 || findAnyCase(posix.resolve(folder, fromWindowsPath(text)), view) !== undefined)) {
      return { text, words: at + 1 }
    }
    if (!word.bare) break
  }
  return undefined
}

/**
 * A path in this system's spelling; a full path that exists stays as it is, because the name of a folder may contain a
 * backslash.
 */
function nativePath(written: string, view: FolderView): string {
  const isPresent = written.startsWith('/') && view.probe(written) !== 'missing'
  return isPresent ? written : fromWindowsPath(written)
}

function translateFirst(arg: string, folder: string, view: FolderView): string {
  return startsInFolder(arg) || isPresent(arg, folder, view) ? nativePath(arg, view) : arg
}

function translateIfPresent(arg: string, folder: string, view: FolderView): string {
  return startsInFolder(arg) && isPresent(arg, folder, view) ? fromWindowsPath(arg) : arg
}

function startsInFolder(arg: string): boolean {
  return /^\.{1,2}\\/.test(arg)
}

function isPresent(arg: string, folder: string, view: FolderView): boolean {
  return arg.includes('\\') && view.probe(posix.resolve(folder, fromWindowsPath(arg))) !== 'missing'
}
