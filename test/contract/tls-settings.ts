import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { FrontSettingsMaker } from '../../src/host/front-settings.ts'
import type { FrontSettings } from '../../src/listen/entrance.ts'
import type { Log } from '../../src/log/entry.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { testCertificate } from '../support/certificate.ts'

const silent: Log = { isEnabled: () => false, write: () => undefined }

/** The settings of a front for https with the certificate of the tests, as the host makes them. Ends with the test. */
export async function tlsSettings(): Promise<FrontSettings> {
  const folder = await mkdtemp(join(tmpdir(), 'ancmd-tls-'))
  const certificate = join(folder, 'pair.pem')
  await writeFile(certificate, `${testCertificate.cert}\n${testCertificate.key}\n`)
  const maker = new FrontSettingsMaker(systemClock, silent, () => undefined)
  onTestFinished(async () => {
    maker.close()
    await rm(folder, { recursive: true })
  })
  const tls = {
    certificate,
    key: undefined,
    passphraseFile: undefined,
    clientCertificates: 'ignore',
    clientCa: undefined,
    http2: false,
    tls13: true,
  } as const
  const settings = await maker.make([{ protocol: 'https', address: '127.0.0.1', port: 0, hostName: '', tls }], false)
  if (!settings.ok) throw new Error(settings.failure.map(({ text }) => text).join('\n'))
  return settings.value
}
