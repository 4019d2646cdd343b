import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { makeFolder } from '../../platform/files/make-folder.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { type ManagerCommand, marker, type ServiceFile } from './service-plan.ts'

/** Why files of a service could not be written or removed. */
export interface ServiceFileFailure {
  readonly why: 'foreign' | 'no-permission' | 'failed'
  readonly path: string
  /** The system's code, such as EROFS. */
  readonly code: string
}

/**
 * How a file of the service stands: as `install` would write it now; otherwise written by it; of others, or unreadable;
 * not there.
 */
export type FileState = 'installed' | 'outdated' | 'foreign' | 'missing'

export function fileState({ path, text }: ServiceFile): FileState {
  try {
    const there = read(path)
    if (there === undefined) return 'missing'
    if (there === text) return 'installed'
    return there.includes(marker) ? 'outdated' : 'foreign'
  } catch {
    return 'foreign'
  }
}

/** Writes all files, or none: what was written before a failure is put back as it was. */
export async function writeServiceFiles(files: readonly ServiceFile[]): Promise<Result<void, ServiceFileFailure>> {
  const foreign = files.find((file) => fileState(file) === 'foreign')
  if (foreign !== undefined) return failed({ why: 'foreign', path: foreign.path, code: 'EEXIST' })
  const before = new Map<string, string | undefined>()
  for (const { path, text } of files) {
    try {
      before.set(path, read(path))
      await makeFolder(dirname(path))
      writeFileSync(path, text, { mode: 0o644 })
    } catch (error) {
      for (const [earlier, old] of before) putBack(earlier, old)
      return failed(failureOf(path, error))
    }
  }
  return ok(undefined)
}

/** Whether `install` has written the file, so that it may be removed. */
export function isWritten(path: string): boolean {
  try {
    return read(path)?.includes(marker) === true
  } catch {
    return false
  }
}

/** Removes the files that `install` has written; resolves with their paths. Files of others stay. */
export function removeServiceFiles(paths: readonly string[]): Result<readonly string[], ServiceFileFailure> {
  const removed: string[] = []
  for (const path of paths) {
    try {
      if (read(path)?.includes(marker) !== true) continue
      rmSync(path)
      removed.push(path)
    } catch (error) {
      return failed(failureOf(path, error))
    }
  }
  return ok(removed)
}

/** Runs a command to its end; resolves with undefined, or with a sentence that says how it failed. */
export function runCommand([program, ...args]: ManagerCommand): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const line = [program, ...args].join(' ')
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`'${line}' could not be started (${error.code ?? error.message})`)
    })
    child.once('close', (code, signal) => {
      const last = said.trim().split('\n').at(-1) ?? ''
      const end = signal === null ? `exit code ${String(code)}` : signal
      resolve(code === 0 ? undefined : `'${line}' failed with ${end}${last === '' ? '' : `: ${last}`}`)
    })
  })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function putBack(path: string, text: string | undefined): void {
  try {
    if (text === undefined) rmSync(path, { force: true })
    else writeFileSync(path, text)
  } catch {
    // What kept the file from being written keeps it from being put back, and it is as it was.
  }
}

function failureOf(path: string, error: unknown): ServiceFileFailure {
  const { code = 'EIO' } = error as NodeJS.ErrnoException
  return { why: code === 'EACCES' || code === 'EPERM' ? 'no-permission' : 'failed', path, code }
}
