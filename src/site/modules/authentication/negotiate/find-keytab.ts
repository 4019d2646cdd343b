import { readFile } from 'node:fs/promises'
import { nativeVariable } from '../../../../platform/native/native-environment.ts'

const systemKeytab = '/etc/krb5.keytab'

/**
 * The file that the Kerberos library takes its keys from: the one that is configured, else that of KRB5_KTNAME, of
 * krb5.conf, of the system. Undefined: it is no file, so that nobody can look into it.
 */
export async function findKeytab(configured: string | undefined): Promise<string | undefined> {
  const named = configured ?? nativeVariable('KRB5_KTNAME') ?? (await ofConfiguration()) ?? systemKeytab
  if (named.startsWith('/')) return named
  return /^(?:WR)?FILE:(.*)$/.exec(named)?.[1]
}

async function ofConfiguration(): Promise<string | undefined> {
  const [file = ''] = (nativeVariable('KRB5_CONFIG') ?? '/etc/krb5.conf').split(':')
  const text = await readFile(file, 'utf8').catch(() => '')
  return /^\s*default_keytab_name\s*=\s*(\S+)/m.exec(text)?.[1]
}
