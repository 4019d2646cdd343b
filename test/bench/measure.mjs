// CPU of a process tree, and one run of wrk.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** utime + stime of a process and its descendants, in microseconds (the kernel counts ticks of 10 ms). */
export function cpuOf(root) {
  const byParent = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const fields = stat(name)
    if (fields === undefined) continue
    const parent = Number(fields[1])
    byParent.set(parent, [...(byParent.get(parent) ?? []), { pid: Number(name), fields }])
  }
  const sum = (pid, fields) =>
    Number(fields[11]) +
    Number(fields[12]) +
    (byParent.get(pid) ?? []).reduce((total, child) => total + sum(child.pid, child.fields), 0)
  const fields = stat(root)
  return fields === undefined ? Number.NaN : sum(root, fields) * 10_000
}

export function rssOf(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return line === null ? Number.NaN : Number(line[1]) * 1024
}

const micros = (text) => {
  const found = /([\d.]+)(us|ms|s)/.exec(text ?? '')
  return found === null ? Number.NaN : Number(found[1]) * { us: 1, ms: 1000, s: 1_000_000 }[found[2]]
}

/** Runs wrk once; errors are counted, not thrown. */
export async function wrk(port, scenario, seconds, core, luaFile) {
  const args = ['-c', String(core), 'wrk', '-t1', `-c${scenario.connections}`, `-d${seconds}s`, '--latency']
  for (const field of scenario.headers ?? []) args.push('-H', field)
  if (luaFile !== undefined) args.push('-s', luaFile)
  args.push(`http://127.0.0.1:${port}${scenario.path}`)
  const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (out += text))
  await new Promise((resolve) => child.once('close', resolve))
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(out)
  const non2xx = /Non-2xx or 3xx responses: (\d+)/.exec(out)
  return {
    requests: Number(/(\d+) requests in/.exec(out)?.[1] ?? 0),
    p50: micros(/50%\s+(\S+)/.exec(out)?.[1]),
    p99: micros(/99%\s+(\S+)/.exec(out)?.[1]),
    errors:
      (socketErrors === null ? 0 : socketErrors.slice(1).reduce((sum, n) => sum + Number(n), 0)) +
      Number(non2xx?.[1] ?? 0),
  }
}

export const median = (values) => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
