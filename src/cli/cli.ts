import { isatty } from 'node:tty'
import { nearest } from '../platform/nearest.ts'
import { version } from '../platform/package-folder.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { foldHelp } from './streams/fold-text.ts'
import { optionLines } from './options.ts'
import { standardError, standardOutput } from './streams/standard-streams.ts'
import type { Terminal, VerbEntry } from './verb.ts'

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
  [
    'status',
    {
      usage: 'status',
      summary: 'Shows the sites, applications and processes of the running daemon.',
      load: async () => (await import('./status.ts')).status,
    },
  ],
  [
    'logs',
    {
      usage: 'logs [app] [-f] [-n 100] [--since 10m]',
      summary:
        "Prints an application's output: from the running daemon, or without one from its stdout log files. Without a name: of every application.",
      load: async () => (await import('./logs.ts')).logs,
    },
  ],
  [
    'recycle',
    {
      usage: 'recycle [app] [--wait]',
      summary:
        'Starts an application anew: a new process takes over from the old one, which ends. Without a name: every application.',
      load: async () => (await import('./operations.ts')).recycleVerb,
    },
  ],
  [
    'stop',
    {
      usage: 'stop [app] [--wait]',
      summary: 'Stops an application: it answers 503 and has no process, until it is started.',
      load: async () => (await import('./operations.ts')).stopVerb,
    },
  ],
  [
    'start',
    {
      usage: 'start [app] [--wait]',
      summary: 'Starts a stopped application, and its process before a request needs it.',
      load: async () => (await import('./operations.ts')).startVerb,
    },
  ],
  [
    'offline',
    {
      usage: 'offline [app] [--wait]',
      summary: 'Shows app_offline.htm and ends the processes, so that files can be replaced.',
      load: async () => (await import('./operations.ts')).offlineVerb,
    },
  ],
  [
    'online',
    {
      usage: 'online [app] [--wait]',
      summary: 'Takes away the app_offline.htm of offline, and starts a process.',
      load: async () => (await import('./operations.ts')).onlineVerb,
    },
  ],
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
    terminal.out(fitted(helpTopic === undefined ? overview() : await verbHelp(helpTopic), terminal))
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
    terminal.out(fitted(await verbHelp(verb), terminal))
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

/** As it is where stdout is no terminal, for whoever searches it. */
function fitted(help: string, { size }: Terminal): string {
  const columns = size?.()?.columns
  return columns === undefined ? help : foldHelp(help, columns)
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
    deliver: (bytes) => standardOutput.deliver(bytes),
    environment: process.env,
    isTerminal: isatty(2),
    isOutputTerminal: isatty(1),
    size: () => {
      if (!isatty(1)) return undefined
      // A terminal that does not know its size says 0.
      const { columns, rows } = process.stdout
      return { columns: columns || Infinity, rows: rows || Infinity }
    },
  }
}
