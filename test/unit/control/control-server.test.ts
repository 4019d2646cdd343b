import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../../src/control/api.ts'
import { callControl, streamControl } from '../../../src/control/client.ts'
import type { ApiRequest } from '../../../src/control/protocol.ts'
import { type CallApi, ControlServer } from '../../../src/control/server.ts'
import { namedPlace } from '../../../src/control/socket-place.ts'
import type { Host } from '../../../src/host/host.ts'
import { failed, ok } from '../../../src/platform/result.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folders.ts'

const host: Pick<Host, 'status' | 'operate' | 'followOutput'> = {
  status: { version: '1', pid: 1, state: 'running', uptimeMs: 0, engine: 'wire', sites: [] },
  operate: (operation, id) => {
    if (id !== '/LM/W3SVC/1/ROOT') return Promise.resolve(failed({ why: 'unknown-application' }))
    if (operation === 'offline') return new Promise(() => undefined)
    return Promise.resolve(ok({ presence: 'serving', pids: [7], text: `${operation} done.` }))
  },
  followOutput: () => undefined,
}

async function open(api: CallApi = createApi({ host })): Promise<{ path: string; server: ControlServer }> {
  const path = join(await temporaryFolder(), 'control.sock')
  const opened = await ControlServer.open([namedPlace(path, process.platform)], api, (error) => {
    throw error
  })
  if (!opened.ok) throw new Error(opened.failure.why)
  onTestFinished(() => opened.value.close())
  return { path, server: opened.value }
}

/** Sends bytes, and collects what comes until the connection ends. */
function raw(path: string, bytes: string | Buffer): { socket: Socket; text: () => string; ended: Promise<void> } {
  let text = ''
  const socket = connect(path)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.write(bytes)
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => {
      resolve()
    })
  })
  return { socket, text: () => text, ended }
}

const root = '/LM/W3SVC/1/ROOT'

describe('the control socket', () => {
  test('tells the status, and carries out operations', async () => {
    const { path } = await open()
    expect(await callControl(path, { segments: ['status'] })).toEqual(ok(host.status))
    const recycle = await callControl(path, {
      method: 'POST',
      segments: ['applications', root, 'recycle'],
      query: { wait: '' },
    })
    expect(recycle).toMatchObject({ ok: true, value: { id: root, done: true, pids: [7], text: 'recycle done.' } })
    const offline = await callControl(path, { method: 'POST', segments: ['applications', root, 'offline'] })
    expect(offline).toMatchObject({ ok: true, value: { done: false } })
  })

  test.each([
    ['GET', ['nothing'], 404, 'unknown-route'],
    ['POST', ['status'], 405, 'unknown-method'],
    ['POST', ['applications', '/LM/W3SVC/2/ROOT', 'stop'], 404, 'unknown-application'],
    ['POST', ['applications', root, 'explode'], 404, 'unknown-route'],
  ] as const)('refuses %s %j', async (method, segments, status, why) => {
    const { path } = await open()
    const failure = { why: 'refused', status, error: { why } }
    expect(await callControl(path, { method, segments })).toMatchObject({ ok: false, failure })
  })

  test('survives garbage, ten megabytes, a client that says nothing, and one that goes away', async () => {
    const { path, server } = await open()
    const silent = raw(path, '')
    const half = raw(path, 'GET /v1/status HTTP/1.1\r\nHo')
    const garbage = raw(path, 'x'.repeat(100_000))
    await garbage.ended
    expect(garbage.text()).toMatch(/^HTTP\/1\.1 400 /)
    const head = `POST /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n`
    const large = raw(path, Buffer.concat([Buffer.from(head), Buffer.alloc(10_000_000)]))
    await large.ended
    const foreign = raw(path, 'GET /v9/status HTTP/1.1\r\nConnection: close\r\n\r\n')
    await foreign.ended
    expect(foreign.text()).toContain('unknown-version')
    half.socket.destroy()
    expect(await callControl(path, { segments: ['status'] })).toMatchObject({ ok: true })
    await server.close()
    await silent.ended
  })

  test('streams as the client takes, and tells the source when the client has gone', async () => {
    let asked: ApiRequest | undefined
    const { path } = await open((request) => {
      asked = request
      const chunks = (async function* () {
        for (let at = 0; !request.gone.aborted; at++) {
          yield Buffer.from(`line ${String(at)}\n`)
          await new Promise(setImmediate)
        }
      })()
      return Promise.resolve({ status: 200, contentType: 'text/plain', chunks })
    })
    const opened = await streamControl(path, { segments: ['logs'], query: { follow: '' } })
    if (!opened.ok) throw new Error(opened.failure.why)
    const { value: stream } = opened
    let text = ''
    for await (const chunk of stream) {
      text += String(chunk)
      if (text.length > 10_000) break
    }
    expect(text).toMatch(/^line 0\nline 1\nline 2\n/)
    await eventually('the source hears of it', () => asked?.gone.aborted === true)
  })
})
