import { expect, test } from 'vitest'
import { ancmd } from '../support/daemon.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

const location = (path: string, webServer: string): string =>
  `<location path="${path}"><system.webServer>${webServer}</system.webServer></location>`
const field = (value: string): string =>
  `<httpProtocol><customHeaders><remove name="X-Part" /><add name="X-Part" value="${value}" /></customHeaders></httpProtocol>`

const webServer =
  '<httpProtocol><customHeaders><add name="X-Part" value="whole" /></customHeaders></httpProtocol>' +
  '<rewrite><rules><rule name="in"><match url="^way-in$" /><action type="Rewrite" url="secret/HelloWorld" /></rule></rules></rewrite>'

const locations =
  location('secret', '<security><authorization><add accessType="Deny" users="?" /></authorization></security>') +
  location(
    'secret/open',
    `<security><authorization><clear /><add accessType="Allow" users="*" /></authorization></security>${field('open')}`,
  ) +
  location(
    'small',
    '<security><requestFiltering><requestLimits maxAllowedContentLength="3" /></requestFiltering></security>',
  ) +
  location(
    'sub',
    '<rewrite><rules><rule name="a"><match url="^a$" /><action type="Rewrite" url="/HelloWorld" /></rule></rules></rewrite>',
  ) +
  location('old', '<httpRedirect enabled="true" destination="/new" />')

withEachTwin('a location below the application', { edit: { webServer, locations } }, (daemon) => {
  const status = async (path: string, options = {}) => (await daemon().send(path, options)).status

  test('module-location: refuses what lies in it, in any spelling, and nothing beside it', async () => {
    const inside = ['/secret', '/secret/HelloWorld', '/SECRET/x', '/%73ecret/x', '/a/../secret/x', '//secret//x']
    for (const path of inside) expect([path, await status(path)]).toEqual([path, 401])
    expect([await status('/secrets'), await status('/HelloWorld')]).toEqual([200, 200])
  })

  test('module-location: no rewriting leads into it past its guards', async () => {
    expect(await status('/way-in')).toBe(401)
  })

  test('module-location: of two the longer path wins, and what it does not say is inherited', async () => {
    const open = await daemon().send('/secret/open/x')
    expect([open.status, open.field('X-Part')]).toEqual([200, ['open']])
    expect((await daemon().send('/HelloWorld')).field('X-Part')).toEqual(['whole'])
    expect((await daemon().send('/small')).field('X-Part')).toEqual(['whole'])
  })

  test('module-location: has its own limit of bodies, which the log names', async () => {
    const body = { method: 'POST', body: 'abcd' }
    expect([await status('/small/x', body), await status('/smaller/x', body)]).toEqual([413, 200])
    const refused = await daemon().event('requestRefused', ({ reason }) => reason === 'body-too-large')
    expect(refused['setting']).toBe('maxAllowedContentLength="3"')
  })

  test('module-location: rules and redirects in it are relative to its path', async () => {
    expect(await daemon().text('/sub/a')).toBe('Hello World')
    expect(await daemon().text('/a')).not.toBe('Hello World')
    expect((await daemon().send('/old/x?y')).field('Location')).toEqual(['/new/x?y'])
  })
})

test('module-location: check shows what it adds, and that its program cannot be another one', async () => {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, {
    webServer,
    locations: `${locations}${location('other', '<aspNetCore processPath="x" />')}`,
  })
  const { code, stdout } = await ancmd(['check', folder])
  expect(code).toBe(0)
  expect(stdout).toContain('part /secret/open\n')
  expect(stdout).toMatch(/part \/old\n +redirect: to \/new \(302\)/)
  expect(stdout).toContain('<aspNetCore> for /other alone is not honoured: an application has one program.')
})
