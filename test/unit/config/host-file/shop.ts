import type { WebConfig } from '../../../../src/config/model.ts'
import type { Problem } from '../../../../src/config/problems.ts'
import { applicationSource } from '../../../../src/config/web-config/application.ts'
import type { Result } from '../../../../src/platform/result.ts'
import { webConfig } from '../folders.ts'
import { binding, createReader, hostFile, sections } from './read.ts'

export const reader = createReader()
export const shop = '<aspNetCore processPath="dotnet" arguments="Shop.dll" />'

/** The site "www" with the applications /, /shop, /shop/api and /other, each with a folder of its name. */
export const sites = ((): string => {
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

/** A web.config that runs the shop, with `inside` beside <aspNetCore> and `around` around all. */
export const own = (inside: string, around?: (webServer: string) => string): string =>
  webConfig(`${shop}${inside}`, around)
export const limit = (bytes: number): string =>
  `<security><requestFiltering><requestLimits maxAllowedContentLength="${String(bytes)}" /></requestFiltering></security>`
export const location = (attributes: string, inside: string): string =>
  `<location ${attributes}><system.webServer>${inside}</system.webServer></location>`

/** Loads the application at `path`; `around` stands beside the sites in the host file. */
export async function load(
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

/** The web.config files of the applications. */
export const apps = {
  'root/web.config': own('', (text) => `<location path="." inheritInChildApplications="false">${text}</location>`),
  'shop/web.config': own('', (text) => `<location path="." inheritInChildApplications="false">${text}</location>`),
  'api/web.config': own(''),
  'other/web.config': own(''),
}
