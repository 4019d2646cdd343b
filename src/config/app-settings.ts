import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, variable } from './expand.ts'
import { type JsonLeaf, readLenientJson } from './lenient-json.ts'
import type { ProcessConfig } from './model.ts'
import { type Problem, Problems, shown, wholeFile } from './problems.ts'
import { decodeSource, maxBytes } from './source-text.ts'

const settingsFile = /^appsettings(?:\.(.+))?\.json$/i

/**
 * Reviews the appsettings*.json of an ASP.NET Core application. Reports settings that make it listen on another address
 * than the port that ancmd gives it, and files that .NET cannot parse, with which the application ends at its start. A
 * file that the application reads gets warnings: appsettings.json, and the one of its own environment. A setting in the
 * file of another environment gets a notice.
 *
 * @param inherited the daemon's own environment
 */
export async function reviewAppSettings(
  physicalPath: string,
  process: ProcessConfig,
  inherited: Environment,
): Promise<readonly Problem[]> {
  const problems = new Problems()
  const environments = environmentNames(process, inherited)
  for (const name of (await readdir(physicalPath).catch(() => [])).toSorted()) {
    const found = settingsFile.exec(name)
    if (found === null) continue
    const [, environment] = found
    const isRead = environment === undefined || environments.includes(environment.toLowerCase())
    await reviewFile(join(physicalPath, name), isRead ? undefined : environment, problems)
  }
  return problems.list
}

/** Reviews one file. `otherEnvironment`: the environment in the file's name, if the application runs in another one. */
async function reviewFile(file: string, otherEnvironment: string | undefined, problems: Problems): Promise<void> {
  let bytes: Uint8Array
  try {
    const about = await stat(file)
    if (!about.isFile() || about.size > maxBytes) return
    bytes = await readFile(file)
  } catch (error) {
    const cure = 'Give the user that ancmd runs as the right to read it.'
    problems.warning(
      wholeFile(file),
      `The file cannot be read (${String((error as NodeJS.ErrnoException).code)}).`,
      cure,
    )
    return
  }
  const source = decodeSource(file, bytes)
  if (!source.ok)
    return problems.add({ ...source.failure, level: otherEnvironment === undefined ? 'warning' : 'notice' })
  const leaves = readLenientJson(source.value.text)
  if (!leaves.ok) {
    const text = 'This is not JSON as .NET reads it: an ASP.NET Core application ends at its start.'
    if (otherEnvironment === undefined) problems.warning(source.value.place(leaves.failure), text, 'Correct it here.')
    return
  }
  for (const { leaf, setting, appliesTo } of ownAddresses(leaves.value)) {
    const at = source.value.place(leaf.at)
    const what = `${setting} is "${shown(String(leaf.value))}"`
    if (otherEnvironment === undefined) {
      const text = `${what}: ${appliesTo} listens there, and not on the port that it is given.`
      const cure = 'Take it out of the published file; for development it can stand in appsettings.Development.json.'
      problems.warning(at, text, cure)
    } else {
      const text = `${what}, which only the environment ${shown(otherEnvironment)} reads; the application runs in another.`
      problems.notice(at, text)
    }
  }
}

/** A setting that gives the application an address of its own to listen on. */
interface OwnAddress {
  readonly leaf: JsonLeaf
  readonly setting: string
  /** Which applications obey the setting, as the subject of a sentence. */
  readonly appliesTo: string
}

// The IIS integration replaces the addresses of `Kestrel:Endpoints`, but not those of `Urls`.
const anyApplication = 'the application'
const withoutIntegration = 'an application without the IIS integration (CreateSlimBuilder, AOT)'

/**
 * Every `Urls` and `Kestrel:Endpoints:NAME:Url` that has a value. As in .NET, names match in any letter case, and a
 * colon inside a name separates two levels.
 */
function ownAddresses(leaves: readonly JsonLeaf[]): readonly OwnAddress[] {
  return leaves.flatMap((leaf) => {
    const path = leaf.path.flatMap((name) => name.split(':'))
    const [first, second, , last] = path.map((name) => name.toLowerCase())
    if (leaf.value === null || leaf.value === '') return []
    if (path.length === 1 && first === 'urls') return [{ leaf, setting: 'Urls', appliesTo: anyApplication }]
    const isEndpoint = path.length === 4 && first === 'kestrel' && second === 'endpoints' && last === 'url'
    if (!isEndpoint) return []
    return [{ leaf, setting: `Kestrel:Endpoints:${shown(path[2] ?? '')}`, appliesTo: withoutIntegration }]
  })
}

/**
 * The environments that the application may run in, in lower case. Whether ASPNETCORE_ENVIRONMENT or DOTNET_ENVIRONMENT
 * wins depends on the application's host builder, so both count.
 */
function environmentNames({ environmentVariables }: ProcessConfig, inherited: Environment): readonly string[] {
  const names = ['ASPNETCORE_ENVIRONMENT', 'DOTNET_ENVIRONMENT'].flatMap((name) => {
    const configured = environmentVariables.find((entry) => entry.name.toUpperCase() === name)?.value
    return (configured ?? variable(inherited, name) ?? '').toLowerCase() || []
  })
  return names.length === 0 ? ['production'] : names
}
