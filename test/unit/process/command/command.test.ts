import { describe, expect, test } from 'vitest'
import { commandLine, writtenCommandLine } from '../../../../src/process/command/command.ts'
import { memoryView } from '../memory-view.ts'
import { dotnet, found, refused } from '../resolving.ts'

describe('dotnet', () => {
  const app = { ...dotnet, '/srv/www/App.dll': 'file' } as const

  test.each(['dotnet', 'dotnet.exe', 'DOTNET', 'dotnet.EXE', '"dotnet"'])('%s is found on PATH', (processPath) => {
    const command = found(processPath, '.\\App.dll', memoryView(app))
    expect(command).toEqual({ file: '/usr/bin/dotnet', args: ['./App.dll'], cwd: '/srv/www', notes: [] })
  })

  test('a full path is used as it is', () => {
    const view = memoryView({ '/opt/dotnet/dotnet': 'executable', '/srv/www/App.dll': 'file' })
    expect(found('/opt/dotnet/dotnet', './App.dll', view).file).toBe('/opt/dotnet/dotnet')
  })

  test.each([
    ['dotnet', '"/srv/my\\app/App.dll"'],
    ['/opt/my\\net/dotnet', '.\\App.dll'],
    ['/srv/my\\app/App', ''],
  ])('a backslash in a full path is a letter when such a file is there: %s %s', (processPath, args) => {
    const files = { '/srv/my\\app/App.dll': 'file', '/srv/my\\app/App': 'executable' } as const
    const view = memoryView({ ...app, ...files, '/opt/my\\net/dotnet': 'executable' })
    const { file, args: given } = found(processPath, args, view)
    expect([file, ...given].join(' ')).toContain('my\\')
  })

  test('an executable dotnet in the application folder comes first', () => {
    const view = memoryView({ ...app, '/srv/www/dotnet': 'executable' })
    expect(found('dotnet', '.\\App.dll', view)).toMatchObject({ file: '/srv/www/dotnet', args: ['./App.dll'] })
  })

  test('a dotnet in the application folder that cannot be executed is passed over', () => {
    expect(found('dotnet', '.\\App.dll', memoryView({ ...app, '/srv/www/dotnet': 'file' })).file).toBe(
      '/usr/bin/dotnet',
    )
    const folder = memoryView({ ...app, '/srv/www/dotnet/readme.txt': 'file' })
    expect(found('dotnet', '.\\App.dll', folder).file).toBe('/usr/bin/dotnet')
  })

  test.each([
    ['/opt/net/dotnet', { dotnetRoot: '/opt/net' }],
    ['/usr/share/dotnet/dotnet', {}],
    ['/usr/lib/dotnet/dotnet', {}],
    ['/home/me/.dotnet/dotnet', {}],
  ])('off PATH it is found as %s', (file, where) => {
    const view = memoryView({ [file]: 'executable', '/srv/www/App.dll': 'file' })
    expect(found('dotnet', '.\\App.dll', view, where).file).toBe(file)
  })

  test('a failure names every place that was searched', () => {
    const failure = refused('dotnet', '.\\App.dll', memoryView({ '/srv/www/App.dll': 'file' }))
    expect(failure).toMatchObject({ why: 'not-found', wanted: 'dotnet' })
    expect(failure).toHaveProperty('lookedFor', [
      '/srv/www/dotnet',
      '/usr/local/bin/dotnet',
      '/usr/bin/dotnet',
      '/usr/share/dotnet/dotnet',
      '/usr/lib/dotnet/dotnet',
      '/usr/local/share/dotnet/dotnet',
      '/home/me/.dotnet/dotnet',
    ])
  })

  test('a Windows path to dotnet means the dotnet of this system', () => {
    for (const path of ['C:\\Program Files\\dotnet\\dotnet.exe', '%ProgramFiles%\\dotnet\\dotnet.exe']) {
      const command = found(path, '.\\App.dll', memoryView(app))
      expect(command.file).toBe('/usr/bin/dotnet')
      expect(command.notes).toEqual([`'${path}' is a Windows path: /usr/bin/dotnet is used.`])
    }
  })

  test('a dotnet that a relative or absolute path names is not searched elsewhere', () => {
    for (const path of ['.\\dotnet.exe', '/nope/dotnet', 'tools/dotnet']) {
      expect(refused(path, '.\\App.dll', memoryView(app)).why).toBe('not-found')
    }
  })
})

