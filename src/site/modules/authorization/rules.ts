import type { KnownUser } from '../../../http/known-user.ts'

/** One `<add>` of `<authorization>`. */
export interface AuthorizationRule {
  readonly accessType: 'Allow' | 'Deny'
  /** Names; `*` is everybody, `?` whoever is not known. */
  readonly users: readonly string[]
  readonly roles: readonly string[]
  /** Empty: every method. */
  readonly verbs: readonly string[]
}

/** Whether a user may send a request with this method; undefined: the user is not known. */
export type Evaluation = (user: KnownUser | undefined, method: string) => boolean

/**
 * Asks the rules in their order, those that deny first: the first one that is for the user and the method decides.
 * Where none is, access is denied.
 */
export function createEvaluation(rules: readonly AuthorizationRule[]): Evaluation {
  const prepared = rules.map((rule) => ({ rule, names: new Set(rule.users.map((name) => name.toLowerCase())) }))
  const ordered = [
    ...prepared.filter(({ rule }) => rule.accessType === 'Deny'),
    ...prepared.filter(({ rule }) => rule.accessType === 'Allow'),
  ]
  return (user, method) => {
    const found = ordered.find(({ rule, names }) => isForMethod(rule, method) && isForUser(rule, names, user))
    return found?.rule.accessType === 'Allow'
  }
}

/** Methods are what they are written as (RFC 9110 9.1), but a rule that denies one denies it however it is written. */
function isForMethod({ accessType, verbs }: AuthorizationRule, method: string): boolean {
  if (verbs.length === 0 || verbs.includes(method)) return true
  return accessType === 'Deny' && verbs.some((verb) => verb.toLowerCase() === method.toLowerCase())
}

function isForUser({ roles }: AuthorizationRule, names: ReadonlySet<string>, user: KnownUser | undefined): boolean {
  if (names.has('*')) return true
  if (user === undefined) return names.has('?')
  return names.has(user.name.toLowerCase()) || roles.some((role) => user.isInRole(role))
}
