// `npm run soak`: the built daemon in front of an app for many minutes, under mixed traffic and with recycles. At the end it
// must have the descriptors it began with, the memory of its first minutes, and nothing lost. Linux.
import { cpSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { publish } from '../../config/scripts/publish-test-apps.mjs'
import { setUp, top } from '../../config/scripts/setup.mjs'
import { end, endAll, freePort, hasEnded, scratch, start, untilListening } from '../bench/children.mjs'
import { residentMemory } from '../bench/machine.mjs'
import { Traffic } from './traffic.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    websockets: { type: 'string', default: '30' },
    recycle: { type: 'string', default: '20' },
    engine: { type: 'string', default: 'wire' },
    app: { type: 'string', default: 'node' },
  },
})
const minutes = Number(values.minutes)
const MIB = 2 ** 20

setUp()
const folder = join(scratch, 'app')
cpSync(await source(values.app), folder, { recursive: true })
const port = await freePort()
const origin = `http://127.0.0.1:${port}`
const place = ['--port', String(port), '--host', '127.0.0.1', '--engine', values.engine, '--log-format', 'json']
const daemon = start([process.execPath, join(top, 'dist/main.js'), 'run', folder, ...place])
let failures = 0

try {
  await untilListening(daemon, port)
  await fetch(`${origin}/HelloWorld`, { headers: { connection: 'close' } }).then((answer) => answer.text())
  await pause(2000)
  const before = openDescriptors()
  console.log(`descriptors before: ${before.length}; ${mebibytes()} MiB`)
  const traffic = new Traffic(origin, { rate: Number(values.rate), webSockets: Number(values.websockets) })
  const memory = await recycleFor(minutes * 60, traffic)
  await traffic.stop()
  // What is kept alive ends by itself: our free connections to the app after a minute.
  for (let waited = 0; waited < 90 && openDescriptors().length > before.length; waited += 1) await pause(1000)
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

/** Recycles while the traffic goes on; {minute, mebibytes} of each whole minute. */
async function recycleFor(seconds, traffic) {
  const memory = []
  const every = Number(values.recycle)
  for (let second = 1; second <= seconds; second += 1) {
    await pause(1000)
    if (hasEnded(daemon)) throw new Error(`the daemon has ended: ${daemon.complaint}`)
    if (second % every === 0) daemon.kill('SIGUSR2')
    if (second % 60 !== 0) continue
    memory.push(mebibytes())
    console.log(
      `minute ${second / 60}: ${openDescriptors().length} descriptors, ${mebibytes()} MiB, ${done(traffic)} done`,
    )
  }
  return memory
}

function report(before, traffic, memory) {
  const after = openDescriptors()
  const lost = [...traffic.outcomes].filter(([key]) => !/: (ok|closed)$/.test(key))
  const early = average(memory.slice(1, 4))
  const late = average(memory.slice(-3))
  judge(after.length <= before.length, `descriptors: ${before.length} before, ${after.length} after`)
  // A shorter run has no early and late minutes to compare.
  if (memory.length >= 8)
    judge(late <= early * 1.1, `memory: ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`)
  judge(lost.length === 0, `lost: ${lost.length === 0 ? 'nothing' : lost.map(([key, n]) => `${n} ${key}`).join(', ')}`)
  if (after.length > before.length) console.log(after.filter((one) => !before.includes(one)).join('\n'))
  for (const [outcome, count] of traffic.outcomes) console.log(`  ${outcome}: ${count}`)
}

function judge(holds, sentence) {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${sentence}`)
  if (!holds) failures += 1
}

function done({ outcomes }) {
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

function mebibytes() {
  return Math.round(residentMemory([daemon.pid]) / MIB)
}

function average(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
