import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { expect, onTestFinished } from 'vitest'
import type { BindingConfig, HostConfig, SiteConfig, TlsConfig } from '../../../src/config/model.ts'
import { createHost } from '../../../src/host/create-host.ts'
import type { EngineName } from '../../../src/host/engine.ts'
import type { Host } from '../../../src/host/host.ts'
import { createLog } from '../../../src/log/log.ts'
import { temporaryFolder } from '../../support/folders.ts'
import type { MadeCertificate } from '../../support/openssl.ts'

const plain = { clientCertificates: 'ignore', clientCa: undefined, http2: true, tls13: true } as const

/** The TLS settings of a binding with this certificate. */
export function tlsOf({ cert, key }: MadeCertificate, more: Partial<TlsConfig> = {}): TlsConfig {
  return { certificate: cert, key, passphraseFile: undefined, ...plain, ...more }
}

export function binding(port: number, tls: TlsConfig, hostName = ''): BindingConfig {
  return { protocol: 'https', address: '127.0.0.1', port, hostName, tls }
}

export interface Running {
  readonly host: Host
  readonly sites: readonly SiteConfig[]
  /** The lines of the log. */
  readonly lines: readonly string[]
}

/** A host with one site whose application is offline, and answers with "offline" without a process. */
export async function running(
  bindings: readonly BindingConfig[],
  engine: EngineName = 'wire',
  more: Partial<HostConfig> = {},
): Promise<Running> {
  const physicalPath = await temporaryFolder()
  await writeFile(join(physicalPath, 'app_offline.htm'), 'offline')
  const lines: string[] = []
  const log = createLog({ format: 'json', level: 'info', out: (text) => void lines.push(text), colour: false })
  const sites = [{ name: 'www', id: 1, bindings, applications: [{ path: '/', physicalPath }] }]
  const host = await createHost({ sites, ...more }, { log, environment: {}, pid: process.pid, engine })
  onTestFinished(() => {
    host.destroy()
  })
  expect(await host.start()).toMatchObject({ ok: true })
  return { host, sites, lines }
}

export async function secured(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

export async function raw(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Everything that comes until the end. */
export async function allOf(socket: Socket): Promise<string> {
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  await once(socket, 'close')
  return Buffer.concat(pieces).toString('latin1')
}
