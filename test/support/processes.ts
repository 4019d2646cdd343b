import { readdirSync, readFileSync } from 'node:fs'

/** True while a process with this id runs; a zombie has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return stateOf(pid) !== 'Z'
}

/** Living processes whose environment holds this entry, e.g. `NAME=value`. Empty except on Linux. */
export function processesWith(entry: string): { pid: number; commandLine: string }[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        read(`/proc/${String(pid)}/environ`)
          .split('\0')
          .includes(entry) && stateOf(pid) !== 'Z',
    )
    .map((pid) => ({ pid, commandLine: commandLineOf(pid) }))
}

/** Program and arguments, with blanks between them; '' when there is no such process. */
export function commandLineOf(pid: number): string {
  return read(`/proc/${String(pid)}/cmdline`)
    .replaceAll('\0', ' ')
    .trim()
}

/** Resident memory in bytes. */
export function residentMemory(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${String(pid)}/status`))
  if (line === null) throw new Error(`process ${String(pid)} tells no VmRSS`)
  return Number(line[1]) * 1024
}

/** The number of file descriptors that a process has open, sockets and pipes included. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/fd`).length
}

/** Children of a process that have ended and were never reaped. */
export function zombiesOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => stateOf(child) === 'Z')
}

/** Ids of a process's own children, zombies included. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && fieldsOf(Number(name))[1] === String(pid))
    .map(Number)
}

function stateOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  return fieldsOf(pid)[0] ?? ''
}

/** The fields of /proc/PID/stat that follow the program's name: state, parent, …; empty if there is no such process. */
function fieldsOf(pid: number): string[] {
  const stat = read(`/proc/${String(pid)}/stat`)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
