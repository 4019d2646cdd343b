import { type ChildProcess, spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startDaemon } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, top } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'
import { send } from '../support/send.ts'

const sample = `${top}/config/sample`

describe('the sample app', () => {
  test('shows which process answered, what the front added, and no token', async () => {
    const daemon = await startDaemon(await copyApp(sample))
    const answer = await daemon.send('/')
    const { pid, port } = await daemon.event('processStarted')
    expect(answer.field('Content-Type')).toEqual(['text/html; charset=utf-8'])
    expect(answer.text).toContain(`<dd>${String(pid)}</dd>`)
    expect(answer.text).toContain(`<dd>${String(port)}</dd>`)
    expect(answer.text).toMatch(/X-Forwarded-For<\/th><td>127\.0\.0\.1:\d+/)
    expect(answer.text).toMatch(/MS-ASPNETCORE-TOKEN<\/th><td>came/)
    expect(answer.text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
    expect(answer.text).not.toMatch(/(?:src|href)="https?:/)
  })

  test('crashes on request and is back with the next one', async () => {
    const daemon = await startDaemon(await copyApp(sample))
    expect(await daemon.text('/crash')).toContain('ends')
    expect(await daemon.event('processExited')).toMatchObject({ code: 3, expected: false })
    expect((await daemon.send('/')).status).toBe(200)
  })

  test('streams, echoes over a WebSocket, and stops gently with both under way', async () => {
    const daemon = await startDaemon(await copyApp(sample), { args: ['--path-base', '/demo'] })
    const stream = daemon.text('/demo/stream')
    const socket = new WebSocket(`ws://127.0.0.1:${String(daemon.port)}/demo/echo`)
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    const echoed = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => {
        socket.send('hello')
      })
      socket.on('message', (data: Buffer) => {
        resolve(data.toString())
      })
    })
    expect(echoed).toBe('hello')
    const stopped = daemon.stop()
    expect(await closed).toBe(1001)
    expect(await stream).toMatch(/event 1 of 10[\s\S]*the end/)
    expect(await stopped).toBe(0)
  })
})

describe('npm start', () => {
  async function started(): Promise<{ front: ChildProcess; url: string; exited: Promise<number | null> }> {
    const front = spawn(process.execPath, ['config/scripts/start.mjs', '--log-format', 'json'], { cwd: top })
    const exited = new Promise<number | null>((resolve) => front.once('close', resolve))
    atTheEnd(async () => {
      if (front.exitCode === null) front.kill('SIGTERM')
      await exited
    })
    let said = ''
    for (const stream of [front.stdout, front.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    }
    const url = await eventually('it says where', () => /at (http:\/\/localhost:\d+)\//.exec(said)?.[1])
    return { front, url, exited }
  }

  test('hosts the sample, says where, and ends with one signal that comes twice', async () => {
    const { front, url, exited } = await started()
    const page = await send(url, '/')
    expect(page.text).toContain('It works.')
    const pid = Number(/process (\d+)/.exec(page.text)?.[1])
    // As from a terminal: once for the group, and once more from npm.
    front.kill('SIGINT')
    front.kill('SIGINT')
    expect(await exited).toBe(0)
    await eventually('the app is gone', () => !isAlive(pid))
  })

  test('takes another port when 8080 is taken', async () => {
    const first = await started()
    const second = await started()
    expect(second.url).not.toBe(first.url)
    expect((await send(second.url, '/')).status).toBe(200)
  })
})
