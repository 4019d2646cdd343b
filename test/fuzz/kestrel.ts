import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { top } from '../support/folders.ts'

const source = join(top, 'test/bench/backend')
const cache = join(top, '.cache/fuzz-kestrel')

/** What Kestrel says it has read of one request; text is Latin-1. */
export interface KestrelReading {
  readonly method: string
  readonly target: string
  /** By name, in small letters; the values of repeated fields in one, with commas. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A running Kestrel that answers every request with its reading of it. */
export interface Kestrel {
  readonly port: number
  close(): Promise<void>
}

export async function startKestrel(): Promise<Kestrel> {
  const folder = publish()
  const port = await freePort()
  const child: ChildProcess = spawn('dotnet', [join(folder, 'Backend.dll')], {
    env: { ...process.env, BACKEND_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited])
  if (child.exitCode !== null) throw new Error(`Kestrel ended at once with ${String(child.exitCode)}`)
  return {
    port,
    async close() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Into a folder named after everything that goes in; one that is there already is taken as it is. */
function publish(): string {
  const folder = join(cache, digest())
  if (existsSync(folder)) return folder
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'work-'))
  for (const file of sources()) cpSync(join(source, file), join(work, 'source', file))
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

function digest(): string {
  const hash = createHash('sha256').update(execFileSync('dotnet', ['--version']))
  for (const file of sources()) hash.update(`${file}\0`).update(readFileSync(join(source, file)))
  return hash.digest('hex').slice(0, 16)
}

function sources(): string[] {
  return readdirSync(source)
    .filter((file) => /\.(?:cs|csproj|json)$/.test(file))
    .sort()
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
