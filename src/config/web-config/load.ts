import { access, constants, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { failed, ok, type Result } from '../../platform/result.ts'
import { freezeDeep } from '../freeze.ts'
import type { BindingConfig, HostConfig } from '../model.ts'
import { type Problem, problemAt, wholeFile } from '../problems.ts'
import { findPublishedApp } from './published-app.ts'
import { findWebConfigFile } from './web-config-file.ts'

/** A folder to host as one application, and where to host it. */
export interface FolderOptions {
  /** Absolute, or relative to the current folder. */
  readonly folder: string
  /** Virtual path of the application: `/`, or `/sub` without a trailing slash. */
  readonly pathBase: string
  readonly bindings: readonly BindingConfig[]
  /** As HostConfig has them. Default: none. */
  readonly trustedProxies?: readonly string[]
}

/**
 * Makes a configuration of one site with one application from a folder. Fails if the folder cannot be read, or has
 * neither a web.config nor exactly one published ASP.NET Core application. Does not read web.config, which is read when
 * the host is started; with errors in it the application answers 500.19 until the file is corrected, as in IIS. The
 * result is frozen.
 */
export async function loadFolder(options: FolderOptions): Promise<Result<HostConfig, readonly Problem[]>> {
  const { pathBase, bindings, trustedProxies = [] } = options
  const physicalPath = resolve(options.folder)
  const unusable = await folderProblem(physicalPath)
  if (unusable !== undefined) return failed(freezeDeep([unusable]))
  const file = await findWebConfigFile(physicalPath)
  const published = file.isThere ? undefined : await findPublishedApp(physicalPath)
  if (published?.ok === false) {
    const { text, cure } = published.failure
    return failed(freezeDeep([problemAt('error', wholeFile(file.path), text, cure)]))
  }
  const name = basename(physicalPath) || 'site'
  const site = { name, id: 1, bindings: [...bindings], applications: [{ path: pathBase, physicalPath }] }
  return ok(freezeDeep({ sites: [site], ...(trustedProxies.length > 0 && { trustedProxies: [...trustedProxies] }) }))
}

async function folderProblem(folder: string): Promise<Problem | undefined> {
  const error = (text: string, cure: string): Problem => problemAt('error', wholeFile(folder), text, cure)
  try {
    const about = await stat(folder)
    if (!about.isDirectory()) return error('This is a file, not a folder.', 'Give ancmd the folder that holds it.')
    await access(folder, constants.R_OK | constants.X_OK)
    return undefined
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    if (code === 'ENOENT') return error('There is no such folder.', 'Give ancmd the folder that dotnet publish made.')
    const isPermission = code === 'EACCES'
    return error(
      `The folder cannot be read (${code}).`,
      isPermission ? 'Give the user that ancmd runs as the right to read it.' : 'Look at the file system.',
    )
  }
}
