import { type Family, type ListenRow, ListenTable } from './listen-table.ts'
import { SocketCount } from './socket-count.ts'

/** Share of processor time that reading the table may take while the number of sockets keeps changing. */
const maxLoadAfterChange = 1 / 6
/**
 * The same share while the number of sockets does not change: the table is still read now and then, because one socket
 * may have been opened and another closed between two reads of the number.
 */
const maxLoadWithoutChange = 1 / 400
const minIntervalWithoutChangeMs = 250

interface FamilyState {
  readonly table: ListenTable
  readonly count: SocketCount
  hasChanged: boolean
  readAt: number
  rows: readonly ListenRow[]
  /** Processor time of the last read, without the time that it waited for a processor. */
  costMs: number
}

/**
 * Finds listeners on one port, cheaply enough for a call every few milliseconds. Owner and life: one wait for
 * readiness; close() ends it. Times are monotonic milliseconds.
 */
export class ListenWatch {
  readonly #port: number
  readonly #families: readonly FamilyState[]
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
        : [{ table, count: new SocketCount(family), hasChanged: true, readAt: -Infinity, rows: [], costMs: 0 }]
    })
  }

  /** False where the system has no table of sockets. */
  get works(): boolean {
    return this.#families.length > 0
  }

  /** The listeners on the port; none when it is too early to read the tables again. */
  look(): readonly ListenRow[] {
    const found: ListenRow[] = []
    for (const family of this.#families) {
      if (family.count.hasChanged()) family.hasChanged = true
      const since = this.#now() - family.readAt
      const least = family.hasChanged
        ? family.costMs / maxLoadAfterChange
        : Math.max(minIntervalWithoutChangeMs, family.costMs / maxLoadWithoutChange)
      if (since >= least) found.push(...this.#read(family).filter((row) => row.port === this.#port))
    }
    return found
  }

  /** Every listener of the machine at the last read; the same array until the next read. */
  get seen(): readonly ListenRow[] {
    return this.#seen
  }

  /** Every listener of the machine now: reads the tables. */
  all(): readonly ListenRow[] {
    return this.#families.flatMap((family) => this.#read(family))
  }

  close(): void {
    for (const { table, count } of this.#families) {
      table.close()
      count.close()
    }
  }

  #read(family: FamilyState): readonly ListenRow[] {
    const before = process.cpuUsage()
    const rows = family.table.rows()
    const { user, system } = process.cpuUsage(before)
    family.readAt = this.#now()
    family.rows = rows
    this.#seen = this.#families.flatMap((each) => each.rows)
    family.costMs = (user + system) / 1000
    family.hasChanged = false
    return rows
  }
}
