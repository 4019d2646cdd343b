import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemLine } from '../../../../src/config/problems.ts'
import { loadWebConfig } from '../../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { createFolders } from '../folders.ts'

const sections = sectionsOf(modules)

const folder = createFolders()
const load = (physicalPath: string) =>
  loadWebConfig({ physicalPath, virtualPath: '/', parents: [], environment: {}, sections })

const aspNetCore = { name: 'Microsoft.AspNetCore.App', version: '10.0.0' }
const console = { name: 'Microsoft.NETCore.App', version: '10.0.0' }
const runtime = (options: object): string => JSON.stringify({ runtimeOptions: options })

async function commandOf(files: Readonly<Record<string, string>>): Promise<string> {
  const loaded = await load(folder(files))
  if (!loaded.ok) throw new Error(loaded.failure.map(problemLine).join('\n'))
  return `${loaded.value.process.processPath}|${loaded.value.process.arguments}`
}

async function refusalOf(files: Readonly<Record<string, string>>): Promise<string> {
  const app = folder(files)
  const loaded = await load(app)
  if (loaded.ok) throw new Error('it loads')
  expect(loaded.failure).toHaveLength(1)
  return problemLine(loaded.failure[0] as (typeof loaded.failure)[0]).replace(app, '<app>')
}

describe('a published folder without web.config', () => {
  test.each([
    ['framework', runtime({ framework: aspNetCore })],
    ['frameworks', runtime({ frameworks: [console, aspNetCore] })],
    ['frameworks, behind a byte order mark', `\ufeff${runtime({ frameworks: [aspNetCore] })}`],
  ])('runs under dotnet when %s names ASP.NET Core', async (_, json) => {
    expect(await commandOf({ 'Shop.runtimeconfig.json': json })).toBe('dotnet|.\\Shop.dll')
  })

  test('runs its own executable when it is self-contained', async () => {
    const json = runtime({ includedFrameworks: [console, aspNetCore] })
    expect(await commandOf({ 'Shop.runtimeconfig.json': json })).toBe('.\\Shop|')
  })

  test('keeps its whole name, with blanks and percent signs', async () => {
    const json = runtime({ framework: aspNetCore })
    expect(await commandOf({ 'My 100%PATH% Shop.runtimeconfig.json': json })).toBe('dotnet|".\\My 100%PATH% Shop.dll"')
  })

  test('gets one notice and every default, and both files are listed', async () => {
    const app = folder({ 'Shop.runtimeconfig.json': runtime({ framework: aspNetCore }), 'other.json': '{' })
    const loaded = await load(app)
    if (!loaded.ok) throw new Error('refused')
    const { notices, handlers, process: plan, files } = loaded.value
    expect(notices.map(problemLine)).toEqual([
      `${join(app, 'Shop.runtimeconfig.json')}:0:0: notice: There is no web.config: dotnet .\\Shop.dll is run, with every default.`,
    ])
    expect(handlers).toMatchObject([{ path: '*', verbs: ['*'], ours: true }])
    expect(plan).toMatchObject({
      startupTimeLimit: 120_000,
      startAttempts: 2,
      stdoutLogEnabled: false,
      hostingModel: 'outofprocess',
    })
    expect(files).toEqual([join(app, 'web.config'), join(app, 'Shop.runtimeconfig.json')])
  })

  test('ignores applications that are not ASP.NET Core', async () => {
    const files = {
      'Shop.runtimeconfig.json': runtime({ framework: aspNetCore }),
      'Tool.runtimeconfig.json': runtime({ framework: console }),
    }
    expect(await commandOf(files)).toBe('dotnet|.\\Shop.dll')
  })

  test('is refused when it contains no application', async () => {
    expect(await refusalOf({ 'index.html': '' })).toMatch(
      /^<app>\/web\.config:0:0: error: The folder has no web\.config and no \*\.runtimeconfig\.json\. Give ancmd the folder/,
    )
  })

  test('is refused when it contains several applications, with their names', async () => {
    const json = runtime({ framework: aspNetCore })
    expect(await refusalOf({ 'B.runtimeconfig.json': json, 'A.runtimeconfig.json': json })).toContain(
      'several applications: A.runtimeconfig.json, B.runtimeconfig.json. Write a web.config whose <aspNetCore> names the one',
    )
  })

  test('is refused when no runtimeconfig.json can be used, with the reason for each', async () => {
    const refused = await refusalOf({
      'Broken.runtimeconfig.json': '{',
      'Null.runtimeconfig.json': 'null',
      'Odd.runtimeconfig.json': runtime({ frameworks: 'Microsoft.AspNetCore.App', framework: [aspNetCore] }),
      'Tool.runtimeconfig.json': runtime({ framework: console }),
    })
    expect(refused).toContain(
      'Broken.runtimeconfig.json is not JSON, Null.runtimeconfig.json does not name Microsoft.AspNetCore.App',
    )
    expect(refused).toContain('Odd.runtimeconfig.json does not name')
    expect(refused).toContain('Tool.runtimeconfig.json does not name')
  })

  test('ignores a folder that is named like a runtimeconfig.json', async () => {
    const app = folder({})
    mkdirSync(join(app, 'Shop.runtimeconfig.json'))
    const loaded = await load(app)
    expect(loaded.ok ? '' : loaded.failure[0]?.text).toContain('Shop.runtimeconfig.json is no file')
  })
})
