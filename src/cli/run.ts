import { once } from 'node:events'
import { problemLine } from '../config/problems.ts'
import type { LoadedHostFile } from '../config/host-file/load.ts'
import { createHost } from '../host/create-host.ts'
import { defaultEngine, type EngineName, engineNames } from '../host/engine.ts'
import type { Host } from '../host/host.ts'
import { HostFileReload } from '../host/host-file-reload.ts'
import { listenForSignals } from '../host/signals.ts'
import * as events from '../log/events.ts'
import type { Level, Log } from '../log/entry.ts'
import { createLog } from '../log/log.ts'
import { systemClock } from '../platform/clock.ts'
import { version } from '../platform/package-folder.ts'
import { ok, type Result } from '../platform/result.ts'
import { forgetServiceEnvironment, readServiceEnvironment } from '../platform/systemd/service-environment.ts'
import { gapLine } from './streams/bounded-stream.ts'
import { controlOption } from './remote/control-option.ts'
import { openBeside } from './beside.ts'
import { takeEarlySignals } from './launch/early-signals.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { type Hosted, loadHosted, readHosted } from './hosted.ts'
import { logOptions, type RunLogOptions, readLogOptions } from './log-options.ts'
import { oneOf, type OptionSpec, readOptions, type UsageError } from './options.ts'
import { proxyOptions, readProxyOptions } from './proxy-options.ts'
import { standardError, standardOutput } from './streams/standard-streams.ts'
import { readBindings, tlsOptions } from './binding-options.ts'
import { reportStartFailure } from './report-start-failure.ts'
import { openSupervision, serviceStatus, type Supervision } from './service/supervision.ts'
import type { Terminal, Verb } from './verb.ts'

const options: readonly OptionSpec[] = [
  { name: 'port', value: 'N', summary: 'http port; default 80, also beside --https-port; 0 = any free one' },
  { name: 'host', value: 'ADDR', summary: 'address to listen on; default: all, IPv4 and IPv6' },
  { name: 'path-base', value: '/sub', summary: 'virtual path of the application; default /' },
  {
    name: 'log-format',
    value: 'pretty|json',
    summary: "the daemon's own log on stderr; default: pretty on a terminal, else json",
  },
  { name: 'log-level', value: 'LEVEL', summary: 'trace, debug, info, warn, error or fatal; default info' },
  {
    name: 'app-output',
    value: 'inherit|off',
    summary: "pass the application's stdout and stderr through; default inherit",
  },
  {
    name: 'broken-config',
    value: 'answer|keep',
    summary:
      'web.config breaks while its application runs: answer 500.19 as IIS does, or keep it running on the old one; default answer',
  },
  { name: 'engine', value: 'wire|http-proxy', summary: 'how bytes are forwarded; default wire' },
  controlOption('control socket of this daemon; default: in the runtime directory'),
  { name: 'pid-file', value: 'FILE', summary: "file with the daemon's process id, removed at its end" },
  ...logOptions,
  ...proxyOptions,
  ...tlsOptions,
  { name: 'config', value: 'FILE', summary: 'host every site of a host file instead of a folder' },
]

/** `ancmd run [folder]`: hosts one published folder in the foreground until a signal stops it. */
export const run: Verb = {
  options,
  act: async (args, terminal) => {
    const plan = readPlan(args, terminal)
    if (!plan.ok) {
      terminal.err(`ancmd run: ${plan.failure.message}\nancmd run --help lists the options\n`)
      return exitCode.usage
    }
    return host(plan.value, terminal)
  },
}

interface RunPlan {
  readonly hosted: Hosted
  readonly logFormat: 'pretty' | 'json'
  readonly logLevel: Level
  readonly appOutput: 'inherit' | 'off'
  readonly brokenConfig: 'answer' | 'keep'
  readonly engine: EngineName
  /** As given. */
  readonly control: string | undefined
  readonly pidFile: string | undefined
  readonly logs: RunLogOptions
}

function readPlan(args: readonly string[], terminal: Terminal): Result<RunPlan, UsageError> {
  const read = readOptions(args, options, 1)
  if (!read.ok) return read
  const given = read.value
  const bindings = given.has('config') ? ok([]) : readBindings(given)
  if (!bindings.ok) return bindings
  const logFormat = oneOf('log-format', given.value('log-format') ?? (terminal.isTerminal ? 'pretty' : 'json'), [
    'pretty',
    'json',
  ])
  if (!logFormat.ok) return logFormat
  const logLevel = oneOf('log-level', given.value('log-level') ?? 'info', [
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
  ])
  if (!logLevel.ok) return logLevel
  const appOutput = oneOf('app-output', given.value('app-output') ?? 'inherit', ['inherit', 'off'])
  if (!appOutput.ok) return appOutput
  const brokenConfig = oneOf('broken-config', given.value('broken-config') ?? 'answer', ['answer', 'keep'])
  if (!brokenConfig.ok) return brokenConfig
  const engine = oneOf('engine', given.value('engine') ?? defaultEngine, engineNames)
  if (!engine.ok) return engine
  const logs = readLogOptions(given, standardOutput)
  if (!logs.ok) return logs
  const proxies = readProxyOptions(given)
  if (!proxies.ok) return proxies
  const { trustedProxies, proxyProtocol } = proxies.value
  const hosted = readHosted(
    given,
    bindings.value.map((binding) => ({ ...binding, proxyProtocol })),
    trustedProxies,
  )
  if (!hosted.ok) return hosted
  return ok({
    hosted: hosted.value,
    logFormat: logFormat.value,
    logLevel: logLevel.value,
    appOutput: appOutput.value,
    brokenConfig: brokenConfig.value,
    engine: engine.value,
    control: given.value('control'),
    pidFile: given.value('pid-file'),
    logs: logs.value,
  })
}

