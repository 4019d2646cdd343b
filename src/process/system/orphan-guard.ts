import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { descriptorShortage } from './descriptors.ts'

/**
 * The environment variable that every child gets and its descendants inherit, so that the guard finds a descendant that
 * has left its process group.
 */
export const instanceVariable = 'ANCMD_INSTANCE'

/**
 * The guard's shell script. It reads process groups from its standard input, as `+ 123` and `- 123`. The input ends
 * when the daemon ends, in whatever way; then the script kills every group. After that it looks for processes that left
 * their group but have instanceVariable in their environment, which only Linux shows. It looks twice, because a dying
 * process may still fork, and uses grep, or the shell itself where there is no grep. POSIX sh starts in a few
 * milliseconds, takes about a megabyte, and every Unix has it.
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

/** When a guard could not be started or ended early, the next one is started after this time. */
const restartDelayMs = 1000

/**
 * The orphan guard: a shell process that kills the apps when the daemon ends without having killed them, even by
 * SIGKILL; ANCM has a Windows job object for that. There is one per daemon, and it lives as long as the Host; if the
 * shell is killed, a new one is started and given every group again. Invariant: until close() there is a shell, or a
 * timer that starts the next.
 */
export class OrphanGuard {
  /** The value of instanceVariable for this daemon's children. */
  readonly instance = randomUUID()
  readonly #groups = new Set<number>()
  #child: ChildProcess | undefined
  #next: NodeJS.Timeout | undefined
  #closed = false
  #isFailureReported = false
  readonly #onFailure: (reason: string) => void

  /** `onFailure` gets the reason why there is no guard; it is not called again until a guard has run. */
  constructor(onFailure: (reason: string) => void = () => undefined) {
    this.#onFailure = onFailure
    // Windows has no process groups; there the service wrapper must end the processes.
    if (process.platform !== 'win32') this.#open()
  }

  /** From now on this process group does not outlive the daemon. */
  watch(group: number): void {
    this.#groups.add(group)
    this.#tell(`+ ${String(group)}\n`)
  }

  /** The group has ended, and its number may soon belong to other processes. */
  forget(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`- ${String(group)}\n`)
  }

  /** Ends the guard, because nothing is left to guard. Calling it again does nothing. */
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
      this.#openLater(restartDelayMs)
      return
    }
    const startedAt = performance.now()
    // In a session of its own, the shell gets no signal from Ctrl-C or the end of a terminal; without instanceVariable
    // in its environment, it does not kill itself.
    const child = spawn('/bin/sh', ['-c', script, this.instance], {
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#child = child
    const onEnd = (failure: string | undefined): void => {
      if (this.#child !== child || this.#closed) return
      this.#child = undefined
      const livedMs = performance.now() - startedAt
      if (failure === undefined || livedMs >= restartDelayMs) this.#isFailureReported = false
      else this.#fail(failure)
      this.#openLater(livedMs < restartDelayMs ? restartDelayMs : 0)
    }
    child.stdin.on('error', () => undefined)
    // The system allows no more processes, or there is no shell; then no `exit` event follows.
    child.on('error', (error: NodeJS.ErrnoException) => {
      onEnd(`/bin/sh could not be started (${error.code ?? error.message})`)
    })
    child.on('exit', (code) => {
      onEnd(code === null ? undefined : `/bin/sh ended with code ${String(code)}`)
    })
    child.unref()
    unreferenced(child.stdin)
    for (const group of this.#groups) this.#tell(`+ ${String(group)}\n`)
  }

  #fail(reason: string): void {
    if (!this.#isFailureReported) this.#onFailure(reason)
    this.#isFailureReported = true
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

/** Lets the daemon end while the pipe is open. Node's types declare the pipe as a stream, which has no unref(). */
function unreferenced(pipe: object): void {
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
}
