import { isIP } from 'node:net'
import type { LdapServer } from '../schemes/authentication-settings.ts'

/** `ldaps://host`, `ldap://host:port`; an address of IPv6 stands in brackets. */
export const ldapUrl = 'ldaps?://([A-Za-z0-9.\\-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?/?'

const parts = /^ldap(s?):\/\/(?:\[(.*)\]|([^:]+?))(?::(\d+))?\/?$/

/** Reads urls with blanks between them. Undefined: one of them is none. */
export function readLdapServers(text: string): readonly LdapServer[] | undefined {
  const servers: LdapServer[] = []
  for (const url of text.split(' ').filter((part) => part !== '')) {
    const [, s, six, name, written] = parts.exec(url) ?? []
    const port = Number(written ?? (s === '' ? 389 : 636))
    const host = (six ?? name)?.toLowerCase()
    if (host === undefined || port < 1 || port > 65_535 || (six !== undefined && isIP(six) !== 6)) return undefined
    servers.push({ isTls: s === 's', host, port })
  }
  return servers
}

/** Whether nothing is encrypted, because everything stays on this machine. Every other ldap:// begins with StartTLS. */
export function isPlain({ isTls, host }: LdapServer): boolean {
  return !isTls && (host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host))
}

/** As it is written. */
export function serverText({ isTls, host, port }: LdapServer): string {
  return `${isTls ? 'ldaps' : 'ldap'}://${host.includes(':') ? `[${host}]` : host}:${String(port)}`
}
