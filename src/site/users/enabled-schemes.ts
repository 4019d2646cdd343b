import type { WebConfig } from '../../config/model.ts'
import type { AuthenticationScheme } from '../../process/command/user-hook.ts'
import { enabledSchemes } from '../modules/authentication/schemes/authentication-settings.ts'

const schemes: readonly AuthenticationScheme[] = ['windows', 'basic', 'anonymous']

/** The kinds of authentication that are enabled for an application. */
export function authenticationOf(web: Pick<WebConfig, 'sections'>): readonly AuthenticationScheme[] {
  const enabled = enabledSchemes(web)
  return schemes.filter((scheme) => enabled[scheme])
}
