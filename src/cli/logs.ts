import { stat } from 'node:fs/promises'
import type { SiteConfig } from '../config/model.ts'
import { problemLine } from '../config/problems.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import type { Hosted } from './hosted.ts'
import { printLive } from './logs/live-logs.ts'
import type { Destination, LogsPlan } from './logs/logs-plan.ts'
import { OutputPrinter } from './logs/output-printer.ts'
import { type OptionSpec, readOptions, type UsageError, wholeNumber } from './options.ts'
import { chooseApplications } from './remote/choose-applications.ts'
import { controlOption } from './remote/control-option.ts'
import { readDuration } from './remote/duration.ts'
import { reachDaemon } from './remote/reach-daemon.ts'
import type { Terminal, Verb } from './verb.ts'

const options: readonly OptionSpec[] = [
  { name: 'follow', short: 'f', value: undefined, summary: 'go on with what comes, until Ctrl-C' },
  { name: 'lines', short: 'n', value: 'N', summary: 'how many of the last lines of each application; default 100' },
  { name: 'since', value: 'TIME', summary: 'what came in the last 30s, 10m, 2h; of files: those written in that time' },
  { name: 'prefix', value: undefined, summary: 'the name of the application before each line; default with several' },
  { name: 'json', value: undefined, summary: 'each line as a JSON document of its own' },
  { name: 'config', value: 'FILE', summary: 'read the stdout log files of this host file, not from a daemon' },
  controlOption('control socket of the daemon; default: the one that is running'),
]

/** How many lines are shown if nobody says how many. */
const defaultLines = 100
/** Where a service has its host file, as `service install` writes it. */
const serviceFile = '/etc/ancmd/ancmd.config'

/** `ancmd logs [app]`: what applications have written to stdout and stderr, and with -f what they write. */
export const logs: Verb = {
  options,
  act: async (args, terminal) => {
    const plan = readLogsPlan(args)
    if (!plan.ok) {
      terminal.err(`ancmd logs: ${plan.failure.message}\nancmd logs --help lists the options\n`)
      return exitCode.usage
    }
    const ended = new AbortController()
    const end = (): void => {
      ended.abort()
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, end)
    try {
      return await printLogs(plan.value, terminal.environment, destinationOf(terminal, ended.signal))
    } finally {
      for (const signal of signals) process.off(signal, end)
    }
  },
}

export function readLogsPlan(args: readonly string[]): Result<LogsPlan, UsageError> {
  const read = readOptions(args, options, 1)
  if (!read.ok) return read
  const { positionals, has, value } = read.value
  if (has('config') && has('control')) {
    return failed({
      message: 'options --config and --control do not go together: files are read, or a daemon is asked',
    })
  }
  if (has('json') && has('prefix')) {
    return failed({ message: 'options --json and --prefix do not go together: each document names its application' })
  }
  const [n, since] = [value('lines'), value('since')]
  const unsaid = since === undefined ? defaultLines : undefined
  const lines = n === undefined ? ok(unsaid) : wholeNumber('lines', n, 0, 999_999_999)
  if (!lines.ok) return lines
  const sinceMs = since === undefined ? ok(undefined) : readDuration('since', since)
  if (!sinceMs.ok) return sinceMs
  return ok({
    wanted: positionals[0],
    follows: has('follow'),
    lines: lines.value,
    sinceMs: sinceMs.value,
    form: has('json') ? 'json' : has('prefix') ? 'prefix' : undefined,
    config: value('config'),
    control: value('control'),
  })
}

function destinationOf(terminal: Terminal, ended: AbortSignal): Destination {
  return {
    write: async (bytes) => {
      if (terminal.deliver !== undefined) return terminal.deliver(bytes)
      terminal.out(Buffer.from(bytes).toString())
      return true
    },
    say: (text) => {
      terminal.err(`ancmd logs: ${text}\n`)
    },
    ended,
  }
}

type Environment = Terminal['environment']

