import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { informationIn, type Received } from '../support/send.ts'
import { HttpTransportType, openHub } from '../support/signalr.ts'

const two = { attributes: { processesPerApplication: '2' } }

/** A daemon with two processes, both ready. */
async function startTwo(folder: string, args: readonly string[] = []): Promise<Daemon> {
  await editWebConfig(folder, two)
  const daemon = await startDaemon(folder, { args })
  const base = args[1] ?? ''
  const pids = new Set<string>()
  await eventually('both answer', async () => pids.add(await daemon.text(`${base}/ProcessId`)).size === 2)
  return daemon
}

function cookieOf(answer: Received): string {
  return answer.field('Set-Cookie')[0]?.split(';')[0] ?? ''
}

describe('a client of several processes', () => {
  test('is told the one that it has met, once, and finds it again', async () => {
    const daemon = await startTwo(await copyApp('node-twin'))
    const first = await daemon.send('/ProcessId')
    expect(first.field('Set-Cookie')).toEqual([
      expect.stringMatching(/^ANCMDPROCESS=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    for (let request = 0; request < 6; request += 1) {
      const again = await daemon.send('/ProcessId', { headers: { Cookie: cookieOf(first) } })
      expect(again.text).toBe(first.text)
      expect(again.field('Set-Cookie')).toEqual([])
    }
  })

  test('names it to us alone: the app sees the other cookies', async () => {
    const daemon = await startTwo(await copyApp('node-twin'))
    const ours = cookieOf(await daemon.send('/'))
    const cookies = async (headers: Record<string, string | string[]>): Promise<string[]> =>
      informationIn((await daemon.send('/RequestInformation', { headers })).text).field('Cookie')
    expect(await cookies({ Cookie: `a=1; ${ours}; b=2` })).toEqual(['a=1; b=2'])
    expect(await cookies({ Cookie: ours })).toEqual([])
    expect(await cookies({ Cookie: 'ANCMDPROCESS=gone; a=1' })).toEqual(['a=1'])
    expect(await cookies({ Cookie: 'a=1' })).toEqual(['a=1'])
    const socket = new WebSocket(`${daemon.url}/WebSocketEcho`.replace('http', 'ws'), { headers: { Cookie: ours } })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.terminate()
  })

  test('of another site keeps it as browsers demand it; of an application below the root, for that alone', async () => {
    const daemon = await startTwo(await copyApp('node-twin'), ['--path-base', '/sub'])
    const answer = await daemon.send('/sub/', { headers: { 'Sec-Fetch-Site': 'cross-site' } })
    expect(answer.field('Set-Cookie')).toEqual([
      expect.stringMatching(/^ANCMDPROCESS=[\w-]+; Path=\/sub; HttpOnly; SameSite=None; Secure$/),
    ])
  })

  test('is given another one when that has gone', async () => {
    const daemon = await startTwo(await copyApp('node-twin'))
    const first = await daemon.send('/ProcessId')
    process.kill(Number(first.text), 'SIGKILL')
    await daemon.event('processExited')
    const next = await daemon.send('/ProcessId', { headers: { Cookie: cookieOf(first) } })
    expect(next.text).not.toBe(first.text)
    expect(cookieOf(next)).toMatch(/^ANCMDPROCESS=/)
    expect(cookieOf(next)).not.toBe(cookieOf(first))
  })

  test('keeps what the app sets, whatever the answer is like', async () => {
    const daemon = await startTwo(await copyApp('node-twin'))
    const head = await daemon.send('/HelloWorld', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(cookieOf(head)).toMatch(/^ANCMDPROCESS=/)
    const posted = await daemon.send('/EchoPostData', { method: 'POST', body: 'x'.repeat(500_000) })
    expect(posted.text).toBe('x'.repeat(500_000))
    expect(cookieOf(posted)).toMatch(/^ANCMDPROCESS=/)
  })

  test('of one process only is told nothing', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect((await daemon.send('/')).field('Set-Cookie')).toEqual([])
  })
})

describe.skipIf(!hasDotnet)('SignalR in front of two processes', () => {
  async function echo(daemon: Daemon, transport: HttpTransportType): Promise<string> {
    try {
      const hub = await openHub(`${daemon.url}/hub`, transport)
      return await hub.invoke<string>('Echo', 'hello')
    } catch (error) {
      return String(error)
    }
  }

  test.each([
    ['server-sent events', HttpTransportType.ServerSentEvents],
    ['long polling', HttpTransportType.LongPolling],
  ])('a hundred clients connect over %s, none in vain', { timeout: 180_000 }, async (_name, transport) => {
    const daemon = await startTwo(await dotnetApp('test-app'))
    const answers = new Map<string, number>()
    for (let round = 0; round < 10; round += 1) {
      const echoes = await Promise.all(Array.from({ length: 10 }, () => echo(daemon, transport)))
      for (const answer of echoes) answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
    expect(Object.fromEntries(answers)).toEqual({ hello: 100 })
  })
})
