import { existsSync } from 'node:fs'
import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, type DotnetApp, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { editWebConfig, temporaryFolder, top, type WebConfigEdit } from '../support/folders.ts'
import { sendRaw } from '../support/raw-client.ts'

/** More than Kestrel takes by itself (30,000,000), less than web.config allows. */
const large = 60_000_000
const byKestrel = /^HTTP\/1\.1 413 .*\r\nServer: Kestrel\r\n/s
const clearSwitch = 'Microsoft.AspNetCore.Server.IISIntegration.ClearMaxRequestBodySize'

const allowed: WebConfigEdit = {
  webServer:
    '<security><requestFiltering><requestLimits maxAllowedContentLength="500000000" /></requestFiltering></security>',
}

/** The SDK writes no web.config for an app that is published for this system alone. */
const webConfig = `<configuration><system.webServer>
  <handlers><add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" /></handlers>
  <aspNetCore processPath=".\\UploadApp" />
</system.webServer></configuration>`

async function appThatAllows(name: DotnetApp, edit: WebConfigEdit = {}): Promise<string> {
  const folder = await dotnetApp(name)
  const file = join(folder, 'web.config')
  if (!existsSync(file)) await writeFile(file, webConfig)
  await editWebConfig(folder, { ...allowed, ...edit })
  return folder
}

/** What the app answers to a body of 60 MB. */
async function upload(daemon: Daemon): Promise<{ status: number; text: string }> {
  const { status, text } = await daemon.send('/length', { method: 'POST', body: Buffer.alloc(large) })
  return { status, text }
}

