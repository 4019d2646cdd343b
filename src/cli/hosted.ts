import { type LoadedHostFile, loadHostFileWith } from '../config/host-file/load.ts'
import { loadFolder } from '../config/web-config/load.ts'
import type { ApplicationConfig, BindingConfig, ProcessConfig, SiteConfig } from '../config/model.ts'
import type { Launch } from '../process/life/launch.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { modules, sectionsOf } from '../site/modules.ts'
import type { ParsedOptions, UsageError } from './options.ts'
import type { Terminal } from './verb.ts'

/** What a command line asks to host: one folder, or the sites of a host file. */
export type Hosted =
  | { readonly file: string }
  | {
      readonly folder: string
      readonly pathBase: string
      readonly bindings: readonly BindingConfig[]
      readonly trustedProxies: readonly string[]
    }

/** What the host file says itself, so that it cannot be given beside --config. */
const saidByFile = [
  'port',
  'host',
  'path-base',
  'https-port',
  'cert',
  'key',
  'passphrase-file',
  'client-certificates',
  'proxy-protocol',
  'trusted-proxy',
]

/**
 * Reads --config, or the folder and --path-base.
 *
 * @param bindings where a folder is hosted
 * @param trustedProxies as HostConfig has them, for a folder
 */
export function readHosted(
  given: ParsedOptions,
  bindings: readonly BindingConfig[],
  trustedProxies: readonly string[] = [],
): Result<Hosted, UsageError> {
  const file = given.value('config')
  const [folder] = given.positionals
  // As of a script with a variable that is not set: the current folder is not what was meant.
  if (folder === '') return failed({ message: "the folder's name is empty; without one, the current folder is meant" })
  if (file === undefined) {
    const pathBase = readPathBase(given.value('path-base') ?? '/')
    if (!pathBase.ok) return pathBase
    return ok({ folder: folder ?? '.', pathBase: pathBase.value, bindings, trustedProxies })
  }
  if (folder !== undefined) {
    return failed({ message: `option --config hosts the sites of a file, so no folder can be given ('${folder}')` })
  }
  const other = saidByFile.find((name) => given.has(name))
  if (other === undefined) return ok({ file })
  return failed({ message: `option --${other} cannot be given with --config: the file says it` })
}

/** Without a trailing slash. A path with dot segments is refused, because no request has one when it is routed. */
function readPathBase(written: string): Result<string, UsageError> {
  const path = written.length > 1 ? written.replace(/\/+$/, '') : written
  if (/^(\/|(\/(?!\.{1,2}(\/|$))[^/\\?#%\s]+)+)$/.test(path)) return ok(path)
  return failed({ message: `option --path-base takes a path as /sub or /a/b, not '${written}'` })
}

/** Loads the host file, or makes a configuration from the folder; used by `run` and `check`. */
export async function loadHosted(hosted: Hosted, environment: Terminal['environment']): Promise<LoadedHostFile> {
  if ('file' in hosted) return loadHostFileWith(hosted.file, { environment, sections: sectionsOf(modules) })
  return { config: await loadFolder(hosted), notices: [], files: [] }
}

/** What a start of the application would get, for commands that only look at it. */
export function launchToExamine(
  site: SiteConfig,
  { path, physicalPath, pool }: ApplicationConfig,
  config: ProcessConfig,
  inherited: Terminal['environment'],
): Launch {
  return { config, physicalPath, applicationPath: path, site, inherited, pool, httpsPort: undefined, guard: undefined }
}
