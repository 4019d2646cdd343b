import { setTimeout as pause } from 'node:timers/promises'
import { streamControl } from '../../control/client.ts'
import { type ReceivedRecord, readRecords } from '../../control/records.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { OutputRecord } from '../../stdout/live/output-record.ts'
import { withoutStart } from '../../stdout/live/output-record.ts'
import { reachDaemon, type Unreached, unreached } from '../remote/reach-daemon.ts'
import type { Destination, LogsPlan } from './logs-plan.ts'
import type { OutputPrinter } from './output-printer.ts'

/** How often a daemon that has ended is looked for. */
const retryMs = 200
/** More lines than a daemon keeps. */
const everything = '999999999'

export interface LiveParts {
  readonly plan: LogsPlan
  /** The control socket of the daemon. */
  readonly path: string
  /** The ids of the applications that are meant, in lower case; undefined: of all. */
  readonly apps: ReadonlySet<string> | undefined
  readonly printer: OutputPrinter
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly to: Destination
}

/**
 * Prints what the running daemon knows of the output, and with --follow what comes; over an end of the daemon too, which
 * it tells on stderr.
 */
export async function printLive(parts: LiveParts): Promise<Result<void, Unreached>> {
  const { plan, environment, to } = parts
  const reader = new LiveReader(parts)
  let socket = parts.path
  for (let isFirst = true; ; isFirst = false) {
    const outcome = await reader.read(socket, isFirst)
    if (outcome !== 'cut off') return outcome
    if (!plan.follows) return failed({ code: 'failure', text: 'the daemon has ended before it had told everything' })
    to.say('the daemon has ended; waiting for it to run again')
    for (;;) {
      await pause(retryMs, undefined, { signal: to.ended }).catch(() => undefined)
      if (to.ended.aborted) return ok(undefined)
      const reached = await reachDaemon(plan.control, environment)
      if (!reached.ok || reached.value.status.state === 'stopping') continue
      socket = reached.value.path
      to.say(`the daemon runs again (pid ${String(reached.value.status.pid)})`)
      break
    }
  }
}

/** Reads from one daemon after the other. Invariant: no byte is printed twice. */
class LiveReader {
  readonly #parts: LiveParts
  #daemon = ''
  /** How far the output of each application has been printed. */
  readonly #ends = new Map<string, number>()

  constructor(parts: LiveParts) {
    this.#parts = parts
  }

  async read(socket: string, isFirst: boolean): Promise<Result<void, Unreached> | 'cut off'> {
    const { plan, apps, to } = this.#parts
    const hasEnded = (): boolean => to.ended.aborted
    const [only] = apps?.size === 1 ? apps : []
    const query = {
      format: 'records',
      ...(only !== undefined && { app: only }),
      ...(plan.follows && { follow: '' }),
      // After another start of the daemon all that it knows is new.
      ...(isFirst ? plan.lines !== undefined && { n: String(plan.lines) } : { n: everything }),
      ...(isFirst && plan.sinceMs !== undefined && { since: String(Date.now() - plan.sinceMs) }),
    }
    const opened = await streamControl(socket, { segments: ['logs'], query, signal: to.ended })
    if (hasEnded()) return ok(undefined)
    if (!opened.ok) {
      if (!isFirst && opened.failure.why !== 'refused') return 'cut off'
      return failed(unreached(socket, opened.failure))
    }
    const fresh = new Set<string>()
    try {
      for await (const batch of readRecords(opened.value)) {
        if (!(await this.#print(batch, fresh, isFirst))) return ok(undefined)
      }
    } catch (error) {
      if (hasEnded()) return ok(undefined)
      if (error instanceof SyntaxError) throw error
      return 'cut off'
    }
    return plan.follows && !hasEnded() ? 'cut off' : ok(undefined)
  }

  /** @param fresh the applications of which something has come over this connection; false: nobody reads any more */
  async #print(batch: readonly ReceivedRecord[], fresh: Set<string>, isFirst: boolean): Promise<boolean> {
    const { apps, printer, to } = this.#parts
    const wanted: OutputRecord[] = []
    const flush = (): Promise<boolean> => {
      const pieces = wanted.splice(0).map((each) => ({ ...each, source: `${this.#daemon} ${String(each.source)}` }))
      return pieces.length === 0 ? Promise.resolve(true) : to.write(printer.print(pieces))
    }
    for (const entry of batch) {
      if ('daemon' in entry) {
        if (entry.daemon !== this.#daemon) this.#ends.clear()
        this.#daemon = entry.daemon
      } else if ('lost' in entry) {
        if (!(await flush())) return false
        const { lines, bytes } = entry.lost
        to.say(`${String(lines)} lines (${String(bytes)} bytes) are missing here: they were not read fast enough`)
        if (!(await to.write(printer.printGap(entry.lost)))) return false
      } else if (apps === undefined || apps.has(entry.app.toLowerCase())) {
        const end = this.#ends.get(entry.app) ?? 0
        const overlap = Math.min(Math.max(0, end - entry.at), entry.bytes.length)
        if (!isFirst && !fresh.has(entry.app) && entry.at > end) {
          to.say(`${String(entry.at - end)} bytes of ${entry.app} came before the daemon was found again`)
        }
        fresh.add(entry.app)
        this.#ends.set(entry.app, Math.max(end, entry.at + entry.bytes.length))
        if (overlap < entry.bytes.length) wanted.push(withoutStart(entry, overlap))
      }
    }
    return flush()
  }
}
