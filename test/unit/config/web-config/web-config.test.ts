import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { WebConfig } from '../../../../src/config/model.ts'
import { loadWebConfig } from '../../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { maxAllowedContentLength } from '../../../../src/site/modules/request-filtering/request-filtering.ts'
import { createFolders, webConfig } from '../folders.ts'

const sections = sectionsOf(modules)

const folder = createFolders()

/** @param folders of the applications above: the first is the site's root, the second is one segment below it */
function loading(physicalPath: string, folders: readonly string[], virtualPath: string) {
  const parents = folders.map((parent, i) => {
    return {
      path: `/${virtualPath
        .split('/')
        .slice(1, i + 1)
        .join('/')}`,
      physicalPath: parent,
    }
  })
  return loadWebConfig({ physicalPath, virtualPath, parents, environment: {}, sections })
}

async function load(physicalPath: string, folders: readonly string[] = [], virtualPath = '/'): Promise<WebConfig> {
  const loaded = await loading(physicalPath, folders, virtualPath)
  if (!loaded.ok) throw new Error(loaded.failure.map(({ text }) => text).join('\n'))
  return loaded.value
}

async function refusal(physicalPath: string, folders: readonly string[] = [], virtualPath = '/'): Promise<string> {
  const loaded = await loading(physicalPath, folders, virtualPath)
  return loaded.ok ? 'none' : loaded.failure.map(({ file, line, text }) => `${file}:${String(line)} ${text}`).join('\n')
}

const shop = '<aspNetCore processPath="dotnet" arguments="Shop.dll" />'

describe('the file', () => {
  test.each(['Web.config', 'WEB.CONFIG', 'web.Config'])('is found as %s too', async (name) => {
    const app = folder({ [name]: webConfig(shop) })
    expect((await load(app)).files).toEqual([join(app, name)])
  })

  test('with its name in lower case is preferred to others', async () => {
    const app = folder({ 'Web.config': webConfig('<aspNetCore processPath="other" />'), 'web.config': webConfig(shop) })
    expect((await load(app)).process.processPath).toBe('dotnet')
  })

  test('larger than 1 MB is refused before it is read', async () => {
    const app = folder({ 'web.config': ' '.repeat(1_000_001) })
    expect(await refusal(app)).toBe(`${join(app, 'web.config')}:0 The file is larger than 1 MB.`)
  })

  test('that is a folder is refused', async () => {
    const app = folder({})
    mkdirSync(join(app, 'web.config'))
    expect(await refusal(app)).toContain('This is not a file.')
  })

  if (process.platform !== 'win32') {
    test('that is a pipe is refused without waiting for a writer', async () => {
      const app = folder({})
      execFileSync('mkfifo', [join(app, 'web.config')])
      expect(await refusal(app)).toContain('This is not a file.')
    })
  }

  test('that may not be read is refused with the reason', async () => {
    const app = folder({})
    symlinkSync('web.config', join(app, 'web.config'))
    expect(await refusal(app)).toContain('The file cannot be read (ELOOP).')
  })

  test('in a folder that was deleted is refused with the reason', async () => {
    expect(await refusal(join(folder({}), 'gone'))).toContain('The folder cannot be read (ENOENT).')
  })
})

test('the result is frozen at every depth', async () => {
  const inside =
    '<aspNetCore processPath="a"><environmentVariables><environmentVariable name="A" value="b" /></environmentVariables></aspNetCore>'
  const web = await load(folder({ 'web.config': webConfig(inside) }))
  const everything = [
    web,
    web.process,
    web.process.environmentVariables,
    web.process.environmentVariables[0],
    web.handlers,
  ]
  expect(
    [
      ...everything,
      web.handlers[0]?.verbs,
      web.files,
      web.notices,
      web.sections,
      web.sections['security/requestFiltering'],
    ].every(Object.isFrozen),
  ).toBe(true)
})

