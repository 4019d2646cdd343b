import { portVariable } from '../../config/fixed-port.ts'
import type { Command } from '../command/command.ts'
import { resolveCommand } from '../command/command.ts'
import { runtimeConfigOf } from '../command/app-runtime-config.ts'
import { searchPlaces } from '../command/dotnet.ts'
import type { Launch } from '../life/launch.ts'
import { type StartCause, startCauseText } from '../life/start-report.ts'
import { childEnvironment } from '../start/environment.ts'
import { readFixedPort } from '../start/ports.ts'
import type { FolderView } from '../system/folder-view.ts'
import { checkFiles } from './files.ts'
import { type Check, type Finding, findingLine } from './finding.ts'
import { checkHome } from './home.ts'
import { checkLibraries } from './libraries.ts'
import { checkLimits } from './limits.ts'
import { type Machine, thisMachine } from './machine.ts'
import { findClues } from './output-clues.ts'
import { checkProgram, checkRuntime } from './program.ts'
import { ownUser, type User } from './user.ts'

/** How many sentences of advice a failed start gets. */
const maxAdvice = 5

/**
 * Looks for all that could keep an application from running on this machine, without starting it: its files, program,
 * runtime, libraries, home and limits. Opens no port, runs no program, changes nothing.
 */
export async function examineApplication(
  launch: Launch,
  user: User,
  view: FolderView,
  machine: Machine = thisMachine(),
): Promise<readonly Check[]> {
  const { config, physicalPath } = launch
  const port = readFixedPort(config.environmentVariables, portVariable(config.kind))
  const inherited = user.home === undefined ? launch.inherited : { ...launch.inherited, HOME: user.home }
  const environment = childEnvironment({ ...launch, inherited }, (port.ok ? port.value : undefined) ?? 0, {
    value: '',
    mark: '',
  })
  const files = checkFiles(physicalPath, config, user, machine)
  const command = resolveCommand({ ...config, physicalPath, port: undefined, places: searchPlaces(environment) }, view)
  const program = command.ok
    ? await checkCommand(command.value, user, physicalPath, environment, machine, view)
    : [{ subject: 'program', seen: '', findings: [ofCause(command.failure, physicalPath)] }]
  const wrongPort = port.ok ? [] : [{ subject: 'port', seen: '', findings: [ofCause(port.failure, physicalPath)] }]
  const limits = await checkLimits(user, machine)
  return [files, ...program, ...wrongPort, checkHome(user, environment, machine), limits]
}

async function checkCommand(
  command: Command,
  user: User,
  folder: string,
  environment: Readonly<Record<string, string>>,
  machine: Machine,
  view: FolderView,
): Promise<readonly Check[]> {
  const program = checkProgram(command, user, machine, view)
  const config = await runtimeConfigOf(command, view)
  // A program that is not .NET's needs neither a runtime nor the libraries of one.
  if (config === undefined) return [program]
  const runtime = checkRuntime(command, environment, machine, view)
  return [program, runtime, checkLibraries(config, folder, environment, machine)]
}

function ofCause(cause: StartCause, cwd: string): Finding {
  return { level: 'error', text: startCauseText(cause, { port: 0, cwd }), cure: '' }
}

/**
 * What to do about a start that has failed: sentences for the log and the error page. What the app printed comes first,
 * then what `ancmd doctor` would say; what the failure says itself is not repeated.
 */
export async function adviceFor(
  { cause, lastLines }: { readonly cause: StartCause; readonly lastLines: readonly string[] },
  launch: Launch,
  view: FolderView,
): Promise<readonly string[]> {
  const machine = thisMachine()
  const user = ownUser(launch.inherited)
  const clues = findClues(lastLines, { machine, user: user.name, folder: launch.physicalPath })
  const checks = await examineApplication(launch, user, view, machine)
  const said = cause.why === 'not-found' || cause.why === 'not-executable' || cause.why === 'bad-port'
  const errors = checks
    .filter(({ subject }) => !said || (subject !== 'program' && subject !== 'port'))
    .flatMap(({ findings }) => findings.filter(({ level }) => level === 'error'))
  return [...new Set([...clues, ...errors].map(findingLine))].slice(0, maxAdvice)
}
