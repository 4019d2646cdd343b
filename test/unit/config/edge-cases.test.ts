import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemLine, Problems } from '../../../src/config/problems.ts'
import { reportLostFeature } from '../../../src/config/sections/lost-features.ts'
import { loadWebConfig } from '../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../src/site/modules.ts'
import { createFolders, webConfig } from './folders.ts'

const sections = sectionsOf(modules)

const folderOf = createFolders()
const shop = '<aspNetCore processPath="dotnet" arguments="Shop.dll" />'

async function load(physicalPath: string, environment: Readonly<Record<string, string>> = {}) {
  return loadWebConfig({ physicalPath, virtualPath: '/', parents: [], environment, sections })
}

async function noticesOf(inside: string, environment?: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const loaded = await load(folderOf({ 'web.config': webConfig(inside) }), environment)
  return (loaded.ok ? loaded.value.notices : loaded.failure).map((problem) => problemLine(problem))
}

test('a web.config of enormous size is refused without being read', async () => {
  const folder = folderOf({ 'web.config': '' })
  truncateSync(join(folder, 'web.config'), 5 * 1024 ** 3)
  const loaded = await load(folder)
  expect(loaded.ok).toBe(false)
  expect(!loaded.ok && loaded.failure.map(({ text }) => text)).toEqual(['The file is larger than 1 MB.'])
})

test('a runtimeconfig.json that is too large is not taken for one of an application', async () => {
  const app = { runtimeOptions: { framework: { name: 'Microsoft.AspNetCore.App', version: '10.0.0' } } }
  const json = JSON.stringify({ ...app, padding: 'x'.repeat(1_100_000) })
  const loaded = await load(folderOf({ 'Shop.runtimeconfig.json': json }))
  expect(!loaded.ok && loaded.failure[0]?.text).toContain('Shop.runtimeconfig.json is no file, or too large')
})

test('a section that is written twice is reported once', async () => {
  expect(await noticesOf(`${shop}<caching /><caching /><tracing />`)).toHaveLength(2)
})

test('of many lost features ten are named, and the others counted', () => {
  const problems = new Problems()
  const names = Array.from({ length: 12 }, (_, at) => `r${String(at)}`)
  const at = { file: 'web.config', line: 1, column: 1 }
  reportLostFeature('<some>', { at, names, what: 'rules', restrictsAccess: false }, problems)
  const [notice] = problems.list.map(({ text }) => text)
  expect(notice).toContain('"r8", "r9" and 2 more.')
  expect(notice).not.toContain('"r10"')
})

test('of many variables without a value five are named', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `%N${String(at)}%`).join(' ')
  const [warning] = await noticesOf(`<aspNetCore processPath="dotnet" arguments="Shop.dll ${names}" />`)
  expect(warning).toContain('%N3%, %N4% has no value')
  expect(warning).not.toContain('%N5%')
})

test('the launcher variables are for <aspNetCore> alone', async () => {
  const handlers = '<handlers><add name="h" path="*" verb="*" modules="httpPlatformHandler" /></handlers>'
  const folder = folderOf({
    'web.config': webConfig(`${handlers}<httpPlatform processPath="java" arguments="-jar a" />`),
  })
  const loaded = await load(folder, { ANCM_LAUNCHER_PATH: '/opt/other', ANCM_LAUNCHER_ARGS: 'x' })
  expect(loaded.ok && loaded.value.process).toMatchObject({ processPath: 'java', arguments: '-jar a' })
})

test('the debug file can be named in the environment, as with ANCM', async () => {
  const folder = folderOf({ 'web.config': webConfig(shop) })
  const loaded = await load(folder, { ASPNETCORE_MODULE_DEBUG_FILE: '.\\logs\\debug.log' })
  expect(loaded.ok && loaded.value.process.handlerSettings.debugFile).toBe(join(folder, 'logs/debug.log'))
})

test('the fixed port of an <httpPlatform> program is read from HTTP_PLATFORM_PORT', async () => {
  const handlers = '<handlers><add name="h" path="*" verb="*" modules="httpPlatformHandler" /></handlers>'
  const fixing = (name: string): string =>
    `${handlers}<httpPlatform processPath="java" processesPerApplication="2"><environmentVariables>` +
    `<environmentVariable name="${name}" value="5000" /></environmentVariables></httpPlatform>`
  expect(await noticesOf(fixing('ASPNETCORE_PORT'))).toEqual([])
  expect((await noticesOf(fixing('http_platform_port'))).join()).toContain('HTTP_PLATFORM_PORT fixed to 5000')
})
