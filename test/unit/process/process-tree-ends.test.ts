import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/platform/clock.ts'
import { awaitEnd } from '../../../src/process/stop/process-end.ts'
import { killTree, ProcessTree } from '../../../src/process/system/process-tree.ts'
import { spawnChild } from '../../../src/process/system/spawn.ts'
import { eventually } from '../../support/eventually.ts'
import { HandClock } from '../../support/hand-clock.ts'
import { childrenOf } from '../../support/processes.ts'
import { misbehaveFolder, Recorder } from './support.ts'

const started: ProcessTree[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((tree) => killTree(tree, systemClock)))
})

/** A tree without a mark whose child runs this fault, and what its guard is told. */
async function grow(...fault: string[]) {
  const output = new Recorder()
  const environment = { PATH: process.env['PATH'] ?? '', ASPNETCORE_PORT: '0' }
  const command = { file: process.execPath, args: ['misbehave.mjs', ...fault], cwd: misbehaveFolder, notes: [] }
  const child = await spawnChild(command, environment, output)
  if (!child.ok) throw new Error(child.failure.code)
  const told: string[] = []
  const tree = new ProcessTree(child.value, undefined, {
    watch: (group) => told.push(`+${String(group)}`),
    forget: (group) => told.push(`-${String(group)}`),
  })
  started.push(tree)
  return { tree, child: child.value, output, told, pid: child.value.pid }
}

describe('the orphan guard of a tree', () => {
  test("never gets the daemon's own process group", async () => {
    const { tree, told, pid } = await grow('never-listen')
    tree.guardListener(process.pid)
    expect(told).toEqual([`+${String(pid)}`])
  })

  test('forgets the group of a listener when another member listens, and gets no group twice', async () => {
    const [one, two] = [await grow('never-listen'), await grow('never-listen')]
    const { tree, told, pid } = await grow('never-listen')
    for (const listener of [one.pid, one.pid, two.pid, pid, pid]) tree.guardListener(listener)
    const [first, second] = [String(one.pid), String(two.pid)]
    expect(told).toEqual([`+${String(pid)}`, `+${first}`, `-${first}`, `+${second}`, `-${second}`])
  })
})

describe('a signal', () => {
  test('reaches each process of the group once', async () => {
    const { tree, pid, output } = await grow('stubborn')
    await eventually('it heeds signals', () => output.text.includes('listening'))
    const kill = vi.spyOn(process, 'kill')
    await tree.signal('SIGTERM')
    expect(kill.mock.calls.filter(([, signal]) => signal === 'SIGTERM')).toEqual([[-pid, 'SIGTERM']])
  })

  test('reaches a member that only its parent leads to, though the parent ends by the same signal', async () => {
    const { tree, pid, child } = await grow('bare-session', 'never-listen')
    const [app = 0] = await eventually('the app is there', () => {
      // It is one for a moment before it leaves the group.
      const found = childrenOf(pid).filter((child) => groupOf(child) !== pid)
      return found.length > 0 && found
    })
    const kill = vi.spyOn(process, 'kill')
    const { signalGroup } = child
    // The parent is gone before anybody can look again.
    child.signalGroup = (signal) => {
      const sent = signalGroup(signal)
      while (childrenOf(pid).length > 0);
      return sent
    }
    await tree.signal('SIGTERM')
    expect(kill.mock.calls).toContainEqual([app, 'SIGTERM'])
  })
})

test('killing a tree whose child has ended takes no time and leaves no timer', async () => {
  const { tree, child } = await grow('exit', '0', '0')
  await child.finished
  // Time stands still: nothing can be waited for.
  const clock = new HandClock()
  const after = vi.spyOn(clock, 'after')
  let cancelled = 0
  after.mockImplementation(() => () => {
    cancelled += 1
  })
  expect(await killTree(tree, clock)).toEqual([])
  expect(after.mock.calls.length).toBeGreaterThan(0)
  expect(cancelled).toBe(after.mock.calls.length)
})

test('a child that SIGKILL does not end is waited for only until the limit', async () => {
  const { tree, pid } = await grow('never-listen')
  const givenUp = new AbortController()
  const end = awaitEnd(tree, 1, pid, () => true, systemClock, givenUp.signal)
  givenUp.abort()
  expect(await end).toEqual({ code: null, signal: null })
})

/** The process group that a process is in; undefined where the system does not tell it in /proc. */
function groupOf(pid: number): number | undefined {
  try {
    const [, rest = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${String(pid)}/stat`, 'utf8')) ?? []
    return Number(rest.split(' ')[2])
  } catch {
    return undefined
  }
}
