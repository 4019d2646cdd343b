import type { Clock } from '../../platform/clock.ts'
import type { OrphanGuard } from './orphan-guard.ts'
import { pause } from '../../platform/pause.ts'
import { type ProcessRow, readProcess, readProcesses, readProcessesNow, wasStartedWith } from './process-table.ts'
import type { Child } from './spawn.ts'

const never = new AbortController().signal

/**
 * A child and all its descendants, as the job object is for ANCM on Windows. Members are:
 * - the child, and every descendant of a member;
 * - the processes of the child's session or process group;
 * - the processes with `mark` in their environment, so that a descendant is found after it has left both;
 * - every process that was a member before, because the parent that made it one may have ended.
 *
 * Off Linux the tree is the process group only. Owned by the owner of the child, and lives as long. Invariant: a member
 * outside of the process group is signalled only while its pid still has the start time with which it was found.
 */
export class ProcessTree {
  readonly child: Child
  readonly #mark: string | undefined
  /** The start time of the child, read before the child can be reaped; undefined off Linux. */
  readonly #startTime: number | undefined
  readonly #guard: Pick<OrphanGuard, 'watch' | 'forget'> | undefined
  /** Members found so far: pid → start time. */
  readonly #known = new Map<number, number>()
  /** The process group of the member that listens, when that is not the child's group. */
  #listenerGroup: number | undefined

  /**
   * `mark`: an environment entry, `NAME=value`, that only processes of this start have; undefined when there is none.
   */
  constructor(child: Child, mark: string | undefined, guard?: Pick<OrphanGuard, 'watch' | 'forget'>) {
    this.child = child
    this.#guard = guard
    guard?.watch(child.pid)
    this.#mark = mark
    this.#startTime = readProcess(child.pid)?.startTime
  }

  /** Living members, the child first. */
  async members(): Promise<readonly ProcessRow[]> {
    return this.#startTime === undefined ? [] : this.#among(await readProcesses())
  }

  /** The living members among all processes of the system, the child first; remembers them. */
  #among(all: readonly ProcessRow[]): readonly ProcessRow[] {
    const startTime = this.#startTime ?? 0
    // A descendant is never older than the child. This leaves few processes whose environment must be read.
    const rows = all.filter((row) => row.startTime >= startTime)
    const leader = rows.find((row) => row.pid === this.child.pid)
    // The kernel gives no new process a pid that is still the id of a group or a session. So if another process has the
    // child's pid, no process is left in the child's group and session.
    const pidIsReused = leader !== undefined && leader.startTime !== startTime
    const { pid } = this.child
    const found = new Map<number, ProcessRow>()
    for (const row of rows) {
      const inGroup = !pidIsReused && (row.pid === pid || row.group === pid || row.session === pid)
      const isKnown = this.#known.get(row.pid) === row.startTime
      if (inGroup || isKnown || (this.#mark !== undefined && wasStartedWith(row.pid, this.#mark)))
        found.set(row.pid, row)
    }
    for (let before = -1; before !== found.size; ) {
      before = found.size
      for (const row of rows) if (found.has(row.parent)) found.set(row.pid, row)
    }
    for (const [known, since] of this.#known) if (readProcess(known)?.startTime !== since) this.#known.delete(known)
    for (const row of found.values()) this.#known.set(row.pid, row.startTime)
    const living = [...found.values()].filter((row) => row.state !== 'Z')
    return living.sort((a, b) => Number(b.pid === pid) - Number(a.pid === pid))
  }

  /** Whether members other than the child may be left. Cheap: does not read /proc. */
  get mayHaveOthers(): boolean {
    if (this.#known.size > 1) return true
    try {
      process.kill(-this.child.pid, 0)
      return true
    } catch {
      return false
    }
  }

  /** Has the orphan guard watch the process group of the member that listens now, too. `listener`: its pid. */
  guardListener(listener: number): void {
    const group = readProcess(listener)?.group
    if (group === this.#listenerGroup) return
    this.#forgetListener()
    if (group === undefined || group === this.child.pid || group === readProcess(process.pid)?.group) return
    this.#listenerGroup = group
    this.#guard?.watch(group)
  }

  #forgetListener(): void {
    if (this.#listenerGroup !== undefined) this.#guard?.forget(this.#listenerGroup)
    this.#listenerGroup = undefined
  }

  /** Sends a signal to the process group and to the members that have left it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.child
    // Members are found through their parents, which the signal may end, so they are looked up before it is sent.
    await this.members()
    const sent = this.child.signalGroup(signal)
    for (const row of await this.members()) if (!sent || row.group !== pid) signalExactly(row, signal)
  }

  /** Sends SIGKILL to every member that can be found. Synchronous. */
  killNow(): void {
    const found = this.#startTime === undefined ? [] : this.#among(readProcessesNow())
    this.child.signalGroup('SIGKILL')
    for (const row of found) signalExactly(row, 'SIGKILL')
  }

  /**
   * Sends SIGKILL until no member is left. Gives up after about a second, and returns the members that SIGKILL does not
   * end (in uninterruptible sleep, or of another user).
   */
  async kill(clock: Clock): Promise<readonly ProcessRow[]> {
    const left = await this.#kill(clock)
    this.#guard?.forget(this.child.pid)
    this.#forgetListener()
    return left
  }

  async #kill(clock: Clock): Promise<readonly ProcessRow[]> {
    if (this.#startTime === undefined) {
      this.child.signalGroup('SIGKILL')
      killLeftovers(this.child.pid)
      return []
    }
    let left = await this.members()
    this.child.signalGroup('SIGKILL')
    for (let round = 0; round < 50 && left.length > 0; round++) {
      for (const row of left) signalExactly(row, 'SIGKILL')
      await pause(clock, 20, never)
      left = await this.members()
    }
    return left
  }
}

/** Sends a signal, unless the pid belongs to another process by now. */
function signalExactly(row: ProcessRow, signal: NodeJS.Signals): void {
  if (readProcess(row.pid)?.startTime !== row.startTime) return
  try {
    process.kill(row.pid, signal)
  } catch {
    // The process is gone by now, or another user's.
  }
}

/**
 * How long the rest of the output is read. If it has no end by then, a process outside of the tree has the pipes open.
 */
const outputReadLimitMs = 1000

/** Kills the tree and reads its output to the end. Returns the processes that SIGKILL did not end. */
export async function killTree(tree: ProcessTree, clock: Clock): Promise<readonly ProcessRow[]> {
  const left = await tree.kill(clock)
  const outputEnded = new AbortController()
  const cancel = clock.after(outputReadLimitMs, () => {
    tree.child.abandonOutput()
  })
  // A child that SIGKILL does not end is never reaped, so `finished` may never resolve.
  const finished = tree.child.finished.then(() => {
    outputEnded.abort()
  })
  await Promise.race([finished, pause(clock, 2 * outputReadLimitMs, outputEnded.signal)])
  cancel()
  return left
}

/**
 * Kills the rest of the process group where there is no /proc. Called right after the leader's end, before its pid can
 * be reused.
 */
function killLeftovers(group: number): void {
  if (process.platform === 'win32') return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // No member is left.
  }
}
