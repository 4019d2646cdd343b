import type { WebConfig } from '../../config/model.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Check } from '../../process/diagnosis/finding.ts'
import { serverText } from '../../site/modules/authentication/ldap/ldap-server.ts'
import {
  authenticationPath,
  type AuthenticationSettings,
  type LdapSettings,
} from '../../site/modules/authentication/schemes/authentication-settings.ts'

/** Asks each directory from which an application, or a part of it, has the groups of its users. */
export async function checkDirectories(web: Pick<WebConfig, 'sections' | 'parts'>): Promise<readonly Check[]> {
  const all = [web, ...(web.parts ?? [])].flatMap(({ sections }) => {
    const windows = (sections[authenticationPath] as AuthenticationSettings | undefined)?.windows
    return windows?.groups === 'ldap' && windows.ldap !== undefined ? [windows.ldap] : []
  })
  const different = new Map(all.map((settings) => [JSON.stringify(settings), settings]))
  return Promise.all([...different.values()].map(ask))
}

async function ask(settings: LdapSettings): Promise<Check> {
  const { Directory } = await import('../../site/modules/authentication/ldap/directory.ts')
  const found = await new Directory(settings, systemClock).probe()
  const subject = 'directory'
  if (found.ok) {
    const kind = found.value.isActiveDirectory ? 'Active Directory' : 'a directory'
    const seen = `${kind} answers at ${settings.servers.map(serverText).join(' or ')}`
    return { subject, seen, findings: [] }
  }
  const text = `The directory cannot be asked for groups, so users get 503: ${found.failure}.`
  const cure = 'Look at ldapServer, ldapBase, ldapUser and its password, ldapCa, and the network.'
  return { subject, seen: '', findings: [{ level: 'error', text, cure }] }
}
