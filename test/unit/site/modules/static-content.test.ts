import { describe, expect, test } from 'vitest'
import { defaultDocument } from '../../../../src/site/modules/handlers/default-document.ts'
import { directoryBrowse } from '../../../../src/site/modules/handlers/directory-browse.ts'
import { isPrivate } from '../../../../src/site/modules/handlers/private-names.ts'
import {
  createMediaTypes,
  staticContent,
  staticContentOf,
} from '../../../../src/site/modules/handlers/static-content.ts'
import { readSection } from './section.ts'

describe('staticContent', () => {
  const read = (...inner: readonly string[]) =>
    readSection(staticContent, ...inner.map((text) => `<staticContent>${text}</staticContent>`))
  const typesOf = (...inner: readonly string[]) => createMediaTypes(read(...inner).settings ?? staticContentOf({}))

  test('knows the types of web files without being told, and no other', () => {
    const types = typesOf()
    expect(['a.css', 'A.JS', 'a.min.json', 'a.woff2', 'a.wasm', 'a.webp'].map(types)).toEqual([
      'text/css',
      'application/javascript',
      'application/json',
      'font/woff2',
      'application/wasm',
      'image/webp',
    ])
    expect(['a', 'a.log', 'a.dll', 'a.pfx', 'a.', 'constructor'].map(types)).toEqual(Array(6).fill(undefined))
  })

  test('adds, takes away and replaces types, also from file to file', () => {
    const log = '<mimeMap fileExtension=".LOG" mimeType="text/plain" />'
    const types = typesOf(log, '<remove fileExtension=".css" /><mimeMap fileExtension="." mimeType="text/x" />')
    expect(['a.log', 'a.css', 'a', 'a.js'].map(types)).toEqual([
      'text/plain',
      undefined,
      'text/x',
      'application/javascript',
    ])
    const all = typesOf('<clear /><mimeMap fileExtension=".*" mimeType="a/b" />')
    expect(['a.css', 'a.webp', 'a.x', 'a'].map(all)).toEqual(['a/b', 'a/b', 'a/b', undefined])
  })

  test('takes away those types too that IIS may not have', () => {
    expect(['a.map', 'a.webp'].map(typesOf('<remove fileExtension=".MAP" />'))).toEqual([undefined, 'image/webp'])
    const anew = typesOf('<remove fileExtension=".map" /><mimeMap fileExtension=".map" mimeType="a/b" />')
    expect(anew('a.map')).toBe('a/b')
    const child = typesOf('<mimeMap fileExtension=".map" mimeType="a/b" />', '<remove fileExtension=".map" />')
    expect(child('a.map')).toBeUndefined()
  })

  test('says that IIS has a type already, but not of one that it may not have', () => {
    const { settings, lines } = readSection(
      staticContent,
      '<staticContent><mimeMap fileExtension=".webp" mimeType="image/webp" /></staticContent>',
    )
    expect([settings?.mimeMaps.length, lines]).toEqual([1, []])
  })

  test.each([
    ['<mimeMap fileExtension="json" mimeType="a/b" />', 'Write fileExtension=".json".'],
    ['<mimeMap fileExtension=".a" />', '<mimeMap> has no mimeType.'],
    ['<mimeMap fileExtension=".a" mimeType="" />', 'mimeType="" is empty.'],
    [
      '<mimeMap fileExtension=".a" mimeType="a/b" /><mimeMap fileExtension=".A" mimeType="a/b" />',
      'is added on line 1 already',
    ],
    ['<clientCache cacheControlMode="Always" />', 'Write NoControl or DisableCache or UseMaxAge or UseExpires.'],
    ['<clientCache cacheControlMaxAge="1d" />', 'is malformed'],
    ['<clientCache cacheControlMode="UseExpires" />', 'UseExpires needs a date in httpExpires'],
    ['<clientcache />', 'Did you mean <clientCache>?'],
  ])('%s is reported with place and cure', (inner, text) => {
    const { lines } = read(inner)
    expect(lines.join('\n')).toMatch(/^0\.config:1:\d+: (?:error|warning): /)
    expect(lines.join('\n')).toContain(text)
  })

  test('365.00:00:00 is max-age=31536000', () => {
    expect(read('<clientCache cacheControlMode="UseMaxAge" cacheControlMaxAge="365.00:00:00" />').settings).toEqual({
      mimeMaps: [],
      removed: [],
      cacheControl: 'max-age=31536000',
      setEtag: true,
    })
  })
})

describe('defaultDocument', () => {
  const read = (...files: readonly string[]) => readSection(defaultDocument, ...files)
  const list = (inner: string): string => `<defaultDocument><files>${inner}</files></defaultDocument>`

  test('has what a file adds before what it inherits', () => {
    const { settings, lines } = read(list('<add value="a.htm" /><add value="b.htm" />'), list('<add value="c.htm" />'))
    expect(lines).toEqual([])
    expect(settings?.files).toEqual([
      ...['c.htm', 'a.htm', 'b.htm'],
      ...['Default.htm', 'Default.asp', 'index.htm', 'index.html', 'iisstart.htm'],
    ])
  })

  test('takes names away, and all of them where it is off', () => {
    expect(read(list('<clear /><add value="a.htm" /><remove value="A.HTM" />')).settings).toEqual({ files: [] })
    expect(read('<defaultDocument enabled="false" />').settings).toEqual({ files: [] })
    expect(read().settings).toBeUndefined()
  })
})

test('directoryBrowse can only be off', () => {
  expect(readSection(directoryBrowse, '<directoryBrowse enabled="false" />')).toEqual({
    settings: undefined,
    lines: [],
  })
  const { lines } = readSection(directoryBrowse, '<directoryBrowse enabled="true" showFlags="Date, Size" />')
  expect(lines).toEqual([expect.stringContaining('notice: <directoryBrowse enabled="true">: folders are never listed')])
})

test.each([
  ['wwwroot/site.css', false],
  ['.well-known/acme-challenge/x.txt', false],
  ['data.json', false],
  ['configuration.json', false],
  ['bin/app.js', false],
  ['web.config', true],
  ['sub/WEB.CONFIG', true],
  ['web.config.', true],
  ['NLog.config', true],
  ['appsettings.json', true],
  ['AppSettings.Staging.json', true],
  ['Shop.deps.json', true],
  ['Shop.runtimeconfig.json', true],
  ['Shop.staticwebassets.endpoints.json', true],
  ['Shop.DLL', true],
  ['Shop', false],
  ['App_Data/a.json', true],
  ['.git/HEAD', true],
  ['a/.env', true],
  ['key.pfx', true],
])('of the application itself is %s: %s', (path, isOwn) => {
  expect(isPrivate(path.split('/'))).toBe(isOwn)
})