/** From the daemon if one runs; from files if none does, or if they are asked for. */
async function printLogs(plan: LogsPlan, environment: Environment, to: Destination): Promise<ExitCode> {
  if (plan.config !== undefined) return printFiles(plan, environment, to)
  const reached = await reachDaemon(plan.control, environment)
  if (!reached.ok) {
    const { text, code } = reached.failure
    if (code === 'notRunning' && plan.control === undefined) return printFiles(plan, environment, to, text)
    to.say(text)
    return exitCode[code]
  }
  const { path, status } = reached.value
  const chosen = chooseApplications(status, plan.wanted)
  if (!chosen.ok) {
    if (await isFolder(plan.wanted)) return printFiles(plan, environment, to)
    to.say(chosen.failure)
    return exitCode.usage
  }
  const names = new Map(chosen.value.map(({ name, status: { id } }) => [id.toLowerCase(), name]))
  const printer = new OutputPrinter(plan.form ?? (names.size > 1 ? 'prefix' : 'plain'), names)
  const apps = plan.wanted === undefined ? undefined : new Set(names.keys())
  const printed = await printLive({ plan, path, apps, printer, environment, to })
  await to.write(printer.end())
  if (printed.ok) return exitCode.ok
  to.say(printed.failure.text)
  return exitCode[printed.failure.code]
}

/** @param noDaemon why no daemon was asked; undefined: none was to be */
async function printFiles(
  plan: LogsPlan,
  environment: Environment,
  to: Destination,
  noDaemon?: string,
): Promise<ExitCode> {
  const place = await findSites(plan, environment)
  const { printStored } = await import('./logs/stored-logs.ts')
  const printed = place.ok ? await printStored({ ...place.value, plan, environment, to }) : place
  if (printed.ok) return exitCode.ok
  const { text, code } = printed.failure
  to.say(noDaemon === undefined ? text : `${noDaemon}; ${text}`)
  const isOwn = code === 'usage' || code === 'noPermission'
  return exitCode[noDaemon === undefined || isOwn ? code : 'notRunning']
}

interface Place {
  readonly sites: readonly SiteConfig[]
  /** A name of an application in them; undefined: all. */
  readonly wanted: string | undefined
}

/**
 * The sites of --config; of the folder that is named instead of an application; of the current folder; of the service's
 * host file.
 */
async function findSites(
  { config, wanted }: LogsPlan,
  environment: Environment,
): Promise<Result<Place, { readonly text: string; readonly code: 'badConfiguration' | 'notRunning' }>> {
  const { loadHosted } = await import('./hosted.ts')
  const load = async (
    hosted: Hosted,
    name: string | undefined,
  ): Promise<ReturnType<typeof ok<Place>> | { ok: false; text: string }> => {
    const loaded = (await loadHosted(hosted, environment)).config
    if (loaded.ok) return ok({ sites: loaded.value.sites, wanted: name })
    return { ok: false, text: loaded.failure.map(problemLine).join('\n') }
  }
  const isNamed = config === undefined && (await isFolder(wanted))
  const first =
    config !== undefined
      ? await load({ file: config }, wanted)
      : await load(hostedFolder(isNamed ? (wanted ?? '.') : '.'), isNamed ? undefined : wanted)
  if (first.ok) return first
  const isInService = config === undefined && !isNamed && (await stat(serviceFile).catch(() => undefined)) !== undefined
  const second = isInService ? await load({ file: serviceFile }, wanted) : first
  if (second.ok) return second
  return failed({ text: second.text, code: config === undefined ? 'notRunning' : 'badConfiguration' })
}

async function isFolder(path = ''): Promise<boolean> {
  const status = await stat(path).catch(() => undefined)
  return status?.isDirectory() === true
}

function hostedFolder(folder: string): Hosted {
  const binding = { protocol: 'http', address: undefined, port: 80, hostName: '' } as const
  return { folder, pathBase: '/', bindings: [binding], trustedProxies: [] }
}
