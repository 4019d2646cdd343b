import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CertificateFiles } from '../../../../src/config/model.ts'
import type { Problem } from '../../../../src/config/problems.ts'
import { readAuthorities, readCertificate, validityWarnings } from '../../../../src/listen/tls/read-certificate.ts'
import { temporaryFolder } from '../../../support/folders.ts'
import { type MadeCertificate, makeCertificate, openssl } from '../../../support/openssl.ts'

const secret = 'a secret that nobody may see'

function filesOf(certificate: string, key?: string, passphraseFile?: string): CertificateFiles {
  return { certificate, key, passphraseFile }
}

async function written(name: string, content: string | Buffer): Promise<string> {
  const file = join(await temporaryFolder(), name)
  await writeFile(file, content)
  return file
}

/** Reads what must be refused. */
async function refusal(files: CertificateFiles): Promise<Problem> {
  const read = await readCertificate(files)
  if (read.ok) throw new Error('it was read')
  expect(JSON.stringify(read.failure)).not.toContain(secret)
  expect(read.failure.cure).not.toBe('')
  return read.failure
}

async function texts({ cert, key }: MadeCertificate): Promise<readonly [string, string]> {
  return [await readFile(cert, 'utf8'), await readFile(key, 'utf8')]
}

async function encryptedKey({ key }: MadeCertificate): Promise<string> {
  const file = join(await temporaryFolder(), 'encrypted.key')
  await openssl(['pkey', '-in', key, '-aes256', '-passout', `pass:${secret}`, '-out', file])
  return file
}

async function pfx({ cert, key }: MadeCertificate, ...more: string[]): Promise<string> {
  const file = join(await temporaryFolder(), 'pair.pfx')
  await openssl(['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', file, '-passout', `pass:${secret}`, ...more])
  return file
}

describe('a certificate is read', () => {
  test('from PEM with its key beside it, in one file, with CRLF, a byte order mark and text around it', async () => {
    const made = await makeCertificate()
    const [cert, key] = await texts(made)
    const together = `\uFEFFBag Attributes\r\n${(key + cert).replaceAll('\n', '\r\n')}\r\nthe end`
    for (const files of [filesOf(made.cert, made.key), filesOf(await written('all.pem', together))]) {
      const read = await readCertificate(files)
      expect(read.ok && read.value.certificate.leaf.subject).toBe('CN=localhost')
      expect(read.ok && read.value.warnings).toEqual([])
    }
  })

  test('with a passphrase from the first line of a file', async () => {
    const made = await makeCertificate()
    const passphrase = await written('pass', `${secret}\r\nanother line`)
    expect(await readCertificate(filesOf(made.cert, await encryptedKey(made), passphrase))).toMatchObject({ ok: true })
  })

  test('with a passphrase from a file in UTF-16, as Windows PowerShell writes it', async () => {
    const made = await makeCertificate()
    const littleEndian = Buffer.from(`\uFEFF${secret}\r\n`, 'utf16le')
    for (const bytes of [littleEndian, Buffer.from(littleEndian).swap16()]) {
      const files = filesOf(await pfx(made), undefined, await written('pass', bytes))
      expect(await readCertificate(files)).toMatchObject({ ok: true })
    }
  })

  test('from PFX files with AES and with 3DES', async () => {
    const made = await makeCertificate()
    const passphrase = await written('pass', secret)
    const old = ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']
    for (const file of [await pfx(made), await pfx(made, ...old)]) {
      const read = await readCertificate(filesOf(file, undefined, passphrase))
      expect(read.ok && read.value.certificate.leaf.subject).toBe('CN=localhost')
    }
  })

  test('from a PFX file with its own key, and another key beside it is said to be not read', async () => {
    const made = await makeCertificate()
    const read = await readCertificate(filesOf(await pfx(made), made.key, await written('pass', secret)))
    expect(read.ok && read.value.warnings.map(({ text }) => text)).toEqual([
      `The key in ${made.key} is not read, because a PFX file has its own.`,
    ])
  })

  test('with its chain, and a chain in which one did not issue the other is warned of', async () => {
    const root = await makeCertificate({ names: ['Root'], isAuthority: true })
    const made = await makeCertificate({ issuer: root })
    const [[rootText], [cert, key], [stranger]] = [
      await texts(root),
      await texts(made),
      await texts(await makeCertificate()),
    ]
    const right = await readCertificate(filesOf(await written('right.pem', key + cert + rootText)))
    expect(right.ok && right.value.warnings).toEqual([])
    const wrong = await readCertificate(filesOf(await written('wrong.pem', key + cert + stranger)))
    expect(wrong.ok && wrong.value.warnings[0]?.text).toContain('did not issue the one before it')
  })
})

