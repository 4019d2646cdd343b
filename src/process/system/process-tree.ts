import type { Clock } from '../../platform/clock.ts'
import type { OrphanGuard } from './orphan-guard.ts'
import { pause } from '../../platform/pause.ts'
import { type ProcessRow, readProcess, readProcesses, readProcessesNow, wasStartedWith } from './process-table.ts'
import type { Child } from './spawn.ts'

const never = new AbortController().signal

/**
 * A child and all its descendants: what a job object is to ANCM. Members are the child, the descendants of a member,
 * the processes of the child's session or process group, the processes with `mark` in their environment (so a
 * descendant that left session, group and parents is found), and every process that was a member before, as its parent
 * may have ended. Owner and life: those of the child. Off Linux the tree is the process group only. Invariant: a signal
 * goes to a process only if pid and start time are still those of the process that was found.
 */
export class ProcessTree {
  readonly child: Child
  readonly #mark: string | undefined
  /** The child's, read before it can be reaped. Undefined off Linux. */
  readonly #startTime: number | undefined
  readonly #guard: Pick<OrphanGuard, 'watch' | 'forget'> | undefined
  /** Members found so far and their start times. */
  readonly #known = new Map<number, number>()
  /** The process group of the listener, where it is another than the child's. */
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

  #among(all: readonly ProcessRow[]): readonly ProcessRow[] {
    const startTime = this.#startTime ?? 0
    // No process is older than its ancestor; so few are left whose environment must be read.
    const rows = all.filter((row) => row.startTime >= startTime)
    const leader = rows.find((row) => row.pid === this.child.pid)
    // The kernel reuses no pid that is still the number of a group or a session. So if another process has the child's
    // pid, the child's group and session are empty.
    const usedAgain = leader !== undefined && leader.startTime !== startTime
    const { pid } = this.child
    const found = new Map<number, ProcessRow>()
    for (const row of rows) {
      const inGroup = !usedAgain && (row.pid === pid || row.group === pid || row.session === pid)
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

  /** Whether other members than the child may be left; answered without a walk through /proc. */
  get mayHaveOthers(): boolean {
    if (this.#known.size > 1) return true
    try {
      process.kill(-this.child.pid, 0)
      return true
    } catch {
      return false
    }
  }

  /** This member listens now: the orphan guard watches its process group too. */
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
    // Members are found by their parents, which the signal may end; so they are looked for before it is sent.
    await this.members()
    const sent = this.child.signalGroup(signal)
    for (const row of await this.members()) if (!sent || row.group !== pid) signalExactly(row, signal)
  }

  /** Sends SIGKILL to every member that can be found, before this returns. */
  killNow(): void {
    const found = this.#startTime === undefined ? [] : this.#among(readProcessesNow())
    this.child.signalGroup('SIGKILL')
    for (const row of found) signalExactly(row, 'SIGKILL')
  }

  /**
   * Sends SIGKILL until no member is left. Gives up after a second, and returns the members that SIGKILL does not end
   * (in uninterruptible sleep, or of another user).
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

function signalExactly(row: ProcessRow, signal: NodeJS.Signals): void {
  if (readProcess(row.pid)?.startTime !== row.startTime) return
  try {
    process.kill(row.pid, signal)
  } catch {
    // The process is gone by now, or another user's.
  }
}

/** How long the rest of the output is read; after that a process outside of the tree holds the pipes open. */
const outputReadLimitMs = 1000

/** Kills the tree and reads its output to the end. Returns the processes that SIGKILL did not end. */
export async function killTree(tree: ProcessTree, clock: Clock): Promise<readonly ProcessRow[]> {
  const left = await tree.kill(clock)
  const over = new AbortController()
  const cancel = clock.after(outputReadLimitMs, () => {
    tree.child.abandonOutput()
  })
  // A child that SIGKILL does not end is never reaped, so `finished` may never resolve.
  const finished = tree.child.finished.then(() => {
    over.abort()
  })
  await Promise.race([finished, pause(clock, 2 * outputReadLimitMs, over.signal)])
  cancel()
  return left
}

/** Kills the process group where there is no /proc: right after the leader's end, before its pid can be used again. */
function killLeftovers(group: number): void {
  if (process.platform === 'win32') return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // No member is left.
  }
}
