// Load from a process of its own: wrk where it is installed, else the generator of load/.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, hasEnded, scratch, start } from './children.mjs'
import { parseWrk, wrkCommand, wrkScript } from './load/wrk.mjs'
import { isInstalled } from './programs.mjs'

const generator = fileURLToPath(new URL('load/generate.mjs', import.meta.url))
const generate = (task) => [process.execPath, generator, JSON.stringify(task)]

/** wrk knows nothing of WebSockets. */
const isForWrk = (task) => task.kind !== 'echo' && isInstalled('wrk')

export const loadProgram = () => (isInstalled('wrk') ? 'wrk' : "the bench's own generator")

/** Loads `task.port` as the scenario says, for `task.seconds`; {requests, errors, p50, p99}, times in microseconds. */
export async function load(task, core) {
  const output = await outputOf(start(isForWrk(task) ? wrk(task) : generate(task), { core, stdout: 'pipe' }))
  return isForWrk(task) ? parseWrk(output) : JSON.parse(output)
}

function wrk(task) {
  if (task.body === undefined) return wrkCommand(task)
  const lua = join(scratch, `post-${task.body}.lua`)
  writeFileSync(lua, wrkScript(task.body))
  return wrkCommand(task, lua)
}

async function outputOf(child) {
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`the load failed: ${child.complaint.slice(0, 400)}`)
  return output
}

/** Opens so many connections, uses each once, and holds them: {open, release()}. */
export async function holdConnections(task, core) {
  const child = start(generate(task), { core, stdin: 'pipe', stdout: 'pipe' })
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (hasEnded(child) || typeof said === 'number') throw new Error(`the load failed: ${child.complaint.slice(0, 400)}`)
  return { open: JSON.parse(String(said)).open, release: () => end(child) }
}
