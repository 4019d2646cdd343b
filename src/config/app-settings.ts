import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, variable } from './expand.ts'
import { type JsonLeaf, readLenientJson } from './lenient-json.ts'
import type { ProcessConfig } from './model.ts'
import { type Problem, Problems, shown, wholeFile } from './problems.ts'
import { decodeSource, maxBytes } from './source-text.ts'

const settingsFile = /^appsettings(?:\.(.+))?\.json$/i

/**
 * Finds settings in the appsettings*.json of an ASP.NET Core application that make it listen elsewhere than on the port
 * that it is given, and files that .NET cannot read, which end the application at its start. These are warnings in
 * appsettings.json and in the file of the application's own environment; a setting in the file of another environment
 * is only a notice.
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

interface OwnAddress {
  readonly leaf: JsonLeaf
  readonly setting: string
  /** Which applications obey the setting, as the subject of a sentence. */
  readonly appliesTo: string
}

/** The IIS integration overrides Kestrel's endpoints, but not what the plain setting says. */
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
 * The names of the environments that the application may run in, in lower case. Which of the two variables wins depends
 * on the host builder that the application uses, so both count.
 */
function environmentNames({ environmentVariables }: ProcessConfig, inherited: Environment): readonly string[] {
  const names = ['ASPNETCORE_ENVIRONMENT', 'DOTNET_ENVIRONMENT'].flatMap((name) => {
    const own = environmentVariables.find((entry) => entry.name.toUpperCase() === name)?.value
    return (own ?? variable(inherited, name) ?? '').toLowerCase() || []
  })
  return names.length === 0 ? ['production'] : names
}
