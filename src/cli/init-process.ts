import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { constants as system } from 'node:os'
import { passEarlySignals } from './early-signals.ts'

/** Number of the system call prctl(2), by node's name of the architecture. */
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

/** Adopts orphans (PR_SET_CHILD_SUBREAPER), reaps whoever ends, and passes signals to the program that it runs. */
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

/** Programs that reap what they did not start themselves, each with what stands before the command that it runs. */
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
 * As process 1 of a container every orphan becomes our child, and node reaps only those that it started. So the daemon is
 * run a second time, below a program that adopts and reaps them, and this process passes signals and the exit code.
 * Undefined when this is not process 1, or there is no such program, which is said.
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
  // A session of its own: Ctrl-C at a terminal would reach it twice, which means to stop at once.
  const child = spawn(file, args, { stdio: 'inherit', detached: true })
  const stopped = passEarlySignals((signal) => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(1)
    })
    child.once('exit', (code, signal) => {
      const ended = code ?? 128 + (signal === null ? 0 : system.signals[signal])
      // Asked to stop before it listened for that: it ended as it should.
      resolve(stopped() && (ended === 130 || ended === 143) ? 0 : ended)
    })
  })
}
