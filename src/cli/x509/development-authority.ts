import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { makeFolder } from '../../platform/files/make-folder.ts'
import { makeX509 } from './x509.ts'

const dayMs = 86_400_000
const authorityDays = 3650
/** The longest that browsers accept of a server. */
const serverDays = 397
/** An authority that ends earlier than a server's certificate would is made anew. */
const leastAuthorityDays = serverDays

/** The paths of what was made. */
export interface CreatedCertificate {
  readonly authority: string
  readonly certificate: string
  readonly key: string
  /** Whether the authority was made now, so that nobody trusts it yet. */
  readonly isNewAuthority: boolean
  readonly until: Date
}

/**
 * Makes a certificate for these hosts, signed by an authority of this user that is made at the first time. The keys can
 * be read by this user only. Throws what the file system throws.
 *
 * @param folder the authority's folder
 * @param out the folder for the certificate
 */
export async function createCertificate(
  hosts: readonly [string, ...string[]],
  folder: string,
  out: string,
  now: Date,
): Promise<CreatedCertificate> {
  const authority = await openAuthority(folder, now)
  const key = newKey()
  const from = new Date(now.getTime() - dayMs)
  const until = new Date(now.getTime() + serverDays * dayMs)
  const pem = makeX509({ name: hosts[0].slice(0, 64), from, until, key, hosts }, authority)
  await makeFolder(out, 0o700)
  const name = join(out, fileName(hosts[0]))
  await write(`${name}.key`, pemOf(key), 0o600)
  await write(`${name}.pem`, pem, 0o644)
  const { file, isNew } = authority
  return { authority: file, certificate: `${name}.pem`, key: `${name}.key`, isNewAuthority: isNew, until }
}

interface Authority {
  readonly name: string
  readonly key: KeyObject
  readonly file: string
  readonly isNew: boolean
}

async function openAuthority(folder: string, now: Date): Promise<Authority> {
  const file = join(folder, 'development-ca.pem')
  const keyFile = join(folder, 'development-ca.key')
  const found = await readAuthority(file, keyFile, now)
  if (found !== undefined) return found
  const name = ownName()
  const key = newKey()
  const from = new Date(now.getTime() - dayMs)
  const until = new Date(now.getTime() + authorityDays * dayMs)
  await makeFolder(folder, 0o700)
  await write(keyFile, pemOf(key), 0o600)
  await write(file, makeX509({ name, from, until, key, hosts: undefined }, { name, key }), 0o644)
  return { name, key, file, isNew: true }
}

/** Undefined if there is no authority, or none that lasts long enough or fits its key. */
async function readAuthority(file: string, keyFile: string, now: Date): Promise<Authority | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(file))
    const key = createPrivateKey(await readFile(keyFile))
    const lasts = new Date(certificate.validTo).getTime() - now.getTime() > leastAuthorityDays * dayMs
    const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? ''
    return lasts && certificate.checkPrivateKey(key) ? { name, key, file, isNew: false } : undefined
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    // A file without the right to read it is no reason to make another authority.
    if (code === 'EACCES' || code === 'EPERM') throw cause
    return undefined
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}

/** Replaces the file as a whole, so that a daemon never reads half of it. */
async function write(file: string, content: string, mode: number): Promise<void> {
  const fresh = `${file}.new`
  await writeFile(fresh, content, { mode })
  await rename(fresh, file)
}

function fileName(host: string): string {
  return isIP(host) === 0 ? host.replace('*', '_') : host.replaceAll(':', '-')
}

/** Says whose authority it is in the lists of browsers; without characters that have a meaning in names. */
function ownName(): string {
  const owner = `${userInfo().username}@${hostname()}`.replaceAll(/[^\w.@-]/g, '-')
  return `ancmd development CA (${owner.slice(0, 40)})`
}
