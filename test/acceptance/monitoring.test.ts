import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, misbehavingApp, temporaryFolder, top } from '../support/folders.ts'
import { hasProgram, program } from '../support/programs.ts'

const rules = join(top, 'config/prometheus/ancmd.rules.yml')
const app = 'app="/LM/W3SVC/1/ROOT"'

interface Scraped {
  readonly daemon: Daemon
  readonly scrape: () => Promise<string>
}

async function start(folder: string, args: readonly string[] = []): Promise<Scraped> {
  const daemon = await startDaemon(folder, { args: ['--admin', '127.0.0.1:0', ...args] })
  const [url = '', token = ''] = String((await daemon.event('adminListening'))['url']).split('#token=')
  const headers = { authorization: `Bearer ${token}` }
  return { daemon, scrape: async () => (await fetch(new URL('/metrics', url), { headers })).text() }
}

/** What the program says when it fails. */
function promtool(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program('promtool'), args, (error, stdout, stderr) => {
      resolve(error === null ? '' : stdout + stderr)
    })
    child.stdin?.end(input)
  })
}

/** The names under which a scrape has values. */
function namesIn(scraped: string): ReadonlySet<string> {
  return new Set(Array.from(scraped.matchAll(/^(\w+)(?:\{| )/gm), ([, name = '']) => name))
}

/** The metrics of ours that an expression reads. */
function readBy(expression: string): readonly string[] {
  return [...expression.matchAll(/\b(?:ancmd|process)_\w+/g)].map(([name]) => name)
}

/** The expressions of the dashboard, with its variables replaced as Grafana does. */
async function expressionsOfDashboard(): Promise<readonly string[]> {
  const { panels } = JSON.parse(await readFile(join(top, 'config/grafana/ancmd.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[]
  }
  const all = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  return all.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'))
}

describe('the metrics', () => {
  test('have every documented name, and the dashboard and the alerts read no other', async () => {
    const { daemon, scrape } = await start(await copyApp('node-twin'))
    await daemon.text('/HelloWorld')
    const names = namesIn(await scrape())
    const documented = [
      'ancmd_build_info',
      'ancmd_http_requests_total',
      'ancmd_http_request_duration_seconds_bucket',
      'ancmd_http_requests_in_flight',
      'ancmd_http_requests_waiting',
      'ancmd_tunnels',
      'ancmd_connections',
      'ancmd_process_starts_total',
      'ancmd_process_exits_total',
      'ancmd_process_up',
      'ancmd_process_resident_memory_bytes',
      'ancmd_process_cpu_seconds_total',
      'ancmd_event_loop_delay_seconds',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'process_open_fds',
      'process_max_fds',
    ]
    expect(documented.filter((name) => !names.has(name))).toEqual([])
    const expressions = [...(await expressionsOfDashboard()), await readFile(rules, 'utf8')]
    const read = expressions.flatMap(readBy)
    expect(read.length).toBeGreaterThan(30)
    expect(read.filter((name) => !names.has(name))).toEqual([])
  })

  test('count open connections by listener, and ends of processes from 0 on', async () => {
    const { daemon, scrape } = await start(await copyApp('node-twin'))
    const binding = `ancmd_connections{binding="${daemon.url}"}`
    expect(await scrape()).toContain(`${binding} 0\n`)
    expect(await scrape()).toContain(`ancmd_process_exits_total{${app},cause="crash"} 0\n`)
    const sockets = [1, 2, 3].map(() => connect(daemon.port, '127.0.0.1'))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    await eventually('three are open', async () => (await scrape()).includes(`${binding} 3\n`))
    sockets[0]?.destroy()
    await eventually('one has gone', async () => (await scrape()).includes(`${binding} 2\n`))
  })

  test('count the requests that a stopped application refuses, which have its id in the access log too', async () => {
    const file = join(await temporaryFolder(), 'access.log')
    const logged = ['--access-log', file, '--access-log-format', 'json']
    const { daemon, scrape } = await start(await copyApp('node-twin'), logged)
    const refused = `ancmd_http_requests_total{${app},code="5xx"}`
    expect(await scrape()).toContain(`${refused} 0\n`)
    const environment = { RUNTIME_DIRECTORY: daemon.runtimeFolder }
    expect((await ancmd(['stop', '--wait'], { environment })).code).toBe(0)
    for (let asked = 0; asked < 3; asked++) expect((await daemon.send('/HelloWorld')).status).toBe(503)
    expect(await scrape()).toContain(`${refused} 3\n`)
    expect(await daemon.event('requestRefused')).toMatchObject({ reason: 'pool-stopped', app: '/LM/W3SVC/1/ROOT' })
    expect((await ancmd(['start', '--wait'], { environment })).code).toBe(0)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await scrape()).toContain(`${refused} 3\n`)
    await daemon.stop()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).toContain('/LM/W3SVC/1/ROOT')
  })

  test('count the requests that wait for a process to start', async () => {
    const { daemon, scrape } = await start(await misbehavingApp('never-listen'))
    expect(await scrape()).toContain(`ancmd_http_requests_waiting{${app}} 0\n`)
    const answers = [daemon.send('/'), daemon.send('/')]
    await eventually('both wait', async () => (await scrape()).includes(`ancmd_http_requests_waiting{${app}} 2\n`))
    await daemon.stop()
    await Promise.allSettled(answers)
  })
})

describe.runIf(hasProgram('promtool'))('for Prometheus', () => {
  test('a scrape has nothing that promtool finds wrong', async () => {
    const { daemon, scrape } = await start(await copyApp('node-twin'))
    await daemon.text('/HelloWorld')
    expect(await promtool(['check', 'metrics'], await scrape())).toBe('')
  })

  test('the alert rules are valid, and alert when they should and only then', async () => {
    expect(await promtool(['check', 'rules', rules])).toBe('')
    expect(await promtool(['test', 'rules', join(top, 'config/prometheus/ancmd.rules.test.yml')])).toBe('')
  })

  test('every expression of the dashboard is valid', async () => {
    const expressions = await expressionsOfDashboard()
    const file = join(await temporaryFolder(), 'dashboard.yml')
    const group = expressions.map((expr, at) => ({ record: `panel:${String(at)}`.replace(':', ':n'), expr }))
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: group }] }))
    expect(await promtool(['check', 'rules', file])).toBe('')
  })
})
