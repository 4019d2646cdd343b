import { childEnvironment } from '../../../src/process/start/environment.ts'
import { launchOf } from './support.ts'

export interface Given {
  readonly inherited?: Record<string, string | undefined>
  readonly variables?: Record<string, string>
  readonly path?: string
  readonly httpsPort?: number
  readonly kind?: 'aspNetCore' | 'httpPlatform'
  readonly contentRoot?: string
}

/** The environment of an app: at `/`, with nothing inherited and nothing written in web.config unless that is given. */
export function environment({
  inherited = {},
  variables = {},
  path = '/',
  httpsPort,
  kind = 'aspNetCore',
  contentRoot,
}: Given = {}) {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }))
  const launch = launchOf([], { config: { kind, environmentVariables } })
  return childEnvironment(
    { ...launch, physicalPath: '/srv/www', applicationPath: path, httpsPort, inherited },
    12345,
    { value: 't-o-k', mark: 'm-a-r-k' },
    contentRoot,
  )
}
