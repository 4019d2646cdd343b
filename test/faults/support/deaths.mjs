// Starts programs that end at once, by the daemon's own spawn code, in a process that does nothing else; then says what it
// holds. Arguments: how many, how many at a time, and for how many milliseconds at most.
import { readdirSync, readFileSync } from 'node:fs'
import { importBundled } from '../../support/bundled.mjs'

const { spawnChild } = await importBundled('process/system/spawn.ts')

const [deaths, abreast, mostTime] = process.argv.slice(2).map(Number)
const output = { write: () => undefined, lastLines: () => [], close: () => Promise.resolve() }
const command = { file: '/bin/sh', args: ['-c', 'echo out; echo err >&2; exit 3'], cwd: '/', notes: [] }

async function liveAndDie() {
  const child = await spawnChild(command, {}, output)
  if (!child.ok) throw new Error(child.failure.code)
  await child.value.finished
  if (child.value.exit?.code !== 3) throw new Error(`ended otherwise: ${JSON.stringify(child.value.exit)}`)
}

/** Resolves with how many there were. */
async function die(times) {
  const until = performance.now() + mostTime
  let died = 0
  const lane = async () => {
    while (died < times && performance.now() < until) {
      died += 1
      await liveAndDie()
    }
  }
  await Promise.all(Array.from({ length: abreast }, lane))
  return died
}

function held() {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().sort(),
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
    children: childrenOf(process.pid),
  }
}

/** Zombies included: nobody else starts anything here, so whoever is there was not reaped. */
function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === String(pid))
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  } catch {
    return undefined
  }
}

/** Handles are closed some turns after their last event, and let go by the collector. */
async function settled() {
  for (let quiet = 0, last = ''; quiet < 20; ) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc()
    const now = process.getActiveResourcesInfo().join()
    quiet = now === last && !now.includes('ProcessWrap') ? quiet + 1 : 0
    last = now
  }
  return held()
}

await die(100)
const before = await settled()
const died = await die(deaths)
process.stdout.write(JSON.stringify({ died, before, after: await settled() }))
