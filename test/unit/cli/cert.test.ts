import { createPrivateKey, X509Certificate } from 'node:crypto'
import { execFile } from 'node:child_process'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cert } from '../../../src/cli/cert.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { openssl } from '../../support/openssl.ts'
import { hasProgram, program } from '../../support/programs.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(data: string, ...args: string[]): Promise<Ran> {
  const written = { out: '', err: '' }
  const code = await cert.act(args, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    environment: { XDG_DATA_HOME: data },
    isTerminal: false,
  })
  return { code, ...written }
}

interface Created {
  readonly authority: string
  readonly certificate: string
  readonly key: string
  readonly isNewAuthority: boolean
}

async function created(data: string, ...args: string[]): Promise<Created> {
  const { code, out, err } = await run(data, 'create', ...args, '--json')
  if (code !== 0) throw new Error(err)
  return JSON.parse(out) as Created
}

describe('ancmd cert create', () => {
  test('makes a certificate for localhost that openssl finds right in every detail, and its key', async () => {
    const { authority, certificate, key } = await created(await temporaryFolder())
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-check_ss_sig', '-CAfile', authority]
    expect(await openssl(['verify', ...strict, certificate])).toContain('OK')
    for (const name of [
      ['-verify_hostname', 'localhost'],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_ip', '::1'],
    ]) {
      expect(await openssl(['verify', ...strict, ...name, certificate])).toContain('OK')
    }
    await expect(openssl(['verify', ...strict, '-verify_hostname', 'other', certificate])).rejects.toThrow()
    const x509 = new X509Certificate(await readFile(certificate))
    expect(x509.checkPrivateKey(createPrivateKey(await readFile(key)))).toBe(true)
    const days = (new Date(x509.validTo).getTime() - new Date(x509.validFrom).getTime()) / 86_400_000
    expect(days).toBeLessThanOrEqual(398)
  })

  test('takes names, wildcards, other alphabets and addresses', async () => {
    const { certificate } = await created(
      await temporaryFolder(),
      '*.A.test',
      'bücher.example',
      '2001:db8::7',
      '10.1.2.3',
    )
    const { subjectAltName } = new X509Certificate(await readFile(certificate))
    expect(subjectAltName).toBe(
      'DNS:*.a.test, DNS:xn--bcher-kva.example, IP Address:2001:DB8:0:0:0:0:0:7, IP Address:10.1.2.3',
    )
  })

  test('keeps its authority, and makes another one only when that is unusable', async () => {
    const data = await temporaryFolder()
    const [first, second] = [await created(data), await created(data, 'a.test')]
    expect([first.isNewAuthority, second.isNewAuthority]).toEqual([true, false])
    expect(await openssl(['verify', '-CAfile', first.authority, first.certificate, second.certificate])).toContain('OK')
    await writeFile(first.authority, 'broken')
    expect((await created(data)).isNewAuthority).toBe(true)
  })

  test.skipIf(process.platform === 'win32')('lets nobody else read a key', async () => {
    const data = await temporaryFolder()
    const { key, authority } = await created(data)
    for (const file of [key, authority.replace(/pem$/, 'key')]) expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(data, 'ancmd'))).mode & 0o777).toBe(0o700)
    // What was open before is not open afterwards.
    await chmod(key, 0o644)
    await created(data)
    expect((await stat(key)).mode & 0o777).toBe(0o600)
  })

  test('says where everything is, how to trust it on each system, and how to use it', async () => {
    const data = await temporaryFolder()
    const out = join(data, 'here')
    const { out: said } = await run(data, 'create', '--out', out)
    for (const word of ['update-ca-certificates', 'security add-trusted-cert', 'certutil -addstore'])
      expect(said).toContain(word)
    expect(said).toContain(`--cert '${join(out, 'localhost.pem')}' --key '${join(out, 'localhost.key')}'`)
  })

  test.runIf(hasProgram('curl'))('makes what curl trusts when it is told of the authority', async () => {
    const { authority, certificate, key } = await created(await temporaryFolder())
    const server = createServer({ cert: await readFile(certificate), key: await readFile(key) }, (_req, res) =>
      res.end('trusted'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const url = `https://localhost:${String(port)}/`
    const { stdout } = await promisify(execFile)(program('curl'), [
      '-s',
      '--max-time',
      '10',
      '--cacert',
      authority,
      url,
    ])
    expect(stdout).toBe('trusted')
  })

  test.each([
    [[], "say what to do: 'ancmd cert create"],
    [['make'], "say what to do: 'ancmd cert create"],
    [['create', 'a b'], "'a b' is no host name"],
    [['create', '-x'], 'unknown option'],
    [['create', 'a..b'], "'a..b' is no host name"],
    [['create', 'a.*.b'], "'a.*.b' is no host name"],
  ])('%j is refused', async (args, message) => {
    const { code, err } = await run(await temporaryFolder(), ...args)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  test('a folder that cannot be written is named', async () => {
    const data = await temporaryFolder()
    await writeFile(join(data, 'file'), '')
    const { code, err } = await run(data, 'create', '--out', join(data, 'file'))
    expect(code).toBe(1)
    expect(err).toContain(join(data, 'file'))
  })

  test.runIf(process.platform === 'linux')('a folder below /proc, which takes none, is named too', async () => {
    const { code, err } = await run(await temporaryFolder(), 'create', '--out', '/proc/ancmd/certificates')
    expect(code).toBe(1)
    expect(err).toContain('/proc/ancmd cannot be written')
  })
})
