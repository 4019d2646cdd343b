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

/** Why a process could not be started, found without starting one. */
export interface PreflightFailure {
  /** The setting of web.config that is wrong. */
  readonly setting: 'processPath' | 'arguments' | 'environmentVariables'
  /** What is wrong, and what to do about it. */
  readonly text: string
}

export interface Preflight {
  readonly failure: PreflightFailure | undefined
  /** What would be executed, with port placeholders not replaced; undefined when nothing could be executed. */
  readonly command: Command | undefined
}

/**
 * Checks whether a process could be started, by the steps of startup.ts up to the one that creates the process; opens
 * no port and runs no program.
 */
export function preflightStart(launch: Launch, view: FolderView): Preflight {
  const { config, physicalPath } = launch
  const failedAt = (setting: PreflightFailure['setting'], cause: StartCause): Preflight => {
    return { failure: { setting, text: startCauseText(cause, { port: 0, cwd: physicalPath }) }, command: undefined }
  }
  const port = readFixedPort(config.environmentVariables, portVariable(config.kind))
  if (!port.ok) return failedAt('environmentVariables', port.failure)
  const environment = childEnvironment(launch, port.value ?? 0, { value: '', mark: '' })
  const places = searchPlaces(environment)
  const command = resolveCommand({ ...config, physicalPath, port: port.value, places }, view)
  if (!command.ok) {
    const program = findProgram(config.processPath, physicalPath, places, view)
    return failedAt(program.ok ? 'arguments' : 'processPath', command.failure)
  }
  const missing = missingFramework(command.value, environment, view)
  if (missing === undefined) return { failure: undefined, command: command.value }
  return { failure: { setting: 'processPath', text: `${missing.text} ${missing.cure}` }, command: command.value }
}
