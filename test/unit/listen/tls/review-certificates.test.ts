import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BindingConfig } from '../../../../src/config/model.ts'
import { reviewCertificates } from '../../../../src/listen/tls/review-certificates.ts'
import { temporaryFolder } from '../../../support/folders.ts'
import { makeCertificate } from '../../../support/openssl.ts'

test('every fault of every binding is named once: a bad file, a wrong name, an old date, bad authorities', async () => {
  const made = await makeCertificate({ names: ['right.test', '*.below.test'] })
  const folder = await temporaryFolder()
  const [broken, clientCa] = [join(folder, 'broken.pem'), join(folder, 'ca.pem')]
  await writeFile(broken, 'broken')
  await writeFile(clientCa, 'broken')
  const bind = (hostName: string, certificate: string, more: object = {}): BindingConfig => ({
    protocol: 'https',
    address: undefined,
    port: 443,
    hostName,
    tls: {
      certificate,
      key: made.key,
      passphraseFile: undefined,
      clientCertificates: 'accept',
      clientCa: undefined,
      http2: true,
      tls13: true,
      ...more,
    },
  })
  const bindings = [
    bind('right.test', made.cert),
    bind('*.below.test', made.cert),
    bind('wrong.test', made.cert, { clientCa }),
    bind('', broken),
    bind('again.test', broken),
  ]
  const in200Days = new Date(Date.now() + 200 * 86_400_000)
  const found = (await reviewCertificates(bindings, in200Days)).map(({ level, file, text }) => [level, file, text])
  expect(found).toEqual([
    ['warning', made.cert, expect.stringContaining('has expired')],
    ['warning', made.cert, 'The certificate is not for wrong.test, the host name of its binding.'],
    ['error', clientCa, expect.stringContaining('no certificate')],
    ['error', broken, expect.stringContaining('neither PEM nor')],
  ])
})
