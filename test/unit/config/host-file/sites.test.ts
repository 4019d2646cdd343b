import { describe, expect, test } from 'vitest'
import type { ApplicationConfig, SiteConfig } from '../../../../src/config/model.ts'
import { binding, createReader, hostFile, rootApplication, site } from './read.ts'

const reader = createReader()

async function siteOf(text: string): Promise<SiteConfig | undefined> {
  return (await reader.config(text)).sites.at(-1)
}

async function applicationOf(text: string): Promise<ApplicationConfig | undefined> {
  return (await siteOf(text))?.applications.at(-1)
}

const bindings = `<bindings>${binding('*:80:')}</bindings>`
const withApplications = (applications: string, around = ''): string =>
  hostFile(`${around}<site name="www" id="1">\n${applications}\n${bindings}</site>`)
const application = (path: string, folder: string, more = ''): string =>
  `<application path="${path}" ${more}><virtualDirectory path="/" physicalPath="${folder}" /></application>`

async function errors(text: string): Promise<readonly string[]> {
  return (await reader.problems(text)).filter((line) => line.includes(': error: '))
}

describe('an application', () => {
  test.each([
    ['/srv/www', '/srv/www'],
    ['/srv/www/', '/srv/www'],
    ['%SITES%/www', '/srv/sites/www'],
    ['%sites%\\www', '/srv/sites/www'],
    ['www', '<folder>/www'],
    ['.\\apps\\www', '<folder>/apps/www'],
    ['../www', '<up>/www'],
  ])('in %s has the folder %s', async (written, expected) => {
    const found = await applicationOf(withApplications(application('/', written)))
    const up = reader.folder().replace(/\/[^/]*$/, '')
    expect(found?.physicalPath).toBe(expected.replace('<folder>', reader.folder()).replace('<up>', up))
  })

  test.each([
    [
      'C:\\inetpub\\wwwroot',
      'this system has no drives. Write a path of this system, such as /srv/www, or one relative to the file.',
    ],
    ['\\\\server\\share', 'this system has no network shares of that form'],
    [
      '%NOWHERE%\\www',
      '%NOWHERE% has no value here. Set NOWHERE in the environment of ancmd, or write the path itself.',
    ],
    ['[ApplicationPhysicalPath]', 'it is a template. Write a path in place of the brackets.'],
    ['', 'it is empty. Write a path'],
  ])('in "%s" is an error with the cure', async (written, expected) => {
    const found = await errors(withApplications(application('/', written)))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^2:\d+: error: physicalPath=/)
    expect(found[0]).toContain(expected)
  })

  test.each([
    'shop',
    '/shop/',
    '//',
    '/a//b',
    '/a/./b',
    '/..',
    '/a?b',
    '',
    '/a\\b',
    '/a%20b',
    '/a:b',
  ])('with the path "%s" is an error', async (path) => {
    const found = await errors(withApplications(`${rootApplication}\n${application(path, '/srv/a')}`))
    expect(found[0]).toMatch(/^3:\d+: error: path=".*" is no path of an application\. Write \/ or a path/)
  })

  test.each(['/shop', '/a/b/c', '/a b', '/ü', '/.hidden', '/a.b'])('may have the path "%s"', async (path) => {
    expect((await applicationOf(withApplications(rootApplication + application(path, '/srv/a'))))?.path).toBe(path)
  })

  test.each([
    [
      'a path twice',
      `${rootApplication}\n${application('/a', 'a')}\n${application('/A', 'b')}`,
      '4:1: error: The site has an application "/A" on line 3 already.',
    ],
    [
      'none for /',
      application('/a', 'a'),
      'error: The site has no application for "/". Add <application path="/"> with its folder.',
    ],
    [
      'no folder',
      '<application path="/" />',
      '2:1: error: The application has no folder. Add <virtualDirectory path="/" physicalPath="…" />',
    ],
    [
      'no physicalPath',
      '<application path="/"><virtualDirectory path="/" /></application>',
      '2:23: error: <virtualDirectory> has no physicalPath. Add physicalPath="…".',
    ],
    [
      'no path',
      '<application><virtualDirectory path="/" physicalPath="a" /></application>',
      '2:1: error: <application> has no path. Add path="…".',
    ],
    [
      'two folders',
      '<application path="/"><virtualDirectory path="/" physicalPath="a" />\n<virtualDirectory path="/" physicalPath="b" /></application>',
      '3:1: error: The application has a virtual directory "/" on line 2 already.',
    ],
    [
      'an attribute of nobody',
      application('/', 'a', 'colour="red"'),
      'error: <application> has no attribute "colour".',
    ],
  ])('%s is an error with its place and cure', async (_what, applications, expected) => {
    const found = await errors(withApplications(applications))
    expect(found.join('\n')).toContain(expected)
    expect(found.every((line) => /[.?]$/.test(line))).toBe(true)
  })

  test('gets the requests of its other virtual directories, with a notice', async () => {
    const text = withApplications(
      '<application path="/"><virtualDirectory path="/" physicalPath="a" />\n<virtualDirectory path="/images" physicalPath="C:\\images" userName="u" password="p" /></application>',
    )
    expect(await reader.problems(text)).toEqual([
      '3:1: notice: The virtual directory "/images" is not honoured: the application gets its requests. Let the application serve its files, or make an <application> of it.',
      '3:59: notice: These mean nothing here: userName (line 3), password (line 3).',
    ])
  })

  test('takes what it does not say from the defaults, the nearest first', async () => {
    const outer =
      '<applicationDefaults preloadEnabled="true" /><virtualDirectoryDefaults physicalPath="/srv/outer" allowSubDirConfig="true" />'
    const bare = '<application path="/"><virtualDirectory path="/" /></application>'
    expect(await applicationOf(withApplications(bare, outer))).toMatchObject({
      preloadEnabled: true,
      physicalPath: '/srv/outer',
    })
    const inner = '<applicationDefaults preloadEnabled="false" /><virtualDirectoryDefaults physicalPath="/srv/site" />'
    const ofSite = await applicationOf(withApplications(inner + bare, outer))
    expect([ofSite?.preloadEnabled, ofSite?.physicalPath]).toEqual([undefined, '/srv/site'])
    const own =
      '<application path="/" preloadEnabled="true"><virtualDirectoryDefaults physicalPath="/srv/application" /><virtualDirectory path="/" /></application>'
    expect(await applicationOf(withApplications(inner + own, outer))).toMatchObject({
      preloadEnabled: true,
      physicalPath: '/srv/application',
    })
    const written = own.replace(
      '<virtualDirectory path="/" />',
      '<virtualDirectory path="/" physicalPath="/srv/own" />',
    )
    expect((await applicationOf(withApplications(inner + written, outer)))?.physicalPath).toBe('/srv/own')
  })
})

