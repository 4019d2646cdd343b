import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../../src/platform/clock.ts'
import { readProcess } from '../../../../src/process/system/process-table.ts'
import { killTree, ProcessTree } from '../../../../src/process/system/process-tree.ts'
import { spawnChild } from '../../../../src/process/system/spawn.ts'
import { eventually } from '../../../support/eventually.ts'
import { isAlive } from '../../../support/processes.ts'
import { misbehaveFolder, Recorder } from '../support.ts'

const started: ProcessTree[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((tree) => killTree(tree, systemClock)))
})

/** A tree whose child runs this fault; `mark` as environmentMark makes it. */
async function grow(fault: readonly string[], mark?: string) {
  const output = new Recorder()
  const [name = '', value = ''] = mark?.split('=') ?? []
  const environment = {
    PATH: process.env['PATH'] ?? '',
    ASPNETCORE_PORT: '0',
    ...(mark !== undefined && { [name]: value }),
  }
  const command = { file: process.execPath, args: ['misbehave.mjs', ...fault], cwd: misbehaveFolder, notes: [] }
  const child = await spawnChild(command, environment, output)
  if (!child.ok) throw new Error(child.failure.code)
  const tree = new ProcessTree(child.value, mark)
  started.push(tree)
  return { tree, child: child.value, output }
}

test('the child is a member, and the first', async () => {
  const { tree, child } = await grow(['launcher', 'never-listen'])
  const members = await eventually('both are there', async () => {
    const found = await tree.members()
    return found.length === 2 && found
  })
  expect(members[0]?.pid).toBe(child.pid)
  expect(members[1]).toMatchObject({ parent: child.pid, session: child.pid, group: child.pid })
})

test('a process that its launcher left behind is a member', async () => {
  const { tree, child } = await grow(['leaving-launcher', '0'])
  await new Promise<void>((resolve) => {
    child.onExit(() => {
      resolve()
    })
  })
  expect(child.exit).toEqual({ code: 0, signal: null })
  const members = await tree.members()
  expect(members).toHaveLength(1)
  expect(members[0]).toMatchObject({ session: child.pid })
  expect(tree.mayHaveOthers).toBe(true)
})

test('a daemon that left session, group and parents behind is found by the mark', async () => {
  const { tree, child, output } = await grow(['double-fork'], 'ASPNETCORE_TOKEN=only-these')
  await eventually('the daemon listens', () => output.text.includes('listening'))
  const members = await eventually('its launchers are gone', async () => {
    const found = await tree.members()
    return child.exit !== undefined && found.length === 1 && found
  })
  expect(members[0]?.session).not.toBe(child.pid)
})

test('no member of a tree is left after killTree(), whatever group or session it is in', async () => {
  const { tree, output } = await grow(['with-helper'], 'ASPNETCORE_TOKEN=these-too')
  await eventually('the helper is there', () => output.text.includes('listening'))
  const helper = Number(/helper (\d+)/.exec(output.text)?.[1])
  expect(isAlive(helper)).toBe(true)
  await killTree(tree, systemClock)
  expect(isAlive(helper)).toBe(false)
  expect(await tree.members()).toEqual([])
})

test('another process is no member', async () => {
  const one = await grow(['never-listen'], 'ASPNETCORE_TOKEN=one')
  const other = await grow(['never-listen'], 'ASPNETCORE_TOKEN=two')
  expect((await one.tree.members()).map((row) => row.pid)).toEqual([one.child.pid])
  await killTree(one.tree, systemClock)
  expect(isAlive(other.child.pid)).toBe(true)
})

test('SIGTERM reaches members outside of the group too', async () => {
  const { tree, output } = await grow(['double-fork'], 'ASPNETCORE_TOKEN=outside')
  await eventually('the daemon listens', () => output.text.includes('listening'))
  await eventually('only the daemon is left', async () => (await tree.members()).length === 1)
  await tree.signal('SIGTERM')
  await eventually('it is gone', async () => (await tree.members()).length === 0)
})

test('a process shows its parent, group, session and start', () => {
  expect(readProcess(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, state: 'R' })
  expect(readProcess(2 ** 22 + 1)).toBeUndefined()
})

test('output that another process holds open is waited for only until the limit', async () => {
  // Without a mark the daemon cannot be known for ours, and it holds the pipes.
  const { tree, child, output } = await grow(['double-fork'])
  await eventually('the daemon listens', () => output.text.includes('listening'))
  await eventually('its launchers are gone', () => child.exit !== undefined)
  await killTree(tree, systemClock)
  await child.finished
  const daemon = await eventually('the daemon is found', () => lastListener(output))
  process.kill(daemon, 'SIGKILL')
})

function lastListener(output: Recorder): number | undefined {
  const found = /pid (\d+)/.exec(output.text)
  return found === null ? undefined : Number(found[1])
}