describe('the assembly that arguments name', () => {
  const view = memoryView({
    ...dotnet,
    '/srv/www/App.dll': 'file',
    '/srv/www/API X.dll': 'file',
    '/srv/www/bin/App.dll': 'file',
    '/srv/App.dll': 'file',
    '/srv/www/App.runtimeconfig.json': 'file',
  })

  test.each<[string, string[]]>([
    ['.\\App.dll', ['./App.dll']],
    ['App.dll', ['App.dll']],
    ['bin\\App.dll', ['bin/App.dll']],
    ['..\\App.dll', ['../App.dll']],
    ['/srv/www/App.dll', ['/srv/www/App.dll']],
    ['"exec" ".\\App.dll"', ['exec', './App.dll']],
    ['exec .\\App.dll extra "two words"', ['exec', './App.dll', 'extra', 'two words']],
    ['.\\API X.dll', ['./API X.dll']],
    ['.\\API X.dll --a', ['./API X.dll', '--a']],
    ['".\\API X.dll" --a', ['./API X.dll', '--a']],
    [
      'exec --runtimeconfig .\\App.runtimeconfig.json .\\App.dll',
      ['exec', '--runtimeconfig', './App.runtimeconfig.json', './App.dll'],
    ],
    ['.\\App.dll DOMAIN\\user c:\\temp', ['./App.dll', 'DOMAIN\\user', 'c:\\temp']],
    ['.\\App.dll .\\nothing .\\bin', ['./App.dll', '.\\nothing', './bin']],
    ['.\\App.dll --urls http://127.0.0.1:%aspnetcore_port%', ['./App.dll', '--urls', 'http://127.0.0.1:12345']],
    ['run', ['run']],
  ])('%s', (args, expected) => {
    expect(found('dotnet', args, view).args).toEqual(expected)
  })

  test('ends at a closing quote', () => {
    expect(found('dotnet', '".\\API" X.dll', view).args).toEqual(['.\\API', 'X.dll'])
  })

  test('is found when its letter case differs on disk, with a note', () => {
    const command = found('dotnet', '.\\app.DLL --x', view)
    expect(command.args).toEqual(['./App.dll', '--x'])
    expect(command.notes).toEqual(["'app.DLL' is spelled 'App.dll' on this disk."])
  })

  test('is a failure when it is not there', () => {
    const failure = refused('dotnet', '.\\Gone.dll', view)
    expect(failure).toMatchObject({ why: 'not-found', wanted: '.\\Gone.dll', lookedFor: ['/srv/www/Gone.dll'] })
  })

  test('is ambiguous when two files differ only in case and neither is meant exactly', () => {
    const two = memoryView({ ...dotnet, '/srv/www/App.dll': 'file', '/srv/www/APP.dll': 'file' })
    expect(refused('dotnet', '.\\app.dll', two).why).toBe('not-found')
    expect(found('dotnet', '.\\APP.dll', two).args).toEqual(['./APP.dll'])
  })
})

describe('any other program', () => {
  const node = { '/usr/bin/node': 'executable' } as const

  test('a bare name is looked for in the application folder, then on PATH', () => {
    expect(found('node', 'server.js', memoryView(node)).file).toBe('/usr/bin/node')
    expect(found('node.exe', 'server.js', memoryView(node)).file).toBe('/usr/bin/node')
    expect(found('node', '', memoryView({ ...node, '/srv/www/node': 'executable' })).file).toBe('/srv/www/node')
    expect(found('node', '', memoryView({ ...node, '/srv/www/node': 'file' })).file).toBe('/usr/bin/node')
    expect(found('node', '', memoryView({ ...node, '/srv/www/node/x': 'file' })).file).toBe('/usr/bin/node')
  })

  test('a first argument that looks like a path is translated, others only if the file exists', () => {
    const view = memoryView({ ...node, '/srv/www/app/server.js': 'file', '/srv/www/app.jar': 'file' })
    expect(found('node', '.\\server.js a\\b', view).args).toEqual(['./server.js', 'a\\b'])
    expect(found('node', 'app\\server.js', view).args).toEqual(['app/server.js'])
    expect(found('node', 'not\\there', view).args).toEqual(['not\\there'])
    expect(found('node', '-jar .\\app.jar --port %HTTP_PLATFORM_PORT%', view).args).toEqual([
      '-jar',
      './app.jar',
      '--port',
      '12345',
    ])
  })

  test.each([
    'bogus',
    '.\\bogus.exe',
    '/no/such/thing',
    'dotnet.zip',
    'C:\\Windows\\notepad.exe',
    '.',
  ])('%s is not found', (processPath) => {
    expect(refused(processPath, '', memoryView(node))).toMatchObject({ why: 'not-found', wanted: processPath })
  })

  test('a source folder is refused with the advice to publish it', () => {
    const failure = refused('%LAUNCHER_PATH%', '%LAUNCHER_ARGS%', memoryView(node))
    expect(failure).toMatchObject({ why: 'not-found', wanted: '%LAUNCHER_PATH%' })
    expect(failure.cure).toContain('dotnet publish')
  })
})

describe('a command as one line', () => {
  test('begins with the program, found or only written', () => {
    const command = { file: '/usr/bin/dotnet', args: ['App.dll', 'two words'], cwd: '/srv/www', notes: [] }
    expect(commandLine(command)).toBe('/usr/bin/dotnet App.dll "two words"')
    expect(writtenCommandLine({ processPath: 'dotnet', arguments: '.\\App.dll' })).toBe('dotnet .\\App.dll')
  })

  test('has no blank at its end where there are no arguments', () => {
    expect(writtenCommandLine({ processPath: '.\\App.exe', arguments: '' })).toBe('.\\App.exe')
  })
})
