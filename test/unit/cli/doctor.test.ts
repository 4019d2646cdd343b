import { chmodSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFolders, webConfig } from '../config/folders.ts'
import { command, type Said } from './terminal.ts'

const folderOf = createFolders()
const environment = { PATH: '/usr/bin:/bin', HOME: '/tmp' }

const healthy = {
  'web.config': webConfig('<aspNetCore processPath="node" arguments="server.mjs" />'),
  'server.mjs': '',
}

async function doctor(folder: string, ...args: readonly string[]): Promise<Said> {
  const said = await command(['doctor', folder, '--port', '0', ...args], { environment })
  return { ...said, out: said.out.replaceAll(folder, '<app>') }
}

/** An app of .NET in its own folder, run by a `dotnet` beside which these versions of ASP.NET Core are installed. */
function dotnetApp(wants: string, installed: readonly string[], properties: object = {}): string {
  const framework = { name: 'Microsoft.AspNetCore.App', version: wants }
  const files: Record<string, string> = {
    'web.config': webConfig('<aspNetCore processPath="dotnet" arguments=".\\Shop.dll" />'),
    'Shop.dll': '',
    'Shop.runtimeconfig.json': JSON.stringify({ runtimeOptions: { framework, configProperties: properties } }),
    dotnet: '#!/bin/sh\n',
    'host/fxr/10.0.0/libhostfxr.so': '',
  }
  for (const version of installed) files[`shared/Microsoft.AspNetCore.App/${version}/a.dll`] = ''
  const folder = folderOf(files)
  chmodSync(join(folder, 'dotnet'), 0o755)
  return folder
}

test('a folder that can run here: every check is named, and the exit code is 0', async () => {
  const { code, out, err } = await doctor(folderOf(healthy))
  expect(err).toBe('')
  expect(out).toMatch(/ok +configuration/)
  expect(out).toMatch(/ok +ports/)
  expect(out).toMatch(/ok +files +\S+ can read 2 files of <app>/)
  expect(out).toMatch(/ok +program +\/\S+\/node, /)
  expect(out).toMatch(/(?:ok|warning) +limits/)
  expect(code).toBe(0)
})

describe('what keeps an app from running is an error with the command that mends it, and exit code 1', () => {
  test('the runtime that the app asks for is missing', async () => {
    const { code, out } = await doctor(dotnetApp('99.0.0', ['10.0.0']))
    expect(code).toBe(1)
    expect(out).toMatch(/error +runtime +Shop\.runtimeconfig\.json asks for Microsoft\.AspNetCore\.App 99\.0\.0/)
    expect(out).toMatch(/^ +(?:sudo )?(?:apt-get|dnf|apk|curl) .*99[.-]/m)
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^1 error, /)
  })

  test('DOTNET_ROOT leads to a folder without a runtime, for an app with its own executable', async () => {
    const folder = folderOf({
      'web.config': webConfig('<aspNetCore processPath=".\\Shop" />'),
      Shop: '#!/bin/sh\n',
      'Shop.runtimeconfig.json': JSON.stringify({
        runtimeOptions: { framework: { name: 'Microsoft.AspNetCore.App', version: '10.0.0' } },
      }),
    })
    chmodSync(join(folder, 'Shop'), 0o755)
    const said = await command(['doctor', folder, '--port', '0'], {
      environment: { ...environment, DOTNET_ROOT: '/opt/gone' },
    })
    expect(said.out).toContain("DOTNET_ROOT is '/opt/gone', where no .NET runtime is")
    expect(said.code).toBe(1)
  })

  test('the program is not there', async () => {
    const { code, out } = await doctor(folderOf({ 'web.config': webConfig('<aspNetCore processPath=".\\Gone" />') }))
    expect(out).toMatch(/error +program +'\.\\Gone' was not found/)
    expect(code).toBe(1)
  })

  test('another user may not read the folder, and the first obstacle is named with owner and mode', async () => {
    const folder = folderOf(healthy)
    chmodSync(folder, 0o700)
    const { code, out } = await doctor(folder, '--user', 'nobody')
    expect(out).toMatch(/error +files +nobody may not (?:read|enter) \S+ \(\S+:\S+, 0700\)\./)
    expect(out).toMatch(/setfacl -R -m u:nobody:rX/)
    expect(code).toBe(1)
  })

  test('one file cannot be read by another user', async () => {
    const folder = folderOf(healthy)
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'server.mjs'), 0o600)
    const { out } = await doctor(folder, '--user', 'nobody')
    expect(out).toMatch(/nobody may not read <app>\/server\.mjs \(\S+, 0600\)\./)
  })

  test('the port is taken, and the process that has it is named', async () => {
    const server = createServer().listen(0)
    const { port } = server.address() as AddressInfo
    const { code, out } = await command(['doctor', folderOf(healthy), '--port', String(port)], { environment })
    server.close()
    expect(out).toMatch(
      new RegExp(`error +ports +\\*:${String(port)} is taken by \\S+.* \\(pid ${String(process.pid)}\\)`),
    )
    expect(code).toBe(1)
  })

  test('the port is reserved to root', async () => {
    const { out } = await command(['doctor', folderOf(healthy), '--port', '80', '--user', 'nobody'], { environment })
    expect(out).toContain('nobody may not listen on port 80')
    expect(out).toContain('sysctl -w net.ipv4.ip_unprivileged_port_start=80')
    expect(out).toContain('ancmd service install')
  })
})

