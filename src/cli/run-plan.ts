import { defaultEngine, type EngineName, engineNames } from '../host/engine.ts'
import type { Level } from '../log/entry.ts'
import { ok, type Result } from '../platform/result.ts'
import { adminOptions, readAdminOptions } from './admin-options.ts'
import type { AdminPlan } from './admin/admin-plan.ts'
import { readBindings, tlsOptions } from './binding-options.ts'
import { type Hosted, readHosted } from './hosted.ts'
import { logOptions, type RunLogOptions, readLogOptions } from './log-options.ts'
import { oneOf, type OptionSpec, readOptions, type UsageError } from './options.ts'
import { proxyOptions, readProxyOptions } from './proxy-options.ts'
import { controlOption } from './remote/control-option.ts'
import { standardOutput } from './streams/standard-streams.ts'
import type { Terminal } from './verb.ts'

/** The options of `run`. */
export const runOptions: readonly OptionSpec[] = [
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
  ...adminOptions,
  ...logOptions,
  ...proxyOptions,
  ...tlsOptions,
  { name: 'config', value: 'FILE', summary: 'host every site of a host file instead of a folder' },
]

/** What a command line of `run` asks for. */
export interface RunPlan {
  readonly hosted: Hosted
  readonly logFormat: 'pretty' | 'json'
  readonly logLevel: Level
  readonly appOutput: 'inherit' | 'off'
  readonly brokenConfig: 'answer' | 'keep'
  readonly engine: EngineName
  /** As given. */
  readonly control: string | undefined
  readonly pidFile: string | undefined
  /** As the command line has it; a host file may have one too. */
  readonly admin: AdminPlan | undefined
  readonly logs: RunLogOptions
}

/** Reads a command line of `run`. */
export function readRunPlan(args: readonly string[], terminal: Terminal): Result<RunPlan, UsageError> {
  const read = readOptions(args, runOptions, 1)
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
  const admin = readAdminOptions(given, bindings.value)
  if (!admin.ok) return admin
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
    admin: admin.value,
    logs: logs.value,
  })
}
