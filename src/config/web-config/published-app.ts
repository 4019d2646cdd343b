import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { failed, ok, type Result } from '../../platform/result.ts'
import { shown } from '../problems.ts'
import type { WrittenCommand } from '../sections/process-command.ts'
import { maxBytes } from '../source-text.ts'

const ending = '.runtimeconfig.json'
const framework = 'Microsoft.AspNetCore.App'

/** The only ASP.NET Core application in a folder without web.config. */
export interface PublishedApp {
  /** Its runtimeconfig.json, absolute. */
  readonly file: string
  readonly command: WrittenCommand
}

/** Why no application was found, or why one cannot be chosen. */
export interface NotOneApp {
  readonly text: string
  readonly cure: string
}

/** What kind of application a runtimeconfig.json belongs to; `why` is the predicate of a sentence about the file. */
type Description =
  | { readonly kind: 'framework-dependent' | 'self-contained' }
  | { readonly kind: 'other'; readonly why: string }

/**
 * Finds the application that `dotnet publish` left in a folder, by the only `NAME.runtimeconfig.json` that names
 * Microsoft.AspNetCore.App. A framework-dependent application runs as `dotnet .\NAME.dll`, a self-contained one as
 * `.\NAME`.
 */
export async function findPublishedApp(folder: string): Promise<Result<PublishedApp, NotOneApp>> {
  let entries: readonly string[]
  try {
    entries = await readdir(folder)
  } catch (error) {
    const text = `The folder cannot be read (${codeOf(error)}).`
    return failed({ text, cure: 'Give ancmd the folder that dotnet publish made, with the right to read it.' })
  }
  const files = entries.filter((name) => name.toLowerCase().endsWith(ending)).toSorted()
  const apps: PublishedApp[] = []
  const others: string[] = []
  for (const name of files) {
    const file = join(folder, name)
    const description = await describe(file)
    if (description.kind === 'other') others.push(`${shown(name)} ${description.why}`)
    else apps.push({ file, command: commandOf(name.slice(0, -ending.length), description.kind) })
  }
  const [only] = apps
  if (only === undefined) {
    const rest = others.length === 0 ? `and no *${ending}.` : `and no ASP.NET Core application: ${others.join(', ')}.`
    const cure =
      'Give ancmd the folder that dotnet publish made, or write a web.config with <aspNetCore> or <httpPlatform>.'
    return failed({ text: `The folder has no web.config ${rest}`, cure })
  }
  if (apps.length === 1) return ok(only)
  const found = apps.map(({ file }) => shown(file.slice(join(folder, ' ').length - 1))).join(', ')
  const cure = 'Write a web.config whose <aspNetCore> names the one to start, or publish each into a folder of its own.'
  return failed({ text: `The folder has no web.config and several applications: ${found}.`, cure })
}

function commandOf(app: string, kind: 'framework-dependent' | 'self-contained'): WrittenCommand {
  if (kind === 'self-contained') return { processPath: `.\\${app}`, arguments: '' }
  const dll = `.\\${app}.dll`
  return { processPath: 'dotnet', arguments: /\s/.test(dll) ? `"${dll}"` : dll }
}

async function describe(file: string): Promise<Description> {
  let text: string
  try {
    const about = await stat(file)
    if (!about.isFile() || about.size > maxBytes) return { kind: 'other', why: 'is no file, or too large' }
    text = await readFile(file, 'utf8')
  } catch (error) {
    return { kind: 'other', why: `cannot be read (${codeOf(error)})` }
  }
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return { kind: 'other', why: 'is not JSON' }
  }
  const options = member(json, 'runtimeOptions')
  if (namesIn(member(options, 'includedFrameworks')).includes(framework)) return { kind: 'self-contained' }
  const shared = [member(options, 'framework'), ...asList(member(options, 'frameworks'))]
  if (namesIn(shared).includes(framework)) return { kind: 'framework-dependent' }
  return { kind: 'other', why: `does not name ${framework}` }
}

function namesIn(frameworks: unknown): readonly unknown[] {
  return asList(frameworks).map((entry) => member(entry, 'name'))
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function member(value: unknown, name: string): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return has ? (value as Record<string, unknown>)[name] : undefined
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return code
}
