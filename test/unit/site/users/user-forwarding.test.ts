import { expect, test } from 'vitest'
import type { Exchange } from '../../../../src/http/exchange.ts'
import { ExchangeView } from '../../../../src/http/exchange-view.ts'
import type { KnownUser } from '../../../../src/http/known-user.ts'
import type { HookChoice, HookObstacle } from '../../../../src/process/command/startup-hooks.ts'
import { type AuthenticationScheme, userHooks } from '../../../../src/process/command/user-hook.ts'
import { UserForwarding } from '../../../../src/site/users/user-forwarding.ts'
import { exchangeOf } from '../support.ts'

const alice: KnownUser = { name: 'alice', authenticationType: 'Basic', groups: [], isInRole: () => false }
const ofAlice: Exchange = new ExchangeView(exchangeOf({}), { user: alice })

function forwarding(userForwarding?: 'header' | 'none', authentication: readonly AuthenticationScheme[] = ['basic']) {
  const said: string[] = []
  const application = { process: { userForwarding }, authentication }
  return { said, users: new UserForwarding(application, ({ text }) => void said.push(text)) }
}

function chosen(outcome: HookChoice['outcome']): readonly HookChoice[] {
  const [hook] = userHooks({ process: {}, authentication: ['basic'] })
  return hook === undefined ? [] : [{ hook, outcome }]
}

test('a user passes to an app that loads the hook, and the app has to show that it knows the user', () => {
  const { users, said } = forwarding()
  users.hooksChosen(chosen('loaded'))
  expect(users.provesUser).toBe(true)
  expect(users.pass(ofAlice)).toBe(ofAlice)
  expect(said).toEqual([])
})

test.each([
  { why: 'old-runtime' },
  { why: 'switched-off' },
  { why: 'no-runtime-config', program: '/bin/sh' },
] as const)('a user does not pass to an app that cannot load the hook, which is reported once: %o', (why: HookObstacle) => {
  const { users, said } = forwarding()
  users.hooksChosen(chosen(why))
  expect(users.pass(ofAlice)).toBeUndefined()
  expect(users.refused()).toMatchObject({ cause: said[0], details: [expect.stringContaining('readsUserHeader')] })
  users.hooksChosen(chosen(why))
  expect(said).toHaveLength(1)
})

test('a hook of another purpose says nothing about users', () => {
  const { users, said } = forwarding()
  users.hooksChosen([{ hook: { assembly: '/x.dll', purpose: 'p' }, outcome: { why: 'old-runtime' } }])
  expect(users.pass(ofAlice)).toBe(ofAlice)
  expect(said).toEqual([])
})

test('a user passes again when the app has been published anew for a runtime that loads the hook', () => {
  const { users } = forwarding()
  users.hooksChosen(chosen({ why: 'old-runtime' }))
  users.hooksChosen(chosen('loaded'))
  expect(users.pass(ofAlice)).toBe(ofAlice)
})

test('an app whose responses show nothing is reported once', () => {
  const { users, said } = forwarding()
  users.hooksChosen(chosen('loaded'))
  expect(users.refused().cause).toContain('CreateSlimBuilder')
  users.refused()
  expect(said).toHaveLength(1)
})

test('an app that reads the header gets the user and has nothing to show', () => {
  const { users } = forwarding('header')
  expect(users.provesUser).toBe(false)
  expect(users.pass(ofAlice)).toBe(ofAlice)
})

test('an app that gets no users gets the request without its user', () => {
  const { users } = forwarding('none')
  expect(users.provesUser).toBe(false)
  expect(users.pass(ofAlice)).not.toHaveProperty('user', alice)
  expect(ofAlice.user).toBe(alice)
})

test('a user of the configuration before is nobody where nobody is authenticated any more', () => {
  expect(forwarding(undefined, ['anonymous']).users.pass(ofAlice)).not.toHaveProperty('user', alice)
})

test('a process takes users as others do that were told of the same kinds of authentication in the same way', () => {
  const { users } = forwarding(undefined, ['basic', 'anonymous'])
  expect(users.takesUsersAs(forwarding(undefined, ['basic', 'anonymous']).users)).toBe(true)
  expect(users.takesUsersAs(forwarding(undefined, ['anonymous']).users)).toBe(false)
  expect(users.takesUsersAs(forwarding('header', ['basic', 'anonymous']).users)).toBe(false)
})
