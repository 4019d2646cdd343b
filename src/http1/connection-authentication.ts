/** RFC 4559 6 and NTLM: these say who is at the other end of a connection, and not who sends one request. */
const scheme = /(?:^|,)[ \t]*(?:negotiate|ntlm)(?=[ \t,]|$)/i

/**
 * Is a challenge in this list (or the credentials) of a scheme that authenticates a connection? A comma within quotes counts as
 * one of the list: that costs a connection, where to overlook one would give a user's rights away.
 */
export function authenticatesConnection(value: string): boolean {
  return scheme.test(value)
}
