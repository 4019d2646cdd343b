import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../bench/backend', import.meta.url))

/** What Kestrel says it has read of one request; text is Latin-1. */
export interface KestrelReading {
  readonly method: string
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A running Kestrel that answers every request with its reading of it. */
export interface Kestrel {
  readonly port: number
  close(): Promise<void>
}

/** Publishes the app into a folder of its own and starts it. */
export async function startKestrel(): Promise<Kestrel> {
  const folder = mkdtempSync(join(tmpdir(), 'kestrel-'))
  const published = spawnSync('dotnet', ['publish', '-c', 'Release', '-v', 'q', '--nologo', '-o', folder], {
    cwd: source,
    encoding: 'utf8',
  })
  if (published.status !== 0) throw new Error(`dotnet publish failed: ${published.stdout}${published.stderr}`)
  const port = await freePort()
  const child: ChildProcess = spawn('dotnet', [join(folder, 'Backend.dll')], {
    env: { ...process.env, BACKEND_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const started = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited])
  if (child.exitCode !== null) throw new Error(`Kestrel ended at once: ${String(started)}`)
  return {
    port,
    async close() {
      child.kill()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
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
