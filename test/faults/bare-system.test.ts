import { spawnSync } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { childrenOf, commandLineOf, zombiesOf } from '../support/processes.ts'
import { copyApp, editWebConfig, misbehavingApp, temporaryFolder } from '../support/folders.ts'

/** Runs what follows in a mount namespace of its own, which the script has changed. */
const inMounts = (script: string): string[] => ['unshare', '--mount', 'sh', '-c', `${script}; exec "$@"`, 'sh']
const hasMounts = spawnSync('unshare', ['--mount', 'true']).status === 0
const hasPids = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0

/** In the place of a program. */
async function emptyFile(): Promise<string> {
  const file = join(await temporaryFolder(), 'empty')
  spawnSync('sh', ['-c', ': >"$0"', file])
  return file
}

describe('a system that lacks something', () => {
  test('with at most 22 open files: a sentence, no stack', async () => {
    const run = await ancmd(['run', await copyApp('node-twin'), '--port', '0'], {
      through: ['prlimit', '--nofile=22:22'],
    })
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/^ancmd: too many files are open \(the limit is \d+\); raise [^\n]*ulimit -n[^\n]*\n$/)
  })

  test('with at most 30 open files the daemon runs, and a start that lacks some says so', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), { through: ['prlimit', '--nofile=30:30'] })
    expect((await daemon.send('/')).status).toBe(502)
    expect(daemon.stderr).toContain('too many files are open; raise the limit of open files (EMFILE)')
    expect(await daemon.stop()).toBe(0)
  })

  test('with at most 100 open files an application is served', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), { through: ['prlimit', '--nofile=100:100'] })
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await daemon.stop()).toBe(0)
  })

  test('started in a folder that was deleted: an app named in full is hosted, one that is not gets a sentence', async () => {
    const gone = join(await temporaryFolder(), 'gone')
    await mkdir(gone)
    const through = ['sh', '-c', `cd '${gone}' && exec "$@"`, 'sh']
    const inGone = [...through, 'sh', '-c', 'rmdir "$PWD" 2>/dev/null; exec "$@"', 'sh']
    const run = await ancmd(['check'], { through: inGone })
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/^ancmd: the current directory has been deleted; [^\n]*\n$/)
    await mkdir(gone)
    const daemon = await startDaemon(await copyApp('node-twin'), { through: inGone })
    expect(await daemon.text('/')).toBe('Running')
  })

  test.skipIf(!hasDotnet)('a backslash in the name of the folder is a letter like any other', async () => {
    // An app on Node with ES modules would not do: Node itself refuses them in such a folder.
    const folder = await dotnetApp('slim')
    const odd = join(dirname(folder), 'my\\app')
    await rename(folder, odd)
    await editWebConfig(odd, { attributes: { processPath: join(odd, 'SlimApp'), arguments: '' } })
    const daemon = await startDaemon(odd)
    expect(await daemon.text('/')).toBe('slim')
  })

  test.runIf(hasMounts)('without /dev/null: the failed start says so', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder, {
      through: inMounts('mkdir /tmp/.null.$$ && mount -t tmpfs none /dev && rmdir /tmp/.null.$$'),
    })
    expect((await daemon.send('/')).status).toBe(502)
    expect((await daemon.event('processStartFailed')).msg).toContain('/dev/null cannot be opened')
    expect(await daemon.event('guardFailed')).toMatchObject({ level: 'warn' })
  })
})

describe('the guard', () => {
  test.runIf(hasMounts)('without /bin/sh: told once, and the app is served', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'), {
      through: inMounts(`mount --bind '${await emptyFile()}' "$(readlink -f /bin/sh)"`),
    })
    expect((await daemon.event('guardFailed')).msg).toMatch(/\/bin\/sh .*outlive/)
    expect(await daemon.text('/')).toBe('Running')
    expect(daemon.seen('guardFailed')).toHaveLength(1)
  })

  test.runIf(hasMounts)('without grep: finds who left its group all the same', async () => {
    const daemon = await startDaemon(await misbehavingApp('with-helper'), {
      through: inMounts(`mount --bind '${await emptyFile()}' "$(readlink -f "$(command -v grep)")"`),
    })
    await daemon.text('/')
    await eventually('all of it is there', () => daemon.descendants.length === 2)
    daemon.signal('SIGKILL')
    await daemon.exited
    await eventually('nothing of it is left', () => daemon.descendants.length === 0)
  })
})

/** `unshare` stays outside; its child is process 1 of the namespace. */
const asInit = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

/** Everybody below a process, itself not included. */
const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)])
const zombiesBelow = (pid: number): number[] => [pid, ...below(pid)].flatMap(zombiesOf)

describe.runIf(hasPids)('as process 1 of a container', () => {
  test('orphans are reaped, and SIGTERM stops it in order', async () => {
    const daemon = await startDaemon(await misbehavingApp('orphans'), { through: asInit })
    for (let request = 0; request < 5; request++) await daemon.text('/')
    const orphans = (): number[] => below(daemon.pid).filter((pid) => commandLineOf(pid).startsWith('sleep'))
    await eventually('the orphans have ended', () => orphans().length === 0)
    await eventually('nobody waits to be reaped', () => zombiesBelow(daemon.pid).length === 0, 5_000)
    process.kill(childrenOf(daemon.pid)[0] ?? Number.NaN, 'SIGTERM')
    expect(await daemon.exited).toBe(0)
    expect(await daemon.event('processExited')).toMatchObject({ code: 0, expected: true })
  })

  test('a SIGTERM that comes while it is still loading is not lost', async () => {
    const folder = await copyApp('node-twin')
    // A signal to itself from a module that is loaded before the rest, and after the first lines of main.
    const early = `data:text/javascript,process.on('newListener',(n)=>{if(n==='SIGTERM'&&!globalThis.sent){globalThis.sent=1;setImmediate(()=>process.kill(1,'SIGTERM'))}})`
    const run = await ancmd(['run', folder, '--port', '0'], { through: asInit, nodeArguments: ['--import', early] })
    expect(run.code).toBe(0)
  })
})
