import type { Place, Problems } from '../../../../config/problems.ts'
import { readOrdinaryFile } from '../../../../platform/files/ordinary-file.ts'
import { examineLdap } from '../ldap/examine-ldap.ts'
import type { WindowsSettings } from '../schemes/authentication-settings.ts'
import { findKeytab } from './find-keytab.ts'
import { kerberosCure, loadKerberos } from './kerberos-package.ts'
import { type KeytabEntry, readKeytab } from './keytab.ts'

/** Finds out whether tickets can be accepted at all: the library is there, and there is a key for the service. */
export async function examineWindows(settings: WindowsSettings, problems: Problems): Promise<void> {
  const { at, providers, requiresChannelBinding } = settings
  if (!providers.some((name) => name.startsWith('Negotiate'))) {
    const text = 'NTLM alone cannot be offered: there is no domain controller here that could check it.'
    problems.error(at, text, 'Add <add value="Negotiate" /> to <providers>, and give the clients tickets of Kerberos.')
  }
  if (requiresChannelBinding) {
    const text = 'tokenChecking="Require" cannot be kept: channel bindings are not checked here.'
    problems.error(at, text, 'Write tokenChecking="None", or let what stands before ancmd authenticate the users.')
  }
  await examineLdap(settings, problems)
  const kerberos = await loadKerberos()
  if (!kerberos.ok) {
    problems.error(at, `<windowsAuthentication> needs the npm package kerberos: ${kerberos.failure}.`, kerberosCure)
  }
  const keytab = await findKeytab(settings.keytab)
  if (keytab !== undefined) await examineKeytab(keytab, settings.service, at, problems)
}

async function examineKeytab(file: string, service: string | undefined, at: Place, problems: Problems): Promise<void> {
  let bytes: Buffer
  try {
    bytes = await readOrdinaryFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const cure =
      code === 'ENOENT'
        ? 'Export the key of HTTP/host to it (ktutil, msktutil, ktpass), or write keytab="…".'
        : 'Let the user read it whom the daemon runs as, and nobody else.'
    problems.error(at, `The keytab ${file} cannot be read (${code}).`, cure)
    return
  }
  const entries = readKeytab(bytes)
  if (entries === undefined)
    problems.error(at, `${file} is no keytab.`, 'Write the path of a file of ktutil or ktpass.')
  else if (!entries.some((entry) => isFor(entry, service))) {
    const wanted = service?.replace('@', '/') ?? 'HTTP/host'
    const names = [...new Set(entries.map(({ name, realm }) => `${name}@${realm}`))].join(', ')
    const text = `The keytab ${file} has no key of ${wanted}, but of ${names === '' ? 'nobody' : names}.`
    problems.error(at, text, `Export the key of ${wanted} to it.`)
  }
}

function isFor({ name }: KeytabEntry, service: string | undefined): boolean {
  return service === undefined ? /^HTTP\/./i.test(name) : name.toLowerCase() === service.replace('@', '/').toLowerCase()
}
