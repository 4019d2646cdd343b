import { describe, expect, test } from 'vitest'
import { openElement } from '../../../../src/config/xml/element.ts'
import { applicationSource } from '../../../../src/config/web-config/application.ts'
import type { SectionReader } from '../../../../src/config/sections/section-reader.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { createFolders, webConfig } from '../folders.ts'

const folder = createFolders()
const shop = '<aspNetCore processPath="shop" />'

/** `<httpProtocol>` that adds these headers, each with the value 1. */
const adding = (...names: readonly string[]) => {
  const adds = names.map((name) => `<add name="${name}" value="1" />`)
  return `<httpProtocol><customHeaders>${adds.join('')}</customHeaders></httpProtocol>`
}

/** The source of the last of these applications, by path and folder. */
function sourceOf(...applications: readonly (readonly [path: string, physicalPath: string])[]) {
  const all = applications.map(([path, physicalPath]) => ({ path, physicalPath }))
  const site = { name: 'www', id: 1, bindings: [], applications: all }
  const last = all.at(-1) as (typeof all)[number]
  return applicationSource(site, last, { environment: {}, sections: sectionsOf(modules) })
}

async function headersOf(source: ReturnType<typeof sourceOf>): Promise<readonly string[]> {
  const loaded = await source.load()
  if (!loaded.ok) throw new Error(loaded.failure.map(({ text }) => text).join())
  const found = loaded.value.sections['httpProtocol'] as { customHeaders: { name: string }[] } | undefined
  return found?.customHeaders.map(({ name }) => name) ?? []
}

describe('an application of a site', () => {
  test('has as parents the applications above its path, outermost first, and no others', () => {
    const { parents } = sourceOf(
      ['/a', '/srv/a'],
      ['/ab', '/srv/ab'],
      ['/', '/srv/www'],
      ['/z', '/srv/z'],
      ['/a/b', '/srv/b'],
    )
    expect(parents).toEqual(['/srv/www', '/srv/a'])
    expect(sourceOf(['/a', '/srv/a'], ['/', '/srv/www']).parents).toEqual([])
  })

  test('inherits the custom headers of its parents unless a location excludes it, and can remove them', async () => {
    const location = (inside: string) => (webServer: string) =>
      `<location path="." inheritInChildApplications="false"><system.webServer>${inside}</system.webServer></location>${webServer}`
    const root = folder({ 'web.config': webConfig(`<handlers />${adding('X-Root')}`, location(adding('X-Own'))) })
    const remove = adding('X-Child').replace('<add', '<remove name="x-root" /><add')
    const [child, bare] = [
      folder({ 'web.config': webConfig(`${shop}${remove}`) }),
      folder({ 'web.config': webConfig(shop) }),
    ]
    expect(await headersOf(sourceOf(['/', root], ['/child', bare]))).toEqual(['X-Root'])
    expect(await headersOf(sourceOf(['/', root], ['/child', child]))).toEqual(['X-Child'])
  })

  test('is refused where it adds a header that it inherits', async () => {
    const root = folder({ 'web.config': webConfig(`<handlers />${adding('X-A')}`) })
    const child = folder({ 'web.config': webConfig(`${shop}${adding('x-a')}`) })
    const loaded = await sourceOf(['/', root], ['/child', child]).load()
    expect(loaded).toMatchObject({ ok: false, failure: [{ level: 'error', line: 1 }] })
  })
})

describe('the sections that the caller has readers for', () => {
  const webServer = '<webFarms /><security><isapiCgiRestriction /></security>'
  const load = async (...sections: readonly string[]) => {
    const readers = sections.map((section): SectionReader<number> => {
      return { section, shape: openElement, read: (elements) => elements.length, describe: () => [] }
    })
    const physicalPath = folder({ 'web.config': webConfig(`${shop}${webServer}`) })
    const application = { path: '/', physicalPath }
    const site = { name: 'www', id: 1, bindings: [], applications: [application] }
    const loaded = await applicationSource(site, application, { environment: {}, sections: readers }).load()
    if (!loaded.ok) throw new Error(loaded.failure.map(({ text }) => text).join())
    return { sections: loaded.value.sections, told: loaded.value.notices.map(({ text }) => text) }
  }

  test('are honoured, and the others are reported as not honoured', async () => {
    expect(await load()).toEqual({
      sections: {},
      told: [
        '<webFarms> means nothing here: it belongs to Application Request Routing, which forwards to other servers.',
        '<security><isapiCgiRestriction> means nothing here: there is no CGI and no ISAPI here.',
      ],
    })
    expect(await load('webFarms', 'security/isapiCgiRestriction', 'rewrite')).toEqual({
      sections: { webFarms: 1, 'security/isapiCgiRestriction': 1, rewrite: 0 },
      told: [],
    })
  })

  test('make a similar, misspelt name an error; without a reader for them it is none', async () => {
    const misspelt = async (...sections: readonly SectionReader[]) => {
      const physicalPath = folder({ 'web.config': webConfig(`${shop}<webFarm />`) })
      const application = { path: '/', physicalPath }
      const site = { name: 'www', id: 1, bindings: [], applications: [application] }
      const loaded = await applicationSource(site, application, { environment: {}, sections }).load()
      return (loaded.ok ? loaded.value.notices : loaded.failure).map(({ level, cure }) => [level, cure])
    }
    const reader: SectionReader = { section: 'webFarms', shape: openElement, read: () => undefined, describe: () => [] }
    expect(await misspelt()).toEqual([['warning', 'Did you mean <webFarms>?']])
    expect(await misspelt(reader)).toEqual([['error', 'Did you mean <webFarms>?']])
  })
})
