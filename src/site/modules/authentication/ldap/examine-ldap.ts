import { X509Certificate } from 'node:crypto'
import type { Place, Problems } from '../../../../config/problems.ts'
import { readOrdinaryFile } from '../../../../platform/files/ordinary-file.ts'
import type { LdapSettings, WindowsSettings } from '../schemes/authentication-settings.ts'
import { isPlain, serverText } from './ldap-server.ts'
import { readPassword } from './read-password.ts'

const none: LdapSettings = { servers: [], base: '' }

/**
 * Finds out whether the directory can be asked at all. It is not asked: it may be away for a moment, and that must keep
 * no configuration from being loaded.
 */
export async function examineLdap({ at, groups, ldap }: WindowsSettings, problems: Problems): Promise<void> {
  if (groups !== 'ldap') {
    if (ldap === undefined) return
    problems.warning(at, `The attributes of LDAP have no effect with groups="${groups}".`, 'Write groups="ldap".')
    return
  }
  const { servers, base, user, passwordFile, ca } = ldap ?? none
  if (servers.length === 0) {
    problems.error(at, 'groups="ldap" has no ldapServer.', 'Add ldapServer="ldaps://dc1.example.org".')
  }
  if (base === '') problems.error(at, 'groups="ldap" has no ldapBase.', 'Add ldapBase="dc=example,dc=org".')
  if (user !== undefined && passwordFile === undefined) {
    const cure = 'Add ldapPasswordFile="…", a file whose first line is the password.'
    problems.error(at, `ldapUser="${user}" has no ldapPasswordFile.`, cure)
  }
  if (user === undefined && passwordFile !== undefined) {
    const cure = 'Add ldapUser="…", whose password it is, or remove it.'
    problems.error(at, 'ldapPasswordFile is written without ldapUser.', cure)
  }
  const password = await readPassword(passwordFile)
  if (!password.ok) problems.error(at, password.failure.text, password.failure.cure)
  if (ca === undefined) return
  await examineAuthorities(ca, at, problems)
  if (servers.length > 0 && servers.every(isPlain)) {
    const text = `ldapCa has no effect: nothing is encrypted on the way to ${servers.map(serverText).join(' ')}.`
    problems.warning(at, text, 'Remove it, or write ldaps://.')
  }
}

async function examineAuthorities(file: string, at: Place, problems: Problems): Promise<void> {
  try {
    new X509Certificate(await readOrdinaryFile(file))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const isUnread = /^E[A-Z]+$/.test(code)
    const text = isUnread ? `ldapCa: ${file} cannot be read (${code}).` : `ldapCa: ${file} is no certificate in PEM.`
    const cure = isUnread ? 'Correct the path, or let the user read it whom the daemon runs as.' : 'Name a PEM file.'
    problems.error(at, text, cure)
  }
}
