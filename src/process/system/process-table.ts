import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { nextTurn } from '../../platform/pause.ts'

/** A process as /proc/PID/stat shows it. */
export interface ProcessRow {
  readonly pid: number
  /** `Z`: ended, not yet reaped by its parent. */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Clock ticks since boot. Pid and start time together identify a process; a pid alone may be used again. */
  readonly startTime: number
}

/** How many processes are read, in about 2 ms, before other work gets its turn. */
const rowsPerTurn = 100

/** Reads one process. Undefined when there is no such process, or no /proc. */
export function readProcess(pid: number): ProcessRow | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`)
  // The program's name, in brackets, may contain any character, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startTime = Number(fields[19])
  if (fields[0] === undefined || fields[0] === '' || Number.isNaN(startTime)) return undefined
  return {
    pid,
    state: fields[0],
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime,
  }
}

/** Every process that can be seen. Synchronous: blocks the event loop for some milliseconds. */
export function readProcessesNow(): readonly ProcessRow[] {
  const rows = readFolder('/proc').map((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : undefined))
  return rows.filter((row) => row !== undefined)
}

/** Every process that can be seen; none off Linux. */
export async function readProcesses(): Promise<readonly ProcessRow[]> {
  const rows: ProcessRow[] = []
  const pids = readFolder('/proc').map(Number).filter(Number.isInteger)
  for (const [index, pid] of pids.entries()) {
    if (index % rowsPerTurn === rowsPerTurn - 1) await nextTurn()
    const row = readProcess(pid)
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/**
 * Whether the process was started with this entry, `NAME=value`, in its environment. False when the daemon may not read
 * the environment.
 */
export function wasStartedWith(pid: number, entry: string): boolean {
  return readText(`/proc/${String(pid)}/environ`)
    .split('\0')
    .includes(entry)
}

/** The inodes of the sockets that a process has open; undefined when the daemon may not read them. */
export function socketsOf(pid: number): ReadonlySet<number> | undefined {
  const folder = `/proc/${String(pid)}/fd`
  let names: readonly string[]
  try {
    names = readdirSync(folder)
  } catch {
    return undefined
  }
  const inodes = new Set<number>()
  for (const name of names) {
    try {
      const found = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))
      if (found !== null) inodes.add(Number(found[1]))
    } catch (error) {
      // With CAP_DAC_READ_SEARCH the folder can be read, but not the descriptors in it.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined
      // Otherwise the descriptor was closed meanwhile.
    }
  }
  return inodes
}

/** The user id that a process runs as; undefined when the process is gone. */
export function userOf(pid: number): number | undefined {
  const found = /^Uid:\s+\d+\s+(\d+)/m.exec(readText(`/proc/${String(pid)}/status`))
  return found === null ? undefined : Number(found[1])
}

/** Processor time, in clock ticks, and memory, in bytes, of a process; undefined without /proc. */
export function consumptionOf(pid: number): { readonly ticks: number; readonly rssBytes: number } | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${String(pid)}/status`))
  if (resident === null || Number.isNaN(ticks)) return undefined
  return { ticks, rssBytes: Number(resident[1]) * 1024 }
}

/** A process for a message: `nginx (pid 812)`. */
export function describeProcess(pid: number): string {
  const name = readText(`/proc/${String(pid)}/comm`).trim()
  return `${name === '' ? 'a process' : name} (pid ${String(pid)})`
}

/** A process that SIGKILL did not end, with the likely reason: `sudo (pid 813) of user 0`. */
export function describeRemaining({ pid }: ProcessRow): string {
  const user = userOf(pid)
  const isStuck = readProcess(pid)?.state === 'D'
  const of = user === undefined || user === process.geteuid?.() ? '' : ` of user ${String(user)}`
  return `${describeProcess(pid)}${of}${isStuck ? ' in uninterruptible sleep' : ''}`
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** The text of a file; '' when it does not exist or may not be read. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
