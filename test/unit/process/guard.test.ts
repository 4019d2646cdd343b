import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { instanceVariable } from '../../../src/process/guard.ts'

/** A stand-in for the daemon: a node that guards one group of its own and says who is who. */
const daemon = `
import { spawn } from 'node:child_process'
import { Guard } from './guard.mjs'
const guard = new Guard()
const env = { PATH: process.env.PATH, ${instanceVariable}: guard.instance }
const child = spawn('sh', ['-c', process.argv[2]], { detached: true, env, stdio: ['ignore', 'inherit', 'ignore'] })
if (process.argv[3] !== 'unwatched') guard.watch(child.pid)
console.log('instance ' + guard.instance)
setInterval(() => {}, 1000)
`

const started: ChildProcess[] = []
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-guard-'))
  // The stand-in must be a process that can be killed, so it runs outside the test runner, as plain JavaScript.
  for (const name of ['guard', 'descriptors']) {
    const source = await readFile(`src/process/${name}.ts`, 'utf8')
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
): Promise<{ process: ChildProcess; instance: string }> {
  const child = spawn(process.execPath, [join(folder, 'daemon.mjs'), program, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.split('\n').length > lines + 1) break
  }
  return { process: child, instance: /instance (\S+)/.exec(text)?.[1] ?? '' }
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

describe('the guard', () => {
  it('ends the process group of an app when the daemon is killed without a chance to clean up', async () => {
    const { process, instance } = await start('sleep 1000 & echo ready; wait', 'watch', 1)
    expect((await marked(instance)).length).toBeGreaterThanOrEqual(2)
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })

  it('finds a grandchild that left for a session of its own', async () => {
    const { process, instance } = await start('setsid sleep 1000 & echo ready; exit', 'watch', 1)
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })

  it('ends an app that was started but not yet announced', async () => {
    const { process, instance } = await start('echo ready; sleep 1000', 'unwatched', 1)
    expect(await marked(instance)).not.toEqual([])
    process.kill('SIGKILL')
    await once(process, 'exit')
    await noneLeft(instance)
  })
})
