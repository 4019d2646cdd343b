import { describe, expect, test } from 'vitest'
import { frameworkDependent, memoryView, selfContained } from './memory-view.ts'
import { dotnet, found, refused } from './resolving.ts'

const windowsProgram = { text: 'MZ\u0090', x: true }

describe('an app published with its own executable', () => {
  test('runs as it is', () => {
    const view = memoryView({ '/srv/www/App': 'executable' })
    for (const path of ['.\\App', './App', 'App', '.\\App.exe', 'App.exe', '\\\\?\\/srv/www/App']) {
      expect(found(path, '--x .\\y', view)).toMatchObject({ file: '/srv/www/App', args: ['--x', '.\\y'] })
    }
  })

  test('for Windows, framework-dependent, runs by dotnet', () => {
    const view = memoryView({
      ...dotnet,
      '/srv/www/App.exe': windowsProgram,
      '/srv/www/App.dll': 'file',
      '/srv/www/App.runtimeconfig.json': frameworkDependent,
    })
    for (const path of ['.\\App.exe', 'App.exe', '.\\App']) {
      const command = found(path, 'extra .\\x', view)
      expect(command).toMatchObject({ file: '/usr/bin/dotnet', args: ['/srv/www/App.dll', 'extra', '.\\x'] })
      expect(command.notes).toHaveLength(1)
      expect(command.notes[0]).toContain('App.dll is run by /usr/bin/dotnet')
    }
  })

  test('runs by its native executable when a Windows one lies beside it', () => {
    const view = memoryView({ '/srv/www/App.exe': windowsProgram, '/srv/www/App': 'executable' })
    expect(found('.\\App.exe', '', view).file).toBe('/srv/www/App')
  })

  test('for Windows, self-contained, is refused with the cure', () => {
    const view = memoryView({
      ...dotnet,
      '/srv/www/App.exe': windowsProgram,
      '/srv/www/App.dll': 'file',
      '/srv/www/App.runtimeconfig.json': selfContained,
    })
    const failure = refused('.\\App.exe', '', view)
    expect(failure).toMatchObject({
      why: 'not-executable',
      file: '/srv/www/App.exe',
      reason: 'it is a program for Windows',
    })
    expect(failure.cure).toContain('linux-x64')
  })

  test('whose permission bits were lost runs by dotnet if it can', () => {
    const view = memoryView({
      ...dotnet,
      '/srv/www/App': { text: '\x7fELF' },
      '/srv/www/App.dll': 'file',
      '/srv/www/App.runtimeconfig.json': frameworkDependent,
    })
    const command = found('.\\App.exe', '', view)
    expect(command).toMatchObject({ file: '/usr/bin/dotnet', args: ['/srv/www/App.dll'] })
    expect(command.notes[0]).toContain('has no execute permission')
  })

  test('whose permission bits were lost is refused if it cannot, with the cure', () => {
    const failure = refused('./App', '', memoryView({ '/srv/www/App': { text: '\x7fELF' } }))
    expect(failure).toMatchObject({ why: 'not-executable', file: '/srv/www/App' })
    expect(failure.cure).toContain("chmod +x '/srv/www/App'")
  })

  test('that does not exist is a failure that names what was searched', () => {
    expect(refused('.\\App.exe', '', memoryView({ '/srv/www/web.config': 'file' }))).toMatchObject({
      why: 'not-found',
      wanted: '.\\App.exe',
      lookedFor: ['/srv/www/App.exe', '/srv/www/App', '/srv/www/App.dll'],
    })
  })

  test('is found when its letter case differs on disk, with a note', () => {
    const command = found('.\\app.exe', '', memoryView({ '/srv/www/App': 'executable' }))
    expect(command.file).toBe('/srv/www/App')
    expect(command.notes).toEqual(["'app' is spelled 'App' on this disk."])
  })

  test('without dotnet for its assembly says that dotnet is missing', () => {
    const view = memoryView({ '/srv/www/App.dll': 'file', '/srv/www/App.runtimeconfig.json': frameworkDependent })
    expect(refused('.\\App.exe', '', view)).toMatchObject({ why: 'not-found', wanted: 'dotnet' })
  })

  test('named by its assembly is refused with the cure', () => {
    const view = memoryView({ '/srv/www/App.dll': { text: 'MZ', x: true } })
    expect(refused('.\\App.dll', '', view).cure).toBe('Set processPath="dotnet" and arguments=".\\App.dll".')
  })
})
