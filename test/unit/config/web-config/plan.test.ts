import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HostConfig, WebConfig } from '../../../../src/config/model.ts'
import { planLines, planOf } from '../../../../src/config/web-config/plan.ts'
import { siteDetails } from '../../../../src/config/web-config/site-plan.ts'
import { loadWebConfig } from '../../../../src/config/web-config/web-config.ts'
import { modules, sectionsOf } from '../../../../src/site/modules.ts'
import { createFolders, webConfig } from '../folders.ts'

const sections = sectionsOf(modules)

const folder = createFolders()

async function planFor(inside: string): Promise<{ lines: readonly string[]; json: string; app: string }> {
  const app = folder({ 'web.config': webConfig(inside) })
  const loaded = await loadWebConfig({
    physicalPath: app,
    virtualPath: '/shop',
    parents: [],
    environment: {},
    sections,
  })
  if (!loaded.ok) throw new Error(loaded.failure.map(({ text }) => text).join())
  const config: HostConfig = {
    sites: [
      {
        name: 'www',
        id: 1,
        bindings: [
          { protocol: 'http', address: undefined, port: 80, hostName: '' },
          { protocol: 'http', address: '::1', port: 8080, hostName: 'shop.example' },
        ],
        applications: [{ path: '/shop', physicalPath: app }],
      },
    ],
  }
  const plan = planOf(config, [loaded.value] satisfies readonly WebConfig[])
  return { lines: planLines(plan, sections), json: JSON.stringify(plan), app }
}

describe('the plan', () => {
  test('says in plain words what would be done', async () => {
    const { lines, app } = await planFor(
      '<aspNetCore processPath="dotnet" arguments=".\\Shop.dll" hostingModel="inprocess" stdoutLogEnabled="true" stdoutLogFile=".\\logs\\out" requestTimeout="00:00:00" processesPerApplication="2" />',
    )
    expect(lines).toEqual([
      'site www (1) on http://*:80, http://[::1]:8080 for shop.example',
      `  application /shop in ${app}`,
      `    read: ${join(app, 'web.config')}`,
      '    aspNetCore: dotnet .\\Shop.dll, 2 processes (inprocess in web.config, run out of process)',
      '    start: 120 s for each of 2 attempts',
      '    stop: 10 s, then killed',
      '    request timeout: none',
      '    rapid fails: 10 in a minute',
      '    largest body: 30,000,000 bytes',
      `    stdout log: ${join(app, 'logs/out')}_TIME_PID.log`,
      '    handler: aspNetCore: * *',
    ])
  })

  test('says of a limit of 0 that it is none', () => {
    const details = siteDetails({ limits: { connectionTimeoutMs: 0, maxUrlSegments: 0 } })
    expect(details).toEqual([['limits', 'idle connections never end, any number of segments in a path']])
    const [written] = siteDetails({ limits: { connectionTimeoutMs: 120_000, maxUrlSegments: 32 } })
    expect(written).toEqual(['limits', 'idle connections end after 120 s, 32 segments in a path'])
  })

  test('never shows the pairing token or a variable named like a secret, as text or as JSON', async () => {
    const { lines, json } = await planFor(`<aspNetCore processPath="dotnet"><environmentVariables>
      <environmentVariable name="AspNetCore_Token" value="s3cret-1" />
      <environmentVariable name="ConnectionStrings__Shop" value="s3cret-2" />
      <environmentVariable name="SMTP_PASSWORD" value="s3cret-3" />
      <environmentVariable name="ASPNETCORE_ENVIRONMENT" value="Staging" />
      <environmentVariable name="EMPTY_TOKEN" value="" />
    </environmentVariables></aspNetCore>`)
    expect(lines.filter((line) => line.includes('environment:'))).toEqual([
      '    environment: AspNetCore_Token=(hidden)',
      '    environment: ConnectionStrings__Shop=(hidden)',
      '    environment: SMTP_PASSWORD=(hidden)',
      '    environment: ASPNETCORE_ENVIRONMENT=Staging',
      '    environment: EMPTY_TOKEN=',
    ])
    expect(json).not.toContain('s3cret')
    expect(json).toContain('"ASPNETCORE_ENVIRONMENT","value":"Staging"')
  })

  test('keeps a value with line breaks on its line', async () => {
    const { lines } = await planFor('<aspNetCore processPath="a" arguments="b&#10;site fake (2)" />')
    expect(lines).toContain('    aspNetCore: a b site fake (2)')
  })
})
