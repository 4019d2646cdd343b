// Programs that the benchmark starts. Whatever becomes of it, they end with it: a guard that reads from a pipe kills
// them, and removes the scratch folder, when the pipe ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone after the run. */
export const scratch = mkdtempSync(join(tmpdir(), 'ancmd-bench-'))

const guard = spawn(
  '/bin/sh',
  [
    '-c',
    `trap '' HUP INT TERM
    pids=
    while read -r sign pid; do
      case $sign in
        +) pids="$pids $pid" ;;
        -) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
      esac
    done
    [ -z "$pids" ] || kill -TERM $pids 2>/dev/null
    for p in $pids; do n=0; while kill -0 "$p" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done; done
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null
    rm -rf "$0"`,
    scratch,
  ],
  { detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
)
guard.stdin.on('error', () => {})
guard.unref()
guard.stdin.unref()

/** Milliseconds that a program has to listen, and to end after SIGTERM. */
const startLimit = 20_000
const endLimit = 8_000

const alive = new Set()

/** Starts a program, on one core if that is given, `detached` in a session of its own. What it says on stderr is kept for whoever has to explain its end. */
export function start(command, { env = {}, core, detached = false, stdin = 'ignore', stdout = 'ignore' } = {}) {
  const [program, ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(program, args, { env: { ...process.env, ...env }, detached, stdio: [stdin, stdout, 'pipe'] })
  child.complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    child.complaint = (child.complaint + text).slice(-2000)
  })
  child.once('error', (error) => {
    child.complaint += error.message
  })
  if (child.pid === undefined) return child
  alive.add(child)
  guard.stdin.write(`+ ${child.pid}\n`)
  child.once('exit', () => {
    alive.delete(child)
    guard.stdin.write(`- ${child.pid}\n`)
  })
  return child
}

export const hasEnded = (child) => child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Waits until somebody accepts connections there, asking each `pause` milliseconds. */
export async function untilListening(child, port, pause = 20) {
  const limit = performance.now() + startLimit
  while (!(await listens(port))) {
    if (hasEnded(child)) throw new Error(`${child.spawnargs.join(' ')} ended at once: ${child.complaint}`)
    if (performance.now() > limit) {
      throw new Error(`${child.spawnargs.join(' ')} does not listen on ${port}: ${child.complaint}`)
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** SIGTERM, and SIGKILL for who does not heed it. */
export async function end(child) {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), endLimit)
  await exited
  clearTimeout(late)
}

export async function endAll() {
  await Promise.all([...alive].map(end))
  if (guard.exitCode !== null) return
  const gone = once(guard, 'exit')
  guard.ref()
  guard.stdin.end()
  await gone
}

/** A port that was free just now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
