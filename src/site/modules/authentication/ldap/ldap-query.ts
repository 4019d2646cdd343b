/** What entries have to be like. A value is never a part of a text, so that no name of a user can change a filter. */
export type LdapFilter =
  | { readonly and: readonly LdapFilter[] }
  | { readonly or: readonly LdapFilter[] }
  | { readonly attribute: string; readonly is: string | Buffer }
  /** The entry has the attribute. */
  | { readonly present: string }
  /** The attribute matches by another rule than its own, which is named by its OID. */
  | { readonly attribute: string; readonly rule: string; readonly is: string }

export interface LdapQuery {
  /** The distinguished name of the entry below which, or at which, it is looked for; '' is that of the server itself. */
  readonly base: string
  readonly scope: 'base' | 'sub'
  readonly filter: LdapFilter
  /** Those that the entries are wanted with. */
  readonly attributes: readonly string[]
}

export interface LdapEntry {
  readonly dn: string
  /** In the order of the server; none where the entry has no such attribute, or nobody may read it. */
  texts(attribute: string): readonly string[]
  /** The first value as bytes; for objectSid alone. */
  bytes(attribute: string): Buffer | undefined
}

/** Rejects with an LdapFailure if the answer is not whole. */
export type LdapSearch = (query: LdapQuery) => Promise<readonly LdapEntry[]>

/** The directory does not tell what is asked for; the message is a reason for the log. */
export class LdapFailure extends Error {
  override readonly name = 'LdapFailure'
}
