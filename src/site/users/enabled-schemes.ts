import type { WebConfig } from '../../config/model.ts'
import type { AuthenticationScheme } from '../../process/command/user-hook.ts'
import { enabledSchemes } from '../modules/authentication/schemes/authentication-settings.ts'

const schemes: readonly AuthenticationScheme[] = ['windows', 'basic', 'anonymous']

/** The kinds of authentication that are enabled for an application, or for a part of it. */
export function authenticationOf({
  sections,
  parts = [],
}: Pick<WebConfig, 'sections' | 'parts'>): readonly AuthenticationScheme[] {
  const enabled = [{ sections }, ...parts].map(enabledSchemes)
  return schemes.filter((scheme) => enabled.some((one) => one[scheme]))
}
