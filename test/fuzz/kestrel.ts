import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { top } from '../support/folders.ts'
import { publishedFolder } from './publish.ts'

const source = join(top, 'test/bench/backend')

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
  const folder = publishedFolder(source, 'fuzz-kestrel')
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
