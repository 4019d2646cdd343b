import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process as /proc/PID/stat shows it. */
export interface ProcessRow {
  readonly pid: number
  /** `Z`: ended, not yet reaped by its parent. */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Clock ticks since boot: with the pid it names a process for good, as pids are used again. */
  readonly startTime: number
}

/** Rows read before other work gets its turn: about 2 ms. */
const slice = 100

/** Undefined when there is no such process, or no /proc. */
export function readProcess(pid: number): ProcessRow | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`)
  // The name in brackets may hold anything, brackets included.
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

/** Every process that can be seen, in one go: some milliseconds in which nothing else happens. */
export function readProcessesNow(): readonly ProcessRow[] {
  const rows = readFolder('/proc').map((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : undefined))
  return rows.filter((row) => row !== undefined)
}

/** Every process that can be seen; none off Linux. */
export async function readProcesses(): Promise<readonly ProcessRow[]> {
  const rows: ProcessRow[] = []
  const pids = readFolder('/proc').map(Number).filter(Number.isInteger)
  for (const [index, pid] of pids.entries()) {
    if (index % slice === slice - 1) await nextTurn()
    const row = readProcess(pid)
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/** The environment it was started with holds this entry. False when it may not be read. */
export function wasGiven(pid: number, entry: string): boolean {
  return readText(`/proc/${String(pid)}/environ`)
    .split('\0')
    .includes(entry)
}

/** Inodes of the sockets that a process has open; undefined when we may not look. */
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
      // A right to read folders (CAP_DAC_READ_SEARCH) shows the descriptors, yet not what they are.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined
      // Else it was closed in this instant.
    }
  }
  return inodes
}

/** The user it runs as; undefined when it is gone. */
export function userOf(pid: number): number | undefined {
  const found = /^Uid:\s+\d+\s+(\d+)/m.exec(readText(`/proc/${String(pid)}/status`))
  return found === null ? undefined : Number(found[1])
}

/** `nginx (pid 812)`. */
export function describeProcess(pid: number): string {
  const name = readText(`/proc/${String(pid)}/comm`).trim()
  return `${name === '' ? 'a process' : name} (pid ${String(pid)})`
}

/** The same, with what may keep it from ending: `sudo (pid 813) of user 0`. */
export function describeSurvivor({ pid }: ProcessRow): string {
  const user = userOf(pid)
  const isStuck = readProcess(pid)?.state === 'D'
  const of = user === undefined || user === process.geteuid?.() ? '' : ` of user ${String(user)}`
  return `${describeProcess(pid)}${of}${isStuck ? ' in uninterruptible sleep' : ''}`
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** '' when it is not there or may not be read. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
