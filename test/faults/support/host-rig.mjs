// A Host in a process of its own, driven over IPC: {folders}, then `recycle` and `measure`. Its log is counted, not kept.
import { readdirSync } from 'node:fs'
import { createHost } from '../../../dist/index.js'

const counts = {}
const log = {
  write(_level, { event }) {
    counts[event] = (counts[event] ?? 0) + 1
  },
  isEnabled: (level) => level !== 'trace' && level !== 'debug',
}

const applications = Object.entries(JSON.parse(process.argv[2])).map(([path, physicalPath]) => ({ path, physicalPath }))
const bindings = [{ protocol: 'http', address: '127.0.0.1', port: 0, hostName: '' }]
const host = await createHost(
  { sites: [{ name: 'www', id: 1, bindings, applications }] },
  { log, environment: process.env, pid: process.pid },
)
const started = await host.start()
if (!started.ok) throw started.failure.opening.cause

/** What the process holds, rubbish collected. */
function measure() {
  for (let time = 0; time < 3; time += 1) globalThis.gc()
  const memory = process.memoryUsage()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().sort(),
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
    heap: memory.heapUsed,
    rss: memory.rss,
    counts,
    processes: host.status.sites[0].applications.flatMap(({ processes }) => processes.map(({ state }) => state)),
  }
}

process.on('message', async (message) => {
  if (message === 'recycle') host.recycle('a test')
  if (message === 'measure') process.send(measure())
  if (message === 'stop') {
    await host.stop()
    // Handles are closed a turn after their last event.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    process.send(measure())
    process.disconnect()
  }
})
process.send({ url: host.status.sites[0].urls[0] })
