import { execa } from 'execa'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { descriptorShortage } from './descriptors.ts'
import type { OutputSink } from './output.ts'

/** What to execute: an absolute program, its arguments without a shell, the working directory. */
export interface Executable {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
}

/** `inherit`: the daemon's own stdout and stderr; `ignore`: nowhere. */
export type ChildOutput = OutputSink | 'inherit' | 'ignore'

export interface ExitStatus {
  readonly code: number | null
  readonly signal: string | null
}

/** An errno name: ENOENT, EACCES, ENOEXEC, EMFILE, EAGAIN, E2BIG, … */
export interface SpawnFailure {
  readonly code: string
}

/**
 * One operating-system process that we launched, leader of a session and process group of its own. Owner: one start
 * attempt, then its ServerProcess. Invariant: nothing is ever sent to a pid that has been reaped.
 */
export interface Child {
  readonly pid: number
  /** Set from the moment it is reaped. */
  readonly exit: ExitStatus | undefined
  /** Calls back once, when it is reaped; at once if it was. Its output may not have been read to the end by then. */
  onExit(listener: (exit: ExitStatus) => void): void
  /** Reaped, and both streams have ended. A descendant may hold them open for longer than the child lives. */
  readonly finished: Promise<void>
  /** To the whole process group. False when the child has been reaped, and nothing was sent. */
  signalGroup(signal: NodeJS.Signals): boolean
  /** Stops reading: for streams that somebody else holds open. */
  abandonOutput(): void
}

/**
 * Starts a program; what can go wrong is a value. The child gets descriptors 0, 1 and 2 and no more: all that Node opens
 * close on exec, and at its start it marks those so that the daemon inherited (sockets of systemd among them).
 */
export async function spawnChild(
  command: Executable,
  environment: Readonly<Record<string, string>>,
  output: ChildOutput,
): Promise<Result<Child, SpawnFailure>> {
  const shortage = descriptorShortage()
  if (shortage !== undefined) return failed({ code: shortage })
  const stdio = typeof output === 'string' ? output : 'pipe'
  const subprocess = execa(command.file, command.args, {
    cwd: command.cwd,
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    stdout: stdio,
    stderr: stdio,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    preferLocal: false,
    stripFinalNewline: false,
    forceKillAfterDelay: false,
    verbose: 'none',
  })
  const { pid } = subprocess
  if (pid === undefined) {
    const { code } = await subprocess
    return failed({ code: code ?? 'UNKNOWN' })
  }
  if (typeof output !== 'string') {
    // Always drained, with logging off too: a full pipe would stop the child.
    subprocess.stdout?.on('data', (chunk: Uint8Array) => {
      output.write('stdout', chunk)
    })
    subprocess.stderr?.on('data', (chunk: Uint8Array) => {
      output.write('stderr', chunk)
    })
  }
  const exitStatus = (): ExitStatus | undefined => {
    const { exitCode, signalCode } = subprocess
    return exitCode === null && signalCode === null ? undefined : { code: exitCode, signal: signalCode }
  }
  return ok({
    pid,
    get exit() {
      return exitStatus()
    },
    onExit(listener) {
      const status = exitStatus()
      if (status !== undefined) listener(status)
      else subprocess.once('exit', (code, signal) => listener({ code, signal }))
    },
    finished: subprocess.then(() => undefined),
    signalGroup(signal) {
      // Node sets the exit status as it reaps, so until then the pid, and the group of that number, is our child's.
      if (exitStatus() !== undefined) return false
      return process.platform === 'win32' ? subprocess.kill(signal) : killGroup(pid, signal)
    },
    abandonOutput() {
      subprocess.stdout?.destroy()
      subprocess.stderr?.destroy()
    },
  })
}

function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    // EPERM: every member runs as another user (a set-uid launcher). ESRCH: gone in this instant.
    return false
  }
}
