import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { constants as system } from 'node:os'
import { passEarlySignals } from './early-signals.ts'

/** The number of the system call prctl(2) on each architecture, by Node's name for the architecture. */
const prctl: Readonly<Record<string, number>> = {
  x64: 157,
  ia32: 172,
  arm: 172,
  arm64: 167,
  riscv64: 167,
  loong64: 167,
  ppc64: 171,
  s390x: 172,
}

/**
 * A Perl script that runs the program named in its arguments. It adopts orphans (PR_SET_CHILD_SUBREAPER), reaps every
 * process that ends, and passes signals on to the program.
 */
const perl = `
syscall(shift() + 0, 36, 1, 0, 0, 0) == 0 or warn "ancmd: orphans cannot be adopted: $!\\n";
my $main = fork;
exit 127 unless defined $main;
if ($main == 0) { exec @ARGV; exit 127 }
for my $name (qw(TERM INT HUP USR2)) { $SIG{$name} = sub { kill $name, $main } }
for (;;) {
  my $ended = waitpid(-1, 0);
  exit($? & 127 ? 128 + ($? & 127) : $? >> 8) if $ended == $main;
  exit 1 if $ended < 0 && $! != 4;
}
`

/** Programs that reap orphans, each with the arguments that go before the command which it is to run. */
function reapers(): readonly (readonly string[])[] {
  const tini = ['/usr/bin/tini', '/sbin/tini', '/bin/tini'].map((file) => [file, '-s', '--'])
  const number = prctl[process.arch]
  return number === undefined ? tini : [...tini, ['/usr/bin/perl', '-e', perl, String(number)]]
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Orphans in a container become children of process 1, and Node reaps only children that it started itself. So process
 * 1 starts a program that adopts and reaps orphans, and this program runs the daemon as its child. Process 1 passes
 * signals on to it, and the promise resolves with its exit code. Returns undefined when this is not process 1, or when
 * no such program is found; the latter is reported on stderr.
 */
export function runAsInit(pid: number = process.pid): Promise<number> | undefined {
  if (pid !== 1 || process.platform !== 'linux') return undefined
  const reaper = reapers().find(([file = '']) => isExecutable(file))
  if (reaper === undefined) {
    process.stderr.write(
      'ancmd: this is process 1 and nothing reaps orphans: run an init in front (docker run --init, tini)\n',
    )
    return undefined
  }
  const [file = '', ...args] = [...reaper, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  // The child runs in its own session. Otherwise Ctrl-C in a terminal would reach it twice, directly and through this
  // process, and the second signal would make the daemon stop at once.
  const child = spawn(file, args, { stdio: 'inherit', detached: true })
  const stopped = passEarlySignals((signal) => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(1)
    })
    child.once('exit', (code, signal) => {
      const ended = code ?? 128 + (signal === null ? 0 : system.signals[signal])
      // A child that got the stop signal before it listened for signals was ended by that signal: a successful stop.
      resolve(stopped() && (ended === 130 || ended === 143) ? 0 : ended)
    })
  })
}
