// What forwarding costs: CPU of each proxy's process tree per request, as a ratio to nginx in the same round.
//   node test/bench/bench.mjs [--rounds 5] [--seconds 3] [--scenarios plaintext,browser] [--peers wire,nginx] [--extra 'name=command …']
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuOf, median, wrk } from './measure.mjs'
import { checkParity } from './parity.mjs'
import { freePort, peers as known, start, startPeer } from './peers.mjs'
import { scenarios } from './scenarios.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    scenarios: { type: 'string', default: Object.keys(scenarios).join(',') },
    peers: { type: 'string', default: 'wire,nginx,relay' },
    extra: { type: 'string', multiple: true, default: [] },
  },
})
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
const proxyCore = 0
const loadCore = 1

const scratch = mkdtempSync(join(tmpdir(), 'bench-'))
const started = []

try {
  const backend = await startBackend()
  const commands = new Map(values.peers.split(',').map((name) => [name, undefined]))
  for (const extra of values.extra)
    commands.set(extra.slice(0, extra.indexOf('=')), extra.slice(extra.indexOf('=') + 1).split(' '))
  const running = []
  for (const [name, command] of commands) {
    if (command === undefined && known[name] === undefined) throw new Error(`no such peer: ${name}`)
    const peer = await startPeer(name, command, backend.port, scratch, proxyCore)
    if (peer === undefined) console.log(`${name}: absent`)
    else {
      started.push(peer.child)
      await checkParity(peer.port, backend.port, name)
      running.push(peer)
    }
  }
  for (const name of values.scenarios.split(',')) await measure(name, scenarios[name], running)
} finally {
  for (const child of started) child.kill()
  rmSync(scratch, { recursive: true, force: true })
}

async function startBackend() {
  const folder = fileURLToPath(new URL('backend', import.meta.url))
  const published = join(folder, 'bin', 'publish')
  const built = spawnSync('dotnet', ['publish', '-c', 'Release', '-o', published, '-v', 'q', '--nologo'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`dotnet publish failed: ${built.stdout ?? built.error}`)
  const port = await freePort()
  const child = await start(['dotnet', join(published, 'Backend.dll')], { BACKEND_PORT: String(port) }, port, loadCore)
  started.push(child)
  return { port, child }
}

async function measure(name, scenario, running) {
  let luaFile
  if (scenario.lua !== undefined) writeFileSync((luaFile = join(scratch, `${name}.lua`)), scenario.lua)
  const core = scenario.oneCore === true ? proxyCore : loadCore
  const cells = new Map(running.map((peer) => [peer.name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const peer of shuffled(running)) {
      const before = cpuOf(peer.child.pid)
      const run = await wrk(peer.port, scenario, round < 0 ? 2 : seconds, core, luaFile)
      const cpu = (cpuOf(peer.child.pid) - before) / run.requests
      if (round >= 0) cells.get(peer.name).push({ ...run, cpu })
    }
  }
  console.log(`\n${name}  (goal ${scenario.goal} × nginx; load ${loadavg()[0].toFixed(1)})`)
  const nginx = cells.get('nginx')
  for (const [peer, runs] of cells) {
    const ratios = nginx === undefined ? [] : runs.map((run, round) => run.cpu / nginx[round].cpu)
    console.log(
      `  ${peer.padEnd(10)} cpu ${median(runs.map((r) => r.cpu))
        .toFixed(1)
        .padStart(7)} µs (min ${Math.min(...runs.map((r) => r.cpu)).toFixed(1)})` +
        `  × nginx ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})` +
        `  ${Math.round(median(runs.map((r) => r.requests / seconds)))} rps  p50 ${median(runs.map((r) => r.p50))} µs  p99 ${median(runs.map((r) => r.p99))} µs  errors ${runs.reduce((sum, r) => sum + r.errors, 0)}`,
    )
  }
}

function shuffled(list) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}
