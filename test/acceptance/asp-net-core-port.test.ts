import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'

async function withPort(port: string | undefined): Promise<Daemon> {
  const folder = await copyApp('node-twin')
  if (port !== undefined) await editWebConfig(folder, { environment: { ASPNETCORE_PORT: port } })
  return startDaemon(folder)
}

/** A port below the ephemeral range that nobody listens on just now. */
async function unusedPort(): Promise<number> {
  for (;;) {
    const candidate = 20_000 + Math.floor(Math.random() * 10_000)
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => {
        resolve(false)
      })
      probe.listen(candidate, '127.0.0.1', () => {
        probe.close(() => {
          resolve(true)
        })
      })
    })
    if (free) return candidate
  }
}

describe('ASPNETCORE_PORT', () => {
  test('not set: a random port from 10000 to 48000, told in the event', async () => {
    const daemon = await withPort(undefined)
    const port = Number(new URL(await daemon.text('/ServerAddresses')).port)
    expect(port).toBeGreaterThanOrEqual(10_000)
    expect(port).toBeLessThanOrEqual(48_000)
    expect((await daemon.event('processStarted'))['port']).toBe(port)
  })

  test('port-fixed-valid: a port in web.config is the port of the app', async () => {
    const port = await unusedPort()
    const daemon = await withPort(String(port))
    expect(await daemon.text('/ServerAddresses')).toBe(`http://127.0.0.1:${String(port)}`)
  })

  test('port-empty: an empty value is as good as none', async () => {
    const daemon = await withPort('')
    const port = Number(new URL(await daemon.text('/ServerAddresses')).port)
    expect(port).toBeGreaterThanOrEqual(1_025)
    expect(port).toBeLessThanOrEqual(48_000)
  })

  test.each([
    '1024',
    '48001',
    'abc',
    '80x',
  ])('%s is refused with the page of a failed start and its one reason', async (port) => {
    const daemon = await withPort(port)
    expect((await daemon.send('/')).status).toBe(502)
    const failure = await daemon.event('processStartFailed')
    expect(failure).toMatchObject({ cause: 'bad-port', eventId: 1020 })
    expect(failure.msg).toContain(port)
  })

  test("the daemon's own ASPNETCORE_PORT and ASPNETCORE_TOKEN are not the app's", async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), {
      environment: { ASPNETCORE_PORT: '12345', ASPNETCORE_TOKEN: 'of-the-daemon' },
    })
    expect(await daemon.text('/GetEnvironmentVariable?name=ASPNETCORE_TOKEN')).not.toBe('of-the-daemon')
    expect(await daemon.text('/GetEnvironmentVariable?name=ASPNETCORE_PORT')).not.toBe('12345')
  })
})