describe('is refused with the reason and the cure:', () => {
  test('a file that is missing, a folder, or empty', async () => {
    const folder = await temporaryFolder()
    expect(await refusal(filesOf(join(folder, 'none.pem')))).toMatchObject({
      text: expect.stringContaining('no such file') as string,
    })
    expect(await refusal(filesOf(folder))).toMatchObject({ text: expect.stringContaining('a folder') as string })
    expect(await refusal(filesOf(await written('empty.pem', '')))).toMatchObject({
      text: expect.stringContaining('empty') as string,
    })
  })

  test('a certificate without its key, and the key of another one, which OpenSSL takes silently', async () => {
    const [one, other, rsa] = [await makeCertificate(), await makeCertificate(), await makeCertificate({ kind: 'rsa' })]
    expect((await refusal(filesOf(one.cert))).text).toContain('There is no private key')
    expect((await refusal(filesOf(one.cert, other.key))).text).toContain('is not the one of this certificate')
    expect((await refusal(filesOf(rsa.cert, one.key))).text).toContain('is not the one of this certificate')
  })

  test('a chain in the wrong order', async () => {
    const root = await makeCertificate({ names: ['Root'], isAuthority: true })
    const made = await makeCertificate({ issuer: root })
    const [[rootText], [cert]] = [await texts(root), await texts(made)]
    const problem = await refusal(filesOf(await written('chain.pem', rootText + cert), made.key))
    expect(problem.text).toContain('The chain is in the wrong order')
    expect(problem.line).toBe(1)
  })

  test('a file that is cut, and a damaged block, with the line', async () => {
    const made = await makeCertificate()
    const [cert] = await texts(made)
    expect(await refusal(filesOf(await written('cut.pem', `\n\n${cert.slice(0, 200)}`), made.key))).toMatchObject({
      line: 3,
    })
    const lines = cert.split('\n')
    lines[3] = 'AAAA'
    const problem = await refusal(filesOf(await written('damaged.pem', lines.join('\n')), made.key))
    expect(problem).toMatchObject({ line: 1, text: expect.stringContaining('damaged') as string })
  })

  test('a key in the place of the certificate, and a certificate in that of the key', async () => {
    const made = await makeCertificate()
    expect((await refusal(filesOf(made.key))).text).toContain('a private key and no certificate')
    expect((await refusal(filesOf(made.cert, made.cert))).text).toContain('a certificate and no private key')
  })

  test('an encrypted key without its passphrase, and with a wrong one', async () => {
    const made = await makeCertificate()
    const key = await encryptedKey(made)
    expect((await refusal(filesOf(made.cert, key))).text).toContain('no passphrase is given')
    const wrong = await written('pass', 'wrong')
    expect(await refusal(filesOf(made.cert, key, wrong))).toMatchObject({
      text: expect.stringContaining('The passphrase is not the one') as string,
      cure: expect.stringContaining(wrong) as string,
    })
  })

  test('a certificate and a key in DER', async () => {
    const made = await makeCertificate()
    const folder = await temporaryFolder()
    await openssl(['x509', '-in', made.cert, '-outform', 'der', '-out', join(folder, 'c.der')])
    await openssl(['pkey', '-in', made.key, '-outform', 'der', '-out', join(folder, 'k.der')])
    expect((await refusal(filesOf(join(folder, 'c.der')))).cure).toContain('openssl x509 -inform der')
    expect((await refusal(filesOf(join(folder, 'k.der')))).text).toContain('a private key in DER')
    expect((await refusal(filesOf(made.cert, join(folder, 'k.der')))).cure).toContain('openssl pkey -inform der')
  })

  test('a PFX with a wrong passphrase or none, without its key, with RC2, and what is no PFX at all', async () => {
    const made = await makeCertificate()
    const right = await written('pass', secret)
    const file = await pfx(made)
    expect((await refusal(filesOf(file))).text).toContain('The passphrase is not the one of this PFX')
    expect((await refusal(filesOf(file, undefined, await written('pass', 'wrong')))).text).toContain('The passphrase')
    const keyless = join(await temporaryFolder(), 'keyless.pfx')
    await openssl(['pkcs12', '-export', '-nokeys', '-in', made.cert, '-out', keyless, '-passout', `pass:${secret}`])
    expect((await refusal(filesOf(keyless, undefined, right))).text).toContain(
      'lacks the certificate or its private key',
    )
    const rc2 = await pfx(made, '-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-RC2-40')
    expect((await refusal(filesOf(rc2, undefined, right))).cure).toContain('openssl pkcs12 -legacy')
    const garbage = await written('garbage.pfx', Buffer.from([1, 2, 3, 4]))
    expect((await refusal(filesOf(garbage, undefined, right))).text).toContain('neither PEM nor a PFX')
  })

  test('authorities that are none', async () => {
    const made = await makeCertificate()
    expect(await readAuthorities(made.key)).toMatchObject({ ok: false })
    expect(await readAuthorities(await written('ca.pem', 'garbage'))).toMatchObject({ ok: false })
    expect(await readAuthorities(made.cert)).toMatchObject({ ok: true })
  })
})

test('a short RSA key is warned of, and dates are judged by the clock', async () => {
  const made = await makeCertificate({ kind: 'rsa1024', days: 10 })
  const read = await readCertificate(filesOf(made.cert, made.key))
  if (read.ok) expect(read.value.warnings[0]?.text).toContain('1024 bits')
  else expect(read.failure.text).toContain('too short')
  const ec = await makeCertificate({ days: 10 })
  const good = await readCertificate(filesOf(ec.cert, ec.key))
  if (!good.ok) throw new Error(good.failure.text)
  const days = (count: number): Date => new Date(Date.now() + count * 86_400_000)
  expect(validityWarnings(good.value.certificate, days(5))).toEqual([])
  expect(validityWarnings(good.value.certificate, days(11))[0]?.text).toContain('has expired')
  expect(validityWarnings(good.value.certificate, days(-1))[0]?.text).toContain('not valid yet')
})
