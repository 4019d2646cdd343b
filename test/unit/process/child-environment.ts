import type { PoolConfig } from '../../../src/config/model.ts'
import { childEnvironment } from '../../../src/process/start/environment.ts'
import type { AuthenticationScheme } from '../../../src/process/command/user-hook.ts'
import { launchOf } from './support.ts'

export interface Given {
  readonly inherited?: Record<string, string | undefined>
  readonly variables?: Record<string, string>
  readonly path?: string
  readonly httpsPort?: number
  readonly kind?: 'aspNetCore' | 'httpPlatform'
  readonly contentRoot?: string
  readonly authentication?: readonly AuthenticationScheme[]
  readonly userForwarding?: 'header'
  readonly pool?: Readonly<Record<string, string>>
}

/** The environment of an app: at `/`, with nothing inherited and nothing written in web.config unless that is given. */
export function environment({
  inherited = {},
  variables = {},
  path = '/',
  httpsPort,
  kind = 'aspNetCore',
  contentRoot,
  authentication,
  userForwarding,
  pool,
}: Given = {}) {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }))
  const launch = launchOf([], { config: { kind, environmentVariables, userForwarding } })
  const schemes = authentication && { authentication }
  const place = pool !== undefined && { pool: poolOf(pool), hostFile: '/etc/ancmd.config' }
  return childEnvironment(
    { ...launch, ...schemes, ...place, physicalPath: '/srv/www', applicationPath: path, httpsPort, inherited },
    12345,
    { value: 't-o-k', mark: 'm-a-r-k' },
    contentRoot,
  )
}

/** A pool `shop` with these variables. */
function poolOf(variables: Readonly<Record<string, string>>): PoolConfig {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }))
  return { name: 'shop', autoStart: true, startMode: 'OnDemand', environmentVariables }
}
