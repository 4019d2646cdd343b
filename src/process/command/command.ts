import type { CommandFailure } from './command-failure.ts'
import type { Result } from '../../platform/result.ts'
import { ok } from '../../platform/result.ts'
import type { SearchPlaces } from './dotnet.ts'
import type { FolderView } from '../system/folder-view.ts'
import { fillPort } from './placeholders.ts'
import { findProgram } from './program.ts'
import { translateArguments } from './program-arguments.ts'
import { joinArguments, splitArguments } from './split-arguments.ts'

export interface CommandRequest {
  /** As web.config has it; may be a Windows path. */
  readonly processPath: string
  readonly arguments: string
  /** Absolute; the child's working directory. */
  readonly physicalPath: string
  /**
   * Replaces the port placeholders in the arguments; undefined before a port is chosen, so that the placeholders stay.
   */
  readonly port: number | undefined
  readonly places: SearchPlaces
}

/** A program and its arguments, to be executed without a shell and without a search in PATH. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** One sentence for each part of processPath or arguments that was understood in another way than it is written. */
  readonly notes: readonly string[]
}

/**
 * Finds the program and arguments that processPath and arguments mean on this system, by ANCM's rules and, off Windows,
 * by rules of ancmd (src/process/README.md). Looks at the disk only through `view`.
 */
export function resolveCommand(request: CommandRequest, view: FolderView): Result<Command, CommandFailure> {
  const program = findProgram(request.processPath, request.physicalPath, request.places, view)
  if (!program.ok) return program
  const written = splitArguments(request.arguments).map(({ text, bare }) => ({
    text: request.port === undefined ? text : fillPort(text, request.port),
    bare,
  }))
  const args = translateArguments(written, program.value.takesAssembly, request.physicalPath, view)
  if (!args.ok) return args
  return ok({
    file: program.value.file,
    args: [...program.value.args, ...args.value.args],
    cwd: request.physicalPath,
    notes: [...program.value.notes, ...args.value.notes],
  })
}

/** The command as one line, for logs and reports. */
export function commandLine(command: Command): string {
  return joinArguments([command.file, ...command.args])
}

/** The command line as web.config has it, for a start that failed before the program was found. */
export function writtenCommandLine(request: Pick<CommandRequest, 'processPath' | 'arguments'>): string {
  return `${request.processPath} ${request.arguments}`.trim()
}
