import { chmodSync, symlinkSync } from 'node:fs'
import { Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { createFolders, webConfig } from '../config/folders.ts'
import { check, command } from './terminal.ts'

const folderOf = createFolders()
const windowsProgram = 'MZ\u0090\u0000'

function runtimeConfig(options: object): string {
  return JSON.stringify({ runtimeOptions: options })
}

const sharedFramework = { framework: { name: 'Microsoft.AspNetCore.App', version: '10.0.0' } }

/** A folder whose web.config starts this; `node` stands for a program that is there. */
function folderThatStarts(section: string, files: Readonly<Record<string, string>> = {}): string {
  return folderOf({ 'web.config': webConfig(section), ...files })
}

/** A runtime of its own: `dotnet` in the application's folder, with these versions of the shared framework. */
function withRuntime(folder: string, versions: readonly string[]): void {
  const files: Record<string, string> = { dotnet: '#!/bin/sh\n', 'host/fxr/10.0.0/libhostfxr.so': '' }
  for (const version of versions) files[`shared/Microsoft.AspNetCore.App/${version}/a.dll`] = ''
  const root = folderOf(files)
  chmodSync(join(root, 'dotnet'), 0o755)
  symlinkSync(join(root, 'dotnet'), join(folder, 'dotnet'))
}

describe('a folder that cannot start ends check with exit code 78, with the place and the words of run', () => {
  test('published for Windows with a runtime of its own', async () => {
    const folder = folderThatStarts('<aspNetCore processPath=".\\App.exe" />', {
      'App.exe': windowsProgram,
      'App.dll': '',
      'App.runtimeconfig.json': runtimeConfig({ includedFrameworks: [sharedFramework.framework] }),
    })
    const { code, out, lines } = await check(folder)
    expect(code).toBe(78)
    expect(lines[0]).toMatch(/^<app>\/web\.config:1:\d+: error: '<app>\/App\.exe' cannot be run: it is a program for/)
    expect(out).toContain('dotnet publish -r linux-x64')
  })

  test('the assembly is missing', async () => {
    const section = '<aspNetCore processPath="dotnet" arguments=".\\Gone.dll" />'
    const folder = folderThatStarts(section)
    withRuntime(folder, ['10.0.0'])
    const { code, lines } = await check(folder)
    const column = webConfig(section).indexOf('.\\Gone.dll') + 1
    expect(code).toBe(78)
    expect(lines[0]).toBe(
      `<app>/web.config:1:${String(column)}: error: '.\\Gone.dll' was not found; looked for <app>/Gone.dll. ` +
        'Correct arguments, or publish the app again.',
    )
    expect((await check(folder, '--json')).code).toBe(78)
  })

  test.each([
    ['an absolute Windows path', 'C:\\inetpub\\App.exe', "'C:\\inetpub\\App.exe' was not found. It is a Windows path"],
    ['%HOME% mixed in', '%HOME%\\site\\App.exe', 'looked for /home/shop/site/App.exe, /home/shop/site/App,'],
    ['a variable that only Windows has', '%ProgramFiles%\\App\\App.exe', 'It is a Windows path'],
  ])('%s', async (_, processPath, said) => {
    const { code, lines } = await check(folderThatStarts(`<aspNetCore processPath="${processPath}" />`))
    expect(code).toBe(78)
    const errors = lines.filter((line) => line.includes(': error: '))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(said)
  })

  test('a program that lost its execute permission', async () => {
    const folder = folderThatStarts('<aspNetCore processPath="./app.sh" />', { 'app.sh': '#!/bin/sh\n' })
    const { code, out } = await check(folder)
    expect(code).toBe(78)
    expect(out).toContain('it has no execute permission')
  })

  test('an impossible port, with the place of <environmentVariables>', async () => {
    const variables = '<environmentVariables><environmentVariable name="ASPNETCORE_PORT" value="80" />'
    const section = `<aspNetCore processPath="/bin/sh">\n ${variables}</environmentVariables></aspNetCore>`
    const { code, lines } = await check(folderThatStarts(section))
    expect(code).toBe(78)
    expect(lines[0]).toBe(
      "<app>/web.config:2:2: error: ASPNETCORE_PORT is '80', but must be a number from 1025 to 48000.",
    )
  })

  test('an <httpPlatform> program as well', async () => {
    const handler = '<handlers><add name="h" path="*" verb="*" modules="httpPlatformHandler" /></handlers>'
    const { code, out } = await check(folderThatStarts(`${handler}<httpPlatform processPath="no-such-java" />`))
    expect(code).toBe(78)
    expect(out).toContain("'no-such-java' was not found")
  })
})

describe('the shared framework that an application asks for', () => {
  const app = (options: object, versions: readonly string[], section = ''): string => {
    const folder = folderThatStarts(`<aspNetCore processPath="dotnet" arguments=".\\App.dll">${section}</aspNetCore>`, {
      'App.dll': '',
      'App.runtimeconfig.json': `\ufeff${runtimeConfig(options)}`,
    })
    withRuntime(folder, versions)
    return folder
  }
  const asking = (version: string, more: object = {}): object => {
    return { frameworks: [{ name: 'Microsoft.AspNetCore.App', version }], ...more }
  }

  test.each([
    ['10.0.0', ['10.0.12'], {}],
    ['10.0.0', ['10.0.0'], {}],
    ['10.0.0', ['10.2.1'], {}],
    ['8.0.5', ['9.0.0'], { rollForward: 'Major' }],
    ['8.0.5', ['9.0.0'], { rollForward: 'LatestMajor' }],
    ['8.0.5', ['9.0.0'], { rollForwardOnNoCandidateFx: 2 }],
    ['8.0.5', ['8.0.9', '6.0.1'], { rollForward: 'LatestPatch' }],
    ['8.0.5', ['8.0.5'], { rollForward: 'Disable' }],
    ['10.0.0-rc.1.25', ['10.0.0-rc.2.1'], {}],
  ])('%s is served by %j with %j', async (wanted, installed, more) => {
    expect((await check(app(asking(wanted, more), installed))).code).toBe(0)
  })

  test.each([
    ['8.0.0', ['10.0.12'], {}, 'Minor'],
    ['10.0.5', ['10.0.4'], {}, 'Minor'],
    ['10.0.0', ['10.0.0-rc.1'], {}, 'Minor'],
    ['8.0.5', ['8.1.0'], { rollForward: 'LatestPatch' }, 'LatestPatch'],
    ['8.0.5', ['8.1.0'], { rollForwardOnNoCandidateFx: 0 }, 'LatestPatch'],
    ['8.0.5', ['8.0.6'], { rollForward: 'Disable' }, 'Disable'],
    ['8.0.5', ['7.0.0'], { rollForward: 'Major' }, 'Major'],
    ['8.0.5', [], {}, 'Minor'],
  ])('%s is not served by %j with %j', async (wanted, installed, more, policy) => {
    const { code, out } = await check(app(asking(wanted, more), installed))
    expect(code).toBe(78)
    expect(out).toContain(`App.runtimeconfig.json asks for Microsoft.AspNetCore.App ${wanted} (rollForward ${policy})`)
    expect(out).toContain(installed.length === 0 ? 'has none' : `has ${installed.join(', ')}`)
    expect(out).toContain('DOTNET_ROLL_FORWARD=Major')
  })

  test('DOTNET_ROLL_FORWARD of web.config wins over the file', async () => {
    const variable = '<environmentVariable name="DOTNET_ROLL_FORWARD" value="Major" />'
    const folder = app(asking('8.0.0'), ['10.0.1'], `<environmentVariables>${variable}</environmentVariables>`)
    expect((await check(folder)).code).toBe(0)
  })

  test('is not looked for when dotnet is only a script', async () => {
    const folder = folderThatStarts('<aspNetCore processPath="dotnet" arguments=".\\App.dll" />', {
      'App.dll': '',
      'App.runtimeconfig.json': runtimeConfig(sharedFramework),
      dotnet: '#!/bin/sh\n',
    })
    chmodSync(join(folder, 'dotnet'), 0o755)
    expect((await check(folder)).code).toBe(0)
  })
})

describe('check', () => {
  test.each(['/sub', '/sub/', '/a/b//', '/.well-known/..a'])('takes --path-base %s', async (path) => {
    const { code, out } = await check(folderThatStarts('<aspNetCore processPath="/bin/sh" />'), '--path-base', path)
    expect(code).toBe(0)
    expect(out).toContain(`application ${path.replace(/\/+$/, '')} in `)
  })

  test.each([
    'sub',
    '/a b',
    '/a//b',
    '/a?b',
    '/a#b',
    '/a%20b',
    '/a\\b',
    '//',
    '/a/../b',
    '/.',
  ])('refuses --path-base %s', async (path) => {
    const { code, out, err } = await command(['check', '.', '--path-base', path])
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(`not '${path}'`)
  })

  test('names what run would read differently from how it is written', async () => {
    const folder = folderThatStarts('<aspNetCore processPath="dotnet" arguments=".\\app.dll" />', { 'App.dll': '' })
    withRuntime(folder, [])
    const { code, out } = await check(folder)
    expect(code).toBe(0)
    expect(out).toContain("notice: 'app.dll' is spelled 'App.dll' on this disk.")
  })

  test('ends with 0 where there are only warnings', async () => {
    const { code, out } = await check(
      folderThatStarts(
        '<aspNetCore processPath="/bin/sh" /><security><authentication><anonymousAuthentication enabled="false" /></authentication></security><bogus />',
      ),
    )
    expect(out.match(/: warning: /g)).toHaveLength(2)
    expect(code).toBe(0)
    expect((await check(folderThatStarts('<aspNetCore processPath="/bin/sh" /><bogus />'), '--json')).code).toBe(0)
  })

  test('says of every section of a web.config how it stands, with the reason and the cure', async () => {
    const folder = folderThatStarts(
      '<aspNetCore processPath="/bin/sh" />\n<caching />\n<asp /><security><ipSecurity />\n<access /></security><teapot /><caching />',
    )
    const { out, code } = await check(folder)
    expect(code).toBe(0)
    const lines = out.replaceAll(folder, '<app>').split('\n')
    const from = lines.indexOf('sections of <app>/web.config')
    expect(lines.slice(from + 1, -1).map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
      '|handlers (line 1)|honoured',
      '|aspNetCore (line 1)|honoured',
      '|caching (lines 2, 4)|meaningless: There is no output cache here. Let the application cache (UseOutputCache).',
      '|asp (line 3)|meaningless: There is no classic ASP here. Leave it out; classic ASP needs IIS.',
      expect.stringMatching(/^\|security\/ipSecurity \(line 3\)\|(?:coming: |honoured$)/),
      '|security/access (line 4)|honoured',
      '|teapot (line 4)|unknown: IIS has no such section. Remove it.',
    ])
  })

  test('says so as JSON too, and of files that have errors', async () => {
    const { out, code } = await check(folderThatStarts('<aspNetCore procesPath="/bin/sh" /><asp />'), '--json')
    expect(code).toBe(78)
    const { sections, plan } = JSON.parse(out) as { sections: readonly unknown[]; plan?: unknown }
    expect(plan).toBeUndefined()
    expect(sections).toMatchObject([
      { section: 'handlers', lines: [1], standing: 'honoured' },
      { section: 'aspNetCore', lines: [1], standing: 'honoured' },
      { section: 'asp', lines: [1], standing: 'meaningless', reason: 'There is no classic ASP here.' },
    ])
  })

  test('opens no port, not even one that web.config fixes', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen')
    const variable = '<environmentVariable name="ASPNETCORE_PORT" value="15000" />'
    for (const inside of ['', `<environmentVariables>${variable}</environmentVariables>`]) {
      const { code } = await check(folderThatStarts(`<aspNetCore processPath="/bin/sh">${inside}</aspNetCore>`))
      expect(code).toBe(0)
    }
    expect(listen).not.toHaveBeenCalled()
  })

  test.each([[[]], [['--json']]])('says of a folder that is not there so once, %j', async (args: string[]) => {
    const folder = join(folderOf({}), 'nofolder')
    const { code, out } = await check(folder, ...args)
    expect(code).toBe(78)
    expect(out.match(/nofolder/g)).toHaveLength(1)
    expect(out.match(/There is no such folder/g)).toHaveLength(1)
  })
})
