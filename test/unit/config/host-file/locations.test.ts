import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemLine } from '../../../../src/config/problems.ts'
import { sameSettings } from '../../../../src/config/same-settings.ts'
import { applicationSource } from '../../../../src/config/web-config/application.ts'
import { maxAllowedContentLength } from '../../../../src/site/modules/request-filtering/request-filtering.ts'
import { aspNetCoreHandler, webConfig } from '../folders.ts'
import { hostFile, sections } from './read.ts'
import { apps, limit, load, location, own, reader, shop, sites } from './shop.ts'

async function limitOf(around: string, path: string, files?: Readonly<Record<string, string>>): Promise<number> {
  const loaded = await load(around, path, files)
  if (!loaded.ok) throw new Error(loaded.failure.map(problemLine).join('\n'))
  return maxAllowedContentLength(loaded.value)
}

async function refusal(around: string, path: string, files: Readonly<Record<string, string>>): Promise<string> {
  const loaded = await load(around, path, files)
  return loaded.ok ? '' : loaded.failure.map(problemLine).join('\n').replaceAll(reader.folder(), '<folder>')
}

describe('the sections of system.webServer in the host file', () => {
  test('are the outermost layer: each web.config may replace them', async () => {
    const around = `<system.webServer>${limit(1000)}</system.webServer>`
    expect(await limitOf(around, '/', apps)).toBe(1000)
    expect(await limitOf(around, '/other', { ...apps, 'other/web.config': own(limit(5)) })).toBe(5)
  })

  test.each([
    ['path=""', [2, 2, 2, 2]],
    ['path="."', [2, 2, 2, 2]],
    ['', [2, 2, 2, 2]],
    ['path="The shop"', [2, 2, 2, 2]],
    ['path="the SHOP" inheritInChildApplications="false"', [2, 1, 1, 1]],
    ['path="The shop/shop"', [1, 2, 2, 1]],
    ['path="The shop/Shop/" inheritInChildApplications="false"', [1, 2, 1, 1]],
    ['path="The shop/shop/api"', [1, 1, 2, 1]],
    ['path="The shop/sho"', [1, 1, 1, 1]],
    ['path="The shop/shop/images/large"', [1, 1, 1, 1]],
  ])('in <location %s> are for the applications at and below its path', async (attributes, expected) => {
    const around = `<system.webServer>${limit(1)}</system.webServer>${location(attributes, limit(2))}`
    const found: number[] = []
    for (const path of ['/', '/shop', '/shop/api', '/other']) found.push(await limitOf(around, path, apps))
    expect(found).toEqual(expected)
  })

  test('in the most specific location win, in whatever order they stand', async () => {
    const around = location('path="The shop/shop"', limit(3)) + location('path="The shop"', limit(2))
    expect(await limitOf(around, '/shop', apps)).toBe(3)
    expect(await limitOf(around, '/other', apps)).toBe(2)
  })

  test('can hold the whole command of an application, whose folder then needs no web.config', async () => {
    const loaded = await load(location('path="The shop/other"', `${aspNetCoreHandler}${shop}`), '/other', {
      'other/Shop.dll': '',
    })
    expect(loaded.ok && loaded.value.process.arguments).toBe('Shop.dll')
  })

  test('with an empty processPath, as IIS writes it, do not hide what was published into a folder', async () => {
    const runtime = '{ "runtimeOptions": { "framework": { "name": "Microsoft.AspNetCore.App" } } }'
    const around = '<system.webServer><aspNetCore processPath="" requestTimeout="00:00:07" /></system.webServer>'
    const loaded = await load(around, '/other', { 'other/Shop.runtimeconfig.json': runtime })
    expect(loaded.ok && loaded.value.process).toMatchObject({ arguments: '.\\Shop.dll', requestTimeout: 7000 })
  })

  test('are reviewed once, for the file, and not with each application', async () => {
    const around = `<system.webServer><asp />\n${limit(5)}<security><authentication><anonymousAuthentication enabled="false" /></authentication></security></system.webServer>`
    expect(await reader.problems(hostFile(sites, around))).toEqual([
      '1:34: notice: These mean nothing here: <asp> (line 1).',
      expect.stringMatching(/^2:\d+: warning: Anonymous users are kept out and no others can prove who they are/),
    ])
    const loaded = await load(around, '/shop', apps)
    expect(loaded.ok && loaded.value.notices).toEqual([])
  })

  test('with an error keep the whole file from being used, named once', async () => {
    const around = `<system.webServer>${limit(5).replace('5', 'many')}</system.webServer>`
    const problems = await reader.problems(hostFile(sites, around))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^1:\d+: error: maxAllowedContentLength="many" is malformed\./)
  })

  test('are the same when only their lines have moved', async () => {
    const around = location('path="The shop"', limit(2))
    const config = await reader.config(hostFile(sites, around))
    const moved = await reader.config(hostFile(sites, `\n<!-- moved -->\n${around}`))
    const changed = await reader.config(hostFile(sites, location('path="The shop"', limit(3))))
    const shopOf = (host: typeof config) => host.sites[0]?.applications[1]?.hostSections?.webServers
    expect(sameSettings(shopOf(config), shopOf(moved))).toBe(true)
    expect(sameSettings(shopOf(config), shopOf(changed))).toBe(false)
  })
})