async function host(plan: RunPlan, terminal: Terminal): Promise<ExitCode> {
  const { environment } = terminal
  const loaded = await loadHosted(plan.hosted, environment)
  if (!loaded.config.ok) {
    for (const problem of loaded.config.failure) terminal.err(`${problemLine(problem)}\n`)
    return exitCode.badConfiguration
  }
  const colour = terminal.isTerminal && (environment['NO_COLOR'] ?? '') === ''
  const serviceEnvironment = readServiceEnvironment(environment, process.pid)
  forgetServiceEnvironment(process.env)
  const { isJournal: journal } = serviceEnvironment
  const log = createLog({ format: plan.logFormat, level: plan.logLevel, out: terminal.err, colour, journal })
  standardError.onGap((bytes) => {
    events.outputDropped(log, { stream: 'stderr', bytes })
  })
  standardOutput.onGap((bytes) => {
    standardOutput.writeLine(gapLine(bytes))
    events.outputDropped(log, { stream: 'stdout', bytes })
  })
  events.starting(log, { version: version(), pid: process.pid, node: process.version })
  for (const notice of loaded.notices) events.configNotice(log, notice)
  const supervision = await openSupervision(serviceEnvironment, log)
  const runningHost = await createHost(loaded.config.value, {
    log,
    environment,
    pid: process.pid,
    engine: plan.engine,
    keepsOnBrokenConfig: plan.brokenConfig === 'keep',
    ...plan.logs,
    inheritedSockets: supervision.sockets,
    ...(plan.appOutput === 'inherit' && { appOutput: { stdout: standardOutput, stderr: standardError } }),
  })
  const beside = await openBeside(runningHost, plan, log, environment)
  if (!beside.ok) return beside.failure
  try {
    return await serve(runningHost, plan, loaded, log, supervision, environment)
  } finally {
    await beside.value.close()
  }
}

function serve(
  runningHost: Host,
  { hosted }: RunPlan,
  loaded: LoadedHostFile,
  log: Log,
  supervision: Supervision,
  environment: Terminal['environment'],
): Promise<ExitCode> {
  if (!('file' in hosted)) return serveUntilSignalled(runningHost, log, supervision)
  const load = (): Promise<LoadedHostFile> => loadHosted(hosted, environment)
  const onBusy = (isBusy: boolean): void => {
    if (isBusy) supervision.notifier?.reloading()
    else supervision.notifier?.ready(serviceStatus(runningHost))
  }
  const openReload = () => HostFileReload.open({ host: runningHost, load, log, clock: systemClock, onBusy }, loaded)
  return serveUntilSignalled(runningHost, log, supervision, openReload)
}

/**
 * Runs the host until SIGTERM or SIGINT stops it gracefully, or a second one at once. `openReload`: for a host file,
 * which SIGHUP reads again.
 */
async function serveUntilSignalled(
  runningHost: Host,
  log: Log,
  { notifier, sockets }: Supervision,
  openReload?: () => Promise<HostFileReload>,
): Promise<ExitCode> {
  let hostFile: HostFileReload | undefined
  const gracefulStop = new AbortController()
  const immediateStop = new AbortController()
  const stopListening = listenForSignals(process, {
    stop: (signal) => {
      gracefulStop.abort(signal)
    },
    stopNow: (signal) => {
      immediateStop.abort(signal)
      events.stopping(log, { reason: `${signal} again, so at once` })
      runningHost.destroy()
    },
    reload: () => {
      runningHost.reopenLogs()
      if (openReload === undefined) runningHost.recycle('SIGHUP')
      else hostFile?.request('SIGHUP')
    },
    recycle: () => {
      runningHost.recycle('SIGUSR2')
    },
  })
  // Signals that came before there was a listener are sent again.
  for (const signal of takeEarlySignals()) process.emit(signal, signal)
  try {
    hostFile = await openReload?.()
    const started = await runningHost.start()
    if (!started.ok) return reportStartFailure(started.failure, log)
    notifier?.ready(serviceStatus(runningHost))
    if (!gracefulStop.signal.aborted) await once(gracefulStop.signal, 'abort')
    hostFile?.close()
    events.stopping(log, { reason: String(gracefulStop.signal.reason) })
    notifier?.stopping('answering what is under way, then ending the applications')
    await runningHost.stop()
    const code = immediateStop.signal.aborted ? exitCode.failure : exitCode.ok
    events.stopped(log, { exitCode: code, clean: code === exitCode.ok })
    return code
  } finally {
    hostFile?.close()
    stopListening()
    sockets?.close()
    await notifier?.close()
  }
}
