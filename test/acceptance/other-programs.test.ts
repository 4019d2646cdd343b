import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig, top } from '../support/folders.ts'

/** What test/apps/plain answers. */
interface Given {
  readonly pid: number
  readonly port: number
  readonly argv: readonly string[]
  readonly rawHeaders: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

async function plain(webConfig?: (text: string) => string): Promise<{ folder: string; given: Given }> {
  const folder = await copyApp('plain')
  const file = join(folder, 'web.config')
  if (webConfig !== undefined) await writeFile(file, webConfig(await readFile(file, 'utf8')))
  const daemon = await startDaemon(folder)
  return { folder, given: JSON.parse(await daemon.text('/')) as Given }
}

describe('an <httpPlatform> app', () => {
  test('listens where %HTTP_PLATFORM_PORT% in its arguments says', async () => {
    const { given } = await plain()
    expect(given.argv).toEqual([String(given.port)])
    expect(given.environment['HTTP_PLATFORM_PORT']).toBe(String(given.port))
    expect(given.environment['LISTEN_URL']).toBe(`http://127.0.0.1:${String(given.port)}/`)
  })

  test('can as well read HTTP_PLATFORM_PORT', async () => {
    const { given } = await plain((text) => text.replace(' %HTTP_PLATFORM_PORT%', ''))
    expect(given.argv).toEqual([])
    expect(given.environment['HTTP_PLATFORM_PORT']).toBe(String(given.port))
  })
})

describe('any other program', () => {
  const asAspNetCore = (args: string) => async (): Promise<Given> => {
    const folder = await copyApp('plain')
    await writeFile(join(folder, 'web.config'), await readFile(join(top, 'test/apps/node-twin/web.config'), 'utf8'))
    await editWebConfig(folder, {
      attributes: { arguments: args },
      environment: { LISTEN_URL: 'http://127.0.0.1:%ASPNETCORE_PORT%/' },
    })
    return JSON.parse(await (await startDaemon(folder)).text('/')) as Given
  }

  test('that listens on ASPNETCORE_PORT is hosted', async () => {
    const given = await asAspNetCore('.\\server.mjs')()
    expect(given.environment['ASPNETCORE_PORT']).toBe(String(given.port))
    expect(given.environment['ASPNETCORE_URLS']).toBe(`http://127.0.0.1:${String(given.port)}`)
  })

  test('gets the port for %ASPNETCORE_PORT% in arguments and values', async () => {
    const given = await asAspNetCore('.\\server.mjs %ASPNETCORE_PORT%')()
    expect(given.argv).toEqual([String(given.port)])
    expect(given.environment['LISTEN_URL']).toBe(`http://127.0.0.1:${String(given.port)}/`)
  })
})

describe('a folder that cannot be hosted as it is', () => {
  test('%LAUNCHER_PATH% of a source folder: the error names the cure', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { processPath: '%LAUNCHER_PATH%', arguments: '%LAUNCHER_ARGS%' } })
    const { code, stdout } = await ancmd(['check', folder])
    expect(code).toBe(78)
    expect(stdout).toContain('dotnet publish')
  })

  test('a program that was deleted is found again when it comes back', async () => {
    const folder = await copyApp('node-twin')
    const text = await readFile(join(folder, 'server.mjs'), 'utf8')
    await rm(join(folder, 'server.mjs'))
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/')).status).toBe(502)
    await writeFile(join(folder, 'server.mjs'), text)
    let answer = await daemon.send('/')
    while (answer.status !== 200) answer = await daemon.send('/')
    expect(answer.text).toBe('Running')
  })
})
