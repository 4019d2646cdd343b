import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../support/folders.ts'

/**
 * The folder of a .NET program, published from the files in `source`. It is named after everything that goes in; one
 * that is there already is taken as it is. `name` tells the programs in the cache apart.
 */
export function publishedFolder(source: string, name: string): string {
  const cache = join(top, '.cache', name)
  const files = readdirSync(source)
    .filter((file) => /\.(?:cs|csproj|json)$/.test(file))
    .sort()
  const folder = join(cache, digest(source, files))
  if (existsSync(folder)) return folder
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'work-'))
  for (const file of files) cpSync(join(source, file), join(work, 'source', file))
  const { status, stdout, stderr } = spawnSync(
    'dotnet',
    ['publish', join(work, 'source'), '-c', 'Release', '-o', join(work, 'out'), '-p:UseSharedCompilation=false'],
    { encoding: 'utf8', timeout: 300_000, env: { ...process.env, MSBUILDDISABLENODEREUSE: '1', DOTNET_NOLOGO: '1' } },
  )
  if (status !== 0) throw new Error(`dotnet publish failed:\n${stdout}${stderr}`)
  renameSync(join(work, 'out'), folder)
  rmSync(work, { recursive: true, force: true })
  return folder
}

function digest(source: string, files: readonly string[]): string {
  const hash = createHash('sha256').update(execFileSync('dotnet', ['--version']))
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(source, file)))
  return hash.digest('hex').slice(0, 16)
}
