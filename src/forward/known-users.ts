import type { Exchange } from '../http/exchange.ts'
import type { KnownUser } from '../http/known-user.ts'
import type { ForwardOptions } from './forwarder.ts'

/** The field that tells the application who the user is: Base64 of a JSON object in UTF-8. */
export const userField = 'MS-ASPNETCORE-ANCMD-USER'

/** The value of that field. */
export function userFieldValue({ name, authenticationType, groups }: KnownUser): string {
  return Buffer.from(JSON.stringify({ name, authenticationType, groups })).toString('base64')
}

/** The field of a response by which the hook Ancmd.Identity says that it has seen the request; in lower case. */
const proof = 'ms-aspnetcore-ancmd-identity'

/** Statuses of answers that Kestrel gives by itself, for requests that it cannot read. Those from 500 on are failures. */
const ofKestrel: ReadonlySet<number> = new Set([400, 408, 413, 414, 431])

/** The application has answered a user without having been told who it is. */
export class UserNotTaken extends Error {
  constructor() {
    super('the response does not show that the application knows the user')
    this.name = 'UserNotTaken'
  }
}

/**
 * Why the final head of a response is refused: the application has not taken the user, and what it answers may be meant
 * for anybody. Undefined when the head is not refused. `fieldsOf` returns the application's own fields, a flat list.
 */
export function userFault(
  { user }: Pick<Exchange, 'user'>,
  { provesUser }: Pick<ForwardOptions, 'provesUser'>,
  status: number,
  fieldsOf: () => readonly string[],
): UserNotTaken | undefined {
  if (user === undefined || provesUser !== true || status >= 500 || ofKestrel.has(status)) return undefined
  const isProved = fieldsOf().some((name, i) => i % 2 === 0 && name.toLowerCase() === proof)
  return isProved ? undefined : new UserNotTaken()
}
