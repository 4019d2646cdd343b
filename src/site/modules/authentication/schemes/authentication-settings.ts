import type { WebConfig } from '../../../../config/model.ts'
import type { Place } from '../../../../config/problems.ts'

/** What `<security><authentication>` comes to. */
export interface AuthenticationSettings {
  /** Whether a request without credentials passes. */
  readonly anonymous: boolean
  /** Undefined: not enabled. */
  readonly basic?: BasicSettings
  readonly windows?: WindowsSettings
  /** Where Digest is enabled, which there is not here. */
  readonly digest?: Place
}

export interface BasicSettings {
  /** Where the section is that enables it. */
  readonly at: Place
  /** Printable characters of ASCII. */
  readonly realm: string
  /** Absolute; undefined: none is written. */
  readonly usersFile?: string
}

export interface WindowsSettings {
  readonly at: Place
  /** In the order in which they are offered, in IIS's spelling. */
  readonly providers: readonly ProviderName[]
  /** Absolute; undefined: that of the daemon's environment, else the system's. */
  readonly keytab?: string
  /** The key that tickets must be for, such as `HTTP@www.example.org`; undefined: every key of a service HTTP. */
  readonly service?: string
  readonly groups: 'none' | 'system' | 'ldap'
  /** Undefined: nothing is written of a directory. */
  readonly ldap?: LdapSettings
  /** The NETBIOS name of the realm: its users are then called `NAME\user`, and no more `user@REALM`. */
  readonly netbiosName?: string
  /** Whether one ticket is enough for all requests of a connection. */
  readonly persistsPerConnection: boolean
  /** Whether clients have to bind their ticket to the TLS connection. */
  readonly requiresChannelBinding: boolean
}

/** The directory that tells of groups; what is missing in it is found by an examination. */
export interface LdapSettings {
  /** In the order in which they are tried. */
  readonly servers: readonly LdapServer[]
  /** The distinguished name below which users and groups are; '': none is written. */
  readonly base: string
  /** Who ancmd is to the directory; undefined: nobody, which it may allow. */
  readonly user?: string
  /** Absolute; its first line is the password. */
  readonly passwordFile?: string
  /** Absolute; a PEM file with the authorities to trust; undefined: those of the system. */
  readonly ca?: string
}

export interface LdapServer {
  /** Whether TLS comes first (ldaps). */
  readonly isTls: boolean
  /** An address of IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

export type ProviderName = 'Negotiate' | 'NTLM' | 'Negotiate:Kerberos'

/** The section's path below system.webServer, by which its settings are found in a WebConfig. */
export const authenticationPath = 'security/authentication'

/** The schemes that a configuration enables. */
export interface EnabledSchemes {
  readonly windows: boolean
  readonly basic: boolean
  readonly anonymous: boolean
}

/** IIS's default is that everybody is anonymous. */
export function enabledSchemes({ sections }: Pick<WebConfig, 'sections'>): EnabledSchemes {
  const settings = sections[authenticationPath] as AuthenticationSettings | undefined
  return {
    windows: settings?.windows !== undefined,
    basic: settings?.basic !== undefined,
    anonymous: settings?.anonymous ?? true,
  }
}
