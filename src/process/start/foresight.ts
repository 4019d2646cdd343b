import { portVariable } from '../../config/fixed-port.ts'
import { type Command, resolveCommand } from '../command/command.ts'
import { searchPlaces } from '../command/dotnet.ts'
import { childEnvironment } from './environment.ts'
import type { FolderView } from '../system/folder-view.ts'
import type { Launch } from '../life/launch.ts'
import { readFixedPort } from './ports.ts'
import { findProgram } from '../command/program.ts'
import { missingFramework } from '../command/shared-frameworks.ts'
import { type StartCause, startCauseText } from '../life/start-report.ts'

/** Why no process could be started, known without starting one. */
export interface ForeseenFailure {
  /** What of web.config it concerns. */
  readonly setting: 'processPath' | 'arguments' | 'environmentVariables'
  /** What is wrong, and what to do about it. */
  readonly text: string
}

export interface Foresight {
  readonly failure: ForeseenFailure | undefined
  /** What would be executed, port placeholders still in it; undefined when nothing could be. */
  readonly command: Command | undefined
}

/** The steps of a start up to the one that creates the process, as startup.ts takes them; no port is opened, nothing is run. */
export function foreseeStart(launch: Launch, view: FolderView): Foresight {
  const { config, physicalPath } = launch
  const failed = (setting: ForeseenFailure['setting'], cause: StartCause): Foresight => {
    return { failure: { setting, text: startCauseText(cause, { port: 0, cwd: physicalPath }) }, command: undefined }
  }
  const port = readFixedPort(config.environmentVariables, portVariable(config.kind))
  if (!port.ok) return failed('environmentVariables', port.failure)
  const environment = childEnvironment(launch, port.value ?? 0, { value: '', mark: '' })
  const places = searchPlaces(environment)
  const command = resolveCommand({ ...config, physicalPath, port: port.value, places }, view)
  if (!command.ok) {
    const program = findProgram(config.processPath, physicalPath, places, view)
    return failed(program.ok ? 'arguments' : 'processPath', command.failure)
  }
  const missing = missingFramework(command.value, environment, view)
  if (missing === undefined) return { failure: undefined, command: command.value }
  return { failure: { setting: 'processPath', text: missing }, command: command.value }
}
