import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, type Daemon, startSites } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import type { Received } from '../support/send.ts'

interface App {
  readonly path: string
  readonly folder: string
}

const site = (id: number, name: string, port: number, apps: readonly App[]): string => {
  const applications = apps.map(
    ({ path, folder }) =>
      `<application path="${path}"><virtualDirectory path="/" physicalPath="${folder}" /></application>`,
  )
  return `<site name="${name}" id="${String(id)}">
    ${applications.join('\n    ')}
    <bindings><binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:${name}" /></bindings>
  </site>`
}

async function hostFile(sites: readonly string[], around = ''): Promise<string> {
  const file = join(await temporaryFolder(), 'ancmd.config')
  const host = `<system.applicationHost><sites>${sites.join('\n')}</sites></system.applicationHost>`
  await writeFile(file, `<configuration>\n${host}\n${around}</configuration>\n`)
  return file
}

const twins = [
  { name: 'Node apps', runs: true, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core apps', runs: hasDotnet, copy: () => dotnetApp('test-app') },
] as const

describe.each(twins)('the sites of a host file, $name', ({ runs, copy }) => {
  test.skipIf(!runs)(
    'multi-two-oop: two sites share a port by name, each application has a process and a path base of its own',
    async () => {
      const port = await freePort()
      const a = [
        { path: '/', folder: await copy() },
        { path: '/Shop', folder: await copy() },
      ]
      const b = [{ path: '/', folder: await copy() }]
      const daemon = await startSites(await hostFile([site(1, 'a.example', port, a), site(2, 'b.example', port, b)]))
      const places = [
        { host: 'a.example', prefix: '', path: '/', id: '/LM/W3SVC/1/ROOT' },
        { host: 'A.EXAMPLE', prefix: '/Shop', path: '/Shop', id: '/LM/W3SVC/1/ROOT/Shop' },
        { host: 'b.example', prefix: '', path: '/', id: '/LM/W3SVC/2/ROOT' },
      ]
      const pids: string[] = []
      for (const { host, prefix, path } of places) {
        const text = (target: string) => daemon.text(`${prefix}${target}`, { Host: `${host}:${String(port)}` })
        expect(await text('/GetEnvironmentVariable?name=ASPNETCORE_APPL_PATH')).toBe(path)
        expect(await text('/PathAndPathBase')).toContain(`PathBase: ${prefix}`)
        pids.push(await text('/ProcessId'))
      }
      expect(new Set(pids).size).toBe(3)
      const started = daemon.seen('processStarted')
      expect(started.map(({ app }) => app)).toEqual(places.map(({ id }) => id))
      expect(await daemon.stop()).toBe(0)
    },
  )
})

describe('a host file', () => {
  const ask = (daemon: Daemon, target: string, host: string): Promise<Received> => {
    return daemon.send(target, { headers: { Host: host } })
  }

  test('whose applications inherit: from it, and from the web.config of the application above', async () => {
    const port = await freePort()
    const [root, child] = [await copyApp('node-twin'), await copyApp('node-twin')]
    const header = (name: string): string =>
      `<httpProtocol><customHeaders><add name="${name}" value="1" /></customHeaders></httpProtocol>`
    await writeFile(
      join(root, 'web.config'),
      `<configuration><location path="api"><system.webServer>${header('X-Parent')}</system.webServer></location></configuration>`,
    )
    const around = `<location path="a.example"><system.webServer>${header('X-Host')}</system.webServer></location>`
    const apps = [
      { path: '/', folder: root },
      { path: '/api', folder: child },
    ]
    const daemon = await startSites(await hostFile([site(1, 'a.example', port, apps)], around))
    const answer = await ask(daemon, '/api/HelloWorld', 'a.example')
    expect(answer.text).toBe('Hello World')
    expect([...answer.field('X-Host'), ...answer.field('X-Parent')]).toEqual(['1', '1'])
  })

  test('with a section that it locks: the application that writes it answers 500.19, the others serve', async () => {
    const port = await freePort()
    const [locked, free] = [await copyApp('node-twin'), await copyApp('node-twin')]
    const limits =
      '<security><requestFiltering><requestLimits maxAllowedContentLength="5" /></requestFiltering></security>'
    await writeFile(
      join(locked, 'web.config'),
      `<configuration><system.webServer><handlers><add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" /></handlers><aspNetCore processPath="node" arguments="server.mjs" />${limits}</system.webServer></configuration>`,
    )
    const around = `<location overrideMode="Deny"><system.webServer>${limits}</system.webServer></location>`
    const apps = [
      { path: '/', folder: free },
      { path: '/locked', folder: locked },
    ]
    const file = await hostFile([site(1, 'a.example', port, apps)], around)
    const daemon = await startSites(file)
    expect((await ask(daemon, '/HelloWorld', 'a.example')).status).toBe(200)
    const refused = await ask(daemon, '/locked/HelloWorld', 'a.example')
    expect(refused.status).toBe(500)
    expect(refused.text).toContain('500.19')
    const { problems } = await daemon.event('configRejected')
    const line = String(problems)
    expect(line).toContain(join(locked, 'web.config:1:'))
    expect(line).toContain(`<security><requestFiltering> is locked by ${file}, line `)
    const checked = await ancmd(['check', '--config', file])
    expect(checked.code).toBe(78)
    expect(checked.stdout).toContain('is locked by')
    expect(checked.stdout).toContain(`application / in ${free}\n`)
    expect(checked.stdout).not.toContain('application /locked in')
  })

  test('with an application whose folder is not there: the others serve', async () => {
    const port = await freePort()
    const apps = [
      { path: '/', folder: await copyApp('node-twin') },
      { path: '/gone', folder: join(await temporaryFolder(), 'gone') },
    ]
    const daemon = await startSites(await hostFile([site(1, 'a.example', port, apps)]))
    expect((await ask(daemon, '/HelloWorld', 'a.example')).status).toBe(200)
    expect((await ask(daemon, '/gone/HelloWorld', 'a.example')).status).toBe(500)
  })

  test('with errors ends run and check with 78, each error with line, column and cure', async () => {
    const apps = [{ path: '/', folder: 'C:\\inetpub\\wwwroot' }]
    const file = await hostFile([site(1, 'a', 80, apps), site(1, 'b', 80, apps)])
    for (const verb of ['run', 'check']) {
      const { code, stdout, stderr } = await ancmd([verb, '--config', file])
      expect(code).toBe(78)
      const lines = (verb === 'run' ? stderr : stdout).trimEnd().split('\n')
      // check also says of each section what becomes of it; run speaks of the errors alone.
      const sections = verb === 'run' ? [] : [`sections of ${file}`, '  sites (line 2)  honoured']
      expect(lines).toEqual([
        expect.stringMatching(
          /ancmd\.config:3:\d+: error: physicalPath="C:\\inetpub\\wwwroot" cannot be used: .* Write a path/,
        ),
        expect.stringMatching(/ancmd\.config:6:\d+: error: The site on line 2 has the id 1 too\. Give each site/),
        expect.stringMatching(/ancmd\.config:7:\d+: error: physicalPath="C:\\inetpub\\wwwroot" cannot be used/),
        ...sections,
      ])
    }
  })

  test('whose certificate cannot be used is refused by check, before anybody starts it', async () => {
    const folder = await copyApp('node-twin')
    const text = site(1, 'a.example', 8443, [{ path: '/', folder }]).replace(
      'protocol="http"',
      'protocol="https" certificate="none.pem"',
    )
    const file = await hostFile([text])
    const { code, stdout } = await ancmd(['check', '--config', file])
    expect(stdout).toMatch(/none\.pem:0:0: error: /)
    expect(code).toBe(78)
  })

  test('is checked with every application, and then shown as a plan', async () => {
    const [root, child] = [await copyApp('node-twin'), await copyApp('node-twin')]
    const apps = [
      { path: '/', folder: root },
      { path: '/api', folder: child },
    ]
    const file = await hostFile([
      site(1, 'a.example', 8081, apps),
      site(7, 'b.example', 8081, [{ path: '/', folder: root }]),
    ])
    const { code, stdout } = await ancmd(['check', '--config', file])
    expect(stdout).toContain('site a.example (1) on http://127.0.0.1:8081 for a.example\n')
    expect(stdout).toContain(`  application /api in ${child}\n`)
    expect(stdout).toContain('site b.example (7) on http://127.0.0.1:8081 for b.example\n')
    expect(code).toBe(0)
    const { stdout: json } = await ancmd(['check', '--config', file, '--json'])
    expect(JSON.parse(json)).toMatchObject({
      version: 1,
      problems: [],
      plan: {
        sites: [
          { name: 'a.example', applications: [{ path: '/' }, { path: '/api', pool: 'DefaultAppPool' }] },
          { id: 7 },
        ],
      },
    })
  })
})
