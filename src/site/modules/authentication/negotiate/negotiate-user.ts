import type { KnownUser } from '../../../../http/known-user.ts'

/** @param name as the application is to see it */
export function negotiateUser(name: string, groups: readonly string[]): KnownUser {
  const roles = new Set(groups.map((group) => group.toLowerCase()))
  return Object.freeze({
    name,
    authenticationType: 'Negotiate',
    groups: Object.freeze([...groups]),
    isInRole: (role: string) => roles.has(role.toLowerCase()),
  })
}

/** `EXAMPLE\alice` for a user of the service's realm, if its NETBIOS name is configured; else `alice@EXAMPLE.ORG`. */
export function userName(principal: string, realm: string, netbiosName: string | undefined): string {
  const suffix = `@${realm}`
  if (netbiosName === undefined || realm === '' || !principal.endsWith(suffix)) return principal
  return `${netbiosName}\\${principal.slice(0, -suffix.length)}`
}