describe('a child application', () => {
  const parent = (inside: string, around?: (webServer: string) => string): string =>
    folder({ 'web.config': webConfig(inside, around) })

  test("inherits its parent's settings, and its own attributes win", async () => {
    const root = parent(
      '<aspNetCore processPath="dotnet" arguments="Root.dll" requestTimeout="00:05:00" stdoutLogFile=".\\logs\\out" />',
    )
    const app = folder({ 'web.config': webConfig('<handlers /><aspNetCore arguments="Child.dll" />') })
    const { process: inherited, handlers, files } = await load(app, [root], '/child')
    expect(inherited).toMatchObject({ processPath: 'dotnet', arguments: 'Child.dll', requestTimeout: 300_000 })
    expect(inherited.stdoutLogFile).toBe(join(app, 'logs/out'))
    expect(handlers.map(({ name }) => name)).toEqual(['aspNetCore'])
    expect(files).toEqual([join(root, 'web.config'), join(app, 'web.config')])
  })

  test('inherits environment variables one by one, in any letter case, unless it clears them', async () => {
    const variables = (entries: string): string =>
      `<aspNetCore processPath="a"><environmentVariables>${entries}</environmentVariables></aspNetCore>`
    const root = parent(
      variables('<environmentVariable name="A" value="1" /><environmentVariable name="B" value="2" />'),
    )
    const own = (entries: string): string => folder({ 'web.config': webConfig(`<handlers />${variables(entries)}`) })
    const added = await load(own('<environmentVariable name="a" value="3" />'), [root], '/child')
    expect(added.process.environmentVariables).toEqual([
      { name: 'B', value: '2' },
      { name: 'a', value: '3' },
    ])
    expect(added.notices).toEqual([])
    const cleared = await load(own('<clear /><environmentVariable name="C" value="4" />'), [root], '/child')
    expect(cleared.process.environmentVariables).toEqual([{ name: 'C', value: '4' }])
  })

  test('does not inherit from a location with inheritInChildApplications="false", as dotnet publish writes it', async () => {
    const keep = (webServer: string): string =>
      `<location path="." inheritInChildApplications="false">${webServer}</location>`
    const root = parent('<aspNetCore processPath="dotnet" arguments="Root.dll" requestTimeout="00:05:00" />', keep)
    const app = folder({ 'web.config': webConfig(shop) })
    expect((await load(app, [root], '/child')).process).toMatchObject({
      arguments: 'Shop.dll',
      requestTimeout: 120_000,
    })
  })

  test('is refused when its handler has the name of an inherited one, with the cure', async () => {
    const root = parent(shop)
    const app = folder({ 'web.config': webConfig(shop) })
    expect(await refusal(app, [root], '/child')).toBe(
      `${join(app, 'web.config')}:1 The handler "aspNetCore" is inherited from ${join(root, 'web.config')}, line 1, already.`,
    )
    const handlers =
      '<handlers><remove name="ASPNETCORE" /><add name="aspNetCore" path="api/*" verb="*" modules="AspNetCoreModuleV2" /></handlers>'
    const cured = folder({ 'web.config': webConfig(`${handlers}${shop}`) })
    expect((await load(cured, [root], '/child')).handlers.map(({ path }) => path)).toEqual(['api/*'])
  })

  test('has its own handlers before the inherited ones', async () => {
    const root = parent(shop)
    const handlers =
      '<handlers><add name="first" path="a/*" verb="*" modules="AspNetCoreModuleV2" /><add name="second" path="b/*" verb="*" modules="AspNetCoreModuleV2" /></handlers>'
    const app = folder({ 'web.config': webConfig(`${handlers}${shop}`) })
    const { handlers: order } = await load(app, [root], '/child')
    expect(order.map(({ name }) => name)).toEqual(['first', 'second', 'aspNetCore'])
  })

  test.each([
    'child',
    'CHILD',
    '/child/',
    '.\\child',
  ])('gets what its parent writes for <location path="%s">', async (path) => {
    const at = (webServer: string): string =>
      `<location path="${path}" inheritInChildApplications="false">${webServer}</location>`
    const root = parent(shop, at)
    const app = folder({ 'index.html': '' })
    expect((await load(app, [root], '/child')).process.arguments).toBe('Shop.dll')
    expect(await refusal(folder({ 'index.html': '' }), [root], '/other')).toContain('no *.runtimeconfig.json')
  })

  test('two levels below inherits from a location for the level between', async () => {
    const limit = (path: string, bytes: number, inherit: boolean): string =>
      `<location path="${path}" inheritInChildApplications="${String(inherit)}"><system.webServer><security><requestFiltering><requestLimits maxAllowedContentLength="${String(bytes)}" /></requestFiltering></security></system.webServer></location>`
    const root = folder({
      'web.config': `<configuration>${limit('a/b', 3, false)}${limit('a', 2, true)}${limit('.', 1, true)}${limit('a', 9, false)}</configuration>`,
    })
    const app = folder({ 'web.config': webConfig(shop) })
    expect(maxAllowedContentLength(await load(app, [root, folder({})], '/a/b'))).toBe(3)
    expect(maxAllowedContentLength(await load(app, [root, folder({})], '/a/c'))).toBe(2)
    expect(maxAllowedContentLength(await load(app, [root], '/d'))).toBe(1)
  })

  test('inherits from a location without inheritInChildApplications', async () => {
    const limit = (element: string): string => `<security><requestFiltering>${element}</requestFiltering></security>`
    const at = (webServer: string): string => `<location path=".">${webServer}</location>`
    const root = parent(`<handlers />${limit('<requestLimits maxAllowedContentLength="5" />')}`, at)
    const app = folder({ 'web.config': webConfig(`${shop}${limit('<requestLimits maxUrl="7" />')}`) })
    expect(maxAllowedContentLength(await load(app, [root], '/child'))).toBe(5)
  })

  test("outside of its parent's folder is matched with its locations by its virtual path", async () => {
    const between = folder({
      'web.config': `<configuration><location path="inner"><system.webServer><aspNetCore requestTimeout="00:00:07" /></system.webServer></location></configuration>`,
    })
    const app = folder({ 'web.config': webConfig(shop) })
    expect((await load(app, [folder({}), between], '/a/inner')).process.requestTimeout).toBe(7000)
  })

  test("inside of its parent's folder is matched with its locations by its virtual path", async () => {
    const between = folder({
      'web.config': `<configuration><location path="inner"><system.webServer><aspNetCore requestTimeout="00:00:07" /></system.webServer></location></configuration>`,
      'inner/web.config': webConfig(shop),
    })
    const { process: inner } = await load(join(between, 'inner'), [folder({}), between], '/a/inner')
    expect(inner.requestTimeout).toBe(7000)
  })

  test("is refused when a parent's file is broken, with the place in that file", async () => {
    const root = folder({ 'web.config': '<configuration>\n<oops' })
    const app = folder({ 'web.config': webConfig(shop) })
    expect(await refusal(app, [root], '/child')).toContain(`${join(root, 'web.config')}:2`)
  })

  test('does not repeat the warnings and notices of its parent', async () => {
    const root = parent('<handlers /><directoryBrowse enabled="true" /><teapot />')
    const own = webConfig(`${shop}<directoryBrowse enabled="true" />`)
    const { notices } = await load(folder({ 'web.config': own }), [root], '/child')
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('<directoryBrowse enabled="true">')])
  })

  test('whose handler was removed, without a section of its own, is refused', async () => {
    const root = parent(shop)
    const app = folder({ 'web.config': webConfig('<handlers><clear /></handlers>') })
    expect(await refusal(app, [root], '/child')).toContain('No handler passes requests to an application')
  })

  test('lists the files that may appear in its folders, so that they are watched', async () => {
    const root = folder({})
    const app = folder({ 'web.config': webConfig(shop) })
    expect((await load(app, [root], '/child')).files).toEqual([join(root, 'web.config'), join(app, 'web.config')])
  })
})
