// `npm run soak`: the built daemon with a host file for many minutes, under mixed traffic, with recycles, log rotations,
// reloads and an open status page. At the end it must have the descriptors, timers, processes and files that it began
// with, the memory of when it had settled, and nothing lost. Linux.
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { publish } from '../../config/scripts/publish-test-apps.mjs'
import { setUp, top } from '../../config/scripts/setup.mjs'
import { end, endAll, freePort, hasEnded, scratch, start, untilListening } from '../bench/children.mjs'
import { residentMemory } from '../bench/machine.mjs'
import { Deployment, Watcher } from './operator.mjs'
import { isLoss, Traffic } from './traffic.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    websockets: { type: 'string', default: '30' },
    recycle: { type: 'string', default: '20' },
    rotate: { type: 'string', default: '45' },
    reload: { type: 'string', default: '35' },
    engine: { type: 'string', default: 'wire' },
    app: { type: 'string', default: 'node' },
  },
})
const minutes = Number(values.minutes)
const every = (name, second) => second % Number(values[name]) === 0
const MIB = 2 ** 20
/** Logs that may be kept: four of each application, and the one that is being written while an old one is deleted. */
const allowedLogs = 10

setUp()
const ports = { site: await freePort(), admin: await freePort() }
const deployment = new Deployment(scratch, await source(values.app), ports)
const origin = `http://127.0.0.1:${ports.site}`
const resources = join(scratch, 'resources.json')
const observer = fileURLToPath(new URL('observe.mjs', import.meta.url))
const command = [process.execPath, '--import', observer, join(top, 'dist/main.js'), 'run', ...deployment.args]
// A temporary folder of its own, because every file that is left there counts.
const temporary = join(scratch, 'tmp')
mkdirSync(temporary)
const env = { SOAK_RESOURCES: resources, RUNTIME_DIRECTORY: scratch, TMPDIR: temporary }
const daemon = start([...command, '--engine', values.engine, '--log-format', 'json'], { env })
const watcher = new Watcher(ports.admin, deployment.token)
const done = { recycles: 0, rotations: 0, reloads: 0 }
let failures = 0

try {
  await untilListening(daemon, ports.site)
  await untilListening(daemon, ports.admin)
  for (const path of ['/HelloWorld', '/second/HelloWorld']) {
    await fetch(origin + path, { headers: { connection: 'close' } }).then((answer) => answer.text())
  }
  await watcher.look(0)
  // What these requests have kept alive ends, and the timers are counted once more.
  await pause(8000)
  const before = seen()
  console.log(`before: ${sentence(before)}`)
  const traffic = new Traffic(origin, { rate: Number(values.rate), webSockets: Number(values.websockets) })
  const memory = await operateFor(minutes * 60, traffic)
  await traffic.stop()
  if (!deployment.hasSecond) deployment.change()
  await pause(3000)
  await fetch(`${origin}/second/HelloWorld`, { headers: { connection: 'close' } }).then((answer) => answer.text())
  // What is kept alive ends by itself: our free connections to the app after a minute, those of clients after two.
  for (let waited = 0; waited < 150 && !isBackAt(before); waited += 1) await pause(1000)
  report(before, traffic, memory)
} finally {
  await end(daemon)
  await endAll()
}
process.exitCode = failures === 0 ? 0 : 1

function source(app) {
  if (app === 'node') return join(top, 'test/apps/node-twin')
  return publish(['test-app']).then(([[, published]]) => published)
}

/** Does what operators do while the traffic goes on; the memory of each whole minute. */
async function operateFor(seconds, traffic) {
  const memory = []
  const began = performance.now()
  for (let second = 1; second <= seconds; second += 1) {
    await pause(Math.max(0, began + second * 1000 - performance.now()))
    if (hasEnded(daemon)) throw new Error(`the daemon has ended: ${daemon.complaint}`)
    if (every('recycle', second)) {
      daemon.kill('SIGUSR2')
      done.recycles += 1
    }
    if (every('rotate', second)) {
      deployment.rotate()
      daemon.kill('SIGHUP')
      done.rotations += 1
    }
    if (every('reload', second)) {
      deployment.change()
      done.reloads += 1
    }
    await Promise.all([watcher.look(second), writesOutput()])
    if (second % 60 !== 0) continue
    const now = seen()
    memory.push(now.mebibytes)
    console.log(`minute ${second / 60}: ${sentence(now)}; ${total(traffic)} requests done`)
  }
  return memory
}

