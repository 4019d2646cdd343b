import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentRootOf } from '../../../src/process/start/content-root.ts'
import { childEnvironment } from '../../../src/process/start/environment.ts'
import { instanceVariable } from '../../../src/process/system/orphan-guard.ts'
import { environment } from './child-environment.ts'
import { launchOf } from './support.ts'

describe('an app that is reached by a symbolic link', () => {
  const contentRoot = '/srv/current'

  test("gets the link's path as its content root", () => {
    expect(environment({ contentRoot })['ASPNETCORE_CONTENTROOT']).toBe(contentRoot)
    expect(environment()).not.toHaveProperty('ASPNETCORE_CONTENTROOT')
  })

  test.each(['ASPNETCORE_ContentRoot', 'DOTNET_CONTENTROOT'])('keeps the content root that %s sets', (name) => {
    for (const given of [{ variables: { [name]: '/other' } }, { inherited: { [name]: '/other' } }]) {
      const made = environment({ contentRoot, ...given })
      expect(made[name]).toBe('/other')
      expect(Object.values(made)).not.toContain(contentRoot)
    }
  })

  test.skipIf(process.platform === 'win32')('is told apart from an app whose path has no link', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ancmd-root-')))
    await mkdir(join(folder, 'one/app'), { recursive: true })
    await symlink('one', join(folder, 'current'))
    expect(await contentRootOf(join(folder, 'one/app'))).toBeUndefined()
    expect(await contentRootOf(join(folder, 'current'))).toBe(join(folder, 'current'))
    expect(await contentRootOf(join(folder, 'current/app'))).toBe(join(folder, 'current/app'))
    expect(await contentRootOf(join(folder, 'nowhere'))).toBeUndefined()
    await rm(folder, { recursive: true })
  })
})

describe('a variable that the child looks for has the spelling that it looks for', () => {
  const shouted = ['ASPNETCORE_PORT', 'ASPNETCORE_TOKEN', 'ASPNETCORE_APPL_PATH', 'ASPNETCORE_URLS'] as const

  test.each(shouted)('%s, whatever the case of the inherited one', (name) => {
    const given = environment({ inherited: { [name.toLowerCase()]: 'theirs' } })
    expect(given[name]).toBe(environment()[name])
    expect(given).not.toHaveProperty(name.toLowerCase())
  })

  test('HTTP_PLATFORM_PORT as well', () => {
    const given = environment({ kind: 'httpPlatform', inherited: { Http_Platform_Port: '1' } })
    expect(given['HTTP_PLATFORM_PORT']).toBe('12345')
    expect(given).not.toHaveProperty('Http_Platform_Port')
  })
})

describe('the pairing', () => {
  test.each([
    ['ASPNETCORE_TOKEN', 't-o-k'],
    ['ASPNETCORE_PORT', '12345'],
    ['ASPNETCORE_IIS_SITE_NAME', 'www'],
  ])('%s is what we say, also where web.config says otherwise', (name, ours) => {
    expect(environment({ variables: { [name]: 'theirs' } })[name]).toBe(ours)
    const inherited = { ANCM_PREFER_ENVIRONMENT_VARIABLES: 'true', [name]: 'inherited' }
    expect(environment({ inherited, variables: { [name]: 'theirs' } })[name]).toBe(ours)
  })

  test('gives site, folder and instance unchanged', () => {
    const launch = launchOf([], { site: { name: 'shop', id: 7 }, physicalPath: '/', inherited: {} })
    const guard = { instance: '1-2-3-4-5' as const, watch: () => undefined, forget: () => undefined }
    expect(childEnvironment({ ...launch, guard }, 12345, { value: 't', mark: 'm' })).toMatchObject({
      ASPNETCORE_IIS_SITE_NAME: 'shop',
      ASPNETCORE_IIS_SITE_ID: '7',
      ASPNETCORE_IIS_APP_CONFIG_PATH: 'MACHINE/WEBROOT/APPHOST/shop',
      ASPNETCORE_IIS_APPLICATION_ID: '/LM/W3SVC/7/ROOT',
      ASPNETCORE_IIS_PHYSICAL_PATH: '/',
      [instanceVariable]: '1-2-3-4-5',
    })
    expect(environment()).not.toHaveProperty(instanceVariable)
  })

  test('is not set for <httpPlatform>, where the values of web.config go through', () => {
    const variables = {
      ASPNETCORE_IIS_HTTPAUTH: 'windows;',
      ASPNETCORE_APPL_PATH: '/theirs',
      ASPNETCORE_TOKEN: 'theirs',
    }
    expect(environment({ kind: 'httpPlatform', variables })).toMatchObject(variables)
  })
})

describe('ANCM_PREFER_ENVIRONMENT_VARIABLES', () => {
  test.each(['0', 'false', '10', 'untrue', ''])('is off with %j', (value) => {
    const inherited = { ANCM_PREFER_ENVIRONMENT_VARIABLES: value, MINE: 'inherited' }
    expect(environment({ inherited, variables: { MINE: 'written' } })['MINE']).toBe('written')
  })

  test('lets the inherited value win over that of web.config, also for our own variables', () => {
    const inherited = { ANCM_PREFER_ENVIRONMENT_VARIABLES: '1', ASPNETCORE_URLS: 'http://inherited' }
    const given = environment({ inherited, variables: { ASPNETCORE_URLS: 'http://written' } })
    expect(given['ASPNETCORE_URLS']).toBe('http://inherited')
  })
})
