import { readdirSync, readFileSync } from 'node:fs'

/**
 * Kills a process and returns when it is dead, its sockets closed, without letting anything else of the test run meanwhile:
 * whatever the test begins afterwards begins after that death.
 */
export function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL')
  const end = performance.now() + 5_000
  while (!isDead(pid)) if (performance.now() > end) throw new Error(`process ${String(pid)} did not die`)
}

/** Reaped, or a zombie without threads. Where there is no /proc nobody can tell, and the caller goes on at once. */
function isDead(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    return (
      stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z') && readdirSync(`/proc/${String(pid)}/task`).length === 1
    )
  } catch {
    return true
  }
}
