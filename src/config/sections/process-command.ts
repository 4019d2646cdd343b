import { isMeant, type Values, type Written } from '../xml/element.ts'
import { type Environment, expand, variable } from '../expand.ts'
import type { ProcessConfig } from '../model.ts'
import { type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { SectionContext } from './section-context.ts'

/** The program to start, in the Windows spelling of web.config, with `%NAME%` expanded. */
export interface WrittenCommand {
  readonly processPath: string
  readonly arguments: string
}

interface CommandAttributes {
  readonly processPath: string
  readonly arguments: string
}

/** Reads processPath and arguments with `%NAME%` expanded; ANCM_LAUNCHER_PATH and ANCM_LAUNCHER_ARGS replace them. */
export function readCommand(
  section: ProcessConfig['kind'],
  elements: readonly XmlElement[],
  values: Values<CommandAttributes>,
  { environment, problems }: SectionContext,
): WrittenCommand | undefined {
  const launched = section === 'aspNetCore'
  const launcherPath = launched ? variable(environment, 'ANCM_LAUNCHER_PATH') : undefined
  const launcherArgs = launched ? variable(environment, 'ANCM_LAUNCHER_ARGS') : undefined
  const processPath = launcherPath || readProcessPath(section, elements, values.processPath, { environment, problems })
  if (processPath === undefined) return undefined
  const args = launcherArgs || expandAttribute('arguments', values.arguments, environment, problems)
  return { processPath, arguments: args }
}

function readProcessPath(
  section: ProcessConfig['kind'],
  elements: readonly XmlElement[],
  written: Written<string> | undefined,
  { environment, problems }: Pick<SectionContext, 'environment' | 'problems'>,
): string | undefined {
  const innermost = elements.at(-1) as XmlElement
  if (written === undefined) {
    // An attribute that is empty or misspelt has been reported already.
    if (!elements.some((element) => isMeant(element, 'processPath'))) {
      const cure = 'Add processPath="dotnet" arguments=".\\App.dll", or the path of the program to start.'
      problems.error(innermost.at, `<${section}> has no processPath.`, cure)
    }
    return undefined
  }
  if (expand(written.value, environment).unknown.some((name) => name.toUpperCase() === 'LAUNCHER_PATH')) {
    problems.error(
      written.at,
      `processPath="${shown(written.text)}": this is a source folder, whose program only the development tools know.`,
      'Run dotnet publish and host the folder that it makes, or set ANCM_LAUNCHER_PATH and ANCM_LAUNCHER_ARGS.',
    )
    return undefined
  }
  return expandAttribute('processPath', written, environment, problems)
}

/** The expanded value; an empty string for an attribute that is not written. Warns of names without a value. */
function expandAttribute(
  name: string,
  written: Written<string> | undefined,
  environment: Environment,
  problems: Problems,
): string {
  if (written === undefined) return ''
  const { text, unknown } = expand(written.value, environment)
  if (unknown.length > 0) {
    const names = unknown
      .slice(0, 5)
      .map((missing) => `%${missing}%`)
      .join(', ')
    const cure = 'Set it in the environment of ancmd, or write the value itself.'
    problems.warning(written.at, `${name}: ${names} has no value here and stays as it is.`, cure)
  }
  return text
}