describe('what will trouble it later is a warning, and the exit code stays 0', () => {
  test('no HOME for the data-protection keys', async () => {
    const { code, out } = await command(['doctor', folderOf(healthy), '--port', '0'], {
      environment: { PATH: '/usr/bin:/bin' },
    })
    expect(out).toMatch(/warning +home +HOME is not set\. .*signs all users out/)
    expect(code).toBe(0)
  })

  test('a stdout log that another user cannot write', async () => {
    const folder = folderOf({
      ...healthy,
      'web.config': webConfig(
        '<aspNetCore processPath="node" arguments="server.mjs" stdoutLogEnabled="true" stdoutLogFile=".\\logs\\out" />',
      ),
    })
    chmodSync(folder, 0o755)
    const { out } = await doctor(folder, '--user', 'nobody')
    expect(out).toMatch(/warning +files +stdoutLogFile cannot be written: nobody may not write/)
    expect(out).toMatch(/install -d -o nobody <app>\/logs/)
  })
})

test('an error of the configuration has its place, and exit code 78', async () => {
  const { code, out } = await doctor(folderOf({ 'web.config': webConfig('<aspNetCore processPath="" />') }))
  expect(out).toMatch(/error +configuration +<app>\/web\.config:1:\d+: /)
  expect(code).toBe(78)
})

test('--json has every check, with user, scope, findings and commands', async () => {
  const { out, code } = await doctor(dotnetApp('99.0.0', []), '--json')
  const { version, user, examinations } = JSON.parse(out) as {
    version: number
    user: string
    examinations: { scope: string; checks: { subject: string; findings: { level: string; command?: string }[] }[] }[]
  }
  expect({ version, code }).toEqual({ version: 1, code: 1 })
  expect(user).not.toBe('')
  const runtime = examinations[1]?.checks.find(({ subject }) => subject === 'runtime')
  expect(runtime?.findings[0]).toMatchObject({ level: 'error', command: expect.stringContaining('99') as string })
})

test.each([
  [['--user', 'no-such-user'], "there is no user 'no-such-user'"],
  [['--port', '70000'], 'option --port takes a number from 0 to 65535'],
  [['--colour'], 'unknown option'],
])('%j is refused with exit code 2', async (args, message) => {
  const { code, err } = await command(['doctor', ...args], { environment })
  expect(err).toContain(message)
  expect(code).toBe(2)
})