/** What the app answers as soon as it knows how much will come. */
async function announce(daemon: Daemon, path = '/length'): Promise<string> {
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(large)}\r\nConnection: close\r\n\r\n`
  return (await sendRaw(daemon.port, head)).received
}

/** Changes what the app's runtimeconfig.json says of AppContext. */
async function setProperty(folder: string, name: string, value: boolean): Promise<void> {
  const file = join(folder, 'UploadApp.runtimeconfig.json')
  const json = JSON.parse(await readFile(file, 'utf8')) as { runtimeOptions: { configProperties: object } }
  Object.assign(json.runtimeOptions.configProperties, { [name]: value })
  await writeFile(file, JSON.stringify(json))
}

beforeAll(async () => {
  if (hasDotnet) await buildStartupHooks()
})

describe.skipIf(!hasDotnet)('an upload of 60 MB, where web.config allows 500,000,000 bytes', () => {
  test.each([
    'upload',
    'upload-net8-self-contained',
    'upload-single-file',
    'upload-self-contained-single-file',
  ] as const)('arrives in the unmodified app %s', async (name) => {
    const folder = await appThatAllows(name)
    const daemon = await startDaemon(folder)
    expect(await upload(daemon)).toEqual({ status: 200, text: String(large) })
    expect(daemon.seen('bodyLimitKept')).toEqual([])
    const checked = await ancmd(['check', folder])
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    expect(checked.stdout).toMatch(/startup hook: \S+Ancmd\.BodyLimit\.dll /)
    expect(checked.stdout).not.toContain('warning:')
  })

  test('leaves the startup hooks of the user as they are, for the app and for what it starts', async () => {
    const hook = join(await dotnetApp('user-hook'), 'UserHook.dll')
    const daemon = await startDaemon(await appThatAllows('upload', { environment: { DOTNET_STARTUP_HOOKS: hook } }))
    expect(await upload(daemon)).toMatchObject({ status: 200 })
    expect(await daemon.text('/variable?name=USER_HOOK')).toBe('ran')
    expect(await daemon.text('/variable?name=DOTNET_STARTUP_HOOKS')).toBe(hook)
    expect(await daemon.text('/child-variable?name=DOTNET_STARTUP_HOOKS')).toBe(hook)
  })

  test('leaves nothing of ours in the environment of the app', async () => {
    const daemon = await startDaemon(await appThatAllows('upload'))
    expect(await daemon.text('/variable?name=DOTNET_STARTUP_HOOKS')).toBe('(unset)')
    expect(await daemon.text('/child-variable?name=DOTNET_STARTUP_HOOKS')).toBe('(unset)')
  })

  test('arrives where the app itself has set the switch, without any hook', async () => {
    const folder = await appThatAllows('upload')
    await setProperty(folder, 'System.StartupHookProvider.IsSupported', false)
    await setProperty(folder, clearSwitch, true)
    const daemon = await startDaemon(folder)
    expect(await upload(daemon)).toMatchObject({ status: 200 })
    expect(daemon.seen('bodyLimitKept')).toEqual([])
    expect((await ancmd(['check', folder])).stdout).not.toContain('hook')
  })

  test('is refused where the app itself has switched it off: its own decision stays', async () => {
    const folder = await appThatAllows('upload')
    await setProperty(folder, clearSwitch, false)
    const daemon = await startDaemon(folder)
    expect(await announce(daemon)).toMatch(byKestrel)
    expect(daemon.seen('bodyLimitKept')).toEqual([])
  })

  test('is refused by a trimmed app, which loads no hooks; one notice says so, with the cure', async () => {
    const folder = await appThatAllows('upload')
    await setProperty(folder, 'System.StartupHookProvider.IsSupported', false)
    const daemon = await startDaemon(folder)
    expect(await announce(daemon)).toMatch(byKestrel)
    expect(daemon.seen('bodyLimitKept')).toMatchObject([{ level: 'warn' }])
    expect(daemon.seen('bodyLimitKept')[0]?.msg).toMatch(/startup hooks.*RuntimeHostConfigurationOption/)
    const checked = await ancmd(['check', folder])
    expect(checked.code).toBe(0)
    expect(checked.stdout).toMatch(/web\.config:\d+:\d+: warning: .*500,000,000.*30,000,000.*startup hooks/)
    expect(checked.stdout).not.toContain('startup hook: ')
  })

  test('is refused by a slim app, which has no IIS integration; one notice says so', async () => {
    const daemon = await startDaemon(await appThatAllows('slim'))
    expect(await daemon.text('/')).toBe('slim')
    expect(await daemon.event('bodyLimitKept')).toMatchObject({ level: 'warn' })
    expect(await announce(daemon, '/echo')).toMatch(byKestrel)
    expect(daemon.seen('bodyLimitKept')).toHaveLength(1)
  })

  test('is refused by a daemon that was built without the hook, which says so', async () => {
    const daemon = await startDaemon(await appThatAllows('upload'), { program: await programWithoutHooks() })
    expect(await announce(daemon)).toMatch(byKestrel)
    expect(daemon.seen('bodyLimitKept')).toMatchObject([{ level: 'warn' }])
    expect(daemon.seen('bodyLimitKept')[0]?.msg).toMatch(/Ancmd\.BodyLimit\.dll.*\.NET SDK/)
  })

  test('takes no hook into a program that is not .NET', async () => {
    const folder = await appThatAllows('upload', {
      attributes: { processPath: 'sh', arguments: '-c "exec dotnet UploadApp.dll"' },
    })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/variable?name=DOTNET_STARTUP_HOOKS')).toBe('(unset)')
    expect(daemon.seen('bodyLimitKept')).toMatchObject([{ level: 'info' }])
  })
})

describe.skipIf(!hasDotnet)('without maxAllowedContentLength', () => {
  test('an upload of 60 MB is refused by the daemon with 413.1, and no hook is loaded', async () => {
    const daemon = await startDaemon(await dotnetApp('upload'))
    const received = await announce(daemon)
    expect(received).toMatch(/^HTTP\/1\.1 413 /)
    expect(received).toContain('413.1')
    expect(await daemon.text(`/switch?name=${clearSwitch}`)).toBe('(unset)')
    expect(daemon.seen('bodyLimitKept')).toEqual([])
  })
})

/** The daemon as a checkout without the .NET SDK has it. */
async function programWithoutHooks(): Promise<string> {
  const folder = await temporaryFolder()
  const isHook = (path: string): boolean => path.startsWith(join(top, 'dist/hooks'))
  await cp(join(top, 'dist'), join(folder, 'dist'), { recursive: true, filter: (path) => !isHook(path) })
  await cp(join(top, 'package.json'), join(folder, 'package.json'))
  await symlink(join(top, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'dist/main.js')
}
