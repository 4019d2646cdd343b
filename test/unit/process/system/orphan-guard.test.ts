import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { instanceVariable } from '../../../../src/process/system/orphan-guard.ts'
import { eventually } from '../../../support/eventually.ts'
import { childrenOf, commandLineOf, isAlive } from '../../../support/processes.ts'

/** A stand-in for the daemon: a node that guards one group of its own and says who is who. */
const daemon = `
import { spawn } from 'node:child_process'
import { OrphanGuard } from './orphan-guard.mjs'
const guard = new OrphanGuard()
const [, , program, mode] = process.argv
const env = { PATH: process.env.PATH, ...(mode.includes('unmarked') ? {} : { ${instanceVariable}: guard.instance }) }
const child = spawn('sh', ['-c', program], { detached: true, env, stdio: ['ignore', 'inherit', 'ignore'] })
if (!mode.includes('unwatched')) guard.watch(child.pid)
if (mode.includes('forgotten')) guard.forget(child.pid)
console.log('instance ' + guard.instance + ' child ' + child.pid)
process.on('message', () => process.send('done'))
`

const started: ChildProcess[] = []
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-guard-'))
  // The stand-in must be a process that can be killed, so it runs outside the test runner, as plain JavaScript.
  for (const name of ['orphan-guard', 'descriptors']) {
    const source = await readFile(`src/process/system/${name}.ts`, 'utf8')
    const { outputText } = ts.transpileModule(source.replaceAll(/(from '\.\/\w+)\.ts'/g, "$1.mjs'"), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    })
    await writeFile(join(folder, `${name}.mjs`), outputText)
  }
  await writeFile(join(folder, 'daemon.mjs'), daemon)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Starts the stand-in, waits for `words` lines of the program's own, and gives the daemon's mark and its process. */
async function start(
  program: string,
  mode: string,
  lines: number,
): Promise<{ process: ChildProcess; instance: string; child: number; guard: () => number }> {
  const child = spawn(process.execPath, [join(folder, 'daemon.mjs'), program, mode], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  started.push(child)
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (text.split('\n').length > lines + 1) break
  }
  const [, instance = '', pid] = /instance (\S+) child (\d+)/.exec(text) ?? []
  const isGuard = (each: number): boolean => commandLineOf(each).startsWith('/bin/sh -c')
  const guard = (): number => childrenOf(child.pid ?? 0).find(isGuard) ?? 0
  return { process: child, instance, child: Number(pid), guard }
}

/** Resolves with the guard when it is there: a process has no command line yet at the moment in which it begins. */
function present(guard: () => number): Promise<number> {
  return eventually('there is a guard', () => guard() || undefined)
}

/** Resolves when the stand-in has done what it was at: a guard that is seen already may not have been told anything. */
async function turnDone(process: ChildProcess): Promise<void> {
  const answer = once(process, 'message')
  process.send('?')
  await answer
}

/** Processes that carry the mark. */
async function marked(instance: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')
    if (environment.includes(`${instanceVariable}=${instance}`)) found.push(name)
  }
  return found
}

async function noneLeft(instance: string): Promise<void> {
  while ((await marked(instance)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('the orphan guard', () => {
  it('ends the process group of an app when the daemon is killed without a chance to clean up', async () => {
    const { process, instance } = await start('sleep 1000 & echo ready; wait', 'watch', 1)
    await eventually('both are there', async () => (await marked(instance)).length >= 2)
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })

  // These carry no mark: only the group tells of them.
  it('ends a group that it only knows from its input', async () => {
    const { process, child } = await start('echo ready; exec sleep 1000', 'unmarked', 1)
    process.kill('SIGKILL')
    await eventually('the group is gone', () => !isAlive(child))
  })

  it("does not end a group that was forgotten, as its number may be another's by now", async () => {
    const { process: daemon, child, guard } = await start('echo ready; exec sleep 1000', 'unmarked forgotten', 1)
    const pid = await present(guard)
    daemon.kill('SIGKILL')
    await eventually('the guard has done its work', () => !isAlive(pid))
    expect(isAlive(child)).toBe(true)
    process.kill(child, 'SIGKILL')
  })

  it('gets every group again when it had to be replaced', async () => {
    const { process: daemon, child, guard } = await start('echo ready; exec sleep 1000', 'unmarked', 1)
    const first = await present(guard)
    process.kill(first, 'SIGKILL')
    // Asked once each time: between two calls the first may have died, and then its absence looks like another.
    await eventually('there is another', () => ![0, first].includes(guard()))
    await turnDone(daemon)
    daemon.kill('SIGKILL')
    await eventually('the group is gone', () => !isAlive(child))
  })

  it('finds a grandchild that left for a session of its own', async () => {
    const { process, instance } = await start('setsid sleep 1000 & echo ready; exit', 'watch', 1)
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })

  it('ends an app that was started but whose group it has not got yet', async () => {
    const { process, instance } = await start('echo ready; sleep 1000', 'unwatched', 1)
    expect(await marked(instance)).not.toEqual([])
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })
})