describe('a <location> of the host file', () => {
  test.each([
    ['path="Shop"', '1:16: warning: <location path="Shop"> is for no site of this file.'],
    ['path="The shp"', 'Did you mean "The shop"?'],
    [
      'path="The shop" overrideMode="Perhaps"',
      'error: overrideMode="Perhaps" is malformed. Write Allow or Deny or Inherit.',
    ],
    ['path="The shop" overrideMode="Deny" allowOverride="false"', 'error: allowOverride stands beside overrideMode'],
    ['path="The shop" lockedUp="true"', 'error: <location> has no attribute "lockedUp".'],
  ])('%s is told what is wrong with it', async (attributes, expected) => {
    const problems = await reader.problems(hostFile(sites, location(attributes, limit(2))))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(expected)
  })

  test('of a path that another one has may not hold the same section', async () => {
    const two = `${location('path="The shop"', limit(2))}\n${location('path="the shop/"', `<asp />${limit(3)}`)}`
    const errors = (await reader.problems(hostFile(sites, two))).filter((line) => line.includes('error'))
    expect(errors).toEqual([
      '2:1: error: <security/requestFiltering> stands in a <location> of the same path on line 1 already. Put the two into one.',
    ])
    const different = location('path="The shop"', limit(2)) + location('path="The shop"', '<httpProtocol />')
    expect(await reader.problems(hostFile(sites, different))).toEqual([])
  })
})

describe('a section that is locked', () => {
  const declared = (section: string): string =>
    `<configSections><sectionGroup name="system.webServer"><sectionGroup name="security">${section}</sectionGroup><section name="handlers" /></sectionGroup></configSections>`
  const denied = declared('<section name="requestFiltering" overrideModeDefault="Deny" />')
  const written = { ...apps, 'shop/web.config': own(`\n${limit(5)}`), 'api/web.config': own(limit(5)) }

  test('by overrideModeDefault is refused in a web.config, naming both places', async () => {
    expect(await refusal(denied, '/shop', written)).toBe(
      '<folder>/shop/web.config:2:11: error: <security><requestFiltering> is locked by <folder>/ancmd.config, line 1. Remove it here, or put it there into <location path="." overrideMode="Allow"><system.webServer>.',
    )
    expect(await refusal(denied, '/other', written)).toBe('')
  })

  test('in the web.config of a parent application is refused for its children too', async () => {
    const inherited = { ...written, 'api/web.config': own('') }
    expect(await refusal(denied, '/shop/api', inherited)).toContain('<folder>/shop/web.config:2:11: error: ')
  })

  test.each([
    ['path="" overrideMode="Allow"', ''],
    ['path="The shop" overrideMode="Allow"', ''],
    ['path="The shop/shop" allowOverride="true"', ''],
    ['path="The shop/other" overrideMode="Allow"', 'is locked'],
    ['path="The shop" overrideMode="Inherit"', 'is locked'],
    ['path="The shop"', 'is locked'],
  ])('may be written where <location %s> holds it', async (attributes, expected) => {
    const text = await refusal(
      denied + location(attributes, '<security><requestFiltering /></security>'),
      '/shop',
      written,
    )
    expect(text).toContain(expected)
    if (expected === '') expect(text).toBe('')
  })

  test('by <location overrideMode="Deny"> is locked at its path and below, and nowhere else', async () => {
    const around = location('path="The shop/shop" overrideMode="Deny"', '<security><requestFiltering /></security>')
    expect(await refusal(around, '/shop', written)).toContain('is locked')
    expect(await refusal(around, '/shop/api', written)).toContain('is locked')
    expect(await refusal(around, '/other', { ...written, 'other/web.config': own(limit(5)) })).toBe('')
  })

  test('may be in the host file itself', async () => {
    expect(await limitOf(denied + location('path="The shop/shop"', limit(7)), '/shop', apps)).toBe(7)
  })

  test('is not locked where overrideModeDefault is missing; a word that nobody knows is an error', async () => {
    expect(await refusal(declared('<section name="requestFiltering" />'), '/shop', written)).toBe('')
    const odd = await reader.problems(hostFile(sites, denied.replace('Deny', 'Dney')))
    expect(odd).toEqual([expect.stringContaining('error: overrideModeDefault="Dney" is malformed.')])
  })
})

describe('a parent application', () => {
  test('is found by its virtual path, wherever its folder lies, and its folder names nothing', async () => {
    const files = { ...apps, 'shop/web.config': own(limit(9)), 'api/web.config': webConfig(`<handlers />${shop}`) }
    expect(await limitOf('', '/shop/api', files)).toBe(9)
    expect(await limitOf('', '/other', files)).toBe(30_000_000)
  })

  test('names its children in <location> by their virtual paths', async () => {
    const files = {
      ...apps,
      'shop/web.config': `<configuration>${location('path="api"', limit(9))}${location('path="." inheritInChildApplications="false"', `${aspNetCoreHandler}${shop}`)}</configuration>`,
    }
    expect(await limitOf('', '/shop/api', files)).toBe(9)
    expect(await limitOf('', '/shop', files)).toBe(30_000_000)
  })

  test('is found in any letter case', async () => {
    const config = await reader.config(hostFile(sites.replace('"/shop/api"', '"/SHOP/api"')), {
      ...apps,
      'shop/web.config': own(limit(9)),
      'api/web.config': webConfig(`<handlers />${shop}`),
    })
    const site = config.sites[0]
    const api = site?.applications[2]
    if (site === undefined || api === undefined) throw new Error('there is no application')
    const source = applicationSource(site, api, { environment: {}, sections })
    expect(source.parents).toEqual([join(reader.folder(), 'root'), join(reader.folder(), 'shop')])
  })
})
