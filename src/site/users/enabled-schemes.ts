import type { WebConfig } from '../../config/model.ts'
import type { AuthenticationScheme } from '../../process/command/user-hook.ts'

/** The kinds of authentication that are enabled for an application. */
export function enabledSchemes(_web: WebConfig): readonly AuthenticationScheme[] {
  return ['anonymous']
}
