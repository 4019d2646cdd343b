import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { type MadeCertificate, makeCertificate } from '../../support/openssl.ts'
import { allOf, binding, running, secured, tlsOf } from './offline-host.ts'

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Puts a pair into a folder as tls.crt and tls.key. */
async function putInto(folder: string, { cert, key }: MadeCertificate): Promise<MadeCertificate> {
  await mkdir(folder, { recursive: true })
  await copyFile(cert, join(folder, 'tls.crt'))
  await copyFile(key, join(folder, 'tls.key'))
  return { folder, cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
}

function said(lines: readonly string[], event: string): string | undefined {
  return lines.find((line) => line.includes(`"event":"${event}"`))
}

describe('a renewed certificate', () => {
  test('is given to new connections, while open ones go on', async () => {
    const port = await freePort()
    const first = await makeCertificate({ names: ['first.test'] })
    const pair = await putInto(await temporaryFolder(), first)
    const { lines } = await running([binding(port, tlsOf(pair))])
    const open = await secured(port)
    expect(open.getPeerX509Certificate()?.subject).toBe('CN=first.test')
    await putInto(pair.folder, await makeCertificate({ names: ['second.test'] }))
    await eventually('the renewal is noticed', () => said(lines, 'certificateRenewed') !== undefined, 10_000)
    expect((await secured(port)).getPeerX509Certificate()?.subject).toBe('CN=second.test')
    open.write(request)
    expect(await allOf(open)).toContain('offline')
    expect(said(lines, 'certificateRejected')).toBeUndefined()
  })

  test('is noticed behind symbolic links that are switched, as Kubernetes and certbot do', async () => {
    const port = await freePort()
    const mount = await temporaryFolder()
    await putInto(join(mount, '..1'), await makeCertificate({ names: ['first.test'] }))
    await symlink('..1', join(mount, '..data'))
    await symlink('..data/tls.crt', join(mount, 'tls.crt'))
    await symlink('..data/tls.key', join(mount, 'tls.key'))
    const pair = { folder: mount, cert: join(mount, 'tls.crt'), key: join(mount, 'tls.key') }
    const { lines } = await running([binding(port, tlsOf(pair))])
    await putInto(join(mount, '..2'), await makeCertificate({ names: ['second.test'] }))
    await symlink('..2', join(mount, '..new'))
    await rename(join(mount, '..new'), join(mount, '..data'))
    await eventually('the renewal is noticed', () => said(lines, 'certificateRenewed') !== undefined, 10_000)
    expect((await secured(port)).getPeerX509Certificate()?.subject).toBe('CN=second.test')
  })

  test('that cannot be used is reported, and the one before stays in force until it is mended', async () => {
    const port = await freePort()
    const pair = await putInto(await temporaryFolder(), await makeCertificate({ names: ['first.test'] }))
    const { lines } = await running([binding(port, tlsOf(pair))])
    await writeFile(pair.cert, 'broken')
    await eventually('the fault is reported', () => said(lines, 'certificateRejected') !== undefined, 15_000)
    expect(said(lines, 'certificateRejected')).toContain('"kept":true')
    expect((await secured(port)).getPeerX509Certificate()?.subject).toBe('CN=first.test')
    await putInto(pair.folder, await makeCertificate({ names: ['second.test'] }))
    await eventually('the renewal is noticed', () => said(lines, 'certificateRenewed') !== undefined, 10_000)
    expect((await secured(port)).getPeerX509Certificate()?.subject).toBe('CN=second.test')
  }, 30_000)
})

test('a certificate that ends soon, or has ended, is reported at once and serves nevertheless', async () => {
  const [soon, ended] = [await freePort(), await freePort()]
  const { openssl } = await import('../../support/openssl.ts')
  const past = await makeCertificate()
  await openssl(['req', '-x509', '-key', past.key, '-out', past.cert, '-subj', '/CN=localhost', '-days', '-1']).catch(
    () => openssl(['x509', '-in', past.cert, '-key', past.key, '-days', '-1', '-out', past.cert]),
  )
  const bindings = [binding(soon, tlsOf(await makeCertificate({ days: 5 }))), binding(ended, tlsOf(past))]
  const { lines } = await running(bindings)
  expect(said(lines, 'certificateExpiring')).toMatch(/"days":[45]/)
  expect(said(lines, 'certificateExpired')).toContain(past.cert)
  const socket = await secured(ended)
  socket.write(request)
  expect(await allOf(socket)).toContain('offline')
})
