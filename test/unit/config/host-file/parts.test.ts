import { describe, expect, test } from 'vitest'
import type { WebConfig } from '../../../../src/config/model.ts'
import { type Problem, problemLine } from '../../../../src/config/problems.ts'
import { applicationSource } from '../../../../src/config/web-config/application.ts'
import { maxAllowedContentLength } from '../../../../src/site/modules/request-filtering/request-filtering.ts'
import type { Result } from '../../../../src/platform/result.ts'
import { webConfig } from '../folders.ts'
import { binding, createReader, hostFile, sections } from './read.ts'

const reader = createReader()
const shop = '<aspNetCore processPath="dotnet" arguments="Shop.dll" />'

/** The site "www" with the applications /, /shop, /shop/api and /other, each with a folder of its name. */
const sites = ((): string => {
  const applications = [
    ['/', 'root'],
    ['/shop', 'shop'],
    ['/shop/api', 'api'],
    ['/other', 'other'],
  ].map(
    ([path, folder]) =>
      `<application path="${String(path)}"><virtualDirectory path="/" physicalPath="${String(folder)}" /></application>`,
  )
  return `<site name="The shop" id="1">${applications.join('')}<bindings>${binding('*:80:')}</bindings></site>`
})()

const own = (inside: string, around?: (webServer: string) => string): string => webConfig(`${shop}${inside}`, around)
const limit = (bytes: number): string =>
  `<security><requestFiltering><requestLimits maxAllowedContentLength="${String(bytes)}" /></requestFiltering></security>`
const location = (attributes: string, inside: string): string =>
  `<location ${attributes}><system.webServer>${inside}</system.webServer></location>`

async function load(
  around: string,
  path: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Result<WebConfig, readonly Problem[]>> {
  const config = await reader.config(hostFile(sites, around), files)
  const site = config.sites[0]
  const application = site?.applications.find((candidate) => candidate.path === path)
  if (site === undefined || application === undefined) throw new Error(`there is no ${path}`)
  return applicationSource(site, application, { environment: {}, sections }).load()
}

const apps = {
  'root/web.config': own('', (text) => `<location path="." inheritInChildApplications="false">${text}</location>`),
  'shop/web.config': own('', (text) => `<location path="." inheritInChildApplications="false">${text}</location>`),
  'api/web.config': own(''),
  'other/web.config': own(''),
}

describe('the settings of a part of an application in the host file', () => {
  test('are for a part of the one application that its path lies in', async () => {
    const around =
      location('path="The shop/shop/Images/large"', limit(2)) + location('path="The shop/shop/api/v1"', limit(3))
    const partsOf = async (path: string) => {
      const loaded = await load(around, path, apps)
      const parts = loaded.ok ? (loaded.value.parts ?? []) : []
      return parts.map((part) => [part.path, maxAllowedContentLength(part)])
    }
    expect(await partsOf('/')).toEqual([])
    expect(await partsOf('/shop')).toEqual([['/shop/Images/large', 2]])
    expect(await partsOf('/shop/api')).toEqual([['/shop/api/v1', 3]])
  })

  test('of a part are inherited by it, outermost first, and those of web.config win', async () => {
    const around = `<system.webServer>${limit(1)}</system.webServer>${location('path="The shop/shop/a"', limit(2))}`
    const files = {
      ...apps,
      'shop/web.config': own('', (text) => `${text}${location('path="A/b"', limit(4))}${location('path="c"', '')}`),
      'root/web.config': own(
        '',
        (text) =>
          `<location path="." inheritInChildApplications="false">${text}</location>` +
          location('path="shop/d" inheritInChildApplications="false"', limit(5)),
      ),
    }
    const loaded = await load(around, '/shop', files)
    if (!loaded.ok) throw new Error(loaded.failure.map(problemLine).join('\n'))
    const parts = loaded.value.parts ?? []
    expect(parts.map((part) => [part.path, maxAllowedContentLength(part)])).toEqual([
      ['/shop/a', 2],
      ['/shop/d', 5],
      ['/shop/c', 1],
      ['/shop/A/b', 4],
    ])
  })
})
