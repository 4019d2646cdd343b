import { type Family, type ListenRow, ListenTable } from './listen-table.ts'
import { SocketBell } from './socket-bell.ts'

/** Share of the time that looks at a table may cost which changes all the time. */
const dutyWhenRung = 1 / 6
/** A coming and a going between two looks leave the bell silent, so the table is looked at now and then regardless. */
const dutyWhenSilent = 1 / 400
const leastSilence = 250

interface Watched {
  readonly table: ListenTable
  readonly bell: SocketBell
  rung: boolean
  lookedAt: number
  rows: readonly ListenRow[]
  /** Milliseconds of processor time that the last look took: what it waited for the processor does not count. */
  cost: number
}

/**
 * Looks for listeners on one port, often and cheaply. Owner and life: one wait for readiness; close() ends it.
 * Times are monotonic milliseconds.
 */
export class ListenWatch {
  readonly #port: number
  readonly #families: readonly Watched[]
  readonly #now: () => number
  #seen: readonly ListenRow[] = []

  constructor(port: number, now: () => number) {
    this.#port = port
    this.#now = now
    const families: readonly Family[] = ['tcp', 'tcp6']
    this.#families = families.flatMap((family) => {
      const table = ListenTable.open(family)
      return table === undefined
        ? []
        : [{ table, bell: new SocketBell(family), rung: true, lookedAt: -Infinity, rows: [], cost: 0 }]
    })
  }

  /** False where the system has no table to look at. */
  get works(): boolean {
    return this.#families.length > 0
  }

  /** Listeners on the port, as far as it was worth looking; every few milliseconds. */
  look(): readonly ListenRow[] {
    const found: ListenRow[] = []
    for (const family of this.#families) {
      if (family.bell.rang()) family.rung = true
      const since = this.#now() - family.lookedAt
      const least = family.rung ? family.cost / dutyWhenRung : Math.max(leastSilence, family.cost / dutyWhenSilent)
      if (since >= least) found.push(...this.#read(family).filter((row) => row.port === this.#port))
    }
    return found
  }

  /** Every listener of the machine when it was last worth looking; the same array until the next look. */
  get seen(): readonly ListenRow[] {
    return this.#seen
  }

  /** Every listener of the machine, now. */
  all(): readonly ListenRow[] {
    return this.#families.flatMap((family) => this.#read(family))
  }

  close(): void {
    for (const { table, bell } of this.#families) {
      table.close()
      bell.close()
    }
  }

  #read(family: Watched): readonly ListenRow[] {
    const before = process.cpuUsage()
    const rows = family.table.rows()
    const { user, system } = process.cpuUsage(before)
    family.lookedAt = this.#now()
    family.rows = rows
    this.#seen = this.#families.flatMap((each) => each.rows)
    family.cost = (user + system) / 1000
    family.rung = false
    return rows
  }
}
