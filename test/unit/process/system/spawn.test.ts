import { EventEmitter, once } from 'node:events'
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChildOutput } from '../../../../src/process/system/spawn.ts'
import { spawnChild } from '../../../../src/process/system/spawn.ts'
import { misbehaveFolder, Recorder } from '../support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spawn-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function command(file: string, args: readonly string[] = [], cwd = folder) {
  return { file, args, cwd, notes: [] }
}

async function launch(args: readonly string[], output: ChildOutput, environment: Record<string, string> = {}) {
  const child = await spawnChild(
    command(process.execPath, ['misbehave.mjs', ...args], misbehaveFolder),
    environment,
    output,
  )
  if (!child.ok) throw new Error(child.failure.code)
  return child.value
}

test('the child gets its arguments, folder and environment, and nothing else', async () => {
  const output = new Recorder()
  const child = await launch(['dump', 'a b', '"', ''], output, { ONLY: 'this' })
  await child.finished
  const dump = JSON.parse(output.text) as Record<string, unknown>
  expect(dump).toMatchObject({ args: ['a b', '"', ''], cwd: misbehaveFolder, pid: child.pid, env: { ONLY: 'this' } })
  expect(dump['env']).toEqual({ ONLY: 'this' })
})

test('the child gets an empty stdin, and none of our files and sockets', async () => {
  const file = openSync(join(folder, 'ours'), 'w')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ours = new Set(
    readdirSync('/proc/self/fd')
      .map(targetOf)
      .filter((target) => /ours$|^socket:/.test(target)),
  )
  const output = new Recorder()
  const child = await launch(['dump'], output)
  await child.finished
  const { descriptors } = JSON.parse(output.text) as { descriptors: string[] }
  expect(ours.size).toBeGreaterThan(1)
  expect(descriptors.filter((entry) => ours.has(entry.slice(entry.indexOf(' ') + 1)))).toEqual([])
  expect(descriptors).toContain('0 /dev/null')
  closeSync(file)
  await new Promise((resolve) => server.close(resolve))
})

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}

test('the exit is a value: code or signal', async () => {
  const coded = await launch(['exit', '12'], new Recorder())
  await coded.finished
  expect(coded.exit).toEqual({ code: 12, signal: null })
  const signalled = await launch(['never-listen'], new Recorder())
  expect(signalled.exit).toBeUndefined()
  expect(signalled.signalGroup('SIGKILL')).toBe(true)
  await signalled.finished
  expect(signalled.exit).toEqual({ code: null, signal: 'SIGKILL' })
})

test('`finished` resolves when every byte of both streams has arrived', async () => {
  const output = new Recorder()
  const child = await launch(['print', '5000', '3'], output)
  await child.finished
  expect(child.exit).toEqual({ code: 3, signal: null })
  expect(new Set(output.lastLines())).toEqual(
    new Set(Array.from({ length: 5000 }, (_, at) => `line ${String(at + 1)}`)),
  )
})

test('nothing is sent to a child that was reaped', async () => {
  const child = await launch(['exit', '0'], new Recorder())
  await child.finished
  expect(child.signalGroup('SIGKILL')).toBe(false)
})

test('onExit() calls back at once for a child that was reaped before', async () => {
  const child = await launch(['exit', '5'], 'ignore')
  await child.finished
  let told: unknown
  child.onExit((exit) => {
    told = exit
  })
  expect(told).toEqual({ code: 5, signal: null })
})

test('a signal reaches the whole process group', async () => {
  const output = new Recorder()
  const child = await launch(['launcher', 'exit', '0', '600000'], output, { PATH: process.env['PATH'] ?? '' })
  child.signalGroup('SIGKILL')
  // The grandchild holds the pipes: that they end proves that it is gone.
  await child.finished
  expect(child.exit).toEqual({ code: null, signal: 'SIGKILL' })
})

test('a program that cannot be started is a failure with its errno name', async () => {
  writeFileSync(join(folder, 'text'), 'no program')
  writeFileSync(join(folder, 'lost'), '#!/no/such/interpreter\n')
  chmodSync(join(folder, 'lost'), 0o755)
  const start = async (file: string, cwd = folder) => spawnChild(command(file, [], cwd), {}, 'ignore')
  expect(await start(join(folder, 'missing'))).toEqual({ ok: false, failure: { code: 'ENOENT' } })
  expect(await start(join(folder, 'text'))).toEqual({ ok: false, failure: { code: 'EACCES' } })
  expect(await start(join(folder, 'lost'))).toEqual({ ok: false, failure: { code: 'ENOENT' } })
  expect(await start(process.execPath, join(folder, 'missing'))).toEqual({ ok: false, failure: { code: 'ENOENT' } })
  const tooLong = await spawnChild(command(process.execPath, ['x'.repeat(3_000_000)]), {}, 'ignore')
  expect(tooLong).toEqual({ ok: false, failure: { code: 'E2BIG' } })
})

test('a flood of output does not stop the child', async () => {
  let bytes = 0
  const enough = new EventEmitter()
  const output = {
    write: (_stream: string, chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > 50_000_000) enough.emit('enough')
    },
    conceal: () => undefined,
    lastLines: () => [],
    close: () => Promise.resolve(),
  }
  const child = await launch(['flood'], output, { ASPNETCORE_PORT: '0' })
  await once(enough, 'enough')
  child.signalGroup('SIGKILL')
  await child.finished
  expect(bytes).toBeGreaterThan(50_000_000)
})
