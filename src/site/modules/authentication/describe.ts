import type { PlanDetail } from '../../../config/sections/section-reader.ts'
import type { AuthenticationSettings, WindowsSettings } from './schemes/authentication-settings.ts'

/** The lines that `check` shows. */
export function describeAuthentication({ anonymous, basic, windows }: AuthenticationSettings): readonly PlanDetail[] {
  const lines: PlanDetail[] = [['anonymous users', anonymous ? 'pass' : 'get 401.2']]
  if (windows !== undefined) lines.push(['Windows authentication', windowsText(windows)])
  if (basic !== undefined) lines.push(['Basic authentication', `${basic.usersFile ?? ''}, realm "${basic.realm}"`])
  return lines
}

function windowsText({ keytab, service, groups, netbiosName, persistsPerConnection }: WindowsSettings): string {
  return [
    'Kerberos',
    `keytab ${keytab ?? 'of the system'}`,
    service ?? 'any HTTP service',
    groups === 'none' ? 'no groups' : `groups of ${groups}`,
    ...(netbiosName === undefined ? [] : [`users are ${netbiosName}\\user`]),
    ...(persistsPerConnection ? ['once for each connection'] : []),
  ].join(', ')
}
