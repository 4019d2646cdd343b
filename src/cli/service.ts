import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SiteConfig } from '../config/model.ts'
import { problemLine } from '../config/problems.ts'
import { packageFolder } from '../platform/package-folder.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { loadHosted } from './hosted.ts'
import { oneOf, type OptionSpec, readOptions, type UsageError } from './options.ts'
import { applicationFolders, boundStreams, hiddenPath } from './service/bound-streams.ts'
import { launchd } from './service/launchd.ts'
import type { ManagerCommand, ServiceFile, ServiceManager, ServicePlan } from './service/service-plan.ts'
import { systemd } from './service/systemd.ts'
import {
  fileState,
  isWritten,
  removeServiceFiles,
  runCommand,
  type ServiceFileFailure,
  writeServiceFiles,
} from './service/unit-files.ts'
import { winsw } from './service/winsw.ts'
import type { Terminal, Verb } from './verb.ts'

const managers = [systemd, launchd, winsw] as const
const actions = ['install', 'uninstall', 'show'] as const

const options: readonly OptionSpec[] = [
  { name: 'manager', value: 'systemd|launchd|winsw', summary: "service manager; default: this system's" },
  { name: 'config', value: 'FILE', summary: 'host file of the service; default /etc/ancmd/ancmd.config with systemd' },
  { name: 'user', value: 'NAME', summary: 'user that runs it; default ancmd with systemd, which is made if missing' },
  { name: 'dry-run', value: undefined, summary: 'print every file and command, change nothing' },
  { name: 'root', value: 'DIR', summary: 'write or remove the files below this folder, and run no command' },
  { name: 'json', value: undefined, summary: 'the files and what was done with them as one JSON document' },
]

/** `ancmd service install|uninstall|show`: the daemon as a service of the system. */
export const service: Verb = {
  options,
  act: async (args, terminal) => {
    const request = readRequest(args)
    if (!request.ok) {
      terminal.err(`ancmd service: ${request.failure.message}\nancmd service --help lists the options\n`)
      return exitCode.usage
    }
    if (request.value.action === 'uninstall') return uninstall(request.value, terminal)
    const sites = await sitesOf(request.value, terminal)
    if (sites === 'invalid') return exitCode.badConfiguration
    const plan = planOf(request.value, sites)
    const files = request.value.manager.files(plan).map(({ path, text }) => ({ path: request.value.place(path), text }))
    if (request.value.action === 'show') return show(request.value, files, terminal)
    return install(request.value, plan, files, sites !== undefined, terminal)
  },
}

interface ServiceRequest {
  readonly action: (typeof actions)[number]
  readonly manager: ServiceManager
  readonly config: string
  readonly user: string
  readonly isDryRun: boolean
  readonly isJson: boolean
  /** Whether files go below --root; no command is run then. */
  readonly hasRoot: boolean
  /** Where a file goes. */
  readonly place: (path: string) => string
}

function readRequest(args: readonly string[]): Result<ServiceRequest, UsageError> {
  const read = readOptions(args, options, 1)
  if (!read.ok) return read
  const given = read.value
  const action = actions.find((name) => name === given.positionals[0])
  if (action === undefined) return failed({ message: "say what to do: 'ancmd service install', uninstall or show" })
  const own = managers.find(({ platform }) => platform === process.platform) ?? systemd
  const name = oneOf('manager', given.value('manager') ?? own.name, ['systemd', 'launchd', 'winsw'])
  if (!name.ok) return name
  const manager = managers.find((other) => other.name === name.value) ?? own
  const user = given.value('user') ?? manager.defaultUser
  if (manager === systemd && !/^[a-z_][a-z0-9_-]{0,31}$/i.test(user)) {
    return failed({ message: `option --user takes the name of a user, not '${user}'` })
  }
  const config = given.value('config')
  const root = given.value('root')
  return ok({
    action,
    manager,
    config: config === undefined ? manager.defaultConfig : resolve(config),
    user,
    isDryRun: given.has('dry-run'),
    isJson: given.has('json'),
    hasRoot: root !== undefined,
    place: (path) => (root === undefined ? path : join(resolve(root), path)),
  })
}

/** The sites of the host file; undefined if there is no such file. */
async function sitesOf(
  { config }: ServiceRequest,
  terminal: Terminal,
): Promise<readonly SiteConfig[] | 'invalid' | undefined> {
  if (!existsSync(config)) return undefined
  const loaded = await loadHosted({ file: config }, terminal.environment)
  if (loaded.config.ok) return loaded.config.value.sites
  for (const problem of loaded.config.failure) terminal.err(`${problemLine(problem)}\n`)
  return 'invalid'
}

function planOf({ manager, config, user }: ServiceRequest, sites: readonly SiteConfig[] | undefined): ServicePlan {
  return {
    program: [process.execPath, join(packageFolder(), 'dist', 'main.js')],
    configFile: config,
    user,
    makesUser: manager === systemd && user === systemd.defaultUser,
    httpStreams: sites === undefined ? ['80'] : boundStreams(sites, 'http'),
    httpsStreams: sites === undefined ? ['443'] : boundStreams(sites, 'https'),
    writableFolders: sites === undefined ? [] : applicationFolders(sites),
  }
}

