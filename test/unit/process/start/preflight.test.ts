import { expect, test } from 'vitest'
import { preflightStart } from '../../../../src/process/start/preflight.ts'
import { frameworkDependent, memoryView } from '../memory-view.ts'
import { launchOf } from '../support.ts'

const config = { processPath: 'dotnet', arguments: '.\\App.dll --urls http://127.0.0.1:%ASPNETCORE_PORT%' }

/** An application in /srv/www. */
function foreseen(files: Parameters<typeof memoryView>[0], inherited: Record<string, string> = { PATH: '/usr/bin' }) {
  return preflightStart(launchOf([], { physicalPath: '/srv/www', inherited, config }), memoryView(files))
}

test('a missing dotnet is reported with every place that was searched, and the cure', () => {
  const { failure, command } = foreseen({ '/srv/www/App.dll': 'file' })
  expect(command).toBeUndefined()
  expect(failure?.setting).toBe('processPath')
  expect(failure?.text).toMatch(
    /^'dotnet' was not found; looked for .*\/usr\/bin\/dotnet, .* Install the ASP\.NET Core runtime/,
  )
})

test('the command keeps the placeholder of a port that is not chosen yet', () => {
  const { failure, command } = foreseen({ '/usr/bin/dotnet': 'executable', '/srv/www/App.dll': 'file' })
  expect(failure).toBeUndefined()
  expect(command).toMatchObject({
    file: '/usr/bin/dotnet',
    args: ['./App.dll', '--urls', 'http://127.0.0.1:%ASPNETCORE_PORT%'],
  })
})

test('programs are searched on the PATH that web.config sets for the child', () => {
  const environmentVariables = [{ name: 'Path', value: '/opt/net' }]
  const launch = launchOf([], {
    physicalPath: '/srv/www',
    inherited: { PATH: '/usr/bin' },
    config: { ...config, environmentVariables },
  })
  const view = memoryView({ '/opt/net/dotnet': 'executable', '/srv/www/App.dll': 'file' })
  expect(preflightStart(launch, view).command?.file).toBe('/opt/net/dotnet')
})

test("an app's own executable finds the runtime by DOTNET_ROOT, else where installers put it", () => {
  const files = {
    '/srv/www/App': 'executable',
    '/srv/www/App.runtimeconfig.json': frameworkDependent,
    '/opt/net/host/fxr/8.0.0/a': 'file',
    '/opt/net/shared/Microsoft.AspNetCore.App/8.0.0/a': 'file',
    '/usr/share/dotnet/host/fxr/10.0.0/a': 'file',
    '/usr/share/dotnet/shared/Microsoft.AspNetCore.App/10.0.3/a': 'file',
  } as const
  const look = (inherited: Record<string, string>, without: string) => {
    const kept = Object.entries(files).filter(([path]) => !path.startsWith(without))
    const launch = launchOf([], {
      physicalPath: '/srv/www',
      inherited,
      config: { processPath: '.\\App', arguments: '' },
    })
    return preflightStart(launch, memoryView(Object.fromEntries(kept))).failure?.text
  }
  expect(look({}, 'nothing')).toBeUndefined()
  expect(look({ DOTNET_ROOT: '/opt/net' }, 'nothing')).toContain('but /opt/net has 8.0.0.')
  expect(look({}, '/usr/share/dotnet')).toBeUndefined()
})

test('no missing framework is reported when options of the host stand before the assembly', () => {
  const files = {
    '/opt/net/dotnet': 'executable',
    '/opt/net/host/fxr/8.0.0/a': 'file',
    '/srv/www/App.dll': 'file',
    '/srv/www/App.runtimeconfig.json': frameworkDependent,
  } as const
  const look = (written: string) => {
    const changes = { processPath: '/opt/net/dotnet', arguments: written }
    return preflightStart(launchOf([], { physicalPath: '/srv/www', inherited: {}, config: changes }), memoryView(files))
  }
  expect(look('.\\App.dll').failure?.text).toContain('Microsoft.AspNetCore.App 10.0.0')
  expect(look('exec --fx-version 8.0.0 .\\App.dll').failure).toBeUndefined()
})
