import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { misbehavingApp, top } from '../support/folders.ts'
import { guardOf, presentGuard } from './support/guard.ts'

// The limit of processes is one of users, and root has none.
// Root's checkout may be closed to everybody else.
const readsEverything = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
const isRoot = process.getuid?.() === 0
const through = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...readsEverything, '--'] : []
const [program = '', ...args] = [...through, process.execPath, `${top}/dist/main.js`, '--version']
const runs = spawnSync(program, args).status === 0

/** The soft limit only, so that it can be taken back: to the hard one. */
function limitProcesses(pid: number, most = hardLimit(pid)): void {
  const [file = '', ...rest] = [...through, 'prlimit', `--pid=${String(pid)}`, `--nproc=${most}:`]
  const { status, stderr } = spawnSync(file, rest)
  if (status !== 0) throw new Error(String(stderr))
}

function hardLimit(pid: number): string {
  const limits = readFileSync(`/proc/${String(pid)}/limits`, 'latin1')
  return /^Max processes\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? ''
}

test.runIf(runs)(
  'no more processes allowed: 502.5 with the cause, the daemon lives, keeps its guard, and starts the app afterwards',
  async () => {
    const folder = await misbehavingApp('serve')
    await chmod(dirname(folder), 0o755)
    const daemon = await startDaemon(folder, { through, environment: { HOME: '/' } })
    const pid = Number(await daemon.text('/'))
    limitProcesses(daemon.pid, '1')
    const guard = await presentGuard(daemon)
    process.kill(guard, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await daemon.event('processExited')
    const answer = await daemon.send('/')
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('502.5')
    expect((await daemon.event('processStartFailed')).msg).toContain('EAGAIN')
    limitProcesses(daemon.pid)
    await eventually('the app is served', async () => (await daemon.send('/')).status === 200)
    await eventually('there is another guard', () => (guardOf(daemon) ?? guard) !== guard)
    daemon.signal('SIGKILL')
    await daemon.exited
    await eventually('nothing of it is left', () => daemon.descendants.length === 0)
  },
)
