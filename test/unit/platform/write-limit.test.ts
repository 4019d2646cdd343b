import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { setWriteLimit } from '../../../src/platform/write-limit.ts'
import { testCertificate } from '../../support/certificate.ts'

test('a TLS socket has room until as many bytes wait in it as it was told', async () => {
  const server = createServer(testCertificate).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', ca: testCertificate.cert })
  const [accepted] = (await once(server, 'secureConnection')) as [Socket]
  onTestFinished(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  setWriteLimit(accepted, 65_536)
  expect(accepted.write(Buffer.alloc(60_000))).toBe(true)
  expect(accepted.write(Buffer.alloc(6_000))).toBe(false)
  client.resume()
  await once(accepted, 'drain')
  expect(accepted.writableLength).toBe(0)
})
