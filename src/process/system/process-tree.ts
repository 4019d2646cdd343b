import type { Clock } from '../../platform/clock.ts'
import type { OrphanGuard } from './orphan-guard.ts'
import { pause } from '../../platform/pause.ts'
import { type ProcessRow, readProcess, readProcesses, readProcessesNow, wasGiven } from './process-table.ts'
import type { Child } from './spawn.ts'

const never = new AbortController().signal

/**
 * A child and all that came from it: what a job object is to ANCM. Members are the child, its children's children, all of
 * its session or process group, whoever was started with `mark` in its environment, which finds a daemon that left session,
 * group and parents behind, and whoever was a member once: the end of a parent makes no stranger of anybody.
 * Owner and life: those of the child. Off Linux: the process group only.
 * Invariant: a signal goes to a process only if it is still the one that was found (pid and start time).
 */
export class ProcessTree {
  readonly child: Child
  readonly #mark: string | undefined
  /** Read before the child can be reaped, so it is the child's. Undefined off Linux. */
  readonly #startTime: number | undefined
  readonly #guard: Pick<OrphanGuard, 'watch' | 'forget'> | undefined
  /** Members found so far and their start times. */
  readonly #known = new Map<number, number>()
  /** The listener's process group, where that is not the child's. */
  #listenerGroup: number | undefined

  /** `mark`: an environment entry that nobody else can have; undefined when there is none. */
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
    // Nobody can be older than its ancestor; that leaves few whose environment is worth a look.
    const rows = all.filter((row) => row.startTime >= startTime)
    const leader = rows.find((row) => row.pid === this.child.pid)
    // As long as the group or the session has a member its number is given to no new process, so somebody else of that
    // pid means that ours are all gone.
    const usedAgain = leader !== undefined && leader.startTime !== startTime
    const { pid } = this.child
    const found = new Map<number, ProcessRow>()
    for (const row of rows) {
      const inGroup = !usedAgain && (row.pid === pid || row.group === pid || row.session === pid)
      const isKnown = this.#known.get(row.pid) === row.startTime
      if (inGroup || isKnown || (this.#mark !== undefined && wasGiven(row.pid, this.#mark))) found.set(row.pid, row)
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

  /** Whether anybody but the leader may be left; false costs no walk through /proc. */
  get mayHaveOthers(): boolean {
    if (this.#known.size > 1) return true
    try {
      process.kill(-this.child.pid, 0)
      return true
    } catch {
      return false
    }
  }

  /** This member listens now: its process group must not outlive the daemon either. */
  follow(listener: number): void {
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

  /** To the group, and to members that have left it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.child
    // Looked for before the signal, which may take away the parents by which they are found.
    await this.members()
    const sent = this.child.signalGroup(signal)
    for (const row of await this.members()) if (!sent || row.group !== pid) signalExactly(row, signal)
  }

  /** SIGKILL to all who can be found, before this returns. */
  killNow(): void {
    const found = this.#startTime === undefined ? [] : this.#among(readProcessesNow())
    this.child.signalGroup('SIGKILL')
    for (const row of found) signalExactly(row, 'SIGKILL')
  }

  /**
   * SIGKILL until nobody is left. Gives up after a second on what not even that ends (uninterruptible sleep, another
   * user's process), which it returns.
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
    // Gone in this instant, or another user's.
  }
}

/** Milliseconds for reading the rest of the output; then a stranger holds the pipes. */
const outputLimit = 1000

/** Kills whoever is left, and reads the output to its end. Returns whom nothing ends. */
export async function endTree(tree: ProcessTree, clock: Clock): Promise<readonly ProcessRow[]> {
  const left = await tree.kill(clock)
  const over = new AbortController()
  const cancel = clock.after(outputLimit, () => {
    tree.child.abandonOutput()
  })
  // A child that lives on is never reaped, so this is waited for with a limit of its own.
  const finished = tree.child.finished.then(() => {
    over.abort()
  })
  await Promise.race([finished, pause(clock, 2 * outputLimit, over.signal)])
  cancel()
  return left
}

/** Where no /proc tells who belongs to the group: called right after the leader's end, before its number can come again. */
function killLeftovers(group: number): void {
  if (process.platform === 'win32') return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody left.
  }
}
