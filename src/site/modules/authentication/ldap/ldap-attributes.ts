import type { ElementShape, Values, Written } from '../../../../config/xml/element.ts'
import { matching, nonEmpty } from '../../../../platform/schema.ts'
import type { LdapSettings } from '../schemes/authentication-settings.ts'
import { ldapUrl, readLdapServers } from './ldap-server.ts'

/** The attributes of `<windowsAuthentication>` that are about the directory. */
export interface LdapAttributes {
  readonly ldapServer: string
  readonly ldapBase: string
  readonly ldapUser: string
  readonly ldapPasswordFile: string
  readonly ldapCa: string
}

const urls = `${ldapUrl}( +${ldapUrl})*`

export const ldapKinds: ElementShape<LdapAttributes>['kinds'] = {
  ldapServer: matching(
    'urls as ldaps://dc1.example.org or ldap://127.0.0.1:389, with blanks between them',
    (text) => new RegExp(`^${urls}$`).test(text) && readLdapServers(text) !== undefined,
    urls,
  ),
  ldapBase: matching(
    'a distinguished name, as dc=example,dc=org',
    (text) => /^[A-Za-z0-9.-]+=.+$/.test(text),
    '[A-Za-z0-9.\\-]+=.+',
  ),
  ldapUser: nonEmpty('the distinguished name of a user, or user@example.org'),
  ldapPasswordFile: nonEmpty('a file whose first line is the password of ldapUser'),
  ldapCa: nonEmpty('a PEM file with the authorities that sign the certificates of the directory'),
}

/** Undefined: none of them is written. */
export function ldapSettings(
  { ldapServer, ldapBase, ldapUser, ldapPasswordFile, ldapCa }: Values<LdapAttributes>,
  pathOf: (written: Written<string>) => string,
): LdapSettings | undefined {
  const all = [ldapServer, ldapBase, ldapUser, ldapPasswordFile, ldapCa]
  if (all.every((one) => one === undefined)) return undefined
  return {
    servers: readLdapServers(ldapServer?.value ?? '') ?? [],
    base: ldapBase?.value ?? '',
    ...(ldapUser !== undefined && { user: ldapUser.value }),
    ...(ldapPasswordFile !== undefined && { passwordFile: pathOf(ldapPasswordFile) }),
    ...(ldapCa !== undefined && { ca: pathOf(ldapCa) }),
  }
}
