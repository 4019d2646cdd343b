import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  addressOfApp,
  authApp,
  basicAuthentication,
  by,
  editRuntimeConfig,
  forged,
  userField,
  withUsers,
} from '../support/auth-app.ts'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { send } from '../support/send.ts'

beforeAll(async () => {
  if (hasDotnet) await buildStartupHooks()
})

describe.skipIf(!hasDotnet)('an app that cannot be told who its users are', () => {
  test('but could not be known as one: a slim app', async () => {
    const folder = await authApp({ environment: { AuthAppBuilder: 'slim' } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/')).toBe('hello nobody')
    expect(daemon.seen('userNotTaken')).toEqual([])
    const { status, text } = await daemon.send('/', { headers: by('alice') })
    expect(status).toBe(500)
    expect(text).toContain('cannot be told which user')
    expect(text).not.toContain('hello')
    const said = await daemon.event('userNotTaken')
    expect(said).toMatchObject({ level: 'error' })
    expect(said['msg']).toMatch(/CreateSlimBuilder.*readsUserHeader="true".*forwardWindowsAuthToken="false"/)
    await daemon.send('/', { headers: by('bob') })
    expect(daemon.seen('userNotTaken')).toHaveLength(1)
  })

  test('shows the cause on the page to those who may see it', async () => {
    const environment = { AuthAppBuilder: 'slim', ASPNETCORE_DETAILEDERRORS: 'true' }
    const daemon = await startDaemon(await authApp({ environment }))
    const { text } = await daemon.send('/', { headers: by('alice') })
    expect(text).toMatch(/Ancmd\.Identity does not run.*CreateSlimBuilder/s)
    expect(text).toContain('readsUserHeader')
  })

  test.each([
    [
      'is trimmed',
      (folder: string) =>
        editRuntimeConfig(folder, (options) => {
          options['configProperties'] = { 'System.StartupHookProvider.IsSupported': false }
        }),
      /trimmed/,
    ],
    [
      'is for an older runtime',
      (folder: string) =>
        editRuntimeConfig(folder, (options) => {
          for (const framework of (options['frameworks'] ?? [options['framework']]) as { version: string }[])
            framework.version = '6.0.0'
          options['rollForward'] = 'Major'
        }),
      /\.NET 8 or newer/,
    ],
    [
      'has no runtimeconfig.json',
      (folder: string) =>
        editWebConfig(folder, {
          attributes: { processPath: 'sh', arguments: '-c "exec dotnet AuthApp.dll"' },
        }),
      /sh has no runtimeconfig\.json/,
    ],
  ] as const)('and is known as one, because it %s: nothing is sent to it', async (_what, edit, cause) => {
    const folder = await authApp()
    const kept = await readFile(join(folder, 'web.config'), 'utf8')
    await edit(folder)
    const security = /<security>.*<\/security>/.exec(kept)?.[0] ?? ''
    const file = join(folder, 'web.config')
    const text = await readFile(file, 'utf8')
    if (!text.includes('<security>')) await writeFile(file, text.replace('</aspNetCore>', `</aspNetCore>${security}`))
    const checked = await ancmd(['check', folder])
    expect(checked.stdout).toMatch(new RegExp(`warning: .*${cause.source}.*readsUserHeader`, 's'))
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/')).toBe('hello nobody')
    expect((await daemon.event('userNotTaken'))['msg']).toMatch(cause)
    expect((await daemon.send('/requests', { headers: by('alice') })).status).toBe(500)
    expect(await daemon.text('/requests')).toBe('2')
    expect(daemon.seen('userNotTaken')).toHaveLength(1)
  })

  test('reads the header itself, with the lines of the README', async () => {
    const folder = await authApp({
      attributes: { readsUserHeader: 'true' },
      environment: { AuthAppBuilder: 'slim', AuthAppReadsHeader: 'true' },
    })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/')).toBe('hello nobody')
    expect(await daemon.text('/', by('alice'))).toBe('hello alice')
    expect(await daemon.text('/', { [userField]: forged })).toBe('hello nobody')
    expect((await send(await addressOfApp(daemon), '/', { headers: { [userField]: forged } })).text).toBe(
      'hello nobody',
    )
    expect((await ancmd(['check', folder])).stdout).not.toMatch(/Ancmd\.Identity|warning:/)
  })
})

describe.skipIf(!hasDotnet)('published otherwise', () => {
  test('trimmed, it cannot be told who they are, and says so', async () => {
    const daemon = await startDaemon(await authApp({}, 'auth-trimmed'))
    expect(await daemon.text('/')).toBe('hello nobody')
    expect((await daemon.send('/', { headers: by('alice') })).status).toBe(500)
    expect((await daemon.event('userNotTaken'))['msg']).toMatch(/trimmed/)
  })
})

describe('a program that is not .NET', () => {
  interface Given {
    readonly rawHeaders: readonly string[]
    readonly environment: Readonly<Record<string, string>>
  }
  const named = ({ rawHeaders }: Given): unknown[] =>
    rawHeaders.flatMap((name, i) =>
      i % 2 === 0 && name.toUpperCase() === userField
        ? [JSON.parse(Buffer.from(rawHeaders[i + 1] ?? '', 'base64').toString()) as unknown]
        : [],
    )

  async function plain(attributes: string): Promise<Daemon> {
    const folder = await copyApp('plain')
    const file = join(folder, 'web.config')
    const text = (await readFile(file, 'utf8'))
      .replace('<httpPlatform', `<httpPlatform ${attributes}`)
      .replace('</system.webServer>', `${await basicAuthentication()}</system.webServer>`)
    await writeFile(file, text)
    return startDaemon(folder)
  }

  test('gets no user under <httpPlatform>, and no 500', async () => {
    const given = JSON.parse(await (await plain('')).text('/', by('alice'))) as Given
    expect(named(given)).toEqual([])
    expect(given.environment).not.toHaveProperty('ASPNETCORE_TOKEN')
  })

  test('gets the user and the token under <httpPlatform readsUserHeader="true">', async () => {
    const daemon = await plain('readsUserHeader="true"')
    const given = JSON.parse(await daemon.text('/', { ...by('alice'), [userField]: forged })) as Given
    expect(named(given)).toEqual([{ name: 'alice', authenticationType: 'Basic', groups: [] }])
    const at = given.rawHeaders.findIndex((name) => name.toUpperCase() === 'MS-ASPNETCORE-TOKEN')
    expect(given.rawHeaders[at + 1]).toBe(given.environment['ASPNETCORE_TOKEN'])
    expect(named(JSON.parse(await daemon.text('/', { [userField]: forged })) as Given)).toEqual([])
  })

  test('gets the user under <aspNetCore> with readsUserHeader="true", and is not asked without it', async () => {
    const dumped = '/DumpRequestHeaders'
    const reading = await startDaemon(
      await withUsers(await copyApp('node-twin'), { attributes: { readsUserHeader: 'true' } }),
    )
    expect(await reading.text(dumped, by('alice'))).toContain(userField)
    const other = await startDaemon(
      await withUsers(await copyApp('node-twin'), { attributes: { readsUserHeader: undefined } }),
    )
    expect(await other.text(dumped)).not.toContain(userField)
    expect((await other.send(dumped, { headers: by('alice') })).status).toBe(500)
    expect((await other.event('userNotTaken'))['msg']).toMatch(/no runtimeconfig\.json/)
  })
})
