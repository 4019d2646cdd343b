// One cell: one peer in one scenario in one round.
import { spawnSync } from 'node:child_process'
import { request } from 'node:http'
import { startApp, tokenFields } from './app.mjs'
import { end } from './children.mjs'
import { holdConnections, load } from './load.mjs'
import { disturbance, microsecondsBetween, processesOf, processorTime, residentMemory } from './machine.mjs'
import { startPeer } from './peers.mjs'

/** What the load has to send to this peer. */
function taskFor(peer, scenario, seconds) {
  if (scenario.http2 && !peer.http2) throw new Error('it speaks no HTTP/2')
  const headers = { ...scenario.headers, ...peer.fields }
  return { ...scenario, headers, port: peer.port, seconds, client: peer.tls?.client }
}

export const warmUp = async (peer, scenario, seconds, core) => load(taskFor(peer, scenario, seconds), core)

/** Processor time of the proxy for each request or message. A peer without a process is the app itself. */
export async function measureLoad(peer, scenario, seconds, core) {
  const before = disturbance()
  const processes = peer.child === undefined ? [] : processesOf(peer.child.pid, peer.owns)
  const used = processorTime(processes)
  const result = await load(taskFor(peer, scenario, seconds), core)
  const microseconds = microsecondsBetween(used, processorTime(processes))
  const after = disturbance()
  return {
    requests: result.requests,
    errors: result.errors,
    rate: result.requests / seconds,
    cpu: peer.child === undefined ? undefined : microseconds / result.requests,
    p50: result.p50,
    p99: result.p99,
    ...(result.errors > 0 ? { void: `${result.errors} errors` } : {}),
    ...(result.requests === 0 ? { void: 'no request was answered' } : {}),
    load: after.load,
    steal: after.steal - before.steal,
  }
}

/** Moves all threads of a proxy to another core. */
export function move(peer, core) {
  if (core === undefined) return
  for (const pid of processesOf(peer.child.pid, peer.owns)) {
    const { status, stderr } = spawnSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${peer.name} cannot be moved to core ${core}: ${stderr}`)
  }
}

/** Seconds of load before memory is looked at, and milliseconds of rest before each look. */
const memoryWarmUp = 3
const rest = 1500

/**
 * Resident memory of a fresh proxy: in MiB after its first request (`fresh`) and after a warm-up (`base`), in KiB for each
 * idle connection.
 */
export async function measureMemory(name, scenario, stage) {
  const peer = await startPeer(name, { ...stage, core: stage.proxyCore })
  try {
    await firstAnswer(peer.port, scenario.path, peer.fields)
    const fresh = await memoryAtRest(peer)
    await load({ ...taskFor(peer, scenario, memoryWarmUp), kind: 'load', connections: 64 }, stage.loadCore)
    const base = await memoryAtRest(peer)
    const held = await holdConnections(taskFor(peer, scenario), stage.loadCore)
    const after = await memoryAtRest(peer)
    await held.release()
    if (held.open < scenario.connections)
      return { void: `${held.open} of ${scenario.connections} connections stayed open` }
    const [inMiB, inKiB] = [1024 ** 2, 1024]
    return {
      fresh: fresh / inMiB,
      base: base / inMiB,
      perConnection: (after - base) / inKiB / held.open,
      ...disturbance(),
    }
  } finally {
    await end(peer.child)
  }
}

async function memoryAtRest(peer) {
  await new Promise((resolve) => setTimeout(resolve, rest))
  return memoryOf(peer)
}

/** A daemon's guard is a shell of a megabyte, which is not what grows. */
const memoryOf = ({ child, owns }) => residentMemory(owns === undefined ? processesOf(child.pid) : [child.pid])

/** Milliseconds from nothing to the app's first answer, without a proxy. */
export async function measureStartAlone(scenario, { app, loadCore }) {
  const begin = performance.now()
  const { child, port } = await startApp(app, loadCore, 1)
  try {
    await firstAnswer(port, scenario.path, tokenFields)
    return { first: performance.now() - begin, ...disturbance() }
  } finally {
    await end(child)
  }
}

/** Milliseconds of the first request through a daemon that has not started its app yet. */
export async function measureStart(name, scenario, stage) {
  const peer = await startPeer(name, { ...stage, core: stage.proxyCore })
  try {
    const begin = performance.now()
    await firstAnswer(peer.port, scenario.path, {})
    return { first: performance.now() - begin, ...disturbance() }
  } finally {
    await end(peer.child)
  }
}

function firstAnswer(port, path, headers) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) answer.once('end', resolve)
      else reject(new Error(`the first request was answered with ${answer.statusCode}`))
    })
    asked.once('error', reject)
    asked.end()
  })
}
