import { describe, expect, test } from 'vitest'
import type { KnownUser } from '../../../../src/http/known-user.ts'
import { access } from '../../../../src/site/modules/access.ts'
import { authorization } from '../../../../src/site/modules/authorization/authorization.ts'
import type { ModuleSteps } from '../../../../src/site/modules/module.ts'
import { readSection, requestFor, stepsFor, verdict, verdictOf } from './section.ts'

describe('authorization', () => {
  const rule = (accessType: string, more: string): string => `<add accessType="${accessType}" ${more} />`
  const rules = (...files: readonly string[]) =>
    stepsFor(
      authorization,
      files.map((inner) => `<authorization>${inner}</authorization>`),
    )
  const user = (name: string, ...roles: readonly string[]): KnownUser => ({
    name,
    authenticationType: 'Negotiate',
    groups: roles,
    isInRole: (role) => roles.includes(role),
  })
  const ask = (steps: ModuleSteps, who?: KnownUser, method = 'GET'): string => {
    const exchange = requestFor('/', { method })
    return verdictOf(steps.gate?.({ ...exchange, user: who } as never))
  }
  const [alice, bob] = [user('Alice', 'staff'), user('bob')]

  test('that denies ? answers the unknown by 401.2, and nobody else', () => {
    const steps = rules(rule('Deny', 'users="?"'))
    expect([ask(steps), ask(steps, alice)]).toEqual(['401.2', 'passes'])
  })

  test('that denies bob and allows * lets alice pass', () => {
    const steps = rules(`<clear />${rule('Allow', 'users="*"')}${rule('Deny', 'users="Bob"')}`)
    expect([ask(steps, alice), ask(steps, bob), ask(steps)]).toEqual(['passes', '401.2', 'passes'])
  })

  test('with verbs="GET" leaves a POST untouched', () => {
    const steps = rules(rule('Deny', 'users="*" verbs="GET"'))
    expect([ask(steps), ask(steps, undefined, 'POST'), ask(steps, undefined, 'get')]).toEqual([
      '401.2',
      'passes',
      '401.2',
    ])
  })

  test('of a child cannot allow again what the parent denies', () => {
    const steps = rules(rule('Deny', 'users="?"'), rule('Allow', 'users="?, alice"'))
    expect([ask(steps), ask(steps, alice)]).toEqual(['401.2', 'passes'])
  })

  test('denies whom no rule is for', () => {
    const steps = rules(`<remove users="*" roles="" verbs="" />${rule('Allow', 'users="alice, carol" roles="admins"')}`)
    expect([ask(steps, alice), ask(steps, bob), ask(steps, user('dora', 'admins')), ask(steps)]).toEqual([
      'passes',
      '401.2',
      'passes',
      '401.2',
    ])
    expect(ask(rules('<clear />'), alice)).toBe('401.2')
  })

  test('is off where everybody is allowed', () => {
    expect(readSection(authorization).settings).toBeUndefined()
    expect(readSection(authorization, '<authorization />')).toEqual({ settings: undefined, lines: [] })
    const written = readSection(authorization, `<authorization>${rule('allow', 'users="*"')}</authorization>`)
    expect(written).toEqual({ settings: undefined, lines: [] })
  })

  test('is refused with place and cure where it is wrong', () => {
    expect(readSection(authorization, '<authorization><add users="*" /></authorization>').lines).toEqual([
      '0.config:1:16: error: <add> has no accessType. Add accessType="…".',
    ])
    const twice = `<authorization>${rule('Deny', 'users="a"')}${rule('Allow', 'users="A"')}</authorization>`
    expect(readSection(authorization, twice).lines.join()).toContain('is added on line 1 already')
  })
})

describe('access', () => {
  test('with Ssl answers http by 403.4, and with Ssl128 by 403.5', () => {
    expect(verdict(stepsFor(access, ['<access sslFlags="Ssl" />']), '/')).toBe('403.4')
    expect(verdict(stepsFor(access, ['<access sslFlags="Ssl128" />']), '/')).toBe('403.5')
    expect(verdict(stepsFor(access, ['<access sslFlags="SslRequireCert" />']), '/')).toBe('403.7')
  })
})
