import { describe, expect, test } from 'vitest'
import type { Command } from '../../../../src/process/command/command.ts'
import type { FolderView } from '../../../../src/process/system/folder-view.ts'
import {
  chooseHooks,
  obstacleText,
  startupHook,
  withStartupHooks,
} from '../../../../src/process/command/startup-hooks.ts'
import { memoryView } from '../memory-view.ts'

const hook = { assembly: '/opt/ancmd/Hook.dll', setsSwitch: 'Some.Switch', purpose: 'does something' }
const second = { ...hook, assembly: '/opt/ancmd/Second.dll' }
const config = '/srv/www/App.runtimeconfig.json'

interface Written {
  readonly version?: string
  readonly properties?: object
  readonly options?: object
}

function configText({ version = '10.0.0', properties, options }: Written): { text: string } {
  const framework = { name: 'Microsoft.AspNetCore.App', version }
  return { text: JSON.stringify({ runtimeOptions: { framework, configProperties: properties, ...options } }) }
}

function command(file: string, ...args: string[]): Command {
  return { file, args, cwd: '/srv/www', notes: [] }
}
const throughDotnet = command('/usr/bin/dotnet', 'App.dll')

async function outcome(view: FolderView, of = throughDotnet, wanted = hook): Promise<unknown> {
  const [choice] = await chooseHooks([wanted], of, view)
  return choice?.outcome
}

/** What comes of an app with this runtimeconfig.json. */
function written(about: Written, built: object = { [hook.assembly]: 'file' }): Promise<unknown> {
  return outcome(memoryView({ [config]: configText(about), ...built }))
}

describe('a startup hook is loaded', () => {
  test.each(['8.0.0', '9.0.0', '10.0.12', '10.0.0-preview.1', '11.0.0'])('by an app for .NET %s', async (version) => {
    expect(await written({ version })).toBe('loaded')
  })

  test.each([
    ['several frameworks', { framework: undefined, frameworks: [{ version: '8.0.0' }, { version: '8.0.0' }] }],
    ['a runtime of its own', { framework: undefined, includedFrameworks: [{ version: '10.0.12' }] }],
  ])('by an app with %s', async (_, options) => {
    expect(await written({ options })).toBe('loaded')
  })

  test('also when the assembly has an execute permission', async () => {
    expect(await written({}, { [hook.assembly]: 'executable' })).toBe('loaded')
  })

  test.each([
    command('/usr/bin/dotnet', '/srv/www/App.dll', '--urls', 'x.dll'),
    command('/usr/bin/dotnet', 'exec', 'App.dll'),
    command('/usr/bin/dotnet', 'exec', '--depsfile', 'other.dll', 'App.DLL'),
    command('/usr/bin/dotnet', '--roll-forward', 'Major', 'App.dll'),
    command('/srv/www/App'),
    command('/srv/www/App.exe'),
  ])('whatever way it is started: $file $args', async (started) => {
    expect(await outcome(memoryView({ [config]: configText({}), [hook.assembly]: 'file' }), started)).toBe('loaded')
  })

  test('by the file that --runtimeconfig names, not the one beside the assembly', async () => {
    const started = command('/usr/bin/dotnet', 'exec', '--runtimeconfig', 'old.json', 'App.dll')
    const view = memoryView({
      [config]: configText({}),
      '/srv/www/old.json': configText({ version: '6.0.0' }),
      [hook.assembly]: 'file',
    })
    expect(await outcome(view, started)).toEqual({ why: 'old-runtime' })
  })

  test('with a byte order mark in its runtimeconfig.json', async () => {
    const text = `\uFEFF${configText({}).text}`
    expect(await outcome(memoryView({ [config]: { text }, [hook.assembly]: 'file' }))).toBe('loaded')
  })
})

