import type { ProcessConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'

/** Whether the page for this exchange may show details: the command line, the last lines of output. */
export type MayShowDetails = (exchange: Exchange) => boolean

/**
 * In the Development environment everybody sees details; with ASPNETCORE_DETAILEDERRORS a client on this machine does. The
 * environment's value wins over web.config's, as in ANCM. `process` is undefined when web.config cannot be read.
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
  return ({ connection }) => connection.remoteAddress === '::1' || connection.remoteAddress.startsWith('127.')
}
