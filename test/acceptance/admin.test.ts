import { chmod, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp } from '../support/folders.ts'
import { program } from '../support/programs.ts'

interface Admin {
  readonly daemon: Daemon
  readonly url: string
  readonly token: string
  ask(path: string, options?: RequestInit): Promise<Response>
}

/** A daemon with an admin address on a free port, and the token that its event tells. */
async function startWithAdmin(folder: string, options: readonly string[] = []): Promise<Admin> {
  const daemon = await startDaemon(folder, { args: ['--admin', '127.0.0.1:0', ...options] })
  const listening = await daemon.event('adminListening')
  const [url = '', token = ''] = String(listening['url']).split('#token=')
  const ask = (path: string, more: RequestInit = {}): Promise<Response> => {
    return fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` }, ...more })
  }
  return { daemon, url, token, ask }
}

async function textOf(answer: Promise<Response>): Promise<string> {
  return (await answer).text()
}

const root = encodeURIComponent('/LM/W3SVC/1/ROOT')

describe('the admin address', () => {
  test('says that the daemon lives and is ready, to everybody', async () => {
    const { url } = await startWithAdmin(await copyApp('node-twin'))
    expect(await textOf(fetch(new URL('/healthz', url)))).toBe('ok\n')
    expect(await textOf(fetch(new URL('/readyz', url)))).toBe('ready\n')
  })

  test('tells the status only to who has the token, which is in no other event', async () => {
    const { daemon, url, token, ask } = await startWithAdmin(await copyApp('node-twin'))
    const stranger = await fetch(new URL('/api/status', url))
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="ancmd"'])
    await daemon.text('/HelloWorld')
    const status = (await (await ask('/api/status')).json()) as { sites: { applications: { id: string }[] }[] }
    expect(status.sites[0]?.applications[0]?.id).toBe('/LM/W3SVC/1/ROOT')
    const events = await textOf(ask('/api/events'))
    expect(events).toContain('processStarted')
    expect(events + JSON.stringify(status)).not.toContain(token)
    expect(daemon.stderr.split(token).length - 1).toBe(2)
  })

  test('recycles, stops and starts an application', async () => {
    const { daemon, ask } = await startWithAdmin(await copyApp('node-twin'))
    const before = await daemon.processId()
    const recycled = await ask(`/api/applications/${root}/recycle?wait`, { method: 'POST' })
    expect([recycled.status, await recycled.json()]).toMatchObject([200, { done: true }])
    expect(await daemon.processId()).not.toBe(before)
    await ask(`/api/applications/${root}/stop?wait`, { method: 'POST' })
    expect((await daemon.send('/HelloWorld')).status).toBe(503)
    await ask(`/api/applications/${root}/start?wait`, { method: 'POST' })
    expect((await daemon.send('/HelloWorld')).status).toBe(200)
    expect((await ask('/api/applications/nothing/stop', { method: 'POST' })).status).toBe(404)
    expect((await ask(`/api/applications/${root}/recycle`)).status).toBe(405)
  })

  test('takes the token of a file, and prints none', async () => {
    const folder = await copyApp('node-twin')
    const file = join(folder, '..', 'admin.token')
    await writeFile(file, 'a-token-that-stays-for-ever\n')
    await chmod(file, 0o600)
    const { daemon, url, token } = await startWithAdmin(folder, ['--admin-token-file', file])
    expect(token).toBe('')
    const headers = { authorization: 'Bearer a-token-that-stays-for-ever' }
    expect((await fetch(new URL('/api/status', url), { headers })).status).toBe(200)
    expect(daemon.stderr).not.toContain('a-token-that-stays')
  })

  test('is not ready any more while the daemon stops, and is gone with it', async () => {
    const { daemon, url } = await startWithAdmin(await copyApp('node-twin'))
    await daemon.text('/HelloWorld')
    const stopped = daemon.stop()
    const seen: number[] = []
    await expect(
      (async () => {
        for (;;) seen.push((await fetch(new URL('/readyz', url))).status)
      })(),
    ).rejects.toThrow()
    expect(await stopped).toBe(0)
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([])
  })

  test('is not hurt by garbage, by a large body, by many connections that say nothing', async () => {
    const { ask } = await startWithAdmin(await copyApp('node-twin'))
    expect((await ask('/api/status', { method: 'POST', body: Buffer.alloc(200_000) })).status).toBe(413)
    expect((await ask('/api/%E0%A4%A')).status).toBe(404)
    expect((await ask('/../../etc/passwd')).status).toBe(404)
    expect((await ask('/api/status', { method: 'DELETE' })).status).toBe(405)
    expect((await ask('/healthz')).status).toBe(200)
  })
})

describe('the metrics', () => {
  test.skipIf(!hasDotnet)('pass promtool, and count what an ASP.NET Core app did', async () => {
    const { daemon, ask } = await startWithAdmin(await dotnetApp('web'))
    for (let at = 0; at < 5; at++) await daemon.text('/')
    await daemon.send('/no-such-page')
    const answer = await ask('/metrics')
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    const text = await answer.text()
    expect(await promtool(text)).toBe('')
    const app = 'app="/LM/W3SVC/1/ROOT"'
    expect(text).toContain(`ancmd_http_requests_total{${app},code="2xx"} 5\n`)
    expect(text).toContain(`ancmd_http_requests_total{${app},code="4xx"} 1\n`)
    expect(text).toContain(`ancmd_http_request_duration_seconds_count{${app}} 6\n`)
    expect(text).toContain(`ancmd_process_starts_total{${app}} 1\n`)
    expect(text).toContain(`ancmd_process_up{${app}} 1\n`)
    expect(text).toMatch(/ancmd_process_resident_memory_bytes\{app="\/LM\/W3SVC\/1\/ROOT",pid="\d+"\} [1-9]\d{6,}\n/)
    expect(text).toMatch(/ancmd_build_info\{version="[\d.]+",node="[\d.]+",engine="[a-z-]+"\} 1\n/)
  })

  test('count a crash apart from an end that was asked for', async () => {
    const { daemon, ask } = await startWithAdmin(await copyApp('node-twin'))
    process.kill(await daemon.processId(), 'SIGKILL')
    await daemon.event('processExited')
    const text = await textOf(ask('/metrics'))
    expect(text).toContain('ancmd_process_exits_total{app="/LM/W3SVC/1/ROOT",cause="crash"} 1\n')
    expect(text).toContain('ancmd_process_exits_total{app="/LM/W3SVC/1/ROOT",cause="asked"} 0\n')
  })
})

/** What promtool finds wrong. */
function promtool(metrics: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program('promtool'), ['check', 'metrics'], (error, stdout, stderr) => {
      resolve(error === null ? '' : stdout + stderr)
    })
    child.stdin?.end(metrics)
  })
}
