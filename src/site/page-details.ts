import { type StartFailure, startFailureText } from '../process/life/start-report.ts'
import type { ProcessConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'
import { isLocalClient } from '../http/forwarded-client.ts'

/** Whether the error page for this exchange may show details: the command line, the last lines of output. */
export type MayShowDetails = (exchange: Exchange) => boolean

/**
 * In the Development environment every client sees details; with ASPNETCORE_DETAILEDERRORS only clients on this machine
 * do. A variable in the daemon's environment wins over the one in web.config, as in ANCM.
 *
 * @param process undefined when web.config cannot be used
 */
export function createDetailsRule(
  process: ProcessConfig | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): MayShowDetails {
  const setting = (name: string): string => {
    const own = process?.environmentVariables.find((variable) => variable.name.toUpperCase() === name)
    return (environment[name] ?? own?.value ?? '').toLowerCase()
  }
  const development = [setting('ASPNETCORE_ENVIRONMENT'), setting('DOTNET_ENVIRONMENT')].includes('development')
  if (development) return () => true
  if (!['1', 'true'].includes(setting('ASPNETCORE_DETAILEDERRORS'))) return () => false
  return isLocalClient
}

/** What the error page shows only to a client that may see details. */
export interface Reasons {
  readonly cause: string
  readonly details: readonly string[]
}

export function reasonsOf(report: StartFailure): Reasons {
  return {
    cause: startFailureText(report),
    details: [report.commandLine, ...section(report.lastLines), ...section(report.advice)],
  }
}

/** Lines below an empty one. */
function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}
