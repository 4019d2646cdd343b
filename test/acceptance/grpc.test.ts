import { status } from '@grpc/grpc-js'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { call, collect, type EchoClient, grpcClient } from '../support/grpc-client.ts'

describe.skipIf(!hasDotnet)('gRPC over TLS, with upstreamProtocol="h2c"', () => {
  let daemon: Daemon
  let port: number
  const open = (): EchoClient => grpcClient(port, testCertificate.cert)

  beforeAll(async () => {
    const folder = await dotnetApp('grpc')
    await editWebConfig(folder, { attributes: { upstreamProtocol: 'h2c' } })
    const place = await temporaryFolder()
    await writeFile(join(place, 'cert.pem'), testCertificate.cert)
    await writeFile(join(place, 'key.pem'), testCertificate.key, { mode: 0o600 })
    const args = ['--https-port', '0', '--cert', join(place, 'cert.pem'), '--key', join(place, 'key.pem')]
    daemon = await startDaemon(folder, { args })
    const { url } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
    port = Number(new URL(String(url)).port)
  })

  test('a unary call brings its answer, and the app sees HTTP/2, https and te: trailers', async () => {
    const client = open()
    expect(await call(client, 'Unary', 'hello')).toBe('hello')
    expect(await call(client, 'Unary', 'x'.repeat(1_000_000))).toHaveLength(1_000_000)
    expect(await call(client, 'About', '')).toMatch(/HTTP\/2; https; te=trailers$/)
  })

  test('a server stream brings every message in order', async () => {
    const { messages, error } = await collect(open().ServerStream(Buffer.from('1000')))
    expect(error).toBeUndefined()
    expect(messages).toEqual(Array.from({ length: 1000 }, (_, i) => `message ${String(i)}`))
  })

  test('a client stream is read to its end', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const stream = open().ClientStream((error, message) => {
        if (error === null) resolve(String(message))
        else reject(error)
      })
      for (let i = 0; i < 100; i += 1) stream.write(Buffer.alloc(10_000))
      stream.end()
    })
    expect(answer).toBe('100 messages, 1000000 bytes')
  })

  test('a bidirectional stream answers each message before the next is sent', async () => {
    const stream = open().Bidi()
    const answers: string[] = []
    const over = new Promise<void>((resolve, reject) => {
      stream.on('data', (message: Buffer) => {
        answers.push(message.toString())
        if (answers.length < 20) stream.write(Buffer.from(String(answers.length)))
        else stream.end()
      })
      stream.on('end', resolve)
      stream.on('error', reject)
    })
    stream.write(Buffer.from('0'))
    await over
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
  })

  test('errors arrive as they are: in the only head, after a message, and as a reset', async () => {
    const client = open()
    await expect(call(client, 'NotFound', '')).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'nothing of that name',
    })
    const late = await collect(client.FailsLate(Buffer.from('')))
    expect(late.messages).toEqual(['one'])
    expect(late.error).toMatchObject({ code: status.ABORTED, details: 'given up' })
    const reset = await collect(client.Resets(Buffer.from('')))
    expect(reset.error?.code).not.toBe(status.OK)
    // The connection goes on.
    expect(await call(client, 'Unary', 'hello')).toBe('hello')
  })

  test('a deadline and a cancelled call reach the app', async () => {
    const client = open()
    const aborted = async (): Promise<number> => Number.parseInt(await call(client, 'About', ''), 10)
    const before = await aborted()
    await expect(call(client, 'Waits', '', { deadline: Date.now() + 3000 })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    })
    await eventually('the app knows of the deadline', async () => (await aborted()) === before + 1)
    const cancelled = new Promise<number>((resolve) => {
      const waiting = client.Waits(Buffer.from(''), {}, (error) => {
        resolve(error?.code ?? status.OK)
      })
      waiting.on('metadata', () => {
        waiting.cancel()
      })
    })
    expect(await cancelled).toBe(status.CANCELLED)
    await eventually('the app knows of the cancellation', async () => (await aborted()) === before + 2)
  })
})
