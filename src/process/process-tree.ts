import type { Clock } from '../platform/clock.ts'
import type { Guard } from './guard.ts'
import { pause } from './pause.ts'
import { type ProcessRow, readProcess, readProcesses, wasGiven } from './process-table.ts'
import type { Child } from './spawn.ts'

const never = new AbortController().signal

/**
 * A child and all that came from it: what a job object is to ANCM. Members are the child, its children's children, all of
 * its session or process group, and whoever was started with `mark` in its environment, which finds a daemon that left
 * session, group and parents behind. Owner and life: those of the child. Off Linux: the process group only.
 * Invariant: a signal goes to a process only if it is still the one that was found (pid and start time).
 */
export class ProcessTree {
  readonly child: Child
  readonly #mark: string | undefined
  /** Read before the child can be reaped, so it is the child's. Undefined off Linux. */
  readonly #startTime: number | undefined
  readonly #guard: Pick<Guard, 'watch' | 'forget'> | undefined

  /** `mark`: an environment entry that nobody else can have; undefined when there is none. */
  constructor(child: Child, mark: string | undefined, guard?: Pick<Guard, 'watch' | 'forget'>) {
    this.child = child
    this.#guard = guard
    guard?.watch(child.pid)
    this.#mark = mark
    this.#startTime = readProcess(child.pid)?.startTime
  }

  /** Living members, the child first. */
  async members(): Promise<readonly ProcessRow[]> {
    const startTime = this.#startTime
    if (startTime === undefined) return []
    // Nobody can be older than its ancestor; that leaves few whose environment is worth a look.
    const rows = (await readProcesses()).filter((row) => row.startTime >= startTime)
    const leader = rows.find((row) => row.pid === this.child.pid)
    // As long as the group or the session has a member its number is given to no new process, so somebody else of that
    // pid means that ours are all gone.
    const usedAgain = leader !== undefined && leader.startTime !== startTime
    const { pid } = this.child
    const found = new Map<number, ProcessRow>()
    for (const row of rows) {
      const inGroup = !usedAgain && (row.pid === pid || row.group === pid || row.session === pid)
      if (inGroup || (this.#mark !== undefined && wasGiven(row.pid, this.#mark))) found.set(row.pid, row)
    }
    for (let before = -1; before !== found.size; ) {
      before = found.size
      for (const row of rows) if (found.has(row.parent)) found.set(row.pid, row)
    }
    const living = [...found.values()].filter((row) => row.state !== 'Z')
    return living.sort((a, b) => Number(b.pid === pid) - Number(a.pid === pid))
  }

  /** Whether anybody but the leader may be left; false costs no walk through /proc. */
  get mayHaveOthers(): boolean {
    try {
      process.kill(-this.child.pid, 0)
      return true
    } catch {
      return false
    }
  }

  /** To the group at once, and then to members that have left it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.child
    const sent = this.child.signalGroup(signal)
    for (const row of await this.members()) if (!sent || row.group !== pid) signalExactly(row, signal)
  }

  /** SIGKILL until nobody is left. Gives up on what not even that ends (uninterruptible sleep) after a second. */
  async sweep(clock: Clock): Promise<void> {
    await this.#kill(clock)
    this.#guard?.forget(this.child.pid)
  }

  async #kill(clock: Clock): Promise<void> {
    this.child.signalGroup('SIGKILL')
    if (this.#startTime === undefined) return killLeftovers(this.child.pid)
    for (let round = 0; round < 50; round++) {
      const left = await this.members()
      if (left.length === 0) return
      for (const row of left) signalExactly(row, 'SIGKILL')
      await pause(clock, 20, never)
    }
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

/** Kills whoever is left, and reads the output to its end. */
export async function endTree(tree: ProcessTree, clock: Clock): Promise<void> {
  await tree.sweep(clock)
  const cancel = clock.after(outputLimit, () => {
    tree.child.abandonOutput()
  })
  await tree.child.finished
  cancel()
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
