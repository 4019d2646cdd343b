import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { bool, choice, string } from '../../../platform/schema.ts'
import type { GateAnswer, Module } from '../module.ts'
import { type AuthorizationRule, createEvaluation } from './rules.ts'

export interface AuthorizationSettings {
  /** Those that deny first, because they are asked first; each group in the order of the files. */
  readonly rules: readonly AuthorizationRule[]
}

interface AddAttributes {
  readonly accessType: 'Allow' | 'Deny'
  readonly users: string
  readonly roles: string
  readonly verbs: string
}

const table: CollectionTable<AddAttributes> = {
  what: 'rule',
  kinds: { accessType: choice(['Allow', 'Deny']), users: string(), roles: string(), verbs: string() },
  required: ['accessType'],
  key: ['users', 'roles', 'verbs'],
  defaults: { users: '', roles: '', verbs: '' },
  removedBy: [],
  attributes: { kinds: { bypassLoginPages: bool() }, defaults: { bypassLoginPages: true } },
}

/** What IIS itself has in its root: everybody is allowed. */
const everybody: AddAttributes = { accessType: 'Allow', users: '*', roles: '', verbs: '' }

const section: SectionReader<AuthorizationSettings> = {
  section: 'security/authorization',
  shape: collectionShape(table),
  read: (elements, { problems }) => {
    const entries = readCollection(elements, table, problems, [everybody])
    const rules = entries.map(({ values }): AuthorizationRule => {
      return {
        accessType: values.accessType ?? 'Deny',
        users: words(values.users),
        roles: words(values.roles),
        verbs: words(values.verbs),
      }
    })
    const [first] = rules
    const allowsEverybody = rules.length === 1 && first?.accessType === 'Allow' && first.users.includes('*')
    if (allowsEverybody && first.verbs.length === 0) return undefined
    return {
      rules: [
        ...rules.filter(({ accessType }) => accessType === 'Deny'),
        ...rules.filter(({ accessType }) => accessType === 'Allow'),
      ],
    }
  },
  describe: ({ rules }) =>
    rules.map(
      (rule) => [`authorization, ${rule.accessType === 'Deny' ? 'denied' : 'allowed'}`, ruleText(rule)] as const,
    ),
}

/**
 * `<security><authorization>`: refuses users by their name, their roles and the method. The user is the one that a
 * module for authentication has found (Exchange.user); without one everybody is anonymous (`?`).
 */
export const authorization: Module<AuthorizationSettings> = {
  section,
  create: ({ rules }) => {
    const isAllowed = createEvaluation(rules)
    return {
      gate: ({ user, method, upgrade }): GateAnswer | undefined => {
        // A WebSocket over HTTP/2 is a CONNECT, which the application gets as a GET.
        return isAllowed(user, upgrade === undefined ? method : 'GET') ? undefined : denied
      },
    }
  },
}

const denied: GateAnswer = { failure: { kind: 'user-denied' }, setting: '<authorization>' }

function words(text = ''): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function ruleText({ users, roles, verbs }: AuthorizationRule): string {
  const parts = [...users, ...roles.map((role) => `role ${role}`)]
  return `${parts.length === 0 ? 'nobody' : parts.join(', ')}${verbs.length === 0 ? '' : ` for ${verbs.join(', ')}`}`
}
