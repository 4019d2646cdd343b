import { describe, expect, test } from 'vitest'
import { createFolders, webConfig } from '../config/folders.ts'
import { check } from './terminal.ts'

const folderOf = createFolders()

/** A folder whose web.config starts this. */
function folderThatStarts(section: string, files: Readonly<Record<string, string>> = {}): string {
  return folderOf({ 'web.config': webConfig(section), ...files })
}

describe('addresses in appsettings*.json', () => {
  const section = '<aspNetCore processPath="/bin/sh" />'

  test('get a warning with file, line, column and cure, also in a file with comments and trailing commas', async () => {
    const settings = `\ufeff{
  // who else listens?
  "kestrel": { /* all of them */
    "EndPoints": {
      "Http": { "Url": "http://*:5000", },
      "Grpc": { "Url": "https://*:5001", "Protocols": "Http2" },
    },
  },
  "urls": "http://*:6000",
  "List": [1, -2.5e3, true, null, "\\"//", ],
}`
    const { code, lines } = await check(folderThatStarts(section, { 'appsettings.json': settings }))
    expect(code).toBe(0)
    const warnings = lines.filter((line) => line.includes('appsettings'))
    expect(warnings.map((line) => line.replace(/ listens there.*/, ''))).toEqual([
      '<app>/appsettings.json:5:17: warning: Kestrel:Endpoints:Http is "http://*:5000": an application without the IIS integration (CreateSlimBuilder, AOT)',
      '<app>/appsettings.json:6:17: warning: Kestrel:Endpoints:Grpc is "https://*:5001": an application without the IIS integration (CreateSlimBuilder, AOT)',
      '<app>/appsettings.json:9:3: warning: Urls is "http://*:6000": the application',
    ])
    for (const line of warnings) expect(line).toContain('appsettings.Development.json.')
  })

  test('are found when the names are joined by colons', async () => {
    const { out } = await check(
      folderThatStarts(section, {
        'appsettings.json': '{"Kestrel:Endpoints:A": {"Url": "http://*:1"}, "a:urls": "x"}',
      }),
    )
    expect(out.match(/: warning: /g)).toHaveLength(1)
    expect(out).toContain('Kestrel:Endpoints:A is')
  })

  test('get a notice in the file of another environment, and a warning in that of the own one', async () => {
    const files = {
      'appsettings.Development.json': '{"Urls": "http://*:1"}',
      'appsettings.Staging.json': '{"Urls": "http://*:2"}',
      'appsettings.json.bak': '{"Urls": "http://*:3"}',
    }
    const levels = async (inside: string): Promise<readonly string[]> => {
      const { out } = await check(folderThatStarts(inside, files))
      return [...out.matchAll(/appsettings\.(\w+)\.json:1:2: (\w+): Urls/g)].map(
        ([, name, level]) => `${name} ${level}`,
      )
    }
    expect(await levels(section)).toEqual(['Development notice', 'Staging notice'])
    const variable = '<environmentVariable name="aspnetcore_environment" value="staging" />'
    const staged = `<aspNetCore processPath="/bin/sh"><environmentVariables>${variable}</environmentVariables></aspNetCore>`
    expect(await levels(staged)).toEqual(['Development notice', 'Staging warning'])
  })

  test.each([
    '',
    '{',
    '{"a":}',
    '{"a" 1}',
    '{a:1}',
    '[1 2]',
    '{"a":1}x',
    '{"a":"\n"}',
    '/* never',
    '{"a":01}',
    `${'['.repeat(70)}1${']'.repeat(70)}`,
  ])('a file that is not JSON is warned of, for the application would end at its start: %j', async (settings) => {
    const { code, lines } = await check(folderThatStarts(section, { 'appsettings.json': settings }))
    expect(code).toBe(0)
    expect(lines[0]).toMatch(/^<app>\/appsettings\.json:\d+:\d+: warning: This is not JSON as \.NET reads it/)
  })

  test('are found at every depth that .NET reads, and in large files', async () => {
    const deep = `{"a": ${'['.repeat(60)}1${']'.repeat(60)}, "Urls": "http://*:1"}`
    const { out } = await check(folderThatStarts(section, { 'appsettings.json': deep }))
    expect(out).toContain('warning: Urls is')
    const huge = `{"a": "${'x'.repeat(1_100_000)}", "Urls": "http://*:1"}`
    const { lines } = await check(folderThatStarts(section, { 'appsettings.json': huge }))
    expect(lines[0]).toMatch(/^site /)
  })

  test('get no warning when they are null or empty', async () => {
    const settings =
      '{"Kestrel": {"Limits": {"MaxRequestBodySize": 1}, "Endpoints": {}}, "Urls": "", "Kestrel:Endpoints:A:Url": null, "AllowedHosts": "*"}'
    const { lines } = await check(folderThatStarts(section, { 'appsettings.json': settings }))
    expect(lines[0]).toMatch(/^site /)
  })

  test('get no warning for an <httpPlatform> program', async () => {
    const handler = '<handlers><add name="h" path="*" verb="*" modules="httpPlatformHandler" /></handlers>'
    const inside = `${handler}<httpPlatform processPath="/bin/sh" />`
    const { lines } = await check(folderThatStarts(inside, { 'appsettings.json': '{"Urls": "http://*:1"}' }))
    expect(lines[0]).toMatch(/^site /)
  })
})
