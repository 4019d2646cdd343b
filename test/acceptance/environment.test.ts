import { sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'

async function twin(
  environment: Readonly<Record<string, string>>,
  daemonEnvironment: Readonly<Record<string, string | undefined>> = {},
): Promise<(name: string) => Promise<string>> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { environment })
  const daemon = await startDaemon(folder, { environment: daemonEnvironment })
  return (name) => daemon.text(`/GetEnvironmentVariable?name=${name}`)
}

describe('the environment of the app', () => {
  test('env-total-and-values: one more variable in web.config is one more in the app', async () => {
    const count = async (environment: Readonly<Record<string, string>>): Promise<number> => {
      const folder = await copyApp('node-twin')
      await editWebConfig(folder, { environment })
      return Number(await (await startDaemon(folder)).text('/GetEnvironmentVariables'))
    }
    const base = await count({})
    expect(await count({ ANCMTestFoo: 'foo' })).toBe(base + 1)
    expect(await count({ ANCMTestFoo: 'foo', ANCMTestBar: 'bar' })).toBe(base + 2)
    expect(await count({ ANCMTestFoo: 'foo', ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'newValue' })).toBe(base + 1)
  })

  test('env-total-and-values: what the front sets is there, and what the system had is inherited', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { environment: { ANCMTestFoo: 'foo' } })
    const daemon = await startDaemon(folder, { environment: { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: undefined } })
    const dump = (await daemon.text('/DumpEnvironmentVariables')).split('<br/>')
    const names = dump.map((line) => line.slice(0, line.indexOf('=')))
    for (const name of ['PORT', 'APPL_PATH', 'IIS_HTTPAUTH', 'TOKEN', 'HOSTINGSTARTUPASSEMBLIES']) {
      expect(names).toContain(`ASPNETCORE_${name}`)
    }
    expect(names).toContain('PATH')
    expect(dump).toContain('ASPNETCORE_APPL_PATH=/')
    expect(dump).toContain('ASPNETCORE_IIS_HTTPAUTH=anonymous;')
    expect(dump).toContain('ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED=true')
    expect(dump.join('\n')).toMatch(
      /^ASPNETCORE_HOSTINGSTARTUPASSEMBLIES=;?Microsoft\.AspNetCore\.Server\.IISIntegration$/m,
    )
    expect(await daemon.text('/ExpandEnvironmentVariablesANCMTestFoo')).toBe('foo')
    expect(new Set(names).size).toBe(names.length)
  })

  test('env-long-value: 402 characters arrive as they are', async () => {
    const value = 'AReallyLongValueThatIsGreaterThan300CharactersToForceResize'.repeat(7).slice(0, 402)
    const read = await twin({ ASPNETCORE_INPROCESS_TESTING_LONG_VALUE: value })
    expect(await read('ASPNETCORE_INPROCESS_TESTING_LONG_VALUE')).toBe(value)
  })

  test('env-httpauth-wiped: a value of web.config for ASPNETCORE_IIS_HTTPAUTH is thrown away', async () => {
    const read = await twin({ ASPNETCORE_IIS_HTTPAUTH: 'shouldberemoved' })
    expect(await read('ASPNETCORE_IIS_HTTPAUTH')).toBe('anonymous;')
  })

  test("env-config-over-global: web.config wins over the daemon's environment", async () => {
    const read = await twin({ ASPNETCORE_ENVIRONMENT: 'Production' }, { ASPNETCORE_ENVIRONMENT: 'Development' })
    expect(await read('ASPNETCORE_ENVIRONMENT')).toBe('Production')
  })

  test('a name in web.config replaces an inherited one in other letters', async () => {
    const read = await twin({ aspnetcore_environment: 'Production' }, { ASPNETCORE_ENVIRONMENT: 'Development' })
    const values = await Promise.all([read('ASPNETCORE_ENVIRONMENT'), read('aspnetcore_environment')])
    expect(values.filter((value) => value !== '')).toEqual(['Production'])
  })

  test('ANCM_PREFER_ENVIRONMENT_VARIABLES turns that order round', async () => {
    const read = await twin(
      { ASPNETCORE_ENVIRONMENT: 'Production' },
      { ASPNETCORE_ENVIRONMENT: 'Staging', ANCM_PREFER_ENVIRONMENT_VARIABLES: 'true' },
    )
    expect(await read('ASPNETCORE_ENVIRONMENT')).toBe('Staging')
  })

  test('env-hostingstartup-override: a value of web.config stands alone, nothing is appended', async () => {
    const read = await twin(
      { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Asm2' },
      { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Asm1' },
    )
    expect(await read('ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')).toBe('Asm2')
  })

  test('an inherited ASPNETCORE_HOSTINGSTARTUPASSEMBLIES keeps its value and gains ours', async () => {
    const read = await twin({}, { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Asm1' })
    expect(await read('ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')).toBe('Asm1;Microsoft.AspNetCore.Server.IISIntegration')
  })

  test("values expand %NAME% from the daemon's environment, unknown names stay, an empty value is empty", async () => {
    const read = await twin(
      { Known: '<%OuterName%>', Unknown: '%NoSuchName%', Empty: '', Sibling: '%Known%' },
      { OuterName: 'outer', Known: undefined },
    )
    expect(await Promise.all(['Known', 'Unknown', 'Empty', 'Sibling'].map(read))).toEqual([
      '<outer>',
      '%NoSuchName%',
      '',
      '%Known%',
    ])
  })

  test('env-startup-hooks: DOTNET_STARTUP_HOOKS of web.config is passed on', async () => {
    expect(await (await twin({ DOTNET_STARTUP_HOOKS: '/some/hook.dll' }))('DOTNET_STARTUP_HOOKS')).toBe(
      '/some/hook.dll',
    )
  })

  test("env-physical-path: the working directory is the app's folder", async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/CurrentDirectory')).toBe(folder)
    expect(await daemon.text('/ASPNETCORE_IIS_PHYSICAL_PATH')).toBe(folder + sep)
  })

  test.skipIf(!hasDotnet)(
    'env-physical-path: so are the content root and the base directory of a .NET app',
    async () => {
      const folder = await dotnetApp('test-app')
      const daemon = await startDaemon(folder)
      expect(await daemon.text('/ContentRootPath')).toBe(folder)
      expect(await daemon.text('/WebRootPath')).toBe(`${folder}/wwwroot`)
      expect(await daemon.text('/CurrentDirectory')).toBe(folder)
      expect(await daemon.text('/BaseDirectory')).toBe(folder + sep)
    },
  )

  test("the front's own sockets and notifications are not the app's", async () => {
    const read = await twin(
      {},
      { NOTIFY_SOCKET: '/run/nothing', LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'x' },
    )
    const names = ['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']
    expect(await Promise.all(names.map(read))).toEqual(['', '', '', ''])
  })

  test('unit-config-keys: names of handlerSettings count in any case and position', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {
      handlerSettings: { handlerVersion: '88.93', FORWARDResponseConnectionHeader: 'true', debugLevel: 'error' },
    })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/ConnectionClose')).field('Connection')).toEqual(['close'])
  })
})
