import type { PlanDetail } from '../../../config/sections/section-reader.ts'
import { serverText } from './ldap/ldap-server.ts'
import type { AuthenticationSettings, WindowsSettings } from './schemes/authentication-settings.ts'

/** The lines that `check` shows. */
export function describeAuthentication({ anonymous, basic, windows }: AuthenticationSettings): readonly PlanDetail[] {
  const lines: PlanDetail[] = [['anonymous users', anonymous ? 'pass' : 'get 401.2']]
  if (windows !== undefined) lines.push(['Windows authentication', windowsText(windows)])
  if (basic !== undefined) lines.push(['Basic authentication', `${basic.usersFile ?? ''}, realm "${basic.realm}"`])
  return lines
}

function windowsText(settings: WindowsSettings): string {
  const { keytab, service, netbiosName, persistsPerConnection } = settings
  return [
    'Kerberos',
    `keytab ${keytab ?? 'of the system'}`,
    service ?? 'any HTTP service',
    groupsText(settings),
    ...(netbiosName === undefined ? [] : [`users are ${netbiosName}\\user`]),
    ...(persistsPerConnection ? ['once for each connection'] : []),
  ].join(', ')
}

function groupsText({ groups, ldap }: WindowsSettings): string {
  if (groups === 'none') return 'no groups'
  if (groups === 'system' || ldap === undefined) return `groups of ${groups}`
  const { servers, base, user } = ldap
  return `groups below ${base} of ${servers.map(serverText).join(' or ')}${user === undefined ? '' : ` as ${user}`}`
}
