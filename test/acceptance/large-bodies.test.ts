import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { sendRaw } from '../support/raw-client.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp, editWebConfig, type WebConfigEdit } from '../support/folders.ts'
import { residentMemory } from '../support/processes.ts'
import { withEachTwin } from '../support/twins.ts'

const mebibyte = 1024 * 1024

function limits(bytes: number): WebConfigEdit {
  const xml = `<requestLimits maxAllowedContentLength="${String(bytes)}" />`
  return { webServer: `<security><requestFiltering>${xml}</requestFiltering></security>` }
}

async function twin(edit: WebConfigEdit): Promise<Daemon> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, edit)
  return startDaemon(folder)
}

/** Sends that many bytes without keeping them; resolves with status and text. */
function upload(
  daemon: Daemon,
  path: string,
  length: number,
  chunked = false,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, number> = chunked ? {} : { 'Content-Length': length }
    const outgoing = request(`${daemon.url}${path}`, { method: 'POST', headers, agent: false }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, text })
      })
    })
    outgoing.on('error', reject)
    const block = Buffer.alloc(65_536, 'u')
    let left = length
    const pump = (): void => {
      while (left > 0 && !outgoing.destroyed) {
        const piece = left < block.length ? block.subarray(0, left) : block
        left -= piece.length
        if (!outgoing.write(piece)) {
          outgoing.once('drain', pump)
          return
        }
      }
      outgoing.end()
    }
    pump()
  })
}

/** Reads a whole response without keeping it; resolves with the bytes that came. */
function download(daemon: Daemon, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${daemon.url}${path}`, { agent: false }, (incoming) => {
      let length = 0
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve(length)
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** The most memory that the daemon had meanwhile, above what it had before. */
async function growthDuring(daemon: Daemon, act: () => Promise<unknown>): Promise<number> {
  const before = residentMemory(daemon.pid)
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, residentMemory(daemon.pid))
  }, 20)
  try {
    await act()
  } finally {
    clearInterval(watch)
  }
  return most - before
}

withEachTwin('large responses', {}, (daemon) => {
  test.each([65_000, 1_000_000, 10_000_000, 100_000_000])('big-response: %i bytes arrive', async (length) => {
    expect(await download(daemon(), `/LargeResponseBody?length=${String(length)}`)).toBe(length)
  })

  test('big-response: so do the 200,000,000 of a file', async () => {
    expect(await download(daemon(), '/LargeResponseFile')).toBe(200_000_000)
  })
})

withEachTwin('the body limit of requestFiltering', { edit: limits(1) }, (daemon) => {
  test('big-request-limits: one byte more is 413', async () => {
    expect((await daemon().send('/ReadFullBody', { method: 'POST', body: 'test' })).status).toBe(413)
    expect((await daemon().send('/ReadFullBody', { method: 'POST', body: 't' })).status).toBe(200)
  })

  test('big-request-limits: it counts the bytes of a chunked body as well', async () => {
    const bytes =
      'POST /ReadFullBody HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n'
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 413 /)
  })
})

describe('the body limit', () => {
  test('is 30,000,000 bytes when nothing is said', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect(await upload(daemon, '/BodyHash', 30_000_000)).toMatchObject({ status: 200 })
    const bytes = 'POST /BodyHash HTTP/1.1\r\nHost: x\r\nContent-Length: 30000001\r\n\r\n'
    const answer = (await sendRaw(daemon.port, bytes)).received
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('413.1')
  })

  test('big-request-limits: a larger one lets 100 MB in', async () => {
    const daemon = await twin(limits(100_000_000))
    const { status, text } = await upload(daemon, '/BodyHash', 100_000_000)
    expect(status).toBe(200)
    expect(text).toMatch(/^100000000 /)
  })

  test('big-request-limits: the largest number of the schema is understood', async () => {
    const daemon = await twin(limits(4_294_967_295))
    expect(await upload(daemon, '/BodyHash', 10_000, true)).toMatchObject({ status: 200 })
  })
})

withEachTwin(
  'an app with a limit of its own',
  { only: 'dotnet', edit: { attributes: { arguments: '.\\TestApp.dll DecreaseRequestLimit' } } },
  (daemon) => {
    test('big-request-app-limit: its 413 passes through', async () => {
      const answer = await daemon().send('/ReadFullBody', { method: 'POST', body: 'test' })
      expect(answer.status).toBe(413)
      expect(answer.text).not.toContain('HTTP Error')
    })
  },
)

describe('memory', () => {
  const gibibyte = 1024 * mebibyte

  test('an upload of 1 GiB goes through without growing the daemon by 50 MiB', { timeout: 240_000 }, async () => {
    const daemon = await twin(limits(4_294_967_295))
    await upload(daemon, '/BodyHash', 64 * mebibyte)
    const growth = await growthDuring(daemon, async () => {
      const { status, text } = await upload(daemon, '/BodyHash', gibibyte)
      expect(status).toBe(200)
      expect(text).toMatch(new RegExp(`^${String(gibibyte)} `))
    })
    expect(growth).toBeLessThan(50 * mebibyte)
  })

  test('a download of 1 GiB goes through without growing the daemon by 50 MiB', { timeout: 240_000 }, async () => {
    const daemon = await twin({})
    await download(daemon, `/LargeResponseBody?length=${String(64 * mebibyte)}`)
    const growth = await growthDuring(daemon, async () => {
      expect(await download(daemon, `/LargeResponseBody?length=${String(gibibyte)}`)).toBe(gibibyte)
    })
    expect(growth).toBeLessThan(50 * mebibyte)
  })

  test('a client that does not read slows the app down instead of filling memory', async () => {
    const daemon = await twin({})
    await daemon.text('/')
    const client = connect(daemon.port, '127.0.0.1')
    client.on('error', () => undefined)
    client.pause()
    const growth = await growthDuring(daemon, async () => {
      client.write(`GET /LargeResponseBody?length=${String(gibibyte)} HTTP/1.1\r\nHost: x\r\n\r\n`)
      await standsStill(daemon)
    })
    const sent = Number(await daemon.text('/LargeResponseProgress'))
    client.destroy()
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(64 * mebibyte)
    expect(growth).toBeLessThan(50 * mebibyte)
  })
})

/** Resolves when the app's progress is the same ten times in a row: its socket is full and stays full. */
async function standsStill(daemon: Daemon): Promise<void> {
  let last = -1
  let same = 0
  await eventually('the app is stopped by back-pressure', async () => {
    const now = Number(await daemon.text('/LargeResponseProgress'))
    same = now === last && now > 0 ? same + 1 : 0
    last = now
    await pause(30)
    return same >= 10
  })
}
