// What the kernel tells of processes and of the machine. Linux.
import { readFileSync, readdirSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'

const read = (path) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // It has ended since it was listed.
    return undefined
  }
}

/** Ticks of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const tick = 10_000
/** Two counters, user and system, each cut down to whole ticks. */
const tickError = 2 * tick

function statOf(pid) {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  }
}

/** A process and those of its descendants that belong to it, as `belongs(name)` says; nothing below the others counts. */
export function processesOf(root, belongs = () => true) {
  const all = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? statOf(name) : undefined
    return stat === undefined ? [] : [{ pid: Number(name), ...stat }]
  })
  const below = (pid) =>
    all.filter((one) => one.parent === pid && belongs(one.name)).flatMap((one) => [one.pid, ...below(one.pid)])
  return [root, ...below(root)]
}

/** The processor time that these have used so far: in nanoseconds for each thread, in ticks for each process. */
export function processorTime(pids) {
  const threads = new Map()
  let ticks = 0
  for (const pid of pids) {
    ticks += statOf(pid)?.ticks ?? 0
    for (const thread of threadsOf(pid)) {
      const used = read(`/proc/${pid}/task/${thread}/schedstat`)
      if (used !== undefined) threads.set(thread, Number(used.split(' ')[0]))
    }
  }
  return { threads, ticks }
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Microseconds between two of them. The ticks decide where they show more: then threads have ended in between. */
export function microsecondsBetween(before, after) {
  let nanoseconds = 0
  for (const [thread, used] of after.threads) nanoseconds += used - (before.threads.get(thread) ?? 0)
  const byTicks = (after.ticks - before.ticks) * tick
  return byTicks - tickError > nanoseconds / 1000 ? byTicks : nanoseconds / 1000
}

/** Resident memory of these processes in bytes. */
export function residentMemory(pids) {
  return pids.reduce((sum, pid) => {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
    return sum + Number(kilobytes ?? 0) * 1024
  }, 0)
}

/** What may have disturbed: the load average of the last minute, and what the hypervisor took, in ticks since the boot. */
export function disturbance() {
  const steal = /^cpu +(?:\d+ ){7}(\d+)/m.exec(read('/proc/stat') ?? '')?.[1]
  return { load: loadavg()[0], steal: Number(steal ?? 0) }
}

export function machine() {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    kernel: release(),
  }
}
