import { readdirSync, readFileSync } from 'node:fs'

/**
 * Kills a process and returns when it is dead and its sockets are closed. Blocks the event loop meanwhile, so that
 * everything that the test does afterwards happens after the death of the process.
 */
export function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL')
  const end = performance.now() + 5_000
  while (!isDead(pid)) if (performance.now() > end) throw new Error(`process ${String(pid)} did not die`)
}

/**
 * Whether the process has been reaped, or is a zombie whose threads have ended. Also true where there is no /proc to
 * read it from, so that the caller does not wait.
 */
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
