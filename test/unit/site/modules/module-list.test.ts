import { describe, expect, test } from 'vitest'
import { stepsOf } from '../../../../src/site/compose-modules.ts'
import type { Module } from '../../../../src/site/modules/module.ts'
import { isRemoved, moduleList } from '../../../../src/site/modules/module-list.ts'
import { readSection } from './section.ts'

const read = (...files: readonly string[]) =>
  readSection(moduleList, ...files.map((inner) => `<modules>${inner}</modules>`))
const remove = (name: string): string => `<remove name="${name}" />`

describe('<modules>', () => {
  test.each([
    'WebDAVModule',
    'WebDAV',
    'FormsAuthentication',
    'WindowsAuthentication',
    'UrlRoutingModule-4.0',
    'Session',
  ])('may remove %s, with which nothing changes', (name) => {
    expect(read(remove(name))).toEqual({ settings: undefined, lines: [] })
  })

  test('switches RewriteModule off, in any letter case, until an inner file adds it again', () => {
    expect(read(remove('rewriteModule'))).toEqual({ settings: { removed: ['rewritemodule'] }, lines: [] })
    expect(read(remove('RewriteModule'), '<add name="RewriteModule" />')).toEqual({ settings: undefined, lines: [] })
    const sections = { modules: read(remove('RewriteModule')).settings }
    expect(isRemoved({ sections }, 'RewriteModule')).toBe(true)
    expect(isRemoved({ sections }, 'CustomErrorModule')).toBe(false)
    expect(isRemoved({ sections }, undefined)).toBe(false)
    expect(isRemoved({ sections: {} }, 'RewriteModule')).toBe(false)
  })

  test('leaves the steps of a module out that is switched off', () => {
    const rewrite: Module = { section: undefined, nativeName: 'RewriteModule', create: () => ({ isOfSite: true }) }
    const web = { sections: { modules: { removed: ['rewritemodule'] } }, handlers: [] }
    const facts = {} as Parameters<typeof stepsOf>[2]
    expect(stepsOf([rewrite], web, facts)).toEqual([{}])
    expect(stepsOf([rewrite], { ...web, sections: {} }, facts)).toEqual([{ isOfSite: true }])
    expect(stepsOf([rewrite], undefined, facts)).toEqual([{ isOfSite: true }])
  })

  test.each([
    'RequestFilteringModule',
    'IpRestrictionModule',
    'DynamicIpRestrictionModule',
    'UrlAuthorizationModule',
    'AnonymousAuthenticationModule',
    'windowsauthenticationmodule',
  ])('may not remove %s, which keeps clients out', (name) => {
    const { settings, lines } = read(remove(name))
    expect(settings).toBeUndefined()
    expect(lines).toEqual([
      `0.config:1:10: error: <remove name="${name.toLowerCase()}" /> would take away what keeps clients out. Remove it, and set what is wanted in the section of that module.`,
    ])
  })

  test('may not be cleared', () => {
    expect(read('<clear />').lines.join()).toMatch(
      /error: <modules> may not hold <clear>\. Write <remove name="…" \/> for each/,
    )
  })

  test('names the modules of an application that cannot run here, and none of IIS or ASP.NET itself', () => {
    expect(read('<add name="Audit" type="Shop.Audit, Shop" />').lines).toEqual([
      '0.config:1:10: notice: <modules> is not honoured; lost: modules "Audit". Where it matters, the application has to do it.',
    ])
    const standard =
      '<add name="HttpLoggingModule" lockItem="true" />' +
      '<add name="Session" type="System.Web.SessionState.SessionStateModule" preCondition="managedHandler" />'
    expect(read(standard)).toEqual({ settings: undefined, lines: [] })
  })

  test('takes no notice of runAllManagedModulesForAllRequests', () => {
    const xml = '<modules runAllManagedModulesForAllRequests="True" />'
    expect(readSection(moduleList, xml)).toEqual({ settings: undefined, lines: [] })
    expect(readSection(moduleList, '<modules runAll="true" />').lines).toHaveLength(1)
  })
})
