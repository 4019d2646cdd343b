// Load from a process of its own: h2load for HTTP/2, otherwise wrk where it is installed, else the generator of load/.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { negotiated } from './certificate.mjs'
import { end, hasEnded, scratch, start } from './children.mjs'
import { h2loadCommand, parseH2load } from './load/h2load.mjs'
import { parseWrk, wrkCommand, wrkScript } from './load/wrk.mjs'
import { isInstalled } from './programs.mjs'

const generator = fileURLToPath(new URL('load/generate.mjs', import.meta.url))
const generate = (task) => [process.execPath, generator, JSON.stringify(task)]

/** wrk knows nothing of WebSockets, and resumes the TLS sessions of connections that it has closed. */
const isForWrk = (task) => task.kind !== 'echo' && !task.fullHandshakes && isInstalled('wrk')

export const loadProgram = () => (isInstalled('wrk') ? 'wrk' : "the bench's own generator")

/** Loads `task.port` as the scenario says, for `task.seconds`; {requests, errors, p50, p99}, times in microseconds. */
export async function load(task, core) {
  const [command, parse] = programFor(task)
  // Both programs check no certificate; what they offer is settled here.
  const env = task.tls ? { OPENSSL_CONF: task.client } : {}
  return parse(await outputOf(start(command, { core, stdout: 'pipe', env })))
}

function programFor(task) {
  if (task.http2) {
    if (!isInstalled('h2load')) throw new Error('h2load is not installed')
    return [h2load(task), parseH2load]
  }
  return isForWrk(task) ? [wrk(task), parseWrk] : [generate({ ...task, negotiated }), JSON.parse]
}

function wrk(task) {
  if (task.body === undefined) return wrkCommand(task)
  return wrkCommand(task, scratchFile(`post-${task.body}.lua`, wrkScript(task.body)))
}

function h2load(task) {
  if (task.body === undefined) return h2loadCommand(task)
  return h2loadCommand(task, scratchFile(`body-${task.body}`, 'x'.repeat(task.body)))
}

function scratchFile(name, text) {
  const path = join(scratch, name)
  writeFileSync(path, text)
  return path
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