describe('a startup hook is left out', () => {
  test.each(['3.1.0', '6.0.0', '7.0.20'])('where the app names .NET %s: it would end at its start', async (version) => {
    expect(await written({ version })).toEqual({ why: 'old-runtime' })
  })

  test.each([
    ['no framework', { framework: undefined }],
    ['a framework without a version', { framework: { name: 'Microsoft.AspNetCore.App' } }],
    ['frameworks that are no list', { framework: undefined, frameworks: 'x' }],
  ])('where it names %s', async (_, options) => {
    expect(await written({ options })).toEqual({ why: 'old-runtime' })
  })

  test.each([false, 'false', 'False'])('where the app switches hooks off (%j)', async (value) => {
    const properties = { 'System.StartupHookProvider.IsSupported': value }
    expect(await written({ properties })).toEqual({ why: 'switched-off' })
  })

  test('but not where the app switches hooks on', async () => {
    expect(await written({ properties: { 'System.StartupHookProvider.IsSupported': true } })).toBe('loaded')
  })

  test.each([true, false])('where the app has set the switch itself to %j', async (value) => {
    expect(await written({ properties: { 'Some.Switch': value } })).toBe('needless')
    expect(await written({ version: '6.0.0', properties: { 'Some.Switch': value } })).toBe('needless')
  })

  test('where it was not built: a missing one would end the app at its start', async () => {
    expect(await written({}, {})).toEqual({ why: 'not-built', assembly: hook.assembly })
    expect(await written({}, { [`${hook.assembly}/x`]: 'file' })).toEqual({ why: 'not-built', assembly: hook.assembly })
  })

  test('where its path contains the separator of the list', async () => {
    const odd = { ...hook, assembly: '/opt/a:b/Hook.dll' }
    const view = memoryView({ [config]: configText({}), [odd.assembly]: 'file' })
    expect(await outcome(view, throughDotnet, odd)).toEqual({ why: 'unusable-path', assembly: odd.assembly })
  })

  test.each([
    ['no .NET program', command('/usr/bin/python3', 'App.dll')],
    ['a command of the SDK', command('/usr/bin/dotnet', 'run', 'App.dll')],
    ['the SDK alone', command('/usr/bin/dotnet')],
    ['an app without runtimeconfig.json', command('/usr/bin/dotnet', 'Other.dll')],
  ])('for %s', async (_, started) => {
    const view = memoryView({ [config]: configText({}), [hook.assembly]: 'file' })
    expect(await outcome(view, started)).toEqual({ why: 'no-runtime-config', program: started.file })
  })

  test.each(['', '{', 'null', '[]', '7', '{"runtimeOptions":null}'])('for a runtimeconfig.json of %j', async (text) => {
    expect(await outcome(memoryView({ [config]: { text }, [hook.assembly]: 'file' }))).toMatchObject({
      why: expect.stringMatching(/^(?:no-runtime-config|old-runtime)$/) as string,
    })
  })

  test('with a reason in words', () => {
    const { assembly } = hook
    expect(obstacleText({ why: 'not-built', assembly })).toContain('npm run build')
    expect(obstacleText({ why: 'unusable-path', assembly })).toContain("a folder with ':' in its name")
    expect(obstacleText({ why: 'switched-off' })).toContain('trimmed')
    expect(obstacleText({ why: 'old-runtime' })).toContain('.NET 8 or newer')
    expect(obstacleText({ why: 'no-runtime-config', program: '/bin/x' })).toContain('/bin/x has no runtimeconfig.json')
  })
})

describe('the environment', () => {
  const choices = [
    { hook, outcome: 'loaded' },
    { hook: { ...hook, assembly: '/left-out.dll' }, outcome: 'needless' },
    { hook: { ...hook, assembly: '/missing.dll' }, outcome: { why: 'switched-off' } },
    { hook: second, outcome: 'loaded' },
  ] as const

  test('has every hook that is loaded, and no other', () => {
    expect(withStartupHooks({ A: 'b' }, choices)).toEqual({
      A: 'b',
      DOTNET_STARTUP_HOOKS: '/opt/ancmd/Hook.dll:/opt/ancmd/Second.dll',
    })
    expect(withStartupHooks({ DOTNET_STARTUP_HOOKS: '' }, [choices[0]])).toEqual({
      DOTNET_STARTUP_HOOKS: '/opt/ancmd/Hook.dll',
    })
  })

  test("has the user's hooks first", () => {
    expect(withStartupHooks({ DOTNET_STARTUP_HOOKS: '/a.dll:/b.dll' }, [choices[0]])).toEqual({
      DOTNET_STARTUP_HOOKS: '/a.dll:/b.dll:/opt/ancmd/Hook.dll',
    })
  })

  test("names a hosting startup behind the user's own", () => {
    const choice = { hook: { assembly: '/x.dll', purpose: 'p', hostingStartup: 'X' }, outcome: 'loaded' } as const
    expect(withStartupHooks({}, [choice])).toEqual({
      DOTNET_STARTUP_HOOKS: '/x.dll',
      ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'X',
    })
    expect(withStartupHooks({ aspnetcore_HostingStartupAssemblies: 'Mine;Yours' }, [choices[0], choice])).toEqual({
      DOTNET_STARTUP_HOOKS: '/opt/ancmd/Hook.dll:/x.dll',
      aspnetcore_HostingStartupAssemblies: 'Mine;Yours;X',
    })
  })

  test('stays as it is where none is loaded', () => {
    const environment = { DOTNET_STARTUP_HOOKS: '/a.dll' }
    expect(withStartupHooks(environment, [choices[1], choices[2]])).toEqual({ DOTNET_STARTUP_HOOKS: '/a.dll' })
    expect(withStartupHooks({}, [])).toEqual({})
  })
})

test('a hook lies where the build puts it', () => {
  const about = { setsSwitch: 'S', purpose: 'p' }
  expect(startupHook('Name', about)).toEqual({
    ...about,
    assembly: expect.stringMatching(/\/dist\/hooks\/Name\.dll$/) as string,
  })
})
