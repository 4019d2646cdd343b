import { expect, test } from 'vitest'
import { ancmd } from '../support/daemon.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

const webServer = `<rewrite>
  <rewriteMaps><rewriteMap name="moved"><add key="/was-here" value="/HelloWorld" /></rewriteMap></rewriteMaps>
  <rules>
    <rule name="to lower case"><match url="^Shouted/(.*)" ignoreCase="false" />
      <action type="Redirect" url="{ToLower:{R:0}}" redirectType="SeeOther" /></rule>
    <rule name="header"><match url="^field/([a-z-]+)$" />
      <action type="Rewrite" url="GetRequestHeaderValue{R:1}" /></rule>
    <rule name="map"><match url=".*" />
      <conditions><add input="{moved:{REQUEST_URI}}" pattern="(.+)" /></conditions>
      <action type="Rewrite" url="{C:1}" /></rule>
    <rule name="gone"><match url="^gone$" />
      <action type="CustomResponse" statusCode="410" statusReason="Gone" statusDescription="It was sold." /></rule>
    <rule name="nobody"><match url="^nobody$" /><action type="AbortRequest" /></rule>
    <rule name="out"><match url="^out/(.*)$" /><action type="Rewrite" url="{R:1}://elsewhere/" /></rule>
  </rules>
</rewrite>`

withEachTwin('rewrite rules', { edit: { webServer } }, (daemon) => {
  test('module-rewrite: give the app another address, and the one that was asked for', async () => {
    expect(await daemon().text('/was-here')).toBe('Hello World')
    expect(await daemon().text('/field/x-original-url')).toBe('/field/x-original-url')
  })

  test('module-rewrite: redirect before the app sees anything', async () => {
    const answer = await daemon().send('/Shouted/A?b=C')
    expect([answer.status, ...answer.field('Location')]).toEqual([303, '/shouted/a?b=C'])
  })

  test('module-rewrite: answer by themselves, or not at all', async () => {
    const answer = await daemon().send('/gone')
    expect([answer.status, answer.text]).toEqual([410, 'It was sold.'])
    await expect(daemon().send('/nobody')).rejects.toThrow()
  })

  test('module-rewrite: that lead to another server are 500.50, and the log names the rule', async () => {
    expect((await daemon().send('/out/http')).status).toBe(500)
    const refused = await daemon().event('requestRefused', ({ reason }) => reason === 'rule-fault')
    expect(JSON.stringify(refused)).toContain('the rule \\"out\\"')
  })
})

test('module-rewrite: that could keep the daemon busy for ever is refused by check with line, column and cure', async () => {
  const folder = await copyApp('node-twin')
  const rule =
    '<rewrite><rules><rule name="r"><match url="(a+)+(?!b)" /><action type="None" /></rule></rules></rewrite>'
  await editWebConfig(folder, { webServer: rule })
  const { code, stdout } = await ancmd(['check', folder])
  expect(code).toBe(78)
  expect(stdout).toMatch(/web\.config:\d+:\d+: error: Some requests could keep the daemon busy for ever/)
})