async function install(
  request: ServiceRequest,
  plan: ServicePlan,
  files: readonly ServiceFile[],
  hasConfig: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const { manager, config, isDryRun, hasRoot } = request
  const commands = hasRoot ? [] : manager.installCommands(plan)
  const hidden = manager === systemd ? hiddenPath([...plan.program, config, ...plan.writableFolders]) : undefined
  const remarks = [
    ...(hasConfig ? [] : [`${config} is not there: write it first, or name another host file with --config`]),
    ...(hidden === undefined
      ? []
      : [
          `the service may not look into home folders, and ${hidden} is in one: put it elsewhere, as under /usr or /srv`,
        ]),
  ]
  if (isDryRun) {
    for (const remark of remarks) terminal.err(`ancmd service: ${remark}\n`)
    terminal.out(request.isJson ? json(request, files, commands) : listing(files, commands))
    return exitCode.ok
  }
  const obstacle = hasRoot ? undefined : (absence(manager) ?? packagedBy(manager) ?? remarks[0])
  if (obstacle !== undefined) return fail(obstacle, terminal)
  const written = await writeServiceFiles(files)
  if (!written.ok) return failAtFile(written.failure, terminal)
  const tell = request.isJson ? () => undefined : terminal.out
  for (const { path } of files) tell(`wrote ${path}\n`)
  for (const command of commands) {
    const failure = await runCommand(command)
    if (failure !== undefined) {
      return fail(`${failure}. The files stay; 'ancmd service uninstall' removes them`, terminal)
    }
    tell(`ran ${command.join(' ')}\n`)
  }
  if (request.isJson) terminal.out(json(request, files, commands))
  return exitCode.ok
}

async function uninstall(request: ServiceRequest, terminal: Terminal): Promise<ExitCode> {
  const { manager, isDryRun, isJson, hasRoot, place } = request
  const present = manager.paths.map(place).filter((path) => existsSync(path))
  const document = (removed: readonly string[]): string => {
    const kept = present.filter((path) => !removed.includes(path))
    return `${JSON.stringify({ version: 1, manager: manager.name, removed, kept }, null, 2)}\n`
  }
  if (isDryRun) {
    const removable = present.filter(isWritten)
    terminal.out(isJson ? document(removable) : removable.map((path) => `# remove ${path}\n`).join(''))
    return exitCode.ok
  }
  const obstacle = hasRoot ? undefined : absence(manager)
  if (obstacle !== undefined) return fail(obstacle, terminal)
  if (present.length === 0) return fail('no service is installed here', terminal)
  for (const command of hasRoot ? [] : manager.stopCommands) {
    const failure = await runCommand(command)
    // A service that was never started, or has been removed by hand, is no reason to leave its files.
    if (failure !== undefined) terminal.err(`ancmd service: ${failure}\n`)
  }
  const removed = removeServiceFiles(present)
  if (!removed.ok) return failAtFile(removed.failure, terminal)
  if (isJson) terminal.out(document(removed.value))
  else for (const path of removed.value) terminal.out(`removed ${path}\n`)
  for (const path of present.filter((path) => !removed.value.includes(path))) {
    terminal.err(`ancmd service: ${path} stays, because ancmd did not write it\n`)
  }
  for (const command of hasRoot ? [] : manager.removedCommands) {
    const failure = await runCommand(command)
    if (failure !== undefined) return fail(failure, terminal)
  }
  if (!isJson) terminal.out('The configuration, the logs, the state and the user are kept.\n')
  return exitCode.ok
}

function show(request: ServiceRequest, files: readonly ServiceFile[], terminal: Terminal): ExitCode {
  if (request.isJson) terminal.out(json(request, files, []))
  else for (const file of files) terminal.out(`${fileState(file).padEnd(10)} ${file.path}\n`)
  const unit = files[0]
  const isInstalled = unit !== undefined && fileState(unit) !== 'missing'
  const packaged = request.manager.packaged.map(request.place).find((path) => existsSync(path))
  if (isInstalled || packaged === undefined) return isInstalled ? exitCode.ok : exitCode.failure
  if (!request.isJson) terminal.out(`installed  ${packaged} (by a package)\n`)
  return exitCode.ok
}

function json({ manager }: ServiceRequest, files: readonly ServiceFile[], commands: readonly ManagerCommand[]): string {
  const described = files.map((file) => ({ ...file, state: fileState(file) }))
  return `${JSON.stringify({ version: 1, manager: manager.name, files: described, commands }, null, 2)}\n`
}

function listing(files: readonly ServiceFile[], commands: readonly ManagerCommand[]): string {
  const texts = files.map(({ path, text }) => `# ${path}\n${text}`)
  const lines = commands.map((command) => `# run ${command.join(' ')}\n`)
  return [...texts, lines.join('')].filter((text) => text !== '').join('\n')
}

/** Why this manager cannot be used here; undefined: it can. */
function absence({ name, platform, sign }: ServiceManager): string | undefined {
  const remedy = "'--dry-run' prints the files, and '--root DIR' writes them below a folder"
  if (platform !== process.platform) return `${name} is not the service manager of this system; ${remedy}`
  return sign === undefined || existsSync(sign.path) ? undefined : `${sign.absent}; ${remedy}`
}

function packagedBy({ packaged }: ServiceManager): string | undefined {
  const path = packaged.find((path) => existsSync(path))
  if (path === undefined) return undefined
  return `a package has installed the service already (${path}): change it with 'systemctl edit ancmd', or remove the package`
}

function failAtFile({ why, path, code }: ServiceFileFailure, terminal: Terminal): ExitCode {
  if (why === 'foreign') return fail(`${path} is there, and ancmd did not write it: move it away first`, terminal)
  if (why === 'failed') return fail(`${path} cannot be written or removed (${code})`, terminal)
  terminal.err(`ancmd service: ${path} may not be written by this user (${code}): run it as root\n`)
  return exitCode.noPermission
}

function fail(sentence: string, terminal: Terminal): ExitCode {
  terminal.err(`ancmd service: ${sentence}\n`)
  return exitCode.failure
}
