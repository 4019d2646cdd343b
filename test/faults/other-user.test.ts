import { spawnSync } from 'node:child_process'
import { chmod, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, expectPage } from '../support/deployment.ts'
import { atTheEnd } from '../support/ending.ts'
import { misbehavingApp, top } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'

// Only root can make a program that changes its user; its checkout may be closed to everybody else.
const capabilities = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...capabilities, '--']
const probe = [...through.slice(1), process.execPath, `${top}/dist/main.js`, '--version']
const runs = process.getuid?.() === 0 && spawnSync('setpriv', probe).status === 0

/** A daemon without privileges in front of an app that runs as a third user, so that no signal of the daemon reaches it. */
async function unreachable(fault: string): Promise<{ daemon: Daemon; pid: number; folder: string }> {
  const folder = await misbehavingApp(fault, {
    attributes: {
      processPath: '.\\as-other-user',
      arguments: `--reuid=65533 --regid=65533 --clear-groups ${process.execPath} misbehave.mjs ${fault}`,
      shutdownTimeLimit: '1',
    },
  })
  await chmod(dirname(folder), 0o755)
  await copyFile('/usr/bin/setpriv', join(folder, 'as-other-user'))
  await chmod(join(folder, 'as-other-user'), 0o4755)
  const daemon = await startDaemon(folder, { through, environment: { HOME: '/' } })
  const pid = Number(await daemon.text('/'))
  atTheEnd(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  return { daemon, pid, folder }
}

test.runIf(runs)('an app that changed its user: the daemon stops, and says that it lives on', async () => {
  const { daemon, pid } = await unreachable('no-integration')
  expect(await daemon.stop()).toBe(0)
  expect(isAlive(pid)).toBe(true)
  const told = await daemon.event('processesLeft')
  expect(told).toMatchObject({ pid, left: [`node (pid ${String(pid)}) of user 65533`] })
  expect(told.msg).toContain('end it by hand')
  expect(daemon.seen('processKilled')).toEqual([])
  expect(daemon.seen('processExited')).toEqual([])
  process.kill(pid, 'SIGKILL')
})

test.runIf(runs)('an app that changed its user does not hold up the offline page', async () => {
  const { daemon, pid, folder } = await unreachable('no-integration')
  await dropOfflineFile(folder)
  expectPage(await answerOf(daemon, 503))
  expect(await daemon.event('processesLeft')).toMatchObject({ pid })
  process.kill(pid, 'SIGKILL')
})
