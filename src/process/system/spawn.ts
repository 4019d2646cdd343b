import { execa } from 'execa'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { descriptorShortage } from './descriptors.ts'
import type { OutputSink } from './output.ts'

/** What to execute: the absolute path of a program, its arguments (no shell reads them), and the working directory. */
export interface Executable {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
}

/** 'ignore': the output is discarded. */
export type ChildOutput = OutputSink | 'ignore'

export interface ExitStatus {
  readonly code: number | null
  readonly signal: string | null
}

/** An errno name: ENOENT, EACCES, ENOEXEC, EMFILE, EAGAIN, E2BIG, … */
export interface SpawnFailure {
  readonly code: string
}

/**
 * One operating-system process that the daemon launched, the leader of a session and a process group. Owner: one start
 * attempt, then its ServerProcess. Invariant: no signal is ever sent to a pid that has been reaped.
 */
export interface Child {
  readonly pid: number
  /** Undefined until the child is reaped. */
  readonly exit: ExitStatus | undefined
  /**
   * Calls back once, when the child is reaped; if it has been reaped already, before this method returns. The child's
   * output may not have been read to the end by then.
   */
  onExit(listener: (exit: ExitStatus) => void): void
  /**
   * Resolves when the child is reaped and both streams have ended. A descendant may hold the streams open for longer
   * than the child lives.
   */
  readonly finished: Promise<void>
  /** Sends a signal to the whole process group. False when nothing was sent, because the child has been reaped. */
  signalGroup(signal: NodeJS.Signals): boolean
  /** Stops reading the streams, which another process may hold open for ever. */
  abandonOutput(): void
}

/**
 * Starts a program; a failure is returned, not thrown. The child gets descriptors 0, 1 and 2 only: Node opens all
 * others as close-on-exec, and at its start also marks those that the daemon inherited (sockets of systemd among them).
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
    // The streams are always read, even if nothing is logged: a full pipe would stop the child.
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
      // Node sets the exit status when it reaps the child; until then its pid and group number cannot be used again.
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
    // EPERM: every member runs as another user (a set-uid launcher). ESRCH: the group is gone by now.
    return false
  }
}