/** The application writes lines to its log, so that it is rotated by size too. */
async function writesOutput() {
  const write = () =>
    fetch(`${origin}/ConsoleWrite`, { signal: AbortSignal.timeout(20_000) }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    )
  await Promise.all(Array.from({ length: 8 }, write))
}

function seen() {
  return {
    descriptors: openDescriptors(),
    mebibytes: Math.round(residentMemory([daemon.pid]) / MIB),
    resources: JSON.parse(readFileSync(resources, 'utf8')),
    processes: childrenOf(daemon.pid),
    files: readdirSync(scratch, { recursive: true }).length,
    logs: ['first', 'second'].flatMap((name) => readdirSync(join(scratch, name, 'logs'))).length,
    temporary: readdirSync(temporary).length,
  }
}

function sentence({ descriptors, mebibytes, resources: { Timeout = 0 }, processes, files, logs }) {
  return `${descriptors.length} descriptors, ${mebibytes} MiB, ${Timeout} timers, ${processes} processes, ${files} files, ${logs} of them logs`
}

function isBackAt(before) {
  const now = seen()
  return now.descriptors.length <= before.descriptors.length && timers(now) <= timers(before)
}

function timers({ resources: { Timeout = 0 } }) {
  return Timeout
}

function report(before, traffic, memory) {
  const after = seen()
  const outcomes = [...traffic.outcomes, ...watcher.outcomes]
  const lost = outcomes.filter(([key]) => isLoss(key))
  // V8's heap has its size after the first collections of everything, which take minutes under a light load.
  const settled = Math.max(1, Math.floor(memory.length / 6))
  const early = average(memory.slice(settled, settled + 3))
  const late = average(memory.slice(-3))
  console.log(
    `after: ${sentence(after)}; ${Object.entries(done)
      .map(([what, n]) => `${n} ${what}`)
      .join(', ')}`,
  )
  same('descriptors', before.descriptors.length, after.descriptors.length)
  same('timers', timers(before), timers(after))
  same('processes', before.processes, after.processes)
  same('files in the temporary folder', before.temporary, after.temporary)
  judge(after.logs <= allowedLogs, `logs of output: ${after.logs}, of ${done.recycles * 2} and more that were written`)
  judge(
    after.files - after.logs <= before.files - before.logs + 1,
    `other files: ${before.files - before.logs} before, ${after.files - after.logs} after`,
  )
  // A shorter run has no early and late minutes to compare.
  if (memory.length >= 8)
    judge(late <= early * 1.1, `memory: ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`)
  judge(lost.length === 0, `lost: ${lost.length === 0 ? 'nothing' : lost.map(([key, n]) => `${n} ${key}`).join(', ')}`)
  if (after.descriptors.length > before.descriptors.length)
    console.log(after.descriptors.filter((one) => !before.descriptors.includes(one)).join('\n'))
  for (const [outcome, count] of outcomes) console.log(`  ${outcome}: ${count}`)
}

function same(what, before, after) {
  judge(after <= before, `${what}: ${before} before, ${after} after`)
}

function judge(holds, text) {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${text}`)
  if (!holds) failures += 1
}

function total({ outcomes }) {
  return [...outcomes.values()].reduce((sum, count) => sum + count, 0)
}

/** What each descriptor of the daemon is, as the kernel says. */
function openDescriptors() {
  const place = `/proc/${daemon.pid}/fd`
  return readdirSync(place).flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(join(place, fd))}`]
    } catch {
      // It was closed since it was listed.
      return []
    }
  })
}

/** How many processes have this parent, those that have ended and were not waited for among them. */
function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/stat`, 'latin1')
        .replace(/^.*\) \S /s, '')
        .startsWith(`${pid} `)
    } catch {
      // It has ended since it was listed.
      return false
    }
  }).length
}

function average(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
