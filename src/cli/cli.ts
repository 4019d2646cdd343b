import { isatty } from 'node:tty'
import { nearest } from '../platform/nearest.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { optionLines } from './options.ts'
import { standardError, standardOutput } from './streams/standard-streams.ts'
import type { Terminal, VerbEntry } from './verb.ts'
import { version } from './version.ts'

/** Every command by its name, in the order of the help. */
export const verbs: ReadonlyMap<string, VerbEntry> = new Map([
  [
    'run',
    {
      usage: 'run [folder]',
      summary: 'Hosts one published folder in the foreground (default: the current one).',
      load: async () => (await import('./run.ts')).run,
    },
  ],
  [
    'check',
    {
      usage: 'check [folder]',
      summary: 'Reads the configuration as run does, prints every problem and the effective plan, starts nothing.',
      load: async () => (await import('./check.ts')).check,
    },
  ],
  [
    'cert',
    {
      usage: 'cert create [host…]',
      summary: 'Makes a certificate for development: for localhost, or for these host names and addresses.',
      load: async () => (await import('./cert.ts')).cert,
    },
  ],
  ['status', laterVerb('status', 'sites, applications and processes of the running daemon')],
  ['logs', laterVerb('logs [app] [-f] [-n 100] [--since 10m]', "an application's output")],
  [
    'recycle',
    laterVerb('recycle [app] [--wait] [--timeout 60s]', 'start an application anew, then end the old process'),
  ],
  ['stop', laterVerb('stop [app] [--wait] [--timeout 60s]', 'stop an application')],
  ['start', laterVerb('start [app] [--wait] [--timeout 60s]', 'start a stopped application')],
  ['offline', laterVerb('offline [app] [--wait] [--timeout 60s]', 'show app_offline.htm')],
  ['online', laterVerb('online [app] [--wait] [--timeout 60s]', 'take app_offline.htm away')],
  [
    'service',
    {
      usage: 'service install|uninstall|show',
      summary: 'Makes the daemon a service of the system (systemd, launchd, WinSW), takes it away, or shows its files.',
      load: async () => (await import('./service.ts')).service,
    },
  ],
  [
    'doctor',
    {
      usage: 'doctor [folder]',
      summary: 'Says what keeps an app, or the daemon, from running on this machine, and the command that mends it.',
      load: async () => (await import('./doctor.ts')).doctor,
    },
  ],
])

/** A verb that the help lists but that is refused when it is used, because this version does not have it. */
function laterVerb(usage: string, summary: string): VerbEntry {
  const name = usage.split(' ')[0] as string
  return {
    usage,
    summary: `${summary} (not in this version)`,
    load: () =>
      Promise.resolve({
        options: [],
        act: (_args, terminal) => {
          terminal.err(`ancmd ${name} is not part of this version yet; ancmd --help lists what is\n`)
          return Promise.resolve(exitCode.usage)
        },
      }),
  }
}

/** Carries out one command line and resolves with the exit code. `args`: what follows `ancmd`. */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === '--version' || name === '-V') {
    terminal.out(`${version()}\n`)
    return exitCode.ok
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const helpTopic = name === 'help' ? verbs.get(rest[0] ?? '') : undefined
    terminal.out(helpTopic === undefined ? overview() : await verbHelp(helpTopic))
    return exitCode.ok
  }
  if (name === undefined) {
    terminal.err(overview())
    return exitCode.usage
  }
  const verb = verbs.get(name)
  if (verb === undefined) {
    const suggestion = nearest(name, [...verbs.keys()])
    terminal.err(
      `ancmd: unknown command '${name}'${suggestion === undefined ? '' : `; did you mean '${suggestion}'?`}\nancmd --help lists them all\n`,
    )
    return exitCode.usage
  }
  if (wantsHelp(rest)) {
    terminal.out(await verbHelp(verb))
    return exitCode.ok
  }
  return (await verb.load()).act(rest, terminal)
}

/** Whether --help or -h is among the options; behind `--` there are none. */
function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const options = end < 0 ? args : args.slice(0, end)
  return options.includes('--help') || options.includes('-h')
}

function overview(): string {
  const width = Math.max(...[...verbs.values()].map((verb) => verb.usage.length))
  const lines = [...verbs.values()].map((verb) => `  ${verb.usage.padEnd(width)}  ${verb.summary}`)
  return `ancmd hosts ASP.NET Core apps out of process, as the ASP.NET Core Module does behind IIS, on any system.

usage: ancmd <command> [options]

${lines.join('\n')}

ancmd <command> --help tells more; ancmd --version prints the version.
`
}

async function verbHelp({ usage, summary, load }: VerbEntry): Promise<string> {
  const { options } = await load()
  const lines = options.length === 0 ? '' : `\n${optionLines(options).join('\n')}\n`
  return `usage: ancmd ${usage}\n\n${summary}\n${lines}`
}

function processTerminal(): Terminal {
  return {
    out: (text) => {
      standardOutput.writeLine(text)
    },
    err: (text) => {
      standardError.writeLine(text)
    },
    environment: process.env,
    isTerminal: isatty(2),
  }
}