describe('a site', () => {
  test('has limits, HSTS and an access log only where they are written', async () => {
    const plain = await siteOf(hostFile(site(binding('*:80:'), '<limits /><hsts /><logFile directory="C:\\logs" />')))
    expect([plain?.limits, plain?.hsts, plain?.logFile]).toEqual([undefined, undefined, undefined])
    const more =
      '<limits connectionTimeout="00:01:00" maxConnections="7" maxUrlSegments="9" /><hsts enabled="true" max-age="5" includeSubDomains="true" preload="true" redirectHttpToHttps="true" /><logFile enabled="true" logFormat="ncsa" directory="%SITES%/logs" period="hourly" truncateSize="1048576" localTimeRollover="true" />'
    expect(await siteOf(hostFile(site(binding('*:80:'), more)))).toMatchObject({
      limits: { connectionTimeoutMs: 60_000, maxConnections: 7, maxUrlSegments: 9 },
      hsts: { maxAge: 5, includeSubDomains: true, preload: true, redirectHttpToHttps: true },
      logFile: {
        logFormat: 'NCSA',
        directory: '/srv/sites/logs',
        period: 'Hourly',
        truncateSize: 1_048_576,
        localTimeRollover: true,
      },
    })
  })

  test('takes from siteDefaults what it does not say, attribute by attribute', async () => {
    const defaults =
      '<siteDefaults serverAutoStart="false"><limits maxConnections="5" maxUrlSegments="6" /><hsts enabled="true" max-age="3" /></siteDefaults>'
    const found = await siteOf(
      hostFile(`${defaults}${site(binding('*:80:'), '<limits maxConnections="7" /><hsts max-age="4" />')}`),
    )
    expect(found).toMatchObject({
      serverAutoStart: false,
      limits: { maxConnections: 7, maxUrlSegments: 6 },
      hsts: { maxAge: 4, includeSubDomains: false },
    })
    const started = site(binding('*:80:'), '', 'name="a" id="1" serverAutoStart="True"')
    expect((await siteOf(hostFile(`${defaults}${started}`)))?.serverAutoStart).toBeUndefined()
  })

  test('whose log has a format of Windows is warned, and gets W3C', async () => {
    const text = hostFile(site(binding('*:80:'), '\n<logFile enabled="true" logFormat="IIS" logExtFileFlags="Date" />'))
    expect((await siteOf(text))?.logFile).toMatchObject({ logFormat: 'W3C', directory: undefined, period: 'Daily' })
    expect(await reader.problems(text)).toEqual([
      expect.stringMatching(/^2:\d+: warning: logFormat="IIS" is not written here, but W3C\. Write logFormat="W3C"/),
      expect.stringMatching(/^2:\d+: notice: These mean nothing here: logExtFileFlags \(line 2\)\.$/),
    ])
  })

  test.each([
    ['no id', site(binding('*:80:'), '', 'name="a"'), '<site> has no id. Add id="…".'],
    [
      'a slash in the name',
      site(binding('*:80:'), '', 'name="a/b" id="1"'),
      'The name "a/b" of the site holds / or ?.',
    ],
    [
      'a name twice',
      `${site(binding('*:80:'))}${site(binding('*:81:'), '', 'name="WWW" id="2"')}`,
      'The site on line 1 has the name "WWW" too.',
    ],
    [
      'an id twice',
      `${site(binding('*:80:'))}${site(binding('*:81:'), '', 'name="b" id="1"')}`,
      'The site on line 1 has the id 1 too.',
    ],
    [
      'a limit out of range',
      site(binding('*:80:'), '<limits maxUrlSegments="99999" />'),
      'maxUrlSegments="99999" is out of range.',
    ],
    [
      'no binding that can be opened',
      site(binding('808:*', '', 'net.tcp')),
      'No binding of this file can be opened, so nothing would be served. Add <binding',
    ],
    ['no site at all', '', 'The file has no site. Add <system.applicationHost>'],
  ])('with %s is an error with its cure', async (_what, sites, expected) => {
    const found = await errors(hostFile(sites))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^1:\d+: error: /)
    expect(found[0]).toContain(expected)
  })

  test('has the bindings behind <clear />', async () => {
    const text = hostFile(site(`${binding('*:80:')}<clear />${binding('*:81:')}${binding('*:82:')}`))
    expect((await siteOf(text))?.bindings.map(({ port }) => port)).toEqual([81, 82])
  })

  test('that nobody can reach gets a warning', async () => {
    const other = site(binding('*:80:'), '', 'name="b" id="2"')
    expect(await reader.problems(hostFile(site('') + other))).toEqual([
      expect.stringMatching(
        /warning: The site "www" has no binding that can be opened, so nobody reaches it\. Add <binding/,
      ),
    ])
  })
})
