import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { copyApp, top } from './folders.ts'

/** The apps that config/scripts/publish-test-apps.mjs publishes. */
export type DotnetApp =
  | 'auth'
  | 'auth-self-contained'
  | 'auth-single-file'
  | 'auth-self-contained-single-file'
  | 'auth-net8'
  | 'auth-net8-self-contained'
  | 'auth-trimmed'
  | 'test-app'
  | 'slim'
  | 'cookies'
  | 'grpc'
  | 'web'
  | 'webapi'
  | 'mvc'
  | 'webapp'
  | 'web-this-system'
  | 'web-win-x64'
  | 'web-self-contained'
  | 'upload'
  | 'upload-net8-self-contained'
  | 'upload-single-file'
  | 'upload-self-contained-single-file'
  | 'user-hook'

/**
 * False where there is no .NET SDK, so that tests that need one are reported as skipped. Always true in CI, where a
 * missing SDK fails the tests.
 */
export const hasDotnet = process.env['CI'] === 'true' || spawnSync('dotnet', ['--version']).status === 0

const published = new Map<DotnetApp, Promise<string>>()

/** A fresh copy of an app's publish folder; publishes it first if that has not been done yet. */
export async function dotnetApp(name: DotnetApp): Promise<string> {
  let folder = published.get(name)
  if (folder === undefined) {
    folder = publish(name)
    published.set(name, folder)
  }
  return copyApp(await folder)
}

async function publish(name: DotnetApp): Promise<string> {
  const script = `${top}/config/scripts/publish-test-apps.mjs`
  const { stdout } = await promisify(execFile)(process.execPath, [script, name])
  return stdout.trim().split('\t')[1] ?? ''
}

/** Builds dist/hooks if it is out of date. */
export async function buildStartupHooks(): Promise<void> {
  await promisify(execFile)(process.execPath, [`${top}/config/scripts/startup-hooks.mjs`])
}
