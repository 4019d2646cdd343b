/** Negotiate (RFC 4559 6) and NTLM authenticate a connection, not a single request. */
const scheme = /(?:^|,)[ \t]*(?:negotiate|ntlm)(?=[ \t,]|$)/i

/**
 * Whether a list of challenges, or credentials, name a scheme that authenticates a connection. A comma within quotes
 * counts as a separator: a false alarm costs a connection, but a scheme that is missed would give one user's rights to
 * others.
 */
export function authenticatesConnection(value: string): boolean {
  return scheme.test(value)
}
