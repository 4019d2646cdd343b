import * as events from '../../../../log/authentication-events.ts'
import { failed, ok } from '../../../../platform/result.ts'
import type { ApplicationFacts } from '../../module.ts'
import { KnownGroups, type LookUpGroups, systemGroups } from './known-groups.ts'
import type { LdapSettings, WindowsSettings } from '../schemes/authentication-settings.ts'
import type { Directory } from '../ldap/directory.ts'

/** Where the groups of users come from; undefined: they have none. */
export function userGroups(settings: WindowsSettings, facts: ApplicationFacts): KnownGroups | undefined {
  const { groups, ldap, netbiosName } = settings
  if (groups === 'none') return undefined
  if (groups === 'system' || ldap === undefined) return new KnownGroups(facts.clock, systemGroups())
  return new KnownGroups(facts.clock, directoryGroups(ldap, netbiosName, facts))
}

/** The code of LDAP is loaded with the first user. */
function directoryGroups(
  settings: LdapSettings,
  netbiosName: string | undefined,
  { log, clock, id: app }: ApplicationFacts,
): LookUpGroups {
  let directory: Promise<Directory> | undefined
  return async (principal, realm) => {
    if (realm === '') return failed('the ticket does not tell the realm of the service')
    const nobody = (reason: string): ReturnType<LookUpGroups> => {
      events.userNotInDirectory(log, { app, user: principal, reason })
      return Promise.resolve(ok([]))
    }
    const suffix = `@${realm}`
    // Someone of the same name in another realm is somebody else.
    if (!principal.endsWith(suffix)) return nobody(`the directory is that of the realm ${realm}`)
    directory ??= import('../ldap/directory.ts').then((loaded) => new loaded.Directory(settings, clock))
    const found = await (await directory).groupsOf(principal.slice(0, -suffix.length), realm)
    if (!found.ok) return found
    if (found.value === undefined) return nobody(`the directory has no such user below ${settings.base}`)
    const names = found.value
    return ok(netbiosName === undefined ? names : names.flatMap((name) => [name, `${netbiosName}\\${name}`]))
  }
}
