import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../platform/package-folder.ts'

/** The version that package.json names. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }
  return manifest.version
}
