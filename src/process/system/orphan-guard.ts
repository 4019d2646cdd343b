import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { descriptorShortage } from './descriptors.ts'

/** Carried by every child and, through inheritance, by its descendants, so that one that left its process group is found. */
export const instanceVariable = 'ANCMD_INSTANCE'

/**
 * What the guard runs. It reads process groups from its standard input, `+ 123` and `- 123`; when that ends, which it does
 * however the daemon ends, it kills them all. Then it looks, twice because a dying process may still fork, for processes that
 * left their group but carry the daemon's mark; only Linux shows that. By grep, or without one by itself, a byte at a time. POSIX sh: it starts in a few milliseconds, costs about
 * a megabyte and is there on every Unix.
 */
const script = `
trap '' HUP INT TERM QUIT PIPE
groups=
while read -r sign group; do
  case $sign in
    +) groups="$groups $group" ;;
    -) rest=; for g in $groups; do [ "$g" = "$group" ] || rest="$rest $g"; done; groups=$rest ;;
  esac
done
for g in $groups; do kill -KILL "-$g" 2>/dev/null; done
[ -r /proc/self/environ ] || exit 0
holds() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"${instanceVariable}=$0"*) return 0 ;; esac
  done <"$1"
  return 1
}
find() {
  if command -v grep >/dev/null; then grep -ls "${instanceVariable}=$0" /proc/[0-9]*/environ; return; fi
  for e in /proc/[0-9]*/environ; do if holds "$e"; then echo "$e"; fi; done
}
for again in 1 2; do
  for e in $(find 2>/dev/null); do
    p=\${e#/proc/}; kill -KILL "\${p%/environ}" 2>/dev/null
  done
done
`

/** Milliseconds from one guard to the next, when the first could not be started or ended at once. */
const pause = 1000

/**
 * Keeps apps from outliving the daemon, also when the daemon is SIGKILLed: what ANCM gets from a Windows job object. Life: as
 * long as the Host; if the guard itself is killed, a new one is started and told everything again. One per daemon.
 * Invariant: until close() there is a guard, or a timer for the next.
 */
export class OrphanGuard {
  /** This daemon's mark. */
  readonly instance = randomUUID()
  readonly #groups = new Set<number>()
  #child: ChildProcess | undefined
  #next: NodeJS.Timeout | undefined
  #closed = false
  #isTold = false
  readonly #onFailure: (reason: string) => void

  /** `onFailure`: there is no guard now, and why; once until there is one again. */
  constructor(onFailure: (reason: string) => void = () => undefined) {
    this.#onFailure = onFailure
    // Off Unix there are no process groups; there the service wrapper must end the tree.
    if (process.platform !== 'win32') this.#open()
  }

  /** A process group that must not outlive the daemon. */
  watch(group: number): void {
    this.#groups.add(group)
    this.#tell(`+ ${String(group)}\n`)
  }

  /** That group has ended; its number may be somebody else's soon. */
  forget(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`- ${String(group)}\n`)
  }

  /** Nothing is left to guard. Idempotent. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#next)
    this.#child?.stdin?.end()
    this.#child = undefined
  }

  #open(): void {
    const shortage = descriptorShortage()
    if (shortage !== undefined) {
      this.#fail(`/bin/sh cannot be started (${shortage})`)
      this.#openLater(pause)
      return
    }
    const from = performance.now()
    // Its own session, so that Ctrl-C and the end of a terminal do not reach it; no environment that carries the mark.
    const child = spawn('/bin/sh', ['-c', script, this.instance], {
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#child = child
    const over = (failure: string | undefined): void => {
      if (this.#child !== child || this.#closed) return
      this.#child = undefined
      const lived = performance.now() - from
      if (failure === undefined || lived >= pause) this.#isTold = false
      else this.#fail(failure)
      this.#openLater(lived < pause ? pause : 0)
    }
    child.stdin.on('error', () => undefined)
    // No more processes, or no shell; then there is no exit.
    child.on('error', (error: NodeJS.ErrnoException) => {
      over(`/bin/sh could not be started (${error.code ?? error.message})`)
    })
    child.on('exit', (code) => {
      over(code === null ? undefined : `/bin/sh ended with code ${String(code)}`)
    })
    child.unref()
    unreferenced(child.stdin)
    for (const group of this.#groups) this.#tell(`+ ${String(group)}\n`)
  }

  #fail(reason: string): void {
    if (!this.#isTold) this.#onFailure(reason)
    this.#isTold = true
  }

  #openLater(ms: number): void {
    this.#next = setTimeout(() => {
      this.#open()
    }, ms).unref()
  }

  #tell(line: string): void {
    this.#child?.stdin?.write(line)
  }
}

/** A pipe to the guard must not keep the daemon alive; node types it as a stream, which has no unref(). */
function unreferenced(pipe: object): void {
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
}
