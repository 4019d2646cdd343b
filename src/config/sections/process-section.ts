import { childrenNamed, type ElementShape, type Kinds, readShaped, type Shapes, type Values } from '../xml/element.ts'
import { expand } from '../expand.ts'
import { fixedPort, portVariable } from '../fixed-port.ts'
import type { CommandPlaces, ProcessConfig } from '../model.ts'
import { ownPath, reportUnusablePath } from '../own-path.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import { readEnvironmentVariables } from './environment-variables.ts'
import { type WrittenCommand, readCommand } from './process-command.ts'
import { readHandlerSettings } from './handler-settings.ts'
import type { SectionContext } from './section-context.ts'

/**
 * The attributes of `<aspNetCore>` and `<httpPlatform>`, under their names in web.config. startupTimeLimit and
 * shutdownTimeLimit are in seconds, as web.config has them; requestTimeout is an hh:mm:ss there and milliseconds here.
 */
export interface ProcessAttributes {
  readonly processPath: string
  readonly arguments: string
  readonly startupTimeLimit: number
  readonly shutdownTimeLimit: number
  readonly startupRetryCount: number
  readonly rapidFailsPerMinute: number
  readonly requestTimeout: number
  readonly stdoutLogEnabled: boolean
  readonly stdoutLogFile: string
  readonly processesPerApplication: number
  readonly forwardWindowsAuthToken: boolean
  readonly disableStartUpErrorPage: boolean
  readonly hostingModel: 'inprocess' | 'outofprocess' | ''
  readonly upstreamProtocol: 'http1' | 'h2c'
  readonly readsUserHeader: boolean
}

/** One of the two sections that say how to run the application's process. */
export interface ProcessSection {
  readonly name: ProcessConfig['kind']
  readonly shape: {
    /** Only the attributes that this section has. */
    readonly kinds: Partial<Kinds<ProcessAttributes>>
    readonly defaults: Partial<ProcessAttributes> &
      Pick<
        ProcessAttributes,
        | 'startupTimeLimit'
        | 'rapidFailsPerMinute'
        | 'requestTimeout'
        | 'stdoutLogEnabled'
        | 'stdoutLogFile'
        | 'processesPerApplication'
      >
    readonly children: Shapes
  }
  /** In seconds, where the attribute shutdownTimeLimit is not written. */
  readonly shutdownTimeLimit: number
  /** How often a start is tried, given the startupRetryCount of web.config, if it has one. */
  readonly startAttempts: (startupRetryCount: number | undefined) => number
}

/**
 * Merges the section's elements, outermost file first, into one ProcessConfig: the innermost value of an attribute
 * wins, collections are joined. Undefined when there is no processPath; that is then reported as a problem.
 *
 * @param given for a folder without web.config: the command to run, and the file that the command was derived from
 */
export function readProcessConfig(
  section: ProcessSection,
  elements: readonly XmlElement[],
  context: SectionContext,
  given?: { readonly command: WrittenCommand; readonly at: Place },
): { readonly process: ProcessConfig; readonly places: CommandPlaces } | undefined {
  const { physicalPath, environment, problems } = context
  const values: Values<ProcessAttributes> = Object.assign(
    {},
    ...elements.map((element) => {
      return readShaped(element, section.shape as ElementShape<ProcessAttributes>, problems)
    }),
  )
  const { defaults } = section.shape
  const command = given?.command ?? readCommand(section.name, elements, values, context)
  const environmentVariables = readEnvironmentVariables(childrenNamed(elements, 'environmentVariables'), problems)
  const handlerSettings = readHandlerSettings(childrenNamed(elements, 'handlerSettings'), context)
  const stdoutLogEnabled = values.stdoutLogEnabled?.value ?? defaults.stdoutLogEnabled
  const stdoutLogFile = ownPath(
    expand(values.stdoutLogFile?.value ?? defaults.stdoutLogFile, environment).text,
    physicalPath,
  )
  if (stdoutLogEnabled) reportUnusablePath('stdoutLogFile', values.stdoutLogFile, stdoutLogFile, problems)
  reportIgnored(values, problems)
  if (command === undefined) return undefined
  const process: ProcessConfig = {
    kind: section.name,
    ...command,
    startupTimeLimit: (values.startupTimeLimit?.value ?? defaults.startupTimeLimit) * 1000,
    startAttempts: section.startAttempts(values.startupRetryCount?.value),
    shutdownTimeLimit: (values.shutdownTimeLimit?.value ?? section.shutdownTimeLimit) * 1000,
    rapidFailsPerMinute: values.rapidFailsPerMinute?.value ?? defaults.rapidFailsPerMinute,
    requestTimeout: values.requestTimeout?.value ?? defaults.requestTimeout,
    stdoutLogEnabled,
    stdoutLogFile: stdoutLogFile.path,
    processesPerApplication: values.processesPerApplication?.value ?? defaults.processesPerApplication,
    disableStartUpErrorPage: values.disableStartUpErrorPage?.value ?? defaults.disableStartUpErrorPage ?? false,
    hostingModel: values.hostingModel?.value === 'inprocess' ? 'inprocess' : 'outofprocess',
    upstreamProtocol: values.upstreamProtocol?.value === 'h2c' ? 'h2c' : undefined,
    userForwarding: userForwardingOf(section.name, values),
    environmentVariables: environmentVariables.map(({ name, value }) => ({
      name,
      value: expand(value, environment).text,
    })),
    handlerSettings,
  }
  const variables = childrenNamed(elements, 'environmentVariables').at(-1)
  const at = (given ?? elements.at(-1))?.at as Place
  reportFixedPort(process, values.processesPerApplication?.at ?? at, problems)
  const places = {
    processPath: values.processPath?.at ?? at,
    arguments: values.arguments?.at ?? at,
    environmentVariables: variables?.at ?? at,
  }
  return { process, places }
}

/** Warns when web.config asks for several processes and gives all of them one port: only one can listen on it. */
function reportFixedPort(process: ProcessConfig, at: Place, problems: Problems): void {
  const { kind, processesPerApplication: count, environmentVariables } = process
  const name = portVariable(kind)
  const port = fixedPort(environmentVariables, name)
  if (count === 1 || port === undefined) return
  const text = `processesPerApplication="${String(count)}" with ${name} fixed to ${shown(port)}: only one process can have that port, the others fail to start.`
  problems.warning(at, text, `Take ${name} out of <environmentVariables>, or write processesPerApplication="1".`)
}

/** Gives a notice for each attribute that is set to a value without effect here. */
function reportIgnored(values: Values<ProcessAttributes>, problems: Problems): void {
  if (values.hostingModel?.value === 'inprocess') {
    const text = `hostingModel="${values.hostingModel.text}": the application runs out of process here.`
    problems.notice(values.hostingModel.at, text)
  }
}

/** Programs of `<httpPlatform>` load no startup hook. */
function userForwardingOf(
  kind: ProcessConfig['kind'],
  { readsUserHeader, forwardWindowsAuthToken }: Values<ProcessAttributes>,
): ProcessConfig['userForwarding'] {
  if (readsUserHeader?.value === true) return 'header'
  return kind === 'httpPlatform' || forwardWindowsAuthToken?.value === false ? 'none' : undefined
}
