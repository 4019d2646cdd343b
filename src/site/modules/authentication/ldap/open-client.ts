import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { readOrdinaryFile } from '../../../../platform/files/ordinary-file.ts'
import type { LdapServer } from '../schemes/authentication-settings.ts'
import { isPlain } from './ldap-server.ts'
import { LdapClient } from './ldap-client.ts'
import { LdapFailure } from './ldap-query.ts'
import { TimeLimit } from './time-limit.ts'

/** What the common systems call the file of the authorities that they trust. */
const systemAuthorities = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]

/** What Active Directory says of itself. */
const activeDirectory = '1.2.840.113556.1.4.800'

export interface OpenedClient {
  readonly client: LdapClient
  readonly isActiveDirectory: boolean
}

/**
 * Connects to a server, encrypted unless it is on this machine, and binds. Rejects with an LdapFailure, which leaves
 * nothing open.
 *
 * @param ca a PEM file with the authorities to trust; undefined: the system's
 * @param bind undefined: anonymous
 */
export async function openClient(
  server: LdapServer,
  ca: string | undefined,
  bind: { readonly user: string; readonly password: string } | undefined,
  limitMs: number,
): Promise<OpenedClient> {
  let socket: Socket | undefined
  const limit = new TimeLimit(limitMs, () => socket?.destroy())
  const { host, port } = server
  try {
    const options = server.isTls || !isPlain(server) ? await tlsOptions(server, ca) : {}
    if (server.isTls) {
      socket = connectTls({ ...options, port })
      await opened(socket, 'secureConnect')
    } else {
      socket = connect({ port, host })
      await opened(socket, 'connect')
    }
    if (!server.isTls && !isPlain(server)) {
      socket = connectTls({ ...options, socket: await new LdapClient(socket).startTls() })
      await opened(socket, 'secureConnect')
    }
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 10_000)
    // A connection that nobody waits for keeps no daemon from ending.
    socket.unref()
    const client = new LdapClient(socket)
    if (bind !== undefined) await client.bind(bind.user, bind.password)
    const filter = { present: 'objectClass' }
    const [own] = await client.search({ base: '', scope: 'base', filter, attributes: ['supportedCapabilities'] })
    return { client, isActiveDirectory: own?.texts('supportedCapabilities').includes(activeDirectory) === true }
  } catch (error) {
    socket?.destroy()
    if (limit.isOver) throw new LdapFailure(limit.text)
    if (error instanceof LdapFailure) throw error
    throw new LdapFailure(error instanceof Error ? error.message : String(error))
  } finally {
    limit.cancel()
  }
}

async function tlsOptions({ host }: LdapServer, ca: string | undefined): Promise<ConnectionOptions> {
  const name = isIP(host) === 0 ? { servername: host } : {}
  return { host, ...name, ...(await readAuthorities(ca)), rejectUnauthorized: true }
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      reject(error ?? new LdapFailure('the directory has closed the connection'))
    }
    socket.once('error', end)
    socket.once('close', end)
    socket.once(event, () => {
      socket.off('error', end)
      socket.off('close', end)
      // Whoever reads from it next hears of its end; an error in between is followed by that.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

async function readAuthorities(file: string | undefined): Promise<{ readonly ca?: Buffer }> {
  if (file !== undefined) return { ca: await readOrdinaryFile(file) }
  for (const one of systemAuthorities) {
    const ca = await readFile(one).catch(() => undefined)
    if (ca !== undefined) return { ca }
  }
  return {}
}
