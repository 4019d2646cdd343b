import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { BindingConfig, HostConfig, SiteConfig } from '../../../src/config/model.ts'
import { createHost } from '../../../src/host/create-host.ts'
import type { EngineName } from '../../../src/host/engine.ts'
import type { Host } from '../../../src/host/host.ts'
import type { LogEntry } from '../../../src/log/entry.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { send } from '../../support/send.ts'

/** A folder whose application is offline, and answers with this name without a process. */
export async function offline(name: string): Promise<string> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'app_offline.htm'), `this is ${name}`)
  return folder
}

export function binding(port: number, hostName = '', address: string | undefined = '127.0.0.1'): BindingConfig {
  return { protocol: 'http', address, port, hostName }
}

export function site(id: number, bindings: readonly BindingConfig[], physicalPath: string): SiteConfig {
  return { name: `site${String(id)}`, id, bindings, applications: [{ path: '/', physicalPath }] }
}

export interface Running {
  readonly host: Host
  readonly told: (event: string) => LogEntry[]
  readonly reload: (...sites: readonly SiteConfig[]) => ReturnType<Host['reload']>
}

export async function started(engine: EngineName, ...sites: readonly SiteConfig[]): Promise<Running> {
  const entries: LogEntry[] = []
  const log = { isEnabled: () => true, write: (_level: string, entry: LogEntry) => void entries.push(entry) }
  const environment = { ...process.env }
  const host = await createHost({ sites }, { log, environment, pid: process.pid, engine })
  onTestFinished(async () => {
    const stopped = host.stop()
    host.destroy()
    await stopped
  })
  expect(await host.start()).toMatchObject({ ok: true })
  // Each configuration is made anew, as when a file is read: nothing is the same object as before.
  const reload = (...next: readonly SiteConfig[]) => host.reload(structuredClone<HostConfig>({ sites: next }), 'a test')
  return { host, reload, told: (event) => entries.filter((entry) => entry.event === event) }
}

/** Who answers a request that is sent to this port with this Host field. */
export async function whoAnswers(port: number, hostName = 'any.test', address = '127.0.0.1'): Promise<string> {
  const { text, status } = await send(`http://${address}:${String(port)}`, '/', { headers: { Host: hostName } })
  return /this is (\w+)/.exec(text)?.[1] ?? String(status)
}
